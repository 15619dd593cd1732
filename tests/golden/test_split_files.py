"""A batch of more rows than one file may hold: its files, byte for byte, and what must hold across them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from figures import COMPANY, STORE, Line, Receipt, TradingDay, batch_of, booked, staged, store, wanted
from hypothesis import given
from hypothesis import strategies as st
from storeday.config.settings import Company
from storeday.model.storage import MANIFEST
from storeday.sage50.batch import Batch
from storeday.sage50.proof import ProvenDay
from storeday.sage50.rows import Row
from storeday.sage50.transaction_files import cut, transaction_files
from storeday.sage50.uk_rules import Masters, problems_in_all

GOLDEN = Path(__file__).parent / "split_files"
SHOPS = (STORE, store("S02", "Durham Market", 2), store("S03", "York Coppergate", 3))
MASTERS = Masters(
    banks=frozenset({"1235", "1230", "1250"}),
    customers=frozenset(),
    rates_bp={"T1": frozenset({2_000})},
    posted_on=frozenset({staged({}).posted_on}),
    pennies=1,
)

Golden = Callable[[Path, bytes], None]


def sale(gross: int, tax: int, tender: str) -> Receipt:
    return Receipt((Line("GROCERY", "STD", gross, tax),), ((tender, gross),))


DAYS = (
    TradingDay((sale(12_00, 2_00, "CASH"),)),
    TradingDay((sale(24_00, 4_00, "CASH"), sale(36_00, 6_00, "VISA"))),
    TradingDay((sale(48_00, 8_00, "VISA"),)),
)


def batch(rows_a_file: int, **sage: int) -> Batch:
    """Three stores of 3, 4 and 3 rows."""
    company = Company.model_validate({**COMPANY.model_dump(), "rows_a_file": rows_a_file, "sage": sage})
    days = (staged(wanted(day, shop), of=shop, company=company) for day, shop in zip(DAYS, SHOPS, strict=True))
    return batch_of(*days, receipts=2, company=company)


def written(made: Batch) -> dict[str, bytes]:
    """The transaction files, in the order in which they are imported."""
    return {name: made.files[name] for name in transaction_files(json.loads(made.files[MANIFEST]))}


@pytest.mark.parametrize("name", ["transactions-1.csv", "transactions-2.csv"])
def test_a_batch_of_ten_rows_becomes_two_files_of_at_most_seven(name: str, golden: Golden) -> None:
    made = batch(rows_a_file=7)

    files = written(made)

    assert list(files) == ["transactions-1.csv", "transactions-2.csv"]
    golden(GOLDEN / name, files[name])


def test_the_manifest_says_in_which_order_the_files_come_and_what_is_in_each() -> None:
    made = batch(rows_a_file=7)

    said = json.loads(made.files[MANIFEST])["files"]

    assert [(said[n]["order"], said[n]["rows"], said[n]["sales"]) for n in sorted(said) if n.endswith(".csv")] == [
        (1, 7, "72.00"),
        (2, 3, "48.00"),
    ]


@pytest.mark.parametrize(
    ("rows_a_file", "rows"),
    [(3_000, [10]), (10, [10]), (9, [7, 3]), (6, [3, 4, 3]), (1, [3, 4, 3])],
)
def test_a_store_day_is_never_cut_even_where_it_is_larger_than_a_file(rows_a_file: int, rows: list[int]) -> None:
    made = batch(rows_a_file)

    files = written(made)

    assert [content.count(b"\r\n") - 1 for content in files.values()] == rows


def test_a_company_whose_sage_takes_fewer_rows_gets_smaller_files() -> None:
    made = batch(rows_a_file=3_000, row_limit=6)

    files = written(made)

    assert list(files) == ["transactions-1.csv", "transactions-2.csv", "transactions-3.csv"]


def test_ten_files_are_imported_in_the_order_of_their_numbers_not_of_their_letters() -> None:
    said = {f"transactions-{number}.csv": {"order": number} for number in range(12, 0, -1)}

    names = transaction_files({"files": {**said, "sheet.html": {}, "customers.csv": {"order": 1}}})

    assert names == [f"transactions-{number}.csv" for number in range(1, 13)]


def test_the_same_rows_are_posted_however_they_are_cut() -> None:
    whole, parts = batch(rows_a_file=3_000), batch(rows_a_file=1)

    rows = [line for content in written(parts).values() for line in content.splitlines()[1:]]

    assert rows == written(whole)["transactions.csv"].splitlines()[1:]
    assert parts.id == whole.id
    assert booked(parts.rows)["1235"] == 0


def test_a_reference_that_is_cut_between_two_files_does_not_get_past_the_validator() -> None:
    made = batch(rows_a_file=3_000)
    header, *rows = written(made)["transactions.csv"].splitlines(keepends=True)

    problems = problems_in_all({"a.csv": header + rows[0], "b.csv": header + b"".join(rows)}, made.id, MASTERS)

    assert problems == ["rows of S01-261122 of 22/11/2026 are cut between a.csv and b.csv"]


def test_the_validator_names_the_file_of_a_fault() -> None:
    made = batch(rows_a_file=7)
    files = written(made)
    files["transactions-2.csv"] = files["transactions-2.csv"].replace(b",T1,", b",T7,")

    problems = problems_in_all(files, made.id, MASTERS)

    assert problems == ["transactions-2.csv line 2: tax code 'T7' is not one of the company's"]


@given(rows=st.lists(st.integers(1, 30), min_size=1, max_size=40), rows_a_file=st.integers(1, 50))
def test_files_are_full_but_never_over_full_and_keep_the_order(rows: list[int], rows_a_file: int) -> None:
    row = Row("JD", "", "1250", 1, staged({}).posted_on, "S01-261122", "Takings banked", 1, "T9", 0)
    days = [ProvenDay(staged({}, revision=n), [row] * size, {}) for n, size in enumerate(rows, start=1)]

    files = cut(days, rows_a_file)

    sizes = [sum(len(day.rows) for day in file) for file in files]
    assert [day for file in files for day in file] == days
    assert all(size <= rows_a_file or len(file) == 1 for size, file in zip(sizes, files, strict=True))
    assert all(size + len(after[0].rows) > rows_a_file for size, after in zip(sizes, files[1:], strict=False))
