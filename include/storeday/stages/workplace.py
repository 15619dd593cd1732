"""What every stage works with: settings, ledger, places."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storeday.config.environment import Environment, environment
from storeday.config.places import Places
from storeday.config.settings import Settings, Store
from storeday.feeds.base import Feed, ReadingRules
from storeday.feeds.registry import feed_named, feed_settings
from storeday.ledger.ledger import Ledger
from storeday.model.errors import SettingsError


@dataclass(frozen=True)
class Workplace:
    """One installation, open. ``by`` is who or which run does the work: events carry it.

    Not ``keeps_journal``: a ledger that is being made again from the journal must not write it anew.
    """

    settings: Settings
    ledger: Ledger
    places: Places
    expectations: Path
    by: str
    keeps_journal: bool = True

    @staticmethod
    @contextmanager
    def open(by: str, where: Environment | None = None) -> Iterator[Workplace]:
        """The installation that the environment variables name, its ledger migrated.

        Raises: SettingsError listing all that is wrong with the settings.
        """
        where = where or environment()
        settings = where.settings()
        ledger = Ledger(where.ledger_url)
        try:
            yield Workplace(settings, ledger, Places(where.home), where.expectations, by)
        finally:
            ledger.close()


def feed_and_rules(store: Store) -> tuple[Feed, ReadingRules]:
    """A store's feed and what that must know of the store.

    Raises: SettingsError naming what the feed's own settings lack; LookupError for an unknown feed.
    """
    feed = feed_named(store.feed)
    try:
        own = feed_settings(feed, store.feed_settings)
    except SettingsError as error:
        raise SettingsError([f"stores/{store.code}.yaml: {problem}" for problem in error.problems]) from None
    rules = ReadingRules(
        store=store.code,
        timezone=store.timezone,
        day_starts_minutes=store.day_starts_minutes,
        slice_minutes=store.slice_minutes,
        clock_tolerance_minutes=store.tolerances.clock_minutes,
        pos_store_id=store.pos_store_id,
        settings=own,
    )
    return feed, rules


def rules_digest(store: Store) -> str:
    """A short digest of how a store's files are read: when it changes, they are read again."""
    _, rules = feed_and_rules(store)
    return hashlib.sha256(f"{store.feed} {rules}".encode()).hexdigest()[:12]
