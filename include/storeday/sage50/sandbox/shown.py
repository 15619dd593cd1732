"""What stands in the sandbox, as tables for the terminal."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from storeday.model.money import money
from storeday.sage50.sandbox.exports import Balance, customers, nominals, stock, vat_boxes


def balances_text(connection: Connection) -> str:
    """The trial balance, then customers and products that something stands on."""
    booked = [balance for balance in nominals(connection) if balance.minor]
    if not booked:
        return "Nothing was booked yet.\n"
    table = _table("nominal", "name", debit="right", credit="right")
    for code, name, minor in booked:
        table.add_row(code, name, money(minor) if minor > 0 else "", money(-minor) if minor < 0 else "")
    table.add_section()
    debits, credits = (sum(max(sign * b.minor, 0) for b in booked) for sign in (1, -1))
    table.add_row("", "all", money(debits), money(credits))
    parts = [_printed(table)]
    for what, heading, found in (
        ("customer", "owes", customers(connection)),
        ("product", "in stock", stock(connection)),
    ):
        parts += _others(what, heading, [balance for balance in found if balance.minor])
    return "\n".join(parts)


def _others(what: str, heading: str, found: list[Balance]) -> Iterable[str]:
    if found:
        table = _table(what, "name", **{heading: "right"})
        for code, name, minor in found:
            table.add_row(code, name, money(minor))
        yield _printed(table)


def vat_text(connection: Connection) -> str:
    """The VAT return by box, and within a box by tax code."""
    found = vat_boxes(connection)
    if not found:
        return "Nothing is on the VAT return yet.\n"
    table = _table("box", "tax code", amount="right")
    totals: Counter[int] = Counter()
    for (box, _), minor in found.items():
        totals[box] += minor
    for box in sorted(totals):
        for code in sorted(code for found_box, code in found if found_box == box):
            table.add_row(str(box), code, money(found[box, code]))
        table.add_row(f"[bold]{box}[/]", "[bold]all[/]", f"[bold]{money(totals[box])}[/]", end_section=True)
    return _printed(table)


def _table(*left: str, **others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in left:
        table.add_column(heading, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _printed(table: Table) -> str:
    text = io.StringIO()
    Console(file=text, width=150, highlight=False).print(table)
    return text.getvalue()
