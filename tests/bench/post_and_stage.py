"""How long posting and staging one day of a chain takes in one process, and how much memory.

    python tests/bench/post_and_stage.py --stores 1000 --receipts 2000 --in DIR

Files are written and collected first, and the store-days taken as checked: neither is timed. A second call on the same
folder finds them and stages anew.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from chains import COMPANY, installation, lay_out
from measuring import peak_mb
from storeday.model.money import money
from storeday.model.store_day import State
from storeday.stages.batches import stage
from storeday.stages.close import post
from storeday.stages.collect import collect
from storeday.stages.open_day import OpenDay
from storeday.stages.workplace import Workplace

DAY = date(2026, 11, 22)


def main() -> None:
    """Lay out, collect, take as checked; then post and stage by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=1000)
    parser.add_argument("--receipts", type=int, default=2000)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    said = parser.parse_args()
    order = lay_out(said.folder, stores=said.stores, receipts=said.receipts, day=DAY)
    with installation(said.folder) as work:
        for number, code in enumerate(order.store_codes, start=1):
            if work.ledger.store_day(code, DAY) is None:
                collect(work, code)
            _take_as_checked(work, code)
            _progress("collected", number, len(order.store_codes))
    with installation(said.folder) as work:
        began = time.perf_counter()
        posted = [post(work, code, DAY) for code in order.store_codes]
        between = time.perf_counter()
        staged = stage(work, COMPANY, DAY)
        ended = time.perf_counter()
    receipts, gross = sum(p.receipts for p in posted), sum(p.gross_minor for p in posted)
    peak = peak_mb()
    print(f"{len(posted):,} stores, {receipts:,} receipts, takings {money(gross)}; {staged}")
    print(f"post {between - began:.1f} s, stage {ended - between:.1f} s, peak memory {peak:,.0f} MB")


def _take_as_checked(work: Workplace, code: str) -> None:
    opened = OpenDay.of(work, code, DAY)
    work.ledger.record_verdict(opened.fact(State.RECEIVED, None, {}), [], {}, "taken as checked", work.by)


def _progress(what: str, done: int, of: int) -> None:
    if done % 50 == 0 or done == of:
        print(f"{what} {done:,} of {of:,}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
