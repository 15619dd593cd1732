"""Statements as banks write them, and what is refused of them, by line and with what to do."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storeday.config.bank import BankSettings, Statement
from storeday.model.errors import FileRejected
from storeday.reconcile.bank_statement import read_statement, statements_of

PAYOUTS = Statement.model_validate(
    {"date": "Date", "dates": "DD/MM/YYYY", "amount": "Net", "fee": "Fee", "text": ["Ref", "Note"], "merchant": "MID"}
)
ACCOUNT = Statement.model_validate(
    {"date": "Date", "dates": "DD-Mon-YYYY", "paid_in": "In", "paid_out": "Out", "text": ["What"]}
)


def rows(content: str | bytes, said: Statement = PAYOUTS) -> list[tuple[object, ...]]:
    """Line, day, amount, fee, text and merchant of each line."""
    body = content if isinstance(content, bytes) else content.encode()
    lines = read_statement({"a.csv": body}, said, "payouts")
    named = lines[["line", "day", "amount_minor", "fee_minor", "text", "merchant"]]
    return list(named.itertuples(index=False, name=None))


def test_columns_are_found_by_their_names_in_any_order_and_others_are_left() -> None:
    found = rows('Iban,Net,MID,Date,Fee,Ref,Note\nX,"1,234.50", 0042 ,03/11/2026,-1.20, R  1 ,n\n')

    assert found == [(2, 20760, 123450, 120, "R 1 n", "0042")]


def test_nothing_of_a_text_is_left_that_a_terminal_would_obey() -> None:
    found = rows("Date,MID,Ref,Note,Net,Fee\n03/11/2026,1,\x1b[2JRed\u00a0\u009bm,\x07 café,5.00,\n")

    assert found[0][4] == "[2JRed m café"


def test_what_is_paid_in_and_paid_out_is_one_signed_amount() -> None:
    found = rows("Date,What,In,Out\n03-Nov-2026,a,5.00,\n04-Nov-2026,b,,7.10\n05-Nov-2026,c,,-0.90\n", ACCOUNT)

    assert [row[2] for row in found] == [500, -710, -90]


@pytest.mark.parametrize("form", ["gzip", "utf-16", "tabs"])
def test_packing_encoding_and_delimiter_are_found_out(form: str) -> None:
    text = "Date,MID,Ref,Note,Net,Fee\n03/11/26,42,é,,5.00,\n"
    content = {
        "gzip": gzip.compress(text.encode()),
        "utf-16": text.encode("utf-16"),
        "tabs": text.replace(",", "\t").encode(),
    }[form]

    assert rows(content) == [(2, 20760, 500, 0, "é", "42")]


def test_a_line_that_moves_no_money_is_left_out() -> None:
    assert rows("Date,MID,Ref,Note,Net,Fee\n03/11/2026,42,balance,,0.00,\n") == []


def test_parts_that_overlap_count_each_line_once_and_two_equal_lines_of_one_part_twice() -> None:
    head = "Date,MID,Ref,Note,Net,Fee\n"
    twice = "03/11/2026,42,R,,5.00,\n" * 2
    parts = {
        "a.csv": (head + twice).encode(),
        "b.csv": (head + "03/11/2026,42,R,,5.00,\n04/11/2026,42,R,,5.00,\n").encode(),
    }

    lines = read_statement(parts, PAYOUTS, "payouts")

    assert lines[["file", "line"]].to_numpy().tolist() == [["a.csv", 2], ["a.csv", 3], ["b.csv", 3]]


WHAT_NOW = "Export it again, or say in bank.yaml how it is written (statements.payouts)."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Date,MID,Ref,Net,Fee\n", "a.csv line 1: missing column in the header: Note."),
        ("", "a.csv: the file is empty: not even a header row."),
        (
            "Date,MID,Ref,Note,Net,Fee\n31/02/2026,1,a,b,5.00,\n",
            "a.csv line 2: Date '31/02/2026' is not a date as DD/MM/YYYY.",
        ),
        ("Date,MID,Ref,Note,Net,Fee\n,1,a,b,5.00,\n", "a.csv line 2: Date is empty and must be a date as DD/MM/YYYY."),
        ("Date,MID,Ref,Note,Net,Fee\n03/11/2026,1,a,b,5.0051,\n", "a.csv line 2: Net 5.0051 has a part of a penny."),
        ("Date,MID,Ref,Note,Net,Fee\n03/11/2026,1,a,b,five,\n", "a.csv line 2: Net 'five' is not an amount."),
        (
            'Date,MID,Ref,Note,Net,Fee\n03/11/2026,1,a,b,"1,234",\n',
            "a.csv: its amounts can be read with decimal points and with decimal commas.",
        ),
    ],
)
def test_what_is_no_such_statement_is_refused_with_its_line_and_what_to_do(content: str, why: str) -> None:
    with pytest.raises(FileRejected) as refused:
        rows(content)

    assert str(refused.value) == f"{why} {WHAT_NOW}"


def test_a_row_with_money_both_ways_is_refused() -> None:
    with pytest.raises(FileRejected, match=r"a\.csv line 2: the row has an amount under In and under Out\."):
        rows("Date,What,In,Out\n03-Nov-2026,a,5.00,7.00\n", ACCOUNT)


def test_which_statement_a_file_is_its_columns_say() -> None:
    deposit = {
        "name": "cards",
        "tenders": ["VISA"],
        "statement": "payouts",
        "lands_on": "1200",
        "settlement": {"days_later": "1"},
    }
    cash = {**deposit, "name": "cash", "tenders": ["CASH"], "statement": "account"}
    both = {"payouts": PAYOUTS, "account": ACCOUNT}
    bank = BankSettings.model_validate({"statements": both, "deposits": [deposit, cash]})

    assert statements_of("a.csv", b"Date,What,In,Out\n", bank) == ["account"]
    assert statements_of("a.csv", b"Date,What\n", bank) == []


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["03/11/2026", "31/02/2026", "01/01/0001", "5.00", "-1,234.50", "1e9", "99999999999", "0.001", '"', "\0", "(5)"]
    ),
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=4), st.binary(max_size=20))
def test_whatever_a_file_says_it_is_read_to_the_penny_or_refused(rows_of: list[tuple[str, ...]], tail: bytes) -> None:
    head = "Date,MID,Ref,Note,Net,Fee\n"
    said = "".join(f"{day},1,{text},x,{net},{fee}\n" for day, text, net, fee in rows_of)

    content, refused = (head + said).encode("utf-8", "replace") + tail, ""
    try:
        lines = read_statement({"a.csv": content}, PAYOUTS, "payouts")
    except FileRejected as wrong:
        refused = str(wrong)

    assert refused.startswith("a.csv") or str(lines["amount_minor"].dtype) == "int64"
    assert refused or not (lines["amount_minor"] == 0).any()
