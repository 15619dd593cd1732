"""The lineage page: a row of Sage's back to file and line, a receipt forward to Sage, as a picture and as a list."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from boards import as_person, board_app
from fastapi import FastAPI
from fastapi.testclient import TestClient
from shops import OpenShop, Shop, corrected
from storeday.board.way import COLUMNS, picture_of, way_of
from storeday.stages.trace import trace
from tills import DAY

REFERENCE = "S01-261122"


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    return corrected(open_shop)


@pytest.fixture(scope="module")
def app(shop: Shop) -> FastAPI:
    return board_app(shop)


@pytest.fixture(scope="module")
def clerk(app: FastAPI) -> TestClient:
    return as_person(app, "clerk")


def drawn(shop: Shop, of: str) -> dict[str, list[str]]:
    """What stands in each column of the picture."""
    picture = picture_of(way_of(trace(shop.work, of)))
    return {name: [box.title for box in picture.boxes if box.column == at] for at, name in enumerate(COLUMNS)}


def arrows(shop: Shop, of: str) -> set[tuple[str, str]]:
    way = way_of(trace(shop.work, of))
    return {(way.boxes[one].title, way.boxes[other].title) for one, other in way.arrows}


def test_a_sage_reference_is_drawn_from_its_files_to_each_row(shop: Shop) -> None:
    [batch] = [each.batch for each in shop.work.ledger.batch_days("S01", DAY) if each.revision == 1]

    columns, joined = drawn(shop, REFERENCE), arrows(shop, REFERENCE)

    assert columns["Tills' files"] == ["S01_20261122T0900.csv", "S01_20261122T1000.csv"]
    assert columns["Receipts"] == ["2 receipts", "1 receipt"]
    assert (columns["Store-day"], columns["Batch"]) == (["S01 22 Nov 2026"], [batch])
    assert columns["Rows in Sage"][0] == "BR 4000 · line 2"
    way = ["S01_20261122T0900.csv", "2 receipts", "S01 22 Nov 2026", batch, "BR 4000 · line 2"]
    assert set(pairwise(way)) <= joined


def test_a_correction_is_drawn_with_the_receipt_that_came_late_alone(shop: Shop) -> None:
    columns = drawn(shop, f"{REFERENCE}-2")

    assert columns["Receipts"] == ["1 receipt"]
    assert columns["Store-day"] == ["S01 22 Nov 2026, correction 1"]


def test_a_receipt_is_drawn_forward_to_the_rows_that_it_is_in(shop: Shop) -> None:
    columns, joined = drawn(shop, "01/000002"), arrows(shop, "01/000002")

    assert columns["Tills' files"] == ["S01_20261122T0900.csv"]
    assert columns["Receipts"] == ["till 01 receipt 000002"]
    assert ("till 01 receipt 000002", "S01 22 Nov 2026") in joined
    assert columns["Rows in Sage"]


@pytest.mark.parametrize("of", ["S01_20261122T1000.csv", "batch"])
def test_a_file_and_a_batch_are_drawn_too(shop: Shop, of: str) -> None:
    [batch] = [each.batch for each in shop.work.ledger.batch_days("S01", DAY) if each.revision == 1]

    picture = picture_of(way_of(trace(shop.work, batch if of == "batch" else of)))

    [asked] = [box for box in picture.boxes if box.is_asked]
    assert asked.title == (batch if of == "batch" else of)
    assert {box.column for box in picture.boxes} == {0, 1, 2, 3, 4}


def test_boxes_never_lie_on_each_other_and_stay_in_the_picture(shop: Shop) -> None:
    picture = picture_of(way_of(trace(shop.work, REFERENCE)))

    places = [(box.x, box.y) for box in picture.boxes]

    assert len(set(places)) == len(places)
    assert all(x < picture.width and y < picture.height for x, y in places)


def test_the_page_leads_on_to_the_store_day_the_sheet_and_each_receipt(clerk: TestClient) -> None:
    said = clerk.get(f"/lineage?of={REFERENCE}")

    assert said.status_code == 200
    assert 'href="/day/S01/2026-11-22"' in said.text
    assert re.search(r'href="/sheet/[0-9a-f]{12}"', said.text)
    assert 'href="/lineage?of=01/000002&amp;store=S01&amp;day=2026-11-22"' in said.text
    assert "S01_20261122T0900.csv line 5" in said.text


def test_the_store_days_page_leads_to_each_of_its_references(clerk: TestClient) -> None:
    said = clerk.get("/day/S01/2026-11-22").text

    assert 'href="/lineage?of=S01-261122"' in said
    assert 'href="/lineage?of=S01-261122-2"' in said


def test_single_receipts_are_for_those_who_may_see_them(app: FastAPI, clerk: TestClient) -> None:
    reader, receipt = as_person(app, "reader"), "/lineage?of=01/000002&store=S01&day=2026-11-22"

    of_day, of_receipt, seen = reader.get(f"/lineage?of={REFERENCE}"), reader.get(receipt), clerk.get(receipt)

    assert of_day.status_code == 200
    assert "receipt till 01" not in of_day.text
    assert of_receipt.status_code == 403
    assert "receipt till 01 000002 at 09:07 sale 6.00" in seen.text


@pytest.mark.parametrize("narrowed", ["", "&store=S01", "&day=2026-11-22"])
def test_a_receipt_is_asked_for_with_its_store_and_day(clerk: TestClient, narrowed: str) -> None:
    said = clerk.get(f"/lineage?of=01/000002{narrowed}")

    assert said.status_code == 422
    assert "Say the store and the trading day of receipt 01/000002 too" in said.text


def test_what_nothing_is_known_of_is_said_and_nothing_asked_shows_how_to_ask(clerk: TestClient) -> None:
    unknown, empty = clerk.get("/lineage?of=S09-261122"), clerk.get("/lineage")

    assert unknown.status_code == 404
    assert "nothing is known of" in unknown.text
    assert empty.status_code == 200
    assert "S01-261122" in empty.text


def test_what_is_asked_for_is_text_and_never_markup(clerk: TestClient) -> None:
    said = clerk.get("/lineage", params={"of": "<script>alert(1)</script>"})

    assert "<script>alert" not in said.text
