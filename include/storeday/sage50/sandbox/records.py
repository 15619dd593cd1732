"""The import of customer and product records: made where they are new, changed where they are there.

Sources: sage50-uk reference, 2.2 (customers, A to AE) and 2.3 (products, A to R).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.sqlite import insert

from storeday.config.sage_facts import SageFacts
from storeday.model.money import plain
from storeday.sage50.sandbox.company import Imported, Sandbox
from storeday.sage50.sandbox.file_text import FieldRefused, Layout, Refusal, read_text
from storeday.sage50.sandbox.forms import (
    account_of,
    amount_of,
    day_of_text,
    nominal_of,
    tax_code_of,
    text_of,
    whole_number_of,
)
from storeday.sage50.sandbox.masters import CompanyMasters, read_masters
from storeday.sage50.sandbox.tables import CUSTOMERS, PRODUCTS


@dataclass(frozen=True)
class Given:
    """What a field is read with."""

    column: str
    masters: CompanyMasters
    facts: SageFacts


Form = Callable[[str, Given], Any]
Fields = dict[str, Form]


def _text(size: int) -> Form:
    return lambda value, given: text_of(given.column, value, size, given.facts)


def _number(least: int, most: int) -> Form:
    return lambda value, given: whole_number_of(given.column, value, least, most)


def _amount(most: int | None = None) -> Form:
    def read(value: str, given: Given) -> int:
        minor = amount_of(given.column, value, given.facts, may_be_negative=False)
        if most is not None and minor > most:
            raise FieldRefused(f"{given.column} {value} is over {plain(most)}")
        return minor

    return read


def _nominal(value: str, given: Given) -> str:
    if nominal_of(value) not in given.masters.nominals:
        raise FieldRefused(f"nominal {value} does not exist")
    return value


def _supplier(value: str, given: Given) -> str:
    if account_of(value, given.facts) not in given.masters.suppliers:
        raise FieldRefused(f"supplier {value} does not exist")
    return value


def _stock_code(value: str, given: Given) -> str:
    if not value or " " in value:
        raise FieldRefused(f"stock code {value!r} is missing or has a space in it")
    return text_of("stock code", value, 30, given.facts)


_AMOUNT, _DEPARTMENT = _amount(), _number(0, 999)
_TEXT_8, _TEXT_16, _TEXT_30, _TEXT_60, _TEXT_255 = _text(8), _text(16), _text(30), _text(60), _text(255)

CUSTOMER_FIELDS: Final[Fields] = {
    "ACCOUNT_REF": lambda value, given: account_of(value, given.facts),
    "NAME": _TEXT_60,
    **{f"ADDRESS_{n}": _TEXT_60 for n in range(1, 6)},
    "CONTACT_NAME": _TEXT_30,
    "TELEPHONE": _TEXT_30,
    "FAX": _TEXT_30,
    **{f"ANALYSIS_{n}": _TEXT_30 for n in range(1, 4)},
    "DEPT_NUMBER": _DEPARTMENT,
    "VAT_REG_NUMBER": _TEXT_30,
    "TURNOVER_MTD": _AMOUNT,
    "TURNOVER_YTD": _AMOUNT,
    "PRIOR_YEAR": _AMOUNT,
    "CREDIT_LIMIT": _AMOUNT,
    "TERMS": _TEXT_30,
    "SETTLEMENT_DUE_DAYS": _number(0, 365),
    "SETTLEMENT_DISC_RATE": _amount(99_99),
    "DEF_NOM_CODE": _nominal,
    "DEF_TAX_CODE": lambda value, _: tax_code_of(value),
    "TRADE_CONTACT": _TEXT_30,
    "TELEPHONE_2": _TEXT_30,
    "E_MAIL": _TEXT_255,
    "WEB_ADDRESS": _TEXT_255,
    "DISCOUNT_RATE": _AMOUNT,
    "PAYMENT_DUE_DAYS": _number(0, 999),
    "TERMS_AGREED_FLAG": _number(0, 1),
}
PRODUCT_FIELDS: Final[Fields] = {
    "STOCK_CODE": _stock_code,
    "DESCRIPTION": _TEXT_60,
    "TAX_CODE": lambda value, _: tax_code_of(value),
    "SALES_PRICE": _AMOUNT,
    "LAST_PURCHASE_PRICE": _AMOUNT,
    "UNIT_OF_SALE": _TEXT_8,
    "LOCATION": _TEXT_16,
    "NOMINAL_CODE": _nominal,
    "STOCK_CAT": _number(1, 999),
    "BARCODE": _TEXT_60,
    "DEPT_NUMBER": _DEPARTMENT,
    "SUPPLIER_REF": _supplier,
    "SUPPLIER_PART_NUMBER": _TEXT_16,
    "QTY_REORDER_LEVEL": _AMOUNT,
    "COMM_CODE": _TEXT_30,
    "UNIT_WEIGHT": _AMOUNT,
    "LAST_STOCK_TAKE": lambda value, _: day_of_text(value, None).isoformat(),
    "QTY_REORDER": _AMOUNT,
}
CUSTOMER_LAYOUT: Final = Layout(
    list(CUSTOMER_FIELDS), 1, frozenset({"A/C", "Account Reference", "ACCOUNT_REF"}), has_known_headings=False
)
PRODUCT_LAYOUT: Final = Layout(
    list(PRODUCT_FIELDS), 1, frozenset({"Stock Code", "Product Code", "STOCK_CODE"}), has_known_headings=False
)


def import_customers(sandbox: Sandbox, content: bytes, facts: SageFacts) -> Imported:
    """Import customer records; only the reference is compulsory."""
    return _import(sandbox, content, CUSTOMERS, CUSTOMER_FIELDS, CUSTOMER_LAYOUT, facts)


def import_products(sandbox: Sandbox, content: bytes, facts: SageFacts) -> Imported:
    """Import product records; only the stock code is compulsory, and a new product's blank tax code is T0."""
    return _import(sandbox, content, PRODUCTS, PRODUCT_FIELDS, PRODUCT_LAYOUT, facts)


def _import(
    sandbox: Sandbox, content: bytes, table: Table, fields: Fields, layout: Layout, facts: SageFacts
) -> Imported:
    with sandbox.writing() as connection:
        masters = read_masters(connection)
        text = read_text(content, layout, facts)
        said, refused = [], list(text.refused)
        for line, values in text.rows:
            try:
                said.append(_record(values, fields, masters, facts))
            except FieldRefused as error:
                refused.append(Refusal(line, values[0], str(error)))
        if refused and facts.all_or_nothing:
            return Imported(0, tuple(sorted(refused)), kept_out=len(said))
        _upsert(connection, table, said, facts)
        return Imported(len(said), tuple(sorted(refused)))


def _record(values: list[str], fields: Fields, masters: CompanyMasters, facts: SageFacts) -> dict[str, Any]:
    """What is said of a record; fields that are blank are left out. The first field is never blank."""
    return {
        column: form(value, Given(column, masters, facts))
        for place, ((column, form), value) in enumerate(zip(fields.items(), values, strict=True))
        if value or place == 0
    }


def _upsert(connection: Connection, table: Table, said: list[dict[str, Any]], facts: SageFacts) -> None:
    if not said:
        return
    key = next(iter(said[0]))
    known = {row[key]: dict(row) for row in connection.execute(select(table)).mappings()}
    blank = _blank(table)
    changed: dict[str, dict[str, Any]] = {}
    for record in said:
        before = known.get(record[key], blank) if facts.blank_on_update == "keep" else blank
        changed[record[key]] = known[record[key]] = before | record
    statement = insert(table)
    others = {c.name: statement.excluded[c.name] for c in table.c if c.name != key}
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=others), list(changed.values()))


def _blank(table: Table) -> dict[str, Any]:
    """A record of which nothing is said."""
    blank = {c.name: "" if c.type.python_type is str else 0 for c in table.c}
    return blank | ({"TAX_CODE": "T0"} if "TAX_CODE" in blank else {})
