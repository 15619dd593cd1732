"""A company has an environment: what is staged for its sandbox never gets into the books, nor the other way round."""

from __future__ import annotations

import json
from datetime import date

import pytest
from shops import COMPANY, OpenShop, Shop
from sqlalchemy import create_engine, text
from storeday.config.load import load_settings
from storeday.ledger.facts import BatchKind
from storeday.model.errors import SettingsError, WrongEnvironment
from storeday.model.store_day import State
from storeday.stages import deliver, stage
from storeday.stages.stock import deliver_stock, sync_stock
from storeday.stages.trace import trace
from tills import DAY, Till, refund, sale, z

BY_HAND = COMPANY.replace("delivery: automatic", "delivery: manual")
PRODUCTION = "environment: production\n"
LIVE = "cutover: 2026-11-01\n"
STOCK = "stock:\n  first_day: 2026-01-01\n  codes: shared\n  first_count: book\n"


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A sandbox with a draft of 12.60, and a store whose cutover is said already."""
    opened = open_shop(S01=LIVE, company=BY_HAND)
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    opened.run()
    return opened


def drafted(shop: Shop) -> str:
    [draft] = [each for each in shop.work.ledger.batches("corner-shops", DAY) if each.state == "draft"]
    return draft.id


def outbox(shop: Shop) -> list[tuple[str, str]]:
    """Id and environment of each batch in the outbox, as the manifests say."""
    manifests = sorted((shop.home / "outbox").rglob("manifest.json"))
    return [(said["batch"], said["environment"]) for said in (json.loads(each.read_text()) for each in manifests)]


def test_a_batch_says_for_which_environment_it_was_staged(shop: Shop) -> None:
    [batch] = shop.work.ledger.batches("corner-shops", DAY)
    deliver(shop.work, "corner-shops", DAY)

    [sheet] = (shop.home / "outbox").rglob("sheet.html")
    assert batch.environment == "sandbox"
    assert outbox(shop) == [(batch.id, "sandbox")]
    assert "Sandbox: for a Sage company to try with, not for the books." in sheet.read_text()


def test_what_was_staged_for_the_sandbox_is_not_delivered_in_production(shop: Shop) -> None:
    batch = drafted(shop)
    shop.settle(company=BY_HAND + PRODUCTION)

    with pytest.raises(WrongEnvironment) as refused:
        deliver(shop.work, "corner-shops", DAY)

    assert str(refused.value) == (
        f"corner-shops 2026-11-22: batch {batch} was staged for sandbox, and the company is production now "
        "(environment in its company.yaml); nothing was delivered. Stage it again: storeday run --day 2026-11-22"
    )
    assert outbox(shop) == []
    assert shop.state("S01") is State.STAGED


def test_what_was_staged_for_production_is_not_delivered_in_the_sandbox(shop: Shop) -> None:
    shop.settle(company=BY_HAND + PRODUCTION)
    stage(shop.work, "corner-shops", DAY)
    shop.settle(company=BY_HAND)

    with pytest.raises(WrongEnvironment, match="was staged for production, and the company is sandbox now"):
        deliver(shop.work, "corner-shops", DAY)

    assert outbox(shop) == []


def test_the_same_rows_for_the_books_are_another_batch(shop: Shop) -> None:
    for_the_sandbox = drafted(shop)
    shop.settle(company=BY_HAND + PRODUCTION)

    stage(shop.work, "corner-shops", DAY)

    assert drafted(shop) != for_the_sandbox


def test_what_the_sandbox_was_given_is_still_wanted_in_the_books_whole(shop: Shop) -> None:
    deliver(shop.work, "corner-shops", DAY)
    rows = shop.rows()
    shop.settle(company=BY_HAND + PRODUCTION)

    stage(shop.work, "corner-shops", DAY)

    [draft] = (shop.home / "staging").rglob("transactions.csv")
    said = [line.split(",")[:11] for line in draft.read_text().splitlines()[1:]]
    assert said == [list(row.values())[:11] for row in rows]  # the first of its day, no correction
    assert (shop.state("S01"), shop.work.ledger.next_revision("S01", DAY, environment="production")) == (
        State.STAGED,
        1,
    )


def test_a_day_taken_back_in_production_leaves_alone_what_only_the_sandbox_has(shop: Shop) -> None:
    from storeday.stages.corrections import rollback

    deliver(shop.work, "corner-shops", DAY)
    shop.settle(company=BY_HAND + PRODUCTION)

    rollback(shop.work, "S01", DAY, why="the wrong till", by="Ann Smith", say=lambda _: None)

    assert [batch.state for batch in shop.work.ledger.batches("corner-shops", DAY)] == ["delivered"]


def test_a_trace_in_production_names_all_receipts_of_its_own_first_batch(shop: Shop) -> None:
    deliver(shop.work, "corner-shops", DAY)
    shop.settle(company=BY_HAND + PRODUCTION)
    stage(shop.work, "corner-shops", DAY)

    [found] = trace(shop.work, drafted(shop))

    assert "1 receipts new in it, 12.60" in found.below[0].words


def test_a_customer_that_the_sandbox_was_brought_is_brought_to_the_books_as_well(open_shop: OpenShop) -> None:
    customers = "account,name,in_sage\nCAFE001,Cafe One,no\nTAKINGS,,yes\n"
    shop = open_shop(S01=LIVE, company=BY_HAND)
    shop.settle(customers=customers)
    shop.send(Till("S01").slice("09:00", sale("12.60", tender="ACCOUNT", customer="C001"), z()))
    shop.run()
    deliver(shop.work, "corner-shops", DAY)
    shop.settle(company=BY_HAND + PRODUCTION)

    stage(shop.work, "corner-shops", DAY)

    [draft] = (shop.home / "staging").rglob("customers.csv")
    assert "CAFE001" in draft.read_text()


def test_stock_for_the_sandbox_is_not_delivered_in_production_and_is_staged_whole_there(open_shop: OpenShop) -> None:
    shop = open_shop(S01=LIVE, company=BY_HAND + STOCK)
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    sync_stock(shop.work, "corner-shops", DAY)
    shop.settle(company=BY_HAND + STOCK + PRODUCTION)

    with pytest.raises(WrongEnvironment, match="Stage it again: storeday stock --day 2026-11-22"):
        deliver_stock(shop.work, "corner-shops")

    shop.settle(company=BY_HAND + STOCK)
    deliver_stock(shop.work, "corner-shops")
    shop.settle(company=BY_HAND + STOCK + PRODUCTION)
    sync_stock(shop.work, "corner-shops", DAY)
    states = {
        (each.environment, each.state): each.rows
        for each in shop.work.ledger.batches("corner-shops", DAY, BatchKind.STOCK)
    }
    assert states == {("sandbox", "delivered"): 1, ("production", "draft"): 1}


def test_a_batch_of_before_environments_counts_in_each_and_its_draft_is_staged_again(shop: Shop) -> None:
    engine = create_engine(f"sqlite:///{shop.home / 'ledger.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE batches SET environment = ''"))

    with pytest.raises(WrongEnvironment, match="was staged before companies said an environment"):
        deliver(shop.work, "corner-shops", DAY)

    with engine.begin() as connection:
        connection.execute(text("UPDATE batches SET state = 'delivered'"))
    engine.dispose()
    delivered = shop.work.ledger.delivered("S01", DAY)
    assert delivered
    assert {name: shop.work.ledger.delivered("S01", DAY, name) for name in ("sandbox", "production")} == {
        "sandbox": delivered,
        "production": delivered,
    }


def test_an_environment_that_changes_checks_no_day_again(shop: Shop) -> None:
    shop.settle(company=BY_HAND + PRODUCTION)

    _, said = shop.run()

    assert "S01 2026-11-22: staged (nothing new)" in said


def test_in_production_every_store_must_say_its_cutover(open_shop: OpenShop) -> None:
    shop = open_shop("S02", S01=LIVE, company=BY_HAND)

    with pytest.raises(SettingsError) as refused:
        shop.settle(company=BY_HAND + PRODUCTION)

    assert refused.value.problems == [
        "corner-shops/stores/S02.yaml: cutover: is missing; in production say from which trading day on the store "
        "counts in Sage from us"
    ]


def test_a_company_that_says_nothing_is_a_sandbox(shop: Shop) -> None:
    settings = load_settings(shop.home.parent / "config")

    assert settings.company("corner-shops").company.environment == "sandbox"
    assert date(2026, 11, 1) == settings.store("S01").cutover


def test_correction_after_going_live_follows_what_the_books_have(shop: Shop) -> None:
    till = Till("S01", first=2, first_z=2)
    deliver(shop.work, "corner-shops", DAY)
    shop.settle(company=BY_HAND + PRODUCTION)
    shop.sign_off()
    stage(shop.work, "corner-shops", DAY)
    deliver(shop.work, "corner-shops", DAY)
    shop.send(till.slice("10:00", sale("24.00"), refund("12.00"), z()))

    shop.run()

    [draft] = (shop.home / "staging").rglob("transactions.csv")
    first = draft.read_text().splitlines()[1].split(",")
    assert (first[0], first[5], first[7], first[9]) == ("BR", "S01-261122-2", "10.00", "2.00")
