"""How long reconciling a year of five stores takes in one process, and how much memory: read, compared, written down.

    python tests/bench/reconcile_year.py --days 365 --in DIR

The outbox, the ledger and a Sage with everything in it, and as many rows of others again, are made first and not timed.
Then it is reconciled over the tables of Sage's ODBC driver, once clean and once with a fault a month.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from measuring import peak_mb
from sqlalchemy import URL, insert
from storeday.config.environment import Environment
from storeday.ledger.rows import moment
from storeday.ledger.schema import BatchDayRow, BatchRow, StoreDayRow
from storeday.model.money import plain
from storeday.sage50.readback.odbc import read_odbc
from storeday.sage50.rows import HEADER
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.batch_files import rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.entries import write_entries
from storeday.sage50.sandbox.masters import masters_from, read_masters
from storeday.sage50.sandbox.stock import import_stock
from storeday.sage50.sandbox.trail_rows import ImportRules, TrailRow
from storeday.sage50.sandbox.transactions import import_transactions
from storeday.sage50.uk_stock import STOCK_HEADER
from storeday.sources.odbc import engine_of
from storeday.stages.reconcile import reconcile
from storeday.stages.workplace import Workplace

PROJECT = Path(__file__).parents[2]
COMPANY, FIRST = "northern-larder", date(2026, 1, 1)
SALES = [(nominal, code) for nominal in ("4000", "4001", "4002", "4003") for code in ("T0", "T1", "T5")]


def main() -> None:
    """Make a year, then reconcile it in a process of its own, so that the peak of memory is that of reconciling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    parser.add_argument("--made", action="store_true", help="it is made: only reconcile")
    said = parser.parse_args()
    if said.made:
        _measure(said.folder, said.days)
        return
    with _open(said.folder) as work:
        sage = _make(work, said.folder, said.days)
    again = [sys.executable, __file__, "--days", str(said.days), "--in", str(said.folder), "--made"]
    subprocess.run(again, check=True)
    for number in range(0, said.days, 30):
        found = by_hand.transactions(sage, f"S01-{FIRST + timedelta(days=number):%y%m%d}")
        by_hand.delete_transaction(sage, found[0].number)
    subprocess.run(again, check=True)


def _measure(folder: Path, days: int) -> None:
    with _open(folder) as work:
        began = time.perf_counter()
        with engine_of(URL.create("sqlite", database=str(folder / "sage.sqlite"))).connect() as connection:
            trail = read_odbc("Sage", connection, FIRST)
        read = time.perf_counter()
        found = reconcile(work, COMPANY, FIRST, FIRST + timedelta(days=days - 1), trail)
        ended = time.perf_counter()
    peak = peak_mb()
    print(found)
    print(f"read {read - began:.1f} s, compare and write {ended - read:.1f} s, peak memory {peak:,.0f} MB", flush=True)


def _open(folder: Path) -> Any:
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    expectations = PROJECT / "include" / "expectations"
    where = Environment(PROJECT / "include" / "config", str(home), f"sqlite:///{home / 'ledger.sqlite'}", expectations)
    return Workplace.open("bench", where)


def _make(work: Workplace, folder: Path, days: int) -> Sandbox:
    company = work.settings.company(COMPANY)
    stores = [store.code for store in company.stores]
    sage = Sandbox.at(folder / "sage.sqlite")
    sage.add_masters(masters_from(company))
    rules = rules_of(company.company)
    for number in range(days):
        day = FIRST + timedelta(days=number)
        rows, said = _takings(stores, day)
        _deliver(work, day, "takings", stores, {"store_days": said}, "transactions.csv", rows, HEADER)
        stock = _stock(stores, day, list(company.skus or ())[:60])
        _deliver(work, day, "stock", stores, {"store_days": []}, "stock.csv", stock, list(STOCK_HEADER))
        for kind, name in (("takings", "transactions.csv"), ("stock", "stock.csv")):
            content = Path(work.places.delivered(COMPANY, day, _batch(kind, day)), name).read_bytes()
            is_stock = kind == "stock"
            taken = import_stock(sage, content, rules.facts) if is_stock else import_transactions(sage, content, rules)
            assert not taken.refused, taken.refused[:3]
        with sage.writing() as connection:
            write_entries(connection, list(_others(day, len(rows))), read_masters(connection), ImportRules())
        if number % 30 == 0:
            print(f"made {number + 1:,} of {days:,} days", file=sys.stderr, flush=True)
    return sage


def _takings(stores: list[str], day: date) -> tuple[list[list[str]], list[dict[str, Any]]]:
    """The rows of a day's batch and what its manifest says of its store-days."""
    rows, said = [], []
    for department, store in enumerate(stores, start=1):
        reference, words = f"{store}-{day:%y%m%d}", f"Takings {store}"
        net = tax = gross = 0
        for number, (nominal, code) in enumerate(SALES):
            amount = 10_000 + day.toordinal() % 977 + 131 * number + 17 * department
            vat = amount * {"T0": 0, "T1": 20, "T5": 5}[code] // 100
            rows.append(_row("BR", "1235", nominal, department, day, reference, words, amount, code, vat))
            net, tax, gross = net + amount, tax + vat, gross + amount + vat
        for nominal, part in (("1230", gross // 3), ("1250", gross // 3), ("1251", gross - 2 * (gross // 3))):
            rows.append(_row("JD", "", nominal, department, day, f"{reference}-T", words, part, "T9", 0))
        rows.append(_row("JC", "", "1235", department, day, f"{reference}-T", words, gross, "T9", 0))
        boxes = {"1": plain(tax), "4": "0.00", "6": plain(net), "7": "0.00"}
        known = {"store": store, "reference": reference, "posted_on": day.isoformat(), "vat_boxes": boxes}
        said.append({**known, "staged_gross": plain(gross)})
    return rows, said


def _row(
    kind: str,
    account: str,
    nominal: str,
    department: int,
    day: date,
    reference: str,
    words: str,
    net: int,
    code: str,
    tax: int,
) -> list[str]:
    parts = [kind, account, nominal, str(department), f"{day:%d/%m/%Y}", reference, words, plain(net), code, plain(tax)]
    return [*parts, "1", _batch("takings", day), "STOREDAY", "", ""]


def _stock(stores: list[str], day: date, codes: list[str]) -> list[list[str]]:
    on, reference = f"{day:%d/%m/%Y}", _batch("stock", day)[:8]
    return [
        ["GO", code, on, reference, f"Sold {store} {on} Shop", plain(100 + number), "", ""]
        for store in stores
        for number, code in enumerate(codes)
    ]


def _others(day: date, many: int) -> Iterator[TrailRow]:
    """What others book on the same day: payments out of the bank."""
    for number in range(many):
        yield TrailRow(
            0, "BP", "1230", "4006", 0, day, f"INV{number}", "Stationery", 1_000 + number, "T1", 200, "", "MANAGER"
        )


def _batch(kind: str, day: date) -> str:
    return hashlib.sha256(f"{kind} {day}".encode()).hexdigest()[:12]


def _deliver(
    work: Workplace,
    day: date,
    kind: str,
    stores: list[str],
    said: dict[str, Any],
    name: str,
    rows: list[list[str]],
    header: list[str],
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
    content = text.getvalue().encode()
    batch = _batch(kind, day)
    files = {name: {"order": 1, "sha256": hashlib.sha256(content).hexdigest()}}
    manifest = json.dumps({**said, "batch": batch, "files": files}).encode()
    folder = Path(work.places.delivered(COMPANY, day, batch))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / "manifest.json").write_bytes(manifest)
    digest = hashlib.sha256(manifest).hexdigest()
    facts = {"company": COMPANY, "trading_day": day, "state": "delivered", "rows": len(rows), "at": moment()}
    with work.ledger.engine.begin() as connection:
        connection.execute(insert(BatchRow).values(id=batch, kind=kind, digest=digest, gross_minor=0, **facts))
        parts = [{"batch_id": batch, "store": store, "trading_day": day, "revision": 1} for store in stores]
        connection.execute(insert(BatchDayRow), [{**part, "receipt_log": ""} for part in parts])
        if kind == "takings":
            days = [{"store": store, "trading_day": day, "company": COMPANY, "state": "delivered"} for store in stores]
            blank = {"basis": "", "summary": "{}", "receipt_log": "", "receipts": 200, "gross_minor": 0, "tax_minor": 0}
            connection.execute(insert(StoreDayRow), [{**each, **blank, "at": moment()} for each in days])


if __name__ == "__main__":
    main()
