"""The store-day's page."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from storeday.board.day import day_of
from storeday.board.guard import doors_of
from storeday.board.pages import page
from storeday.model.letters import MEANINGS

router = APIRouter()


@router.get("/day/{store}/{day}", name="store_day")
def day_page(request: Request, store: str, day: date, done: str = "") -> HTMLResponse:
    """Everything that is known of one store-day, and what the person may do about it."""
    doors = doors_of(request)
    shown = day_of(doors.installation, doors.airflow, store, day)
    return page(
        request,
        "day.html",
        shown=shown,
        done=DONE.get(done, ""),
        meanings=MEANINGS,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
    )


DONE = {
    "released": "It is let through. The next run of the day checks it again.",
    "withdrawn": "The decision counts no longer. The next run of the day checks it again.",
    "rolled-back": "It is taken back: its reversal is staged, and nothing else of it until it is released.",
    "running": "A run of the day was started. Load this page again to see what became of it.",
}
"""What a page says after an action, by the word in its address."""
