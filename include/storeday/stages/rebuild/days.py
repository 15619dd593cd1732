"""Store-days again: checked and posted from their files, and where they stood put back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from storeday.ledger.facts import StoreDayFact
from storeday.ledger.images import row_values
from storeday.ledger.restoring import RebuiltLedger
from storeday.ledger.schema import StoreDayRow
from storeday.model.decisions import Kind
from storeday.model.postings import Lines, summed
from storeday.model.stock import still_to_move
from storeday.model.store_day import NothingReceived, State, StoreDayHeld
from storeday.stages.close import check, post
from storeday.stages.corrections import take_back
from storeday.stages.journal import kept_store_days
from storeday.stages.open_day import OpenDay
from storeday.stages.rebuild.batches import FoundBatch
from storeday.stages.stock_book import OpenDayOf, keep_book
from storeday.stages.workplace import Workplace

Kept = dict[tuple[str, date], dict[str, Any]]
"""What the journal has of a store-day, by store and day."""
Lost = frozenset[tuple[str | None, date | None]]
"""Companies' days of which a batch was handed over that no folder is of."""
_SETTLED = {State.STAGED, State.DELIVERED, State.CONFIRMED}
_FIGURES = ("receipts", "gross_minor", "tax_minor", "receipt_log")


@dataclass(frozen=True)
class Again:
    """What became of the store-days."""

    days: int
    as_delivered: int  # whose receipts, posted again, come to what batches have of them
    notes: tuple[str, ...]


def kept_days_of(work: Workplace, stores: list[str]) -> Kept:
    """What the journal has of every store-day."""
    return {(store, day): said for store in stores for day, said in kept_store_days(work.places, store).items()}


def restore_days(
    work: Workplace, ledger: RebuiltLedger, found: list[FoundBatch], kept: Kept, lost: Lost = frozenset()
) -> Again:
    """Check and post every store-day again, and put back where it stood; of days with a lost batch only the former.

    A day that would come to something else by the settings of now stays as it was delivered, with a note: past days
    move when a person asks, and a lost ledger is no person.
    """
    notes: list[str] = []
    as_delivered = 0
    facts = ledger.store_days()
    open_day = _with_files_of_then(found, kept, lost)
    of_day = _by_store_day(found)
    changed: list[StoreDayFact] = []
    for fact in facts:
        said = kept.get((fact.store, fact.trading_day), {})
        batches = of_day.get((fact.store, fact.trading_day), [])
        targets = _in_sage(work, ledger, fact, batches)
        held = _posted_again(work, fact, said, open_day)
        now = ledger.store_day(fact.store, fact.trading_day) or fact
        stood = _stood(said, batches)
        if now.state is State.READY and not batches and _is_parallel(work, fact, said):
            ledger.restore_standing(fact.store, fact.trading_day, State.STAGED, {}, None)
            continue
        if now.state is State.ROLLED_BACK or stood not in _SETTLED or (fact.company, fact.trading_day) in lost:
            continue
        if now.state is State.READY and ledger.wanted(fact.store, fact.trading_day) in targets:
            ledger.restore_standing(fact.store, fact.trading_day, stood, {}, None)
            as_delivered += 1
            continue
        changed.append(fact)
        notes.append(
            f"{fact.store} {fact.trading_day.isoformat()}: stays as it was {stood}, though by what is here now "
            f"{'it is held: ' + held if held else 'it comes to something else'}"
        )
        _put_back(ledger, fact, said, batches, targets[0], stood)
    notes += _restore_stock(work, ledger, found, kept, open_day)
    for fact in changed:
        _last_looked_at(ledger, fact, kept)
    return Again(len(facts), as_delivered, tuple(notes))


def _by_store_day(found: list[FoundBatch]) -> dict[tuple[str, date], list[FoundBatch]]:
    """The batches of takings that each store-day is in."""
    days: dict[tuple[str, date], list[FoundBatch]] = {}
    for batch in found:
        for store in batch.lines:
            days.setdefault((store, batch.fact.trading_day), []).append(batch)
    return days


def _with_files_of_then(found: list[FoundBatch], kept: Kept, lost: Lost) -> OpenDayOf:
    """Opens a store-day that stood as delivered with the files that its newest batch was made of.

    Files that came later are here too, and count once the day is run again, as they would have.
    """
    newest = {
        (store, batch.fact.trading_day): {str(file["sha256"]) for file in figures["pos_files"]}
        for batch in found
        if batch.lines and (batch.fact.company, batch.fact.trading_day) not in lost
        for store, figures in batch.figures.items()
    }

    def open_day(work: Workplace, store: str, day: date) -> OpenDay:
        opened = OpenDay.of(work, store, day)
        then = newest.get((store, day))
        stood = _columns(kept.get((store, day), {})).get("state")
        if not then or (stood and State(stood) not in _SETTLED):
            return opened
        known = replace(opened.known, files=[file for file in opened.files if file.sha256 in then])
        return replace(opened, known=known)

    return open_day


def _posted_again(work: Workplace, fact: StoreDayFact, said: dict[str, Any], open_day: OpenDayOf) -> str:
    """Check and post a store-day; why it is held, if it is."""
    store, day = fact.store, fact.trading_day
    rollbacks = [made for made in work.ledger.in_force(store, day) if made.kind is Kind.ROLLBACK]
    if rollbacks:
        before = _columns(said)
        figures = {name: before.get(name, getattr(fact, name)) for name in ("receipts", "gross_minor", "tax_minor")}
        take_back(work, StoreDayFact(store, day, fact.company, fact.state, "", **figures), rollbacks[-1])
        return ""
    try:
        opened = open_day(work, store, day)
        check(work, store, day, opened)
        post(work, store, day, opened)
    except StoreDayHeld as held:
        return "; ".join(hold.headline() for hold in held.holds)
    except (NothingReceived, LookupError) as nothing:
        return str(nothing)
    return ""


def _in_sage(work: Workplace, ledger: RebuiltLedger, fact: StoreDayFact, batches: list[FoundBatch]) -> list[Lines]:
    """What is in Sage of a store-day with its draft, by environment: the one of now first, then any that it was in."""
    now = work.settings.company(fact.company).company.environment if fact.company else ""
    environments = sorted({batch.fact.environment for batch in batches}, key=lambda each: (each not in {now, ""}, each))
    return [
        summed(
            [
                *ledger.delivered(fact.store, fact.trading_day, environment).items(),
                *(
                    line
                    for batch in batches
                    if not batch.is_delivered and batch.fact.environment == environment
                    for line in batch.lines[fact.store].items()
                ),
            ]
        )
        for environment in environments
    ] or [{}]


def _stood(said: dict[str, Any], batches: list[FoundBatch]) -> State | None:
    """Where a store-day stood when the ledger was lost: as kept, or as its batches have it."""
    if any(not batch.is_delivered for batch in batches):
        return State.STAGED
    if stood := _columns(said).get("state"):
        state = State(stood)
        # It was staged, and its draft is gone: it is staged again.
        return None if state is State.STAGED else state
    return State.DELIVERED if batches else None


def _is_parallel(work: Workplace, fact: StoreDayFact, said: dict[str, Any]) -> bool:
    """Whether a store-day stood as staged in no batch, since its store is in parallel run."""
    stood = _columns(said).get("state") == State.STAGED
    return stood and work.settings.company(fact.company).in_parallel(fact.store, fact.trading_day)


def _put_back(
    ledger: RebuiltLedger,
    fact: StoreDayFact,
    said: dict[str, Any],
    batches: list[FoundBatch],
    target: Lines,
    stood: State,
) -> None:
    """A store-day as it stood, with the figures that its last batch says."""
    figures: dict[str, Any] = {name: value for name, value in _columns(said).items() if name in _FIGURES}
    if batches:
        figures["summary"] = _summary(batches[-1].figures[fact.store])
    ledger.restore_standing(fact.store, fact.trading_day, stood, figures, target)


def _restore_stock(
    work: Workplace, ledger: RebuiltLedger, found: list[FoundBatch], kept: Kept, open_day: OpenDayOf
) -> list[str]:
    """The book of every store, read again, and whether it is staged as it is wanted; what is not as it was."""
    notes = []
    for company in work.settings.companies:
        stock, code = company.company.stock, company.company.code
        days = [fact.trading_day for fact in ledger.store_days() if fact.company == code]
        if stock is None or not days or max(days) < stock.first_day:
            continue
        keep_book(work, company, stock, max(days), locked_too=True, open_day=open_day)
    for fact in ledger.store_days():
        key = (fact.store, fact.trading_day)
        if ledger.stock_day(*key) is None:
            continue
        in_sage = ledger.stock_delivered(*key, work.settings.company(fact.company).company.environment)
        for batch in found:
            if not batch.is_delivered and batch.fact.trading_day == fact.trading_day:
                for line, moved in batch.stock.get(fact.store, {}).items():
                    in_sage[line] = in_sage.get(line, 0) + moved
        was_staged = bool((kept.get(key, {}).get("stock_day") or {}).get("is_staged"))
        left = still_to_move(ledger.stock_wanted(*key), in_sage)
        ledger.restore_staged_stock(*key, is_staged=was_staged or not left)
        if was_staged and left:
            named = f"{fact.store} {fact.trading_day.isoformat()}"
            notes.append(f"{named}: its stock was handed over, and comes to something else now")
    return notes


def _last_looked_at(ledger: RebuiltLedger, fact: StoreDayFact, kept: Kept) -> None:
    """What a day that stays as it was had last been checked with: its next run finds something new."""
    basis = str(_columns(kept.get((fact.store, fact.trading_day), {})).get("basis", ""))
    ledger.restore_basis(fact.store, fact.trading_day, basis)


def events_of(kept: Kept) -> Iterator[dict[str, Any]]:
    """What happened, in the order in which it did."""
    yield from sorted((event for said in kept.values() for event in said["events"]), key=lambda event: int(event["id"]))


def _columns(said: dict[str, Any]) -> dict[str, Any]:
    return row_values(StoreDayRow, said.get("store_day") or {})


def _summary(of_batch: dict[str, Any]) -> str:
    """A store-day's figures in words, out of what a manifest says of it."""
    own = {"store", "name", "revision", "reference", "posted_on", "rows", "staged_gross", "till_control"}
    own |= {"takings_customer", "vat_boxes", "posting_lines", "receipt_log"}
    return json.dumps({name: value for name, value in of_batch.items() if name not in own}, sort_keys=True)
