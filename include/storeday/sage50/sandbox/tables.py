"""The sandbox's tables and, over them, views with the names and columns of Sage's ODBC driver.

Money lies in the tables as whole minor units, quantities as hundredths; the views show both with two decimals, as
text, and days as YYYY-MM-DD. Balances are sums over the entries, so none can be stale. Columns that a model without
a clock or a user can't know (DATE_ENTERED, say) are empty. Source: sage50-uk reference, 4.2.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.schema import CreateView

METADATA: Final = MetaData()


class Hundredths(TypeDecorator[int]):
    """An amount in minor units, or a quantity in hundredths: a view shows it with two decimals."""

    impl = Integer
    cache_ok = True


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Integer, primary_key=key, nullable=False, server_default="0")


def _money(name: str) -> Column[Any]:
    return Column(name, Hundredths, nullable=False, server_default="0")


def _day(name: str) -> Column[Any]:
    return Column(name, Date)


CONTROLS: Final = Table("controls", METADATA, Column("PURPOSE", String, primary_key=True), _text("NOMINAL_CODE"))
NOMINALS: Final = Table(
    "nominals",
    METADATA,
    Column("ACCOUNT_REF", String, primary_key=True),
    _text("NAME"),
    _number("IS_BANK"),
    _number("INACTIVE_FLAG"),
)
DEPARTMENTS: Final = Table("departments", METADATA, _number("NUMBER", key=True), _text("NAME"))
TAX_CODES: Final = Table("tax_codes", METADATA, Column("CODE", String, primary_key=True), _money("RATE"))


def _record(name: str, key: str, texts: str, numbers: str, amounts: str) -> Table:
    """A table of records: texts first, then whole numbers, then amounts."""
    columns = [*map(_text, texts.split()), *map(_number, numbers.split()), *map(_money, amounts.split())]
    return Table(name, METADATA, Column(key, String, primary_key=True), *columns)


_ADDRESS: Final = (
    "NAME ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 CONTACT_NAME TELEPHONE FAX ANALYSIS_1 ANALYSIS_2 ANALYSIS_3"
)
CUSTOMERS: Final = _record(
    "customers",
    "ACCOUNT_REF",
    f"{_ADDRESS} VAT_REG_NUMBER TERMS DEF_NOM_CODE DEF_TAX_CODE TRADE_CONTACT TELEPHONE_2 E_MAIL WEB_ADDRESS",
    "DEPT_NUMBER SETTLEMENT_DUE_DAYS PAYMENT_DUE_DAYS TERMS_AGREED_FLAG",
    "TURNOVER_MTD TURNOVER_YTD PRIOR_YEAR CREDIT_LIMIT SETTLEMENT_DISC_RATE DISCOUNT_RATE",
)
SUPPLIERS: Final = _record("suppliers", "ACCOUNT_REF", "NAME", "DEPT_NUMBER", "CREDIT_LIMIT")
PRODUCTS: Final = _record(
    "products",
    "STOCK_CODE",
    "DESCRIPTION TAX_CODE UNIT_OF_SALE LOCATION NOMINAL_CODE BARCODE SUPPLIER_REF SUPPLIER_PART_NUMBER COMM_CODE "
    "LAST_STOCK_TAKE",
    "STOCK_CAT DEPT_NUMBER",
    "SALES_PRICE LAST_PURCHASE_PRICE QTY_REORDER_LEVEL UNIT_WEIGHT QTY_REORDER",
)

HEADERS: Final = Table(
    "headers",
    METADATA,
    _number("HEADER_NUMBER", key=True),
    _number("TRAN_NUMBER"),
    _number("ITEM_COUNT"),
    _text("TYPE"),
    _day("DATE"),
    _text("ACCOUNT_REF"),
    _text("BANK_CODE"),
    _text("INV_REF"),
    _text("DETAILS"),
    _text("USER_NAME"),
    *map(_money, "NET_AMOUNT TAX_AMOUNT GROSS_AMOUNT BANK_AMOUNT AMOUNT_PAID OUTSTANDING".split()),
    _text("PAID_FLAG"),
    _text("BANK_FLAG"),
    _day("DATE_BANK_RECONCILED"),
    _number("DELETED_FLAG"),
    _day("DATE_ENTERED"),
    _day("DATE_AMENDED"),
    _text("USER_NAME_AMENDED"),
    _day("OVERRIDDEN_CLOSED_LEDGER_DATE"),
    _day("RECORD_CREATE_DATE"),
    _day("RECORD_MODIFY_DATE"),
    _number("RECORD_DELETED"),
)
SPLITS: Final = Table(
    "splits",
    METADATA,
    _number("TRAN_NUMBER", key=True),
    _number("SPLIT_NUMBER"),
    _number("HEADER_NUMBER"),
    _text("TYPE"),
    _day("DATE"),
    Column("ACCOUNT_REF", Text, nullable=False, index=True),
    _text("NOMINAL_CODE"),
    _text("BANK_CODE"),
    _text("INV_REF"),
    _text("DETAILS"),
    _text("EXTRA_REF"),
    _text("USER_NAME"),
    _number("DEPT_NUMBER"),
    _text("TAX_CODE"),
    *map(_money, "NET_AMOUNT TAX_AMOUNT GROSS_AMOUNT".split()),
    _text("VAT_FLAG"),
    _day("VAT_RECONCILED_DATE"),
    _number("VAT_LEDGER_RETURN_ID"),
    _number("DELETED_FLAG"),
    _text("PROJECT_ID"),
    _text("COST_CODE_ID"),
)
JOURNAL: Final = Table(
    "journal",
    METADATA,
    _number("TRAN_NUMBER"),
    _text("TYPE"),
    _day("DATE"),
    Column("NOMINAL_CODE", Text, nullable=False, index=True),
    _text("ACCOUNT_REF"),
    _text("INV_REF"),
    _text("DETAILS"),
    _text("EXTRA_REF"),
    _number("DEPT_NUMBER"),
    _text("TAX_CODE"),
    _money("AMOUNT"),
    _number("SPLIT_NUMBER"),
    _number("HEADER_NUMBER"),
    _number("DELETED_FLAG"),
)
VAT: Final = Table(
    "vat",
    METADATA,
    _number("TRAN_NUMBER"),
    _number("VAT_BOX"),
    _number("VAT_INCLUDE"),
    _text("TYPE"),
    _day("DATE"),
    _text("INV_REF"),
    _text("TAX_CODE"),
    _text("NOMINAL_CODE"),
    *map(_money, "AMOUNT AMOUNT_INVOICE AMOUNT_CREDIT AMOUNT_BANK AMOUNT_JOURNAL".split()),
    _number("SPLIT_NUMBER"),
    _number("HEADER_NUMBER"),
)
STOCK_MOVES: Final = Table(
    "stock_moves",
    METADATA,
    _number("TRAN_NUMBER", key=True),
    Column("STOCK_CODE", Text, nullable=False, index=True),
    _text("TYPE"),
    _day("DATE"),
    _text("REFERENCE"),
    _text("DETAILS"),
    *map(_money, "QUANTITY COST_PRICE SALES_PRICE QTY_USED".split()),
    _number("ISP_REFERENCE"),
    _money("MOVED"),  # the quantity with the sign of its type; no column of Sage's
)


def shown(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Hundredths as text with two decimals, worked out in whole numbers."""
    sign = case((column < 0, "-"), else_="")
    cents = func.substr(literal("0").concat(cast(func.abs(column) % 100, String)), -2)
    return sign.concat(cast(func.abs(column).op("/")(100), String)).concat(".").concat(cents)


def _seen(table: FromClause, *left_out: str) -> list[ColumnElement[Any]]:
    columns = [column for column in table.c if column.name not in left_out]
    return [shown(c).label(c.name) if isinstance(c.type, Hundredths) else c for c in columns]


def _sum_of(amount: Column[Any], key: ColumnElement[Any], owner: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(select(func.sum(amount)).where(key == owner).scalar_subquery(), 0)


def nominal_balances() -> Select[Any]:
    """Every nominal with its balance in minor units; a debit is positive."""
    c = NOMINALS.c
    booked = select(func.sum(JOURNAL.c.AMOUNT)).where(JOURNAL.c.NOMINAL_CODE == c.ACCOUNT_REF)
    balance = func.coalesce(booked.where(JOURNAL.c.DELETED_FLAG == 0).scalar_subquery(), 0)
    return select(c.ACCOUNT_REF, c.NAME, c.IS_BANK, c.INACTIVE_FLAG, balance.label("BALANCE")).order_by(c.ACCOUNT_REF)


def customer_balances() -> Select[Any]:
    """Every customer with what it owes in minor units: its entries on the debtors control."""
    c, j = CUSTOMERS.c, JOURNAL.c
    debtors = select(CONTROLS.c.NOMINAL_CODE).where(CONTROLS.c.PURPOSE == "debtors")
    owed = select(func.sum(j.AMOUNT)).where(j.ACCOUNT_REF == c.ACCOUNT_REF, j.NOMINAL_CODE.in_(debtors))
    owed = owed.where(j.TYPE.in_(["SI", "SC", "SA", "SP"]), j.DELETED_FLAG == 0)
    return select(c.ACCOUNT_REF, c.NAME, func.coalesce(owed.scalar_subquery(), 0).label("BALANCE")).order_by(
        c.ACCOUNT_REF
    )


def stock_levels() -> Select[Any]:
    """Every product with the quantity in stock, in hundredths."""
    c = PRODUCTS.c
    level = _sum_of(STOCK_MOVES.c.MOVED, STOCK_MOVES.c.STOCK_CODE, c.STOCK_CODE)
    return select(c.STOCK_CODE, c.DESCRIPTION, level.label("QTY_IN_STOCK")).order_by(c.STOCK_CODE)


def _with_balance(table: Table, balances: Select[Any], key: str, balance: str) -> Select[Any]:
    found = balances.order_by(None).subquery()
    return select(*_seen(table), shown(found.c[balance]).label(balance)).join(found, found.c[key] == table.c[key])


def _nominal_ledger() -> Select[Any]:
    found = nominal_balances().order_by(None).subquery().c
    return select(
        found.ACCOUNT_REF,
        found.NAME,
        found.IS_BANK.label("ACCOUNT_TYPE"),  # 1 for a bank nominal: which numbers Sage uses is not documented
        shown(found.BALANCE).label("BALANCE"),
        found.INACTIVE_FLAG,
    )


ODBC: Final[dict[str, Select[Any]]] = {
    "AUDIT_HEADER": select(*_seen(HEADERS)),
    "AUDIT_SPLIT": select(*_seen(SPLITS)),
    "AUDIT_JOURNAL": select(*_seen(JOURNAL)),
    "AUDIT_VAT": select(*_seen(VAT)),
    "NOMINAL_LEDGER": _nominal_ledger(),
    "SALES_LEDGER": _with_balance(CUSTOMERS, customer_balances(), "ACCOUNT_REF", "BALANCE"),
    "STOCK": _with_balance(PRODUCTS, stock_levels(), "STOCK_CODE", "QTY_IN_STOCK"),
    "STOCK_TRAN": select(*_seen(STOCK_MOVES, "MOVED")),
}
"""The tables of Sage's ODBC driver that the sandbox shows, by name."""

for _name, _view in ODBC.items():
    CreateView(_view, _name, metadata=METADATA)
