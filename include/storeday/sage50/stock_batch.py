"""A batch of stock: what the stock of a company's store-days still wants in Sage, as the files handed over.

Its id, its rows' order and its bytes are a function of what is to be staged and nothing else: two machines
stage the same bytes. Source: docs/stock.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from storeday.config.settings import Company, CompanySettings
from storeday.model.money import plain
from storeday.model.stock import Movement
from storeday.model.storage import MANIFEST
from storeday.sage50.manifest import as_json, record_file
from storeday.sage50.proof import ProofFailed
from storeday.sage50.uk_record_rules import proven_files
from storeday.sage50.uk_records import NO_RECORDS, Records
from storeday.sage50.uk_stock import StagedStock, StockRow, stock_csv
from storeday.sage50.uk_stock_rules import stock_problems_in
from storeday.sage50.written_names import changed_names

STOCK_FILE = "stock.csv"


@dataclass(frozen=True)
class StockBatch:
    """A batch of stock before it is written."""

    id: str
    company: str
    trading_day: date
    days: tuple[StagedStock, ...]
    files: dict[str, bytes]
    records: Records = NO_RECORDS

    @property
    def rows(self) -> list[StockRow]:
        """All rows, in the order of the file."""
        return [row for day in self.days for row in day.rows]

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, which holds the digests of all other files: what a person approves."""
        return hashlib.sha256(self.files[MANIFEST]).hexdigest()


def build_stock_batch(
    company: CompanySettings,
    trading_day: date,
    days: Iterable[StagedStock],
    facts: dict[str, dict[str, Any]],
    sheet: Callable[[dict[str, Any]], str],
    records: Records = NO_RECORDS,
) -> StockBatch:
    """Rows, new products, manifest and sheet of a batch of stock; every store-day has something to stage.

    ``facts`` has, by store, what the manifest says of its day beside the rows; ``sheet`` makes the page from the
    manifest. Raises: ProofFailed where the written bytes break a rule of Sage's.
    """
    days = tuple(sorted(days, key=lambda day: day.store.code))
    rows = [row for day in days for row in day.rows]
    batch = _batch_id(company.company, trading_day, rows, records)
    brought = proven_files(records, company.tax_codes)
    stock = stock_csv(rows, batch)
    if problems := stock_problems_in(stock, batch, frozenset(day.posted_on for day in days)):
        raise ProofFailed("the written file breaks Sage's rules: " + "; ".join(problems[:10]))
    manifest: dict[str, Any] = {
        "kind": "stock",
        "batch": batch,
        "company": {"code": company.company.code, "name": company.company.name},
        "environment": company.company.environment,
        "edition": company.company.edition,
        "trading_day": trading_day.isoformat(),
        "names": changed_names(records.names),
        "store_days": [_said_of(day) | facts[day.store.code] for day in days],
        "files": {STOCK_FILE: {"sha256": hashlib.sha256(stock).hexdigest(), "rows": len(rows), **_in_and_out(days)}},
    }
    manifest["files"] |= {name: record_file(content) for name, content in brought.items()}
    page = sheet(manifest).encode()
    manifest["files"]["sheet.html"] = {"sha256": hashlib.sha256(page).hexdigest()}
    files = {**brought, STOCK_FILE: stock, "sheet.html": page, MANIFEST: as_json(manifest)}
    return StockBatch(batch, company.company.code, trading_day, days, files, records)


def _batch_id(company: Company, trading_day: date, rows: list[StockRow], records: Records) -> str:
    brought = [records.products] if records else []
    said = ["stock", company.code, trading_day.isoformat(), [[str(field) for field in row] for row in rows], *brought]
    said += [company.environment] if company.environment == "production" else []
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def _said_of(day: StagedStock) -> dict[str, Any]:
    """What the batch itself brings of a store-day; out of stock is negative."""
    moved = dict.fromkeys(Movement, 0)
    for key, hundredths in day.lines.items():
        moved[key.movement] += hundredths
    return {
        "store": day.store.code,
        "name": day.store.name,
        "revision": day.revision,
        "posted_on": day.posted_on.isoformat(),
        "rows": len(day.lines),
        "staged": {movement.value: plain(hundredths) for movement, hundredths in moved.items()},
    }


def _in_and_out(days: tuple[StagedStock, ...]) -> dict[str, str]:
    moved = [hundredths for day in days for hundredths in day.lines.values()]
    return {"in": plain(sum(m for m in moved if m > 0)), "out": plain(-sum(m for m in moved if m < 0))}
