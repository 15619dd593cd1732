"""Whatever valid rows the stand-in Sage is given, its books balance, and what it exports books the same again."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sage_company import MASTERS, balances, boxes, company, file_of, imported, row, table, trial_balance
from storeday.model.money import plain
from storeday.sage50.sandbox.exports import transaction_csv

BANKS = sorted(MASTERS.banks)
INCOME = ["4000", "4001", "5000", "8206", "0010"]
CODES = sorted(MASTERS.rates_bp)

amounts = st.integers(1, 99_999_999_99).map(plain)
taxes = st.integers(0, 99_999_999_99).map(plain)
days = st.integers(0, 400).map(lambda n: f"{date(2026, 1, 1) + timedelta(days=n):%d/%m/%Y}")
references = st.sampled_from(["", "S01-261122", "S02-261122", "S01-261122-2"])
details = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=',"'), max_size=60)


@st.composite
def trade_rows(draw: st.DrawFn) -> list[list[str]]:
    kind = draw(st.sampled_from("BR BP CR CP VR VP SI SC SA SP PI PC PA PR".split()))
    accounts = BANKS if kind[1] in "RP" and kind[0] in "BCV" else None
    accounts = accounts or (list(MASTERS.customers) if kind[0] == "S" else list(MASTERS.suppliers))
    on_account = kind in {"SA", "SP", "PA", "PR"}
    return [
        row(
            kind,
            draw(st.sampled_from(accounts)),
            draw(st.sampled_from(BANKS if on_account else INCOME)),
            draw(amounts),
            "T9" if on_account else draw(st.sampled_from(CODES)),
            "0.00" if on_account else draw(taxes),
            date=draw(days),
            reference=draw(references),
            details=draw(details),
            department=draw(st.sampled_from(["0", "1", "2"])),
        )
    ]


@st.composite
def journals(draw: st.DrawFn) -> list[list[str]]:
    net, said = draw(amounts), {"date": draw(days), "reference": draw(references), "details": draw(details)}
    nominals = st.sampled_from([*INCOME, *BANKS, "1100", "2200", "2201"])
    codes = st.sampled_from(CODES)
    return [row(kind, "", draw(nominals), net, draw(codes), **said) for kind in ("JD", "JC")]


files = st.lists(st.one_of(trade_rows(), journals()), max_size=8).map(
    lambda groups: [r for group in groups for r in group]
)


@settings(max_examples=60, deadline=None)
@given(rows=files)
def test_books_balance_and_an_export_books_the_same_again(rows: list[list[str]]) -> None:
    first, second = company(), company()

    done = imported(first, file_of(*rows))
    with first.reading() as connection:
        exported = transaction_csv(connection)
    imported(second, exported)

    assert (done.taken, done.refused) == (len(rows), ())
    assert trial_balance(first) == 0
    assert exported == file_of(*rows)  # field by field, and in the order of the import
    assert (balances(second), boxes(second)) == (balances(first), boxes(first))
    assert table(second, "AUDIT_HEADER", "TYPE", "ITEM_COUNT") == table(first, "AUDIT_HEADER", "TYPE", "ITEM_COUNT")
