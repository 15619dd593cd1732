"""Stock from till files to the outbox: exactly once, whatever is killed, late or held."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from shops import COMPANY, OpenShop, Shop, place
from storeday.ledger.facts import BatchKind
from storeday.ledger.ledger import DraftOutdated, Ledger
from storeday.model.decisions import Decision
from storeday.model.decisions import Kind as Decided
from storeday.model.store_day import Hold, State
from storeday.stages import collect, drafts, stock
from storeday.stages.stock import StagedStockOf, deliver_stock, stock_missing, sync_stock
from storeday.stages.workplace import Workplace
from tills import DAY, Line, Rung, Till, count, sale, z

NEXT = DAY + timedelta(days=1)
CODE = "corner-shops"
COMPANY_WITH = COMPANY + "stock: {{first_day: 2026-11-22, codes: {codes}}}\n"
SHARED, PER_STORE = (COMPANY_WITH.format(codes=codes) for codes in ("shared", "per_store"))

Files = dict[str, list[list[str]]]


def sold(pieces: int = 1, sku: str = "10001") -> Rung:
    return sale(Line(f"{pieces}.00", "ZERO", sku=sku, quantity=str(pieces)))


def handed_over(shop: Shop) -> Files:
    """Type, stock code and quantity of every row in the outbox, sorted, by trading day."""
    files: Files = {}
    for path in sorted((shop.home / "outbox").glob("*/*/*/stock.csv")):
        rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
        files.setdefault(path.parents[1].name, []).extend([row[0], row[1], row[5]] for row in rows)
    return {day: sorted(rows) for day, rows in files.items()}


def synced(shop: Shop, day: Any = DAY) -> StagedStockOf:
    said = sync_stock(shop.work, CODE, day)
    deliver_stock(shop.work, CODE)
    return said


@pytest.fixture(scope="module")
def closed(open_shop: OpenShop) -> Shop:
    """One store that sold 3 of 10001 and is closed; stock is on and not synced yet."""
    opened = open_shop("S01", company=SHARED)
    opened.send(Till("S01").slice("09:00", sold(3), z()))
    opened.run()
    return opened


@pytest.fixture
def shop(closed: Shop, tmp_path: Path) -> Iterator[Shop]:
    """A copy of it, to be spoilt; its tills go on sending to the same folder."""
    shutil.copytree(closed.home.parent, tmp_path / "copy")
    with Workplace.open("tests", place(tmp_path / "copy")) as work:
        yield Shop(work, closed.sources, tmp_path / "copy" / "home")


def test_a_second_run_stages_nothing(shop: Shop) -> None:
    first, once = synced(shop), handed_over(shop)

    again = synced(shop)

    assert len(first.batches) == 1
    assert again.batches == ()
    assert handed_over(shop) == once == {"2026-11-22": [["GO", "10001", "3.00"]]}


def test_a_store_day_that_is_held_waits_and_comes_along_when_it_is_checked(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", company=SHARED)
    right = Till("S02").slice("09:00", sold(2), z())
    shop.send(Till("S01").slice("09:00", sold(3), z()))
    shop.send(right.changed("LINE", gross="1.00"))
    shop.run()

    held = synced(shop)
    missing = stock_missing(shop.work, DAY)
    shop.send(right)
    shop.run()
    shop.send(Till("S01", first=2, first_z=2, day=NEXT).slice("09:00", sold(1), z()))
    shop.run(NEXT)
    freed = synced(shop, NEXT)

    assert [(store, day, "takings are held" in why) for store, day, why in held.waiting] == [("S02", DAY, True)]
    assert missing == ["S02"]
    assert [(batch.trading_day, batch.rows) for batch in freed.batches] == [(DAY, 1), (NEXT, 1)]
    assert handed_over(shop) == {
        "2026-11-22": [["GO", "10001", "2.00"], ["GO", "10001", "3.00"]],
        "2026-11-23": [["GO", "10001", "1.00"]],
    }
    assert stock_missing(shop.work, DAY) == []


def test_a_store_that_is_closed_on_a_day_has_no_stock_to_wait_for(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=SHARED, S02="opening: {closed_days: [2026-11-22]}")
    shop.send(Till("S01").slice("09:00", sold(3), z()))
    shop.run()

    said = synced(shop)

    assert said.waiting == ()
    assert stock_missing(shop.work, DAY) == []


def test_a_file_that_came_since_the_takings_were_checked_waits_for_them(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=SHARED)
    shop.send(Till("S01").slice("09:00", sold(3), z()))
    shop.run()
    shop.send(Till("S01", first=2, first_z=2).slice("10:00", sold(2), z()))
    collect(shop.work, "S01")

    early = synced(shop)
    shop.run()
    late = synced(shop)

    assert [why.partition(":")[0] for _, _, why in early.waiting] == [
        "a file came, or a setting changed, since its takings were checked"
    ]
    assert late.waiting == ()
    assert handed_over(shop) == {"2026-11-22": [["GO", "10001", "5.00"]]}


def test_each_store_has_products_of_its_own_where_the_company_says_so(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", company=PER_STORE)
    for store in ("S01", "S02"):
        shop.send(Till(store).slice("09:00", sold(2), z()))
    shop.run()

    synced(shop)

    assert handed_over(shop) == {"2026-11-22": [["GO", "S01-10001", "2.00"], ["GO", "S02-10001", "2.00"]]}


def test_a_sku_that_no_list_knows_keeps_its_store_and_no_other(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", company=SHARED)
    shop.send(Till("S01").slice("09:00", sold(2), count("MYSTERY", "4"), z()))
    shop.send(Till("S02").slice("09:00", sold(1), z()))
    shop.run()

    said = synced(shop)

    assert said.waiting == (
        ("S01", DAY, "Sage can't take 'MYSTERY' is not in skus.csv: list it, or name it in stock.not_stocked"),
    )
    assert handed_over(shop) == {"2026-11-22": [["GO", "10001", "1.00"]]}


def test_stock_moves_no_state_of_a_store_day_and_none_of_its_takings(shop: Shop) -> None:
    takings = shop.rows()
    events = shop.work.ledger.events("S01", DAY)

    synced(shop)
    shop.run()

    assert shop.state("S01") is State.DELIVERED
    assert shop.work.ledger.events("S01", DAY) == events
    assert shop.rows() == takings
    assert (
        shop.work.ledger.next_revision("S01", DAY) == shop.work.ledger.next_revision("S01", DAY, BatchKind.STOCK) == 2
    )


def test_staging_takings_again_leaves_a_draft_of_stock_where_it_is(shop: Shop) -> None:
    staged = sync_stock(shop.work, CODE, DAY)

    shop.run()

    draft = shop.home / "staging" / CODE / "2026-11-22" / staged.batches[0].id
    assert sorted(path.name for path in draft.iterdir()) == ["manifest.json", "sheet.html", "stock.csv"]


def test_a_count_too_far_from_the_book_is_told_wherever_somebody_looks(
    open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop(company=SHARED, S01='stock_threshold: {percent: "10"}')
    till = Till("S01")
    shop.send(till.slice("09:00", count("10001", "20"), count("10002", "20"), sold(2), z()))
    shop.send(till.slice("10:00", count("10001", "18"), z()))
    shop.run()
    synced(shop)
    till.day = NEXT
    shop.send(till.slice("09:00", count("10001", "16"), count("10002", "19"), sold(1), z()))
    shop.run(NEXT)

    with caplog.at_level(logging.WARNING, logger=stock.__name__):
        said = synced(shop, NEXT)

    alert = {"store": "S01", "trading_day": "2026-11-23", "sku": "10001", "counted": "16", "book": "18"}
    words = "stock of 10001: counted 16, book 18, difference -2"  # 11 % of 18; 1 of 20 is 5 %
    logged = [entry.getMessage() for entry in caplog.records if entry.name == stock.__name__]
    assert logged == [f"S01 2026-11-23: {words}"]
    assert said.facts()["alerts"] == [{**alert, "difference": "-2"}]
    assert [why for _, was, now, why, _ in shop.work.ledger.events("S01", NEXT) if was == now] == [words]
    shop.send(till.slice("10:00", sold(1), z()))
    shop.run(NEXT)
    facts = shop.work.ledger.store_day("S01", NEXT)
    assert facts is not None
    assert {"what": words, "amount": None} in facts.summary["warnings"]  # type: ignore[operator]


def rolled_back(shop: Shop) -> None:
    """A person takes the store-day back."""
    fact = shop.work.ledger.store_day("S01", DAY)
    assert fact is not None
    hold = Hold("the store-day was rolled back", 1, 1, "store-days", None)
    shop.work.ledger.roll_back(fact, hold, Decision(Decided.ROLLBACK, "", (), "sold twice", "E. Person"))


def test_a_store_day_that_is_rolled_back_returns_its_stock_whole(shop: Shop) -> None:
    synced(shop)
    rolled_back(shop)

    returned, again = synced(shop, NEXT), synced(shop, NEXT)

    assert [batch.rows for batch in returned.batches] == [1]
    assert again.batches == ()
    assert handed_over(shop) == {"2026-11-22": [["GI", "10001", "3.00"], ["GO", "10001", "3.00"]]}


def test_a_draft_of_what_was_taken_back_meanwhile_does_not_go_out(shop: Shop) -> None:
    sync_stock(shop.work, CODE, DAY)
    rolled_back(shop)

    with pytest.raises(DraftOutdated, match="S01 2026-11-22 was rolled back meanwhile: stage its stock again"):
        deliver_stock(shop.work, CODE)
    synced(shop)

    assert handed_over(shop) == {}


class Killed(BaseException):
    """What a task sees when it is killed."""


def _killing(what: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def killed(*given: Any, **named: Any) -> Any:
        if after:
            what(*given, **named)
        raise Killed

    return killed


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("room", "step"),
    [
        (Ledger, "record_stock"),
        (stock, "write_draft"),
        (Ledger, "replace_stock_draft"),
        (stock, "remove_drafts"),
        (Ledger, "mark_delivered"),
        (drafts, "publish_folder"),
        (drafts, "remove_folder"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_killed_anywhere_and_run_again_moves_stock_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, room: Any, step: str, after: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(room, step, _killing(getattr(room, step), after=after))
        with pytest.raises(Killed):
            synced(shop)

    synced(shop)

    assert handed_over(shop) == {"2026-11-22": [["GO", "10001", "3.00"]]}
    assert list((shop.home / "staging").glob("*/*/*")) == []


def test_two_runs_at_once_move_stock_once(shop: Shop) -> None:
    folder = shop.home.parent

    def run(_: int) -> None:
        with Workplace.open("another", place(folder)) as work:
            sync_stock(work, CODE, DAY)
            deliver_stock(work, CODE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))

    assert handed_over(shop) == {"2026-11-22": [["GO", "10001", "3.00"]]}


def test_the_manifest_names_every_till_file_behind_the_stock(shop: Shop) -> None:
    synced(shop)

    (stock_file,) = (shop.home / "outbox").glob("*/*/*/stock.csv")
    said = json.loads(stock_file.with_name("manifest.json").read_text())

    assert said["kind"] == "stock"
    assert [file["sha256"] for file in said["store_days"][0]["pos_files"]] == [f.sha256 for f in shop.files("S01")]


PRODUCTS = "sku,description,category,tax_class,in_sage\n10001,Bread,GROCERY,ZERO,no\n10002,Milk,GROCERY,ZERO,yes\n"


def products(shop: Shop) -> list[tuple[str, list[str]]]:
    """The trading day and stock codes of each products.csv in the outbox."""
    found = sorted((shop.home / "outbox").glob("*/*/*/products.csv"))
    return [
        (file.parents[1].name, [line.split(",")[0] for line in file.read_text().splitlines()[1:]]) for file in found
    ]


def two_days(open_shop: OpenShop, codes: str) -> Shop:
    """Two stores that sold bread and milk on two days, products asked for and stock kept, nothing synced yet."""
    shop = open_shop("S01", "S02")
    shop.settle(company=f"{codes}records: [products]\n", skus=PRODUCTS)
    for till in (Till("S01"), Till("S02")):
        shop.send(till.slice("09:00", sold(3), sold(1, "10002"), z()))
        till.day = NEXT
        shop.send(till.slice("09:00", sold(2), z()))
    shop.run(DAY, NEXT)
    return shop


def test_a_new_product_comes_with_the_first_stock_that_moves_it_and_never_again(open_shop: OpenShop) -> None:
    shop = two_days(open_shop, SHARED)

    for day in (DAY, NEXT):
        synced(shop, day)

    assert products(shop) == [("2026-11-22", ["10001"])]


def test_drafts_of_two_days_that_are_delivered_together_bring_a_product_once(open_shop: OpenShop) -> None:
    shop = two_days(open_shop, PER_STORE)
    for day in (DAY, NEXT):
        sync_stock(shop.work, CODE, day)

    deliver_stock(shop.work, CODE)

    assert products(shop) == [("2026-11-22", ["S01-10001", "S02-10001"])]
    assert set(handed_over(shop)) == {"2026-11-22", "2026-11-23"}
    [folder] = (shop.home / "outbox" / CODE / "2026-11-22").glob("*/products.csv")
    assert "Product records" in folder.with_name("sheet.html").read_text()
