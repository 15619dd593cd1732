"""Lineage: every column is told, what it says is so, and the way from Sage's file leads back to the tills' files."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from figures import COMPANIES, Receipt, TradingDay, staged, wanted
from figures import Line as FigureLine
from shops import COMPANY, MAPPINGS, OpenShop, Shop
from sqlalchemy import make_url
from storeday.model.derivation import Derivation
from storeday.model.postings import LINE_COLUMNS, Amount, Lines, PostingKey, Role
from storeday.model.stock import BookLine
from storeday.model.store_day import StoreDayHeld
from storeday.model.tables import RECEIPT_LOG, SCHEMAS, Tables
from storeday.postings.stock import BOOK_FROM
from storeday.postings.wanted import WANTED_FROM
from storeday.sage50.profiles import PROFILES
from storeday.sage50.rows import HEADER
from storeday.sage50.staged_day import StagedDay
from storeday.sage50.uk_file import TRANSACTIONS_FROM, transactions_csv
from storeday.sage50.uk_stock import STOCK_FROM, STOCK_HEADER
from storeday.stages import check, collect, deliver, post, stage
from storeday.stages.datasets import Measured, Name, Passage, ledger_name
from storeday.stages.lineage import of_check, of_collect, of_deliver, of_post, of_stage, stores_by_file
from storeday.stages.open_day import OpenDay, wanted_of
from storeday.stages.receipt_log import RECEIPT_LOG_FROM
from storeday.stages.stock import deliver_stock, sync_stock
from tills import DAY, Line, Slice, Till, refund, sale, z

CODE = "corner-shops"
WITH_STOCK = COMPANY + "stock: {first_day: 2026-11-22, codes: shared}\n"
CANONICAL = {f"{table}.{name}" for table, schema in SCHEMAS.items() for name in schema.names}
DERIVATIONS = [
    pytest.param(WANTED_FROM, LINE_COLUMNS, CANONICAL, id="posting lines"),
    pytest.param(RECEIPT_LOG_FROM, RECEIPT_LOG.names, CANONICAL, id="receipt log"),
    pytest.param(BOOK_FROM, BookLine._fields, CANONICAL, id="stock book"),
    pytest.param(TRANSACTIONS_FROM, HEADER, set(LINE_COLUMNS), id="transactions.csv"),
    pytest.param(STOCK_FROM, STOCK_HEADER, set(BookLine._fields), id="stock.csv"),
]


@pytest.mark.parametrize(("derivation", "made", "known"), DERIVATIONS)
def test_every_column_that_is_made_is_told_and_every_column_it_comes_from_exists(
    derivation: Derivation, made: Iterable[str], known: set[str]
) -> None:
    told = [each.column for each in derivation.columns]

    assert sorted(told) == sorted(made)
    assert derivation.inputs <= known


# What is told is so: a value that changes changes no column that does not say it comes from it


def test_no_column_of_a_till_moves_a_posting_line_that_does_not_tell_of_it(open_shop: OpenShop) -> None:
    shop = open_shop("S01", mappings=MAPPINGS)
    shop.send(mixed_day(Till("S01")))
    collect(shop.work, "S01")
    opened = OpenDay.of(shop.work, "S01", DAY)
    before = rows_of(wanted_of(opened, opened.sums))
    moved, silent = set(), {}

    for table in ("receipts", "lines", "tenders", "ztenders"):
        for column in set(SCHEMAS[table].names) & set(getattr(opened.once.tables, table).column_names):
            again = OpenDay.of(shop.work, "S01", DAY)
            again.__dict__["once"] = replace(opened.once, tables=levelled(opened.once.tables, table, column))
            changed = changed_columns(before, rows_of(wanted_of(again, again.sums)), LINE_COLUMNS)
            moved |= changed
            if left := not_told(WANTED_FROM, f"{table}.{column}", changed):
                silent[f"{table}.{column}"] = left

    assert silent == {}
    assert {"role", "nominal", "tax_code", "account", "net_minor", "tax_minor"} <= moved


@pytest.mark.parametrize("profile", PROFILES)
def test_no_column_of_a_posting_line_moves_a_row_of_the_file_that_does_not_tell_of_it(profile: str) -> None:
    day = staged(wanted(MIXED), company=COMPANIES[profile])
    before = fields_of(day)
    moved, silent = set(), {}

    for place, column in enumerate((*PostingKey._fields, "net_minor", "tax_minor")):
        values = [(*key, *amount) for key, amount in day.lines.items()]
        rows = [(*row[:place], OTHERWISE[column](row[place]), *row[place + 1 :]) for row in values]
        lines = {PostingKey(*row[:6]): Amount(*row[6:]) for row in rows}
        changed = changed_columns(before, fields_of(replace(day, lines=lines)), HEADER)
        moved |= changed
        if left := not_told(TRANSACTIONS_FROM, column, changed):
            silent[column] = left

    assert silent == {}
    assert {"Type", "Nominal A/C Ref", "Department Code", "Details", "Net Amount", "Tax Code", "Tax Amount"} <= moved


OTHERWISE: dict[str, Callable[[Any], Any]] = {
    "role": lambda role: [*Role][([*Role].index(role) + 1) % len(Role)],
    "nominal": lambda nominal: f"9{nominal[1:]}",
    "department": lambda department: department + 1,
    "tax_code": lambda code: {"T1": "T5", "T5": "T0"}.get(code, code),
    "account": lambda account: account and f"X{account[1:]}",
    "detail": lambda detail: f"{detail} of old",
    "net_minor": lambda minor: minor + 7,
    "tax_minor": lambda minor: minor - 7,
}
"""Another value of each column, different for different ones."""


def mixed_day(till: Till) -> Slice:
    """A day with something of every kind: nominals, rates, a refund, tenders, a gift card, an account, a count."""
    return till.slice(
        "09:00",
        sale("12.00", at="09:01"),
        sale("10.50", tax_class="RED", category="DELI", sku="10002", tender="VISA", at="09:02"),
        sale(Line("20.00", tax_class="OUT", category="GIFTCARD"), tender="VISA", at="09:03"),
        sale("7.20", tender="ACCOUNT", customer="C001", at="09:04"),
        refund("2.40", at="09:05"),
        sale("5.00", tax_class="ZERO", tender={"CASH": "3.00", "GIFT": "2.00"}, at="09:06"),
        z(counted="12.70", at="10:00"),
    )


MIXED = TradingDay(
    receipts=(
        Receipt((FigureLine("GROCERY", "STD", 1200, 200), FigureLine("DELI", "RED", 1050, 50)), (("CASH", 2250),)),
        Receipt((FigureLine("GROCERY", "STD", 720, 120),), (("ACCOUNT", 720),), customer="C001"),
        Receipt((FigureLine("DELI", "RED", 210, 10),), (("VISA", 210),), is_refund=True),
        Receipt((FigureLine("GIFTCARD", "OUT", 2000, 0),), (("VISA", 2000),)),
    ),
    over={("01", "CASH"): -30},
)


def not_told(derivation: Derivation, column: str, changed: Iterable[str]) -> list[str]:
    """The columns that changed and do not say that they come from ``column``."""
    of = {each.column: {*each.of, *derivation.steered_by} for each in derivation.columns}
    return sorted(name for name in changed if column not in of[name])


def changed_columns(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]], names: Iterable[str]) -> set[str]:
    """The columns whose values are others than before, in whatever order the rows are."""
    was, now = ([sorted(map(str, values)) for values in zip(*rows, strict=True)] for rows in (before, after))
    return {name for name, old, new in zip(names, was, now, strict=True) if old != new}


def levelled(tables: Tables, table: str, column: str) -> Tables:
    """The tables with the first row's value in all rows of one column."""
    whole = getattr(tables, table)
    place = whole.schema.get_field_index(column)
    first = whole.column(column).combine_chunks().take(pa.array([0] * whole.num_rows))
    return replace(tables, **{table: whole.set_column(place, whole.schema.field(place), first)})


def rows_of(lines: Lines) -> list[tuple[Any, ...]]:
    return [("S01", DAY, *key, *amount) for key, amount in lines.items()]


def fields_of(day: StagedDay) -> list[tuple[Any, ...]]:
    rows = PROFILES[day.company.profile](day)
    batch = hashlib.sha256(repr(rows).encode()).hexdigest()[:12]
    return [tuple(line.split(",")) for line in transactions_csv(rows, batch).decode().splitlines()[1:]]


# The way of a day


@pytest.fixture(scope="module")
def told(open_shop: OpenShop) -> tuple[Shop, list[Passage]]:
    """A day of two stores through all stages, the second held, then corrected; what each stage told."""
    shop = open_shop("S01", "S02", company=WITH_STOCK)
    shop.send(mixed_day(Till("S01")))
    till = Till("S02")
    shop.send(till.slice("09:00", sale("12.00", tender={"CASH": "11.00"}), z(at="10:00")))
    passages = [of_collect(shop.work, collect(shop.work, store)) for store in ("S01", "S02")]
    check(shop.work, "S01", DAY)
    with pytest.raises(StoreDayHeld):
        check(shop.work, "S02", DAY)
    passages += [of_check(shop.work, store, DAY) for store in ("S01", "S02")]
    post(shop.work, "S01", DAY)
    passages.append(of_post(shop.work, "S01", DAY))
    passages.append(of_stage(shop.work, stage(shop.work, CODE, DAY)))
    passages.append(of_stage(shop.work, sync_stock(shop.work, CODE, DAY)))
    passages.append(of_deliver(shop.work, deliver(shop.work, CODE, DAY)))
    passages.append(of_deliver(shop.work, deliver_stock(shop.work, CODE)))
    return shop, [passage for passage in passages if passage]


def origins(passages: list[Passage]) -> dict[Name, set[Name]]:
    """What each dataset was made from: by its columns where they are told, else by the task's inputs."""
    found: dict[Name, set[Name]] = {}
    for passage in passages:
        for made in passage.outputs:
            of = made.origin.inputs if made.origin else tuple(each.named for each in passage.inputs)
            found.setdefault(made.named, set()).update(of)
    return found


def back_from(start: Name, of: dict[Name, set[Name]]) -> set[Name]:
    found, ahead = set(), deque([start])
    while ahead:
        for each in of.get(ahead.popleft(), set()) - found:
            found.add(each)
            ahead.append(each)
    return found


@pytest.mark.parametrize("file", ["transactions.csv", "stock.csv"])
def test_the_file_for_sage_leads_back_to_its_own_stores_tills_and_to_no_others(
    told: tuple[Shop, list[Passage]], file: str
) -> None:
    shop, passages = told
    [delivered] = (shop.home / "outbox").glob(f"*/*/*/{file}")

    found = back_from(Name("file", str(delivered)), origins(passages))

    assert Name("file", str(shop.sources / "S01")) in found
    assert Name("file", str(shop.home / "canonical" / "S01" / DAY.isoformat())) in found
    assert not any("S02" in each.name for each in found)


def test_datasets_are_called_after_the_places_where_they_lie(told: tuple[Shop, list[Passage]]) -> None:
    shop, passages = told
    named = {each.named for passage in passages for each in (*passage.inputs, *passage.outputs)}

    gone = {name for space, name in named if space == "file" and not Path(name).exists()}

    of_ledger = {name for name in gone if f"{shop.home}/ledger.sqlite/" in name}
    drafts = {name for name in gone if f"{shop.home}/staging/" in name}  # moved to the outbox
    assert gone == of_ledger | drafts
    assert len(of_ledger) == 2  # wanted_lines and stock_book of S01
    assert len(drafts) == 2


def test_a_held_store_day_tells_which_expectation_it_did_not_meet(told: tuple[Shop, list[Passage]]) -> None:
    shop, passages = told
    [held] = [each for passage in passages for each in passage.inputs if each.outcomes and "S02" in each.named.name]

    unmet = {(one.asserted.check, one.holds, one.found) for one in held.outcomes if not one.asserted.is_met}
    met = [one for one in held.outcomes if one.asserted.is_met]

    headline = "tenders do not sum to the receipt: 1 of 1 receipts, out by -1.00 in all"
    assert ("tenders do not sum to the receipt", True, headline) in unmet
    assert len(met) > 10
    assert shop.state("S02") == "held"


def test_what_is_known_of_a_dataset_are_its_counts_sizes_and_sums(told: tuple[Shop, list[Passage]]) -> None:
    shop, passages = told
    [landing] = [each for each in passages[0].outputs if each.named.name.endswith("/landing/S01")]
    [canonical] = [each for each in passages[0].outputs if "/canonical/S01/" in each.named.name]
    [delivered] = (shop.home / "outbox").glob("*/*/*/transactions.csv")
    [sent] = (shop.sources / "S01").glob("*.csv")

    outbox = next(e for p in passages for e in p.outputs if e.named.name == str(delivered))

    assert (landing.measured.size, landing.measured.files) == (sent.stat().st_size, 1)  # type: ignore[union-attr]
    assert canonical.measured == Measured(rows=6, files=1, sums_minor=(("receipts.gross_minor", 52_30),))
    rows = len(delivered.read_text().splitlines()) - 1
    assert outbox.measured == Measured(rows=rows, size=delivered.stat().st_size, files=1)


def test_a_run_that_finds_nothing_new_tells_nothing(told: tuple[Shop, list[Passage]]) -> None:
    shop, _ = told

    again = of_collect(shop.work, collect(shop.work, "S01"))
    checked = of_check(shop.work, "S01", DAY)
    staged_again = of_stage(shop.work, stage(shop.work, CODE, DAY))

    assert (again, checked, staged_again) == (None, None, None)


def test_each_of_several_files_is_of_its_own_stores() -> None:
    manifest = {
        "store_days": [{"store": store, "rows": rows} for store, rows in (("S01", 4), ("S02", 5), ("S03", 2))],
        "files": {
            "transactions-2.csv": {"order": 2, "rows": 2},
            "transactions-1.csv": {"order": 1, "rows": 9},
            "sheet.html": {},
        },
    }

    found = stores_by_file(manifest)

    assert found == {"transactions-1.csv": ["S01", "S02"], "transactions-2.csv": ["S03"]}


def test_a_ledger_on_a_server_is_named_without_its_login() -> None:
    url = make_url("postgresql+psycopg://ledger:secret@db.example/takings")

    named = ledger_name(url, "wanted_lines", "S01", DAY)

    assert named == ("postgres://db.example:5432", "takings.public.wanted_lines/S01/2026-11-22")
