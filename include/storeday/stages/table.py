"""Store-days as a table for the terminal: one line each, then the totals."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console
from rich.table import Table

from storeday.model.money import money
from storeday.model.store_day import State
from storeday.stages.overview import StoreDayLine

_STYLES = {
    State.HELD: "bold yellow",
    State.EXPECTED: "red",
    State.RECEIVED: "cyan",
    State.READY: "cyan",
}


def store_day_table(lines: list[StoreDayLine], *, colour: bool = False) -> str:
    """The table as text. Money has two decimals, days are dates, a held store-day says why."""
    if not lines:
        return "No store-day yet.\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, align in (
        ("day", "left"),
        ("store", "left"),
        ("state", "left"),
        ("receipts", "right"),
        ("takings", "right"),
    ):
        table.add_column(heading, justify="right" if align == "right" else "left", no_wrap=True)
    table.add_column("why", overflow="fold")
    for line in lines:
        table.add_row(
            f"{line.trading_day:%a %d %b %Y}",
            f"{line.store} {line.name}",
            f"[{_STYLES.get(line.state, 'green')}]{line.state}[/]",
            f"{line.receipts:,}",
            money(line.gross_minor),
            line.reason,
        )
    text = io.StringIO()
    console = Console(file=text, width=150, force_terminal=colour, highlight=False)
    console.print(table)
    staged = sum(line.state.is_staged for line in lines)
    states = Counter(str(line.state) for line in lines)
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    gross = sum(line.gross_minor for line in lines if line.state.is_staged)
    console.print(f"{staged} of {len(lines)} store-days staged ({said}), takings {money(gross)}")
    return text.getvalue()


def to_paste(lines: list[StoreDayLine]) -> list[str]:
    """What to paste into the settings to free held store-days: each text once, from the edge of the page."""
    said: list[str] = []
    told = set()
    for line in lines:
        for snippet in line.snippets:
            if (line.company, snippet.file, snippet.text) not in told:
                told.add((line.company, snippet.file, snippet.text))
                said += ["", f"{line.store} {line.trading_day.isoformat()}: {snippet.how}:", snippet.text]
    return said
