"""What was made again, and what proves it, as text for the terminal."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from storeday.ledger.likeness import LEFT_OUT, READ_BACK
from storeday.stages.rebuild.run import Rebuilt

LISTED = 20
"""So many notes are listed; the others are counted."""


def rebuilt_text(rebuilt: Rebuilt) -> str:
    """The proof table by table, then what Sage has of it, then what is to be looked at, and what to do."""
    lines = [
        f"{rebuilt.days.as_delivered:,} of {rebuilt.days.days:,} store-days, posted again from their files, come to "
        "what was staged and delivered of them",
        *_tables(rebuilt),
        *_in_sage(rebuilt),
        *(f"batch {batch}: its folder was gone, and is in the outbox again" for batch in rebuilt.made_again),
        *(each.words for each in rebuilt.lost),
    ]
    lines += [f"to look at: {note}" for note in rebuilt.notes[:LISTED]]
    more = len(rebuilt.notes) - LISTED
    lines += [f"and {more:,} more to look at"] if more > 0 else []
    return "\n".join([*lines, *_verdict(rebuilt)]) + "\n"


def _tables(rebuilt: Rebuilt) -> list[str]:
    if not rebuilt.tables:
        return ["the lost ledger is not there to compare with, or of another version"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table", no_wrap=True)
    for heading in ("lost", "new", "only lost", "only new"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in rebuilt.tables:
        table.add_row(each.table, *(f"{n:,}" for n in (each.first, each.second, each.only_first, each.only_second)))
    text = io.StringIO()
    Console(file=text, width=100, highlight=False, no_color=True).print(table)
    shown = [f"{each.table}: {example}" for each in rebuilt.tables for example in each.examples]
    left_out = f"not compared, for no facts of the takings: {', '.join(sorted(LEFT_OUT))}"
    read_back = f"read again by storeday reconcile: {', '.join(sorted(READ_BACK))}"
    return [*(line.rstrip() for line in text.getvalue().splitlines()), left_out, read_back, *shown]


def _in_sage(rebuilt: Rebuilt) -> list[str]:
    if rebuilt.in_sage is None:
        return ["not held against Sage: give its report with --sage-export"]
    said = rebuilt.in_sage
    found = f"{said.found:,} of {said.rows:,} delivered rows are in Sage's export, by batch and reference"
    return [found, *said.missing]


def _verdict(rebuilt: Rebuilt) -> list[str]:
    if rebuilt.is_unsafe:
        return [
            f"DO NOT USE {rebuilt.url}: Sage has what it knows nothing of, and would be given it twice. Put the "
            "folders of these batches back into the outbox and run rebuild again"
        ]
    if rebuilt.tables and all(table.is_equal for table in rebuilt.tables):
        return [f"{rebuilt.url} equals the lost ledger"]
    if rebuilt.tables:
        return [f"{rebuilt.url} is not equal to the lost ledger: see above"]
    return [f"{rebuilt.url} is made; put it in the lost one's place (docs/runbooks/ledger-lost.md)"]
