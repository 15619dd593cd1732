"""Customer and product records as Sage 50 UK imports them: the columns in their order, and the rows of new ones.

Importing makes a record, or changes the one of that code: a blank might clear what somebody typed in Sage. So only
records that Sage is not known to have are written (docs/masters.md). Source: sage50-uk reference, 2.2 and 2.3.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from storeday.config.mappings import Mapping
from storeday.config.masters import Article, Customer
from storeday.model.money import plain
from storeday.model.records import RecordKey, RecordKind
from storeday.sage50.plain_text import ascii_text
from storeday.sage50.uk_record_layouts import CUSTOMERS, PRODUCTS, Layout

Fields = dict[str, str]
"""A record by column; columns that it doesn't name stay empty."""

_UNCUT: Final = 1_000
"""A text that has grown when it was spelt in ASCII is refused by the rules, never cut."""


@dataclass(frozen=True)
class Records:
    """The records that a batch brings to Sage, each kind in order of code."""

    customers: tuple[Fields, ...] = ()
    products: tuple[Fields, ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # of people and articles: as the settings have them, as they are written

    @property
    def keys(self) -> tuple[RecordKey, ...]:
        """What is handed over, by kind and code."""
        return (
            *(RecordKey(RecordKind.CUSTOMER, fields[CUSTOMERS.code]) for fields in self.customers),
            *(RecordKey(RecordKind.PRODUCT, fields[PRODUCTS.code]) for fields in self.products),
        )

    def files(self) -> dict[str, bytes]:
        """The files by name, in the order in which they are imported; none for a kind without a record."""
        kinds = ((CUSTOMERS, self.customers), (PRODUCTS, self.products))
        return {layout.file: records_csv(layout, rows) for layout, rows in kinds if rows}

    def __bool__(self) -> bool:
        return bool(self.customers or self.products)


NO_RECORDS: Final = Records()


def records_of(
    customers: Iterable[Customer], articles: dict[str, Article], mapping: Mapping, tax_codes: dict[str, str]
) -> Records:
    """The records of customers, and of articles by their stock code in Sage.

    ``tax_codes`` has Sage's tax code by the tills' tax class.
    """
    of_customers = sorted(customers, key=lambda each: each.account)
    names = [name for each in of_customers for name in (each.name, each.contact)]
    names += [articles[code].description for code in sorted(articles)]
    return Records(
        customers=tuple(_customer(customer) for customer in of_customers),
        products=tuple(_product(code, articles[code], mapping, tax_codes) for code in sorted(articles)),
        names=tuple((name, _text(name)) for name in names),
    )


def records_csv(layout: Layout, records: Iterable[Fields]) -> bytes:
    """The file: ASCII, no BOM, CRLF, header, final line end (reference, 1.10).

    Raises: UnicodeEncodeError where a text is not ASCII, which is a fault of ours.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, layout.header, restval="", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode("ascii")


def record_keys_in(files: dict[str, bytes]) -> tuple[RecordKey, ...]:
    """Which records a batch's files bring, from their written bytes; files of other names are passed over."""
    kinds = ((CUSTOMERS, RecordKind.CUSTOMER), (PRODUCTS, RecordKind.PRODUCT))
    return tuple(
        RecordKey(kind, row[layout.code])
        for layout, kind in kinds
        if layout.file in files
        for row in csv.DictReader(io.StringIO(files[layout.file].decode("ascii"), newline=""))
    )


def _customer(said: Customer) -> Fields:
    """A customer's record; of the turnover, discounts and defaults nothing is said, those are Sage's own."""
    return {
        "A/C": said.account,
        "Name": _text(said.name),
        "Address Line 1": _text(said.street_1),
        "Address Line 2": _text(said.street_2),
        "Address Line 3": _text(said.town),
        "Address Line 4": _text(said.county),
        "Address Line 5": _text(said.postcode),
        "Contact Name": _text(said.contact),
        "Telephone": _text(_dialled(said.telephone)),
        "Department": _number(said.department),
        "VAT Number": _text(said.vat_number),
        "Credit Limit": _amount(said.credit_limit),
        "Trading Terms Text": _text(said.terms),
        "E-mail": said.email,
    }


def _product(code: str, said: Article, mapping: Mapping, tax_codes: dict[str, str]) -> Fields:
    """A product's record. Its tax code is always said, since Sage takes a blank one for T0 (reference, 2.3)."""
    nominal = mapping.skus.get(said.sku) or mapping.categories.get(said.category, "")
    return {
        "Stock Code": code,
        "Description": _text(said.description),
        "Tax Code": tax_codes.get(said.tax_class, ""),
        "Sales Price": _amount(said.price),
        "Last Cost Price (Standard)": _amount(said.cost),
        "Unit of Sale": _text(said.unit),
        "Location": _text(said.location),
        "Nominal A/C Ref": nominal if nominal.isdigit() else "",
        "Stock Category": _number(said.stock_category),
        "Bar Code": _text(said.barcode),
        "Department": _number(said.department),
        "Supplier A/C Ref": said.supplier,
        "Supplier Part No.": _text(said.supplier_part),
        "Re-order Level": _amount(said.reorder_level),
        "Com. Code Description": _text(said.commodity),
        "Weight": _amount(said.weight),
        "Re-Order Quantity": _amount(said.reorder_quantity),
    }


def _text(text: str) -> str:
    return ascii_text(text, _UNCUT)


def _dialled(telephone: str) -> str:
    """A number with 00 for the plus in front of its country, which a spreadsheet would take for a formula."""
    number = telephone.strip()
    return f"00{number[1:].lstrip()}" if number.startswith("+") else number


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _amount(hundredths: int | None) -> str:
    return "" if hundredths is None else plain(hundredths)
