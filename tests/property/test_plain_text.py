"""What any name becomes on its way into Sage, and that every name that changed is told."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

import pytest
from figures import COMPANY, DAY, MAPPING, Line, Receipt, TradingDay, batch_of, staged, store, wanted
from hypothesis import given
from hypothesis import strategies as st
from storeday.config.mappings import MappingBlock
from storeday.config.masters import Article, Customer
from storeday.config.settings import Company, CompanySettings, Store
from storeday.model.postings import Amount, PostingKey, Role, summed
from storeday.model.storage import MANIFEST
from storeday.sage50.batch import Batch, build_batch
from storeday.sage50.plain_text import ascii_text
from storeday.sage50.proof import ProvenDay, prove_day
from storeday.sage50.uk_records import records_of
from storeday.sage50.written_names import changed_names, names_in

STARTS = tuple("=+-@\t\r")
TRICKY = st.text(st.sampled_from("=+-@'\"`\t\r\n ＝－﹣＠Ł€💳é\u0301\u200b\u2028\ue000x1"), max_size=20)
TEXTS = st.one_of(st.text(max_size=120), TRICKY)
SALE = TradingDay((Receipt((Line("GROCERY", "STD", 12_00, 2_00),), (("VISA", 12_00),)),))


@given(text=TEXTS, size=st.integers(1, 60))
def test_whatever_comes_is_short_printable_ascii_that_no_spreadsheet_runs(text: str, size: int) -> None:
    written = ascii_text(text, size)

    assert len(written) <= size
    assert written.isascii()
    assert written.isprintable()
    assert '"' not in written
    assert not written.lstrip("'\"` ").startswith(STARTS)
    assert written == " ".join(written.split())


@given(text=TEXTS, size=st.integers(1, 60))
def test_what_is_written_once_is_written_the_same_again(text: str, size: int) -> None:
    once = ascii_text(text, size)

    again = ascii_text(once, size)

    assert again == once


@given(letters=st.text(st.characters(categories=["L", "N", "S", "Co", "Cn"]), min_size=1, max_size=20))
def test_no_letter_and_no_sign_vanishes(letters: str) -> None:
    written = ascii_text(f"x{letters}", 60_000)

    assert len(written) > 1


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Café Zoë", "Cafe Zoe"),
        ("Łódź", "Lodz"),
        ("Đakovo", "Dakovo"),
        ("ısparta", "isparta"),
        ("Straße 5", "Strasse 5"),
        ("Кафе", "Kafe"),
        ("£5 or €6", "GBP 5 or EUR 6"),
        ("Bits\u00a0&\u2028Bobs", "Bits & Bobs"),
        ("Zoe\u0308", "Zoe"),
        ("Nougat \ue000", "Nougat ?"),
        ("“Best” – of", "'Best' - of"),
        ("= 1+1", "1+1"),
        ("＝1", "1"),
        ("'=1", "1"),
        ("'Til Late", "'Til Late"),
        ("\u200b@all", "all"),
    ],
)
def test_a_name_is_spelt_as_a_bookkeeper_would(name: str, written: str) -> None:
    assert ascii_text(name, 60) == written


def batch_with(shop: Store, day: TradingDay = SALE, company: Company = COMPANY) -> Batch:
    return batch_of(staged(wanted(day, shop), of=shop, company=company), receipts=1, company=company)


def told_of(days: Iterable[ProvenDay]) -> list[dict[str, str]]:
    return changed_names(name for day in days for name in names_in(day))


def test_a_store_whose_name_sage_cannot_hold_is_told_name_by_name() -> None:
    batch = batch_with(store(name="Café Zoë"))

    rows = csv.DictReader(io.StringIO(batch.files["transactions.csv"].decode("ascii"), newline=""))

    assert {row["Details"].partition("S01 ")[2] for row in rows} == {"Cafe Zoe"}
    assert told_of(batch.days) == [{"name": "Café Zoë", "written": "Cafe Zoe"}]


def test_a_name_that_stands_as_it_is_is_not_told() -> None:
    batch = batch_with(store(name="Newcastle Grainger"))

    assert told_of(batch.days) == []


def test_a_name_too_long_for_details_is_told_with_the_least_that_is_left_of_it() -> None:
    long = "The Very Old Corner Shop by the Bridge over the River Wear"
    batch = batch_with(store(name=long))

    told = told_of(batch.days)

    # "Takings banked S01 " takes 19 of the 60
    assert told == [{"name": long, "written": "The Very Old Corner Shop by the Bridge ov"}]
    assert max(len(row.details) for row in batch.rows) == 60


def test_a_tender_of_the_tills_that_details_spell_otherwise_is_told() -> None:
    short = PostingKey(Role.OVER_SHORT, "8206", 1, "T9", "", "GÜLTIG")
    cash = PostingKey(Role.DEPOSIT, "1230", 1, "T9", "", "")
    day = prove_day(staged(summed([(short, Amount(1_50, 0)), (cash, Amount(-1_50, 0))])))

    told = told_of([day])

    assert told == [{"name": "GÜLTIG", "written": "GULTIG"}]


def test_new_customers_and_articles_whose_names_are_spelt_otherwise_stand_in_the_manifest() -> None:
    cafe = Customer(account="CAFE001", name="Café Łódź", contact="Zoë", telephone="+44 191 0000", in_sage="no")
    plain = Customer(account="SHOP001", name="Corner Shop", in_sage="no")
    bun = Article(sku="10001", description="Bun “Đ”", category="GROCERY", tax_class="STD", in_sage="no")
    records = records_of([cafe, plain], {"10001": bun}, MAPPING, {"STD": "T1"})
    day = prove_day(staged(wanted(SALE)))
    block = MappingBlock.model_validate(MAPPING.model_dump(exclude={"version"}))
    settings = CompanySettings(company=COMPANY, stores=(day.staged.store,), mappings=(block,))

    batch = build_batch(settings, DAY, [day], {"S01": {"receipts": 1, "lines": 1}}, lambda _: "", records=records)

    assert json.loads(batch.files[MANIFEST])["names"] == [
        {"name": "Bun “Đ”", "written": "Bun 'D'"},
        {"name": "Café Łódź", "written": "Cafe Lodz"},
        {"name": "Zoë", "written": "Zoe"},
    ]
