"""The mappings page: what of a file is not accepted yet, and every version of a company's mapping, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from storeday.board.guard import asking, doors_of
from storeday.board.pages import page
from storeday.model.mapping_log import MappingVersion

if TYPE_CHECKING:
    from storeday.config.settings import Company
    from storeday.stages.mapping_log import Pending

router = APIRouter()

SHOWN = 50
"""How many versions of a company the page shows; the command line lists all."""


class Shown(NamedTuple):
    """One company with its log."""

    company: Company
    pending: Pending | None  # what its file says that nobody accepted
    changes: list[str]  # of it in words, the refused ones where there are any
    versions: list[MappingVersion]  # newest first
    more: int


@router.get("/mappings", name="mappings")
def mappings_page(request: Request, company: Annotated[str, Query(max_length=40)] = "") -> HTMLResponse:
    """What changed in the mappings, what that would have moved, who accepted it, and why.

    Raises: LookupError for an unknown company.
    """
    from storeday.stages.mapping_log import Pending  # pandas and all: not before somebody looks

    work = doors_of(request).installation.work(asking(request).name)
    shown = []
    for each in [work.settings.company(company)] if company else work.settings.companies:
        versions = work.ledger.mapping_versions(each.company.code)[::-1]
        pending = Pending.of(work, each)
        not_accepted = pending if pending and pending.accepted else None
        changes = [change.words for change in pending.altering or pending.changes] if pending else []
        more = max(0, len(versions) - SHOWN)
        shown.append(Shown(each.company, not_accepted, changes, versions[:SHOWN], more))
    companies = {each.company.code: each.company.name for each in work.settings.companies}
    return page(request, "mappings.html", shown=shown, companies=companies, asked=company)
