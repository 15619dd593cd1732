"""Several stores in one go: an outcome a store, whatever becomes of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shops import OpenShop, Shop
from storeday.config.running import Running
from storeday.model.errors import LedgerUnreachable
from storeday.model.store_day import NothingReceived, State, StoreDayHeld
from storeday.sources.base import SourceUnreachable
from storeday.stages.close import Checked
from storeday.stages.together import Outcome, close_stores, collect_stores, groups
from tills import DAY, Till, sale, z

FIVE = ["DONE", "HELD", "EMPTY", "GONE", "ALSO"]


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """Two healthy stores, and between them one that is held, one that sent nothing and one whose folder is gone."""
    shop = open_shop(*FIVE)
    for code in ("DONE", "ALSO"):
        shop.send(Till(code).slice("09:00", sale("12.60"), z()))
    shop.send(Till("HELD").slice("09:00", sale("12.60", tender={"CASH": "13.00"}), z()))
    (shop.sources / "GONE").rmdir()
    return shop


def closed(shop: Shop) -> dict[str, Outcome[Checked]]:
    list(collect_stores(shop.work, FIVE))
    return {outcome.store: outcome for outcome in close_stores(shop.work, FIVE, DAY)}


def test_a_store_that_cannot_be_reached_keeps_no_other_from_being_fetched(shop: Shop) -> None:
    outcomes = list(collect_stores(shop.work, FIVE))

    assert [outcome.store for outcome in outcomes] == FIVE
    assert [len(outcome.steps) for outcome in outcomes] == [1, 1, 1, 0, 1]
    assert isinstance(outcomes[3].error, SourceUnreachable)
    assert not outcomes[3].waits


def test_each_store_of_a_day_comes_to_its_own_end(shop: Shop) -> None:
    outcomes = closed(shop)

    ended = {code: (len(outcome.steps), type(outcome.error)) for code, outcome in outcomes.items()}
    assert ended == {
        "DONE": (2, type(None)),
        "HELD": (0, StoreDayHeld),
        "EMPTY": (0, NothingReceived),
        "GONE": (0, NothingReceived),
        "ALSO": (2, type(None)),
    }
    assert [code for code, outcome in outcomes.items() if outcome.waits] == ["HELD", "EMPTY", "GONE"]
    assert shop.state("DONE") is State.READY
    assert shop.state("HELD") is State.HELD


def test_the_steps_of_a_store_are_its_check_and_its_posting_and_nothing_new_the_second_time(shop: Shop) -> None:
    first, again = closed(shop)["DONE"], closed(shop)["DONE"]

    assert [(step.state, step.is_new) for step in first.steps] == [(State.RECEIVED, True), (State.READY, True)]
    assert [(step.state, step.is_new) for step in again.steps] == [(State.READY, False), (State.READY, False)]


def test_what_was_checked_before_the_posting_was_held_is_told(shop: Shop) -> None:
    company = (shop.home.parent / "config" / "corner-shops" / "company.yaml").read_text()
    shop.settle(company=f"{company}lock_date: {DAY.isoformat()}\n")

    outcome = closed(shop)["DONE"]

    assert [step.state for step in outcome.steps] == [State.RECEIVED]
    assert isinstance(outcome.error, StoreDayHeld)


def test_no_store_goes_on_without_the_ledger(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise LedgerUnreachable("away")

    monkeypatch.setattr(type(shop.work.ledger), "files_of_days", away)

    with pytest.raises(LedgerUnreachable):
        list(close_stores(shop.work, FIVE, DAY))


def grouped(shop: Shop, stores: list[str], stores_per_task: int) -> list[list[str]]:
    running = Running(stores_per_task=stores_per_task)
    return groups(replace(shop.work, settings=shop.work.settings.model_copy(update={"running": running})), stores)


@pytest.mark.parametrize(
    ("many", "a_task", "sizes"),
    [
        (7, 3, [2, 2, 3]),
        (6, 3, [3, 3]),
        (6, 50, [6]),
        (3, 1, [1, 1, 1]),
        (0, 3, []),
    ],
)
def test_groups_are_of_about_one_size_and_none_is_too_large(
    open_shop: OpenShop, many: int, a_task: int, sizes: list[int]
) -> None:
    codes = [f"S{number}" for number in range(1, 8)]
    shop = open_shop(*codes)

    shared = grouped(shop, codes[:many], a_task)

    assert [len(group) for group in shared] == sizes
    assert [code for group in shared for code in group] == codes[:many]


def test_stores_of_one_login_stand_together(open_shop: OpenShop) -> None:
    logins = {"S1": "north", "S2": "south", "S3": "north", "S4": "south", "S5": "north"}
    own = {code: f"source: {{kind: sftp, connection: {login}, folder: {code}}}" for code, login in logins.items()}
    shop = open_shop(FOLDER="", **own)

    shared = grouped(shop, [*logins, "FOLDER"], 3)

    assert shared == [["FOLDER", "S1", "S3"], ["S5", "S2", "S4"]]
