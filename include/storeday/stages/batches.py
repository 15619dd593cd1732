"""Stage a company's batch of takings and deliver it. A draft is replaced whole by the next run."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date

from storeday.config.settings import CompanySettings, Store
from storeday.ledger.facts import BatchFact, BatchKind, StoreDayFact
from storeday.ledger.ledger import NotApproved, NotSignedOff
from storeday.model.money import money, plain
from storeday.model.postings import difference
from storeday.model.store_day import State
from storeday.sage50.batch import Batch, build_batch, hold_to_rules
from storeday.sage50.proof import ProofFailed, ProvenDay, prove_day, sales_of
from storeday.sage50.sheet import sheet_of
from storeday.sage50.staged_day import StagedDay
from storeday.stages.approval import Question, question
from storeday.stages.drafts import (
    alone_on,
    hand_over_drafts,
    hold_to_outbox,
    records_brought_meanwhile,
    remove_drafts,
    write_draft,
)
from storeday.stages.journal import keep_store_days
from storeday.stages.left_out import hold_back, left_out, unproven
from storeday.stages.locks import posting_day
from storeday.stages.records import records_for
from storeday.stages.rehearsal import not_taken
from storeday.stages.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staged:
    """What staging or delivering one company's trading day came to."""

    company: str
    trading_day: date
    batches: tuple[str, ...]
    digests: tuple[str, ...]  # of their manifests, in the same order
    stores: tuple[str, ...]
    rows: int
    gross_minor: int
    folders: tuple[str, ...]
    word: str  # staged, delivered, would be staged
    parallel: tuple[str, ...] = ()  # stores before their cutover: in no batch
    restaged: bool = False  # before it was delivered, since another batch had brought its records meanwhile

    @property
    def is_new(self) -> bool:
        """Whether there is a batch."""
        return bool(self.batches)

    def facts(self) -> dict[str, object]:
        """For the asset event: money as text and in minor units, the digests of the batches' manifests."""
        return {
            "company": self.company,
            "trading_day": self.trading_day.isoformat(),
            "batches": list(self.batches),
            "sha256_of_manifests": list(self.digests),
            "stores": list(self.stores),
            "rows": self.rows,
            "sales": plain(self.gross_minor),
            "sales_minor": self.gross_minor,
        }

    def __str__(self) -> str:
        day = self.trading_day.isoformat()
        beside = f"; in parallel run: {', '.join(self.parallel)}" if self.parallel else ""
        if not self.batches:
            return f"{self.company} {day}: nothing new to be {self.word.removeprefix('would be ')}{beside}"
        stores = f"{len(self.stores)} store{'s' if len(self.stores) != 1 else ''}"
        what = f"{self.rows:,} rows of {stores}, sales {money(self.gross_minor)}"
        return f"{self.company} {day}: batch {', '.join(self.batches)} {self.word}, {what}{beside}"


def stage(work: Workplace, company_code: str, day: date) -> Staged:
    """Put what a company's ready store-days still want into one draft, in place of the draft there was.

    A store-day whose rows don't prove is held by itself; the others go on. Raises: LookupError for an unknown
    company; ProofFailed where the batch as a whole breaks a rule of Sage's: nothing is staged then.
    """
    work.settings.company(company_code)
    with alone_on(work, company_code, day):
        return _stage(work, company_code, day)


def would_stage(work: Workplace, company_code: str, day: date) -> Staged:
    """What ``stage`` would put into the draft. Nothing is staged, and the draft that is there stays.

    A store-day whose rows don't prove is held, as by every look at it. Raises: as stage.
    """
    with alone_on(work, company_code, day):
        wanted = _batch_of(work, work.settings.company(company_code), day)
        return _staged(company_code, day, wanted, (), "would be staged")


def _stage(work: Workplace, company_code: str, day: date) -> Staged:
    company = work.settings.company(company_code)
    environment = company.company.environment
    found = _batch_of(work, company, day)
    batch, nothing_new = found.batch, found.nothing_new
    folders: tuple[str, ...] = ()
    if batch is not None:
        folders = (work.places.draft(company_code, day, batch.id),)
        write_draft(folders[0], batch.files)
    fact = replace(_fact(batch), environment=environment) if batch else None
    lines = {proven.staged.store.code: proven.staged.lines for proven in (batch.days if batch else ())}
    parallel = {store: _why_parallel(work.settings.store(store)) for store in found.parallel}
    work.ledger.replace_draft(company_code, day, fact, lines, nothing_new, work.by, environment, parallel)
    waits = lines if company.company.delivery == "manual" else ()
    keep_store_days(work, [(store, day) for store in (*nothing_new, *waits, *parallel)])
    remove_drafts(work, company_code, day, keep=batch.id if batch else None)
    return _staged(company_code, day, found, folders, "staged")


@dataclass(frozen=True)
class _Wanted:
    """What a company's trading day wants: a batch (None without any rows), and the stores that are in none."""

    batch: Batch | None
    nothing_new: list[str]  # delivered as they are wanted
    parallel: list[str]  # before their cutover


def _batch_of(work: Workplace, company: CompanySettings, day: date) -> _Wanted:
    """What is wanted and not delivered, as one batch, but for the stores in parallel run."""
    proven: list[ProvenDay] = []
    nothing_new: list[str] = []
    parallel: list[str] = []
    hold_to_outbox(work, company.company.code, day)
    known = work.ledger.store_days(day, day)
    facts = {fact.store: fact for fact in known if fact.company == company.company.code}
    elsewhere = _delivered_elsewhere(work, company, day)
    for fact in facts.values():
        is_done = fact.state in {State.DELIVERED, State.CONFIRMED} and fact.store not in elsewhere
        if is_done or not (fact.state.is_staged or fact.state in {State.READY, State.ROLLED_BACK}):
            continue
        staged = _still_wanted(work, company, fact)
        if not staged.lines:
            nothing_new += [fact.store] if fact.state not in {State.ROLLED_BACK, State.CONFIRMED} else []
            continue
        try:
            day_proven = prove_day(staged)
            hold_to_rules(company, day_proven, {fact.store: fact.summary})
            if company.in_parallel(fact.store, day) and not staged.delivered:
                parallel.append(fact.store)
            else:
                proven.append(day_proven)
        except ProofFailed as error:
            hold_back(work, fact, unproven(error))
    batch = _rehearsed(work, company, day, proven, {*nothing_new, *parallel}, facts)
    return _Wanted(batch, nothing_new, parallel)


def _delivered_elsewhere(work: Workplace, company: CompanySettings, day: date) -> set[str]:
    """The stores of which something was delivered in another environment: in this one it may still be wanted."""
    here = {company.company.environment, ""}
    batches = work.ledger.batches(company.company.code, day)
    return {store for each in batches if each.environment not in here for store, _, _ in each.store_days}


def _why_parallel(store: Store) -> str:
    return f"parallel run until its cutover {store.cutover:%d %b %Y}: compared with what is keyed, not delivered"


def _staged(company: str, day: date, wanted: _Wanted, folders: tuple[str, ...], word: str) -> Staged:
    batch = wanted.batch
    return Staged(
        company=company,
        trading_day=day,
        batches=(batch.id,) if batch else (),
        digests=(batch.digest,) if batch else (),
        stores=tuple(p.staged.store.code for p in batch.days) if batch else (),
        rows=len(batch.rows) if batch else 0,
        gross_minor=batch.gross_minor if batch else 0,
        folders=folders,
        word=word,
        parallel=tuple(wanted.parallel),
    )


def _rehearsed(
    work: Workplace,
    company: CompanySettings,
    day: date,
    proven: list[ProvenDay],
    done: set[str],
    facts: dict[str, StoreDayFact],
) -> Batch | None:
    """The batch of the store-days that the stand-in Sage takes, None without any; each of the others is held."""
    summaries = {store: {**fact.summary, "receipt_log": fact.receipt_log} for store, fact in facts.items()}
    handed_over = work.ledger.handed_over(company.company.code, company.company.environment)
    while proven:
        waiting = left_out(work, company, day, {p.staged.store.code for p in proven} | done)
        records = records_for(company, day, proven, summaries, handed_over)
        batch = build_batch(company, day, proven, summaries, sheet_of, waiting, records)
        holds = not_taken(company, batch, work.places.sandbox(company.company.code), handed_over)
        if not holds:
            return batch
        for store, hold in holds.items():
            hold_back(
                work, replace(facts[store], basis=""), hold
            )  # the sandbox is no part of it: the next run looks again
        proven = [p for p in proven if p.staged.store.code not in holds]
    return None


def deliver(work: Workplace, company_code: str, day: date) -> Staged:
    """Hand a company's draft over: it appears in the outbox, whole, and never changes again.

    Finishes deliveries that were broken off. Raises: LookupError for an unknown company; DraftOutdated where a
    draft's files are not those that were staged: stage again; NotApproved where a person is to approve the draft.
    """
    work.settings.company(company_code)
    with alone_on(work, company_code, day):
        return _deliver(work, company_code, day)


def hand_over(work: Workplace, company_code: str, day: date) -> list[Staged | Question | NotSignedOff]:
    """Stage a company's trading day and, where the company delivers automatically, deliver it as well.

    A draft that a person is to approve stays one; the question says so. So does one of a company in production whose
    settings nobody signed off.
    """
    staged = stage(work, company_code, day)
    if work.settings.company(company_code).company.delivery != "automatic":
        return [staged]
    try:
        return [staged, deliver(work, company_code, day)]
    except NotApproved:
        asked = question(work, company_code, day)
        return [staged, asked] if asked else [staged]
    except NotSignedOff as unsigned:
        return [staged, unsigned]


def _deliver(work: Workplace, company_code: str, day: date) -> Staged:
    with work.ledger.exclusively(f"bring records to {company_code}"):
        is_automatic = work.settings.company(company_code).company.delivery == "automatic"
        restaged = is_automatic and records_brought_meanwhile(work, company_code, day, BatchKind.TAKINGS)
        if restaged:
            _stage(work, company_code, day)
        fresh = hand_over_drafts(work, company_code, day, BatchKind.TAKINGS)
    return Staged(
        company=company_code,
        trading_day=day,
        batches=tuple(batch.id for batch in fresh),
        digests=tuple(batch.digest for batch in fresh),
        stores=tuple(store for batch in fresh for store, _, _ in batch.store_days),
        rows=sum(batch.rows for batch in fresh),
        gross_minor=sum(batch.gross_minor for batch in fresh),
        folders=tuple(work.places.delivered(company_code, day, batch.id) for batch in fresh),
        word="delivered",
        restaged=restaged,
    )


def _still_wanted(work: Workplace, company: CompanySettings, fact: StoreDayFact) -> StagedDay:
    wanted = work.ledger.wanted(fact.store, fact.trading_day)
    environment = company.company.environment
    delivered = work.ledger.delivered(fact.store, fact.trading_day, environment)
    return StagedDay(
        company=company.company,
        store=work.settings.store(fact.store),
        mapping=company.mapping_on(fact.trading_day),
        trading_day=fact.trading_day,
        posted_on=posting_day(company.company, fact.trading_day),
        revision=work.ledger.next_revision(fact.store, fact.trading_day, BatchKind.TAKINGS, environment),
        lines=difference(wanted, delivered),
        rates_bp=company.rates_around(fact.trading_day),
        delivered=delivered,
    )


def _fact(batch: Batch) -> BatchFact:
    return BatchFact(
        id=batch.id,
        company=batch.company,
        trading_day=batch.trading_day,
        state="draft",
        digest=batch.digest,
        rows=len(batch.rows),
        gross_minor=sum(sales_of(day.staged.lines) for day in batch.days),
        store_days=tuple((d.staged.store.code, batch.trading_day, d.staged.revision) for d in batch.days),
        records=batch.records.keys,
    )
