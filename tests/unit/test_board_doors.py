"""Who gets into the board: nobody without a login, and nobody further than their rights. The routes list themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from boards import as_person, board_app
from fastapi import FastAPI
from fastapi.routing import APIRoute
from shops import OpenShop
from starlette.routing import BaseRoute

FILLED_IN = {"store": "S01", "day": "2026-11-22", "name": "board.css", "page": "index.html"}


@pytest.fixture(scope="module")
def app(open_shop: OpenShop) -> FastAPI:
    return board_app(open_shop("S01"))


def asked(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Every method and path of the routes, their parameters filled in."""
    for route in routes:
        assert isinstance(route, APIRoute), f"{route} is no route of FastAPI's, so that no guard stands before it"
        path = re.sub(r"{(\w+)(:\w+)?}", lambda found: FILLED_IN.get(found[1], "1"), route.path)
        yield from ((method, path) for method in sorted(route.methods))


def test_every_route_refuses_a_stranger(app: FastAPI) -> None:
    stranger = as_person(app, None)

    answers = {(method, path): stranger.request(method, path).status_code for method, path in asked(app.routes)}

    assert set(answers.values()) == {401}
    assert ("GET", "/") in answers  # it looked at the app's routes


def test_every_route_refuses_who_may_not_read(app: FastAPI) -> None:
    guest = as_person(app, "guest")

    answers = {(method, path): guest.request(method, path).status_code for method, path in asked(app.routes)}

    assert set(answers.values()) == {403}


def test_every_action_refuses_who_may_only_read(app: FastAPI) -> None:
    actions = [path for method, path in asked(app.routes) if method != "GET"]
    clerk = as_person(app, "clerk")

    answers = {path: clerk.post(path, headers={"sec-fetch-site": "same-origin"}).status_code for path in actions}

    assert set(answers.values()) == {403}
    assert "/backfill" in answers


def test_a_stranger_is_told_where_to_log_in_and_comes_back(app: FastAPI) -> None:
    answer = as_person(app, None).get("/day/S01/2026-11-22")

    assert 'href="/auth/login?next=/day/S01/2026-11-22"' in answer.text


def test_every_answer_lets_nothing_of_another_site_in(app: FastAPI) -> None:
    reader = as_person(app, "reader")

    for path in ("/", "/static/board.css", "/nowhere"):
        policy = reader.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy


def test_there_is_no_list_of_routes_for_programs(app: FastAPI) -> None:
    reader = as_person(app, "reader")

    assert {reader.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}
