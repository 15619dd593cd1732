"""Acceptance: a period's batches taken through a fresh stand-in Sage, a report of it, and its signature.

Source: docs/cutover.md, "Acceptance".
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from storeday.checks.duplicates import each_receipt_once
from storeday.config.settings import CompanySettings
from storeday.feeds.pieces import Kept, read_store_day
from storeday.ledger.facts import BatchFact, BatchKind, StoreDayFact
from storeday.ledger.ledger import NotSignedOff
from storeday.model.acceptance import Acceptance, changed, covers
from storeday.model.postings import summed
from storeday.model.records import RecordKey, RecordKind
from storeday.model.storage import MANIFEST, exists, join, read_bytes, write_whole
from storeday.reconcile.golive.acceptance import Standing, book_checks, standings
from storeday.reconcile.golive.acceptance_report import Seen, acceptance_report
from storeday.reconcile.golive.edge_cases import Case, cases_in, cases_said
from storeday.reconcile.golive.report import Report
from storeday.sage50.sandbox.trial import Trial, try_out
from storeday.sage50.transaction_files import transaction_files
from storeday.stages.asking import covered_by_sign_off
from storeday.stages.decisions import signed
from storeday.stages.journal import keep_company
from storeday.stages.overview import overview
from storeday.stages.workplace import Workplace

KIND: Final = "acceptance"


@dataclass(frozen=True)
class Accepted:
    """A report, how it is known in the ledger, and where its page lies."""

    report: Report
    fact: Acceptance
    page: str


def run_uat(work: Workplace, company_code: str, first: date, last: date) -> Accepted:
    """Take what is staged or delivered of a period through a fresh company of the stand-in Sage, and write the report.

    The same facts make the same report. Nothing else is changed. Raises: LookupError for an unknown company.
    """
    company = work.settings.company(company_code)
    batches = list(_batches(work, company, first, last))
    spoilt = [batch.id for batch in batches if _files(work, batch) is None]
    trial = _tried(work, company, [batch for batch in batches if batch.id not in spoilt])
    lines = summed(item for batch in batches for item in work.ledger.lines_of(batch.id).items())
    stock: Counter[str] = Counter()
    for batch in batches:
        for key, moved in work.ledger.stock_lines_of(batch.id).items():
            stock[key.code] += moved
    seen = Seen(
        company=company,
        first=first,
        last=last,
        batches=tuple(batches),
        spoilt=tuple(spoilt),
        not_staged=tuple(_not_staged(work, company, first, last)),
        refused=tuple(trial.refused),
        rows=sum(file.taken for file in trial.files),
        checks=tuple(book_checks(company, lines, {c: m for c, m in stock.items() if m}, trial)),
        cases=_cases(work, company, batches, first, last),
        standings=tuple(standings(company)),
    )
    report = acceptance_report(seen)
    page = _place(work, company_code, first, last, report.digest)
    write_whole(f"{page}.json", report.json())
    write_whole(f"{page}.html", report.page())
    fact = Acceptance(company_code, first, last, report.digest, covered_by_sign_off(company), report.bad)
    kept = work.ledger.record_acceptance(fact)
    keep_company(work, company_code)
    return Accepted(report, kept, f"{page}.html")


def sign(work: Workplace, company_code: str, *, why: str, by: str, digest: str = "") -> Acceptance:
    """Sign the newest report of a company off, or the one of a digest (its first digits will do).

    Raises: LookupError for an unknown company, or where there is no such report; NotSignedOff where something in it is
    to be put right, where the settings have changed since, or where its file is not the one of that digest any more.
    """
    company = work.settings.company(company_code)
    found = [each for each in work.ledger.acceptances(company_code) if each.digest.startswith(digest)]
    if not found:
        raise LookupError(
            f"{company_code} has no acceptance report {digest}: storeday uat run --company {company_code}"
        )
    made = found[0]
    now = covered_by_sign_off(company)
    if covers(now) != covers(made.covered):
        news = "; ".join(changed(made.covered, now)[:5])
        raise NotSignedOff(
            f"{company_code}: the settings changed since the report {made.digest[:12]}: {news}; run it again"
        )
    page = _place(work, company_code, made.first, made.last, made.digest)
    if not exists(f"{page}.json") or hashlib.sha256(read_bytes(f"{page}.json")).hexdigest() != made.digest:
        raise NotSignedOff(f"{company_code}: {page}.json is not the report {made.digest[:12]} any more; run it again")
    kept = work.ledger.sign_off(company_code, made.digest, signed(why, 300), signed(by))
    keep_company(work, company_code)
    return kept


def standing(work: Workplace, company_code: str) -> tuple[list[Acceptance], str]:
    """The reports of a company, and in a sentence whether what is signed holds for the settings of now."""
    company = work.settings.company(company_code)
    holds = work.ledger.sign_off_of(company_code, covered_by_sign_off(company))
    said = f"signed off for the settings of now by {holds.signed_by}: {holds.signed_why}" if holds else "not signed off"
    return work.ledger.acceptances(company_code), f"{company_code} is {company.company.environment}; {said}"


def questions_of(work: Workplace, company_code: str) -> list[Standing]:
    """Every question of the checklist as a company has answered it. Raises: LookupError for an unknown company."""
    return list(standings(work.settings.company(company_code)))


def report_page(work: Workplace, made: Acceptance) -> bytes:
    """The page of a report. Raises: FileNotFoundError where it is gone."""
    return read_bytes(f"{_place(work, made.company, made.first, made.last, made.digest)}.html")


def _place(work: Workplace, company: str, first: date, last: date, digest: str) -> str:
    """Where a report lies, without its suffix: a report that was signed is never written over by another."""
    return work.places.report(KIND, company, f"{first.isoformat()}_{last.isoformat()}_{digest[:12]}")


def _batches(work: Workplace, company: CompanySettings, first: date, last: date) -> Iterator[BatchFact]:
    """The batches of a period that count in the company's environment, in the order in which they are imported."""
    here = {company.company.environment, ""}
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for kind in BatchKind:
            yield from (b for b in work.ledger.batches(company.company.code, day, kind) if b.environment in here)


def _files(work: Workplace, batch: BatchFact) -> dict[str, bytes] | None:
    """A batch's files by name, from the outbox or its draft; None where they are not those that were staged."""
    where = (batch.company, batch.trading_day, batch.id)
    for folder in (work.places.delivered(*where), work.places.draft(*where)):
        if exists(join(folder, MANIFEST)):
            manifest = read_bytes(join(folder, MANIFEST))
            if hashlib.sha256(manifest).hexdigest() != batch.digest:
                return None
            said = json.loads(manifest)["files"]
            files = {name: read_bytes(join(folder, name)) for name in said if exists(join(folder, name))}
            is_whole = all(
                name in files and hashlib.sha256(files[name]).hexdigest() == of["sha256"] for name, of in said.items()
            )
            return {**files, MANIFEST: manifest} if is_whole else None
    return None


def _tried(work: Workplace, company: CompanySettings, batches: list[BatchFact]) -> Trial:
    """The batches imported; what earlier batches brought to Sage is there."""
    here = work.ledger.handed_over(company.company.code, company.company.environment)
    before = here - {key for batch in batches for key in batch.records}
    given = ((batch.id, files) for batch in batches if (files := _files(work, batch)))
    return try_out(
        company,
        ((batch, transaction_files(json.loads(files[MANIFEST])), files) for batch, files in given),
        customers=_codes(before, RecordKind.CUSTOMER),
        products=[*_codes(before, RecordKind.PRODUCT), *_stock_codes(work, company, batches)],
    )


def _codes(records: Iterable[RecordKey], kind: RecordKind) -> list[str]:
    return sorted(key.code for key in records if key.kind is kind)


def _stock_codes(work: Workplace, company: CompanySettings, batches: list[BatchFact]) -> list[str]:
    """The stock codes that the settings say are in Sage; where the company keeps no list, whatever was moved."""
    stock = company.company.stock
    if stock is None:
        return []
    if company.articles is None:
        return sorted({key.code for batch in batches for key in work.ledger.stock_lines_of(batch.id)})
    there = [article.sku for article in company.articles if article.in_sage != "no"]
    return sorted({stock.code_of(store.code, sku) for store in company.stores for sku in there})


def _not_staged(work: Workplace, company: CompanySettings, first: date, last: date) -> Iterator[str]:
    stores = [store.code for store in company.stores]
    for line in overview(work, first, last, stores):
        if not line.state.is_staged:
            reason = f": {line.reason}" if line.reason else ""
            yield f"{line.store} {line.trading_day.isoformat()} is {line.state}{reason}"


def _cases(
    work: Workplace, company: CompanySettings, batches: list[BatchFact], first: date, last: date
) -> dict[Case, list[tuple[str, int]]]:
    """By case, where it occurred and how often."""
    found: dict[Case, list[tuple[str, int]]] = {case: [] for case in Case}
    stores = {store.code for store in company.stores}
    for fact in work.ledger.store_days(first, last):
        if fact.store in stores:
            for case, many in (_of_day(work, company, fact) + cases_said(fact.summary)).items():
                found[case] += [(f"{fact.store} {fact.trading_day.isoformat()}", many)]
    for batch in batches:
        files = _files(work, batch) or {}
        parts = len(transaction_files(json.loads(files[MANIFEST]))) if files else 0
        counted = {
            Case.CORRECTION: sum(r > 1 for _, _, r in batch.store_days) if batch.kind is BatchKind.TAKINGS else 0,
            Case.SPLIT: int(parts > 1),
            Case.NEW_RECORDS: len(batch.records),
            Case.STOCK_BATCH: int(batch.kind is BatchKind.STOCK),
        }
        for case, many in counted.items():
            found[case] += [(f"batch {batch.id}", many)] if many else []
    return found


def _of_day(work: Workplace, company: CompanySettings, fact: StoreDayFact) -> Counter[Case]:
    """The cases in a store-day's canonical tables."""
    store, day = work.settings.store(fact.store), fact.trading_day
    files = work.ledger.files_of(store.code, day)
    pieces = [Kept(file.sha256, held.bundle, held.tables) for file in files for held in file.days]
    once = each_receipt_once(read_store_day(work.places, store.code, day, pieces))
    return cases_in(once.tables, company.mapping_on(day), store.timezone, day)
