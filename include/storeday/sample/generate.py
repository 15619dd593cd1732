"""Write a sample: the files of every store-day ordered, and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from storeday.model.money import money
from storeday.sample.closes import full_shelves, shelves_after
from storeday.sample.files import write_files
from storeday.sample.order import SampleOrder
from storeday.sample.trading import Trade, draw_fault, store_days, trade
from storeday.sample.truth import CURRENCY, totals, write_truth


def write_sample(order: SampleOrder, *, progress: Callable[[str], None] | None = None) -> Path:
    """Write ``{out}/{store}/{store}_{YYYYMMDD}T{HHMM}.csv`` with markers, and ``{out}/truth.json``.

    The same order writes the same bytes. Files of the same name are overwritten, others left alone.
    ``progress`` is told one line a store. Returns the path of ``truth.json``.
    Raises: ValueError where a store-day to break has no receipt that could be.
    """
    stores: dict[str, dict[str, Any]] = {}
    for store, code in enumerate(order.store_codes):
        days, shelves = {}, full_shelves(order, store)
        for store_day in store_days(order, store, code):
            traded = trade(store_day, shelves)
            days[store_day.day.isoformat()] = _write_store_day(traded)
            shelves = shelves_after(traded.lines, traded.stock, shelves)
        stores[code] = days
        if progress:
            receipts = sum(day["receipts"] for day in days.values())
            gross = money(sum(day["gross_minor"] for day in days.values()))
            progress(f"{code}: {len(days)} trading days, {receipts:,} receipts, {gross} {CURRENCY}")
    path = order.out / "truth.json"
    write_truth(path, stores)
    return path


def _write_store_day(traded: Trade) -> dict[str, Any]:
    """Write one store-day's files; returns its totals, taken before the files are laid out."""
    store_day, order = traded.store_day, traded.store_day.order
    fault = draw_fault(traded) if (store_day.code, store_day.day) in order.broken else None
    truth = totals(traded, fault)
    write_files(fault.spoil(traded) if fault else traded, order.out / store_day.code)
    return truth
