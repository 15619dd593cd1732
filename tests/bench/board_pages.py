"""How long the board's pages take from a full ledger: 35 trading days of many stores, some held, missing or corrected.

    PYTHONPATH=tests python tests/bench/board_pages.py --stores 1000 --in DIR

The ledger is filled first and found again by a second call. Timed is all that the web server does but the network and
Airflow's own check of the login: the settings are looked at, the ledger is asked, the page is written.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from boards import NoAirflow, as_person, who
from fastapi.testclient import TestClient
from shops import place, settle
from sqlalchemy import insert
from storeday.board.app import create_app
from storeday.board.doors import Doors
from storeday.board.installation import Installation
from storeday.ledger.ledger import Ledger
from storeday.ledger.schema import BatchDayRow, BatchRow, EventRow, StoreDayRow

LAST = date(2026, 11, 22)
DAYS = 35
AT = datetime(2026, 11, 23, 6, 0)
SUMMARY = json.dumps({"warnings": [], "tenders": {}, "said": "x" * 3_300})
"""As long as the sample's store-days' figures are."""


def main() -> None:
    """Fill the ledger where that was not done, then ask for each page by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=1000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    said = parser.parse_args()
    for row in measure(said.folder, said.stores, said.times):
        print(
            "{stores:>5} stores  p50 {clock_ms:6.1f} ms  max {most_ms:6.1f} ms  of the processor p50 {cpu_ms:6.1f} ms  "
            "{page}".format(**row)
        )


def measure(folder: Path, stores: int, times: int) -> Iterator[dict[str, Any]]:
    """A row a page: milliseconds by the clock (median and longest) and of processor time (median)."""
    client = board_over(folder, stores)
    client.get("/")  # settings and modules are read once
    client.get(f"/day/S0000/{LAST}")
    for path in pages(stores):
        took, worked = zip(*(timed(client, path) for _ in range(times)), strict=True)
        figures = {"clock_ms": statistics.median(took), "most_ms": max(took), "cpu_ms": statistics.median(worked)}
        yield {"stores": stores, "page": path, **{name: round(value, 1) for name, value in figures.items()}}


def board_over(folder: Path, stores: int) -> TestClient:
    """A browser over the board of an installation with so many stores; laid out where it is not there yet."""
    if not (folder / "config").exists():
        codes = {f"S{number:04}": f"department: {number % 1000}" for number in range(stores)}
        settle(folder, codes)
    where = place(folder)
    ledger = Ledger(where.ledger_url)
    if not ledger.store_days(LAST, LAST):
        fill(ledger, stores)
    ledger.close()
    return as_person(create_app(Doors(who, "a secret", NoAirflow(), Installation(where))), "keeper")


def pages(stores: int) -> Iterator[str]:
    """The addresses that are timed."""
    yield from ("/", "/?state=held", "/?state=expected", "/?store=S00", f"/?to={LAST - timedelta(days=7)}")
    if stores > 50:
        yield f"/?page={stores // 50}"
    yield f"/day/S0000/{LAST}"


def timed(client: TestClient, path: str) -> tuple[float, float]:
    """Milliseconds of one page, by the wall and of the processor. Raises: AssertionError where it is no page."""
    began, worked = time.perf_counter(), time.process_time()
    answer = client.get(path)
    took = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
    assert answer.status_code == 200, answer.text
    return took


def fill(ledger: Ledger, stores: int) -> None:
    """Every store-day of the range but one in 97, one in 89 held, one in 83 delivered twice."""
    days = [LAST - timedelta(days=n) for n in reversed(range(DAYS))]
    store_days, events, batch_days = [], [], []
    for store in range(stores):
        for number, day in enumerate(days):
            mark = store * DAYS + number
            if mark % 97 == 0 and day != LAST:
                continue
            key = {"store": f"S{store:04}", "trading_day": day}
            state = "held" if mark % 89 == 0 else "delivered"
            store_days.append(_store_day(key, state, mark))
            events += [{**key, "at": AT, "was": "received", "now": state, "why": "as ever", "by": "bench"}]
            if mark % 83 == 0:
                batch_days.append({**key, "batch_id": f"b{number}", "revision": 2, "receipt_log": ""})
    batches = [_batch(number, day) for number, day in enumerate(days)]
    with ledger.engine.begin() as connection:
        for table, rows in (
            (StoreDayRow, store_days),
            (EventRow, events),
            (BatchRow, batches),
            (BatchDayRow, batch_days),
        ):
            if rows:
                connection.execute(insert(table), rows)


def _store_day(key: dict[str, Any], state: str, mark: int) -> dict[str, Any]:
    sums = {"receipts": 200 + mark % 50, "gross_minor": 500_000 + mark * 37 % 300_000, "tax_minor": 0}
    return {**key, "company": "corner-shops", "state": state, "summary": SUMMARY, "at": AT, **sums}


def _batch(number: int, day: date) -> dict[str, Any]:
    said = {"id": f"b{number}", "company": "corner-shops", "trading_day": day, "kind": "takings", "state": "delivered"}
    return {**said, "digest": "", "rows": 0, "gross_minor": 0, "at": AT}


if __name__ == "__main__":
    main()
