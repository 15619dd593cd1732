"""A settled statement as text for the terminal: what wants a person, what may still come, and the sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from rich.markup import escape
from rich.table import Table

from storeday.model.money import money
from storeday.reconcile.bank import FINDINGS, Outcome, Settled
from storeday.reconcile.bank_words import WHAT_NOW, about, name_of
from storeday.stages.bank import BankReport
from storeday.stages.table import printed

_ALONE = (Outcome.NOT_COME, Outcome.GIVEN_UP, Outcome.MAY_COME)
_BESIDE = (Outcome.TAKEN_BACK, Outcome.NOT_EXPECTED, Outcome.NOT_OURS)
_MATCHED = (Outcome.AS_AGREED, Outcome.SHORT, Outcome.LONG)


def bank_text(report: BankReport, *, colour: bool = False) -> str:
    """The report as a person reads it."""
    settled = report.settled
    if settled.first is None or settled.last is None:
        return f"{settled.statement}: no line with money in it.\n"
    said = "\n".join(
        [
            *_sums(settled),
            *_unknown(report),
            *_to_do(settled),
            f"written: {report.csv}",
            f"         {report.parquet}",
        ]
    )
    span = f"{settled.statement}, {settled.first:%d %b %Y} to {settled.last:%d %b %Y}"
    if not settled.findings:
        return f"{span}: no findings\n\n{said}\n"
    many = f"{settled.findings} finding{'' if settled.findings == 1 else 's'}"
    return f"{span}: {many}\n" + printed(_findings(settled), f"\n{said}", colour)


def _findings(settled: Settled) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("what", "of", "due", "came"):
        table.add_column(heading, no_wrap=True)
    for heading in ("expected", "in the bank"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("about", overflow="fold")
    for row in settled.of(*FINDINGS).to_pylist():
        table.add_row(
            row["outcome"],
            escape(name_of(row)),
            f"{row['due']:%d %b}" if row["due"] else "",
            f"{row['came_on']:%d %b}" if row["came_on"] else "",
            money(row["gross_minor"]) if row["deposits"] else "",
            money(row["came_minor"]) if row["lines"] else "",
            escape(about(row)),
        )
    return table


def _sums(settled: Settled) -> list[str]:
    """Both sides, added up to what became of them."""
    gross, came = settled.sum("gross_minor", *_MATCHED), settled.sum("came_minor", *_MATCHED)
    return [
        _side("expected", settled.expected_minor, gross, settled, "gross_minor", _ALONE),
        _side("in the bank", settled.came_minor, came, settled, "came_minor", _BESIDE),
        f"matched: {money(gross)} less {money(gross - came)} kept back is {money(came)}",
    ]


def _side(name: str, whole: int, matched: int, settled: Settled, column: str, others: tuple[Outcome, ...]) -> str:
    parts = [f"{money(settled.sum(column, each))} {each}" for each in others if settled.of(each).num_rows]
    return f"{name}: {money(whole)} = " + " + ".join([f"{money(matched)} matched", *parts])


def _unknown(report: BankReport) -> list[str]:
    """The store-days whose takings are not known, a line a reason: by store, days that follow each other together."""
    said: dict[str, dict[str, list[date]]] = {}
    for store, day, why in sorted(report.unknown):
        said.setdefault(why, {}).setdefault(store, []).append(day)
    return [
        f"not known is what was taken, {why}: "
        + "; ".join(f"{store} {', '.join(_spans(days))}" for store, days in stores.items())
        for why, stores in sorted(said.items())
    ]


def _spans(days: list[date]) -> Iterator[str]:
    breaks = [number for number, (day, after) in enumerate(pairwise(days), start=1) if (after - day).days > 1]
    for first, last in zip([0, *breaks], [*breaks, len(days)], strict=True):
        begins, ends = days[first], days[last - 1]
        yield f"{begins:%d %b}" if begins == ends else f"{begins:%d %b} to {ends:%d %b}"


def _to_do(settled: Settled) -> list[str]:
    return [f"{each}: {said}" for each, said in WHAT_NOW.items() if settled.of(each).num_rows]
