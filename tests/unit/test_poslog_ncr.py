"""The feed poslog-ncr: against a real till's file, a small file of our own, and files nobody should send."""

from __future__ import annotations

import io
import json
import re

import pyarrow.compute as pc
import pytest
from golden_feeds import golden
from lxml import etree
from samples import real
from storeday.feeds.base import ReadFile, ReadingRules
from storeday.feeds.poslog.ncr import PoslogNcr
from storeday.feeds.xml_stream import batches
from storeday.model.errors import FileRejected
from storeday.model.tables import SCHEMAS

IX = "{http://www.nrf-arts.org/IXRetail/namespace/}"
ACS = "{http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1}"


def read(content: bytes, *, store: str = "12", timezone: str = "America/New_York") -> ReadFile:
    rules = ReadingRules("S12", timezone, day_starts_minutes=240, pos_store_id=store)
    return PoslogNcr().read("evening.xml", content, rules)


def rejected(content: bytes) -> FileRejected:
    with pytest.raises(FileRejected) as caught:
        read(content)
    return caught.value


@pytest.fixture(scope="module")
def evening() -> bytes:
    return golden("poslog-ncr", "evening/evening.xml").content


@pytest.fixture(scope="module")
def till() -> ReadFile:
    return read(real("poslog-ncr", "POSLog.xml"), store="9", timezone="America/Los_Angeles")


def changed(content: bytes, old: str, new: str) -> bytes:
    assert content.count(old.encode()) >= 1, f"{old!r} is not in the file to change"
    return content.replace(old.encode(), new.encode(), 1)


def line_with(content: bytes, text: str) -> int:
    return content[: content.index(text.encode())].count(b"\n") + 1


def by_receipt(read_file: ReadFile, table: str, column: str) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for row in getattr(read_file.tables, table).to_pylist():
        key = (row["till"], row["receipt"])
        sums[key] = sums.get(key, 0) + row[column]
    return sums


def rows(read_file: ReadFile, table: str, **where: object) -> list[dict[str, object]]:
    found = getattr(read_file.tables, table).to_pylist()
    return [row for row in found if all(row[column] == value for column, value in where.items())]


class TestTheRealTill:
    def test_totals_are_the_known_ones(self, till: ReadFile) -> None:
        assert (till.records, till.receipts, till.no_money_receipts) == (51, 51, 9)
        assert till.gross_minor == 264372
        assert pc.sum(till.tables.receipts.column("tax_minor")).as_py() == 5715
        assert len(rows(till, "receipts", kind="sale")) == 42
        assert len(rows(till, "receipts", kind="no_sale")) == 9

    def test_every_receipt_is_there_once(self, till: ReadFile) -> None:
        keys = [(r["till"], r["receipt"], r["trading_day"]) for r in till.tables.receipts.to_pylist()]

        assert len(set(keys)) == len(keys) == 51

    def test_no_till_skips_a_number(self, till: ReadFile) -> None:
        numbers: dict[str, list[int]] = {}
        for row in till.tables.receipts.to_pylist():
            numbers.setdefault(row["till"], []).append(int(row["receipt"]))

        assert len(numbers) == 7
        assert all(seen == list(range(seen[0], seen[0] + len(seen))) for seen in numbers.values())

    def test_lines_and_tenders_give_every_receipt(self, till: ReadFile) -> None:
        sales = rows(till, "receipts", kind="sale")
        gross, tax, paid = (
            by_receipt(till, *of)
            for of in (("lines", "gross_minor"), ("lines", "tax_minor"), ("tenders", "amount_minor"))
        )

        for sale in sales:
            key = (str(sale["till"]), str(sale["receipt"]))
            assert gross[key] == paid[key] == sale["gross_minor"], key
            assert tax[key] == sale["tax_minor"], key
        assert len(gross) == len(paid) == len(sales) == 42

    def test_lines_are_of_three_sorts(self, till: ReadFile) -> None:
        lines = till.tables.lines.to_pylist()
        goods = [line for line in lines if line["category"] not in ("REWARD", "TAX")]

        assert len(goods) == 552
        assert len([line for line in lines if line["category"] == "TAX"]) == 23
        assert len([line for line in lines if line["category"] == "REWARD"]) == 245  # 249 Monetary, 4 only sums
        below_zero = [line for line in goods if line["gross_minor"] < 0]
        assert len(below_zero) == 4 + 1  # voided lines, and a bottle's deposit paid back
        assert all(line["quantity_milli"] < 0 for line in below_zero)

    def test_tenders_are_signed(self, till: ReadFile) -> None:
        cash = rows(till, "tenders", tender="CASH")
        change = [int(str(t["amount_minor"])) for t in cash if int(str(t["amount_minor"])) < 0]
        codes = till.tables.tenders.column("tender").to_pylist()

        assert (len(codes), len(cash), len(change), sum(change)) == (51, 16, 9, -9155)
        assert {code: codes.count(code) for code in set(codes) - {"CASH"}} == {
            "DEBIT": 17,
            "VISA": 12,
            "MASTERCARD": 4,
            "AMERICANEXPRESS": 1,
            "DISCOVERCARD": 1,
        }

    def test_tax_classes_give_the_taxable_amount_the_till_says(self, till: ReadFile) -> None:
        taxable: dict[tuple[str, str], int] = {}
        for line in rows(till, "lines", tax_class="TAX1"):
            if line["category"] != "TAX":
                key = (str(line["till"]), str(line["receipt"]))
                taxable[key] = taxable.get(key, 0) + int(str(line["gross_minor"]))

        said = {}
        for sale in etree.fromstring(real("poslog-ncr", "POSLog.xml")).iter(IX + "Transaction"):
            if (amount := sale.findtext(f".//{IX}Tax/{IX}TaxableAmount")) is not None:
                key = (str(sale.findtext(IX + "WorkstationID")), str(sale.findtext(IX + "SequenceNumber")))
                said[key] = int(amount.replace(".", ""))

        assert taxable == said
        assert len(said) == 23

    def test_positive_and_negative_gross_agree_with_the_lines(self, till: ReadFile) -> None:
        gross: dict[tuple[str, str], list[int]] = {}
        for line in till.tables.lines.to_pylist():
            gross.setdefault((line["till"], line["receipt"]), []).append(line["gross_minor"])

        for sale in etree.fromstring(real("poslog-ncr", "POSLog.xml")).iter(IX + "Transaction"):
            totals = {t.get("TotalType"): int((t.text or "").replace(".", "")) for t in sale.iter(IX + "Total")}
            if totals:
                key = (str(sale.findtext(IX + "WorkstationID")), str(sale.findtext(IX + "SequenceNumber")))
                assert sum(g for g in gross[key] if g > 0) == totals["acs:GrossPositive"], key
                assert sum(g for g in gross[key] if g < 0) == totals["acs:GrossNegative"], key

    def test_a_late_sale_stays_on_its_business_day(self) -> None:
        small = read(real("poslog-ncr", "SMALL.xml"), store="9", timezone="America/Los_Angeles")

        sale = rows(small, "receipts", kind="sale")[0]
        assert (small.receipts, small.gross_minor, str(sale["trading_day"])) == (2, 107, "2017-09-30")
        assert str(sale["at"]) == "2017-10-01 09:02:54+00:00"
        assert [line["gross_minor"] for line in rows(small, "lines")] == [126, -19]


class TestOurOwnEvening:
    def test_sums_by_hand(self, evening: bytes) -> None:
        done = read(evening)

        assert (done.records, done.receipts, done.no_money_receipts) == (7, 7, 2)
        assert done.gross_minor == 1216 + 635 + 1485 + 250 - 75 == 3511
        expected = {
            ("3", "0042"): 66 + 350 + 800,  # tax, tea, two candles
            ("3", "0043"): 635,  # bread
            ("3", "0044"): 45 + 294 - 294 + 1000 + 600 - 100 - 60,  # tax, apples and their void, coffee, mug, rewards
            ("4", "0107"): 250,  # a lemon, 2 for 5.00
            ("4", "0108"): -75,  # three bottles back
        }
        assert by_receipt(done, "lines", "gross_minor") == expected
        assert by_receipt(done, "tenders", "amount_minor") == expected
        tax = by_receipt(done, "lines", "tax_minor")
        assert {k: t for k, t in tax.items() if t} == {("3", "0042"): 66, ("3", "0044"): 45}

    def test_drawer_and_card_hold_what_was_paid(self, evening: bytes) -> None:
        paid: dict[object, int] = {}
        for tender in rows(read(evening), "tenders"):
            paid[tender["tender"]] = paid.get(tender["tender"], 0) + int(str(tender["amount_minor"]))

        assert paid == {"CASH": 2000 - 784 - 2000 + 250 - 75, "DEBIT": 2635, "VISA": 1485}
        assert sum(paid.values()) == 3511

    def test_the_first_of_the_hour_that_comes_twice_is_meant(self, evening: bytes) -> None:
        late = rows(read(evening), "receipts", receipt="0107")[0]

        assert str(late["at"]) == "2026-11-01 05:30:00+00:00"  # still summer time; an hour later it is 06:30
        assert str(late["trading_day"]) == "2026-10-31"

    def test_a_time_that_the_clock_skips_moves_forward(self, evening: bytes) -> None:
        skipped = changed(evening, "2026-11-01T01:30:00", "2026-03-08T02:30:00.25")

        assert str(rows(read(skipped), "receipts", receipt="0107")[0]["at"]) == "2026-03-08 07:00:00+00:00"

    @pytest.mark.parametrize(("flag", "kind"), [("TrainingModeFlag", "training"), ("CancelFlag", "void")])
    def test_training_and_cancelled_sales_only_count(self, evening: bytes, flag: str, kind: str) -> None:
        second = (
            "<Transaction>\n    <RetailStoreID>12</RetailStoreID><WorkstationID>3</WorkstationID><SequenceNumber>0042"
        )
        flagged = read(changed(evening, second, second.replace("<Transaction>", f'<Transaction {flag}="true">')))

        assert [r["gross_minor"] for r in rows(flagged, "receipts", kind=kind)] == [0]
        assert (flagged.receipts, flagged.no_money_receipts, flagged.gross_minor) == (7, 3, 3511 - 1216)
        assert not rows(flagged, "lines", receipt="0042")
        assert not rows(flagged, "tenders", receipt="0042")

    def test_two_taxes_are_two_classes(self, evening: bytes) -> None:
        both = changed(evening, '<acs:Itemizers Tax1="true">', '<acs:Itemizers Tax2="true" Tax1="true">')

        assert rows(read(both), "lines", description="CANDLE")[0]["tax_class"] == "TAX1+TAX2"

    def test_a_file_without_a_transaction_is_an_hour_without_trade(self, evening: bytes) -> None:
        empty = re.sub(rb"<Transaction>.*</Transaction>", b"", evening, flags=re.DOTALL)

        assert (read(empty).records, read(empty).gross_minor) == (0, 0)
        assert read(empty).tables.receipts.schema == SCHEMAS["receipts"]

    def test_a_file_in_one_line_reads_the_same(self, evening: bytes) -> None:
        flat = read(b"\xef\xbb\xbf" + re.sub(rb"\s*\n\s*", b"", evening))

        assert flat.gross_minor == 3511
        assert set(flat.tables.lines.column("file_line").to_pylist()) == {1}

    def test_lines_of_the_file_are_found_beyond_65535(self, evening: bytes) -> None:
        far = read(evening.replace(b"<Transaction>", b"\n" * 70_000 + b"<Transaction>", 1))

        exact = 70_000 + line_with(evening, "0109") - 1
        assert rows(far, "receipts")[-1]["file_line"] in (exact, exact + 1)  # the parser is one off, up there

    def test_what_was_read_is_let_go(self, evening: bytes) -> None:
        first, last = evening.index(b"<Transaction>"), evening.rindex(b"</POSLog>")
        long = evening[:first] + evening[first:last] * 400 + evening[last:]

        alive = [
            (batch.count, len(batch.root))
            for batch in batches(io.BytesIO(long), root=IX + "POSLog", tag=IX + "Transaction")
        ]

        assert len(long) > 4 << 20
        assert sum(whole for whole, _ in alive) == 2800
        assert max(parsed for _, parsed in alive) < 900  # a part of it and what the parser read ahead


class TestRejected:
    @pytest.mark.timeout(5)
    def test_an_entity_bomb_at_once(self, evening: bytes) -> None:
        laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
        bomb = changed(evening, "<POSLog", f'<!DOCTYPE POSLog [<!ENTITY l0 "ha">{laughs}]><POSLog')

        why = rejected(changed(bomb, "CANDLE", "&l11;"))

        assert "the file holds a DOCTYPE declaration" in why.why
        assert why.line == line_with(bomb, "<!DOCTYPE")

    def test_an_entity_from_elsewhere(self, evening: bytes) -> None:
        outside = (
            '<!DOCTYPE POSLog SYSTEM "http://example.com/x.dtd" [<!ENTITY x SYSTEM "file:///etc/hostname">]><POSLog'
        )

        assert "DOCTYPE" in rejected(changed(changed(evening, "<POSLog", outside), "CANDLE", "&x;")).why

    def test_an_entity_nobody_declared(self, evening: bytes) -> None:
        why = rejected(changed(evening, "<Amount>0.66</Amount>", "<Amount>0.6&six;6</Amount>"))

        assert (why.line, "Entity 'six' not defined" in why.why) == (line_with(evening, "<Amount>0.66"), True)

    def test_a_file_cut_off_in_the_middle(self, evening: bytes) -> None:
        cut = evening[: evening.index(b"LEMON")]

        why = rejected(cut)

        assert (why.line, why.receipt) == (cut.count(b"\n") + 1, "0044 of till 3")
        assert "cut off or broken after this receipt" in why.why

    def test_a_file_cut_off_anywhere(self, evening: bytes) -> None:
        end = evening.index(b"</POSLog>") + len(b"</POSLog>")

        for at in [*range(0, end, 97), end - 1]:
            assert rejected(evening[:at]).file == "evening.xml"

    @pytest.mark.parametrize(
        "amount", ["8.001", "8e0", "1e3", "8,00", "+8.00", "NaN", "", "٨.00", "123456789.00", "8.00 USD"]
    )
    def test_what_is_no_amount(self, evening: bytes, amount: str) -> None:
        old, new = "<ExtendedAmount>8.00<", f"<ExtendedAmount>{amount}<"

        why = rejected(changed(evening, old, new))

        assert (why.line, why.receipt) == (line_with(evening, "<SequenceNumber>3</SequenceNumber>"), "0042 of till 3")
        assert "ExtendedAmount" in why.why
        assert "an amount with up to 8 digits and 2 decimals" in why.why

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            ("<Amount>20.00<", "<Amount>2<b/>0.00<", "Amount holds elements where a text is wanted"),
            ("<Amount>20.00</Amount>", "<Amount>20.00</Amount><Amount>1.00</Amount>", "Amount stands more than once"),
            ("<Amount>20.00</Amount>", "", "Amount is empty and must be an amount"),
            ("<Quantity>2<", "<Quantity>2.0001<", "Quantity '2.0001' is not a quantity with up to 3 decimals"),
            ("<EndDateTime>2026-10-31T22:03:40<", "<EndDateTime>2026-10-31T22:03:40Z<", "is not a local time"),
            (
                "2026-10-31</BusinessDayDate>",
                "2026-02-31</BusinessDayDate>",
                "BusinessDayDate '2026-02-31' is not a date",
            ),
            ("<SequenceNumber>0042<", "<SequenceNumber>42b<", "SequenceNumber '42b' is not a running number"),
            ("TransactionGrandAmount", "GrandAmount", "Total TransactionGrandAmount is empty and must be an amount"),
            (
                "acs:GrossPositive",
                "TransactionTaxAmount",
                "Total TransactionTaxAmount stands more than once in one Transaction",
            ),
            (
                "<RetailTransaction ",
                "<ControlTransaction/><RetailTransaction ",
                "1 RetailTransaction, 1 ControlTransaction: whether it counts is not known",
            ),
            ("<RetailTransaction ", '<RetailTransaction TransactionStatus="Suspended" ', "'Suspended'"),
            (
                "<CurrencyCode>USD</CurrencyCode>\n    <Retail",
                "<CurrencyCode>EUR</CurrencyCode>\n    <Retail",
                "EUR in a",
            ),
            ("<RetailStoreID>12<", "<RetailStoreID>13<", "a row of another store: RetailStoreID '13', not 12"),
            (
                "<ItemID>00000000070011</ItemID>",
                "<ItemID> </ItemID><POSIdentity><POSItemID>9</POSItemID></POSIdentity>",
                "POSIdentity/POSItemID stands more than once in one Sale",
            ),
            ("<ItemID>00000000070028</ItemID>", "", "ItemID or POSIdentity/POSItemID is empty and must be a code"),
            (' TenderType="Cash"', "", "@TenderType is empty and must be a code"),
        ],
    )
    def test_what_the_dialect_does_not_say(self, evening: bytes, old: str, new: str, why: str) -> None:
        assert why in rejected(changed(evening, old, new)).why

    def test_a_row_of_another_store_within_the_file(self, evening: bytes) -> None:
        head, last = evening[: evening.rindex(b"<RetailStoreID>")], evening[evening.rindex(b"<RetailStoreID>") :]

        why = rejected(head + changed(last, "<RetailStoreID>12<", "<RetailStoreID>7<"))

        assert (why.receipt, "a row of another store" in why.why) == ("0109 of till 4", True)

    def test_the_stores_code_is_its_number_where_no_other_is_set(self, evening: bytes) -> None:
        with pytest.raises(FileRejected, match="another store: RetailStoreID '12', not S12"):
            PoslogNcr().read("evening.xml", evening, ReadingRules("S12", "America/New_York", 240))

    def test_a_nul_byte(self, evening: bytes) -> None:
        why = rejected(changed(evening, "CANDLE", "CAN\0DLE"))

        assert (why.why, why.line) == ("there is a NUL byte in the file.", line_with(evening, "CANDLE"))

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "the file is empty"),
            (b" \n", "the file is empty"),
            (b"record,store,till\nRECEIPT,S01,1\n", "cut off or broken"),
            (b"<!-- nothing -->", "cut off or broken"),
            (b"<POSLog/>", "root is POSLog without a namespace"),
            (b'<POSLog xmlns="http://www.nrf-arts.org/IXRetail/v6.0.0/poslog"/>', "root is http://www.nrf-arts.org"),
            (b"<html><body>Gateway timeout</body></html>", "root is html without a namespace"),
            (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE', "it is UTF-7, not UTF-8"),
            ("<POSLog/>".encode("utf-16"), "NUL byte"),
        ],
    )
    def test_what_is_no_poslog(self, content: bytes, why: str) -> None:
        assert why in rejected(content).why

    def test_text_that_is_not_utf_8(self, evening: bytes) -> None:
        assert "encoding" in rejected(evening.replace(b"CANDLE", b"CANDL\xc9")).why

    @pytest.mark.parametrize("character", ["\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"])
    @pytest.mark.parametrize("times", [1, 10, 11])
    def test_a_character_that_the_reader_itself_writes_between_texts(
        self, evening: bytes, character: str, times: int
    ) -> None:
        why = rejected(changed(evening, "CANDLE", character * times))

        assert "Description" in why.why or "U+FDD0 to U+FDD3, which mean nothing" in why.why

    def test_transactions_in_a_wrapper(self, evening: bytes) -> None:
        first, last = evening.index(b"<Transaction>"), evening.rindex(b"</POSLog>")
        wrapped = evening[:first] + b"<Batch>" + evening[first:last] + b"</Batch>" + evening[last:]

        assert "a Transaction stands where none belongs" in rejected(wrapped).why


class TestNames:
    @pytest.mark.parametrize("name", ["POSLog.xml", "9_20171001T1500.xml", "a-b.c.xml"])
    def test_xml_files_are_its_own(self, name: str) -> None:
        assert PoslogNcr().is_mine(name)

    @pytest.mark.parametrize(
        "name", ["POSLog.ok", "a.xml.tmp", "a b.xml", "../a.xml", "a.xml\n", ".xm", "a.XML", "é.xml"]
    )
    def test_others_are_not(self, name: str) -> None:
        assert not PoslogNcr().is_mine(name)

    def test_its_marker_says_file_and_sha256(self) -> None:
        feed = PoslogNcr()

        marker = feed.read_marker("POSLog.ok", json.dumps({"file": "POSLog.xml", "sha256": "0" * 64}).encode())

        assert feed.marker_of("POSLog.xml") == "POSLog.ok"
        assert (marker.file, marker.sha256, marker.records) == ("POSLog.xml", "0" * 64, None)
