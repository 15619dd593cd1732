"""Every feed against files in its format's shape: made by us, checked by hand, the sums beside them.

A case is a folder below feeds/{feed}/ with a store's settings, the files of one slice, and what is read from
them. `storeday feed golden FILE --store-file store.yaml` writes the latter once and never again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from storeday.feeds.golden import golden_text
from storeday.feeds.registry import FEEDS
from storeday.model.money import minor_of
from storeday.model.tables import SCHEMAS
from storeday.stages.feed_files import OpenedFile, open_file, store_from

CASES = sorted(path.parent for path in (Path(__file__).parent / "feeds").glob("*/*/store.yaml"))


def case_named(case: Path) -> str:
    return f"{case.parent.name}-{case.name}"


@pytest.fixture(params=CASES, ids=case_named)
def case(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def opened(case: Path) -> OpenedFile:
    golden = next(case.rglob("*.golden.json"))
    return open_file(golden.with_name(golden.name.removesuffix(".golden.json")), store_from(case / "store.yaml"))


def test_it_reads_as_its_golden_file_says(opened: OpenedFile) -> None:
    golden = opened.path.with_name(f"{opened.path.name}.golden.json")

    text = golden_text(opened.read)

    assert text.decode().splitlines() == golden.read_text(encoding="utf-8").splitlines()
    assert {name: table.schema for name, table in opened.read.tables.items()} == SCHEMAS


def test_its_sums_are_those_worked_out_by_hand(case: Path, opened: OpenedFile) -> None:
    """sums.md has a table with a row a receipt: receipt, gross, tax; and one a tender: tender, amount."""
    receipts, tenders = sums_in((case / "sums.md").read_text(encoding="utf-8"))

    read = opened.read.tables

    assert {r["receipt"]: (r["gross_minor"], r["tax_minor"]) for r in read.receipts.to_pylist()} == receipts
    taken: dict[str, int] = {}
    for tender in read.tenders.to_pylist():
        taken[tender["tender"]] = taken.get(tender["tender"], 0) + tender["amount_minor"]
    assert taken == tenders
    assert opened.read.gross_minor == sum(gross for gross, _ in receipts.values()) == sum(tenders.values())


def test_what_its_feed_guarantees_holds(opened: OpenedFile) -> None:
    guarantees = FEEDS[opened.store.feed].guarantees
    tables = opened.read.tables

    lines, taxes, tenders = (
        by_receipt(table.to_pylist(), amount)
        for table, amount in (
            (tables.lines, "gross_minor"),
            (tables.lines, "tax_minor"),
            (tables.tenders, "amount_minor"),
        )
    )

    for receipt in tables.receipts.to_pylist():
        key = receipt["receipt"]
        assert lines.get(key, 0) == receipt["gross_minor"] or not guarantees.lines
        assert taxes.get(key, 0) == receipt["tax_minor"] or not guarantees.lines
        assert tenders.get(key, 0) == receipt["gross_minor"] or not guarantees.tenders


def test_every_feed_has_a_golden_case() -> None:
    named = {case.parent.name for case in CASES}

    assert named == set(FEEDS)


def by_receipt(rows: list[dict[str, object]], amount: str) -> dict[object, int]:
    total: dict[object, int] = {}
    for row in rows:
        total[row["receipt"]] = total.get(row["receipt"], 0) + int(str(row[amount]))
    return total


def sums_in(text: str) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """The two tables of a sums.md, of four columns by receipt and of three by tender; the last row is the sum."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    amounts = [row for row in rows if re.fullmatch(r"-?[0-9]+\.[0-9]{2}", row[1])]
    receipts = {row[0]: (minor_of(row[1]), minor_of(row[2])) for row in amounts if len(row) == 4 and row[0] != "sum"}
    tenders = {row[0]: minor_of(row[1]) for row in amounts if len(row) == 3 and row[0] != "sum"}
    return receipts, tenders
