"""The storeday-csv feed: whatever a CSV writer wrote is read back as it was, and nothing else is read at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pytest
from bad_files import ASK
from hypothesis import example, given, settings
from hypothesis import strategies as st
from storeday.feeds import csv_cells, storeday_csv
from storeday.feeds.base import ReadFile, ReadingRules
from storeday.feeds.columns import TextRows, amounts, counts, quantities
from storeday.feeds.csv_bytes import contract_rows
from storeday.feeds.csv_cells import Positions
from storeday.feeds.storeday_csv import StoredayCsv
from storeday.model.errors import FileRejected
from tills import COLUMNS, LONDON, Line, Row, Slice, Till, no_money, refund, sale, z

RULES = ReadingRules("S01", "Europe/London", day_starts_minutes=240)


def read(name: str, content: bytes, rules: ReadingRules = RULES) -> ReadFile:
    return StoredayCsv().read(name, content, rules)


Read = TypeVar("Read")


def outcome(reading: Callable[[], Read]) -> tuple[Read | None, str | None]:
    """What was read, or the words of its rejection. Any other exception is a fault of ours."""
    try:
        return reading(), None
    except FileRejected as rejected:
        return None, str(rejected)


def read_text_table(name: str, content: bytes, columns: tuple[str, ...], block: int = 40) -> tuple[pa.Table, Positions]:
    """A whole file, read in blocks that are far too small for it."""
    parts = list(contract_rows(name, io.BytesIO(content), columns, block=block))
    tables = [pa.table({column: cells.column(column) for column in columns}) for cells, _ in parts]
    lines = [line for _, line in parts]
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks(), np.concatenate(lines)


# Any table of texts

# What UTF-8 can write; a NUL byte is refused, and what is left of a pair of surrogates is no text.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
AWKWARD = st.sampled_from(
    ["", '"', '""', ",", "\n", "\r\n", "\r", ' "', "a,b", "'", ";", "\u2028", "\x85", "\ufeff", "NULL"]
)
COLUMN_NAMES = ("a", "b", "c")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], bytes]:
    """Rows of texts under a header in some order, and the bytes that Python's csv module writes of them."""
    header = draw(st.permutations(COLUMN_NAMES))
    rows = draw(st.lists(st.lists(TEXT | AWKWARD, min_size=3, max_size=3), max_size=12))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    # With LF between lines Python's writer leaves a lone CR without quotes, and that is no RFC 4180.
    quoting = csv.QUOTE_MINIMAL if newline == "\r\n" and draw(st.booleans()) else csv.QUOTE_ALL
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=newline, quoting=quoting)
    writer.writerow(header)
    starts = [_feeds(text)]
    for row in rows:
        writer.writerow(row)
        starts.append(_feeds(text))
    by_name = [
        [str(start), *(row[header.index(name)] for name in COLUMN_NAMES)]
        for start, row in zip(starts, rows, strict=False)
    ]
    written = text.getvalue().removesuffix(newline if rows and draw(st.booleans()) else "")
    return by_name, draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + written.encode()


def _feeds(text: io.StringIO) -> int:
    """The line that the next row will start on."""
    return text.getvalue().count("\n") + 1


@given(tables())
def test_any_table_that_a_csv_writer_wrote_is_read_cell_by_cell_with_its_lines(
    table: tuple[list[list[str]], bytes],
) -> None:
    rows, content = table

    read_table, lines = read_text_table("any.csv", content, COLUMN_NAMES)

    cells = [list(row.values()) for row in read_table.to_pylist()]
    assert [[str(line), *row] for line, row in zip(lines.tolist(), cells, strict=True)] == rows


@pytest.mark.parametrize("block", [100_000, 1 << 20, 1 << 30])
def test_a_file_of_several_blocks_is_read_like_a_small_one(block: int) -> None:
    """Cells with line feeds lie across the seams."""
    rows = [[f"{number}", f'"{number % 7}"\n{"x" * (number % 90)}', "é" * (number % 5)] for number in range(40_000)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([COLUMN_NAMES, *rows])
    content = text.getvalue().encode()
    assert len(content) > 2 * 1024 * 1024

    table, lines = read_text_table("large.csv", content, COLUMN_NAMES, block)

    assert [list(row.values()) for row in table.to_pylist()] == rows
    assert lines.tolist() == list(range(2, 2 + 2 * len(rows), 2))


def test_blank_lines_are_no_rows_and_count_as_lines() -> None:
    table, lines = read_text_table("gaps.csv", b"a,b,c\n\n1,2,3\n\r\n\n4,5,6\n\n", COLUMN_NAMES)

    assert [row["a"] for row in table.to_pylist()] == ["1", "4"]
    assert lines.tolist() == [3, 6]


def test_texts_of_one_hash_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cells, "_MIXER", np.uint64(0))  # the hash is that of the last eight bytes then
    said = ["one tin of beans", "two tin of beans", "one tin of beans"]

    table, _ = read_text_table("tins.csv", "\n".join(["a,b,c", *(f"{text},," for text in said)]).encode(), COLUMN_NAMES)

    assert [row["a"] for row in table.to_pylist()] == said


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_line_break_in_the_middle_of_a_row_is_refused(ends: bytes) -> None:
    content = ends.join([b"a,b,c", b"1,2,3", b"4,\r5,6"])

    with pytest.raises(FileRejected, match=r"breaks.csv line 3: a line break is neither LF nor CRLF"):
        read_text_table("breaks.csv", content, COLUMN_NAMES)


# Amounts, quantities, counts


def one_column(name: str, cells: list[str]) -> TextRows:
    content = "\n".join([f"{name},x", *(f"{cell}," for cell in cells)]).encode()
    ((cells, lines),) = contract_rows("column.csv", io.BytesIO(content), (name, "x"))
    return TextRows("column.csv", cells, lines)


MINOR = st.integers(-9_999_999_999, 9_999_999_999)


def written(minor: int, places: int, short: bool) -> str:
    """An amount in units, with all its decimals or as few as it needs."""
    whole = f"{Decimal(minor).scaleb(-places):.{places}f}"
    return whole.rstrip("0").rstrip(".") if short else whole


@given(st.lists(st.tuples(MINOR, st.booleans()), min_size=1, max_size=20))
@example([(-5, False), (0, True), (9_999_999_999, False), (-9_999_999_999, True)])
def test_amounts_are_read_to_the_penny(said: list[tuple[int, bool]]) -> None:
    rows = one_column("gross", [written(minor, 2, short) for minor, short in said])

    assert amounts(rows, "gross").to_pylist() == [minor for minor, _ in said]


@given(st.lists(st.tuples(st.integers(-99_999_999_999, 99_999_999_999), st.booleans()), min_size=1, max_size=20))
def test_quantities_are_read_to_the_thousandth(said: list[tuple[int, bool]]) -> None:
    rows = one_column("quantity", [written(milli, 3, short) for milli, short in said])

    assert quantities(rows, "quantity").to_pylist() == [milli for milli, _ in said]


@given(
    st.text(st.sampled_from("0123456789.-+e, ٣３"), min_size=1, max_size=12).filter(lambda text: text.strip() == text)
)
def test_what_is_read_as_an_amount_is_what_it_says(text: str) -> None:
    rows = one_column("gross", [f'"{text}"'])

    minor, why = outcome(lambda: amounts(rows, "gross").to_pylist())

    if why is None:
        assert minor == [int(Decimal(text) * 100)]
        assert len(text.partition(".")[2]) <= 2
    else:
        shown = " ".join(text.split())
        assert why == f"column.csv line 2: gross {shown!r} is not an amount with up to 8 digits and 2 decimals. {ASK}"


@given(st.lists(st.none() | MINOR, min_size=1, max_size=20))
def test_an_empty_amount_is_absent_where_it_may_be(said: list[int | None]) -> None:
    rows = one_column("discount", ["" if minor is None else written(minor, 2, False) for minor in said])

    assert amounts(rows, "discount", required=False).to_pylist() == said


@given(st.lists(st.integers(0, 999_999_999), min_size=1, max_size=20))
def test_counts_are_whole_numbers(said: list[int]) -> None:
    rows = one_column("quantity", [str(count) for count in said])

    assert counts(rows, "quantity").to_pylist() == said


# Any damage to a good file

GOOD = Till("S01").slice(
    "09:00",
    sale(Line("12.60", description='Bread, "sliced"'), Line("3.00", "RED", description="Tea\nloose")),
    refund("2.40", tender="VISA"),
    no_money(),
    sale("8.00", tax_class="ZERO", tender={"CASH": "5.00", "VISA": "3.00"}),
    z(),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The good file with a byte changed, put in, taken out, or a piece of it doubled or lost."""
    content, size = GOOD.content, len(GOOD.content)
    at, length = draw(st.integers(0, size - 1)), draw(st.integers(1, 200))
    byte = bytes([draw(st.sampled_from(b'",\n\r\0 -.0519AZ\xe9\xef') | st.integers(0, 255))])
    return draw(
        st.sampled_from(
            [
                content[:at] + byte + content[at + 1 :],
                content[:at] + byte + content[at:],
                content[:at] + content[at + 1 :],
                content[:at] + content[at + length :],
                content[: at + length] + content[at:],
                content[:at],
            ]
        )
    )


def as_python_reads(content: bytes) -> list[Row]:
    """The data rows by name, as Python's own reader sees them."""
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@settings(max_examples=600)
@given(damaged())
def test_a_damaged_file_is_rejected_or_read_as_python_reads_it(content: bytes) -> None:
    got, why = outcome(lambda: read(GOOD.name, content))

    if got is None:
        assert str(why).startswith(GOOD.name)
        return
    rows = as_python_reads(content)
    receipts = [row for row in rows if row["record"] == "RECEIPT"]
    assert (got.records, got.receipts) == (len(rows), len(receipts))
    assert got.gross_minor == sum(Decimal(row["gross"]) for row in receipts) * 100
    for table, record, column in (
        ("lines", "LINE", "gross"),
        ("lines", "LINE", "tax"),
        ("tenders", "TENDER", "amount"),
    ):
        read_column = getattr(got.tables, table).column(f"{column}_minor").to_pylist()
        assert read_column == [Decimal(row[column]) * 100 for row in rows if row["record"] == record]


def test_a_byte_that_is_no_utf8_is_noticed_wherever_it_stands() -> None:
    content = GOOD.content

    taken = [
        at
        for at in range(len(content))
        if outcome(lambda: read(GOOD.name, content[:at] + b"\xe9" + content[at + 1 :]))[0]  # noqa: B023
    ]

    assert taken == []
    assert read(GOOD.name, content).gross_minor == 2120


@pytest.mark.parametrize("at", ["0000-11-22T09:00:00+00:00", "9999-12-31T23:59:59-23:59"])
def test_a_year_that_never_was_is_rejected(at: str) -> None:
    with pytest.raises(FileRejected, match=r"line 2 receipt 000001 of till 01: at '.*' is not a time like"):
        read(GOOD.name, GOOD.changed("RECEIPT", at=at).content)


# Rows and their receipts


DAY = Till("S01").slice(
    "00:00", *(sale(Line(f"{price}.60", description="Tea\nloose"), Line("0.40", "RED")) for price in range(40)), z()
)


def in_order(table: pa.Table) -> list[Row]:
    rows: list[Row] = table.drop_columns(["file_line"]).to_pylist()
    return sorted(rows, key=lambda row: (row["receipt"], row.get("line", 0)))


@pytest.mark.parametrize("block", [200, 700, 5_000])
@pytest.mark.parametrize("order", ["RECEIPT TENDER LINE Z ZTENDER", "LINE RECEIPT Z TENDER ZTENDER", ""])
def test_lines_find_their_receipt_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, order: str, block: int) -> None:
    """Below it, in another part of a file that is read in parts, or before it."""
    places = order.split()
    shuffled = replace(
        DAY, rows=tuple(sorted(DAY.rows, key=lambda row: places.index(row["record"])) if places else DAY.rows)
    )
    rules = replace(RULES, slice_minutes=24 * 60)
    whole = read(DAY.name, DAY.content, rules).tables
    monkeypatch.setattr(storeday_csv, "contract_rows", partial(contract_rows, block=block))

    got = read(shuffled.name, shuffled.content, rules).tables

    for name in ("receipts", "lines", "tenders"):
        assert in_order(getattr(got, name)) == in_order(getattr(whole, name))


@pytest.mark.parametrize("block", [200, 100_000])
def test_a_line_without_its_receipt_is_refused_wherever_the_file_is_parted(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    lost = next(at for at, row in enumerate(DAY.rows) if row["record"] == "RECEIPT" and at > 60)
    part = replace(DAY, rows=DAY.rows[:lost] + DAY.rows[lost + 1 :])
    monkeypatch.setattr(storeday_csv, "contract_rows", partial(contract_rows, block=block))

    with pytest.raises(FileRejected, match=r"receipt [0-9]+ of till 01: the file has no RECEIPT row for this row"):
        read(part.name, part.content, replace(RULES, slice_minutes=24 * 60))


# Trading days


def slice_at(start: datetime, *moments: str) -> Slice:
    """A file of the slice that starts at a local time, with a sale at each moment."""
    part = Till("S01").slice("09:00", *(sale("1.20") for _ in moments))
    places = [at for at, row in enumerate(part.rows) if row["record"] == "RECEIPT"]
    at_of = dict(zip(places, moments, strict=True))
    rows = tuple({**row, "at": at_of.get(place, row["at"])} for place, row in enumerate(part.rows))
    return replace(part, start=start, rows=rows)


def trading_days(part: Slice, rules: ReadingRules = RULES) -> list[date]:
    return [row["trading_day"] for row in read(part.name, part.content, rules).tables.receipts.to_pylist()]


@pytest.mark.parametrize(
    ("day_starts_at", "written", "trading_day"),
    [
        (240, "2026-11-22T03:59:59+00:00", date(2026, 11, 21)),
        (240, "2026-11-22T04:00:00+00:00", date(2026, 11, 22)),
        (240, "2026-11-23T02:30:00+00:00", date(2026, 11, 22)),
        (0, "2026-11-22T23:59:59+00:00", date(2026, 11, 22)),
        (0, "2026-11-23T00:00:00+00:00", date(2026, 11, 23)),
        (240, "2026-07-22T03:30:00+00:00", date(2026, 7, 22)),  # half past four in the shop
        (240, "2026-07-22T04:30:00+02:00", date(2026, 7, 21)),  # half past three in the shop
        (240, "2026-11-22T09:30:00+05:30", date(2026, 11, 22)),  # four in the shop
    ],
)
def test_a_receipt_is_of_the_shops_own_day(day_starts_at: int, written: str, trading_day: date) -> None:
    local = datetime.fromisoformat(written).astimezone(LONDON).replace(tzinfo=None)
    part = slice_at(local.replace(minute=0, second=0), written)

    days = trading_days(part, replace(RULES, day_starts_minutes=day_starts_at))

    assert days == [trading_day]


def test_the_hour_that_comes_twice_is_read_twice() -> None:
    """25 October 2026: half past one in summer time, and again in winter time; one file holds both."""
    part = slice_at(
        datetime(2026, 10, 25, 1), "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00", "2026-10-25T01:59:59+00:00"
    )

    got = read(part.name, part.content)

    assert [row["trading_day"] for row in got.tables.receipts.to_pylist()] == [date(2026, 10, 24)] * 3
    first, second, _ = got.tables.receipts.column("at").to_pylist()
    assert second - first == timedelta(hours=1)
    assert (got.receipts, got.gross_minor) == (3, 360)


@pytest.mark.parametrize(
    ("written", "trading_day"),
    [
        ("2026-03-29T00:59:59+00:00", date(2026, 3, 28)),  # the last second before the clocks go forward
        ("2026-03-29T02:00:00+01:00", date(2026, 3, 28)),  # the first after
        ("2026-03-29T03:59:59+01:00", date(2026, 3, 28)),
        ("2026-03-29T04:00:00+01:00", date(2026, 3, 29)),
        ("2026-03-29T03:00:00+00:00", date(2026, 3, 29)),  # the same moment, as winter time would have it
        ("2026-10-25T03:59:59+00:00", date(2026, 10, 24)),
        ("2026-10-25T04:00:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T04:30:00+01:00", date(2026, 10, 24)),  # half past three by the clock on the wall
    ],
)
def test_a_day_starts_by_the_clock_on_the_wall_when_the_clocks_change(written: str, trading_day: date) -> None:
    local = datetime.fromisoformat(written).astimezone(LONDON).replace(tzinfo=None)

    assert trading_days(slice_at(local.replace(minute=0, second=0), written)) == [trading_day]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 11, 22), 24)]
)
def test_every_moment_of_a_day_is_in_it_once(day: date, hours: int) -> None:
    """A sale every quarter of an hour from noon to noon; the day in between has 23, 24 or 25 hours of them."""
    noon = datetime.combine(day, datetime.min.time(), tzinfo=LONDON).timestamp() + 12 * 3600 - 24 * 3600
    moments = [datetime.fromtimestamp(noon + 900 * step, tz=LONDON).isoformat() for step in range(4 * 72)]
    part = slice_at(datetime.fromisoformat(moments[0]).replace(tzinfo=None), *moments)

    days = trading_days(part, replace(RULES, slice_minutes=5 * 24 * 60))

    assert (len(days), days.count(day)) == (len(moments), 4 * hours)


@settings(max_examples=20)
@given(st.permutations(COLUMNS), st.sampled_from(["\n", "\r\n"]))
def test_the_order_of_columns_and_the_line_ends_change_nothing(header: list[str], newline: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator=newline)
    writer.writeheader()
    writer.writerows(GOOD.rows)

    got = read(GOOD.name, text.getvalue().encode())

    assert got.tables == read(GOOD.name, GOOD.content).tables
