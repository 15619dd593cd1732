"""Which of Sage's tax codes, and which rate, a line was sold at.

A rate goes by the tax point, the local calendar date of the receipt, while nominals go by the trading day: a rate
that changes at midnight counts for the sales after it, though the shop's day runs on. Goods that come back carry the
tax of the day they were sold: where the rate in force doesn't fit a line that gives back, the newest earlier rate of
its class that does is taken. Source: docs/postings.md, "Tax"; retail rules, complaint 4.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.mappings import TaxClass
from storeday.config.settings import CompanySettings, Store
from storeday.model.sums import Ints
from storeday.model.tables import Tables
from storeday.model.tax import UNMAPPED, LineTax, TaxKind, tax_within


def line_tax(tables: Tables, company: CompanySettings, store: Store, day: date) -> LineTax:
    """The tax kind of each line of a store-day."""
    lines = tables.lines
    if not lines.num_rows:
        return LineTax((), np.zeros(0, dtype=np.int64))
    classes = lines.column("tax_class").combine_chunks()
    names, code = classes.dictionary.to_pylist(), pc.fill_null(classes.indices, len(classes.dictionary)).to_numpy()
    dates, date_of_receipt = _calendar_dates(tables.receipts, store.timezone)
    in_force = [company.tax_history(at) for at in dates]
    own = company.tax_history(day)
    kinds = sorted({_kind(name, one, own) for history in in_force for name in names for one in history.get(name, ())})
    place = {kind: number for number, kind in enumerate(kinds)}
    depth = max((len(history.get(name, ())) for history in in_force for name in names), default=0)
    # By date, class and how many rates back: the number of the kind.
    table = np.full((len(dates), len(names) + 1, max(depth, 1)), UNMAPPED, dtype=np.int64)
    for at, history in enumerate(in_force):
        for number, name in enumerate(names):
            for back, one in enumerate(history.get(name, ())):
                table[at, number, back] = place[_kind(name, one, own)]
    of_date = date_of_receipt[lines.column("receipt_row").to_numpy()] if len(dates) > 1 else 0
    now = LineTax(tuple(kinds), table[of_date, code, 0])
    return _of_goods_given_back(lines, now, table, of_date, code, store) if depth > 1 else now


def _of_goods_given_back(lines: pa.Table, now: LineTax, table: Any, of_date: Any, code: Any, store: Store) -> LineTax:
    """Lines below zero at an earlier rate of their class, where only that one gives the tills' tax."""
    gross, tax = lines.column("gross_minor").to_numpy(), lines.column("tax_minor").to_numpy()
    near = max(store.tolerances.tax, 1)
    rates = np.array([*(kind.rate_bp for kind in now.kinds), 0], dtype=np.int64)
    kind = now.kind.copy()
    open_rows = (gross < 0) & (kind != UNMAPPED)
    open_rows &= np.abs(tax - tax_within(gross, rates[kind])) > near
    for back in range(1, table.shape[2]):
        if not open_rows.any():
            break
        earlier = table[of_date, code, back]
        fits = open_rows & (earlier != UNMAPPED) & (np.abs(tax - tax_within(gross, rates[earlier])) <= near)
        kind[fits] = earlier[fits]
        open_rows &= ~fits
    return LineTax(now.kinds, kind)


def _kind(name: str, one: TaxClass, own: dict[str, tuple[TaxClass, ...]]) -> TaxKind:
    days_own = own.get(name, ())[:1]
    return TaxKind(one.code, one.rate_bp, "" if days_own == (one,) else f"at {one.rate.normalize():f}%")


def _calendar_dates(receipts: pa.Table, timezone: str) -> tuple[list[date], Ints]:
    """The local dates of the receipts, and for each receipt which of them it has."""
    local = pc.cast(receipts.column("at"), pa.timestamp("us", tz=timezone))
    found = pc.dictionary_encode(pc.cast(pc.local_timestamp(local), pa.date32())).combine_chunks()
    number: Ints = found.indices.to_numpy().astype(np.int64)
    return found.dictionary.to_pylist(), number
