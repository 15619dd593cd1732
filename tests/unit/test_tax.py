"""Tax by line: rates by tax point, goods given back, discounts on whole receipts, receipts that disagree with lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from figures import COMPANY, MAPPING, STORE
from hypothesis import given
from hypothesis import strategies as st
from storeday.checks.tax_frames import tax_bias_frame, tax_frame
from storeday.config.mappings import Mapping, MappingBlock
from storeday.config.settings import CompanySettings, Store, TaxRounding, Tolerances
from storeday.model.sums import apportion, sum_by
from storeday.model.tables import FILE, RECEIPT_ROW, SCHEMAS, Tables, empty_tables
from storeday.model.tax import UNMAPPED, LineTax, TaxKind
from storeday.postings.spread import spread_discounts
from storeday.postings.tax_points import line_tax
from storeday.postings.tax_settlement import settle_tax

DAY = date(2026, 12, 31)
NOON = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)

Line = tuple[str, str, int, int]  # category, tax class, gross, tax
Receipt = tuple[datetime, str, list[Line], int | None]  # when, kind, lines, tax of the receipt (None: the lines')


def day_of(*receipts: Receipt, closes: tuple[datetime, ...] = ()) -> Tables:
    """A store-day's tables: receipts of till 01 in their order, and its Zs."""
    key = {"till": "01", "trading_day": DAY, "file_line": 2}
    rows: dict[str, list[dict[str, object]]] = {"receipts": [], "lines": [], "z": []}
    for number, (at, kind, lines, tax) in enumerate(receipts):
        whole = sum(line[3] for line in lines) if tax is None else tax
        rows["receipts"].append(
            {**key, "receipt": f"{number:06d}", "at": at, "kind": kind, "tax_minor": whole}
            | {"gross_minor": sum(line[2] for line in lines)}
        )
        for category, tax_class, gross, of_line in lines:
            line = {"category": category, "sku": "10001", "tax_class": tax_class, "gross_minor": gross}
            rows["lines"].append({**key, **line, "tax_minor": of_line, "discount_minor": 0, "receipt_row": number})
    rows["z"] = [{**key, "z": f"{n:04d}", "at": at} for n, at in enumerate(closes)]
    added = {"receipts": [FILE], "lines": [FILE, RECEIPT_ROW]}
    made = {n: pa.Table.from_pylist(r, schema=pa.schema([*SCHEMAS[n], *added.get(n, [])])) for n, r in rows.items()}
    return replace(empty_tables(), **made)


def company(*blocks: dict[str, object]) -> CompanySettings:
    """A company whose mapping is these blocks."""
    return CompanySettings(
        company=COMPANY, stores=(STORE,), mappings=tuple(MappingBlock.model_validate(block) for block in blocks)
    )


OLD = {"valid_from": "2026-01-01", "tax_classes": {"STD": {"code": "T1", "rate": "20"}}}
CUT = {"valid_from": "2027-01-01", "tax_classes": {"STD": {"code": "T1", "rate": "15"}}}


def rates(tables: Tables, whole: CompanySettings, day: date = DAY) -> list[tuple[str, int, str]]:
    tax = line_tax(tables, whole, STORE, day)
    return [tuple(tax.kinds[kind]) for kind in tax.kind]


def test_a_rate_that_changes_at_midnight_counts_for_the_sales_after_it_in_the_same_trading_day() -> None:
    before = (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "sale", [("GROCERY", "STD", 1200, 200)], None)
    after = (datetime(2027, 1, 1, 0, 1, tzinfo=UTC), "sale", [("GROCERY", "STD", 1150, 150)], None)

    found = rates(day_of(before, after), company(OLD, CUT))

    assert found == [("T1", 2000, ""), ("T1", 1500, "at 15%")]


def test_midnight_is_the_stores_own_and_not_utcs() -> None:
    in_summer = (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "sale", [("GROCERY", "STD", 1150, 150)], None)
    block = {**CUT, "valid_from": "2026-07-01"}

    found = rates(day_of(in_summer), company(OLD, block), date(2026, 6, 30))

    assert found == [("T1", 1500, "at 15%")]  # 00:30 in London


def test_goods_given_back_carry_the_rate_of_the_day_they_were_sold() -> None:
    new_year = datetime(2027, 1, 5, 12, 0, tzinfo=UTC)
    sold = (new_year, "sale", [("GROCERY", "STD", 1150, 150)], None)
    bought_last_year = (new_year, "refund", [("GROCERY", "STD", -1200, -200)], None)
    bought_this_year = (new_year, "refund", [("GROCERY", "STD", -1150, -150)], None)
    neither = (new_year, "refund", [("GROCERY", "STD", -1200, -57)], None)

    found = rates(day_of(sold, bought_last_year, bought_this_year, neither), company(OLD, CUT), date(2027, 1, 5))

    assert found == [("T1", 1500, ""), ("T1", 2000, "at 20%"), ("T1", 1500, ""), ("T1", 1500, "")]


def test_what_is_sold_is_never_excused_by_an_earlier_rate() -> None:
    new_year = datetime(2027, 1, 5, 12, 0, tzinfo=UTC)
    till_not_set = (new_year, "sale", [("GROCERY", "STD", 1200, 200)], None)

    found = rates(day_of(till_not_set), company(OLD, CUT), date(2027, 1, 5))

    assert found == [("T1", 1500, "")]


@pytest.mark.parametrize(
    ("tax", "rate"),
    [(-158, 1500), (-156, 1500), (-155, 1500), (-199, 2000), (-201, 2000), (-202, 1500)],  # 1.57 now, 2.00 before
)
def test_a_refund_has_an_earlier_rate_only_where_that_fits_within_the_tolerance(tax: int, rate: int) -> None:
    new_year = datetime(2027, 1, 5, 12, 0, tzinfo=UTC)
    back = (new_year, "refund", [("GROCERY", "STD", -1200, tax)], None)

    found = line_tax(day_of(back), company(OLD, CUT), STORE, date(2027, 1, 5))

    assert found.rates_bp.tolist() == [rate]


def test_the_newest_of_several_earlier_rates_that_fits_is_taken() -> None:
    blocks = [
        {**OLD, "valid_from": day, "tax_classes": {"STD": {"code": "T1", "rate": rate}}}
        for day, rate in (("2026-01-01", "20"), ("2026-06-01", "10"), ("2026-12-01", "15"))
    ]
    back = (NOON, "refund", [("GROCERY", "STD", -1100, -100), ("GROCERY", "STD", -1200, -200)], None)

    found = rates(day_of(back), company(*blocks))

    assert found == [("T1", 1000, "at 10%"), ("T1", 2000, "at 20%")]


def test_a_day_without_lines_has_no_tax() -> None:
    tax = line_tax(day_of((NOON, "void", [], 0)), company(OLD), STORE, DAY)

    assert (tax.kinds, tax.kind.tolist(), tax.rates_bp.tolist()) == ((), [], [])


def test_a_class_that_is_not_mapped_yet_has_no_rate() -> None:
    tables = day_of((NOON, "sale", [("GROCERY", "STD", 1200, 200), ("GROCERY", "RED", 105, 5)], None))

    tax = line_tax(tables, company(OLD), STORE, DAY)

    assert tax.kind.tolist() == [0, UNMAPPED]
    assert tax.rates_bp.tolist() == [2000, UNMAPPED]


DEALS = Mapping.model_validate(
    {**MAPPING.model_dump(mode="json"), "categories": {**MAPPING.categories, "DEAL": "spread"}}
)


def test_a_meal_deal_is_split_by_selling_price_and_never_loaded_on_the_taxed_item() -> None:
    deal = [("GROCERY", "ZERO", 360, 0), ("GROCERY", "STD", 240, 40), ("DEAL", "STD", -100, -7)]

    lines = spread_discounts(day_of((NOON, "sale", deal, None)), DEALS).lines

    assert lines.column("gross_minor").to_pylist() == [300, 200]
    assert lines.column("tax_minor").to_pylist() == [0, 33]
    assert lines.column("discount_minor").to_pylist() == [60, 40]


def test_a_discount_leaves_gift_cards_and_goods_that_come_back_alone() -> None:
    basket = [
        ("GROCERY", "ZERO", 1000, 0),
        ("GIFTCARD", "OUT", 5000, 0),
        ("GROCERY", "ZERO", -400, 0),
        ("DEAL", "OUT", -100, 0),
    ]

    lines = spread_discounts(day_of((NOON, "sale", basket, None)), DEALS).lines

    assert lines.column("gross_minor").to_pylist() == [900, 5000, -400]


def test_a_discount_is_taken_off_goods_and_not_off_a_line_that_is_nothing_but_tax() -> None:
    basket = [("GROCERY", "ZERO", 4000, 0), ("GROCERY", "STD", 320, 320), ("DEAL", "OUT", -100, 0)]

    lines = spread_discounts(day_of((NOON, "sale", basket, None)), DEALS).lines

    assert lines.column("gross_minor").to_pylist() == [3900, 320]


def test_a_discount_with_nothing_to_take_it_off_stays_for_the_checks_to_hold() -> None:
    tables = day_of((NOON, "sale", [("GIFTCARD", "OUT", 5000, 0), ("DEAL", "OUT", -100, 0)], None))

    lines = spread_discounts(tables, DEALS).lines

    assert lines.column("category").to_pylist() == ["GIFTCARD", "DEAL"]


AMOUNTS = st.integers(0, 99_999_999_99)


TOTAL_AND_SHARES = st.tuples(AMOUNTS | AMOUNTS.map(int.__neg__), st.lists(AMOUNTS, min_size=1, max_size=6))


@given(st.lists(TOTAL_AND_SHARES, max_size=5), st.randoms(use_true_random=True))
def test_the_parts_of_a_total_sum_to_it_and_are_within_a_unit_of_their_share(groups, random) -> None:  # type: ignore[no-untyped-def]
    rows = [(place, share) for place, (_, shares) in enumerate(groups) for share in shares]
    random.shuffle(rows)
    totals = np.array([total for total, _ in groups], dtype=np.int64)
    owner, shares = (np.array([row[n] for row in rows], dtype=np.int64) for n in (0, 1))

    parts = apportion(totals, shares, owner)

    for place, (total, of_group) in enumerate(groups):
        mine = parts[owner == place]
        assert mine.sum() == (total if sum(of_group) else 0)
        for part, share in zip(mine.tolist(), shares[owner == place].tolist(), strict=True):
            assert not sum(of_group) or abs(part * sum(of_group) - total * share) <= sum(of_group)


KINDS = (TaxKind("T1", 2000, ""),)


def gaps(tables: Tables, rounding: TaxRounding) -> list[int]:
    tax = LineTax(KINDS, np.zeros(tables.lines.num_rows, dtype=np.int64))
    frame = tax_frame(tables, tax, rounding)
    return [int(gap) for gap in frame["tax_gap_minor"]]


THREE_99P = [("GROCERY", "STD", 99, 17)] * 3  # a line 0.165, the three together 0.495


@pytest.mark.parametrize(
    ("level", "expected"),
    [("line", [0, 0, 0]), ("receipt", [1]), ("z", [1])],
)
def test_tax_is_held_to_the_level_at_which_the_tills_round(level: str, expected: list[int]) -> None:
    tables = day_of((NOON, "sale", THREE_99P, None))

    found = gaps(tables, TaxRounding.model_validate({"level": level}))

    assert found == expected


def test_at_level_z_receipts_are_rounded_with_those_of_the_same_close() -> None:
    receipts = [(NOON + timedelta(minutes=n), "sale", [("GROCERY", "STD", 99, 17)], None) for n in range(4)]
    tables = day_of(*receipts, closes=(NOON + timedelta(minutes=1), NOON + timedelta(minutes=30)))

    found = gaps(tables, TaxRounding(level="z"))

    assert found == [34 - 33, 34 - 33]  # two closes of 1.98, whose tax is 0.33


def test_tax_cut_at_six_decimals_is_rounded_once_for_the_whole_receipt() -> None:
    # 0.99 / 6 = 0.165 exactly; 1.00 / 6 = 0.166666 cut, three of them 0.499998: 0.50 rounded once.
    tables = day_of((NOON, "sale", [("GROCERY", "STD", 100, 17)] * 3, 50))

    found = gaps(tables, TaxRounding(level="receipt", rule="truncate_6_decimals"))

    assert found == [51 - 50]


def test_a_till_that_always_rounds_down_is_found_with_what_it_costs_in_a_year() -> None:
    down = [(NOON, "sale", [("GROCERY", "STD", 249, 41)], None)] * 6  # 0.415 is 0.42
    tables = day_of(*down)
    tax = LineTax(KINDS, np.zeros(6, dtype=np.int64))

    bias = tax_bias_frame(tax_frame(tables, tax, TaxRounding()))

    assert bias[["off", "drift_minor", "a_year_minor"]].to_numpy().tolist() == [[6, -6, -21_90]]


def store_rounding(level: str, tax_total: int) -> Store:
    rounding = TaxRounding.model_validate({"level": level})
    return STORE.model_copy(update={"rounding": rounding, "tolerances": Tolerances(tax_total=tax_total)})


PRINTED = (NOON, "sale", [("GROCERY", "STD", 99, 17)] * 3, 50)  # lines 0.51, receipt 0.50


@pytest.mark.parametrize(
    ("level", "limit", "of_lines", "of_receipt"),
    [("line", 1, 51, 51), ("receipt", 1, 50, 50), ("z", 1, 50, 50), ("receipt", 0, 51, 50)],
)
def test_the_rounding_level_says_whose_tax_is_carried_and_the_limit_whether(
    level: str, limit: int, of_lines: int, of_receipt: int
) -> None:
    tables = day_of(PRINTED)
    tax = LineTax(KINDS, np.zeros(3, dtype=np.int64))

    settled = settle_tax(tables, tax, store_rounding(level, limit))

    lines, receipts = (t.column("tax_minor").to_pylist() for t in (settled.tables.lines, settled.tables.receipts))
    assert (sum(lines), sum(receipts)) == (of_lines, of_receipt)
    assert settled.receipts.tolist() == ([0] if limit else [])


def test_the_difference_goes_to_the_tax_kind_whose_lines_are_off_and_never_to_an_untaxed_line() -> None:
    lines = [("GROCERY", "ZERO", 5000, 0), ("GROCERY", "RED", 2100, 100), *THREE_99P]
    tables = day_of((NOON, "sale", lines, 150))
    kinds = (TaxKind("T0", 0, ""), TaxKind("T5", 500, ""), TaxKind("T1", 2000, ""))
    tax = LineTax(kinds, np.array([0, 1, 2, 2, 2]))

    settled = settle_tax(tables, tax, store_rounding("receipt", 2))

    assert settled.tables.lines.column("tax_minor").to_pylist() == [0, 100, 16, 17, 17]
    assert sum_by([0] * 5, settled.tables.lines.column("tax_minor").to_numpy(), 1).tolist() == [150]


def test_each_receipt_is_settled_by_itself_and_both_its_figures_are_told() -> None:
    other = (NOON, "sale", [("GROCERY", "STD", 600, 100), ("GROCERY", "STD", 1200, 200)], 300)
    tables = day_of(other, PRINTED, other, PRINTED)
    tax = LineTax(KINDS, np.zeros(10, dtype=np.int64))

    settled = settle_tax(tables, tax, store_rounding("receipt", 1))

    assert settled.receipts.tolist() == [1, 3]
    assert (settled.of_lines_minor.tolist(), settled.of_receipt_minor.tolist()) == ([51, 51], [50, 50])
    assert settled.tables.lines.column("tax_minor").to_pylist() == [100, 200, 16, 17, 17] * 2


def test_the_largest_line_of_the_kind_that_is_off_takes_the_difference() -> None:
    lines = [("GROCERY", "STD", 99, 17), ("GROCERY", "STD", 399, 67), ("GROCERY", "STD", 99, 17)]  # 0.9950 in all
    tables = day_of((NOON, "sale", lines, 100))
    tax = LineTax(KINDS, np.zeros(3, dtype=np.int64))

    settled = settle_tax(tables, tax, store_rounding("receipt", 1))

    assert settled.tables.lines.column("tax_minor").to_pylist() == [17, 66, 17]


def test_a_discount_leaves_an_account_that_is_paid_off_alone() -> None:
    basket = [("GROCERY", "ZERO", 1000, 0), ("PAIDOFF", "OUT", 5000, 0), ("DEAL", "OUT", -100, 0)]

    lines = spread_discounts(day_of((NOON, "sale", basket, None)), DEALS).lines

    assert lines.column("gross_minor").to_pylist() == [900, 5000]


def test_a_discount_on_an_article_of_a_penny_is_taken_off_it() -> None:
    basket = [("GROCERY", "ZERO", 1, 0), ("DEAL", "OUT", -1, 0)]

    lines = spread_discounts(day_of((NOON, "sale", basket, None)), DEALS).lines

    assert lines.column("gross_minor").to_pylist() == [0]
