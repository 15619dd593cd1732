"""A store's stock: what its receipts moved, what was counted, and the book that follows from both.

The book of a SKU is its last count and what moved since, in the order of time. Quantities are
thousandths; what goes to Sage is hundredths. Source: docs/stock.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.mappings import VOUCHER, Mapping
from storeday.config.stock import NotStocked
from storeday.model.derivation import Change, Derivation, Derived
from storeday.model.stock import BookLine
from storeday.model.sums import round_half_up, sum_by
from storeday.model.tables import REFUND, SALE, Tables

MOVED: Final = ("sku", "sold_milli", "returned_milli", "before_milli", "counted_milli")
"""Columns of a day's movements; counted_milli is missing where nothing was counted."""
CLOSED: Final = ("sku", "book_milli", "book_hundredths", "is_counted")
"""Columns of a book as it stands."""

_MOVES = ("lines.quantity_milli", "counts.quantity_milli")

BOOK_FROM: Final = Derivation(
    (
        Derived("trading_day", ("receipts.trading_day", "counts.trading_day"), "as it is", Change.SAME),
        Derived("sku", ("lines.sku", "counts.sku"), "as it is", Change.SAME),
        Derived("code", ("lines.sku", "counts.sku"), "the SKU, or store-SKU, as the company's settings say"),
        Derived("sold_milli", ("lines.quantity_milli",), "of lines above nothing", Change.SUMMED),
        Derived("returned_milli", ("lines.quantity_milli",), "of lines below nothing", Change.SUMMED),
        Derived("before_milli", ("lines.quantity_milli",), "of lines before the count", Change.SUMMED),
        Derived("counted_milli", ("counts.quantity_milli",), "the day's last count"),
        Derived("expected_milli", _MOVES, "the book when it was counted", Change.SUMMED),
        Derived("adjusted_hundredths", _MOVES, "what the count asks Sage to change", Change.SUMMED),
        Derived("book_milli", _MOVES, "the last count and what moved since", Change.SUMMED),
        Derived("book_hundredths", _MOVES, "the same in Sage, where every line is rounded", Change.SUMMED),
        Derived("is_counted", ("counts.sku",), "whether a count stands behind the book"),
    ),
    steered_by=(
        *("receipts.kind", "receipts.at", "receipts.till", "receipts.receipt", "lines.till", "lines.receipt"),
        *("lines.sku", "lines.category", "counts.sku", "counts.at"),
    ),
)
"""Where a day's book comes from: canonical tables of this day and of days before, by the column."""


def moved_stock(tables: Tables, mapping: Mapping, not_stocked: NotStocked) -> pd.DataFrame:
    """What moved and was counted on a store-day, a row a SKU, in order of SKU (columns MOVED).

    A line of positive quantity is sold, one of negative quantity returned. The last count of the day counts
    (of two at one moment the larger); a receipt of the same moment comes before it. Lines that
    sell no goods (gift cards, money moved, accounts paid off, discounts), what is not stocked, and lines
    without a SKU or a quantity are left out.
    """
    lines = _stock_lines(tables, mapping, not_stocked)
    counts = _last_counts(tables.counts, not_stocked)
    skus = sorted({*lines["sku"], *counts["sku"]})
    place = {sku: number for number, sku in enumerate(skus)}
    row, quantity = lines["sku"].map(place).to_numpy(np.int64), lines["quantity_milli"].to_numpy(np.int64)
    counted = counts.set_index("sku").reindex(skus)
    counted_at = counted["at"].to_numpy()[row]
    is_before = lines["at"].to_numpy() <= counted_at  # never of a SKU that was not counted
    return pd.DataFrame(
        {
            "sku": pd.Series(skus, dtype=object),
            "sold_milli": sum_by(row, np.maximum(quantity, 0), len(skus)),
            "returned_milli": sum_by(row, np.maximum(-quantity, 0), len(skus)),
            "before_milli": sum_by(row, np.where(is_before, -quantity, 0), len(skus)),
            "counted_milli": counted["quantity_milli"].array,
        }
    )


def roll_book(opening: pd.DataFrame, days: pd.DataFrame, first_count: Literal["book", "adjust"]) -> pd.DataFrame:
    """The book of one store at the end of each day, and what each count asks Sage to change.

    ``opening`` is the book before the first of the days (columns CLOSED; a SKU that is not in it starts at
    nothing), ``days`` a row a trading day and SKU (trading_day and MOVED). Returns the days in order of SKU and
    day with expected_milli, adjusted_hundredths and the columns of CLOSED.

    After a day with a count Sage has what the count and the movements after it come to: the adjustment also
    takes up what rounding had left.
    """
    days = days.sort_values(["sku", "trading_day"], ignore_index=True)
    before = days[["sku"]].merge(opening[list(CLOSED)], on="sku", how="left")
    opens, opens_hundredths = _filled(before["book_milli"]), _filled(before["book_hundredths"])
    is_count = days["counted_milli"].notna().to_numpy()
    counted, moved_before = _filled(days["counted_milli"]), days["before_milli"].to_numpy(np.int64)
    sold, returned = days["sold_milli"].to_numpy(np.int64), days["returned_milli"].to_numpy(np.int64)
    moved, moved_hundredths = returned - sold, round_half_up(returned, 10) - round_half_up(sold, 10)
    closing = counted + moved - moved_before
    by_sku = days["sku"]
    counts = pd.Series(is_count.astype(np.int64)).groupby(by_sku).cumsum()
    book = _running(by_sku, counts, np.where(is_count, closing, moved), opens)
    in_sage = _running(
        by_sku, counts, np.where(is_count, round_half_up(closing, 10), moved_hundredths), opens_hundredths
    )
    was_counted = before["is_counted"].eq(True).to_numpy() | ((counts - is_count) > 0).to_numpy()
    is_first = ~by_sku.duplicated().to_numpy()
    prior = np.where(is_first, opens, np.roll(book, 1))
    prior_in_sage = np.where(is_first, opens_hundredths, np.roll(in_sage, 1))
    adjusts = is_count & (was_counted | (first_count == "adjust"))
    expected = pd.Series(prior + moved_before, dtype="Int64")
    return days.assign(
        expected_milli=expected.where(is_count & was_counted),
        adjusted_hundredths=np.where(adjusts, in_sage - prior_in_sage - moved_hundredths, 0),
        book_milli=book,
        book_hundredths=in_sage,
        is_counted=was_counted | is_count,
    )


def book_frame(book: Iterable[BookLine]) -> pd.DataFrame:
    """Lines of the book as a table with a column a field."""
    frame = pd.DataFrame(list(book), columns=list(BookLine._fields))
    return frame.astype({"counted_milli": "Int64", "expected_milli": "Int64"})


def book_lines(book: pd.DataFrame) -> list[BookLine]:
    """A table of the book (with the column code) as lines, in order of day and SKU."""
    ordered = book.sort_values(["trading_day", "sku"])
    columns = [ordered[name].astype(object) for name in BookLine._fields]
    plain = [column.where(column.notna(), None).tolist() for column in columns]
    return [BookLine(*row) for row in zip(*plain, strict=True)]


def _running(sku: pd.Series, counts: pd.Series, change: Any, opening: Any) -> Any:
    """Running sums that a count begins anew; before a SKU's first count they begin with its opening."""
    sums = pd.Series(change).groupby([sku, counts]).cumsum().to_numpy(np.int64)
    return sums + np.where(counts.to_numpy() == 0, opening, 0)


def _stock_lines(tables: Tables, mapping: Mapping, not_stocked: NotStocked) -> pd.DataFrame:
    """sku, at and quantity_milli of the lines that move stock."""
    lines, receipts = tables.lines, tables.receipts
    kind = receipts.column("kind").cast(pa.string())
    has_goods = pc.is_in(kind, pa.array([SALE, REFUND])).take(lines.column("receipt_row"))
    wanted = pc.and_(has_goods, pc.and_(lines.column("sku").is_valid(), lines.column("quantity_milli").is_valid()))
    kept = lines.select(["sku", "category", "quantity_milli", "receipt_row"]).filter(wanted)
    frame = pd.DataFrame(
        {
            "sku": kept.column("sku").cast(pa.string()).to_numpy(zero_copy_only=False),
            "category": kept.column("category").cast(pa.string()).to_numpy(zero_copy_only=False),
            "at": _moments(receipts.column("at").take(kept.column("receipt_row"))),
            "quantity_milli": kept.column("quantity_milli").to_numpy(),
        }
    )
    by_sku = frame["sku"].map(mapping.skus)
    target = by_sku.where(by_sku.notna(), frame["category"].map(mapping.categories))
    left_out = target.eq(VOUCHER) | frame["category"].isin(not_stocked.categories) | frame["sku"].isin(not_stocked.skus)
    return frame[~left_out & (frame["quantity_milli"] != 0)]


def _last_counts(counts: pa.Table, not_stocked: NotStocked) -> pd.DataFrame:
    """sku, at and quantity_milli of each SKU's last count."""
    frame = pd.DataFrame(
        {
            "sku": counts.column("sku").cast(pa.string()).to_numpy(zero_copy_only=False),
            "at": _moments(counts.column("at")),
            "quantity_milli": pd.array(counts.column("quantity_milli").to_numpy(), dtype="Int64"),
        }
    )
    stocked = frame[~frame["sku"].isin(not_stocked.skus)]
    return stocked.sort_values(["sku", "at", "quantity_milli"]).drop_duplicates("sku", keep="last")


def _moments(column: Any) -> Any:
    return column.cast(pa.timestamp("us")).to_numpy().astype("datetime64[us]")


def _filled(column: pd.Series) -> Any:
    return column.fillna(0).to_numpy(np.int64)
