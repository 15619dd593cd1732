"""Store-days that are checked together come to what each comes to by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from shops import EXPECTATIONS, OpenShop, Shop
from storeday.checks import together
from storeday.checks.row_rules import judges_rows
from storeday.checks.suites import CheckCrashed, read_suites
from storeday.model.store_day import State
from storeday.stages.close import check, post
from storeday.stages.together import close_stores, collect_stores
from tills import DAY, Till, sale, z
from wrong_days import BEFORE, HELD

Known = dict[str, Any]


def known(shop: Shop, store: str) -> Known:
    """All that the ledger says of a store-day, but for when it was written down and in which folder its files lie."""
    image = shop.work.ledger.store_day_image(store, DAY)
    for row in [image["store_day"], *image["events"], *image["decisions"]]:
        for name in ("at", "id", "basis"):
            row.pop(name, None)
    fact = shop.work.ledger.store_day(store, DAY)
    return {
        **image,
        "summary": fact.summary if fact else None,
        "holds": shop.work.ledger.holds(store, DAY),
        "wanted": shop.work.ledger.wanted(store, DAY),
    }


def alone(shop: Shop, stores: list[str]) -> dict[str, Known]:
    """Each store's day checked and posted by itself, as a task of its own does it."""
    for store in stores:
        for step in (check, post):
            try:
                step(shop.work, store, DAY)
            except Exception:  # what keeps one from a step is in the ledger
                break
    return {store: known(shop, store) for store in stores}


def at_once(shop: Shop, stores: list[str]) -> dict[str, Known]:
    """All in one go."""
    list(close_stores(shop.work, stores, DAY))
    return {store: known(shop, store) for store in stores}


def every_wrong_day(open_shop: OpenShop) -> tuple[Shop, list[str]]:
    """A store for each way in which a day can be wrong, and two that are right."""
    shop = open_shop("RIGHT", "ALSO", **{waits.store: waits.settings for waits in HELD.values()})
    for waits in HELD.values():
        for part in waits.files(Till(waits.store)):
            shop.send(part)
    for code in ("RIGHT", "ALSO"):
        shop.send(Till(code).slice("09:00", sale("12.60"), sale("3.00", tender="VISA"), z()))
    stores = [store.code for store in shop.work.settings.stores()]
    list(collect_stores(shop.work, stores))
    list(close_stores(shop.work, stores, BEFORE))
    return shop, stores


def test_days_wrong_in_every_way_come_to_the_same_together_as_alone(open_shop: OpenShop) -> None:
    one_by_one, in_one_go = (close(*every_wrong_day(open_shop)) for close in (alone, at_once))

    assert in_one_go == one_by_one
    assert {each["store_day"]["state"] for each in in_one_go.values()} == {"ready", "held"}


@pytest.fixture
def pair(open_shop: OpenShop) -> Shop:
    """Two stores with their files here."""
    shop = open_shop("S01", "S02")
    for code in ("S01", "S02"):
        shop.send(Till(code).slice("09:00", sale("12.60"), z()))
    list(collect_stores(shop.work, ["S01", "S02"]))
    return shop


def states(shop: Shop) -> list[State]:
    list(close_stores(shop.work, ["S01", "S02"], DAY))
    return [shop.state(code) for code in ("S01", "S02")]


def counted_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of the receipts frame that Great Expectations is given, a number a run with that frame."""
    rows, real = [], together.run_suites

    def counting(frames: Any, *said: Any) -> Any:
        rows.extend(len(frames[name]) for name in frames if name == "receipts")
        return real(frames, *said)

    monkeypatch.setattr(together, "run_suites", counting)
    return rows


def test_the_suites_run_once_over_stores_that_are_alike(pair: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = counted_runs(monkeypatch)

    assert states(pair) == [State.READY, State.READY]
    assert rows == [2]


def with_rule(pair: Shop, rule: dict[str, Any], tmp_path: Any) -> Shop:
    """The two stores under suites with one more rule about receipts."""
    from dataclasses import replace
    from pathlib import Path
    from shutil import copytree

    suites = Path(copytree(EXPECTATIONS, tmp_path / "expectations"))
    said = json.loads((suites / "receipts.json").read_text())
    said["expectations"].append({"severity": "critical", "meta": {"check": "ours"}, **rule})
    (suites / "receipts.json").write_text(json.dumps(said))
    pair.work = replace(pair.work, expectations=suites)
    return pair


SUM = {
    "type": "expect_column_sum_to_be_between",
    "kwargs": {"column": "gross_minor", "min_value": 1260, "max_value": 1260},
}
UNIQUE = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "gross_minor"}}


@pytest.mark.parametrize("rule", [SUM, UNIQUE], ids=["a sum", "values that are unique"])
def test_a_rule_about_a_whole_column_is_held_against_each_store_day_by_itself(
    pair: Shop, rule: dict[str, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = counted_runs(monkeypatch)

    assert states(with_rule(pair, rule, tmp_path)) == [State.READY, State.READY]
    assert rows == [1, 1]


def test_what_crashes_together_is_told_of_each_store_day(pair: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Any:
        raise CheckCrashed("a rule broke")

    monkeypatch.setattr(together, "run_suites", crash)

    outcomes = list(close_stores(pair.work, ["S01", "S02"], DAY))

    assert [type(outcome.error) for outcome in outcomes] == [CheckCrashed, CheckCrashed]
    assert [pair.state(code) for code in ("S01", "S02")] == [State.RECEIVED, State.RECEIVED]


def test_every_suite_of_ours_judges_rows() -> None:
    assert all(judges_rows(suite) for suite in read_suites(EXPECTATIONS).values())


@pytest.mark.parametrize(
    "changed",
    [{"mostly": 0.9}, {"row_condition": "tax_minor > 0", "condition_parser": "pandas"}],
    ids=["most rows", "some rows"],
)
def test_a_rule_that_lets_rows_off_judges_no_rows_by_themselves(changed: dict[str, Any]) -> None:
    (rule,) = read_suites(EXPECTATIONS)["lines"]

    assert judges_rows([rule])
    assert not judges_rows([{**rule, "kwargs": {**rule["kwargs"], **changed}}])
