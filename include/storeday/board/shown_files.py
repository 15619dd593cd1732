"""Data Docs and sheets, for those who may see single receipts.

Store, day and batch are looked up in the settings and the ledger, and a page among the pages that there are: nothing of
an address ever becomes a part of a path. The pages are Great Expectations' and ours; neither needs a script to be read,
so none runs, and nothing of another site is loaded.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import Response

from storeday.board.doors import Person
from storeday.board.guard import doors_of, seeing_samples
from storeday.board.pages import page, path_of
from storeday.checks.docs import shared_by, shared_pages
from storeday.config.places import Places
from storeday.ledger.facts import BatchFact
from storeday.model.storage import files_below, join, read_bytes

router = APIRouter()

Seeing = Annotated[Person, Depends(seeing_samples)]

NO_SCRIPTS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
    )
}
KINDS: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".otf": "font/otf",
}
SHEET: Final = "sheet.html"

_FROM_ELSEWHERE = re.compile(
    rb"<script\b.*?</script\s*>|<(?:link|img)\b[^>]*\b(?:href|src)=\"https?:[^>]*>", re.DOTALL | re.IGNORECASE
)


@router.get("/data-docs/{store}/{day}", name="data_docs")
def data_docs(request: Request, _: Seeing, store: str, day: date) -> Response:
    """The pages of a store-day's Data Docs, one a frame of the checks. Their own first page needs a script."""
    installation = doors_of(request).installation
    shop = installation.settings.store(store)
    folder = installation.places.data_docs(shop.code, day)
    return page(request, "data_docs.html", shop=shop, day=day, pages=_by_frame(folder), shared=shared_by(folder))


@router.get("/data-docs/{store}/{day}/{page:path}", name="data_docs_page")
def data_docs_page(
    request: Request, _: Seeing, store: str, day: date, name: Annotated[str, Path(alias="page")]
) -> Response:
    """One of the pages. Raises: HTTPException 404 where there is none of that name; LookupError for a store."""
    installation = doors_of(request).installation
    code = installation.settings.store(store).code
    return _one_page(request, installation.places.data_docs(code, day), name)


@router.get("/reconciled-docs/{company}", name="reconciled")
def reconciled(request: Request, _: Seeing, company: str) -> Response:
    """The pages of Data Docs of a company's newest comparison with Sage. Raises: LookupError for a company."""
    installation = doors_of(request).installation
    of = installation.settings.company(company).company
    return page(request, "reconciled.html", company=of, pages=_by_frame(installation.places.reconciled(of.code)))


@router.get("/reconciled-docs/{company}/{page:path}", name="reconciled_page")
def reconciled_page(request: Request, _: Seeing, company: str, name: Annotated[str, Path(alias="page")]) -> Response:
    """One of the pages. Raises: HTTPException 404 where there is none of that name; LookupError for a company."""
    installation = doors_of(request).installation
    return _one_page(request, installation.places.reconciled(installation.settings.company(company).company.code), name)


def _by_frame(folder: str) -> list[tuple[str, str]]:
    """The pages of results of a folder of Data Docs, by frame."""
    return sorted({name.split("/")[1]: name for name in _pages(folder) if name.startswith("validations/")}.items())


def _one_page(request: Request, folder: str, name: str) -> Response:
    """A file of a folder of Data Docs. Raises: HTTPException 404 where there is none of that name."""
    pages = _pages(folder)
    if name not in pages:
        raise HTTPException(404, "There is no such page of Data Docs; they are written anew with each check.")
    suffix = name[name.rfind(".") :]
    content = read_bytes(pages[name])
    if suffix == ".html":
        style = f'<link rel="stylesheet" href="{path_of(request, "static", name="docs.css")}"></head>'.encode()
        content = _FROM_ELSEWHERE.sub(b"", content).replace(b"</head>", style, 1)
    return Response(content, media_type=KINDS[suffix], headers=NO_SCRIPTS)


@router.get("/sheet/{batch}", name="sheet")
def sheet(request: Request, _: Seeing, batch: str) -> Response:
    """A batch's sheet as it lies in staging or in the outbox. Raises: HTTPException 404 for an unknown batch."""
    installation = doors_of(request).installation
    fact = installation.ledger.batch(batch)
    if fact is None:
        raise HTTPException(404, "There is no such batch; a draft gives way to a newer one whenever its day changes.")
    return Response(_sheet_of(installation.places, fact), media_type="text/html", headers=NO_SCRIPTS)


def _pages(folder: str) -> dict[str, str]:
    """Where each page of a folder of Data Docs lies, by its name below it; some are shared with other store-days.

    What is of no kind that the pages use is left out.
    """
    own = [name for name in files_below(folder) if "." + name.rpartition(".")[2] in KINDS]
    return {**shared_pages(folder), **{name: join(folder, *name.split("/")) for name in own}}


def _sheet_of(places: Places, batch: BatchFact) -> bytes:
    """It moves from staging to the outbox when it is delivered, which may be now."""
    where = (batch.company, batch.trading_day, batch.id)
    for folder in (places.delivered(*where), places.draft(*where)):
        try:
            return read_bytes(join(folder, SHEET))
        except FileNotFoundError:
            continue
    raise HTTPException(404, f"The sheet of batch {batch.id} is not there.")
