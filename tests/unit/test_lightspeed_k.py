"""The feed lightspeed-k: four-decimal taxes, tips and service charges, and answers that nobody should trust."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from golden_feeds import golden
from hypothesis import given
from hypothesis import strategies as st
from storeday.feeds.lightspeed_k import LightspeedKSettings
from storeday.model.errors import FileRejected

DAY = golden("lightspeed-k", "day/sales-2026-06-21.json")


def lines_of(receipt: str, **rules: Any) -> list[dict[str, Any]]:
    return [line for line in DAY.read(**rules).tables.lines.to_pylist() if line["receipt"] == receipt]


def test_a_tax_of_four_decimals_is_rounded_once_a_sale() -> None:
    coffees = lines_of("A100.2")

    assert [line["tax_minor"] for line in coffees] == [42, 41, 42]  # 3 × 0.4167 = 1.2501, not 3 × 0.42


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["VAT20", "VAT5"]), st.integers(0, 999_999)),
        min_size=1,
        max_size=30,
    )
)
def test_lines_have_their_tax_to_a_penny_and_sum_to_the_rounded_one(drawn: list[tuple[int, str, int]]) -> None:
    answer = json.loads(DAY.content)
    like_line, like_pay = answer["sales"][1]["salesLines"][0], answer["sales"][1]["payments"][0]
    exact: dict[tuple[str, str], Decimal] = {}
    answer["sales"] = answer["sales"][:4]
    for number, sale in enumerate(answer["sales"]):
        mine = [(code, Decimal(units) / 10_000) for which, code, units in drawn if which == number]
        sale |= {"type": "SALE", "payments": [{**like_pay, "netAmountWithTax": f"{100 * len(mine)}.00"}]}
        sale["salesLines"] = [
            {**like_line, "totalNetAmountWithTax": "100.00", "taxCode": code, "taxAmount": f"{tax:.4f}"}
            for code, tax in mine
        ]
        for code, tax in mine:
            key = (sale["accountFiscId"], code)
            exact[key] = exact.get(key, Decimal(0)) + tax
    wanted = [Decimal(line["taxAmount"]) * 100 for sale in answer["sales"] for line in sale["salesLines"]]

    tables = DAY.read(json.dumps(answer).encode()).tables

    found = [line["tax_minor"] for line in tables.lines.to_pylist()]
    assert all(abs(pennies - tax) < 1 for pennies, tax in zip(found, wanted, strict=True))
    by_receipt = {row["receipt"]: row["tax_minor"] for row in tables.receipts.to_pylist()}
    for receipt, total in by_receipt.items():
        of_codes = [tax for (sale, _), tax in exact.items() if sale == receipt]
        assert total == sum(int((tax * 100).quantize(Decimal(1), ROUND_HALF_UP)) for tax in of_codes)


def test_a_service_charge_is_a_line_of_its_own_unless_the_settings_say_otherwise() -> None:
    apart = {line["category"]: line["gross_minor"] for line in lines_of("A100.1")}
    in_line = [
        line["gross_minor"] for line in lines_of("A100.1", settings=LightspeedKSettings(service_charge="in_line"))
    ]

    assert apart == {"1200": 450, "SERVICE CHARGE": 100, "TIP": 200}
    assert in_line == [1100, 450, 200]


def test_a_tip_is_money_in_the_till_and_no_sale_with_tax() -> None:
    read = DAY.read()

    tip = next(line for line in lines_of("A100.1") if line["category"] == "TIP")
    card = [t["amount_minor"] for t in read.tables.tenders.to_pylist() if t["receipt"] == "A100.1"]
    assert (tip["gross_minor"], tip["tax_minor"], tip["tax_class"]) == (200, 0, "NOTAX")
    assert card == [1750]


def test_numbers_that_are_no_texts_are_as_exact() -> None:
    numbers = DAY.content.replace(b'"taxAmount": "1.6667"', b'"taxAmount": 1.6667')

    assert DAY.read(numbers).tables == DAY.read().tables


def test_lines_of_the_file_are_where_a_sale_says_its_id() -> None:
    read = DAY.read()
    lines = DAY.content.decode().splitlines()

    for row in read.tables.receipts.to_pylist():
        assert row["receipt"] in lines[row["file_line"] - 1]
    flat = DAY.read(json.dumps(json.loads(DAY.content)).encode())
    assert set(flat.tables.receipts.column("file_line").to_pylist()) == {1}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"dataComplete": true', '"dataComplete": false', "it says of itself that the day's data is not complete"),
        ('"businessLocationId": 45454565682155', '"businessLocationId": 7', "a row of another store: '7'"),
        ('"type": "REFUND"', '"type": "TRANSITORY"', "type 'TRANSITORY' is not one of SALE, REFUND"),
        ('"totalNetAmountWithTax": "4.50"', '"totalNetAmountWithTax": "4.505"', "4.505 has a part of a penny"),
        ('"totalNetAmountWithTax": "4.50"', '"totalNetAmountWithTax": "four"', "totalNetAmountWithTax 'four' is not"),
        ('"taxAmount": "1.6667"', '"taxAmount": "1.6667%"', "'1.6667%' is not an amount"),
        ('"taxAmount": "1.6667"', '"taxAmount": NaN', "NaN is no amount"),
        ('"tip": "2.00"', '"tip": "2.00", "tip": "3.00"', "the key 'tip' stands twice in one object"),
        ('"surcharge": "0.00"', '"surcharge": "0.30"', "a surcharge on a payment"),
        ('"netAmountWithTax": "-10.00"', '"netAmountWithTax": ["-10.00"]', "the sales have another form than is known"),
        (
            '"timeClosed": "2026-06-21T18:04:08.734Z"',
            '"timeClosed": "2026-06-21T18:04:08"',
            "time '2026-06-21T18:04:08'",
        ),
        ('"accountFiscId": "A100.1"', '"accountFiscId": ""', "accountFiscId is empty"),
        ('"totalNetAmountWithTax": "-10.00"', '"totalNetAmountWithTax": "10.00"', "a refund is above zero, 10.00"),
        ('"code": "CASH"', '"code": null', "code is empty"),
    ],
)
def test_what_the_answer_may_not_say(old: str, new: str, why: str) -> None:
    assert why in DAY.rejected(old, new).why


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is no whole JSON"),
        (b"<html>Gateway timeout</html>", "the file is no whole JSON"),
        (b"{}", "there is no list of sales in the file"),
        (b'{"sales": {}}', "there is no list of sales in the file"),
        (b'{"sales": [7]}', "the sales have another form than is known"),
        (b"[" * 100_000, "the file is no JSON that can be read"),
        ('{"sales": []}'.encode("utf-16"), "the file is no UTF-8 text"),
    ],
)
def test_what_is_no_answer(content: bytes, why: str) -> None:
    with pytest.raises(FileRejected) as caught:
        DAY.read(content)

    assert why in caught.value.why


def test_an_answer_that_is_cut_off_anywhere() -> None:
    end = DAY.content.rindex(b"}") + 1
    for at in range(0, end, 997):
        with pytest.raises(FileRejected):
            DAY.read(DAY.content[:at])


def test_an_answer_without_a_sale_is_a_day_without_trade() -> None:
    read = DAY.read(b'{"sales": [], "dataComplete": true}')

    assert (read.receipts, read.gross_minor) == (0, 0)


def test_a_file_that_is_larger_than_the_settings_allow_is_not_parsed() -> None:
    with pytest.raises(FileRejected, match="it holds more than 1 MB"):
        DAY.read(b" " * 1_000_001, settings=LightspeedKSettings(largest_mb=1))
