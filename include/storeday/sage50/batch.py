"""A batch: the rows of a company's ready store-days, proven, as the files that are handed over.

Its id, its rows' order and its bytes are a function of what is to be staged and nothing else: two machines
stage the same bytes. Source: docs/postings.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from storeday.config.settings import CompanySettings
from storeday.model.errors import StoredayError
from storeday.model.money import money, plain
from storeday.model.postings import Lines
from storeday.model.storage import MANIFEST
from storeday.sage50.profiles import rows_of
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import StagedDay
from storeday.sage50.uk_file import transactions_csv
from storeday.sage50.uk_rules import Masters, problems_in
from storeday.sage50.vat_boxes import BOXES, customer_balance_of, till_control_of, vat_boxes


class ProofFailed(StoredayError):
    """Rows that do not prove: nothing is written."""


@dataclass(frozen=True)
class ProvenDay:
    """The rows of one store-day, with what they prove."""

    staged: StagedDay
    rows: list[Row]
    boxes: dict[int, int]


@dataclass(frozen=True)
class Batch:
    """A batch before it is written."""

    id: str
    company: str
    trading_day: date
    days: tuple[ProvenDay, ...]
    files: dict[str, bytes]

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the file."""
        return [row for day in self.days for row in day.rows]

    @property
    def gross_minor(self) -> int:
        """Sales less credits of all rows, tax included."""
        return sum(sales_of(day.staged.lines) for day in self.days)

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, which holds the digests of all other files: what a person approves."""
        return hashlib.sha256(self.files[MANIFEST]).hexdigest()


def sales_of(lines: Lines) -> int:
    """The gross of posting lines' sales, in minor units."""
    return sum(amount.gross for key, amount in lines.items() if key.role.is_sale)


def prove_day(staged: StagedDay) -> ProvenDay:
    """A store-day's rows, once they are proven: till control account and takings customer at 0.00, VAT boxes as
    the tills' tax and net.

    Raises: ProofFailed saying which proof and by how much.
    """
    rows = rows_of(staged)
    control = till_control_of(rows, staged.company.accounts.till_control)
    if control:
        raise ProofFailed(f"the till control account would end at {money(control)}")
    if owed := customer_balance_of(rows, staged.takings_customer):
        raise ProofFailed(f"the takings customer {staged.takings_customer} would end at {money(owed)}")
    boxes, wanted = vat_boxes(rows, staged.company.sage.journal_vat_codes), _boxes_of(staged.lines)
    if boxes != wanted:
        said = ", ".join(f"box {b} {money(boxes[b])}, tills {money(wanted[b])}" for b in BOXES if boxes[b] != wanted[b])
        raise ProofFailed(f"the VAT boxes would not be the tills' tax and net: {said}{_way_out(staged)}")
    return ProvenDay(staged, rows, boxes)


def _way_out(staged: StagedDay) -> str:
    """What to do where journals can't move the boxes as they should (sage50-uk reference, 1.9)."""
    if staged.company.profile != "journal":
        return ""
    on_return = sorted({key.tax_code for key in staged.lines if key.role.is_sale and key.tax_code != "T9"})
    unproven = [code for code in on_return if code not in staged.company.sage.journal_vat_codes]
    way = "journals never lower a VAT box; use the profile bank_receipts or takings_customer for this company"
    if unproven:
        way += f", or try {', '.join(unproven)} on a journal in Sage and add it to sage.journal_vat_codes"
    return f". {way}"


def hold_to_rules(company: CompanySettings, day: ProvenDay, facts: dict[str, dict[str, Any]]) -> None:
    """Write one store-day's rows and hold the bytes to Sage's rules, so that its faults are its own.

    ``facts`` are as build_batch takes them. Raises: ProofFailed naming the rules that are broken.
    """
    batch = _batch_id(company.company.code, day.staged.trading_day, (day,))
    _hold_to_rules(company, (day,), facts, transactions_csv(day.rows, batch), batch)


def build_batch(
    company: CompanySettings,
    trading_day: date,
    days: Iterable[ProvenDay],
    facts: dict[str, dict[str, Any]],
    sheet: Any,
) -> Batch:
    """Rows, manifest and sheet of a batch.

    ``facts`` has, by store, what the manifest says of its day beside the rows (sums, files); ``sheet`` makes
    the page from the manifest. Raises: ProofFailed where the written bytes break a rule of Sage's.
    """
    days = tuple(sorted(days, key=lambda day: day.staged.store.code))
    batch = _batch_id(company.company.code, trading_day, days)
    transactions = transactions_csv((row for day in days for row in day.rows), batch)
    _hold_to_rules(company, days, facts, transactions, batch)
    manifest = _manifest(company, trading_day, batch, days, facts, transactions)
    page = sheet(manifest).encode()
    manifest["files"]["sheet.html"] = {"sha256": hashlib.sha256(page).hexdigest()}
    files = {"transactions.csv": transactions, "sheet.html": page, MANIFEST: _as_json(manifest)}
    return Batch(batch, company.company.code, trading_day, days, files)


def _hold_to_rules(
    company: CompanySettings,
    days: tuple[ProvenDay, ...],
    facts: dict[str, dict[str, Any]],
    transactions: bytes,
    batch: str,
) -> None:
    if problems := problems_in(transactions, batch, _masters(company, days, _pennies(days, facts))):
        raise ProofFailed("the written file breaks Sage's rules: " + "; ".join(problems[:10]))


def _pennies(days: tuple[ProvenDay, ...], facts: dict[str, dict[str, Any]]) -> int | None:
    """How far the tills' tax may be from the rate in all: a penny a line, since tills round lines.

    None with a correction among them, which may well carry a tax without its net.
    """
    if any(day.staged.revision > 1 for day in days):
        return None
    said = [facts[day.staged.store.code] for day in days]
    return sum(max(int(fact["receipts"]), int(fact["lines"])) for fact in said)


def _batch_id(company: str, trading_day: date, days: tuple[ProvenDay, ...]) -> str:
    said = [company, trading_day.isoformat(), [[str(field) for field in row] for day in days for row in day.rows]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def _boxes_of(lines: Lines) -> dict[int, int]:
    """What the tills' own figures ask of the VAT return."""
    sales = [amount for key, amount in lines.items() if key.role.is_sale and key.tax_code != "T9"]
    return {1: sum(a.tax for a in sales), 4: 0, 6: sum(a.net for a in sales), 7: 0}


def _masters(company: CompanySettings, days: tuple[ProvenDay, ...], pennies: int | None) -> Masters:
    accounts = company.company.accounts
    mappings = [day.staged.mapping for day in days]
    tenders = {target for mapping in mappings for target in mapping.tenders.values() if target.isdigit()}
    return Masters(
        banks=frozenset({accounts.till_control, *tenders}),
        customers=frozenset(
            {*(day.staged.takings_customer for day in days), *(c for m in mappings for c in m.customers.values())}
        ),
        rates_bp={tax.code: tax.rate_bp for mapping in mappings for tax in mapping.tax_classes.values()},
        posted_on=frozenset(day.staged.posted_on for day in days),
        pennies=pennies,
        sales_tax=accounts.sales_tax,
        journals_carry_sales=company.company.profile == "journal",
    )


def _manifest(
    company: CompanySettings,
    trading_day: date,
    batch: str,
    days: tuple[ProvenDay, ...],
    facts: dict[str, dict[str, Any]],
    transactions: bytes,
) -> dict[str, Any]:
    mapping = days[0].staged.mapping
    boxes = {box: sum(day.boxes[box] for day in days) for box in BOXES}
    rows = sum(len(day.rows) for day in days)
    return {
        "batch": batch,
        "company": {"code": company.company.code, "name": company.company.name, "currency": company.company.currency},
        "edition": company.company.edition,
        "profile": company.company.profile,
        "trading_day": trading_day.isoformat(),
        "mapping": {
            "version": mapping.version,
            "valid_from": mapping.valid_from.isoformat(),
            "sha256": mapping.digest,
        },
        "proof": {
            "till_control": {"nominal": company.company.accounts.till_control, "balance": plain(0)},
            "vat_boxes": {str(box): plain(minor) for box, minor in boxes.items()},
        },
        "store_days": [
            {
                "store": day.staged.store.code,
                "name": day.staged.store.name,
                "revision": day.staged.revision,
                "reference": day.staged.reference,
                "posted_on": day.staged.posted_on.isoformat(),
                "rows": len(day.rows),
                "staged_gross": plain(sales_of(day.staged.lines)),
                "vat_boxes": {str(box): plain(minor) for box, minor in day.boxes.items()},
                **facts[day.staged.store.code],
            }
            for day in days
        ],
        "files": {
            "transactions.csv": {"sha256": hashlib.sha256(transactions).hexdigest(), "rows": rows},
        },
    }


def _as_json(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
