"""From a figure in Sage to the till's line it came from, and from a receipt to the batch it went into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shops import OpenShop, Shop, corrected
from storeday.stages.receipt_log import LogChanged, read_receipt_log
from storeday.stages.trace import Found, trace
from tills import DAY


def kinds(found: Found) -> list[str]:
    return [below.kind for below in found.below]


def of_kind(found: Found, kind: str) -> list[Found]:
    return [below for below in found.below if below.kind == kind]


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    return corrected(open_shop)


def test_a_sage_reference_leads_to_its_rows_its_files_and_each_receipt_with_file_and_line(shop: Shop) -> None:
    (found,) = trace(shop.work, "S01-261122-T")

    rows, files, receipts = (of_kind(found, kind) for kind in ("row", "file", "receipt"))
    assert [row.facts["reference"] for row in rows][:1] == ["S01-261122"]
    assert rows[0].facts["file"] == "transactions.csv"
    assert rows[0].facts["line"] == 2
    assert {"S01_20261122T0900.csv", "S01_20261122T1000.csv"} <= {file.facts["name"] for file in files}
    assert [(r.facts["receipt"], r.facts["gross"], r.facts["file"], r.facts["line"]) for r in receipts] == [
        ("000001", "12.60", "S01_20261122T0900.csv", 2),
        ("000002", "6.00", "S01_20261122T0900.csv", 5),
        ("000003", "-2.40", "S01_20261122T1000.csv", 2),
    ]


def test_a_correction_holds_only_the_receipt_that_came_late(shop: Shop) -> None:
    (found,) = trace(shop.work, "S01-261122-2")

    receipts = of_kind(found, "receipt")
    assert [(r.facts["till"], r.facts["receipt"], r.facts["gross"]) for r in receipts] == [("01", "000004", "24.00")]
    assert found.facts["revision"] == 2
    assert "correction 1" in found.words


def test_a_receipt_leads_to_its_line_and_to_the_one_batch_that_took_it_into_sage(shop: Shop) -> None:
    (found,) = trace(shop.work, "01/000002", "S01")

    assert kinds(found) == ["file", "store-day"]
    file, day = found.below
    assert (found.facts["line"], file.facts["name"]) == (5, "S01_20261122T0900.csv")
    assert day.facts["revision"] == 1
    assert day.facts["batch"] == trace(shop.work, "S01-261122")[0].facts["batch"]


@pytest.mark.parametrize("by", ["name", "digest"])
def test_a_file_leads_to_the_batches_that_hold_its_receipts(shop: Shop, by: str) -> None:
    late = next(file for file in shop.files("S01") if file.name == "S01_20261122T1100.csv")

    (found,) = trace(shop.work, late.name if by == "name" else late.sha256[:10])

    assert [day.facts["revision"] for day in found.below] == [2]


def test_a_batch_leads_to_its_store_days_and_all_of_it_can_be_read_by_a_program(shop: Shop) -> None:
    batch = str(trace(shop.work, "S01-261122")[0].facts["batch"])

    (found,) = trace(shop.work, batch)

    said = json.loads(json.dumps(found.as_json()))
    assert said["kind"] == "batch"
    assert said["sales"] == "16.20"
    assert [day["store"] for day in said["found"]] == ["S01"]
    assert said["found"][0]["new_receipts"] == 3


def test_what_nobody_knows_is_said_with_what_can_be_asked_for(shop: Shop) -> None:
    with pytest.raises(LookupError, match=r"nothing is known of 'S99-261122'.*a receipt \(till/number"):
        trace(shop.work, "S99-261122")


def test_a_receipt_log_that_somebody_changed_is_not_believed(shop: Shop) -> None:
    fact = shop.work.ledger.store_day("S01", DAY)
    assert fact is not None
    path = Path(shop.work.places.receipt_log("S01", DAY, fact.receipt_log))
    written = path.read_bytes()
    path.write_bytes(written[:-1] + b"x")

    try:
        with pytest.raises(LogChanged, match="is not what was written"):
            read_receipt_log(shop.work.places, "S01", DAY, fact.receipt_log)
    finally:
        path.write_bytes(written)


def test_each_accepted_receipt_is_in_exactly_one_batch(shop: Shop) -> None:
    days = [trace(shop.work, reference)[0] for reference in ("S01-261122", "S01-261122-2")]

    held = [(r.facts["till"], r.facts["receipt"]) for day in days for r in of_kind(day, "receipt")]

    assert sorted(held) == [("01", "000001"), ("01", "000002"), ("01", "000003"), ("01", "000004")]
