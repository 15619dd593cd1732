"""The manifest of a batch: what it is, what it proves and what it is made of, for programs and for the sheet.

Its keys: docs/postings.md, "What is staged".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from storeday.config.settings import Company
from storeday.model.money import minor_of, plain
from storeday.model.postings import Amount, Lines, PostingKey, Role, summed
from storeday.sage50.proof import ProvenDay, sales_of
from storeday.sage50.rows import Row
from storeday.sage50.uk_records import Records
from storeday.sage50.vat_boxes import BOXES, customer_balance_of, till_control_of
from storeday.sage50.written_names import changed_names, names_in


def manifest_of(
    company: Company,
    trading_day: date,
    batch: str,
    days: tuple[ProvenDay, ...],
    facts: dict[str, dict[str, Any]],
    waiting: Sequence[dict[str, Any]],
    records: Records,
) -> dict[str, Any]:
    """The manifest without its files. ``facts`` has, by store, the figures of its day."""
    mapping = days[0].staged.mapping
    return {
        "batch": batch,
        "company": {"code": company.code, "name": company.name, "currency": company.currency},
        "environment": company.environment,
        "edition": company.edition,
        "profile": company.profile,
        "trading_day": trading_day.isoformat(),
        "mapping": {
            "version": mapping.version,
            "valid_from": mapping.valid_from.isoformat(),
            "sha256": mapping.digest,
        },
        "accounts": {**company.accounts.model_dump(), "tenders": mapping.tenders, "movements": mapping.movements},
        "proof": _proof(company, days),
        "names": changed_names([*(name for day in days for name in names_in(day)), *records.names]),
        "store_days": [{**_staged(company, day), **facts[day.staged.store.code]} for day in days],
        "waiting": list(waiting),
        "files": {},
    }


def _proof(company: Company, days: tuple[ProvenDay, ...]) -> dict[str, Any]:
    """What all rows together leave on the accounts and do to the VAT return."""
    rows = [row for day in days for row in day.rows]
    control = company.accounts.till_control
    customers = sorted({day.staged.takings_customer for day in days})
    return {
        "till_control": {"nominal": control, "balance": plain(till_control_of(rows, control))},
        "takings_customers": {customer: left for customer in customers if (left := _left_on(customer, rows))},
        "vat_boxes": _amounts({box: sum(day.boxes[box] for day in days) for box in BOXES}),
    }


def _staged(company: Company, day: ProvenDay) -> dict[str, Any]:
    """What of a store-day is in this batch."""
    return {
        "store": day.staged.store.code,
        "name": day.staged.store.name,
        "revision": day.staged.revision,
        "reference": day.staged.reference,
        "posted_on": day.staged.posted_on.isoformat(),
        "rows": len(day.rows),
        "staged_gross": plain(sales_of(day.staged.lines)),
        "till_control": plain(till_control_of(day.rows, company.accounts.till_control)),
        "takings_customer": _left_on(day.staged.takings_customer, day.rows),
        "vat_boxes": _amounts(day.boxes),
        "posting_lines": lines_said(day.staged.lines),
    }


def lines_said(lines: Lines) -> list[dict[str, Any]]:
    """The posting lines that rows were made of, from which a lost ledger is made again."""
    return [{**key._asdict(), "net": plain(amount.net), "tax": plain(amount.tax)} for key, amount in lines.items()]


def lines_of(store_day: dict[str, Any]) -> Lines:
    """The posting lines of a manifest's store-day. Raises: KeyError where an older version kept none."""
    return summed(
        (
            PostingKey(
                Role(said["role"]),
                *(said[name] for name in PostingKey._fields if name != "role"),
            ),
            Amount(minor_of(said["net"]), minor_of(said["tax"])),
        )
        for said in store_day["posting_lines"]
    )


def _left_on(customer: str, rows: list[Row]) -> str | None:
    """What rows leave on a takings customer; None where none of them is on it."""
    is_used = any(row.account == customer for row in rows)
    return plain(customer_balance_of(rows, customer)) if is_used else None


def file_of(content: bytes, order: int, days: tuple[ProvenDay, ...]) -> dict[str, Any]:
    """What the manifest says of a transaction file and the store-days in it."""
    return {
        "order": order,
        "rows": sum(len(day.rows) for day in days),
        "sales": plain(sum(sales_of(day.staged.lines) for day in days)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def record_file(content: bytes) -> dict[str, Any]:
    """What the manifest says of a file of records, a line each below the header."""
    return {"rows": content.count(b"\n") - 1, "sha256": hashlib.sha256(content).hexdigest()}


def as_json(manifest: dict[str, Any]) -> bytes:
    """The manifest's bytes."""
    return (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _amounts(boxes: dict[int, int]) -> dict[str, str]:
    return {str(box): plain(minor) for box, minor in boxes.items()}
