"""POSLog dialects: each against a file of our own in its shape, and the traits of the real files it was learnt from."""

from __future__ import annotations

import base64
import io
import re

import pytest
from golden_feeds import Case, golden
from storeday.feeds.base import ReadFile
from storeday.feeds.poslog.dialect import PoslogSettings
from storeday.feeds.registry import FEEDS
from storeday.model.errors import FileRejected
from storeday.stages.feed_files import identify, store_from
from storeday.stages.workplace import feed_and_rules

ROQQIO, NEWPOS, R10, XSTORE = (
    golden(f"poslog-{name}", "day/day.xml") for name in ("roqqio", "newpos", "r10", "xstore")
)
DIALECTS = (golden("poslog-ncr", "evening/evening.xml"), ROQQIO, NEWPOS, R10, XSTORE)


class Trickle(io.BytesIO):
    """A slow line: whatever is asked for, 97 bytes come."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(97 if size else 0)


def by_receipt(read: ReadFile, table: str, column: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in getattr(read.tables, table).to_pylist():
        sums[row["receipt"]] = sums.get(row["receipt"], 0) + row[column]
    return sums


def receipt(read: ReadFile, number: str) -> dict[str, object]:
    return next(row for row in read.tables.receipts.to_pylist() if row["receipt"] == number)


@pytest.mark.parametrize("case", DIALECTS, ids=lambda case: case.feed)
class TestEveryDialect:
    def test_quantity_times_price_less_discount_is_the_line_where_it_says_so(self, case: Case) -> None:
        if not FEEDS[case.feed].guarantees.line_arithmetic:
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

    def test_it_is_told_from_the_others_by_its_namespaces(self, case: Case) -> None:
        found = identify(case.path)

        assert found == [f"{case.feed}: its root and namespaces are those of the dialect"]

    def test_a_rejected_file_is_known_to_be_of_a_day(self, case: Case) -> None:
        feed, rules = feed_and_rules(store_from(case.path.with_name("store.yaml")))

        assert feed.day_hint("day.xml", case.content[:8_000], rules) == min(
            case.read().tables.receipts.column("trading_day").to_pylist()
        )

    def test_a_stream_of_few_bytes_at_a_time_reads_the_same(self, case: Case) -> None:
        feed, rules = feed_and_rules(store_from(case.path.with_name("store.yaml")))

        assert feed.read_stream(case.path.name, Trickle(case.content), rules) == case.read()

    def test_another_root_is_refused_however_slowly_it_comes(self, case: Case) -> None:
        feed, rules = feed_and_rules(store_from(case.path.with_name("store.yaml")))
        other = case.content.replace(b"POSLog", b"TLog")

        with pytest.raises(FileRejected, match=r"the XML's root is .* TLog, not .* POSLog"):
            feed.read_stream(case.path.name, Trickle(other), rules)


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
        nested = ROQQIO.changed(
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
        before = ROQQIO.changed(
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
        why = ROQQIO.rejected('<ExtendedAmount Currency="EUR">1.490<', '<ExtendedAmount Currency="EUR">1.495<')

        assert why.why == "ExtendedAmount '1.495' is not an amount with up to 8 digits and 2 decimals."

    def test_the_price_of_one_may_be_finer_than_a_cent(self) -> None:
        read = ROQQIO.read(
            ROQQIO.changed(
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
        assert why in ROQQIO.rejected(old, new).why


@pytest.mark.parametrize("case", [NEWPOS, R10, XSTORE], ids=lambda case: case.feed)
def test_goods_without_a_category_are_of_none_and_reject_nothing(case: Case) -> None:
    bare = re.sub(rb"<MerchandiseHierarchy[^>]*>.*?</MerchandiseHierarchy>", b"", case.content)

    assert case.read(bare).tables.lines.column("category").unique().to_pylist() == ["(none)"]


class TestNewpos:
    def test_the_tax_of_the_lines_is_carried_not_the_one_on_the_printed_receipt(self) -> None:
        read = NEWPOS.read()

        printed = base64.b64decode(NEWPOS.content.split(b"<Text>")[1].split(b"</Text>")[0])
        assert b"VAT 21.75" in printed
        assert receipt(read, "1966")["tax_minor"] == 2083 + 50 + 41 == 2174
        assert by_receipt(read, "lines", "tax_minor")["1966"] == 2174

    def test_a_london_clock_is_right_and_its_offset_wrong(self) -> None:
        read = NEWPOS.read()

        assert (
            str(receipt(read, "1966")["at"]) == "2026-06-21 12:39:11+00:00"
        )  # 13:39 on the wall, an hour ahead of UTC

    def test_an_offset_that_is_right_is_believed_where_the_settings_say_so(self) -> None:
        read = NEWPOS.read(settings=PoslogSettings(discounts="taken_off", clock="offset"))

        assert str(receipt(read, "1966")["at"]) == "2026-06-21 11:39:11+00:00"

    def test_the_trading_day_is_worked_out_from_the_clock(self) -> None:
        late = receipt(NEWPOS.read(), "1972")
        next_day = receipt(NEWPOS.read(day_starts_minutes=0), "1972")

        assert (str(late["trading_day"]), str(next_day["trading_day"])) == ("2026-06-21", "2026-06-22")

    def test_change_nested_in_a_tender_is_taken_off(self) -> None:
        cash = [t["amount_minor"] for t in NEWPOS.read().tables.tenders.to_pylist() if t["receipt"] == "1971"]

        assert cash == [1000, -300]

    def test_a_voided_line_is_left_out(self) -> None:
        lines = [line["sku"] for line in NEWPOS.read().tables.lines.to_pylist() if line["receipt"] == "1968"]

        assert lines == ["1600005"]

    def test_an_order_that_was_shipped_counts_only_where_the_settings_say_so(self) -> None:
        status = ('TransactionStatus="Finished"', 'TransactionStatus="Shipped"')

        why = NEWPOS.rejected(*status)
        told = PoslogSettings(discounts="taken_off", counted_statuses=("Shipped",))

        assert "@TransactionStatus 'Shipped': whether such a sale counts is not known" in why.why
        assert why.what_now == "If it counts, add it to feed_settings.counted_statuses of the store."
        assert NEWPOS.read(NEWPOS.changed(*status), settings=told).gross_minor == 20948

    def test_two_taxes_on_one_line_are_refused(self) -> None:
        why = NEWPOS.rejected("<Tax TaxType", "<Tax><Amount>0.10</Amount></Tax><Tax TaxType")

        assert why.why == "Tax/Amount stands more than once in one Sale."


class TestR10:
    def test_discounts_are_taken_off_the_amount(self) -> None:
        line = next(line for line in R10.read().tables.lines.to_pylist() if line["receipt"] == "452")

        assert (line["gross_minor"], line["discount_minor"], line["tax_minor"]) == (750, 250, 125)
        assert line["description"] == "RIZ PARFUMÉ ข้าวหอม"

    def test_the_rounding_of_cash_is_no_tender(self) -> None:
        rounded = R10.changed(
            '<Tender TenderType="Cash">\n          <Amount Currency="GBP">6.57</Amount>',
            '<Tender TenderType="Cash">\n          <Amount Currency="GBP">6.60</Amount>',
        ).replace(
            b'      <LineItem>\n        <Tax r10Ex:Imposition="C">',
            b'      <LineItem><Tender TenderType="X:Rounding"><Amount Currency="GBP">0.03</Amount></Tender>'
            b'<SequenceNumber>8</SequenceNumber></LineItem>\n      <LineItem>\n        <Tax r10Ex:Imposition="C">',
            1,
        )

        paid = by_receipt(R10.read(rounded), "tenders", "amount_minor")["451"]

        assert paid == 660  # 0.03 over the receipt: the store's cash_rounding says whether it may be

    def test_a_weight_beside_the_number_of_packets_is_no_second_quantity(self) -> None:
        packets = '<Quantity UnitOfMeasureCode="EA" Units="1">1</Quantity>\n          <Quantity UnitOfMeasureCode="Kg"'
        weighed = R10.changed(packets, '<Quantity UnitOfMeasureCode="Kg"')

        both, one = (
            [line["quantity_milli"] for line in read.tables.lines.to_pylist() if line["receipt"] == "451"]
            for read in (R10.read(), R10.read(weighed))
        )

        assert both == [1000, 1000, 1000]
        assert one == [1000, 127, 1000]

    def test_times_with_seven_decimals_and_offsets_that_are_none(self) -> None:
        read = R10.read()

        assert str(receipt(read, "451")["at"]) == "2026-08-22 14:21:54.483370+00:00"
        assert str(receipt(read, "455")["at"]) == "2026-08-22 23:20:00+00:00"  # 00:20 on the wall, whatever +03:00 is


class TestXstore:
    @pytest.mark.parametrize(
        ("number", "kind"),
        [("101", "no_sale"), ("106", "training"), ("107", "void"), ("108", "void"), ("109", "no_sale")],
    )
    def test_what_is_no_sale_only_counts(self, number: str, kind: str) -> None:
        assert receipt(XSTORE.read(), number)["kind"] == kind

    def test_a_sale_of_a_till_that_was_offline_counts(self) -> None:
        assert receipt(XSTORE.read(), "104")["gross_minor"] == 1200

    def test_flags_with_the_prefix_count_as_well(self) -> None:
        prefixed = XSTORE.changed('OfflineFlag="true" TrainingModeFlag="false"', 'dtv:TrainingModeFlag="true"')

        assert receipt(XSTORE.read(prefixed), "104")["kind"] == "training"

    def test_change_is_a_tender_with_a_flag(self) -> None:
        cash = [t["amount_minor"] for t in XSTORE.read().tables.tenders.to_pylist() if t["receipt"] == "102"]

        assert cash == [3000, -100]

    def test_whether_prices_include_tax_is_asked_for(self) -> None:
        with pytest.raises(
            FileRejected, match=r"Tax/Amount 4\.00: whether the amount beside it includes it"
        ) as refused:
            XSTORE.read(settings=None)

        assert refused.value.what_now == "Set feed_settings.prices of the store to with_tax or without_tax."

    def test_a_tax_on_top_of_the_price_is_part_of_the_line(self) -> None:
        read = XSTORE.read(settings=PoslogSettings(prices="without_tax"))

        assert by_receipt(read, "lines", "gross_minor")["102"] == 2400 + 400 + 500

    def test_a_sale_that_is_voided_afterwards_rejects_the_file(self) -> None:
        why = XSTORE.rejected('TransactionType="NO_SALE"', 'TransactionType="POST_VOID"')

        assert why.why == "a Transaction of POST_VOID: whether it counts is not known of this dialect."
        assert why.receipt == "109 of till 2"
