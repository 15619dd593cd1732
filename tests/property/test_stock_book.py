"""Any days of receipts and counts: the book is what a person with a pencil keeps, and deliveries add up.

50 examples a property on a desk, 200 in CI (the environment variable CI).
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal

import pandas as pd
import pyarrow as pa
import pytest
from figures import DAY, MAPPING, store
from hypothesis import given, settings
from hypothesis import strategies as st
from storeday.config.stock import NotStocked, StockSettings
from storeday.model.stock import BookLine, StockLines, still_to_move, summed, wanted_of
from storeday.model.tables import FILE, RECEIPT_ROW, SCHEMAS, Tables
from storeday.postings.stock import CLOSED, MOVED, book_frame, book_lines, moved_stock, roll_book
from storeday.sage50.uk_stock import StagedStock, stock_csv
from storeday.sage50.uk_stock_rules import stock_problems_in

often = settings(max_examples=200 if os.environ.get("CI") else 50, deadline=None)

FirstCount = Literal["book", "adjust"]
SKUS = ("10001", "10002", "HAM")
DAYS = 3


@dataclass(frozen=True)
class Event:
    """Something that happened to a SKU at one moment: a line of a receipt (negative: brought back) or a count."""

    day: int
    minute: int
    sku: str
    is_count: bool
    milli: int


def events_of(day: int, minute: int, sku: str, is_count: bool, milli: int) -> Event:
    return Event(day, minute, sku, is_count, abs(milli) if is_count else milli)


EVENTS = st.lists(
    st.builds(
        events_of,
        st.integers(0, DAYS - 1),
        st.integers(0, 5),
        st.sampled_from(SKUS),
        st.booleans(),
        st.one_of(st.integers(-5_000, 5_000), st.sampled_from([255, -255, 1_000, 5])),
    ),
    max_size=14,
    unique_by=lambda event: (event.day, event.minute, event.sku, event.is_count),
)
FIRST_COUNTS: st.SearchStrategy[FirstCount] = st.sampled_from(["book", "adjust"])


def moment(event: Event) -> datetime:
    return datetime(2026, 11, 22, 9, tzinfo=UTC) + timedelta(days=event.day, minutes=event.minute)


def trading_day(number: int) -> date:
    return DAY + timedelta(days=number)


def tables_of(events: list[Event], number: int) -> Tables:
    """A store-day as its files tell it: a receipt of one line an event, and the counts."""
    lines = [e for e in events if e.day == number and not e.is_count]
    counts = [e for e in events if e.day == number and e.is_count]

    def table(name: str, rows: list[dict[str, object]], *more: pa.Field) -> pa.Table:
        schema = pa.schema([*SCHEMAS[name], *more])
        return pa.Table.from_pylist([{"trading_day": DAY, **row} for row in rows], schema=schema)

    kind = [{"at": moment(e), "kind": "sale" if e.milli >= 0 else "refund"} for e in lines]
    sold = [
        {"sku": e.sku, "category": "GROCERY", "quantity_milli": e.milli, "receipt_row": n} for n, e in enumerate(lines)
    ]
    counted = [{"at": moment(e), "sku": e.sku, "quantity_milli": e.milli} for e in counts]
    return Tables(
        receipts=table("receipts", kind),
        lines=table("lines", sold, RECEIPT_ROW, FILE),
        tenders=table("tenders", []),
        z=table("z", []),
        ztenders=table("ztenders", []),
        counts=table("counts", counted),
    )


def moved(events: list[Event], number: int) -> pd.DataFrame:
    frame = moved_stock(tables_of(events, number), MAPPING, NotStocked())
    return frame.assign(trading_day=trading_day(number), code=frame["sku"])


def kept(events: list[Event], first_count: FirstCount) -> list[BookLine]:
    """The book of all days, rolled at once."""
    days = pd.concat([moved(events, number) for number in range(DAYS)], ignore_index=True)
    return book_lines(roll_book(book_frame([]), days, first_count))


def wanted(events: list[Event], first_count: FirstCount) -> dict[date, StockLines]:
    book = kept(events, first_count)
    days = (trading_day(number) for number in range(DAYS))
    return {day: wanted_of(line for line in book if line.trading_day == day) for day in days}


def half_up(milli: int) -> int:
    return int((Decimal(milli) / 10).quantize(Decimal(1), ROUND_HALF_UP))


def by_hand(events: list[Event], sku: str) -> tuple[int, dict[int, int]]:
    """A SKU's book kept with a pencil: what it ends at, and the differences that each day's last count finds."""
    book, is_counted, found = 0, False, {}
    for number in range(DAYS):
        of_day = sorted((e for e in events if e.day == number and e.sku == sku), key=lambda e: (e.minute, e.is_count))
        last = max((place for place, event in enumerate(of_day) if event.is_count), default=-1)
        for place, event in enumerate(of_day):
            if not event.is_count:
                book -= event.milli
            elif place == last:
                if is_counted:
                    found[number] = event.milli - book
                book, is_counted = event.milli, True
    return book, found


@often
@given(EVENTS, FIRST_COUNTS)
def test_the_book_is_what_a_person_with_a_pencil_keeps(events: list[Event], first_count: FirstCount) -> None:
    book = kept(events, first_count)

    assert not any(isinstance(field, float) for line in book for field in line)
    for sku in SKUS:
        lines = [line for line in book if line.sku == sku]
        ends_at, found = by_hand(events, sku)
        differences = {
            (line.trading_day - DAY).days: (line.counted_milli or 0) - line.expected_milli
            for line in lines
            if line.expected_milli is not None
        }
        assert (lines[-1].book_milli if lines else 0) == ends_at
        assert differences == found


@often
@given(EVENTS, FIRST_COUNTS)
def test_after_a_count_sage_has_what_the_book_has_to_the_hundredth(
    events: list[Event], first_count: FirstCount
) -> None:
    book = kept(events, first_count)

    in_sage: Counter[str] = Counter()
    for day, lines in wanted(events, first_count).items():
        for key, hundredths in lines.items():
            in_sage[key.code] += hundredths
        for line in book:
            if line.trading_day != day or line.counted_milli is None:
                continue
            if first_count == "adjust":
                assert in_sage[line.sku] == half_up(line.book_milli)
            assert line.book_hundredths == half_up(line.book_milli)


@often
@given(EVENTS, FIRST_COUNTS)
def test_day_by_day_the_book_comes_to_the_same_as_all_at_once(events: list[Event], first_count: FirstCount) -> None:
    all_at_once = kept(events, first_count)

    day_by_day: list[BookLine] = []
    for number in range(DAYS):
        newest = book_frame(day_by_day).drop_duplicates("sku", keep="last")[list(CLOSED)]
        day_by_day += book_lines(roll_book(newest, moved(events, number), first_count))

    assert day_by_day == all_at_once


@often
@given(EVENTS, FIRST_COUNTS, st.lists(st.integers(0, 14), max_size=4), st.randoms(use_true_random=False))
def test_deliveries_add_up_to_what_is_wanted_last_and_back_to_nothing(
    events: list[Event], first_count: FirstCount, arrivals: list[int], chance: Random
) -> None:
    came = sorted(events, key=lambda _: chance.random())
    delivered: dict[date, StockLines] = {trading_day(number): {} for number in range(DAYS)}

    for known in [*arrivals, len(came)]:
        for day, lines in wanted(came[:known], first_count).items():
            staged = still_to_move(lines, delivered[day])
            delivered[day] = summed([*delivered[day].items(), *staged.items()])

    again = {day: still_to_move(lines, delivered[day]) for day, lines in wanted(events, first_count).items()}
    assert delivered == wanted(events, first_count)
    assert not any(again.values())
    assert all(summed([*lines.items(), *still_to_move({}, lines).items()]) == {} for lines in delivered.values())


@often
@given(EVENTS, FIRST_COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_never_changes_a_byte(
    events: list[Event], first_count: FirstCount, chance: Random
) -> None:
    shuffled = sorted(events, key=lambda _: chance.random())

    files = [written(wanted(each, first_count)) for each in (events, shuffled)]

    assert files[0] == files[1]


@often
@given(EVENTS, FIRST_COUNTS)
def test_what_is_written_is_what_sage_takes_and_moves_stock_as_wanted(
    events: list[Event], first_count: FirstCount
) -> None:
    for day, lines in wanted(events, first_count).items():
        if not lines:
            continue
        staged = stock_of(day, lines)
        content = stock_csv(staged.rows, "0123456789ab")

        moves: Counter[str] = Counter()
        for row in staged.rows:
            moves[row.code] += row.quantity_hundredths * (1 if row.type in {"AI", "GI"} else -1)

        assert stock_problems_in(content, "0123456789ab", frozenset({day})) == []
        assert {code: n for code, n in moves.items() if n} == {
            code: total for code in moves if (total := sum(n for key, n in lines.items() if key.code == code))
        }


def stock_of(day: date, lines: StockLines) -> StagedStock:
    stock = StockSettings.model_validate({"first_day": "2026-11-22", "codes": "shared"})
    return StagedStock(stock, store(), day, day, revision=1, lines=lines)


def written(days: dict[date, StockLines]) -> list[bytes]:
    return [stock_csv(stock_of(day, lines).rows, "0123456789ab") for day, lines in days.items()]


@pytest.mark.parametrize("category", ["GIFTCARD", "TICKETS"])
def test_what_is_no_goods_moves_no_stock(category: str) -> None:
    tables = tables_of([Event(0, 0, "10001", False, 1_000)], 0)
    place = tables.lines.schema.get_field_index("category")
    gift_card = pa.array([category]).dictionary_encode()
    lines = tables.lines.set_column(place, "category", gift_card)

    frame = moved_stock(replace(tables, lines=lines), MAPPING, NotStocked(categories=("TICKETS",)))

    assert list(frame.columns) == list(MOVED)
    assert frame.empty
