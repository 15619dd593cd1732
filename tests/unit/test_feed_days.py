"""Days of declared feeds through all stages: what a shop of that feed sees, held and posted."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from shops import ANY_SKU, COMPANY, OpenShop, Shop
from storeday.model.store_day import State

FEEDS = Path(__file__).parents[1] / "golden" / "feeds"

SHOPIFY = """\
feed: shopify
tills: ["1"]
feed_settings:
  tax: included
  currency: GBP
  undated_refunds: {undated}
  locations: [High Street, (none)]
"""
SHOPIFY_CODES = """\
- valid_from: 2026-01-01
  tax_classes:
    TAXABLE: {{code: T1, rate: 20}}
    NOTTAXABLE: {{code: T0, rate: 0}}
    GB VAT 20%: {{code: T1, rate: 20}}
    SHIPPING: {{code: T1, rate: 20}}
    NOTAX: {{code: T9, rate: 0}}
  categories: {{GOODS: 4000, SHIPPING: 4000, TAX: 4000, DISCOUNT: spread{more}}}
  tenders: {{Cash: 1230, Shopify Payments: 1250, Cash + Shopify Payments: 1251}}
"""


def shopify(open_shop: OpenShop, *, undated: str, more: str = "") -> tuple[Shop, date]:
    shop = open_shop(S01=SHOPIFY.format(undated=undated), mappings=SHOPIFY_CODES.format(more=more), skus=ANY_SKU)
    name = "orders_export_2026-11-22.csv"
    shop.put("S01", name, (FEEDS / "shopify" / "uk" / name).read_bytes(), None)
    return shop, date(2026, 11, 22)


def test_an_undated_refund_holds_its_day_until_somebody_says_what_it_is(open_shop: OpenShop) -> None:
    shop, day = shopify(open_shop, undated="hold")

    shop.run(day)

    assert shop.state("S01", day) is State.HELD
    assert "  category UNDATED REFUND: 1 time, 0.00" in "\n".join(shop.held("S01", day))


@pytest.mark.parametrize(("undated", "more"), [("warn", ""), ("hold", ", UNDATED REFUND: 4000")])
def test_an_order_level_tax_is_posted_on_the_goods_it_is_within(open_shop: OpenShop, undated: str, more: str) -> None:
    """33.60 + (34.00 − 6.80) + 45.00 + 20.00 + 6.00 = 131.80, 21.96 of it tax; books 16.00 − 3.20."""
    shop, day = shopify(open_shop, undated=undated, more=more)

    shop.run(day)

    assert shop.state("S01", day) is State.DELIVERED
    sales = {row["Tax Code"]: (row["Net Amount"], row["Tax Amount"]) for row in shop.rows(day) if row["Type"] == "BR"}
    assert sales == {"T1": ("109.84", "21.96"), "T0": ("12.80", "0.00")}
    sheet = next((shop.home / "outbox" / "corner-shops" / day.isoformat()).glob("*/sheet.html")).read_text()
    assert "money given back on a day that is not told: 1, 4.00 in all (#1005)" in sheet
    assert "orders that are not paid, left out: 2, 28.00 in all (#1004, #1006)" in sheet


TOAST = """\
feed: toast
timezone: America/Chicago
tills: ["1"]
source: {{kind: folder, path: {folder}, dated_folders: true}}
feed_settings:
  timezone: America/Chicago
  locations: [12 Main Street]
  tax_class_of: {{Liquor: LIQUOR}}
"""
TOAST_CODES = """\
- valid_from: 2026-01-01
  tax_classes:
    TAXED: {{code: T1, rate: 8.88}}
    LIQUOR: {{code: T5, rate: 10}}
    UNTAXED: {{code: T0, rate: 0}}
    NOTAX: {{code: T9, rate: 0}}
  categories: {{Food: 4000, Liquor: 4001, TIP: 4005, GRATUITY: 4005, DEFERRED: voucher{more}}}
  tenders: {{Cash: 1230, Gift Card: voucher, VISA: 1250, AMEX: 1250}}
"""


def toast(open_shop: OpenShop, folder: Path, *, more: str = "") -> tuple[Shop, date]:
    shutil.copytree(FEEDS / "toast" / "downtown" / "20261120", folder / "20261120")
    settings = TOAST.format(folder=folder) + 'tolerances: {tax: "0.10"}'
    company = f"{COMPANY}sage: {{tax_rates: {{T1: [8.88], T5: [10]}}}}\n"
    mappings = TOAST_CODES.format(more=more)
    return open_shop(S01=settings, company=company, mappings=mappings, skus=ANY_SKU), date(2026, 11, 20)


def test_a_night_of_toast_is_posted_from_its_dated_folder(open_shop: OpenShop, tmp_path: Path) -> None:
    shop, day = toast(open_shop, tmp_path, more=", REFUND: 4090")

    _, said = shop.run(day)

    assert "9 receipts, takings 1,379.86" in said
    assert shop.state("S01", day) is State.DELIVERED
    assert [file.name for file in shop.files("S01", day)] == ["20261120/ItemSelectionDetails.csv"]


def test_a_refund_whose_tax_nobody_knows_waits_for_its_mapping(open_shop: OpenShop, tmp_path: Path) -> None:
    shop, day = toast(open_shop, tmp_path)

    shop.run(day)

    assert "  category REFUND: 2 times, -45.00" in "\n".join(shop.held("S01", day))


def test_a_day_of_which_nothing_came_says_until_when_the_server_keeps_it(open_shop: OpenShop, tmp_path: Path) -> None:
    shop, _ = toast(open_shop, tmp_path)

    _, said = shop.run(date(2026, 11, 19))

    assert "no file is here yet" in said
    assert "its server keeps them until 26 Nov 2026" in said
