"""The board's own files: one style sheet, the scripts, the icon. Known by name, so that no path is asked for."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

router = APIRouter()

KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@router.get("/static/{name}", name="static")
def static_file(name: str) -> Response:
    """One of the files. Raises: HTTPException 404 for another name."""
    found = _files().get(name)
    if found is None:
        raise HTTPException(404, f"The board has no file {name!r}.")
    content, kind = found
    return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=300"})


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {
        each.name: (each.read_bytes(), kind)
        for each in (files("storeday.board") / "static").iterdir()
        for suffix, kind in KINDS.items()
        if each.name.endswith(suffix)
    }
