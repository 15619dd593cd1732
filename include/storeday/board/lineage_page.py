"""The lineage page: from a row of Sage's back to till, file and line, and from a receipt forward to Sage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from storeday.board.guard import asking, doors_of, seeing_samples
from storeday.board.pages import page
from storeday.board.way import HEIGHT, WIDTH, picture_of, way_of
from storeday.model.days import day_of

if TYPE_CHECKING:
    from storeday.stages.trace import Found

router = APIRouter()

LISTED: Final = 500
"""How many things the list names; the command line names all."""


@router.get("/lineage", name="lineage")
def lineage_page(request: Request, of: str = "", store: str = "", day: str = "") -> HTMLResponse:
    """Where what ``of`` names came from and where it went.

    A receipt is asked for with its store and day, since its number comes round. Raises: LookupError where nothing is
    known of it; HTTPException 422 for a receipt of no store or day, 403 for one that the person may not see.
    """
    from storeday.stages.trace import RECEIPT, trace  # the feeds read with pandas: not before somebody looks

    of, store = of.strip(), store.strip().upper()
    asked = {"of": of, "store": store, "day": day, "box": (WIDTH, HEIGHT)}
    if not of:
        return page(request, "lineage.html", picture=None, listed=[], more=0, **asked)
    person = asking(request)
    if RECEIPT.fullmatch(of):
        seeing_samples(request)
        if not (store and day):
            raise HTTPException(
                422, f"Say the store and the trading day of receipt {of} too: a till's numbers come round."
            )
    found = trace(doors_of(request).installation.work(person.name), of, store or None, day_of(day) if day else None)
    lines = list(_lines(found, hidden=set() if person.may_see_samples else {"receipt", "row"}))
    more = max(0, len(lines) - LISTED)
    picture = picture_of(way_of(found))
    return page(request, "lineage.html", picture=picture, listed=lines[:LISTED], more=more, **asked)


class Line(NamedTuple):
    """One line of the list: how deep it lies, what it is, and for a receipt of a store-day what to ask for next."""

    depth: int
    found: Found
    onward: str = ""


def _lines(found: Iterable[Found], hidden: set[str], depth: int = 0, day: Found | None = None) -> Iterator[Line]:
    """The findings in order; kinds that tell of single customers only for those who may see them."""
    for one in found:
        if one.kind in hidden:
            continue
        facts = {**(day.facts if day else {}), **one.facts}
        asks = {"of": f"{facts.get('till')}/{facts.get('receipt')}", "store": facts.get("store")}
        onward = urlencode({**asks, "day": facts["trading_day"]}, safe="/") if day and one.kind == "receipt" else ""
        yield Line(depth, one, onward)
        yield from _lines(one.below, hidden, depth + 1, one if one.kind == "store-day" else None)
