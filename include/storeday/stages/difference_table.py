"""The differences of a comparison as a table for the terminal and the log."""

from __future__ import annotations

import io

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from storeday.model.differences import QUANTITIES, Difference
from storeday.model.money import money
from storeday.stages.reconcile import Reconciled

_WIDTH = 160


def difference_table(found: Reconciled, *, colour: bool = False) -> str:
    """The table as text, with notes below it; a difference has two lines, what it is and what to do."""
    if not found.open:
        return "".join(f"{note}\n" for note in ("Nothing differs.", *found.notes))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("day", "store", "kind"):
        table.add_column(heading, no_wrap=heading != "kind")
    for heading in ("ours", "Sage"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("what, why, and what to do", overflow="fold", ratio=1)
    for each in found.open:
        difference = each.difference
        table.add_row(
            difference.trading_day.isoformat() if difference.trading_day else "",
            difference.store or "",
            f"[bold]{escape(difference.kind)}[/]",
            money(difference.ours_minor),
            money(difference.sage_minor),
            escape(f"{difference.what}. {difference.reason} {difference.what_now}"),
        )
    text = io.StringIO()
    Console(file=text, width=_WIDTH, force_terminal=colour, highlight=False).print(table)
    units = ["Quantities of stock are in units."] if any(_is_quantity(each.difference) for each in found.open) else []
    return text.getvalue() + "".join(f"{note}\n" for note in (*units, *found.notes))


def _is_quantity(difference: Difference) -> bool:
    return difference.kind in QUANTITIES or bool(difference.stock_code)
