"""What a person does from the board. Each is a form's POST behind `guard.acting`, and the stages' own function.

What was decided stands in the ledger with the person's name, as from the command line; a run that was asked for is an
event of its store-days too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse

from storeday.board import queries
from storeday.board.board import days_between, missing_in
from storeday.board.doors import NotAsked, Person
from storeday.board.guard import acting, doors_of
from storeday.board.pages import path_of

router = APIRouter()

Acting = Annotated[Person, Depends(acting)]
Text = Annotated[str, Form(max_length=1_000)]

BACKFILL_DAYS: Final = 92  # a quarter; more is for the command line, where somebody watches it


@router.post("/day/{store}/{day}/release", name="release")
def release_day(
    request: Request,
    person: Acting,
    store: str,
    day: date,
    why: Text = "",
    check: Text = "",
    accept: Text = "",
    again: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """Accept a gap or a side of a conflict, release a check, or end a rollback; with a run of the day if wanted."""
    from storeday.stages.decisions import release

    work = doors_of(request).installation.work(person.name)
    release(work, store, day, why=why, by=person.name, check=check, accept=accept)
    return _done(request, person, store, day, "released", again=again)


@router.post("/day/{store}/{day}/withdraw", name="withdraw")
def withdraw_decision(
    request: Request,
    person: Acting,
    store: str,
    day: date,
    number: Annotated[int, Form()],
    why: Text = "",
    again: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """Let a decision count no longer."""
    from storeday.stages.decisions import withdraw

    work = doors_of(request).installation.work(person.name)
    withdraw(work, store, day, number, why=why, by=person.name)
    return _done(request, person, store, day, "withdrawn", again=again)


@router.post("/day/{store}/{day}/rollback", name="rollback")
def roll_back_day(request: Request, person: Acting, store: str, day: date, why: Text = "") -> RedirectResponse:
    """Stage the reversal of all that was delivered of a store-day."""
    from storeday.stages.corrections import rollback

    said: list[str] = []
    rollback(doors_of(request).installation.work(person.name), store, day, why=why, by=person.name, say=said.append)
    return _done(request, person, store, day, "rolled-back", again=False)


@router.post("/day/{store}/{day}/run", name="run_again")
def run_again(request: Request, person: Acting, store: str, day: date) -> RedirectResponse:
    """Start a run of the trading day for this store."""
    doors_of(request).installation.settings.store(store)
    return _done(request, person, store, day, "running", again=True)


@router.post("/backfill", name="backfill")
def ask_for_backfill(
    request: Request, person: Acting, first: Annotated[date, Form()], last: Annotated[date, Form()]
) -> RedirectResponse:
    """Ask for the runs of a range that are missing or failed; an event of each store-day that nothing came for."""
    doors = doors_of(request)
    if not first <= last <= first + timedelta(days=BACKFILL_DAYS - 1):
        raise HTTPException(422, f"Say a first and a last day, {BACKFILL_DAYS} days at most.")
    engine = doors.installation.ledger.engine
    missing = missing_in(doors.installation.settings, queries.StoreDays(engine, days_between(first, last)))
    doors.airflow.backfill(first, last, person.name)
    why = f"backfill of {first.isoformat()} to {last.isoformat()} asked for"
    doors.installation.ledger.note(missing, why, person.name)
    return RedirectResponse(f"{path_of(request, 'board')}?to={last.isoformat()}&done=backfill", status_code=303)


def _done(request: Request, person: Person, store: str, day: date, word: str, *, again: bool) -> RedirectResponse:
    """Back to the store-day's page, which says what was done."""
    if again:
        doors = doors_of(request)
        try:
            doors.airflow.run_day(day, [store], person.name)
        except NotAsked as error:
            if word == "running":
                raise
            raise NotAsked(f"It was written down ({word}), but no run of the day was started. {error}") from None
        doors.installation.ledger.note([(store, day)], "run asked for", person.name)
    where = path_of(request, "store_day", store=store, day=day)
    return RedirectResponse(f"{where}?done={word}", status_code=303)
