"""200 generated store-days a profile, from their till files into a Sage: what is booked is what truth.json says.

The sample's own totals say what is right; how they lead to nominals and VAT boxes is written down here once more.
The sandbox books the staged files by rules of its own. So three programs have to agree, to the penny.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sage_books import CODES, DEPOSITS, RATES, SALES, SALES_TAX, Books, StoreDay, booked, books_by_truth
from shops import ANY_SKU, COMPANY, place, settle
from storeday.checks.frames import tender_gaps
from storeday.config.settings import CompanySettings
from storeday.model.postings import with_refunds_netted
from storeday.model.storage import MANIFEST
from storeday.postings.day_sums import DaySums, sum_up
from storeday.postings.wanted import prove, wanted_lines
from storeday.sage50.batch import Batch, build_batch
from storeday.sage50.proof import ProofFailed, prove_day
from storeday.sage50.sandbox.batch_files import Kind, import_file, rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.masters import masters_from
from storeday.sage50.staged_day import StagedDay
from storeday.sage50.transaction_files import transaction_files
from storeday.sample import SampleOrder, write_sample
from storeday.stages.collect import collect
from storeday.stages.open_day import OpenDay
from storeday.stages.workplace import Workplace

PROFILES = ("bank_receipts", "takings_customer", "journal")
STORES, DAYS, RECEIPTS = 10, 20, 40
STORE_DAYS = STORES * DAYS
DAY_STARTS = timedelta(hours=4)
JOURNAL_CODES = "sage: {journal_vat_codes: [T0, T1, T2, T5]}\n"


def journals_can_carry(said: dict[str, Any]) -> bool:
    """Whether nothing on the return is net negative, by nominal and tax code: a journal never lowers a VAT box."""
    sums: Counter[tuple[str, str]] = Counter()
    for sold in said["sales"]:
        if sold["category"] != "GIFTCARD" and sold["tax_class"] != "OUT":
            code = CODES[sold["tax_class"]]
            sums[SALES[sold["category"]], code] += sold["gross_minor"] - sold["tax_minor"]
            sums[SALES_TAX, code] += sold["tax_minor"]
    return min(sums.values()) >= 0


# The sample, taken in once; its rows and a Sage for each profile


@dataclass(frozen=True)
class TakenIn:
    """A sample's store-days as the company's files made of them, and what is true of them."""

    settings: CompanySettings
    sums: dict[StoreDay, DaySums]
    lines: dict[StoreDay, int]  # how many of its receipts
    truth: dict[StoreDay, dict[str, Any]]


@dataclass(frozen=True)
class Posted:
    """All that came of the sample under one profile."""

    profile: str
    held: frozenset[StoreDay]
    in_sage: dict[StoreDay, Books]
    by_nominal: dict[str, int]
    refused: list[str]


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> TakenIn:
    """The sample's files collected into a company's own tables, and each store-day summed up."""
    folder = tmp_path_factory.mktemp("sage")
    order = SampleOrder(folder / "sample", date(2026, 11, 2), receipts=RECEIPTS, stores=STORES, days=DAYS)
    stores = json.loads(write_sample(order).read_text())["stores"]
    truth = {(store, date.fromisoformat(day)): said for store, days in stores.items() for day, said in days.items()}
    own = {}
    for code in order.store_codes:
        _one_file_a_day(order.out / code)
        tills = json.dumps(truth[code, order.start]["tills"])
        source = f'source: {{kind: folder, path: "{order.out / code}"}}'
        own[code] = f"tills: {tills}\nslice_minutes: 1440\n{source}"
    settle(folder, own, company=COMPANY + JOURNAL_CODES, mappings=_mappings(), skus=ANY_SKU)
    with Workplace.open("tests", place(folder)) as work:
        for code in order.store_codes:
            collect(work, code)
        (settings,) = work.settings.companies
        sums, lines = {}, {}
        for key in truth:
            given = OpenDay.of(work, *key).given
            _, rounding = tender_gaps(given)
            sums[key] = sum_up(given.settled, given.tax, given.mapping, rounding)
            lines[key] = given.once.tables.lines.num_rows
        return TakenIn(settings, sums, lines, truth)


def _one_file_a_day(folder: Path) -> None:
    """The hourly files of a store as one a trading day, which the contract allows and which is read much faster."""
    days: dict[date, list[str]] = {}
    for file in sorted(folder.glob("*.csv")):
        start = datetime.strptime(file.stem.partition("_")[2], "%Y%m%dT%H%M")
        lines = file.read_text().splitlines(keepends=True)
        days.setdefault((start - DAY_STARTS).date(), lines[:1]).extend(lines[1:])
        file.unlink()
        file.with_suffix(".ok").unlink()
    for day, lines in days.items():
        receipts = [row for row in csv.DictReader(lines) if row["record"] == "RECEIPT"]
        content = "".join(lines).encode()
        name = f"{folder.name}_{datetime.combine(day, time()) + DAY_STARTS:%Y%m%dT%H%M}.csv"
        marker = {
            "file": name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "records": len(lines) - 1,
            "receipts": len(receipts),
            "gross": str(sum(Decimal(row["gross"]) for row in receipts)),
        }
        (folder / name).write_bytes(content)
        (folder / name).with_suffix(".ok").write_text(json.dumps(marker))


def _mappings() -> str:
    classes = {name: {"code": CODES[name], "rate": RATES[name]} for name in CODES}
    block = {
        "valid_from": "2026-01-01",
        "tax_classes": classes,
        "categories": {**SALES, "GIFTCARD": "voucher"},
        "tenders": {**DEPOSITS, "GIFT": "voucher", "ACCOUNT": "customer"},
        "customers": {"C001": "CAFE001", "C002": "SCHOOL01", "C003": "PARISH01"},
    }
    return json.dumps([block])


@pytest.fixture(scope="module", params=PROFILES)
def posted(request: pytest.FixtureRequest, taken_in: TakenIn) -> Posted:
    """Every store-day staged under a profile, and the batches imported into a Sage of its own."""
    profile = str(request.param)
    company = taken_in.settings.company.model_copy(update={"profile": profile})
    settings = taken_in.settings.model_copy(update={"company": company})
    sandbox, rules = Sandbox.in_memory(masters_from(settings)), rules_of(company)
    held: set[StoreDay] = set()
    refused: list[str] = []
    for day in sorted({day for _, day in taken_in.truth}):
        batch = _batch(settings, day, taken_in, held)
        for name in transaction_files(json.loads(batch.files[MANIFEST])):
            came = import_file(sandbox, Kind.TRANSACTIONS, batch.files[name], rules)
            refused += [str(refusal) for refusal in came.refused]
    return Posted(profile, frozenset(held), *booked(sandbox), refused)


def _batch(settings: CompanySettings, day: date, taken_in: TakenIn, held: set[StoreDay]) -> Batch:
    """The company's batch of a day; the store-days that don't prove are held and left out."""
    company, mapping, rates = settings.company, settings.mapping_on(day), settings.rates_around(day)
    proven = []
    facts = {}
    for store in settings.stores:
        sums = taken_in.sums[store.code, day]
        lines = wanted_lines(sums, mapping, store, company.accounts)
        assert prove(lines, sums) == []
        lines = with_refunds_netted(lines) if company.nets_refunds else lines
        facts[store.code] = {"receipts": sums.receipts, "lines": taken_in.lines[store.code, day]}
        try:
            proven.append(prove_day(StagedDay(company, store, mapping, day, day, 1, lines, rates)))
        except ProofFailed:
            held.add((store.code, day))
    return build_batch(settings, day, proven, facts, lambda _: "")


# What must be in Sage


def test_every_store_day_is_posted_but_those_that_a_journal_can_not_carry(posted: Posted, taken_in: TakenIn) -> None:
    truth = taken_in.truth

    unfit = {key for key, said in truth.items() if posted.profile == "journal" and not journals_can_carry(said)}

    assert (posted.held, posted.refused) == (unfit, [])
    assert posted.in_sage.keys() == truth.keys() - unfit
    assert len(truth) == STORE_DAYS
    assert bool(unfit) is (posted.profile == "journal")
    assert len(unfit) < STORE_DAYS // 10


def test_nominal_balances_and_vat_boxes_of_every_store_day_are_those_of_the_truth(
    posted: Posted, taken_in: TakenIn
) -> None:
    truth = taken_in.truth

    off = {key: books.pennies_off(books_by_truth(truth[key])) for key, books in posted.in_sage.items()}

    assert {key: pennies for key, pennies in off.items() if pennies} == {}


def test_the_whole_ledger_is_the_sum_of_the_truth(posted: Posted, taken_in: TakenIn) -> None:
    by_truth: Counter[str] = Counter()

    for key in taken_in.truth.keys() - posted.held:
        by_truth.update(books_by_truth(taken_in.truth[key]).nominals)

    assert posted.by_nominal == {nominal: minor for nominal, minor in by_truth.items() if minor}
    assert sum(by_truth.values()) == 0
