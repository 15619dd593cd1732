"""The audits: which months there are and what they came to, and the files of each as they were written.

Company and month are looked up in the settings, and a file among those that the audit's manifest names: nothing of an
address ever becomes a part of a path. An audit names no single receipt, so that whoever may read the board may read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from storeday.board.guard import doors_of
from storeday.board.pages import page, path_of
from storeday.board.shown_files import NO_SCRIPTS
from storeday.config.places import Places
from storeday.model.days import month_of
from storeday.model.storage import MANIFEST, join, names_in, read_bytes

router = APIRouter()

KINDS: Final = {
    "html": "text/html",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


_DAY: Final = re.compile(rb'<span (class="s [a-z-]+") data-day="([A-Z0-9]+/[0-9-]+)"([^<]*)</span>')


class Audited(NamedTuple):
    """One audit that was written."""

    company: str
    name: str
    month: date
    verdict: str


@router.get("/audits", name="audits")
def audits_page(request: Request) -> HTMLResponse:
    """The audits of all companies, the newest month first."""
    installation = doors_of(request).installation
    found = [
        each
        for company in installation.settings.companies
        for each in _written(installation.places, company.company.code, company.company.name)
    ]
    return page(request, "audits.html", audits=sorted(found, key=lambda each: each.month, reverse=True))


@router.get("/audit/{company}/{month}/{name:path}", name="audit")
def audit_file(request: Request, company: str, month: str, name: str) -> Response:
    """A file of an audit; all but the page are to be kept. Raises: HTTPException 404 for what is not there."""
    installation = doors_of(request).installation
    code = installation.settings.company(company).company.code
    try:
        folder = installation.places.audit(code, month_of(month))
    except ValueError as error:
        raise HTTPException(404, str(error)) from None
    manifest = _manifest(folder)
    if manifest is None or name not in {*manifest["files"], MANIFEST}:
        raise HTTPException(404, f"There is no {name!r} in an audit of {code}, {month}.")
    kind = name.rpartition(".")[2]
    kept = {} if kind == "html" else {"Content-Disposition": f'attachment; filename="{code}-{month}-{_last(name)}"'}
    content = read_bytes(join(folder, *name.split("/")))
    if kind == "html":
        content = _DAY.sub(_link_to(path_of(request, "board")), content)
    return Response(content, media_type=KINDS[kind], headers={**NO_SCRIPTS, **kept})


def _link_to(board: str) -> bytes:
    """What a store-day of the calendar becomes: the page stands by itself, and here it leads to the store-day's."""
    return rb'<a \1 href="' + board.encode() + rb'day/\2"\3</a>'


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _written(places: Places, code: str, name: str) -> Iterator[Audited]:
    for each in names_in(places.audits(code)):
        if (manifest := _manifest(join(places.audits(code), each))) is not None:
            yield Audited(code, name, month_of(manifest["month"]), manifest["verdict"])


def _manifest(folder: str) -> dict[str, Any] | None:
    """What an audit says of itself; None where there is none, or it is being written anew."""
    try:
        found: dict[str, Any] = json.loads(read_bytes(join(folder, MANIFEST)))
    except FileNotFoundError:
        return None
    return found
