"""A batch: the rows of a company's ready store-days, proven, as the files that are handed over.

Its id, its rows' order and its bytes are a function of what is to be staged and nothing else: two machines
stage the same bytes. Source: docs/postings.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from storeday.config.settings import Company, CompanySettings
from storeday.model.postings import Role
from storeday.model.storage import MANIFEST
from storeday.sage50.manifest import as_json, file_of, manifest_of, record_file
from storeday.sage50.proof import ProofFailed, ProvenDay, sales_of
from storeday.sage50.rows import Row
from storeday.sage50.transaction_files import cut, names_of
from storeday.sage50.uk_file import transactions_csv
from storeday.sage50.uk_record_rules import proven_files
from storeday.sage50.uk_records import NO_RECORDS, Records
from storeday.sage50.uk_rules import Masters, problems_in_all


@dataclass(frozen=True)
class Batch:
    """A batch before it is written."""

    id: str
    company: str
    trading_day: date
    days: tuple[ProvenDay, ...]
    files: dict[str, bytes]
    records: Records = NO_RECORDS

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the files."""
        return [row for day in self.days for row in day.rows]

    @property
    def gross_minor(self) -> int:
        """Sales less credits of all rows, tax included."""
        return sum(sales_of(day.staged.lines) for day in self.days)

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, which holds the digests of all other files: what a person approves."""
        return hashlib.sha256(self.files[MANIFEST]).hexdigest()


def hold_to_rules(company: CompanySettings, day: ProvenDay, facts: dict[str, dict[str, Any]]) -> None:
    """Write one store-day's rows and hold the bytes to Sage's rules, so that its faults are its own.

    ``facts`` are as build_batch takes them. Raises: ProofFailed naming the rules that are broken.
    """
    batch = _batch_id(company.company, day.staged.trading_day, (day,), NO_RECORDS)
    _hold_to_rules(company, (day,), facts, {names_of(1)[0]: transactions_csv(day.rows, batch)}, batch)


def build_batch(
    company: CompanySettings,
    trading_day: date,
    days: Iterable[ProvenDay],
    facts: dict[str, dict[str, Any]],
    sheet: Callable[[dict[str, Any]], str],
    waiting: Sequence[dict[str, Any]] = (),
    records: Records = NO_RECORDS,
) -> Batch:
    """Rows, records, manifest and sheet of a batch.

    ``facts`` has, by store, what the manifest says of its day beside the rows (sums, files); ``sheet`` makes
    the page from the manifest; ``waiting`` are the company's store-days that are not in it.
    Raises: ProofFailed where the written bytes break a rule of Sage's.
    """
    days = tuple(sorted(days, key=lambda day: day.staged.store.code))
    batch = _batch_id(company.company, trading_day, days, records)
    manifest = manifest_of(company.company, trading_day, batch, days, facts, waiting, records)
    parts = cut(days, _rows_a_file(company.company))
    files: dict[str, bytes] = {}
    for order, (name, part) in enumerate(zip(names_of(len(parts)), parts, strict=True), start=1):
        files[name] = transactions_csv((row for day in part for row in day.rows), batch)
        manifest["files"][name] = file_of(files[name], order, part)
    _hold_to_rules(company, days, facts, files, batch)
    brought = proven_files(records, company.tax_codes)
    manifest["files"] |= {name: record_file(content) for name, content in brought.items()}
    page = sheet(manifest).encode()
    manifest["files"]["sheet.html"] = {"sha256": hashlib.sha256(page).hexdigest()}
    files |= {**brought, "sheet.html": page, MANIFEST: as_json(manifest)}
    return Batch(batch, company.company.code, trading_day, days, files, records)


def _rows_a_file(company: Company) -> int:
    """How many rows a file may hold: as the company asks, and never more than its Sage was found to take."""
    return min(company.rows_a_file, company.sage.row_limit or company.rows_a_file)


def _hold_to_rules(
    company: CompanySettings,
    days: tuple[ProvenDay, ...],
    facts: dict[str, dict[str, Any]],
    files: dict[str, bytes],
    batch: str,
) -> None:
    if problems := problems_in_all(files, batch, _masters(company, days, _pennies(days, facts))):
        raise ProofFailed("what was written breaks Sage's rules: " + "; ".join(problems[:10]))


def _pennies(days: tuple[ProvenDay, ...], facts: dict[str, dict[str, Any]]) -> int | None:
    """How far the tills' tax may be from the rate in all: a penny a line, since tills round lines.

    None with a correction among them, which may well carry a tax without its net.
    """
    if any(day.staged.revision > 1 for day in days):
        return None
    said = [facts[day.staged.store.code] for day in days]
    return sum(max(int(fact["receipts"]), int(fact["lines"])) for fact in said)


def _batch_id(company: Company, trading_day: date, days: tuple[ProvenDay, ...], records: Records) -> str:
    """The same rows for the books are another batch than those for the sandbox."""
    rows = [[str(field) for field in row] for day in days for row in day.rows]
    said = [company.code, trading_day.isoformat(), rows, *([records.customers, records.products] if records else [])]
    said += [company.environment] if company.environment == "production" else []
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def _masters(company: CompanySettings, days: tuple[ProvenDay, ...], pennies: int | None) -> Masters:
    accounts = company.company.accounts
    mappings = [day.staged.mapping for day in days]
    tenders = {target for mapping in mappings for target in mapping.tenders.values() if target.isdigit()}
    # What earlier batches went to is there, though the mapping may have forgotten it: a correction takes it back.
    used = [key for day in days for key in day.staged.delivered]
    return Masters(
        banks=frozenset({accounts.till_control, *tenders, *(k.nominal for k in used if k.role is Role.DEPOSIT)}),
        customers=frozenset(
            {
                *(day.staged.takings_customer for day in days),
                *(c for m in mappings for c in m.customers.values()),
                *(key.account for key in used if key.account),
            }
        ),
        rates_bp={code: rates for day in days for code, rates in day.staged.known_rates_bp.items()},
        posted_on=frozenset(day.staged.posted_on for day in days),
        pennies=pennies,
        sales_tax=accounts.sales_tax,
        journals_carry_sales=company.company.profile == "journal",
    )
