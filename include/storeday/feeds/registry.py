"""The feeds there are, by name. A new feed is a module of its own and a line here."""

from __future__ import annotations

from storeday.feeds.base import Feed
from storeday.feeds.poslog.ncr import PoslogNcr
from storeday.feeds.poslog.roqqio import PoslogRoqqio
from storeday.feeds.storeday_csv import StoredayCsv

FEEDS: dict[str, Feed] = {feed.name: feed for feed in (StoredayCsv(), PoslogNcr(), PoslogRoqqio())}


def feed_named(name: str) -> Feed:
    """A feed by its name. Raises: LookupError naming the feeds there are."""
    if name not in FEEDS:
        raise LookupError(f"no feed {name!r}; there are {', '.join(sorted(FEEDS))}")
    return FEEDS[name]
