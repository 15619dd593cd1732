"""What a person does from the board: as from the command line, with their name, and only from a page of the board."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from boards import NoAirflow, as_person, board_app
from fastapi.testclient import TestClient
from shops import OpenShop, Shop
from storeday.board.board import days_between
from storeday.model.store_day import State
from tills import DAY, Slice, Till, sale, z

HERE = {"sec-fetch-site": "same-origin"}
RELEASE = f"/day/S01/{DAY}/release"


def with_a_gap(shop: Shop) -> Till:
    """Receipts 000002 to 000004 are in no file, so that the day is held."""
    till = Till("S01")
    shop.send(till.slice("09:00", sale("5.00")))
    shop.send(till.skip(3).slice("10:00", sale("3.00"), z()))
    shop.run()
    return till


@pytest.fixture
def airflow() -> NoAirflow:
    return NoAirflow()


@pytest.fixture(scope="module")
def held(open_shop: OpenShop) -> Shop:
    """A held day about which nothing is decided in any test."""
    opened = open_shop("S01")
    with_a_gap(opened)
    return opened


@pytest.fixture
def looker_on(held: Shop, airflow: NoAirflow) -> TestClient:
    """Who may act, in tests in which nothing comes of it."""
    return as_person(board_app(held, airflow), "keeper")


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    opened = open_shop("S01")
    with_a_gap(opened)
    return opened


@pytest.fixture
def keeper(shop: Shop, airflow: NoAirflow) -> TestClient:
    return as_person(board_app(shop, airflow), "keeper")


def token(page: str) -> str:
    """What the forms of a page carry."""
    return re.findall(r'name="token" value="([^"]+)"', page)[0]


def post(client: TestClient, path: str, page: str = f"/day/S01/{DAY}", **said: str) -> int:
    """Send a form as the browser would from a page; the status."""
    form = {"token": token(client.get(page).text), **said}
    return client.post(path, data=form, headers=HERE).status_code


def decided(shop: Shop) -> list[tuple[str, str, str]]:
    return [(str(made.kind), made.why, made.by) for made in shop.work.ledger.decisions("S01", DAY)]


def test_a_released_gap_is_a_decision_with_the_persons_name_and_the_next_run_stages_the_day(
    shop: Shop, keeper: TestClient
) -> None:
    status = post(keeper, RELEASE, why="the till was replaced")
    shop.run()

    assert status == 303
    assert decided(shop) == [("accept_gap", "the till was replaced", "keeper")]
    assert shop.state("S01") is State.DELIVERED
    assert ("accept_gap: receipt numbers are missing: the till was replaced", "keeper") in [
        (why, by) for *_, why, by in shop.work.ledger.events("S01", DAY)
    ]


def test_the_run_that_was_ticked_is_started_and_is_an_event(shop: Shop, keeper: TestClient, airflow: NoAirflow) -> None:
    post(keeper, RELEASE, why="the till was replaced", again="true")

    assert airflow.asked == [("run", DAY, ["S01"], "keeper")]
    assert shop.work.ledger.events("S01", DAY)[-1][3:] == ("run asked for", "keeper")


def test_a_run_that_airflow_refuses_leaves_the_decision_and_says_so(
    shop: Shop, keeper: TestClient, airflow: NoAirflow
) -> None:
    airflow.refuses = "close_store_days is paused"
    form = {"token": token(keeper.get(f"/day/S01/{DAY}").text), "why": "the till was replaced", "again": "true"}

    answer = keeper.post(RELEASE, data=form, headers=HERE)

    assert answer.status_code == 409
    assert "close_store_days is paused" in answer.text
    assert len(decided(shop)) == 1


@pytest.mark.parametrize("why", ["", "   "])
def test_nothing_is_released_without_a_reason(held: Shop, looker_on: TestClient, why: str) -> None:
    assert post(looker_on, RELEASE, why=why) == 409
    assert decided(held) == []


def test_a_decision_is_withdrawn(shop: Shop, keeper: TestClient) -> None:
    post(keeper, RELEASE, why="the till was replaced")
    [made] = shop.work.ledger.decisions("S01", DAY)

    assert post(keeper, f"/day/S01/{DAY}/withdraw", number=str(made.number), why="it was found") == 303
    assert shop.work.ledger.in_force("S01", DAY) == []


def test_one_side_of_a_conflict_is_accepted(open_shop: OpenShop, airflow: NoAirflow) -> None:
    shop = open_shop("S01")
    first: Slice = Till("S01").slice("09:00", sale("12.60"))
    other = Till("S01").slice("10:00", sale("12.80"))
    shop.send(first)
    shop.send(other)
    shop.run()
    keeper = as_person(board_app(shop, airflow), "keeper")
    page = keeper.get(f"/day/S01/{DAY}").text
    digests = re.findall(r'name="accept" value="([0-9a-f]{64})"', page)
    [check] = set(re.findall(r'name="check" value="([^"]+contents)"', page))

    status = post(keeper, RELEASE, check=check, accept=digests[0], why="the second was a test")

    assert len(digests) == 2
    assert status == 303
    assert shop.work.ledger.decisions("S01", DAY)[0].about[0] == digests[0]


def test_a_store_day_is_rolled_back_and_released_again(open_shop: OpenShop, airflow: NoAirflow) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    keeper = as_person(board_app(shop, airflow), "keeper")

    assert post(keeper, f"/day/S01/{DAY}/rollback", why="wrong store") == 303
    assert shop.state("S01") is State.ROLLED_BACK
    assert shop.work.ledger.delivered("S01", DAY) == {}

    assert post(keeper, RELEASE, why="it was right") == 303
    assert shop.state("S01") is State.RECEIVED


def test_a_backfill_is_asked_for_with_both_ends_and_told_of_each_missing_store_day(
    shop: Shop, keeper: TestClient, airflow: NoAirflow
) -> None:
    first, last = DAY - timedelta(days=2), DAY

    status = post(keeper, "/backfill", page=f"/?to={DAY + timedelta(days=1)}", first=str(first), last=str(last))

    assert status == 303
    assert airflow.asked == [("backfill", first, last, "keeper")]
    for day in days_between(first, last):
        told = [by for *_, why, by in shop.work.ledger.events("S01", day) if "backfill of 2026-11-20" in why]
        assert told == ([] if day == DAY else ["keeper"])


@pytest.mark.parametrize(("first", "last"), [(DAY, DAY - timedelta(days=1)), (date(2026, 1, 1), DAY)])
def test_a_backfill_of_no_days_or_of_a_whole_year_is_not_asked_for(
    looker_on: TestClient, airflow: NoAirflow, first: date, last: date
) -> None:
    assert post(looker_on, "/backfill", first=str(first), last=str(last)) == 422
    assert airflow.asked == []


# From a page of the board alone


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {},
    ],
)
def test_an_action_from_another_site_is_refused(held: Shop, looker_on: TestClient, headers: dict[str, str]) -> None:
    form = {"token": token(looker_on.get(f"/day/S01/{DAY}").text), "why": "an attack"}

    answer = looker_on.post(RELEASE, data=form, headers=headers)

    assert answer.status_code == 403
    assert decided(held) == []


def test_an_older_browser_says_by_its_origin_that_it_is_here(shop: Shop, keeper: TestClient) -> None:
    form = {"token": token(keeper.get(f"/day/S01/{DAY}").text), "why": "the till was replaced"}

    answer = keeper.post(RELEASE, data=form, headers={"origin": "http://testserver"})

    assert answer.status_code == 303
    assert len(decided(shop)) == 1


def test_an_action_without_the_pages_own_token_is_refused(held: Shop, looker_on: TestClient) -> None:
    for form in ({"why": "no token"}, {"why": "made up", "token": "bm90aGluZw.x.y"}):
        assert looker_on.post(RELEASE, data=form, headers=HERE).status_code == 403

    assert decided(held) == []


def test_the_token_of_one_person_is_no_good_for_another(held: Shop, airflow: NoAirflow) -> None:
    app = board_app(held, airflow)
    of_the_keeper = token(as_person(app, "keeper").get(f"/day/S01/{DAY}").text)

    answer = as_person(app, "deputy").post(RELEASE, data={"token": of_the_keeper, "why": "borrowed"}, headers=HERE)

    assert answer.status_code == 403
    assert decided(held) == []


def test_no_form_is_shown_to_who_may_not_act(held: Shop, airflow: NoAirflow) -> None:
    page = as_person(board_app(held, airflow), "clerk").get(f"/day/S01/{DAY}").text

    assert "<form" not in page
