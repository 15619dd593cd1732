"""Any day of receipts: what the stand-in Sage books of its batch is what acceptance expects of the ledger's lines."""

from __future__ import annotations

import pytest
from figures import COMPANIES, MAPPING, STORE, Line, Receipt, TradingDay, batch_of, staged, wanted
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from storeday.config.mappings import MappingBlock
from storeday.config.settings import CompanySettings
from storeday.reconcile.golive.acceptance import book_checks
from storeday.sage50.batch import Batch
from storeday.sage50.sandbox.trial import try_out

RATES = {"STD": 20, "RED": 5, "ZERO": 0, "EXEMPT": 0}


def receipt_of(category: str, tax_class: str, gross: int, tender: str, is_refund: bool, customer: str) -> Receipt:
    tax = gross * RATES[tax_class] // (100 + RATES[tax_class])
    return Receipt((Line(category, tax_class, gross, tax),), ((tender, gross),), is_refund, customer)


DAYS = st.builds(
    TradingDay,
    st.lists(
        st.builds(
            receipt_of,
            st.sampled_from(["GROCERY", "DELI", "POSTAGE"]),
            st.sampled_from(list(RATES)),
            st.integers(50, 500_00),
            st.sampled_from(sorted(MAPPING.tenders)),
            st.booleans(),
            st.sampled_from(sorted(MAPPING.customers)),
        ),
        min_size=1,
        max_size=8,
    ).map(tuple),
    st.dictionaries(st.tuples(st.just("01"), st.just("CASH")), st.integers(-50_00, 50_00), max_size=1),
)


def company_of(profile: str) -> CompanySettings:
    block = MappingBlock.model_validate(MAPPING.model_dump(exclude={"version"}))
    return CompanySettings(company=COMPANIES[profile], stores=(STORE,), mappings=(block,))


def as_sold_by_journal(day: TradingDay) -> TradingDay:
    """The same without what a journal can't carry to the return: refunds, and the reduced rate."""
    rungs = []
    for each in day.receipts:
        [line] = each.lines
        tax_class = "STD" if line.tax_class == "RED" else line.tax_class
        [(tender, gross)] = each.tenders
        rungs.append(receipt_of(line.category, tax_class, gross, tender, False, each.customer or ""))
    return TradingDay(tuple(rungs), day.over)


def batch_for(day: TradingDay, profile: str) -> tuple[Batch, CompanySettings]:
    company = company_of(profile)
    lines = wanted(day, company=company.company)
    assume(lines)
    return batch_of(
        staged(lines, company=company.company), receipts=len(day.receipts), company=company.company
    ), company


def tried(batch: Batch, company: CompanySettings, lines: object) -> list[str]:
    """What acceptance finds wrong with a batch."""
    trial = try_out(company, [(batch.id, ["transactions.csv"], batch.files)])
    return [str(check) for check in book_checks(company, lines, {}, trial) if not check.is_good]  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", sorted(COMPANIES))
@settings(max_examples=40, deadline=None)
@given(day=DAYS)
def test_the_books_of_any_batch_are_those_of_its_lines_under_every_profile(profile: str, day: TradingDay) -> None:
    day = as_sold_by_journal(day) if profile == "journal" else day
    batch, company = batch_for(day, profile)

    assert tried(batch, company, wanted(day, company=company.company)) == []


@settings(max_examples=40, deadline=None)
@given(day=DAYS, off=st.integers(1, 100_00))
def test_a_line_that_is_off_by_anything_is_found(day: TradingDay, off: int) -> None:
    batch, company = batch_for(day, "bank_receipts")
    lines = wanted(day, company=company.company)
    key = next(iter(lines))

    found = tried(batch, company, {**lines, key: replace_net(lines[key], off)})

    assert found


def replace_net(amount: object, off: int) -> object:
    return amount._replace(net=amount.net + off)  # type: ignore[attr-defined]
