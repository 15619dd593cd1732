"""The store-day board in Airflow: its app under /storeday, its place in the navigation, Airflow's rights on its doors.

Every process of Airflow imports this file; the board itself, FastAPI and all, is made when it is first asked for.
Airflow lets anybody reach a plugin's routes: what keeps strangers out is
storeday_airflow/doors.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/storeday"


def make_app() -> FastAPI:
    """The board with Airflow's doors."""
    from importlib import import_module
    from threading import Thread

    from storeday.board.app import create_app
    from storeday_airflow.doors import doors

    # A store-day's page needs pandas, seconds of import: meanwhile the board itself is looked at.
    Thread(target=import_module, args=("storeday.stages",), name="storeday-stages", daemon=True).start()
    return create_app(doors())


class WhenAsked:
    """An ASGI app that makes the board at its first request."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            self._app = make_app()
        await self._app(scope, receive, send)


def _served_below() -> str:
    """The path that Airflow's web UI is served below; empty where it has the host to itself."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


class StoredayBoardPlugin(AirflowPlugin):
    """The board's app, and "Store days" in the navigation."""

    name = "storeday_board"
    fastapi_apps = [{"app": WhenAsked(), "url_prefix": PREFIX, "name": "Store days"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012  # Airflow's own way to say it
        {
            "name": "Store days",
            "href": f"{_served_below()}{PREFIX}/",
            "destination": "nav",
            "url_route": "store-days",
            "icon": f"{_served_below()}{PREFIX}/static/icon.svg",
            "icon_dark_mode": f"{_served_below()}{PREFIX}/static/icon-dark.svg",
            "nav_top_level": True,
        }
    ]
