"""A store-day, open: its files put together, and everything that its check, its posting and a preview look at."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from storeday.checks.duplicates import Once, each_receipt_once
from storeday.checks.frames import Given, codes_frame, tender_gaps
from storeday.config.mapping_changes import Blocks
from storeday.config.mappings import Mapping
from storeday.config.settings import CompanySettings, Store
from storeday.feeds.base import kept_days
from storeday.feeds.pieces import Kept, read_store_day
from storeday.feeds.registry import feed_named
from storeday.feeds.sku_names import under_company_skus
from storeday.ledger.day_files import LastNumbers
from storeday.ledger.facts import FileFact, StoreDayFact
from storeday.model.decisions import Decided, Kind
from storeday.model.errors import StoredayError
from storeday.model.postings import Lines, with_refunds_netted
from storeday.model.store_day import Hold, NothingReceived, State
from storeday.model.tax import LineTax
from storeday.postings.day_sums import DaySums, sum_up
from storeday.postings.spread import spread_discounts
from storeday.postings.tax_points import line_tax
from storeday.postings.tax_settlement import Settled, settle_tax
from storeday.postings.wanted import wanted_lines
from storeday.stages.company_day import CompanyDay
from storeday.stages.workplace import Workplace, feed_and_rules

log = logging.getLogger(__name__)


class NotMapped(StoredayError):
    """Codes of a store-day that the mapping doesn't know: what it wants in Sage can't be said."""


@dataclass(frozen=True)
class FromLedger:
    """What the ledger says of a store-day that is opened."""

    files: list[FileFact]
    rejected: list[FileFact]
    replaced: list[FileFact]  # files that corrected ones took the place of
    decisions: list[Decided]  # of persons, in force
    last_numbers: LastNumbers  # the last receipt and Z number of each till on earlier days
    stock_alerts: list[str]


@dataclass(frozen=True)
class OpenDay:
    """A store-day with everything that its check and its posting look at."""

    work: Workplace
    shared: CompanyDay
    store: Store
    known: FromLedger
    refused: Hold | None = None  # what keeps it from being checked under the mapping as it is now

    @staticmethod
    def of(work: Workplace, store_code: str, day: date) -> OpenDay:
        """Raises: NothingReceived where no file is here; LookupError for an unknown store."""
        (opened,) = open_days(work, [store_code], day).values()
        if isinstance(opened, Exception):
            raise opened
        return opened

    def under(self, mappings: Blocks) -> OpenDay:
        """The same store-day under other mapping blocks; what no mapping changes is read once for both."""
        settings = self.company.model_copy(update={"mappings": mappings})
        other = replace(self, shared=CompanyDay(self.work, settings, self.trading_day))
        vars(other).update(received=self.received)
        return other

    @property
    def company(self) -> CompanySettings:
        """Its company's settings."""
        return self.shared.settings

    @property
    def trading_day(self) -> date:
        """Its trading day."""
        return self.shared.trading_day

    @property
    def files(self) -> list[FileFact]:
        """The accepted files with rows of it."""
        return self.known.files

    @property
    def decisions(self) -> list[Decided]:
        """What persons decided about the store-day, in force."""
        return self.known.decisions

    @property
    def mapping(self) -> Mapping:
        """The mapping in force on the trading day."""
        return self.shared.mapping

    @cached_property
    def received(self) -> Once:
        """Every receipt once, as the tills sent it. Reads the canonical pieces."""
        pieces = [Kept(file.sha256, day.bundle, day.tables) for file in self.files for day in file.days]
        tables = under_company_skus(
            read_store_day(self.work.places, self.store.code, self.trading_day, pieces),
            self.company.sku_names(self.store.code),
        )
        once = each_receipt_once(tables, [made.about for made in self.decisions if made.kind is Kind.ACCEPT_VERSION])
        if once.duplicates:
            log.info("%s: %s receipts came twice and count once", self.store.code, once.duplicates)
        return once

    @cached_property
    def once(self) -> Once:
        """The same with discounts on whole receipts taken off their lines."""
        return replace(self.received, tables=spread_discounts(self.received.tables, self.mapping))

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
        return Given(
            company=self.company,
            store=self.store,
            trading_day=self.trading_day,
            mapping=self.mapping,
            guarantees=feed.guarantees,
            once=self.once,
            tax=self.tax,
            settled=self.settled.tables,
            known_skus=self.shared.known_skus,
            rejected=tuple((file.name, file.why, file.sha256) for file in self.known.rejected),
            last_numbers=self.known.last_numbers,
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
            [file.sha256 for file in self.known.rejected],
            self.known.last_numbers,
            self.store.model_dump(mode="json", exclude={"stock_threshold", "cutover"}),
            *self.shared.basis,
            self.company.sku_names(self.store.code),
            self.shared.suites_digest,
            [[made.kind, made.check, made.about, made.why, made.by] for made in self.decisions],
            *([self.refused.about] if self.refused else []),
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


def open_days(work: Workplace, stores: Iterable[str], day: date) -> dict[str, OpenDay | Exception]:
    """The store-days of some stores, open; of each that can't be opened why, as OpenDay.of raises it."""
    opened: dict[str, OpenDay | Exception] = {}
    found: dict[str, tuple[CompanySettings, Store]] = {}
    for store in stores:
        try:
            found[store] = work.settings.company_of(store)
        except LookupError as error:
            opened[store] = error
    companies = {company.company.code: CompanyDay(work, company, day) for company, _ in found.values()}
    said = _from_ledger(work, [store for _, store in found.values()], day)
    for code, (company, its) in found.items():
        known = said[its.code]
        if known.files or known.rejected:
            opened[code] = OpenDay(work, companies[company.company.code], its, known)
        else:
            opened[code] = NothingReceived(_nothing_received(its, day))
    return opened


def _from_ledger(work: Workplace, stores: Sequence[Store], day: date) -> dict[str, FromLedger]:
    """What the ledger says of store-days, a statement a kind of fact."""
    ledger, codes = work.ledger, [store.code for store in stores]
    files, rejected = ledger.files_of_days(codes, day), ledger.open_rejections_of_days(codes, day)
    replaced, decisions = ledger.superseded(codes, day), ledger.in_force_of_days(codes, day)
    numbers = ledger.last_numbers_before({store.code: store.tills for store in stores}, day)
    alerts = ledger.stock_alerts(codes, day)
    return {
        code: FromLedger(files[code], rejected[code], replaced[code], decisions[code], numbers[code], alerts[code])
        for code in codes
    }


def wanted_of(opened: OpenDay, sums: DaySums) -> Lines:
    """The posting lines under the company's profile."""
    company = opened.company.company
    lines = wanted_lines(sums, opened.given.mapping, opened.store, company.accounts)
    return with_refunds_netted(lines) if company.nets_refunds else lines


def lines_of(opened: OpenDay) -> tuple[Lines, DaySums]:
    """The posting lines of a store-day that nobody need have checked, with the figures they are made of.

    Raises: NotMapped naming the codes.
    """
    codes = codes_frame(opened.given)
    if not codes["mapped"].all():
        unmapped = codes.loc[~codes["mapped"].astype("bool")]
        names = ", ".join(f"{kind} {code}" for kind, code in unmapped[["kind", "code"]].itertuples(index=False))
        raise NotMapped(f"not mapped: {names}")
    sums = opened.sums
    return wanted_of(opened, sums), sums


def _nothing_received(store: Store, day: date) -> str:
    where = getattr(store.source, "connection", "") or getattr(store.source, "path", "")
    return (
        f"{store.code} {day.isoformat()}: no file is here yet; see whether the store's tills sent any to "
        f"{store.source.kind} {where}" + _kept_until(store, day)
    )


def _kept_until(store: Store, day: date) -> str:
    """How long a day's files can still be fetched, where the format's server removes them."""
    days = kept_days(feed_named(store.feed))
    return f"; its server keeps them until {day + timedelta(days=days):%d %b %Y}" if days else ""
