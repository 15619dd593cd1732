"""Going live: how far each company and store is on its way into production, and the reports of it as they were written.

Company and report are looked up in the settings and among the files that there are: nothing of an address ever becomes
a part of a path. No report names a receipt, so that whoever may read the board may read them.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from storeday.board.guard import doors_of
from storeday.board.pages import page
from storeday.board.shown_files import NO_SCRIPTS
from storeday.config.places import Places
from storeday.config.settings import CompanySettings
from storeday.ledger.ledger import Ledger
from storeday.model.acceptance import Acceptance
from storeday.model.storage import join, names_in, read_bytes

router = APIRouter()

KINDS: Final = {"acceptance": "Acceptance", "parallel": "Parallel run", "first_days": "First days"}
SHOWN: Final = 31
"""How many reports of a kind the page lists, the newest first; the folder has all."""
_PAGE: Final = ".html"


class Written(NamedTuple):
    """One report that lies in its folder."""

    kind: str
    name: str
    words: str


class OnTheWay(NamedTuple):
    """One company on its way into production."""

    company: CompanySettings
    signed: Acceptance | None  # what is signed off for the settings of now
    cutovers: list[tuple[str, str, date | None]]  # store, name, first day that counts
    reports: list[tuple[str, list[Written]]]  # by kind, in words


@router.get("/going-live", name="going_live")
def going_live_page(request: Request) -> HTMLResponse:
    """Environment, signature, cutovers and reports of every company."""
    installation = doors_of(request).installation
    shown = [_on_the_way(installation.ledger, installation.places, each) for each in installation.settings.companies]
    return page(request, "going_live.html", shown=shown)


@router.get("/going-live/{company}/{kind}/{name}", name="going_live_report")
def going_live_report(request: Request, company: str, kind: str, name: str) -> Response:
    """A report's page. Raises: LookupError for an unknown company; HTTPException 404 for another report."""
    installation = doors_of(request).installation
    code = installation.settings.company(company).company.code
    if kind not in KINDS or name not in _names(installation.places, kind, code):
        raise HTTPException(404, "There is no such report; one that is written anew may have taken its place.")
    content = read_bytes(installation.places.report(kind, code, f"{name}{_PAGE}"))
    return Response(content, media_type="text/html", headers=NO_SCRIPTS)


def _on_the_way(ledger: Ledger, places: Places, company: CompanySettings) -> OnTheWay:
    from storeday.stages.asking import covered_by_sign_off  # the feeds read with pandas: not before somebody looks

    code = company.company.code
    made = {each.digest[:12]: each for each in ledger.acceptances(code)}
    reports = []
    for kind, words in KINDS.items():
        names = _names(places, kind, code)[:SHOWN]
        reports.append((words, [Written(kind, name, _words(kind, name, made)) for name in names]))
    cutovers = [(store.code, store.name, store.cutover) for store in company.stores]
    return OnTheWay(company, ledger.sign_off_of(code, covered_by_sign_off(company)), cutovers, reports)


def _names(places: Places, kind: str, company: str) -> list[str]:
    """The reports that there are of a kind, without their suffix, the newest day first."""
    found = names_in(join(places.home, "reports", kind, company))
    return sorted((name.removesuffix(_PAGE) for name in found if name.endswith(_PAGE)), reverse=True)


def _words(kind: str, name: str, made: dict[str, Acceptance]) -> str:
    """What a report is, by its name; an acceptance says how it stands."""
    known = made.get(name.rpartition("_")[2]) if kind == "acceptance" else None
    return known.words.partition(": ")[2] if known else ""
