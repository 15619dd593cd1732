"""Several stores in one go: fetched, or closed for a trading day, one after the other in one process.

One store's trouble never keeps the others: each comes to an outcome of its own, with what was done of it, or what was
in the way. A task that does many stores, and a whole run in one process, both go this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Generic, TypeVar

from storeday.config.source import SftpSource
from storeday.model.errors import LedgerUnreachable
from storeday.model.store_day import NothingReceived, StoreDayHeld
from storeday.sources.connections import Connections
from storeday.stages.close import Checked, alone_with, check_all, post_all
from storeday.stages.collect import Collected, collect
from storeday.stages.open_day import OpenDay, open_days
from storeday.stages.workplace import Workplace

CLOSED_AT_ONCE: Final = 50
"""How many stores' days are in memory at once: some 100,000 receipts with all that is made of them."""

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

    The steps of an outcome are what the check came to, then what the posting did. Stores are closed by the chunk.
    Raises: LedgerUnreachable, for no store can go on without the ledger.
    """
    waiting = iter(stores)
    while some := list(islice(waiting, CLOSED_AT_ONCE)):
        yield from _closed(work, some, day)


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


def _closed(work: Workplace, stores: Sequence[str], day: date) -> Iterator[Outcome[Checked]]:
    with alone_with(work, day, *stores):
        opened = open_days(work, stores, day)
        days = [each for each in opened.values() if isinstance(each, OpenDay)]
        checked = check_all(work, days)
        posted = post_all(work, [each for each in days if isinstance(checked[each.store.code], Checked)])
    for store in stores:
        came_to = (opened[store], checked.get(store), posted.get(store))
        steps = tuple(each for each in came_to if isinstance(each, Checked))
        yield Outcome(store, steps, next((each for each in came_to if isinstance(each, Exception)), None))


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
