"""Reconcile: read Sage back, hold it to what was handed over, confirm what agrees, and say what does not.

The same reading of the same deliveries is compared once. Nothing is ever staged by it: the reversal of a second
import is staged by ``fix_second_import``, when a person asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from storeday.checks.docs import DataDocs, write_docs
from storeday.checks.suites import Suites, digest_of, read_suites
from storeday.checks.validation import run_suites
from storeday.config.mappings import CUSTOMER, VOUCHER
from storeday.config.settings import CompanySettings
from storeday.ledger.readings import Comparison, OpenDifference
from storeday.model.differences import DifferenceKind, Reading
from storeday.model.errors import SettingsError
from storeday.model.store_day import State
from storeday.reconcile.compare import Compared, SageFacts, compare
from storeday.reconcile.handed import Handed
from storeday.sage50.readback.trail import Trail
from storeday.stages.batches import hand_over
from storeday.stages.decisions import NotDecided, signed
from storeday.stages.handed import handed_over
from storeday.stages.journal import keep_company, keep_store_days
from storeday.stages.locks import lock_on
from storeday.stages.readback import read_sage, reading_of
from storeday.stages.workplace import Workplace

SUITES = "reconcile"
"""The folder of the suites that look at both sides joined, below those of the store-days."""


@dataclass(frozen=True)
class Reconciled:
    """What a comparison came to."""

    company: str
    first: date
    last: date
    reading: Reading
    open: tuple[OpenDifference, ...]  # of these days, after it
    store_days: int
    confirmed: int  # of them, after it
    notes: tuple[str, ...]
    is_new: bool  # False where the same was compared before

    def facts(self) -> dict[str, object]:
        """For the asset event: what was read, and what came of it, as text and counts."""
        kinds = [each.difference.kind.value for each in self.open]
        return {
            "company": self.company,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "read": self.reading.name,
            "sha256_of_reading": self.reading.sha256,
            "rows": self.reading.rows,
            "store_days": self.store_days,
            "confirmed": self.confirmed,
            "differences": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        }

    def __str__(self) -> str:
        off = f"{len(self.open)} differences" if self.open else "no difference"
        again = "" if self.is_new else " (nothing new)"
        return (
            f"{self.company} {self.first.isoformat()} to {self.last.isoformat()}: {self.reading.rows:,} rows of "
            f"{self.reading.name}, {self.confirmed} of {self.store_days} store-days confirmed, {off}{again}"
        )


def days_to_compare(company: CompanySettings, day: date) -> tuple[date, date]:
    """The first and last trading day that a run of a day compares: what may still be imported is left out."""
    readback = company.company.readback
    if readback is None:
        raise SettingsError([f"{company.company.code}: company.yaml says no readback"])
    last = day - timedelta(days=readback.import_within_days)
    return max(company.company.first_day, last - timedelta(days=readback.window_days - 1)), last


def companies_read_back(work: Workplace) -> list[str]:
    """The companies whose settings say how their Sage is read back."""
    return [each.company.code for each in work.settings.companies if each.company.readback is not None]


def reconcile(work: Workplace, company_code: str, first: date, last: date, trail: Trail | None = None) -> Reconciled:
    """Compare a company's trading days with Sage; without a ``trail`` it is read as the settings say.

    Raises: LookupError for an unknown company; SettingsError, NoExport, ReadbackRefused, SourceUnreachable and
    SourceRefused as reading does; OutboxChanged where what was delivered is no longer there.
    """
    company = work.settings.company(company_code)
    trail = trail or read_sage(company.company, first)
    with work.ledger.exclusively(f"reconcile {company_code}"):
        handed = handed_over(work, company_code, first, last)
        facts, suites = sage_facts(company), read_suites(work.expectations / SUITES)
        reading = reading_of(company_code, trail)
        basis = _basis(handed, reading, facts, digest_of(suites))
        if work.ledger.last_basis(company_code) == basis:
            return _reconciled(work, handed, reading, (*trail.notes, *_not_shown(trail)), is_new=False)
        compared = compare(handed, trail, facts)
        differ = compared.differ | _doubted(work, company_code, compared, suites)
        changed = work.ledger.record_comparison(
            Comparison(
                reading=reading,
                basis=basis,
                first=first,
                last=last,
                kinds=compared.kinds,
                found=compared.found,
                agree=compared.agree - differ,
                differ=differ,
            ),
            work.by,
        )
        keep_store_days(work, changed)
        return _reconciled(work, handed, reading, (*compared.notes, *_not_shown(trail)), is_new=True)


def fix_second_import(work: Workplace, batch_id: str, *, why: str, by: str, say: Callable[[str], None]) -> None:
    """Stage the reversal of every import of a batch beyond the first that is known as a difference.

    The further imports count as in Sage from then on, and what they brought is wanted no more: the next batch of the
    store-days takes it back. Run again it stages what is left of that. ``say`` gets a line a step.
    Raises: NotDecided where no such import is known, it is one of stock, or the day is locked in Sage.
    """
    known = [
        each.difference
        for each in work.ledger.open_differences()
        if each.difference.kind is DifferenceKind.IMPORTED_TWICE and each.difference.batch == batch_id
    ]
    batch = work.ledger.batch(batch_id)
    if not known or batch is None:
        raise NotDecided(f"batch {batch_id}: no second import of it is known; storeday reconcile finds them")
    if any(difference.stock_code for difference in known):
        raise NotDecided(f"batch {batch_id} is of stock: take the second import back in Sage by adjustments (AI, AO)")
    company = work.settings.company(batch.company)
    if locked := lock_on(company.company, batch.trading_day):
        raise NotDecided(f"batch {batch_id} can't be reversed: {locked.check}. {locked.what_now}")
    reason, name = signed(why, 300), signed(by)
    for difference in known:
        whole = {(store, day) for store, day, _ in batch.store_days}
        of = {key for key in whole if difference.store in {None, key[0]}}
        work.ledger.own_up_to_import(batch_id, of, difference.imports - 1, reason, name)
        keep_company(work, batch.company)
        say(f"batch {batch_id}: {len(of)} store-days count as imported {difference.imports} times; {name}: {reason}")
    for step in hand_over(work, batch.company, batch.trading_day):
        say(str(step))


def _not_shown(trail: Trail) -> list[str]:
    """What this kind of export cannot show: a difference of that kind stays as it was."""
    missing = trail.cannot_show()
    return [f"{trail.name} can't show {', '.join(missing)}."] if missing else []


def sage_facts(company: CompanySettings) -> SageFacts:
    """What a company's settings say of its Sage that matters here."""
    accounts, readback = company.company.accounts, company.company.readback
    targets = {target for block in company.mappings for target in block.tenders.values()} - {CUSTOMER, VOUCHER}
    own = {accounts.till_control, accounts.over_short, accounts.rounding}
    return SageFacts(
        own=frozenset(own | set(readback.own_nominals if readback else ())),
        tenders=frozenset(targets),
        lock_date=company.company.lock_date,
        cleared_to=readback.cleared_to if readback else None,
    )


def _basis(handed: Handed, reading: Reading, facts: SageFacts, suites: str) -> str:
    """A digest of all that is compared."""
    confirmed = [replace(posting, was_confirmed=False) for posting in handed.postings]
    stock = sorted(set(handed.stock["batch"]))
    sets = [sorted(facts.own), sorted(facts.tenders), str(facts.lock_date), str(facts.cleared_to)]
    said = [reading.sha256, reading.kind, handed.first.isoformat(), handed.last.isoformat(), stock, sets, suites]
    return hashlib.sha256(json.dumps([*said, [str(posting) for posting in confirmed]]).encode()).hexdigest()


def _doubted(work: Workplace, company: str, compared: Compared, suites: Suites) -> frozenset[tuple[str, date]]:
    """The store-days in which the suites find something: a second look at both sides, which writes Data Docs."""
    both = compared.joined
    if both.empty:
        return frozenset()
    held = run_suites({"sage": both}, suites, {})
    write_docs(DataDocs(work.places.reconciled(company), f"{company} and its Sage"), held.results)
    doubted = both.iloc[sorted({row for finding in held.findings for row in finding.rows})]
    return frozenset(zip(doubted["store"], doubted["trading_day"], strict=True))


def _reconciled(
    work: Workplace, handed: Handed, reading: Reading, notes: tuple[str, ...], *, is_new: bool
) -> Reconciled:
    keys = {posting.key for posting in handed.postings}
    known = work.ledger.store_days(handed.first, handed.last)
    confirmed = [f for f in known if (f.store, f.trading_day) in keys and f.state is State.CONFIRMED]
    return Reconciled(
        company=handed.company,
        first=handed.first,
        last=handed.last,
        reading=reading,
        open=tuple(work.ledger.open_differences(handed.company, handed.first, handed.last)),
        store_days=len(keys),
        confirmed=len(confirmed),
        notes=notes,
        is_new=is_new,
    )
