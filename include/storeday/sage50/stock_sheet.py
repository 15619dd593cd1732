"""The sheet of a batch of stock: what moved, what was counted against the book, and how to import it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final

from jinja2 import Template

from storeday.model.pages import page_environment
from storeday.sage50.sheet import for_the_sandbox

SHOWN: Final = 200
"""Counts and roundings on the page; all of them stand in the manifest."""


def stock_sheet_of(manifest: dict[str, Any], waiting: list[dict[str, str]]) -> str:
    """The page of one batch, from its manifest and the store-days that are not in it.

    ``waiting`` has, per store-day left out, store, name and why.
    """
    days = manifest["store_days"]
    off = [(d["store"], count) for d in days for count in d["counts"] if count["difference"] != "0"]
    return _template().render(
        m=manifest,
        sandbox=for_the_sandbox(manifest),
        file=manifest["files"]["stock.csv"],
        day=date.fromisoformat(manifest["trading_day"]),
        days=days,
        waiting=waiting,
        alerts=[(d["store"], alert) for d in days for alert in d["alerts"]],
        off=off[:SHOWN],
        not_shown=max(0, len(off) - SHOWN),
        counted=sum(len(d["counts"]) for d in days),
        agreed=sum(len(d["counts"]) for d in days) - len(off),
        rounded=[(d["store"], left) for d in days for left in d["rounding_left"]][:SHOWN],
        pos_files=sum(len(d["pos_files"]) for d in days),
    )


@cache
def _template() -> Template:
    return page_environment("storeday.sage50").get_template("stock_sheet.html.j2")
