"""The acceptance report: what was taken through the stand-in Sage, what came of it, what nobody has tried yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from storeday.config.settings import CompanySettings
from storeday.ledger.facts import BatchFact
from storeday.model.money import money
from storeday.reconcile.golive.acceptance import Check, Standing
from storeday.reconcile.golive.edge_cases import Case
from storeday.reconcile.golive.report import Report
from storeday.sage50.sheet import EDITIONS, PROFILES
from storeday.sage50.sheet_tables import Table

LISTED: Final = 20
"""How many of a kind are named; the others are counted."""


@dataclass(frozen=True)
class Seen:
    """All that a report says, before it is put into words."""

    company: CompanySettings
    first: date
    last: date
    batches: tuple[BatchFact, ...]
    spoilt: tuple[str, ...]  # batches whose files are not those that were staged
    not_staged: tuple[str, ...]
    refused: tuple[str, ...]
    rows: int
    checks: tuple[Check, ...]
    cases: dict[Case, list[tuple[str, int]]]  # where each occurred, and how often
    standings: tuple[Standing, ...]


def acceptance_report(seen: Seen) -> Report:
    """The report of a period; it is good once nothing keeps it from being signed off."""
    settings = seen.company.company
    said = (
        f"{EDITIONS[settings.edition]}, {PROFILES[settings.profile]} · {settings.currency} · {settings.environment} · "
        f"real Sage tried: {seen.company.uat.sage}"
    )
    return Report(
        kind="acceptance",
        title=f"{settings.name}: acceptance of {seen.first:%-d %b %Y} to {seen.last:%-d %b %Y}",
        said=said,
        good=tuple(_good(seen)),
        bad=tuple(_bad(seen)),
        tables=(_checks(seen), _batches(seen), _cases(seen), *_questions(seen)),
    )


def _good(seen: Seen) -> Iterator[str]:
    if seen.batches and not seen.spoilt and not seen.refused:
        several = "es" if len(seen.batches) > 1 else ""
        yield f"{len(seen.batches)} batch{several} imported, {seen.rows:,} rows, none refused"
    if seen.batches and all(check.is_good for check in seen.checks):
        yield f"{len(seen.checks)} figures of the books are those of the ledger's lines"
    if not seen.not_staged:
        yield "every store-day of the period is staged"
    if not any(standing.trouble for standing in seen.standings):
        yield "every question that matters has its answer from the real Sage"


def _bad(seen: Seen) -> Iterator[str]:
    if not seen.batches:
        yield "nothing is staged or delivered in this period: there is nothing to accept"
    yield from (
        f"batch {batch}: its files are not those that were staged; stage its day again" for batch in seen.spoilt
    )
    yield from _listed([f"not staged: {said}" for said in seen.not_staged])
    yield from _listed([f"refused: {said}" for said in seen.refused])
    yield from _listed([str(check) for check in seen.checks if not check.is_good])
    yield from (standing.trouble for standing in seen.standings if standing.trouble)


def _listed(said: list[str]) -> list[str]:
    more = len(said) - LISTED
    return [*said[:LISTED], f"and {more} more of the kind"] if more > 0 else said


def _checks(seen: Seen) -> Table:
    rows = [(c.what, "✓" if c.is_good else "✗", c.wanted, c.found) for c in seen.checks]
    note = "To be: what the ledger's posting lines come to. Is: what the import of the files left in the stand-in Sage."
    return Table("Checks", ("Figure", "", "To be", "Is"), rows, texts=2, note=note)


def _batches(seen: Seen) -> Table:
    rows = [
        (b.id, f"{b.trading_day:%-d %b %Y}", b.kind.value, b.state, f"{b.rows:,}", money(b.gross_minor))
        for b in seen.batches
    ]
    total = (
        "all",
        "",
        "",
        "",
        f"{sum(b.rows for b in seen.batches):,}",
        money(sum(b.gross_minor for b in seen.batches)),
    )
    return Table("Batches", ("Batch", "Day", "Kind", "State", "Rows", "Sales"), rows, total, texts=4)


def _cases(seen: Seen) -> Table:
    rows = []
    for case, places in seen.cases.items():
        many = sum(count for _, count in places)
        rows.append(
            (case.value, places[0][0] if places else "did not occur: not tried", f"{many:,}", f"{len(places):,}")
        )
    note = "What the period really held. What did not occur was not tried: choose another period, or try it by itself."
    return Table("Edge cases", ("Case", "First", "How often", "Store-days or batches"), rows, texts=2, note=note)


def _questions(seen: Seen) -> Iterator[Table]:
    """Those that matter first."""
    for matters in (True, False):
        rows = [(s.id, s.setting, s.answer or "not tried", s.try_this) for s in seen.standings if s.matters is matters]
        title = "To be tried in the real Sage" if matters else "Good to know of the real Sage"
        note = (
            "These must be answered before production."
            if matters
            else "None of these keeps the report from being signed."
        )
        yield Table(title, ("Question", "Setting", "Found", "What to try"), rows, texts=4, note=note)
