"""Drafts on their way to the outbox, whatever they hold: takings or stock.

A draft is replaced whole by the next run. Delivery writes the ledger first and the outbox second: from the
moment that the ledger calls a batch delivered its lines count as in Sage, and a run that was killed before
the files appeared puts them there the next time. The other way round a late receipt in between would be
posted twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from storeday.ledger.facts import BatchFact, BatchKind
from storeday.ledger.ledger import DraftOutdated
from storeday.model.errors import BeforeCutover, LedgerBehind, WrongEnvironment
from storeday.model.storage import (
    MANIFEST,
    exists,
    join,
    names_in,
    publish_folder,
    published_in,
    read_all,
    read_bytes,
    remove_folder,
    replace_with,
)
from storeday.stages.asking import wanted_sign_off, why_asked
from storeday.stages.journal import keep_company, keep_store_days
from storeday.stages.workplace import Workplace


@contextmanager
def alone_on(work: Workplace, company: str, day: date) -> Iterator[None]:
    """Only one process at a time stages or delivers anything of a company's trading day."""
    with work.ledger.exclusively(f"hand over {company} {day.isoformat()}"):
        yield


def hold_to_outbox(work: Workplace, company: str, day: date) -> None:
    """Raises: LedgerBehind where the outbox has a batch of the day that the ledger does not know as delivered.

    Then the ledger is a new one, or an older copy: what it would stage may be in Sage already.
    """
    known = {batch.id for kind in BatchKind for batch in work.ledger.batches(company, day, kind)}
    if unknown := [name for name in published_in(work.places.delivered_on(company, day)) if name not in known]:
        raise LedgerBehind(
            f"{company} {day.isoformat()}: the outbox has batch {', '.join(unknown)}, of which the ledger knows "
            "nothing; nothing was staged or delivered. The ledger was lost, or an old copy of it came back: storeday "
            "rebuild makes it again (docs/runbooks/ledger-lost.md)"
        )


def write_draft(folder: str, files: dict[str, bytes]) -> None:
    """A draft's folder; one of the same rows but another sheet (a store more is held, say) is replaced."""
    if exists(join(folder, MANIFEST)) and read_bytes(join(folder, MANIFEST)) != files[MANIFEST]:
        replace_with(folder, files)
    publish_folder(folder, files)


def remove_drafts(work: Workplace, company: str, day: date, keep: str | None) -> None:
    """Drafts that the ledger no longer knows; a delivered batch keeps its files until they are in the outbox."""
    known = {batch.id for kind in BatchKind for batch in work.ledger.batches(company, day, kind)} | {keep}
    for name in names_in(work.places.drafts(company, day)):
        if name not in known:
            remove_folder(work.places.draft(company, day, name))


def records_brought_meanwhile(work: Workplace, company: str, day: date, kind: BatchKind) -> bool:
    """Whether a draft has a customer or product that another batch has brought to Sage since it was staged.

    Two days staged side by side may both be the first to need it; the second to be delivered does without. Where a
    person looked at the draft it is theirs to stage again, and the ledger refuses to call it delivered.
    """
    drafts = [batch for batch in work.ledger.batches(company, day, kind) if batch.state == "draft"]
    return any(work.ledger.brought_meanwhile(batch.id) for batch in drafts)


def hand_over_drafts(work: Workplace, company: str, day: date, kind: BatchKind) -> list[BatchFact]:
    """Deliver the drafts of one kind, and finish deliveries that were broken off; returns what is newly delivered.

    Raises: WrongEnvironment where a draft was staged for another one than the company has now; DraftOutdated where its
    files are not those that were staged: stage again; NotApproved where a person is to approve it and did not;
    NotSignedOff where the company is in production and its settings are not signed off.
    """
    hold_to_outbox(work, company, day)
    fresh: list[BatchFact] = []
    for batch in work.ledger.batches(company, day, kind):
        if batch.state == "draft":
            _hold_to_environment(work, batch)
            _hold_to_cutover(work, batch)
            _hold_to_staged(work, batch)
            work.ledger.mark_delivered(
                batch,
                work.by,
                needs_approval=bool(why_asked(work, batch)),
                needs_sign_off=wanted_sign_off(work.settings.company(batch.company)),
            )
            fresh.append(batch)
        publish_batch(work, batch)
    return fresh


def publish_batch(work: Workplace, batch: BatchFact) -> None:
    """Put a delivered batch's files into the outbox, unless they are there."""
    outbox = work.places.delivered(batch.company, batch.trading_day, batch.id)
    draft = work.places.draft(batch.company, batch.trading_day, batch.id)
    if not exists(join(outbox, MANIFEST)):
        keep_store_days(work, [(store, day) for store, day, _ in batch.store_days])
        keep_company(work, batch.company)
        files = {join(draft, name): name for name in names_in(draft)}
        publish_folder(outbox, {files[place]: content for place, content in read_all(files).items()})
    remove_folder(draft)


def _hold_to_environment(work: Workplace, batch: BatchFact) -> None:
    """What was made for the sandbox never gets into the books, nor the other way round. Raises: WrongEnvironment."""
    now = work.settings.company(batch.company).company.environment
    if batch.environment != now:
        day = batch.trading_day.isoformat()
        again = {
            BatchKind.TAKINGS: f"storeday run --day {day}",
            BatchKind.STOCK: f"storeday stock --day {day}",
        }[batch.kind]
        staged = f"for {batch.environment}" if batch.environment else "before companies said an environment"
        raise WrongEnvironment(
            f"{batch.company} {day}: batch {batch.id} was staged {staged}, and the company is {now} now (environment "
            f"in its company.yaml); nothing was delivered. Stage it again: {again}"
        )


def _hold_to_cutover(work: Workplace, batch: BatchFact) -> None:
    """Nothing of a store gets into the books before its cutover, but corrections of what is there already.

    Raises: BeforeCutover.
    """
    company = work.settings.company(batch.company)
    early = [store for store, day, revision in batch.store_days if revision == 1 and company.in_parallel(store, day)]
    if early:
        raise BeforeCutover(
            f"{batch.company} {batch.trading_day.isoformat()}: batch {batch.id} holds {', '.join(early)}, of before "
            "its cutover; nothing was delivered. Stage the day again"
        )


def _hold_to_staged(work: Workplace, batch: BatchFact) -> None:
    """What is called delivered must be there to hand over. Raises: DraftOutdated."""
    manifest = join(work.places.draft(batch.company, batch.trading_day, batch.id), MANIFEST)
    if not exists(manifest) or hashlib.sha256(read_bytes(manifest)).hexdigest() != batch.digest:
        raise DraftOutdated(f"draft {batch.id}: its files are not those that were staged; stage the day again")
