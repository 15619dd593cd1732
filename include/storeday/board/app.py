"""The board's FastAPI app: every route below one guard, pages and not JSON, errors in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as AnyHttpError

from storeday.board import (
    actions,
    audit_page,
    board_page,
    day_page,
    files,
    golive_page,
    lineage_page,
    mappings_page,
    shown_files,
)
from storeday.board.doors import Doors, Person
from storeday.board.guard import HEADERS, admit
from storeday.board.pages import error_page
from storeday.model.errors import StoredayError


def create_app(doors: Doors) -> FastAPI:
    """The app, to be mounted below a path of its own. Nothing in it answers a stranger."""

    def let_in(request: Request, person: Person = Depends(doors.who)) -> None:  # noqa: B008  # FastAPI's own way
        admit(request, person)

    app = FastAPI(
        title="storeday board", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(let_in)]
    )
    app.state.doors = doors
    for room in (
        board_page,
        day_page,
        lineage_page,
        mappings_page,
        audit_page,
        golive_page,
        actions,
        shown_files,
        files,
    ):
        app.include_router(room.router)
    app.middleware("http")(_with_headers)
    app.exception_handler(AnyHttpError)(_refused)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(StoredayError)(_went_wrong)
    app.exception_handler(LookupError)(_unknown)
    return app


async def _with_headers(request: Request, answer_to: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await answer_to(request)
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException | AnyHttpError)  # noqa: S101  # what the handler is registered for
    return error_page(request, error.status_code, str(error.detail))


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # what the handler is registered for
    wrong = [f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()]
    return error_page(request, 422, "\n".join(wrong))


async def _went_wrong(request: Request, error: Exception) -> Response:
    return error_page(request, 409, str(error))


async def _unknown(request: Request, error: Exception) -> Response:
    return error_page(request, 404, str(error.args[0] if error.args else error))
