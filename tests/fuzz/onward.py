"""Mutants that were taken in go on as any file does: collected, checked, posted and staged, in a company of their own.

Many at a time: one company, a store a mutant. What is staged is read from the outbox's files with Python's csv and held
to the oracle's receipts, day by day.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import oracle
import pytest
from cases import Case, Parts
from mutants import Mutant
from quick_suites import judge_quickly
from reading import Fault, Read
from shops import ANY_SKU, COMPANY, place, settle
from storeday.model.store_day import State
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace

TOGETHER = 40
"""So many mutants are stores of one company."""


@dataclass(frozen=True)
class Ended:
    """How a mutant ended: ``held`` where any of its days waits, else staged; as the golden slice or otherwise."""

    held: bool
    is_as_golden: bool


def go_on(case: Case, mutants: list[tuple[Mutant, Read]], folder: Path) -> list[Ended | Fault]:
    """What becomes of mutants of one case, in their order."""
    found: list[Ended | Fault] = []
    golden = oracle.receipts_of(case.feed, case.parts, case.store.timezone)
    for number in range(0, len(mutants), TOGETHER):
        some = dict(zip(map("M{:02d}".format, range(TOGETHER)), mutants[number : number + TOGETHER], strict=False))
        with _company(case, list(some), folder / f"{case.name.replace('/', '-')}-{number}") as (work, sources):
            for store, (spoilt, _) in some.items():
                _send(case, *_at_store(case, store, spoilt.parts), sources / store)
            days = sorted({day for _, read in some.values() for _, day, _ in read.sold} | set(case.days))
            said: list[str] = []
            run_days(work, days, list(some), say=said.append)
            found += [_ended(work, store, read, golden, said) for store, (_, read) in some.items()]
    return found


@contextmanager
def _company(case: Case, stores: list[str], folder: Path) -> Iterator[tuple[Workplace, Path]]:
    own = "\n".join(line for line in case.store_text.splitlines() if line.split(":")[0] not in OF_THE_COMPANY)
    tills = case.read(case.parts).tables.receipts.column("till").unique().to_pylist()
    own += f"\ntills: {json.dumps(tills)}"
    # Sage of one country is as good as any here: what is looked at are the amounts.
    company = COMPANY.replace("first_day: 2026-01-01", "first_day: 2000-01-01")
    company += f"sage: {{tax_rates: {{T1: [{', '.join(case.rates_of_t1)}]}}}}\n"
    settle(
        folder,
        {store: own + _source(case, folder / "sources" / store) for store in stores},
        company=company,
        mappings=case.mappings,
        skus=ANY_SKU,
    )
    with pytest.MonkeyPatch.context() as patch, Workplace.open("fuzz", place(folder)) as work:
        judge_quickly(patch)
        yield work, folder / "sources"


OF_THE_COMPANY = ("code", "source", "department", "tills")


def _source(case: Case, folder: Path) -> str:
    """The source of a store whose files lie in a folder a day; for others the usual one is right."""
    return f"\nsource: {{kind: folder, path: {folder}, dated_folders: true}}" if "/" in case.main else ""


def _at_store(case: Case, store: str, parts: Parts) -> tuple[str, Parts]:
    """A slice as another store sends it, where names and rows say the store; the name of its data file."""
    if case.feed != "storeday-csv":
        return case.main, parts
    own = case.store.code
    here = {name.replace(own, store): content.replace(own.encode(), store.encode()) for name, content in parts.items()}
    return next(iter(here)), here


def _send(case: Case, main: str, parts: Parts, folder: Path) -> None:
    """Put a slice into a store's folder, with a marker that says what its file holds where the feed has one."""
    for name, content in parts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        if name == main and case.feed in ("storeday-csv", "poslog-ncr"):
            said = _marker(case, name, content)
            path.with_name(f"{name.rpartition('.')[0]}.ok").write_text(json.dumps(said))


def _marker(case: Case, name: str, content: bytes) -> dict[str, Any]:
    said: dict[str, Any] = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    if case.feed == "storeday-csv":
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        receipts = [Decimal(row["gross"]) for row in rows if row["record"] == "RECEIPT"]
        said |= {"records": len(rows), "receipts": len(receipts), "gross": f"{sum(receipts):.2f}"}
    return said


def _ended(work: Workplace, store: str, read: Read, golden: oracle.Sold, said: list[str]) -> Ended | Fault:
    if faults := [line for line in said if "FAULT" in line and (store in line or "corner-shops" in line)]:
        return Fault("; ".join(faults)[:500])
    due: Counter[date] = Counter()
    for _, day, gross in read.sold:
        due[day] += gross
    waits = False
    for day, gross in due.items():
        fact = work.ledger.store_day(store, day)
        staged, banked = _in_outbox(work, store, day)
        if fact is None:
            return Fault(f"nothing is known of {day}, and its file was taken in")
        if fact.state is not State.DELIVERED:
            waits = True
            if staged or banked:
                return Fault(f"{day} is {fact.state}, and {staged} is in the outbox")
        elif len({key for key, on, _ in read.sold if on == day}) < sum(on == day for _, on, _ in read.sold):
            return Fault(f"a receipt of {day} is told in two ways, and the day was staged")
        elif (staged, banked) != (gross, gross):
            return Fault(f"{day}: sales of {staged} and deposits of {banked} are staged, and the file says {gross}")
    return Ended(held=waits, is_as_golden=read.sold == frozenset(golden))


BANKED = ("1250", "8206")
"""The account of all tenders, and that of what was counted over or short of them."""


def _in_outbox(work: Workplace, store: str, day: date) -> tuple[int, int]:
    """Sales less refunds with their tax, and what was banked, of one store-day as the files for Sage have it."""
    sales = banked = 0
    for row in _rows(Path(work.places.home) / "outbox" / "corner-shops" / day.isoformat()):
        if row["Reference"].startswith(f"{store}-"):
            net, tax = (int(Decimal(row[column]) * 100) for column in ("Net Amount", "Tax Amount"))
            match row["Type"]:
                case "BR" | "SI":
                    sales += net + tax
                case "SC":
                    sales -= net + tax
                case "JD" if row["Nominal A/C Ref"] in BANKED:
                    banked += net
                case "JC" if row["Nominal A/C Ref"] in BANKED:
                    banked -= net
    return sales, banked


def _rows(folder: Path) -> list[dict[str, str]]:
    return [
        row
        for file in sorted(folder.glob("*/transactions*.csv"))
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="ascii"), newline=""))
    ]
