"""Several stores in one go: fetched, or closed for a trading day, one after the other in one process.

One store's trouble never keeps the others: each comes to an outcome of its own, with what was done of it, or what was
in the way. A task that does many stores, and a whole run in one process, both go this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from storeday.config.source import SftpSource
from storeday.model.errors import LedgerUnreachable
from storeday.model.store_day import NothingReceived, StoreDayHeld
from storeday.sources.connections import Connections
from storeday.stages.close import Checked, alone_with, check, post
from storeday.stages.collect import Collected, collect
from storeday.stages.open_day import OpenDay
from storeday.stages.workplace import Workplace

Step = TypeVar("Step", Collected, Checked)


@dataclass(frozen=True)
class Outcome(Generic[Step]):
    """What became of one store: the steps that were done, in their order, and what kept it from the rest."""

    store: str
    steps: tuple[Step, ...] = ()
    error: Exception | None = None  # None: all steps are done

    @property
    def waits(self) -> bool:
        """Whether it is held, or nothing came: no fault, but nothing more to be done until something changes."""
        return isinstance(self.error, (StoreDayHeld, NothingReceived))


def collect_stores(work: Workplace, stores: Iterable[str]) -> Iterator[Outcome[Collected]]:
    """Fetch what is new of each store; an outcome a store, as soon as it is known, in the order of ``stores``.

    Stores beside each other that are reached by the same Airflow connection share one to the server.

    Raises: LedgerUnreachable, for no store can go on without the ledger.
    """
    with Connections(work.settings.running.downloads_at_once) as connections:
        for store in stores:
            yield _outcome(store, _collect(work, store, connections))


def close_stores(work: Workplace, stores: Iterable[str], day: date) -> Iterator[Outcome[Checked]]:
    """Check each store's trading day, and post it; an outcome a store, in the order of ``stores``.

    The steps of an outcome are what the check came to, then what the posting did.
    Raises: LedgerUnreachable, for no store can go on without the ledger.
    """
    for store in stores:
        yield _outcome(store, _close(work, store, day))


def groups(work: Workplace, stores: Iterable[str]) -> list[list[str]]:
    """Stores in groups of about the same size, none with more than the settings' ``stores_per_task``.

    In order of their source, then code: stores that lie on one server under one login stand together, so that a
    connection can serve them all.
    """
    sources = {store.code: store.source for store in work.settings.stores()}
    logins = {code: said.connection for code, said in sources.items() if isinstance(said, SftpSource)}
    ordered = sorted(stores, key=lambda code: (logins.get(code, ""), code))
    many = work.settings.running.tasks_of(len(ordered))
    return [ordered[n * len(ordered) // many : (n + 1) * len(ordered) // many] for n in range(many)]


def _collect(work: Workplace, store: str, connections: Connections) -> Iterator[Collected]:
    yield collect(work, store, connections)


def _close(work: Workplace, store: str, day: date) -> Iterator[Checked]:
    with alone_with(work, store, day):
        opened = OpenDay.of(work, store, day)
        yield check(work, store, day, opened)
        yield post(work, store, day, opened)


def _outcome(store: str, steps: Iterator[Step]) -> Outcome[Step]:
    done: list[Step] = []
    try:
        for step in steps:
            done.append(step)
    except LedgerUnreachable:
        raise
    except Exception as error:
        return Outcome(store, tuple(done), error)
    return Outcome(store, tuple(done))
