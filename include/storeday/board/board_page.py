"""The board's page: what was asked for in the address, the ledger's answer, the whole page or its middle for htmx."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from storeday.board import queries
from storeday.board.board import Asked, board_of
from storeday.board.guard import doors_of
from storeday.board.pages import page
from storeday.model.letters import LETTERS, MEANINGS

router = APIRouter()


@router.get("/", name="board")
def board_page(
    request: Request,
    to: date | None = None,
    company: Annotated[str, Query(max_length=40)] = "",
    store: Annotated[str, Query(max_length=60)] = "",
    state: Annotated[str, Query(max_length=16)] = "",
    number: Annotated[int, Query(alias="page", ge=1)] = 1,
    done: str = "",
) -> HTMLResponse:
    """The store-days that were asked for; without a last day those up to the newest that any store sent."""
    installation = doors_of(request).installation
    settings, engine = installation.settings, installation.ledger.engine
    if (known := queries.known_days(engine)) is None:
        return page(request, "nothing_yet.html")
    begins, newest = known
    asked = Asked(to or newest, company, store.strip(), state if state in LETTERS else "", number, begins)
    board = board_of(settings, queries.StoreDays(engine, asked.days), asked)
    companies = {each.company.code: each.company.name for each in settings.companies}
    asked_for = [company] if company in companies else list(companies)
    return page(
        request,
        "board_rows.html" if request.headers.get("hx-target") == "board" else "board.html",
        board=board,
        asked=asked,
        companies=companies,
        drafts=queries.drafts(engine, asked_for),
        differences=queries.differences(engine, asked_for),
        letters=LETTERS,
        meanings=MEANINGS,
        done=done == "backfill",
        missing=[each.day for each in board.sums if each.states["expected"]],
    )
