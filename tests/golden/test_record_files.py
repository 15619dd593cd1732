"""The records of new customers and products, byte for byte, column by column as the layouts say.

Beside each golden file stands which column holds what, and what was left empty on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from figures import CODES, MAPPING
from storeday.config.masters import Article, Customer
from storeday.sage50.uk_record_rules import record_problems_in
from storeday.sage50.uk_records import Records, records_of

GOLDEN = Path(__file__).parent / "records"

Golden = Callable[[Path, bytes], None]

CUSTOMERS = (
    Customer(
        account="SCHOOL01",
        name="Écôle St Cuthbert’s",
        street_1="1, Hill Road",
        town="Durham",
        postcode="DH1 3LE",
        contact='Ann "Annie" Ord',
        telephone="+44 191 496 0002",
        email="office@school.example",
        department=2,
        credit_limit=1_500_00,
        terms="30 days",
        in_sage="no",
    ),
    Customer(account="CAFE001", name="Quayside Café", vat_number="GB123456789", in_sage="no"),
)
ARTICLES = {
    article.sku: article
    for article in (
        Article(sku="10002", description="Pasty, hot", category="DELI", tax_class="STD", price=3_60, in_sage="no"),
        Article(
            sku="10001",
            description="=Bread",
            category="GROCERY",
            tax_class="ZERO",
            price=1_20,
            cost=60,
            unit="each",
            location="A1",
            stock_category=12,
            barcode="5000123456789",
            department=0,
            supplier="MILL01",
            supplier_part="L-800",
            reorder_level=24_00,
            commodity="Bakery",
            weight=80,
            reorder_quantity=48_00,
            in_sage="no",
        ),
    )
}

KNOWN = frozenset(CODES.values())


@pytest.mark.parametrize("name", ["customers.csv", "products.csv"])
def test_new_records_are_written_byte_for_byte(name: str, golden: Golden) -> None:
    records = records_of(CUSTOMERS, ARTICLES, MAPPING, CODES)

    files = records.files()

    assert record_problems_in(files, KNOWN) == []
    golden(GOLDEN / name, files[name])


def test_no_file_is_written_for_a_kind_without_a_record() -> None:
    assert list(records_of(CUSTOMERS, {}, MAPPING, CODES).files()) == ["customers.csv"]
    assert list(records_of((), ARTICLES, MAPPING, CODES).files()) == ["products.csv"]
    assert Records().files() == {}
