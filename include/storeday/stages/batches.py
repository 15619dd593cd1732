"""Stage a company's batch of takings and deliver it. A draft is replaced whole by the next run."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date

from storeday.config.settings import Store
from storeday.ledger.facts import BatchFact, BatchKind
from storeday.ledger.ledger import NotApproved, NotSignedOff
from storeday.model.money import money, plain
from storeday.sage50.batch import Batch
from storeday.sage50.proof import sales_of
from storeday.stages.approval import Question, question
from storeday.stages.drafts import (
    alone_on,
    hand_over_drafts,
    records_brought_meanwhile,
    remove_drafts,
    write_draft,
)
from storeday.stages.journal import keep_store_days
from storeday.stages.wanted_batch import Wanted, batch_of
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
        wanted = batch_of(work, work.settings.company(company_code), day)
        return _staged(company_code, day, wanted, (), "would be staged")


def _stage(work: Workplace, company_code: str, day: date) -> Staged:
    company = work.settings.company(company_code)
    environment = company.company.environment
    found = batch_of(work, company, day)
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


def _why_parallel(store: Store) -> str:
    return f"parallel run until its cutover {store.cutover:%d %b %Y}: compared with what is keyed, not delivered"


def _staged(company: str, day: date, wanted: Wanted, folders: tuple[str, ...], word: str) -> Staged:
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


def deliver(work: Workplace, company_code: str, day: date) -> Staged:
    """Hand a company's draft over: it appears in the outbox, whole, and never changes again.

    Finishes deliveries that were broken off. Raises: LookupError for an unknown company; DraftOutdated where a
    draft's files are not those that were staged: stage again; NotApproved where a person is to approve the draft.
    """
    work.settings.company(company_code)
    with alone_on(work, company_code, day):
        return _deliver(work, company_code, day)


def brings_records(work: Workplace, company_code: str, day: date) -> bool:
    """Whether a draft of a company's trading day would bring a customer or product to Sage."""
    return any(batch.records for batch in work.ledger.batches(company_code, day) if batch.state == "draft")


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
