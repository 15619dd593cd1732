"""Close a store-day: put its files together, check them, and say what it wants in Sage.

Check and post are two tasks in Airflow and one pass in a process: what the first has read, the second may
be given.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from storeday.checks.duplicates import Once, each_receipt_once
from storeday.checks.frames import Given, tender_gaps
from storeday.checks.suites import Suites, digest_of, read_suites
from storeday.checks.verdict import check_store_day
from storeday.config.mappings import Mapping
from storeday.config.settings import CompanySettings, Store
from storeday.feeds.base import kept_days
from storeday.feeds.pieces import read_store_day
from storeday.feeds.registry import feed_named
from storeday.feeds.sku_names import under_company_skus
from storeday.ledger.facts import FileFact, StoreDayFact
from storeday.model.decisions import Decided, Kind
from storeday.model.money import money, plain
from storeday.model.postings import Lines, difference, with_refunds_netted
from storeday.model.store_day import Hold, NothingReceived, State, StoreDayHeld, Warned
from storeday.model.tax import LineTax
from storeday.postings.day_sums import DaySums, sum_up
from storeday.postings.spread import spread_discounts
from storeday.postings.tax_points import line_tax
from storeday.postings.tax_settlement import Settled, settle_tax
from storeday.postings.wanted import prove, wanted_lines
from storeday.stages.figures import day_figures, warning_of
from storeday.stages.locks import lock_on
from storeday.stages.receipt_log import write_receipt_log
from storeday.stages.records import new_skus
from storeday.stages.workplace import Workplace, feed_and_rules

log = logging.getLogger(__name__)

_NO_PART_OF_A_VERDICT = {"environment", "stock", "approval", "approval_waits_minutes", "alerts"}
"""Settings of a company that say what happens to a store-day afterwards: a change of them checks no day again."""


@dataclass(frozen=True)
class Checked:
    """One store-day on its way: its state, its figures, and whether anything was new."""

    fact: StoreDayFact
    is_new: bool

    @property
    def state(self) -> State:
        """Where the store-day is now."""
        return self.fact.state

    def facts(self) -> dict[str, object]:
        """For the asset event: money as text and in minor units; digests of what it rests on and of its receipts."""
        return {
            "company": self.fact.company,
            "store": self.fact.store,
            "trading_day": self.fact.trading_day.isoformat(),
            "state": self.fact.state.value,
            "receipts": self.fact.receipts,
            "takings": plain(self.fact.gross_minor),
            "takings_minor": self.fact.gross_minor,
            "tax": plain(self.fact.tax_minor),
            "tax_minor": self.fact.tax_minor,
            "basis": self.fact.basis,
            "receipt_log": self.fact.receipt_log,
        }

    def __str__(self) -> str:
        news = "" if self.is_new else " (nothing new)"
        fact = self.fact
        said = f"{fact.receipts:,} receipts, takings {money(fact.gross_minor)}"
        return f"{fact.store} {fact.trading_day.isoformat()}: {fact.state}{news}, {said}"


@dataclass(frozen=True)
class OpenDay:
    """A store-day with everything that its check and its posting look at."""

    work: Workplace
    company: CompanySettings
    store: Store
    trading_day: date
    files: list[FileFact]
    rejected: list[FileFact]

    @staticmethod
    def of(work: Workplace, store_code: str, day: date) -> OpenDay:
        """Raises: NothingReceived where no file is here; LookupError for an unknown store."""
        company, store = work.settings.company_of(store_code)
        files, rejected = work.ledger.files_of(store.code, day), work.ledger.open_rejections(store.code, day)
        if not files and not rejected:
            raise NothingReceived(
                f"{store.code} {day.isoformat()}: no file is here yet; see whether the store's tills sent any to "
                f"{store.source.kind} {getattr(store.source, 'connection', '') or getattr(store.source, 'path', '')}"
                + _kept_until(store, day)
            )
        return OpenDay(work, company, store, day, files, rejected)

    @cached_property
    def replaced(self) -> list[FileFact]:
        """Files that corrected ones took the place of."""
        return self.work.ledger.superseded(self.store.code, self.trading_day)

    @cached_property
    def decisions(self) -> list[Decided]:
        """What persons decided about the store-day, in force."""
        return self.work.ledger.in_force(self.store.code, self.trading_day)

    @cached_property
    def suites(self) -> Suites:
        """The Great Expectations suites, as the files say now."""
        return read_suites(self.work.expectations)

    @cached_property
    def mapping(self) -> Mapping:
        """The mapping in force on the trading day."""
        return self.company.mapping_on(self.trading_day)

    @cached_property
    def once(self) -> Once:
        """Every receipt once, discounts on whole receipts taken off their lines. Reads the canonical pieces."""
        pieces = [(file.sha256, day.tables) for file in self.files for day in file.days]
        tables = under_company_skus(
            read_store_day(self.work.places, self.store.code, self.trading_day, pieces),
            self.company.sku_names(self.store.code),
        )
        once = each_receipt_once(tables, [made.about for made in self.decisions if made.kind is Kind.ACCEPT_VERSION])
        if once.duplicates:
            log.info("%s: %s receipts came twice and count once", self.store.code, once.duplicates)
        return replace(once, tables=spread_discounts(once.tables, self.mapping))

    @cached_property
    def tax(self) -> LineTax:
        """Tax code and rate of each line, by its receipt's date."""
        return line_tax(self.once.tables, self.company, self.store, self.trading_day)

    @cached_property
    def settled(self) -> Settled:
        """The tables with receipts and lines that agree on tax, within the store's limit."""
        return settle_tax(self.once.tables, self.tax, self.store)

    @cached_property
    def given(self) -> Given:
        """What the checks look at, and what it is held to."""
        feed, _ = feed_and_rules(self.store)
        skus = self.company.skus
        return Given(
            company=self.company,
            store=self.store,
            trading_day=self.trading_day,
            mapping=self.mapping,
            guarantees=feed.guarantees,
            once=self.once,
            tax=self.tax,
            settled=self.settled.tables,
            known_skus=None if skus is None else frozenset(skus),
            rejected=tuple((file.name, file.why, file.sha256) for file in self.rejected),
            last_numbers=self.work.ledger.last_numbers_before(self.store.code, self.trading_day),
            restarts=self.store.restarts_on(self.trading_day),
            decisions=tuple(self.decisions),
        )

    @property
    def sums(self) -> DaySums:
        """The store-day's figures, once all its codes are mapped."""
        _, rounding = tender_gaps(self.given)
        return sum_up(self.settled.tables, self.tax, self.mapping, rounding)

    @cached_property
    def basis(self) -> str:
        """A digest of all that the verdict rests on: while it stays, nothing needs to be looked at again."""
        said = [
            [file.sha256 for file in self.files],
            [file.sha256 for file in self.rejected],
            self.work.ledger.last_numbers_before(self.store.code, self.trading_day),
            self.store.model_dump(mode="json", exclude={"stock_threshold", "cutover"}),
            self.company.company.model_dump(mode="json", exclude=_NO_PART_OF_A_VERDICT),
            self.mapping.digest,
            {code: sorted(rates) for code, rates in self.company.rates_around(self.trading_day).items()},
            hashlib.sha256("\n".join(self.company.skus or ()).encode()).hexdigest(),
            self.company.sku_names(self.store.code),
            digest_of(self.suites),
            [[made.kind, made.check, made.about, made.why, made.by] for made in self.decisions],
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def fact(self, state: State, sums: DaySums | None, summary: dict[str, object]) -> StoreDayFact:
        """The store-day for the ledger."""
        return StoreDayFact(
            store=self.store.code,
            trading_day=self.trading_day,
            company=self.company.company.code,
            state=state,
            basis=self.basis,
            receipts=sums.receipts if sums else sum(day.receipts for file in self.files for day in file.days),
            gross_minor=sums.gross_minor if sums else sum(day.gross_minor for file in self.files for day in file.days),
            tax_minor=sums.tax_minor if sums else 0,
            summary=summary,
        )


def _kept_until(store: Store, day: date) -> str:
    """How long a day's files can still be fetched, where the format's server removes them."""
    days = kept_days(feed_named(store.feed))
    return f"; its server keeps them until {day + timedelta(days=days):%d %b %Y}" if days else ""


def check(work: Workplace, store_code: str, day: date, opened: OpenDay | None = None) -> Checked:
    """Run the suites over a store-day; an unchanged one is not looked at again.

    Raises: StoreDayHeld with the reasons; NothingReceived; CheckCrashed where a rule of ours broke.
    """
    opened = opened or OpenDay.of(work, store_code, day)
    before = work.ledger.store_day(opened.store.code, day)
    if before and before.state is State.ROLLED_BACK:
        raise StoreDayHeld(store_code, day, _reasons(work, opened))
    if before and before.basis == opened.basis:
        if before.state is State.HELD:
            raise StoreDayHeld(store_code, day, _reasons(work, opened))
        return Checked(before, is_new=False)
    names = {file.sha256: file.name for file in opened.files}
    docs = work.places.data_docs(opened.store.code, day)
    verdict = check_store_day(opened.given, opened.suites, names, docs)
    found: list[Hold] = [*verdict.holds, *verdict.warnings]
    asserted: dict[str, object] = {"asserted": [asdict(each) for each in verdict.asserted]}
    if verdict.is_held:
        _hold(work, opened, found, None, asserted)
    warnings = [warning_of(hold) for hold in verdict.warnings]
    fact = opened.fact(State.RECEIVED, None, {"warnings": warnings, **asserted})
    work.ledger.record_verdict(fact, found, {}, "checks passed", work.by)
    return Checked(fact, is_new=True)


def post(work: Workplace, store_code: str, day: date, opened: OpenDay | None = None) -> Checked:
    """Say what a checked store-day wants in Sage, proven: it is ready then.

    Raises: StoreDayHeld where a proof fails or the day is locked; ValueError where it was not checked.
    """
    opened = opened or OpenDay.of(work, store_code, day)
    before = work.ledger.store_day(opened.store.code, day)
    if before is None or before.basis != opened.basis or before.state in {State.HELD, State.ROLLED_BACK}:
        raise ValueError(f"{store_code} {day.isoformat()} was not checked as it is now: run check first")
    if before.state is not State.RECEIVED:
        return Checked(before, is_new=False)
    sums = opened.sums
    lines = wanted_of(opened, sums)
    warned = work.ledger.holds(opened.store.code, day)
    summary = {**day_figures(sums, opened, warned), **new_skus(opened)}
    if found := [*prove(lines, sums), *_locked(opened, lines)]:
        _hold(work, opened, [*found, *warned], sums, summary)
    log_digest = write_receipt_log(work.places, opened.store.code, day, opened.once)
    fact = replace(opened.fact(State.READY, sums, summary), receipt_log=log_digest)
    work.ledger.record_verdict(fact, warned, lines, f"takings {money(sums.gross_minor)}", work.by)
    return Checked(fact, is_new=True)


def wanted_of(opened: OpenDay, sums: DaySums) -> Lines:
    """The posting lines under the company's profile."""
    company = opened.company.company
    lines = wanted_lines(sums, opened.given.mapping, opened.store, company.accounts)
    return with_refunds_netted(lines) if company.nets_refunds else lines


def _hold(
    work: Workplace, opened: OpenDay, found: list[Hold], sums: DaySums | None, summary: dict[str, object]
) -> None:
    """Write the reasons down and raise them."""
    fact = opened.fact(State.HELD, sums, summary)
    lines: Lines = {}
    work.ledger.record_verdict(fact, found, lines, "; ".join(hold.headline() for hold in found), work.by)
    raise StoreDayHeld(fact.store, fact.trading_day, _reasons(work, opened))


def _reasons(work: Workplace, opened: OpenDay) -> list[Hold]:
    holds = work.ledger.holds(opened.store.code, opened.trading_day)
    return [hold for hold in holds if not isinstance(hold, Warned)]


def _locked(opened: OpenDay, lines: Lines) -> list[Hold]:
    """A day that is delivered as it is wanted has nothing to post, so no lock is in its way."""
    company = opened.company.company
    delivered = opened.work.ledger.delivered(opened.store.code, opened.trading_day, company.environment)
    if not difference(lines, delivered):
        return []
    lock = lock_on(company, opened.trading_day)
    return [lock] if lock else []
