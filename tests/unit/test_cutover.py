"""Cutover: before it nothing of a store gets into the books; its days run in parallel with what is keyed by hand."""

from __future__ import annotations

from datetime import date

import pytest
from shops import COMPANY, OpenShop, Shop
from storeday.ledger.facts import BatchKind
from storeday.model.errors import BeforeCutover
from storeday.model.store_day import State
from storeday.stages import deliver, stage
from storeday.stages.alerts import late
from storeday.stages.stock import stock_missing, sync_stock
from tills import DAY, Till, sale, z

CODE = "corner-shops"
LIVE = COMPANY + "environment: production\n"
BY_HAND = LIVE.replace("delivery: automatic", "delivery: manual")
BEFORE, FROM_DAY, LONG_AGO = "cutover: 2026-12-01\n", f"cutover: {DAY.isoformat()}\n", "cutover: 2026-01-01\n"
STOCK = "stock:\n  first_day: 2026-01-01\n  codes: shared\n  first_count: book\n"


def opened(open_shop: OpenShop, company: str = LIVE, **stores: str) -> Shop:
    """A company in production, signed off, whose stores each sold for 12.60."""
    shop = open_shop(company=company, **stores)
    shop.sign_off()
    for store in stores:
        shop.send(Till(store).slice("09:00", sale("12.60"), z()))
    return shop


def recut(shop: Shop, store: str, cutover: str) -> None:
    """Say another cutover of a store."""
    file = shop.home.parent / "config" / CODE / "stores" / f"{store}.yaml"
    kept = [line for line in file.read_text().splitlines() if not line.startswith("cutover")]
    file.write_text("\n".join([*kept, cutover]))
    shop.settle()


def test_before_its_cutover_a_store_day_is_staged_in_no_batch_and_the_run_is_green(open_shop: OpenShop) -> None:
    shop = opened(open_shop, S01=BEFORE)

    ran, said = shop.run()

    assert (ran.faults, ran.not_staged, shop.state("S01")) == (0, 0, State.STAGED)
    assert shop.work.ledger.batches(CODE, DAY) == []
    assert "nothing new to be staged; in parallel run: S01" in said
    [*_, last] = shop.work.ledger.events("S01", DAY)
    assert last[3] == "parallel run until its cutover 01 Dec 2026: compared with what is keyed, not delivered"
    assert late(shop.work, DAY) == []


def test_beside_it_a_store_after_its_cutover_is_delivered(open_shop: OpenShop) -> None:
    shop = opened(open_shop, S01=BEFORE, S02=LONG_AGO)

    shop.run()

    assert {row["Reference"].partition("-")[0] for row in shop.rows()} == {"S02"}
    assert (shop.state("S01"), shop.state("S02")) == (State.STAGED, State.DELIVERED)


def test_a_run_again_of_a_parallel_day_changes_nothing(open_shop: OpenShop) -> None:
    shop = opened(open_shop, S01=BEFORE)
    shop.run()
    events = shop.work.ledger.events("S01", DAY)

    shop.run()

    assert shop.work.ledger.events("S01", DAY) == events


def test_on_its_cutover_the_store_counts(open_shop: OpenShop) -> None:
    shop = opened(open_shop, company=BY_HAND, S01=FROM_DAY)

    shop.run()

    assert len(deliver(shop.work, CODE, DAY).batches) == 1


def test_a_cutover_that_is_moved_back_brings_the_parallel_days_when_they_are_run_again(open_shop: OpenShop) -> None:
    shop = opened(open_shop, S01=BEFORE)
    shop.run()
    recut(shop, "S01", LONG_AGO)

    shop.run()

    assert (shop.state("S01"), len(shop.rows())) == (State.DELIVERED, 3)


def test_a_draft_of_before_the_cutover_is_not_delivered_once_the_cutover_is_later(open_shop: OpenShop) -> None:
    shop = opened(open_shop, company=BY_HAND, S01=LONG_AGO)
    shop.run()
    recut(shop, "S01", BEFORE)

    with pytest.raises(BeforeCutover, match=r"holds S01, of before its cutover; nothing was delivered. Stage the day"):
        deliver(shop.work, CODE, DAY)

    stage(shop.work, CODE, DAY)
    assert shop.work.ledger.batches(CODE, DAY) == []


def test_what_is_in_the_books_already_is_corrected_whatever_the_cutover_says_now(open_shop: OpenShop) -> None:
    shop = opened(open_shop, S01=LONG_AGO)
    shop.run()
    recut(shop, "S01", BEFORE)
    shop.send(Till("S01", first=2, first_z=2).slice("10:00", sale("24.00"), z()))

    shop.run()

    assert {row["Reference"] for row in shop.rows() if row["Type"] == "BR"} == {"S01-261122", "S01-261122-2"}


def test_in_a_sandbox_days_before_the_cutover_are_delivered(open_shop: OpenShop) -> None:
    shop = opened(open_shop, company=COMPANY, S01=BEFORE)

    shop.run()

    assert shop.state("S01") is State.DELIVERED


def test_stock_of_before_the_cutover_is_in_no_batch_and_nobody_misses_it(open_shop: OpenShop) -> None:
    shop = opened(open_shop, company=LIVE + STOCK, S01=BEFORE, S02=LONG_AGO)
    shop.run()

    sync_stock(shop.work, CODE, DAY)

    [batch] = shop.work.ledger.batches(CODE, DAY, BatchKind.STOCK)
    assert [store for store, _, _ in batch.store_days] == ["S02"]
    assert stock_missing(shop.work, DAY) == []
    assert shop.work.ledger.stock_book("S01", date(2026, 11, 22))  # its book is kept all the same
