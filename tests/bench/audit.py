"""How long a month's audit takes, and what memory, from a full ledger: 31 trading days of many stores.

    PYTHONPATH=tests python tests/bench/audit.py --stores 1000 --in DIR

Each store-day has figures as long as the sample's, eight posting lines and a batch; one in 97 is missing, one in 89
held, one in 83 corrected, one in 71 decided about. The ledger is filled first, and found again by a second call.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from measuring import peak_mb
from shops import place, settle
from sqlalchemy import insert
from storeday.ledger.ledger import Ledger
from storeday.ledger.schema import BatchDayRow, BatchRow, DecisionRow, StagedRow, StoreDayRow
from storeday.stages.audit import audit_month
from storeday.stages.workplace import Workplace

FIRST = date(2026, 10, 1)
DAYS = 31
AT = datetime(2026, 11, 1, 6, 0)
COMPANY = "corner-shops"
SALES = (("4000", "T1", 3_000_00, 600_00), ("4001", "T0", 1_000_00, 0), ("4002", "T5", 200_00, 10_00))
LEGS = (("deposit", "1230"), ("deposit", "1250"), ("over_short", "8206"), ("rounding", "8207"), ("voucher", "2150"))


def main() -> None:
    """Fill the ledger where that was not done, then write the audit by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=1000)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    said = parser.parse_args()
    if not (said.folder / "config").exists():
        settle(said.folder, {f"S{number:04}": f"department: {number % 1000}" for number in range(said.stores)})
    where = place(said.folder)
    ledger = Ledger(where.ledger_url)
    if not ledger.store_days(FIRST, FIRST):
        fill(ledger, said.stores)
    ledger.close()
    with Workplace.open("bench", where) as work:
        before = peak_mb()
        for run in ("first", "again"):
            began, worked = time.perf_counter(), time.process_time()
            audited = audit_month(work, COMPANY, FIRST)
            took, processor = time.perf_counter() - began, time.process_time() - worked
            print(f"{run}: {took:.1f} s by the clock, {processor:.1f} s of the processor, is_new {audited.is_new}")
        peak = peak_mb()
    sizes = {name: (Path(audited.folder) / name).stat().st_size for name in ("index.html", "audit.pdf")}
    print(f"memory: {before:.0f} MB with the settings read, {peak:.0f} MB at most; bytes: {sizes}")
    print(audited)


def fill(ledger: Ledger, stores: int) -> None:
    """The month, a day at a time."""
    for number in range(DAYS):
        day, batch = FIRST + timedelta(days=number), f"b{number}"
        marks = [(f"S{store:04}", store * DAYS + number) for store in range(stores)]
        came = [(store, mark) for store, mark in marks if mark % 97 or number == DAYS - 1]
        done = [(store, mark) for store, mark in came if mark % 89]
        rows: list[tuple[Any, list[dict[str, Any]]]] = [
            (StoreDayRow, [_store_day(store, day, mark) for store, mark in came]),
            (BatchRow, [_batch(batch, day), _batch(f"{batch}-2", day)]),
            (BatchDayRow, [_batch_day(batch, store, day, 1) for store, _ in done]),
            (BatchDayRow, [_batch_day(f"{batch}-2", store, day, 2) for store, mark in done if mark % 83 == 0]),
            (StagedRow, [line for store, _ in done for line in _lines(batch, store, day)]),
            (DecisionRow, [_decision(store, day) for store, mark in done if mark % 71 == 0]),
        ]
        with ledger.engine.begin() as connection:
            for table, values in rows:
                if values:
                    connection.execute(insert(table), values)


def _store_day(store: str, day: date, mark: int) -> dict[str, Any]:
    net, tax = sum(line[2] for line in SALES), sum(line[3] for line in SALES)
    over = [{"till": f"{till:02}", "tender": "CASH", "amount": f"{(mark * till) % 7 - 3}.00"} for till in (1, 2, 3)]
    said = {
        "net": f"{net // 100}.00",
        "tax": f"{tax // 100}.00",
        "tax_codes": {code: {"net": f"{n // 100}.00", "tax": f"{t // 100}.00"} for _, code, n, t in SALES},
        "rounding": "0.00",
        "rounded": {"receipts": 0},
        "tax_differences": {"found": 0, "sum": "0.00"},
        "over_short_by_till": over,
        "said": "x" * 2_800,
    }
    return {
        "store": store,
        "trading_day": day,
        "company": COMPANY,
        "state": "delivered" if mark % 89 else "held",
        "summary": json.dumps(said),
        "receipts": 200 + mark % 50,
        "gross_minor": net + tax,
        "tax_minor": tax,
        "at": AT,
    }


def _batch(batch: str, day: date) -> dict[str, Any]:
    said = {"id": batch, "company": COMPANY, "trading_day": day, "kind": "takings", "state": "delivered"}
    return {**said, "environment": "sandbox", "digest": "a" * 64, "rows": 8_000, "gross_minor": 4_810_000_00, "at": AT}


def _batch_day(batch: str, store: str, day: date, revision: int) -> dict[str, Any]:
    return {"batch_id": batch, "store": store, "trading_day": day, "revision": revision, "receipt_log": ""}


def _lines(batch: str, store: str, day: date) -> list[dict[str, Any]]:
    key = {"batch_id": batch, "store": store, "trading_day": day, "department": 1, "account": "", "detail": ""}
    sales = [
        {**key, "role": "sales", "nominal": nominal, "tax_code": code, "net_minor": net, "tax_minor": tax}
        for nominal, code, net, tax in SALES
    ]
    legs = [
        {**key, "role": role, "nominal": nominal, "tax_code": "T9", "net_minor": 100, "tax_minor": 0}
        for role, nominal in LEGS
    ]
    return [*sales, *legs]


def _decision(store: str, day: date) -> dict[str, Any]:
    about = json.dumps(["01 receipt 000002-000004"])
    said = {"kind": "accept_gap", "check": "receipt numbers are missing", "about": about, "why": "the disk died"}
    return {**said, "at": AT, "store": store, "trading_day": day, "by": "Ann Smith", "withdrawn": ""}


if __name__ == "__main__":
    main()
