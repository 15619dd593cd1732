"""The feeds there are, by name. A new feed is a module of its own and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from storeday.config.strict import faults_of
from storeday.feeds.base import Feed
from storeday.feeds.clover import Clover
from storeday.feeds.lightspeed_k import LightspeedK
from storeday.feeds.loyverse import Loyverse
from storeday.feeds.poslog.ncr import PoslogNcr
from storeday.feeds.poslog.newpos import PoslogNewpos
from storeday.feeds.poslog.r10 import PoslogR10
from storeday.feeds.poslog.roqqio import PoslogRoqqio
from storeday.feeds.poslog.xstore import PoslogXstore
from storeday.feeds.shopify import Shopify
from storeday.feeds.square import Square
from storeday.feeds.storeday_csv import StoredayCsv
from storeday.feeds.toast import Toast
from storeday.model.errors import SettingsError

_FEEDS: Final[tuple[Feed, ...]] = (
    StoredayCsv(),
    PoslogNcr(),
    PoslogRoqqio(),
    PoslogNewpos(),
    PoslogR10(),
    PoslogXstore(),
    LightspeedK(),
    Square(),
    Loyverse(),
    Clover(),
    Shopify(),
    Toast(),
)
FEEDS: Final = {feed.name: feed for feed in _FEEDS}


def feed_named(name: str) -> Feed:
    """A feed by its name. Raises: LookupError naming the feeds there are."""
    if name not in FEEDS:
        raise LookupError(f"no feed {name!r}; there are {', '.join(sorted(FEEDS))}")
    return FEEDS[name]


def feed_settings(feed: Feed, said: Mapping[str, Any]) -> BaseModel | None:
    """A feed's own settings, typed; None where it has none.

    Raises: SettingsError naming each key that is missing, wrong or unknown: an export is read with all of its
    settings or not at all.
    """
    typed: type[BaseModel] | None = getattr(feed, "settings", None)
    if typed is None:
        if said:
            raise SettingsError([f"feed_settings: the feed {feed.name} has none (it says {', '.join(said)})"])
        return None
    try:
        return typed.model_validate(said)
    except ValidationError as error:
        found = faults_of(error, at="feed_settings")
        raise SettingsError([f"{what} (feed {feed.name}, docs/feeds/{feed.name}.md)" for what in found]) from None
