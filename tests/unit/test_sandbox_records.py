"""Customers, products and stock in the stand-in Sage. Sources: sage50-uk reference, 2.2 to 2.4."""

from __future__ import annotations

import pytest
from sage_company import company, file_of, imported, reasons, row, table
from storeday.config.sage_facts import SageFacts
from storeday.sage50.sandbox.company import Imported, Sandbox
from storeday.sage50.sandbox.records import import_customers, import_products
from storeday.sage50.sandbox.stock import import_stock

OPEN = SageFacts()
BREAD = "BREAD,White loaf,T0,1.20,0.60,each,A1,4000,1,5000123456789,1\r\n"


def shop_with(*products: str) -> Sandbox:
    sage = company()
    assert import_products(sage, "".join(products).encode(), OPEN).refused == ()
    return sage


def moved(sage: Sandbox, *lines: str, facts: SageFacts = OPEN) -> Imported:
    return import_stock(sage, "".join(f"{line}\r\n" for line in lines).encode(), facts)


def test_a_new_customer_can_be_invoiced() -> None:
    sage = company()

    done = import_customers(sage, b"A/C,Name,Street 1\r\nSCHOOL01,Hill School,1 Hill Road\r\n", OPEN)

    assert (done.taken, done.refused) == (1, ())
    assert ("SCHOOL01", "Hill School", "1 Hill Road") in table(sage, "SALES_LEDGER", "ACCOUNT_REF", "NAME", "ADDRESS_1")
    assert imported(sage, file_of(row("SI", "SCHOOL01", "4000", "1.00", "T0"))).taken == 1


@pytest.mark.parametrize(("fact", "phone"), [("keep", "0191 496 0000"), ("clear", "")])
def test_a_customer_that_is_there_is_changed_and_a_blank_does_what_the_settings_say(fact: str, phone: str) -> None:
    facts = SageFacts.model_validate({"blank_on_update": fact})
    sage = company()
    import_customers(sage, b"CAFE001,Cafe,,,,,,Ann,0191 496 0000\r\n", facts)

    import_customers(sage, b"CAFE001,Cafe Nero,,,,,,Bob\r\n", facts)

    found = {
        ref: rest for ref, *rest in table(sage, "SALES_LEDGER", "ACCOUNT_REF", "NAME", "CONTACT_NAME", "TELEPHONE")
    }
    assert found["CAFE001"] == ["Cafe Nero", "Bob", phone]


def test_all_31_columns_of_a_customer_are_kept() -> None:
    line = (
        "SCHOOL01,Name,A1,A2,A3,A4,A5,Contact,Tel,Fax,An1,An2,An3,2,GB123,1.01,2.02,3.03,4.04,30 days,30,2.50,4000,T1,"
        "Trade,Tel2,a@example.com,example.com,5.05,14,1\r\n"
    )
    sage = company()

    done = import_customers(sage, line.encode(), OPEN)

    assert done.refused == ()
    (found,) = [r for r in table(sage, "SALES_LEDGER", "ACCOUNT_REF", *KEPT) if r[0] == "SCHOOL01"]
    assert ",".join(str(value) for value in found) + "\r\n" == line


KEPT = (
    "NAME ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 CONTACT_NAME TELEPHONE FAX ANALYSIS_1 ANALYSIS_2 "
    "ANALYSIS_3 DEPT_NUMBER VAT_REG_NUMBER TURNOVER_MTD TURNOVER_YTD PRIOR_YEAR CREDIT_LIMIT TERMS SETTLEMENT_DUE_DAYS "
    "SETTLEMENT_DISC_RATE DEF_NOM_CODE DEF_TAX_CODE TRADE_CONTACT TELEPHONE_2 E_MAIL WEB_ADDRESS DISCOUNT_RATE "
    "PAYMENT_DUE_DAYS TERMS_AGREED_FLAG"
).split()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Nobody", "the account reference is missing"),
        ("SCHOOL 01,Hill School", "over 8 characters or has a space"),
        ("SCHOOL01," + "N" * 61, "NAME 'NNN"),
        ("SCHOOL01" + "," * 13 + "1000", "DEPT_NUMBER '1000'"),
        ("SCHOOL01" + "," * 20 + "366", "SETTLEMENT_DUE_DAYS '366'"),
        ("SCHOOL01" + "," * 22 + "4999", "nominal 4999 does not exist"),
        ("SCHOOL01" + "," * 31 + "more", "32 fields; the layout has 31"),
    ],
)
def test_a_customer_is_refused_with_the_reason(line: str, reason: str) -> None:
    sage = company()

    done = import_customers(sage, f"{line}\r\n".encode(), OPEN)

    assert reason in reasons(done)[0]
    assert done.taken == 0


def test_a_product_without_a_tax_code_is_zero_rated() -> None:
    sage = shop_with(BREAD, "MILK,Milk\r\n")

    found = table(sage, "STOCK", "STOCK_CODE", "DESCRIPTION", "TAX_CODE", "SALES_PRICE", "BARCODE", "QTY_IN_STOCK")

    assert found == [
        ("BREAD", "White loaf", "T0", "1.20", "5000123456789", "0.00"),
        ("MILK", "Milk", "T0", "0.00", "", "0.00"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("WHITE LOAF,Bread", "stock code 'WHITE LOAF'"),
        ("BREAD,Bread,T100", "tax code 'T100'"),
        ("BREAD,Bread,T1,-1.00", "SALES_PRICE -1.00 is negative"),
        ("BREAD,Bread,,,,,,4999", "nominal 4999 does not exist"),
        ("BREAD,Bread,,,,,,,1000", "STOCK_CAT '1000'"),
        ("BREAD,Bread,,,,,,,,,,NOBODY", "supplier NOBODY does not exist"),
    ],
)
def test_a_product_is_refused_with_the_reason(line: str, reason: str) -> None:
    sage = company()

    done = import_products(sage, f"{line}\r\n".encode(), OPEN)

    assert reason in reasons(done)[0]


def test_types_take_stock_in_and_out() -> None:
    sage = shop_with(BREAD)
    ins = [f"{kind},BREAD,22/11/2026,S01,,10.00" for kind in ("AI", "DI", "GI", "GR")]
    outs = [f"{kind},BREAD,22/11/2026,S01,,1.50,0.60,1.20" for kind in ("AO", "DO", "GO", "WO")]

    done = moved(
        sage, "Transaction Type,Stock Code,Date,Reference,Details,Quantity,Cost Price,Sales Price", *ins, *outs
    )

    assert (done.taken, done.refused) == (8, ())
    assert table(sage, "STOCK", "QTY_IN_STOCK") == [("34.00",)]
    assert table(sage, "STOCK_TRAN", "TYPE", "QUANTITY", "COST_PRICE", "SALES_PRICE")[-1] == (
        "WO",
        "1.50",
        "0.60",
        "1.20",
    )
    assert {amount for (amount,) in table(sage, "NOMINAL_LEDGER", "BALANCE")} == {"0.00"}


def test_which_types_take_stock_out_is_a_setting() -> None:
    sage = shop_with(BREAD)

    moved(sage, "GR,BREAD,22/11/2026,S01,,3.00", facts=SageFacts(stock_out_types=("AO", "DO", "GO", "GR", "WO")))

    assert table(sage, "STOCK", "QTY_IN_STOCK") == [("-3.00",)]


def test_a_quantity_is_positive_unless_sage_turned_out_otherwise() -> None:
    sage, tried = shop_with(BREAD), shop_with(BREAD)

    refused = moved(sage, "GO,BREAD,22/11/2026,S01,,-2.00")
    taken = moved(tried, "GO,BREAD,22/11/2026,S01,,-2.00", facts=SageFacts(stock_quantity="signed"))

    assert reasons(refused) == ["line 1: quantity -2.00 is negative; the type carries the direction"]
    assert taken.taken == 1
    assert table(tried, "STOCK", "QTY_IN_STOCK") == [("2.00",)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("MI,BREAD,22/11/2026,S01,,1.00", "'MI' is no type"),
        ("GO,CAKE,22/11/2026,S01,,1.00", "product 'CAKE' does not exist"),
        ("GO,BREAD,,S01,,1.00", "the date is missing"),
        ("GO,BREAD,22/11/2026,S01-26112,,1.00", "has 9 characters; it takes 8"),
        ("GO,BREAD,22/11/2026,S01,,", "quantity '' is not an amount"),
    ],
)
def test_a_stock_row_is_refused_with_the_reason(line: str, reason: str) -> None:
    sage = shop_with(BREAD)

    done = moved(sage, "GI,BREAD,22/11/2026,S01,,5.00", line)

    assert reason in reasons(done)[0]
    assert done.kept_out == 1
    assert table(sage, "STOCK", "QTY_IN_STOCK") == [("0.00",)]


def test_the_stock_reference_may_be_longer_in_a_newer_sage() -> None:
    sage = shop_with(BREAD)

    moved(sage, "GO,BREAD,22/11/2026,S01-261122,,1.00", facts=SageFacts(stock_reference_size=30))

    assert table(sage, "STOCK_TRAN", "REFERENCE") == [("S01-261122",)]
