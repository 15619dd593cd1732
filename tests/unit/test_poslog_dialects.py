"""POSLog dialects: each against a file of our own in its shape, and the traits of the real files it was learnt from."""

from __future__ import annotations

import json

import pytest
from golden_feeds import CASES, Case, rows_of
from storeday.feeds.base import ReadFile
from storeday.feeds.poslog.dialect import PoslogSettings
from storeday.model.errors import FileRejected
from storeday.model.tables import SCHEMAS

ROQQIO = CASES["poslog-roqqio"]


def by_receipt(read: ReadFile, table: str, column: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in getattr(read.tables, table).to_pylist():
        sums[row["receipt"]] = sums.get(row["receipt"], 0) + row[column]
    return sums


def receipt(read: ReadFile, number: str) -> dict[str, object]:
    return next(row for row in read.tables.receipts.to_pylist() if row["receipt"] == number)


def changed(case: Case, old: str, new: str) -> bytes:
    assert old.encode() in case.content, f"{old!r} is not in the file to change"
    return case.content.replace(old.encode(), new.encode(), 1)


def rejected(case: Case, old: str, new: str, **rules: object) -> FileRejected:
    with pytest.raises(FileRejected) as caught:
        case.read(changed(case, old, new), **rules)
    return caught.value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
class TestEveryDialect:
    def test_reads_as_its_golden_file_says(self, case: Case) -> None:
        read = case.read()

        assert rows_of(read) == json.loads(case.golden.read_text(encoding="utf-8"))
        assert {name: table.schema for name, table in read.tables.items()} == SCHEMAS

    def test_lines_and_tenders_and_tax_give_every_receipt(self, case: Case) -> None:
        read = case.read()

        money = {
            r["receipt"]: (r["gross_minor"], r["tax_minor"])
            for r in read.tables.receipts.to_pylist()
            if r["kind"] in ("sale", "refund")
        }
        gross, tax = (by_receipt(read, "lines", column) for column in ("gross_minor", "tax_minor"))
        paid = by_receipt(read, "tenders", "amount_minor")
        assert {number: (gross[number], tax[number]) for number in gross} == money
        assert paid == {number: total for number, (total, _) in money.items()}

    def test_quantity_times_price_less_discount_is_the_line_where_it_says_so(self, case: Case) -> None:
        if not case.feed.guarantees.line_arithmetic:
            return

        off = [
            line
            for line in case.read().tables.lines.to_pylist()
            if line["category"] != "TAX"
            and line["quantity_milli"] * line["unit_price_minor"] // 1000 - line["discount_minor"]
            != line["gross_minor"]
        ]

        assert off == []

    def test_voids_and_training_carry_no_money(self, case: Case) -> None:
        read = case.read()

        idle = {r["receipt"] for r in read.tables.receipts.to_pylist() if r["kind"] not in ("sale", "refund")}
        assert idle
        assert not idle & {line["receipt"] for line in read.tables.lines.to_pylist()}
        assert not idle & {tender["receipt"] for tender in read.tables.tenders.to_pylist()}


class TestRoqqio:
    def test_a_net_that_is_not_total_less_tax_is_told_and_not_corrected(self) -> None:
        read = ROQQIO.read()

        assert (receipt(read, "3616")["gross_minor"], receipt(read, "3616")["tax_minor"]) == (278, 44)
        assert read.notes == (
            "day.xml: in 1 of 6 receipts the till's net and tax are not its total, by 0.01 in all; total and tax are "
            "as the till says them, the net is what they leave; first: receipt 3616 of till 10001",
        )

    def test_a_return_with_a_positive_amount_is_money_given_back(self) -> None:
        read = ROQQIO.read()

        returned = receipt(read, "3618")
        assert (returned["kind"], returned["gross_minor"], returned["tax_minor"]) == ("refund", -129, -21)
        assert returned["original"] == "3616"
        assert by_receipt(read, "lines", "gross_minor")["3618"] == -129
        assert by_receipt(read, "lines", "quantity_milli")["3618"] == -1000
        assert by_receipt(read, "tenders", "amount_minor")["3618"] == -129

    def test_change_is_taken_off_what_was_handed_over(self) -> None:
        read = ROQQIO.read()

        cash = [t["amount_minor"] for t in read.tables.tenders.to_pylist() if t["receipt"] == "3619"]
        assert cash == [2700, -1]

    def test_change_nested_in_the_tender_is_taken_off_as_well(self) -> None:
        nested = changed(
            ROQQIO,
            '<Amount Currency="EUR">27.000</Amount>',
            '<Amount Currency="EUR">27.000</Amount><TenderChange><Amount Currency="EUR">0.010</Amount></TenderChange>',
        )
        start = nested.index(b'         <LineItem>\n            <TenderChange TypeCode="Refund">')
        end = nested.index(b"</LineItem>\n", start) + len(b"</LineItem>\n")

        read = ROQQIO.read(nested[:start] + nested[end:])

        assert by_receipt(read, "tenders", "amount_minor")["3619"] == 2699

    def test_a_discount_is_refused_until_the_settings_say_what_it_means(self) -> None:
        with pytest.raises(FileRejected, match=r"4\.00: whether the amount beside it is before") as refused:
            ROQQIO.read(settings=PoslogSettings())

        assert (refused.value.receipt, refused.value.line) == ("3617 of till 10001", 69)
        assert refused.value.what_now == "Set feed_settings.discounts of the store to taken_off or to_take_off."

    def test_a_discount_still_to_be_taken_off(self) -> None:
        before = changed(
            ROQQIO,
            '<ExtendedAmount Currency="EUR">16.000</ExtendedAmount>',
            '<ExtendedAmount Currency="EUR">20.000</ExtendedAmount>',
        )

        read = ROQQIO.read(before, settings=PoslogSettings(discounts="to_take_off"))

        assert by_receipt(read, "lines", "gross_minor")["3617"] == 1600
        assert by_receipt(read, "lines", "discount_minor")["3617"] == 400

    def test_a_sale_after_midnight_stays_on_its_business_day(self) -> None:
        late = receipt(ROQQIO.read(), "3623")

        assert (str(late["trading_day"]), str(late["at"])) == ("2026-11-21", "2026-11-21 23:40:00+00:00")

    def test_a_third_decimal_that_is_no_zero_is_refused(self) -> None:
        why = rejected(ROQQIO, '<ExtendedAmount Currency="EUR">1.490<', '<ExtendedAmount Currency="EUR">1.495<')

        assert why.why == "ExtendedAmount '1.495' is not an amount with up to 8 digits and 2 decimals."

    def test_the_price_of_one_may_be_finer_than_a_cent(self) -> None:
        read = ROQQIO.read(
            changed(
                ROQQIO,
                '<RegularSalesUnitPrice Currency="EUR">1.490<',
                '<RegularSalesUnitPrice Currency="EUR">1.495<',
            )
        )

        prices = [line["unit_price_minor"] for line in read.tables.lines.to_pylist() if line["line"] == 11]
        assert prices == [150]

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            ('CurrencyCode="EUR">16.000<', 'CurrencyCode="CHF">16.000<', "amounts in CHF in a file of EUR"),
            (
                "2026-11-21T09:15:02.100Z</End",
                "2026-11-21T10:15:02.100</End",
                "EndDateTime '2026-11-21T10:15:02.100' is not",
            ),
            (">100</UnitID>", ">101</UnitID>", "a row of another store: BusinessUnit/UnitID '101', not 100"),
            (
                "<RetailTransaction>",
                '<RetailTransaction TransactionStatus="Suspended">',
                "@TransactionStatus 'Suspended'",
            ),
        ],
    )
    def test_what_the_dialect_does_not_say(self, old: str, new: str, why: str) -> None:
        assert why in rejected(ROQQIO, old, new).why
