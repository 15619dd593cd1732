"""A small Sage company for the sandbox's tests, and the files that people import into it."""

from __future__ import annotations

from sqlalchemy import literal_column, select
from sqlalchemy import table as table_named
from storeday.config.sage_facts import SageFacts
from storeday.model.money import plain
from storeday.sage50.rows import HEADER
from storeday.sage50.sandbox.company import Imported, Sandbox
from storeday.sage50.sandbox.exports import customers, nominals, vat_boxes
from storeday.sage50.sandbox.masters import CompanyMasters
from storeday.sage50.sandbox.trail_rows import ImportRules
from storeday.sage50.sandbox.transactions import import_transactions

MASTERS = CompanyMasters(
    nominals={
        "0010": "Freehold property",
        "1200": "Bank",
        "1230": "Cash",
        "1235": "Till",
        "1250": "Cards",
        "4000": "Sales",
        "4001": "Deli",
        "5000": "Purchases",
        "8206": "Over and short",
    },
    banks=frozenset({"1200", "1230", "1235", "1250"}),
    customers={"TAKINGS": "Takings", "CAFE001": "Cafe"},
    suppliers={"MILL01": "Mill"},
    departments={0: "Default", 1: "Shop 1", 2: "Shop 2"},
    rates_bp={"T0": 0, "T1": 2000, "T2": 0, "T4": 0, "T5": 500, "T7": 0, "T8": 2000, "T9": 0},
)
COLUMNS = (
    "type account nominal department date reference details net tax_code tax rate batch user project cost_code"
).split()


def row(
    kind: str, account: str, nominal: str, net: str, tax_code: str = "T9", tax: str = "0.00", **others: str
) -> list[str]:
    """The 15 fields of a row of shop 1 on 22 Nov 2026, with other values where they are given."""
    said = {
        "department": "1",
        "date": "22/11/2026",
        "reference": "S01-261122",
        "details": "Takings",
        "rate": "1",
        "batch": "B1",
        "user": "STOREDAY",
    }
    said |= {"type": kind, "account": account, "nominal": nominal, "net": net, "tax_code": tax_code, "tax": tax}
    return [(said | others).get(column, "") for column in COLUMNS]


def file_of(*rows: list[str], headings: bool = True) -> bytes:
    """The file of some rows."""
    lines = [",".join(fields) for fields in ([HEADER] if headings else []) + list(rows)]
    return "".join(line + "\r\n" for line in lines).encode()


EMPTY = Sandbox.in_memory(MASTERS)


def company() -> Sandbox:
    """A company in which nothing was booked yet."""
    return EMPTY.copy()


def imported(sandbox: Sandbox, content: bytes, facts: SageFacts | None = None, **rules: object) -> Imported:
    """The file imported, grouped unless something else is said."""
    return import_transactions(sandbox, content, ImportRules(facts or SageFacts(), **rules))  # type: ignore[arg-type]


def balances(sandbox: Sandbox) -> dict[str, str]:
    """What stands on nominals and customers, as text with two decimals; those at nothing are left out."""
    with sandbox.reading() as connection:
        found = [*nominals(connection), *(b._replace(code=f"customer {b.code}") for b in customers(connection))]
    return {code: plain(minor) for code, _, minor in found if minor}


def trial_balance(sandbox: Sandbox) -> int:
    """All nominals together, in minor units."""
    with sandbox.reading() as connection:
        return sum(balance.minor for balance in nominals(connection))


def boxes(sandbox: Sandbox) -> dict[int, str]:
    """The VAT return by box, as text with two decimals; boxes at nothing are left out."""
    with sandbox.reading() as connection:
        found = vat_boxes(connection)
    totals = {box: sum(minor for (of, _), minor in found.items() if of == box) for box, _ in found}
    return {box: plain(minor) for box, minor in sorted(totals.items()) if minor}


def table(sandbox: Sandbox, name: str, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of one of the ODBC tables, row by row."""
    with sandbox.reading() as connection:
        found = connection.execute(select(literal_column("*")).select_from(table_named(name))).mappings().all()
    return [tuple(line[column] for column in columns) for line in found]


def reasons(imports: Imported) -> list[str]:
    """The refused rows, in words."""
    return [str(refusal) for refusal in imports.refused]
