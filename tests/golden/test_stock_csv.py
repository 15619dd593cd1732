"""A store's stock over three days, and the stock.csv of each step, byte for byte.

Beside each golden file stands how its quantities come about, worked out by hand. The whole way is gone: till
files in, the outbox's files out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sage_company import company
from shops import COMPANY, OpenShop, Shop
from storeday.config.sage_facts import SageFacts
from storeday.sage50.sandbox.exports import stock as stock_of_sage
from storeday.sage50.sandbox.records import import_products
from storeday.sage50.sandbox.stock import import_stock
from storeday.stages.stock import StagedStockOf, deliver_stock, sync_stock
from tills import DAY, Line, Rung, Till, count, refund, sale, z

FACTS = SageFacts()
GOLDEN = Path(__file__).parent / "stock"
STOCK = 'stock: {first_day: 2026-11-22, codes: shared, threshold: {units: "2"}}\n'
SECOND, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)
GOLDENS = {
    "first_day": ("first_day", DAY),
    "second_day": ("second_day", SECOND),
    "third_day": ("third_day", THIRD),
    "late_before_the_count": ("late_before_the_count", SECOND),
    "late_after_the_count": ("late_after_the_count", SECOND),
    "late_after_the_count_next_day": ("late_after_the_count", THIRD),
}
"""By golden file: the step that put it into the outbox, and its trading day."""

Golden = Callable[[Path, bytes], None]


def bread(pieces: int) -> Rung:
    """So many of SKU 10001 sold, at 1.00 each."""
    return sale(Line(f"{pieces}.00", "ZERO", quantity=str(pieces)))


def ham(kilograms: str) -> Rung:
    """Weighed goods sold, SKU 10002, at 10.00 a kilogram."""
    return sale(Line("2.55", "ZERO", sku="10002", quantity=kilograms))


@dataclass
class Story:
    """A shop, what each step put into the outbox by trading day, and what was said of it."""

    shop: Shop
    folders: dict[str, dict[date, Path]]
    said: dict[str, StagedStockOf]

    def step(self, name: str, day: date) -> None:
        """Close a day's takings, sync and deliver its stock, and note what is new in the outbox."""
        known = set(self._outbox())
        self.shop.run(day)
        self.said[name] = sync_stock(self.shop.work, "corner-shops", day)
        deliver_stock(self.shop.work, "corner-shops")
        fresh = [path for path in self._outbox() if path not in known]
        self.folders[name] = {date.fromisoformat(path.parents[1].name): path.parent for path in fresh}

    def csv(self, step: str, day: date) -> bytes:
        return (self.folders[step][day] / "stock.csv").read_bytes()

    def manifest(self, step: str, day: date) -> dict[str, list[dict[str, object]]]:
        said: dict[str, list[dict[str, object]]] = json.loads((self.folders[step][day] / "manifest.json").read_text())
        return said

    def _outbox(self) -> list[Path]:
        return sorted((self.shop.home / "outbox").glob("*/*/*/stock.csv"))


@pytest.fixture(scope="module")
def story(open_shop: OpenShop) -> Story:
    shop = open_shop(company=COMPANY + STOCK, S01='tills: ["01", "02", "03"]')
    told = Story(shop, {}, {})
    till, second, third = (Till("S01", code) for code in ("01", "02", "03"))  # only the first sells in time

    shop.send(second.slice("07:00", z()))
    shop.send(third.slice("08:00", z()))
    shop.send(till.slice("09:00", bread(2), ham("0.255"), refund("1.00", tax_class="ZERO")))
    shop.send(till.slice("10:00", count("10001", "20"), bread(3), z()))
    told.step("first_day", DAY)

    till.day = second.day = third.day = SECOND
    shop.send(second.slice("07:00", z()))
    shop.send(third.slice("08:00", z()))
    shop.send(till.slice("09:00", count("10002", "9.745"), bread(1)))
    shop.send(till.slice("10:00", count("10001", "18"), ham("0.255"), z()))
    told.step("second_day", SECOND)

    till.day = THIRD
    shop.send(Till("S01", "02", first_z=3, day=THIRD).slice("07:00", z()))
    shop.send(Till("S01", "03", first_z=3, day=THIRD).slice("08:00", z()))
    shop.send(till.slice("09:00", count("10001", "15"), count("10002", "9.492"), bread(1), z()))
    told.step("third_day", THIRD)

    shop.send(second.slice("09:30", bread(2), z()))
    told.step("late_before_the_count", SECOND)

    shop.send(third.slice("10:30", bread(1), z()))
    told.step("late_after_the_count", SECOND)
    return told


@pytest.mark.parametrize("name", GOLDENS)
def test_a_step_becomes_these_bytes(story: Story, golden: Golden, name: str) -> None:
    step, day = GOLDENS[name]

    stock = story.csv(step, day)

    golden(GOLDEN / f"{name}.csv", stock)


def test_a_step_puts_out_the_golden_files_and_no_other(story: Story) -> None:
    expected = sorted(GOLDENS.values())

    put_out = sorted((step, day) for step, days in story.folders.items() for day in days)

    assert put_out == expected


def test_the_stand_in_sage_takes_every_file_and_ends_at_the_book(story: Story) -> None:
    """Sage opens with what is right at each first count: bread 20 + 1 sold before, ham 9.75 + 0.26."""
    sage = company()
    opening = "Transaction Type,Stock Code,Date,Reference,Details,Quantity,Cost Price,Sales Price\r\n"
    opening += "AI,10001,21/11/2026,OPENING,Opening,21.00,,\r\nAI,10002,21/11/2026,OPENING,Opening,10.01,,\r\n"
    assert import_products(sage, b"10001\r\n10002\r\n", FACTS).refused == ()

    for content in (opening.encode(), *(story.csv(step, day) for step, day in GOLDENS.values())):
        assert import_stock(sage, content, FACTS).refused == ()

    with sage.reading() as connection:
        levels = {product.code: product.minor for product in stock_of_sage(connection)}
    book = {line.sku: line.book_hundredths for line in story.shop.work.ledger.stock_book("S01", THIRD)}
    assert levels == book == {"10001": 14_00, "10002": 9_49}


def test_every_golden_file_has_its_quantities_beside_it() -> None:
    goldens = {path.stem for path in GOLDEN.glob("*.csv")}

    sums = {path.stem for path in GOLDEN.glob("*.md")}

    assert goldens == sums == set(GOLDENS)


def test_a_count_too_far_from_the_book_is_an_alert_until_a_late_receipt_explains_it(story: Story) -> None:
    said = {step: [(day, str(mismatch)) for _, day, mismatch in staged.alerts] for step, staged in story.said.items()}

    assert said == {
        "first_day": [],
        "second_day": [],
        "third_day": [(THIRD, "stock of 10001: counted 15, book 18, difference -3")],
        "late_before_the_count": [(SECOND, "stock of 10001: counted 18, book 14, difference 4")],
        "late_after_the_count": [(SECOND, "stock of 10001: counted 18, book 14, difference 4")],
    }


def test_what_rounding_left_is_listed_until_a_count_takes_it_up(story: Story) -> None:
    left = {
        step: story.manifest(step, day)["store_days"][0]["rounding_left"] for step, day in list(GOLDENS.values())[:3]
    }

    assert left == {
        "first_day": [{"sku": "10002", "quantity": "0.005"}],
        "second_day": [],
        "third_day": [{"sku": "10002", "quantity": "0.002"}],
    }


def test_an_alert_stands_in_the_ledger_once_and_in_the_sheet(story: Story) -> None:
    events = [why for _, _, _, why, _ in story.shop.work.ledger.events("S01", SECOND)]

    sheet = (story.folders["late_before_the_count"][SECOND] / "sheet.html").read_text()

    assert events.count("stock of 10001: counted 18, book 14, difference 4") == 1
    assert "Count too far from the book:</b> S01, SKU 10001: counted 18, book 14, difference 4" in sheet
