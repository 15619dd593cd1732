"""Files that are read at once are read as each by itself: golden, spoilt in some place, and of any sales.

A file that is refused by itself is never read with others; nothing of one file is taken for another's.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bad_files import REJECTED, Bad
from cases import cases
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutant
from shops import OpenShop, Shop
from sqlalchemy import select
from storeday.feeds.base import ReadFile, ReadingRules, ReadTogether
from storeday.feeds.golden import golden_text
from storeday.feeds.pieces import Kept, read_store_day
from storeday.feeds.storeday_csv import StoredayCsv
from storeday.ledger.facts import Fate, FileFact
from storeday.ledger.schema import FileDayRow
from storeday.model.errors import FileRejected
from storeday.model.tables import Tables
from storeday.stages.collect import collect
from tills import COLUMNS, DAY, Line, Row, Rung, Slice, Till, no_money, refund, sale, z

RULES = ReadingRules("S01", "Europe/London", day_starts_minutes=240)
FEED = StoredayCsv()


def alone(files: Mapping[str, bytes]) -> list[ReadFile] | None:
    """The files read one by one; None where one is refused."""
    try:
        return [FEED.read(name, content, RULES) for name, content in files.items()]
    except FileRejected:
        return None


def at_once(files: Mapping[str, bytes]) -> ReadTogether | None:
    """The files read in one go; None where that can't be."""
    try:
        return FEED.read_many(files, RULES)
    except FileRejected:
        return None


def said(read: ReadFile) -> tuple[object, ...]:
    """All that is read of a file, its lines too."""
    return golden_text(read), read.records, read.receipts, read.gross_minor


def hold(files: Mapping[str, bytes]) -> bool:
    """Hold what is read at once to what is read one by one; whether it could be read at once."""
    together, one_by_one = at_once(files), alone(files)
    if together is None:
        return False
    assert one_by_one is not None, "read with others, and refused by itself"
    assert list(map(said, together.each())) == list(map(said, one_by_one))
    assert ReadTogether.of(one_by_one).records == together.records
    assert list(map(said, ReadTogether.of(one_by_one).each())) == list(map(said, one_by_one))
    return True


def neighbours() -> tuple[Slice, Slice]:
    """Good files of the slices before and after 09:00, with the same running numbers as the one between them."""
    return Till("S01").slice("08:00", sale("1.00"), z()), Till("S01").slice("10:00", sale("2.00"), refund("0.50"), z())


def test_a_spoilt_file_between_good_ones_is_read_with_them_as_by_itself_or_not_at_all() -> None:
    case = cases()["storeday-csv/morning"]
    before, after = neighbours()
    refused = read = 0

    for number in range(400):
        [(name, spoilt)] = mutant(case, number).parts.items()
        files = {before.name: before.content, name: spoilt, after.name: after.content}
        if hold(files):
            read += 1
        elif alone(files) is None:
            refused += 1

    assert refused > 100
    assert read > 30


@pytest.mark.parametrize("fault", REJECTED)
def test_what_is_refused_by_itself_is_refused_among_others(
    fault: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    part = Till("S01").slice("09:00", sale("12.60"), sale("3.00", tax_class="ZERO", tender="VISA"), no_money(), z())
    bad: Bad = REJECTED[fault]
    part = bad.change(part)
    before, after = neighbours()
    content = bad.spoil(part.content) if bad.spoil else part.content

    read = hold({before.name: before.content, part.name: content, after.name: after.content})

    assert read == (alone({part.name: content}) is not None)  # only a marker was wrong


RUNGS = st.sampled_from(
    [
        sale("12.60"),
        sale("6.00", Line("1.20", tax_class="ZERO", description='Bread, "rye"\nsliced'), tender="VISA"),
        refund("2.40"),
        no_money(),
        z(counted={"CASH": "10.00", "VISA": "6.00"}),
        z(),
    ]
)


@st.composite
def files_of_a_visit(draw: st.DrawFn) -> dict[str, bytes]:
    """Files of some slices by tills that count alike, written in the ways there are, some out of order."""
    files = {}
    for hour in range(draw(st.integers(1, 4))):
        rows: list[Row] = []
        for code in draw(st.sampled_from([["01"], ["02"], ["01", "02"]])):
            rung: list[Rung] = draw(st.lists(RUNGS, max_size=4))
            rows += Till("S01", code).slice(f"{9 + hour:02d}:00", *rung).rows
        if draw(st.integers(0, 3)) == 0:
            rows = draw(st.permutations(rows))
        if rows and draw(st.integers(0, 4)) == 0:
            rows.insert(draw(st.integers(0, len(rows))), draw(st.sampled_from(rows)))
        if rows and draw(st.integers(0, 4)) == 0:
            rows.pop(draw(st.integers(0, len(rows) - 1)))
        part = replace(Till("S01").slice(f"{9 + hour:02d}:00"), rows=tuple(rows))
        files[part.name] = _written(draw, part.content)
    return files


def _written(draw: st.DrawFn, content: bytes) -> bytes:
    if draw(st.integers(0, 4)) == 0:
        content = content.replace(b"\n", b"\r\n")
    if draw(st.integers(0, 4)) == 0:
        content = content.removesuffix(b"\n")
    if draw(st.integers(0, 4)) == 0:
        content += b"\n\n"
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + content


@given(files_of_a_visit())
def test_files_of_any_sales_are_read_at_once_as_one_by_one(files: dict[str, bytes]) -> None:
    if not hold(files):
        heads = {content.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0] for content in files.values()}
        assert alone(files) is None or len(heads) > 1


def test_a_row_is_never_taken_for_one_of_the_file_before_it() -> None:
    first, second = (Till("S01").slice(start, sale("1.00")) for start in ("09:00", "10:00"))
    orphans = replace(second, rows=second.rows[1:])  # its receipt has the number of the file's before it

    assert at_once({first.name: first.content, orphans.name: orphans.content}) is None


def test_an_open_quote_is_never_closed_by_the_next_file() -> None:
    header = ",".join(COLUMNS).encode() + b"\n"
    row = b'RECEIPT,S01,01,000001,,,,,"'

    assert at_once({"S01_20261122T0900.csv": header + row, "S01_20261122T1000.csv": header + row}) is None


# In an installation


@pytest.fixture
def visits(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> dict[int, Shop]:
    """A visit that brings good files and all that can't be taken in, by how many were taken in at once."""
    found = {}
    for together in (1, 64):
        shop, till = open_shop("REJECTS"), Till("REJECTS")
        for minute, case in enumerate(REJECTED.values()):
            rung = (sale("12.60"), sale("3.00", tax_class="ZERO", tender="VISA"), no_money(), z())
            case.send(shop, Till("REJECTS").slice(f"09:{minute:02d}", *rung))
        for hour in range(10, 20):
            shop.send(till.slice(f"{hour}:00", sale("12.60"), sale("1.00"), z()))
        twice = Till("REJECTS", "01", first=500).slice("20:00", sale("5.00", at="20:00"))
        shop.send(twice)
        shop.send(twice.at("20:01"))
        monkeypatch.setattr(sys.modules["storeday.stages.collect"], "TOGETHER", together)
        collect(shop.work, "REJECTS")
        found[together] = shop
    return found


def test_a_visit_ends_the_same_however_many_files_are_taken_in_at_once(visits: dict[int, Shop]) -> None:
    facts = {many: _facts(shop) for many, shop in visits.items()}

    assert facts[1] == facts[64]
    fates = [fact.fate for fact in facts[64]]
    assert (fates.count(Fate.REJECTED), fates.count(Fate.ACCEPTED), fates.count(Fate.DUPLICATE)) == (
        len(REJECTED),
        11,
        1,
    )
    assert _rows(_day(visits[1], "REJECTS")) == _rows(_day(visits[64], "REJECTS"))


def _facts(shop: Shop) -> list[FileFact]:
    names = sorted(path.name for path in (shop.sources / "REJECTS").glob("*.csv"))
    facts = [fact for name in names for fact in shop.work.ledger.files_like(name, "REJECTS")]
    return [replace(fact, days=tuple(replace(day, bundle="") for day in fact.days)) for fact in facts]


def _day(shop: Shop, store: str) -> Tables:
    files = shop.work.ledger.files_of(store, DAY)
    kept = [Kept(file.sha256, day.bundle, day.tables) for file in files for day in file.days]
    return read_store_day(shop.work.places, store, DAY, kept)


def _rows(tables: Tables) -> dict[str, list[dict[str, object]]]:
    return {name: table.to_pylist() for name, table in tables.items()}


def test_good_files_of_a_visit_are_one_piece_a_table_and_each_is_found_in_it(open_shop: OpenShop) -> None:
    shop, till = open_shop("S01"), Till("S01")
    parts = [till.slice(f"{hour:02d}:00", sale(f"{hour}.00")) for hour in (9, 10, 11)]
    for part in parts:
        shop.send(part)
    collect(shop.work, "S01")
    files = shop.files("S01")

    assert [path.parent.name for path in sorted(shop.home.glob("canonical/S01/*/*/*.parquet"))] == [
        "lines",
        "receipts",
        "tenders",
    ]
    kept = [Kept(file.sha256, day.bundle, day.tables) for file in files for day in file.days]
    others = read_store_day(shop.work.places, "S01", DAY, [kept[2], kept[0]])
    assert others.receipts.column("gross_minor").to_pylist() == [11_00, 9_00]
    assert others.receipts.column("file").to_pylist() == [files[2].sha256, files[0].sha256]
    assert others.lines.column("receipt_row").to_pylist() == [0, 1]
    assert others.receipts.column("receipt").combine_chunks().dictionary.to_pylist() == ["000003", "000001"]


def test_pieces_of_before_files_were_read_together_are_read(open_shop: OpenShop) -> None:
    """They are of one file each, under its digest, and don't say it again in every row."""
    shop, till = open_shop("S01"), Till("S01")
    for hour in (9, 10):
        shop.send(till.slice(f"{hour:02d}:00", sale(f"{hour}.00"), sale("1.00")))
        collect(shop.work, "S01")
    new = _rows(_day(shop, "S01"))
    for path in shop.home.glob("canonical/S01/*/*/*.parquet"):
        table = pq.read_table(pa.BufferReader(path.read_bytes()))
        pq.write_table(table.drop_columns(["file"]), path)

    assert _rows(_day(shop, "S01")) == new
    with shop.work.ledger.engine.connect() as connection:
        bundles = set(connection.scalars(select(FileDayRow.bundle)))
    assert bundles == {file.sha256 for file in shop.files("S01")}


def test_the_last_numbers_of_a_till_are_those_of_the_last_of_its_files_in_a_piece(open_shop: OpenShop) -> None:
    shop, till = open_shop("S01"), Till("S01")
    first, second = (till.slice(start, sale("1.00"), sale("2.00"), z()) for start in ("09:00", "10:00"))
    for part in (first, second):
        shop.send(part)
    collect(shop.work, "S01")

    after = DAY.replace(day=DAY.day + 1)
    ends = shop.work.ledger.last_numbers_before({"S01": ["01"]}, after)

    assert ends["S01"] == {"01": ("000004", "0002")}
