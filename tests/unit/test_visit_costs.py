"""What a visit to a store's source costs the ledger and the disk: counted, not timed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from shops import OpenShop, Shop
from sqlalchemy import event
from storeday.ledger.facts import Fate, FileDay, FileFact
from storeday.stages.collect import collect
from tills import Till, sale


@dataclass
class Costs:
    """Statements that the ledger was sent, and steps of SQLite's machine in which it answered them."""

    statements: int = 0
    steps: int = 0


@contextmanager
def counted(shop: Shop) -> Iterator[Costs]:
    """Count what a ledger has to do."""
    costs, engine = Costs(), shop.work.ledger.engine

    def step() -> None:
        costs.steps += 1

    def on_checkout(connection: Any, *_: object) -> None:
        connection.set_progress_handler(step, 1)

    def on_checkin(connection: Any, *_: object) -> None:
        connection.set_progress_handler(None, 1)

    def on_statement(*_: object) -> None:
        costs.statements += 1

    listened: list[tuple[str, Callable[..., None]]] = [
        ("checkout", on_checkout),
        ("checkin", on_checkin),
        ("before_cursor_execute", on_statement),
    ]
    for name, listener in listened:
        event.listen(engine, name, listener)
    try:
        yield costs
    finally:
        for name, listener in listened:
            event.remove(engine, name, listener)


def after(shop: Shop, files: int) -> Costs:
    """What a visit that brings two files costs a ledger that knows so many of the store."""
    shop.work.ledger.record_files([_long_ago(number) for number in range(files)], "corner-shops", "tests")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("1.00")))
    collect(shop.work, "S01")
    for start in ("10:00", "11:00"):
        shop.send(till.slice(start, sale("2.00")))
    with counted(shop) as costs:
        collect(shop.work, "S01")
    return costs


def _long_ago(number: int) -> FileFact:
    day = date(2020, 1, 1) + timedelta(days=number // 16)
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    held = FileDay(day, receipts=1, gross_minor=1_00, tables=("receipts",), bundle=sha256)
    name = f"S01_{day:%Y%m%d}T{number % 16:02d}00.csv"
    return FileFact("S01", name, sha256, 512, Fate.ACCEPTED, stamp="512:1/512:1/0", receipts=1, days=(held,))


def test_a_visit_costs_the_ledger_no_more_after_years(open_shop: OpenShop) -> None:
    young, old = after(open_shop("S01"), 32), after(open_shop("S01"), 4_000)

    assert old.statements == young.statements
    assert old.steps < 1.2 * young.steps


def test_the_files_of_a_visit_cost_the_ledger_few_statements_more_than_one(open_shop: OpenShop) -> None:
    costs = []
    for files in (1, 12):
        shop, till = open_shop("S01"), Till("S01")
        for hour in range(files):
            shop.send(till.slice(f"{8 + hour:02d}:00", sale("1.00")))
        with counted(shop) as cost:
            collect(shop.work, "S01")
        costs.append(cost.statements)

    assert costs[1] <= costs[0] + 2


def test_a_visit_flushes_each_landed_file_and_a_folder_and_a_piece_a_table_once(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: (flushed.append(str(Path(f"/proc/self/fd/{handle}").readlink())), fsync(handle))
    )
    shop, till = open_shop("S01"), Till("S01")
    for hour in range(12):
        shop.send(till.slice(f"{8 + hour:02d}:00", sale("1.00")))

    collect(shop.work, "S01")

    landing, canonical, journal = (
        [path for path in flushed if f"/{place}/" in path] for place in ("landing", "canonical", "journal")
    )
    assert len(landing) == 12 + 1
    assert len(canonical) == 2 * 3  # receipts, lines and tenders, each with its folder
    assert len(journal) == 1 + 1
    assert len(flushed) == 13 + 6 + 2
