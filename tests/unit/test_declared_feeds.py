"""Declared feeds: what any of them makes of an export as people send it, tried on Square's."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import ANY_SKU, COMPANY, OpenShop, Shop
from storeday.cli import main
from storeday.feeds.base import ReadFile, ReadingRules
from storeday.feeds.declared import FeedSettings, LocalTime, rounded_together
from storeday.feeds.money_text import FINE, fine_of, is_amount
from storeday.feeds.registry import FEEDS, feed_settings
from storeday.feeds.square import Square, SquareSettings
from storeday.model.errors import FileRejected, SettingsError
from storeday.model.store_day import State
from tills import DAY

CASE = Path(__file__).parents[1] / "golden" / "feeds" / "square" / "us"
SALES, ITEMS = "transactions-2026-11-20.csv", "items-2026-11-20.csv"
SETTINGS = SquareSettings(
    tax="added",
    dates="YYYY-MM-DD",
    zones={"Eastern Time (US & Canada)": "America/New_York"},
    locations=("Main Street",),
    till_names={"Front iPad": "1", "Back iPad": "2"},
)
RULES = ReadingRules("S01", "America/New_York", day_starts_minutes=240, settings=SETTINGS)


def read(sales: bytes, items: bytes, suffix: str = "", **settings: object) -> ReadFile:
    rules = replace(RULES, settings=SETTINGS.model_copy(update=settings))
    return Square().read_together({SALES + suffix: sales, ITEMS + suffix: items}, rules)


@pytest.fixture
def sales() -> str:
    return (CASE / SALES).read_text(encoding="utf-8")


@pytest.fixture
def items() -> str:
    return (CASE / ITEMS).read_text(encoding="utf-8")


# The form of a file


def rewritten(text: str, delimiter: str = ",", decimal: str = ".") -> str:
    """The same cells with another delimiter, amounts as another country writes them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for row in csv.reader(io.StringIO(text)):
        if decimal == ",":
            row = [c.translate(str.maketrans(",.", ".,")) if "$" in c or is_number(c) else c for c in row]  # noqa: PLW2901
        writer.writerow(row)
    return out.getvalue()


def is_number(cell: str) -> bool:
    return cell.replace(".", "").replace("-", "").isdigit() and "." in cell


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("__MACOSX/._x", b"")
        packed.writestr("export.csv", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (lambda text: b"\xef\xbb\xbf" + text.encode(), []),
        (lambda text: text.encode("utf-16"), ["UTF-16"]),
        (lambda text: text.encode("utf-16-le"), ["UTF-16"]),
        (lambda text: rewritten(text, ";", ",").encode(), ["';' between the fields", "decimal commas"]),
        (lambda text: rewritten(text, "\t").encode(), ["a tab between the fields"]),
        (lambda text: gzip.compress(text.encode()), ["gzip"]),
        (lambda text: gzip.compress(text.encode()[:700]) + gzip.compress(text.encode()[700:]), ["gzip"]),
        (lambda text: zipped(rewritten(text, ";").encode("utf-16")), ["zip", "UTF-16", "';' between the fields"]),
    ],
    ids=[
        "bom",
        "utf-16",
        "utf-16 unmarked",
        "semicolons and decimal commas",
        "tabs",
        "gzip",
        "gzip of two",
        "zip",
    ],
)
def test_an_export_in_another_form_is_read_the_same_and_says_what_was_found(
    sales: str, items: str, form: Callable[[str], bytes], said: list[str]
) -> None:
    plain = read(sales.encode(), items.encode())

    got = read(form(sales), form(items))

    assert got.tables == plain.tables
    assert list(got.form) == [f"{name}: {each}" for name in (SALES, ITEMS) for each in said]


def test_windows_1252_is_read_and_said(sales: str, items: str) -> None:
    western = [text.replace("張さんのお茶", "thé") for text in (sales, items)]

    got = read(*(text.encode("windows-1252") for text in western))

    assert got.tables == read(*(text.encode() for text in western)).tables
    assert got.form == (f"{SALES}: Windows-1252", f"{ITEMS}: Windows-1252")


@pytest.mark.parametrize("packed", [gzip.compress, zipped], ids=["gzip", "zip"])
def test_a_small_file_that_unpacks_as_no_export_does_is_stopped_whatever_size_is_stated(
    packed: Callable[[bytes], bytes],
) -> None:
    with pytest.raises(FileRejected, match="it unpacks to more than 50 times its size, as no export does"):
        read(packed(b"\0" * 30_000_000), b"")


@pytest.mark.parametrize("packed", [gzip.compress, zipped], ids=["gzip", "zip"])
def test_a_file_that_unpacks_without_end_is_stopped_at_the_stated_size(packed: Callable[[bytes], bytes]) -> None:
    bomb = packed(b"\0" * 300_000_000)
    tracemalloc.start()

    with pytest.raises(FileRejected, match=r"it holds more than 1 MB.*feed_settings\.largest_mb"):
        read(bomb, b"", largest_mb=1)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda content: gzip.compress(content)[:-20], "the gzip file ends before its end."),
        (lambda content: b"\x1f\x8b" + content, "the gzip file is damaged."),
        (lambda content: zipped(content)[:-40], "the zip file is damaged."),
        (
            lambda content: content.replace(b"\xc3\xa8", b"\x81"),
            "line 3: the file is neither UTF-8 nor Windows-1252 text.",
        ),
        (lambda _: b"", "the file is empty: not even a header row."),
        (lambda content: content.replace(b"Tip", b"Trinkgeld"), "line 1: missing column in the header: Tip."),
        (lambda content: content.replace(b"Tax,", b"Tip,"), "line 1: missing column in the header: Tax."),
        (lambda content: content.replace(b"Fees", b"Tip"), "line 1: doubled columns in the header: Tip."),
        (lambda content: content + b"a,b\n", "line 8: 2 fields where the header has 39."),
    ],
)
def test_a_file_that_is_no_such_export_says_why(
    sales: str, items: str, spoil: Callable[[bytes], bytes], why: str
) -> None:
    with pytest.raises(FileRejected) as caught:
        read(spoil(sales.encode()), items.encode())

    assert why in str(caught.value)


# What rows say


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("$31.16,Point", "$31.165,Point", "line 2 receipt PAY01: Total Collected 31.165 has a part of a penny."),
        ("$31.16,Point", "31.16 EUR,Point", "line 2 receipt PAY01: Total Collected '31.16 EUR' is not an amount."),
        (
            "2026-11-20,10:40",
            "20/11/2026,10:40",
            "line 3 receipt PAY02: Date '20/11/2026' is not a date as YYYY-MM-DD.",
        ),
        (
            "2026-11-20,10:40",
            "2026-02-31,10:40",
            "line 3 receipt PAY02: Date '2026-02-31' is not a date as YYYY-MM-DD.",
        ),
        ("10:40:00", "24:40:00", "line 3 receipt PAY02: Time '24:40:00' is not a time like 14:06:31 or 2:06 PM."),
        (
            "10:40:00,Eastern Time (US & Canada)",
            "10:40:00,Central Time (US & Canada)",
            "line 3 receipt PAY02: the zone 'Central Time (US & Canada)' is not known: set feed_settings.zones",
        ),
        ("Eastern Time (US & Canada)", '"a\nb"', "line 2 receipt PAY01: the zone 'a b' is not known"),
        ("Refund,Main", "Chargeback,Main", "Event Type 'Chargeback' is not one of Payment, Refund."),
        ("Payment,Main Street,,,,,Complete,$0.00\n2026-11-20,10", "Payment,Mall,,,,,Complete,$0.00\n2026-11-20,10", ""),
        ("Back iPad", "Back Register No. 2", "'Back Register No. 2' is no till's code: set feed_settings.till_names"),
        ("PAY02", "PAY22", "items-2026-11-20.csv line 4 receipt PAY02: no receipt of this row is in transactions"),
    ],
)
def test_a_row_that_cannot_be_understood_is_refused_by_its_line(
    sales: str, items: str, old: str, new: str, why: str
) -> None:
    assert old in sales

    with pytest.raises(FileRejected) as caught:
        read(sales.replace(old, new, 1).encode(), items.encode())

    assert (why or "line 2 receipt PAY01: a row of another store: 'Mall', not 'Main Street'") in str(caught.value)


def test_a_wrong_tax_setting_is_told_by_the_exports_own_totals(sales: str, items: str) -> None:
    with pytest.raises(FileRejected) as caught:
        read(sales.encode(), items.encode(), tax="included")

    assert "says included, but 4 rows add up only with the tax added: 29.00 and tax 2.16 make 31.16." in str(
        caught.value
    )


def test_a_row_said_twice_counts_once_and_is_told(sales: str, items: str) -> None:
    lines = sales.splitlines(keepends=True)

    got = read("".join([*lines, lines[3]]).encode(), items.encode())

    assert got.tables.receipts == read(sales.encode(), items.encode()).tables.receipts
    assert got.tables.lines == read(sales.encode(), items.encode()).tables.lines
    assert got.notes == (f"{SALES}: rows that say again what one before said: 1",)


def test_a_receipt_whose_lines_do_not_sum_is_carried_as_it_is(sales: str, items: str) -> None:
    """The difference is for the checks to show; nothing is put right here."""
    got = read(
        sales.encode(), items.replace("$15.00,-$1.50,$13.50,$1.08,TX01", "$15.00,-$1.50,$13.49,$1.08,TX01").encode()
    )

    lines = sum(r["gross_minor"] for r in got.tables.lines.to_pylist() if r["receipt"] == "PAY01")
    assert (got.tables.receipts.column("gross_minor")[0].as_py(), lines) == (3116, 3114)


def test_amounts_that_can_be_read_two_ways_ask_for_the_setting(sales: str, items: str) -> None:
    tiny = "\n".join([sales.splitlines()[0], sales.splitlines()[6].replace(".00", "")])

    with pytest.raises(FileRejected, match=r"decimal points and with decimal commas\. Set feed_settings\.decimals"):
        read(tiny.replace("$8.64", '"$1,864"').replace("$0.64", "$0").encode(), items.encode())


AMOUNTS = st.integers(-99_999_999_99, 99_999_999_99)


@given(
    st.lists(st.tuples(AMOUNTS, st.sampled_from(["{s}${v}", "{s}{v}", "${s}{v}", "{s}£ {v}"])), min_size=1, max_size=20)
)
def test_money_is_read_to_the_penny_however_it_is_dressed(said: list[tuple[int, str]]) -> None:
    texts = pa.array(
        [
            form.format(s="-" if minor < 0 else "", v=f"{abs(minor) // 100:,}.{abs(minor) % 100:02d}")
            for minor, form in said
        ]
    )

    fine = fine_of(texts, "point")

    assert is_amount(texts, "point").to_pylist() == [True] * len(said)
    assert (fine // (FINE // 100)).tolist() == [minor for minor, _ in said]


FINE_AMOUNTS = st.integers(-5_000_000_000, 5_000_000_000)


@given(st.lists(st.tuples(st.integers(0, 4), FINE_AMOUNTS), max_size=40))
def test_amounts_rounded_together_sum_to_their_groups_rounded_sum(said: list[tuple[int, int]]) -> None:
    group, fine = (np.array([each[place] for each in said], dtype=np.int64) for place in (0, 1))

    minor = rounded_together(fine, group)

    for number in set(group.tolist()):
        exact = Decimal(int(fine[group == number].sum())).scaleb(-8)
        assert int(minor[group == number].sum()) == int(exact.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)
    assert (abs(minor * (FINE // 100) - fine) <= FINE // 100).all()


# Settings


def test_settings_that_are_missing_are_asked_for_by_name() -> None:
    with pytest.raises(SettingsError) as caught:
        feed_settings(FEEDS["square"], {"tax": "sometimes", "till_name": {}})

    assert [problem.partition(" (")[0] for problem in caught.value.problems] == [
        "feed_settings.dates: is missing",
        "feed_settings.zones: is missing",
        "feed_settings.tax: Input should be 'included' or 'added'",
        "feed_settings.till_name: is no key that is known here",
    ]


def test_a_feed_without_settings_refuses_some() -> None:
    with pytest.raises(SettingsError, match="the feed storeday-csv has none"):
        feed_settings(FEEDS["storeday-csv"], {"tax": "added"})


# A slice of two files, through all stages

SQUARE_STORE = """\
feed: square
timezone: America/New_York
tills: ["1", "2"]
pos_store_id: Main Street
feed_settings:
  tax: added
  dates: YYYY-MM-DD
  zones: {"Eastern Time (US & Canada)": America/New_York}
  till_names: {Front iPad: "1", Back iPad: "2"}
"""
MAPPINGS = """\
- valid_from: 2026-01-01
  tax_classes: {TAXED: {code: T1, rate: 8}, UNTAXED: {code: T0, rate: 0}, NOTAX: {code: T9, rate: 0}}
  categories: {(none): 4000, Bakery: 4000, Pottery: 4000, Prints: 4000, Tea: 4000, TIP: 4005, GIFTCARD: voucher}
  tenders: {CASH: 1230, Visa: 1250, CARD: 1250, Check: 1231, GIFT: voucher}
"""


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    company = f"{COMPANY}sage: {{tax_rates: {{T1: [8]}}}}\n"
    return open_shop(S01=SQUARE_STORE, company=company, mappings=MAPPINGS, skus=ANY_SKU)


def test_a_slice_waits_for_its_other_file_and_is_read_when_that_is_there(shop: Shop, sales: str, items: str) -> None:
    day = DAY.replace(day=20)
    shop.put("S01", SALES, sales.encode(), None)
    _, alone = shop.run(day)
    assert f"1 without the files it is read with for too long: {SALES}" in alone

    shop.put("S01", ITEMS, items.encode(), None)
    _, said = shop.run(day)

    assert "6 receipts, takings 1,416.72" in said
    (file,) = shop.files("S01", day)
    assert file.name == SALES
    assert shop.landed("S01", sales.encode()) == sales.encode()
    assert shop.landed("S01", items.encode()) == items.encode()


def test_a_new_items_file_makes_a_new_version_of_the_slice(shop: Shop, sales: str, items: str) -> None:
    day = DAY.replace(day=20)
    wrong = items.replace("$1.08,TX01,PAY01,Front iPad,,,Payment", "$1.07,TX01,PAY01,Front iPad,,,Payment", 1)
    shop.put("S01", SALES, sales.encode(), None)
    shop.put("S01", ITEMS, wrong.encode(), None)
    shop.run(day)
    assert shop.state("S01", day) is State.HELD

    shop.put("S01", ITEMS, items.encode(), None)
    shop.run(day)

    assert shop.state("S01", day) is State.DELIVERED


def test_the_sheet_says_what_the_files_cannot_prove(shop: Shop, sales: str, items: str) -> None:
    day = DAY.replace(day=20)
    shop.put("S01", SALES, sales.encode(), None)
    shop.put("S01", ITEMS, items.encode(), None)

    shop.run(day)

    (sheet,) = (shop.home / "outbox" / "corner-shops" / day.isoformat()).glob("*/sheet.html")
    assert "cannot prove it" in sheet.read_text()
    assert "that no receipt is missing" in sheet.read_text()


# The command


def test_a_file_is_known_by_its_header_whatever_its_name(
    tmp_path: Path, sales: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "export (3).csv").write_text(sales, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["storeday", "feed", "identify", str(tmp_path / "export (3).csv")])

    with pytest.raises(SystemExit):
        main()

    assert (
        capsys.readouterr().out
        == "square: its header is that of transactions{slice}.csv; name it transactions{slice}.csv\n"
    )


def test_a_golden_file_is_written_once(
    tmp_path: Path, sales: str, items: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in ((SALES, sales), (ITEMS, items)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    argv = ["storeday", "feed", "golden", str(tmp_path / SALES), "--store-file", str(CASE / "store.yaml")]
    monkeypatch.setattr("sys.argv", argv)
    with pytest.raises(SystemExit) as first:
        main()
    written = (tmp_path / f"{SALES}.golden.json").read_bytes()

    with pytest.raises(SystemExit) as again:
        main()

    assert (first.value.code, again.value.code) == (0, 2)
    assert written == (CASE / f"{SALES}.golden.json").read_bytes()
    assert "is" in capsys.readouterr().err


def test_a_declaration_that_needs_a_setting_says_so_before_a_file_is_read() -> None:
    with pytest.raises(TypeError, match="Timeless needs the setting dates: let its settings be a DatesSetting"):
        type("Timeless", (Square,), {"settings": FeedSettings})


@pytest.mark.parametrize("written", ["20.11.2026", "20.11.26", "5.1.2026"])
def test_dates_may_have_points_between_day_month_and_year(written: str, sales: str, items: str) -> None:
    at = LocalTime("Date", "Time", form="DD.MM.YYYY", zone="Time Zone")
    pointed = type("Pointed", (Square,), {"receipts": replace(Square.receipts, at=at)})()
    rows = [*csv.reader(io.StringIO(sales))]
    place = rows[0].index("Date")
    text = io.StringIO()
    csv.writer(text).writerows([rows[0], *([*row[:place], written, *row[place + 1 :]] for row in rows[1:])])

    read = pointed.read_together({SALES: text.getvalue().encode(), ITEMS: items.encode()}, RULES)

    day = date(2026, 1, 5) if written == "5.1.2026" else date(2026, 11, 20)
    assert day in read.tables.receipts.column("trading_day").to_pylist()
