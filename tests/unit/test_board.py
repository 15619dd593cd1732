"""The board and the store-day's page: what they say of what the ledger knows, and to whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from boards import as_person, board_app
from fastapi.testclient import TestClient
from shops import OpenShop, Shop
from sqlalchemy import event
from storeday.board.queries import StoreDays
from storeday.ledger.readings import Comparison
from storeday.model.differences import BANK_STATEMENT, Difference, Reading
from storeday.model.differences import DifferenceKind as Kind
from tills import DAY, Till, sale, z


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    """S01 is delivered, S02 is held by a gap in its numbers, of S03 nothing came, S04 is shut on the day."""
    day = f"{DAY:%a}".lower()
    opened = open_shop("S01", "S02", "S03", S04=f"opening: {{closed_weekdays: [{day}]}}")
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    gap = Till("S02")
    opened.send(gap.slice("09:00", sale("5.00")))
    opened.send(gap.skip(3).slice("10:00", sale("3.00"), z()))
    opened.run()
    return opened


@pytest.fixture(scope="module")
def reader(shop: Shop) -> TestClient:
    return as_person(board_app(shop), "reader")


@pytest.fixture(scope="module")
def clerk(shop: Shop) -> TestClient:
    return as_person(board_app(shop), "clerk")


def said_of(html: str, store: str) -> list[str]:
    """What the cells of a store say that are no closed day."""
    return [text for text in re.findall(r'aria-label="([^"]*)"', html) if text.startswith(f"Shop {store},")]


def test_each_store_day_says_its_state_its_takings_and_its_receipts(reader: TestClient) -> None:
    html = reader.get("/").text

    assert said_of(html, "S01") == ["Shop S01, Sun 22 Nov 2026: delivered, £12.60, 1 receipts"]
    assert said_of(html, "S02") == ["Shop S02, Sun 22 Nov 2026: held: waits for a person, £8.00, 2 receipts"]
    assert said_of(html, "S03") == ["Shop S03, Sun 22 Nov 2026: missing: nothing came"]
    assert said_of(html, "S04") == []


def test_the_day_is_summed_over_its_stores(reader: TestClient) -> None:
    html = reader.get("/").text

    assert "Sun 22 Nov 2026: 1 of 3 staged, takings £20.60" in html
    assert "<b>1</b> held, £8.00 waiting" in html
    assert "<b>1</b> missing" in html


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("state=held", ["S02"]),
        ("state=expected", ["S03"]),
        ("store=s01", ["S01"]),
        ("store=Shop+S0", ["S01", "S02", "S03", "S04"]),
        ("company=corner-shops", ["S01", "S02", "S03", "S04"]),
        ("company=nobody", []),
        ("state=confirmed", []),
    ],
)
def test_a_filter_leaves_the_stores_that_it_is_about(reader: TestClient, asked: str, shown: list[str]) -> None:
    html = reader.get(f"/?{asked}").text

    assert re.findall(r'<th scope="row"><b>(S\d\d)</b>', html) == shown


def test_the_board_ends_with_the_day_that_is_asked_for(reader: TestClient) -> None:
    html = reader.get(f"/?to={DAY - timedelta(days=1)}").text

    assert said_of(html, "S01") == []


def test_a_month_of_a_thousand_stores_is_read_from_one_index_and_not_from_their_figures(
    shop: Shop,
) -> None:
    said: list[tuple[str, tuple[str, ...]]] = []
    engine = shop.work.ledger.engine
    event.listen(engine, "before_cursor_execute", lambda *heard: said.append((heard[2], heard[3])))
    asked = StoreDays(engine, [DAY])

    found = [set(asked.by_state()), {total.store_days for total in asked.totals(None)}, set(asked.of(["S01"]))]

    queries = [(query, values) for query, values in said if query.startswith("SELECT")]
    with engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all() for query, values in queries]
    assert found == [{"S01", "S02"}, {1}, {"S01"}]
    assert ["COVERING INDEX ix_store_days_board" in str(plan) for plan in plans] == [True, True, False]
    assert "SEARCH store_days" in str(plans[2])  # of a page's stores alone, by their keys


def test_htmx_gets_the_middle_of_the_page_alone(reader: TestClient) -> None:
    html = reader.get("/?state=held", headers={"hx-request": "true", "hx-target": "board"}).text

    assert "<html" not in html
    assert 'class="tiles"' in html


def test_a_held_store_day_says_why_and_what_a_person_may_do(clerk: TestClient) -> None:
    html = clerk.get(f"/day/S02/{DAY}").text

    assert "receipt numbers are missing" in html
    assert "till 01 receipt 000002 to 000004" in html
    assert "accept that" in html


def test_single_receipts_are_for_those_who_may_see_them(shop: Shop, reader: TestClient, clerk: TestClient) -> None:
    [example, *_] = shop.work.ledger.holds("S02", DAY)[0].examples

    assert example.what in clerk.get(f"/day/S02/{DAY}").text
    assert example.what not in reader.get(f"/day/S02/{DAY}").text


def test_a_delivered_store_day_shows_figures_files_batches_and_its_way(reader: TestClient) -> None:
    html = reader.get(f"/day/S01/{DAY}").text

    [batch] = re.findall(r'<th scope="row">([\w-]+)</th><td>1</td><td>delivered</td>', html)
    assert batch
    assert "<dt>Takings</dt><dd>£12.60</dd>" in html
    assert "expected → <b>received</b>" in html
    assert "staged → <b>delivered</b>" in html


def test_a_store_day_of_which_nothing_came_says_so(reader: TestClient) -> None:
    answer = reader.get(f"/day/S03/{DAY}")

    assert answer.status_code == 200
    assert "missing: nothing came" in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/day/S99/2026-11-22", 404), ("/day/S01/yesterday", 422), ("/day/..%2F/2026-11-22", 404)]
)
def test_what_is_not_there_is_said_in_words(reader: TestClient, path: str, status: int) -> None:
    answer = reader.get(path)

    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_what_a_till_or_a_name_says_is_text_and_never_markup(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company="", S02='name: "<script>alert(1)</script>"')
    shop.send(Till("S01").slice("09:00", sale("1.00"), z()))
    shop.run()

    html = as_person(board_app(shop), "reader").get("/").text

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_what_differs_in_sage_is_marked_on_its_cell_counted_and_told_on_the_store_days_page(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("S01", "S02")
    for store in ("S01", "S02"):
        shop.send(Till(store).slice("09:00", sale("12.60"), z()))
    shop.run()
    (batch,) = shop.work.ledger.batches("corner-shops", DAY)
    gone = Difference(
        "corner-shops", Kind.DELETED, "S01", DAY, 12_60, 0, "BR 1235 4000", "A person deleted it.", "Post it again."
    )
    twice = replace(gone, store=None, kind=Kind.IMPORTED_TWICE, batch=batch.id, what="all of it")
    for found in ((gone,), (gone, twice)):
        reading = Reading("corner-shops", "odbc", "Sage", str(len(found)), 1, DAY, DAY)
        every = frozenset(Kind)
        compared = Comparison(reading, "", DAY, DAY, every, found, frozenset(), frozenset({("S01", DAY)}))
        shop.work.ledger.record_comparison(compared, "tests")
        if len(found) == 1:
            first = as_person(board_app(shop), "reader").get("/").text
    client = as_person(board_app(shop), "reader")

    html, page = client.get("/").text, client.get(f"/day/S02/{DAY}").text

    assert [said.endswith("Sage differs") for store in ("S01", "S02") for said in said_of(first, store)] == [
        True,
        False,
    ]
    assert [said.endswith("Sage differs") for store in ("S01", "S02") for said in said_of(html, store)] == [True, True]
    assert "<b>2</b> differences in Sage" in html
    assert "Sage differs: imported twice" in page
    assert "all of it; handed over £12.60, in Sage £0.00." in page
    assert "Sage differs: deleted" not in page


def test_a_deposit_that_did_not_come_stands_on_the_store_days_page_and_is_no_difference_in_sage(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.60", tender="VISA"), z()))
    shop.run()
    lost = Difference(
        "corner-shops", Kind.DEPOSIT_NOT_COME, "S01", DAY, 12_60, 0, "S01 cards 22 Nov", "Overdue.", "Look for it."
    )
    reading = Reading("corner-shops", BANK_STATEMENT, "payouts.csv", "1", 1, DAY, DAY)
    compared = Comparison(reading, "", DAY, DAY, frozenset(Kind), (lost,), frozenset(), frozenset())
    shop.work.ledger.record_comparison(compared, "tests")
    client = as_person(board_app(shop), "reader")

    html, page = client.get("/").text, client.get(f"/day/S01/{DAY}").text

    assert not any(said.endswith("Sage differs") for said in said_of(html, "S01"))
    assert "differences in Sage" not in html
    assert "The bank differs: deposit not come" in page
    assert "S01 cards 22 Nov; expected £12.60, in the bank £0.00." in page
