"""The board's pages: Jinja templates with autoescape on, and what all of them know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment

from storeday.board.guard import doors_of, form_token
from storeday.model.money import minor_of, money
from storeday.model.pages import page_environment

CURRENCIES: Final = {"GBP": "£", "EUR": "€"}

WORDS: Final = {
    401: "Nobody is logged in",
    403: "Not allowed",
    404: "Not there",
    409: "That did not work",
    422: "Not understood",
}


def page(request: Request, template: str, **said: Any) -> HTMLResponse:
    """A page. Beside ``said`` it knows the person, the form's token and how paths of the board are written."""
    person = request.state.storeday_person
    doors = doors_of(request)
    text = (
        _templates()
        .get_template(template)
        .render(person=person, token=form_token(doors, person), here=_Here(request), **said)
    )
    return HTMLResponse(text)


def error_page(request: Request, status: int, why: str) -> Response:
    """What went wrong, for anybody: it may be a stranger who asks."""
    login = doors_of(request).airflow.login(request.url.path) if status == 401 else ""
    template = _templates().get_template("error.html")
    text = template.render(here=_Here(request), title=WORDS.get(status, "Went wrong"), why=why, login=login)
    return HTMLResponse(text, status_code=status)


class _Here:
    """Paths of the board as this request sees them, below whatever Airflow itself is served from."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def at(self) -> str:
        """The name of the route that was asked for."""
        return str(getattr(self._request.scope.get("route"), "name", ""))

    def __call__(self, route: str, **names: str | date) -> str:
        return path_of(self._request, route, **names)


def path_of(request: Request, route: str, **names: str | date) -> str:
    """The path of one of the board's routes, below whatever Airflow itself is served from."""
    root = str(request.scope.get("root_path", "")).rstrip("/")
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in names.items()}
    return root + str(request.app.url_path_for(route, **said))


@cache
def _templates() -> Environment:
    found = page_environment("storeday.board")
    found.filters |= {
        "money": amount,
        "said": said_amount,
        "day": day_words,
        "moment": moment_words,
        "thousands": thousands,
        "heads": heads,
        "class_names": class_names,
    }
    return found


def amount(minor: int, currency: str) -> str:
    """An amount with its currency's sign.

    >>> amount(-123456, "GBP"), amount(0, "EUR")
    ('−£1,234.56', '€0.00')
    """
    sign = "−" if minor < 0 else ""
    return f"{sign}{CURRENCIES.get(currency, currency + ' ')}{money(abs(minor))}"


def said_amount(text: str, currency: str) -> str:
    """An amount that is kept as text, with its currency's sign; nothing where nothing is said.

    >>> said_amount("-1234.56", "GBP"), said_amount("", "GBP")
    ('−£1,234.56', '')
    """
    return amount(minor_of(text), currency) if text else ""


def day_words(day: date) -> str:
    """A trading day as people read it.

    >>> day_words(date(2026, 11, 2))
    'Mon 2 Nov 2026'
    """
    return f"{day:%a} {day.day} {day:%b %Y}"


def moment_words(at: datetime) -> str:
    """When something was written down, which the ledger keeps in UTC."""
    return f"{at.day} {at:%b %H:%M} UTC"


def thousands(minors: list[int]) -> str:
    """Whole thousands of the one currency there is, for a narrow column; nothing where there are several.

    >>> thousands([2449_900_00]), thousands([-1_600_00]), thousands([1, 2])
    ('2450', '-2', '')
    """
    if len(minors) != 1:
        return ""
    return str((abs(minors[0]) + 50_000) // 100_000 * (-1 if minors[0] < 0 else 1))


def heads(days: Iterable[date]) -> list[dict[str, str]]:
    """What each cell of a column says of its day: made once a column, not once a cell."""
    return [
        {"words": day_words(day), "iso": day.isoformat(), "mon": " mon" if day.weekday() == 0 else ""} for day in days
    ]


def class_names(states: Iterable[str]) -> dict[str, str]:
    """The style sheet's word for each state."""
    return {state: state.replace(" ", "-") for state in states}
