"""Which files a person may hand to the sandbox, and how each is imported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from storeday.config.settings import Company
from storeday.model.storage import join, names_in
from storeday.sage50.sandbox.company import Imported, Sandbox
from storeday.sage50.sandbox.records import import_customers, import_products
from storeday.sage50.sandbox.stock import import_stock
from storeday.sage50.sandbox.trail_rows import ImportRules
from storeday.sage50.sandbox.transactions import import_transactions


class Kind(StrEnum):
    """What a file holds, in the order in which the files of a folder are imported."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"
    TRANSACTIONS = "transactions"
    STOCK = "stock"


def rules_of(company: Company, program_date: date | None = None, *, is_grouped: bool = True) -> ImportRules:
    """How a company's files are imported: by the facts of its Sage and its lock date."""
    return ImportRules(company.sage, company.lock_date, program_date, is_grouped)


def files_of(place: str) -> list[tuple[Kind, str]]:
    """The files to import: one file, or those of a batch's folder whose names begin with what they hold.

    ``place`` is a path or an fsspec URL. Raises: LookupError where there is none.
    """
    inside = [join(place, name) for name in names_in(place) if name.endswith(".csv")]
    found = inside or [place]
    by_kind = [(kind, file) for kind in Kind for file in found if name_of(file).startswith(kind.value)]
    if not by_kind:
        names = ", ".join(kind.value for kind in Kind)
        raise LookupError(f"{place}: no .csv file whose name begins with {names}; say which it is with --kind")
    return by_kind


def name_of(place: str) -> str:
    """The name of a file or folder, without where it lies."""
    return place.rstrip("/").rpartition("/")[2]


def import_file(sandbox: Sandbox, kind: Kind, content: bytes, rules: ImportRules) -> Imported:
    """Import one file of a kind."""
    imports: dict[Kind, Callable[[], Imported]] = {
        Kind.CUSTOMERS: lambda: import_customers(sandbox, content, rules.facts),
        Kind.PRODUCTS: lambda: import_products(sandbox, content, rules.facts),
        Kind.TRANSACTIONS: lambda: import_transactions(sandbox, content, rules),
        Kind.STOCK: lambda: import_stock(sandbox, content, rules.facts, rules.program_date),
    }
    return imports[kind]()
