"""A board over a shop of the tests, asked as one of several people; no Airflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException
from fastapi.testclient import TestClient
from shops import EXPECTATIONS, Shop
from storeday.board.app import create_app
from storeday.board.doors import ByTask, Doors, NotAsked, Person
from storeday.board.installation import Installation
from storeday.config.environment import Environment

PEOPLE = {
    "reader": Person("reader", may_read=True),
    "clerk": Person("clerk", may_read=True, may_see_samples=True),
    "keeper": Person("keeper", may_read=True, may_act=True, may_see_samples=True),
    "deputy": Person("deputy", may_read=True, may_act=True, may_see_samples=True),
    "guest": Person("guest", may_read=False),
}
"""Who asks, by the name in the header `who`."""


@dataclass
class NoAirflow:
    """Stands for Airflow's pages: says where they would be."""

    asked: list[Any] = field(default_factory=list)
    refuses: str = ""

    def login(self, back_to: str) -> str:
        return f"/auth/login?next={back_to}"

    def logs(self, store: str, tasks: Iterable[ByTask]) -> Mapping[ByTask, tuple[str, str]]:
        return {task: (f"/runs/{task.run_id}", f"/runs/{task.run_id}/tasks/{task.task_id}?{store}") for task in tasks}

    def run_day(self, day: date, stores: list[str], by: str) -> None:
        if self.refuses:
            raise NotAsked(self.refuses)
        self.asked.append(("run", day, stores, by))

    def backfill(self, first: date, last: date, by: str) -> None:
        if self.refuses:
            raise NotAsked(self.refuses)
        self.asked.append(("backfill", first, last, by))


def who(who: Annotated[str | None, Header()] = None) -> Person:
    """Raises: HTTPException 401 for a stranger."""
    if who is None:
        raise HTTPException(401, "Not authenticated")
    return PEOPLE[who]


def installation_of(shop: Shop) -> Installation:
    """The shop's settings and ledger, as the web server opens them."""
    work = shop.work
    config = shop.home.parent / "config"
    return Installation(Environment(config, work.places.home, str(work.ledger.engine.url), EXPECTATIONS))


def board_app(shop: Shop, airflow: NoAirflow | None = None) -> FastAPI:
    """The board over a shop."""
    return create_app(Doors(who, "a secret", airflow or NoAirflow(), installation_of(shop)))


def as_person(app: FastAPI, name: str | None) -> TestClient:
    """A browser of one person; None is a stranger."""
    headers = {"who": name} if name else {}
    return TestClient(app, headers=headers, follow_redirects=False, raise_server_exceptions=False)
