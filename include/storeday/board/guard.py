"""Who comes in: a person for every page, the right and the form's own token for every action.

An action must come from a form of ours: the browser says that the request is from the same origin, and the form
carries a token that only this person was given. Source: OWASP, Cross-Site Request Forgery Prevention.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Form, HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from storeday.board.doors import Doors, Person

TOKEN_LASTS_SECONDS: Final = 12 * 3600  # a page that was left open over a working day still acts

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer: nothing of another site is loaded, and no other site shows the board in a frame."""


def doors_of(request: Request) -> Doors:
    """The doors of the app that was asked."""
    doors: Doors = request.app.state.doors
    return doors


def asking(request: Request) -> Person:
    """Who asks; the app let them in already."""
    person: Person = request.state.storeday_person
    return person


def admit(request: Request, person: Person) -> None:
    """Let a person in who may read. Raises: HTTPException 403 for another."""
    if not person.may_read:
        raise HTTPException(403, "You have no right to read the board: it needs Airflow's right to see plugins.")
    request.state.storeday_person = person


def acting(request: Request, token: Annotated[str, Form()] = "") -> Person:
    """Who acts. Raises: HTTPException 403 without the right, or where the request is not from a form of ours."""
    person = asking(request)
    if not person.may_act:
        raise HTTPException(403, "You have no right to do this: it needs the right to start runs of close_store_days.")
    if not _is_from_here(request):
        raise HTTPException(403, "This did not come from a page of the board. Open the board and do it there.")
    try:
        name = _signer(doors_of(request)).loads(token, max_age=TOKEN_LASTS_SECONDS)
    except BadSignature:
        name = None
    if name != person.name:
        raise HTTPException(403, "The page was open for too long, or by somebody else. Load it again.")
    return person


def seeing_samples(request: Request) -> Person:
    """Who sees single receipts. Raises: HTTPException 403 without the right."""
    person = asking(request)
    if not person.may_see_samples:
        raise HTTPException(
            403, "You have no right to see single receipts: it needs the right to edit tasks of close_store_days."
        )
    return person


def form_token(doors: Doors, person: Person) -> str:
    """What the forms of a person's pages carry."""
    return str(_signer(doors).dumps(person.name))


def _signer(doors: Doors) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(doors.secret, salt="storeday board: forms")


def _is_from_here(request: Request) -> bool:
    """Whether the browser says so: in Sec-Fetch-Site, or where it has none, in Origin."""
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
