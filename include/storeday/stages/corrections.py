"""Corrections that a person asks for: take a store-day back, or move past days to the mapping in force now.

Both are the difference of postings.md and nothing else: a rolled back store-day wants nothing, and a restaged one
wants what its receipts and the mapping come to now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from storeday.ledger.facts import StoreDayFact
from storeday.model.decisions import Decision, Kind
from storeday.model.errors import StoredayError
from storeday.model.postings import difference
from storeday.model.store_day import Ends, Example, Hold, State, StoreDayHeld
from storeday.postings.moves import DayMoves, moves_of
from storeday.postings.wanted import prove
from storeday.stages.batches import hand_over
from storeday.stages.close import alone_with, check, post
from storeday.stages.decisions import NotDecided, signed
from storeday.stages.figures import nothing_of
from storeday.stages.journal import keep_store_days
from storeday.stages.locks import lock_on
from storeday.stages.mapping_log import accept_to_restage
from storeday.stages.open_day import OpenDay, lines_of
from storeday.stages.receipt_log import write_empty_log
from storeday.stages.stock import deliver_stock, sync_stock
from storeday.stages.workplace import Workplace


def rollback(work: Workplace, store: str, day: date, *, why: str, by: str, say: Callable[[str], None]) -> None:
    """Stage the reversal of all that was delivered of a store-day, and stage nothing of it until it is released.

    Takings and stock; files of that day are collected all the same. Run again it stages what is left of the
    reversal. ``say`` gets a line a step. Raises: LookupError for an unknown store; NotDecided where nothing of
    the day is known, or it is locked in Sage.
    """
    company, _ = work.settings.company_of(store)
    made = Decision(Kind.ROLLBACK, "", (), signed(why, 300), signed(by))
    fact = work.ledger.store_day(store, day)
    if fact is None:
        raise NotDecided(f"{store} {day.isoformat()}: nothing is known of this store-day")
    if work.ledger.delivered(store, day, company.company.environment) and (locked := lock_on(company.company, day)):
        raise NotDecided(f"{store} {day.isoformat()} can't be rolled back: {locked.check}. {locked.what_now}")
    if fact.state is not State.ROLLED_BACK:
        take_back(work, fact, made)
    keep_store_days(work, [(store, day)])
    say(f"{store} {day.isoformat()}: rolled back; nothing of it is staged until it is released")
    for step in hand_over(work, company.company.code, day):
        say(str(step))
    if work.ledger.stock_day(store, day) is not None:
        say(str(sync_stock(work, company.company.code, day)))
        if company.company.delivery == "automatic":
            say(str(deliver_stock(work, company.company.code)))


def take_back(work: Workplace, fact: StoreDayFact, made: Decision) -> None:
    """Write down that nothing is wanted of a store-day any more, by a person's decision."""
    hold = Hold(
        check=f"rolled back by {made.by}: {made.why}",
        found=1,
        of=1,
        unit="store-days",
        out_by_minor=None,
        examples=(Example("nothing of it is wanted in Sage; its files are collected all the same"),),
        what_now="Release it once its files are right; the next run checks and stages it again.",
        ends_by=Ends.RELEASE,
    )
    # Without a basis, so that the day is checked anew once it is released.
    log = write_empty_log(work.places, fact.store, fact.trading_day)
    work.ledger.roll_back(replace(fact, basis="", summary=nothing_of(made), receipt_log=log), hold, made)


def plan_restage(work: Workplace, first: date, last: date, stores: list[str] | None = None) -> list[DayMoves]:
    """What would move on the delivered store-days of a range, if they were run again now. Nothing is written.

    Days that would not move are left out, unless there is something to say. Raises: LookupError for an unknown
    store.
    """
    for store in stores or ():
        work.settings.store(store)
    return [
        found
        for fact in work.ledger.store_days(first, last)
        if stores is None or fact.store in stores
        for found in [_planned(work, fact)]
        if found is not None and (found.moves or found.but)
    ]


def apply_restage(work: Workplace, planned: list[DayMoves], say: Callable[[str], None]) -> None:
    """Check, post and stage the store-days of a plan again; ``say`` gets a line a step.

    Who restages accepts the mapping as it is, if it alters posted days and nobody did so yet. A day that the checks
    hold now is told and left as it is in Sage.
    """
    moving = [one for one in planned if one.can_be_staged and one.moves]
    days = sorted(one.trading_day for one in moving)
    companies = {work.settings.company_of(one.store)[0].company.code for one in moving}
    for version in accept_to_restage(work, companies, days[0], days[-1]) if moving else ():
        say(f"{version.company}: version {version.number} of the mapping accepted by {version.by}")
    for one in moving:
        try:
            with alone_with(work, one.trading_day, one.store):
                opened = OpenDay.of(work, one.store, one.trading_day)
                check(work, one.store, one.trading_day, opened)
                say(str(post(work, one.store, one.trading_day, opened)))
        except StoreDayHeld as held:
            say(str(held))
    for day, company in sorted(
        {(one.trading_day, work.settings.company_of(one.store)[0].company.code) for one in moving}
    ):
        for step in hand_over(work, company, day):
            say(str(step))


def _planned(work: Workplace, fact: StoreDayFact) -> DayMoves | None:
    """None where nothing of the day is in Sage, so that there is nothing to move."""
    environment = work.settings.company(fact.company).company.environment
    delivered = work.ledger.delivered(fact.store, fact.trading_day, environment)
    if not delivered:
        return None
    if fact.state.waits_for_a_person:
        return DayMoves(fact.store, fact.trading_day, (), f"{fact.state}: it stays as it is", can_be_staged=False)
    try:
        opened = OpenDay.of(work, fact.store, fact.trading_day)
        lines, sums = lines_of(opened)
    except (StoredayError, LookupError) as error:
        return DayMoves(fact.store, fact.trading_day, (), str(error), can_be_staged=False)
    moves = tuple(moves_of(difference(lines, delivered)))
    holds = prove(lines, sums)
    if locked := lock_on(opened.company.company, fact.trading_day):
        holds += [locked] if moves else []
    if holds:
        return DayMoves(fact.store, fact.trading_day, moves, holds[0].headline(), can_be_staged=False)
    return DayMoves(fact.store, fact.trading_day, moves, _news(opened, fact) if moves else "")


def _news(opened: OpenDay, fact: StoreDayFact) -> str:
    """Whether a part of what would move comes from files that came since."""
    files = fact.summary.get("pos_files")
    known = {str(file["sha256"]) for file in files} if isinstance(files, list) else set()
    new = [file.name for file in opened.files if file.sha256 not in known]
    return f"with {len(new)} files that came since: {', '.join(new[:3])}" if new else ""
