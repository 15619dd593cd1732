"""The bank's side: what store-days took held to the statement of a bank or acquirer, as a report in STOREDAY_HOME.

A store-day's figures count once it is ready. What is held, or did not come, is named: its money may be in the bank
all the same. Nothing asks the clock: the statement says up to which day it goes. Source: docs/bank.md.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from storeday.config.bank import BankSettings
from storeday.config.settings import CompanySettings
from storeday.config.source import FolderSource, SftpSource
from storeday.ledger.facts import StoreDayFact
from storeday.ledger.readings import Comparison
from storeday.model.differences import BANK_KINDS, BANK_STATEMENT, Difference, Reading
from storeday.model.errors import SettingsError
from storeday.model.money import minor_of
from storeday.model.spreadsheet import csv_of
from storeday.model.storage import join, write_whole
from storeday.model.store_day import State
from storeday.reconcile.bank import Settled, settle_statement
from storeday.reconcile.bank_expected import TAKEN, day_number, day_of_number, due_days
from storeday.reconcile.bank_findings import differences_of, left_alone
from storeday.reconcile.bank_statement import read_statement, statements_of
from storeday.sources.base import fetch
from storeday.sources.registry import source_at
from storeday.stages.workplace import Workplace

_KNOWN = {State.READY, State.STAGED, State.DELIVERED, State.CONFIRMED}
_ENDS = (".csv", ".csv.gz", ".zip")
_SHORT_WHY = {
    State.EXPECTED: "no file came",
    State.RECEIVED: "not closed yet",
    State.HELD: "held",
    State.ROLLED_BACK: "rolled back",
}


@dataclass(frozen=True)
class BankReport:
    """A statement, settled, and where the report of it lies."""

    company: str
    settled: Settled
    unknown: tuple[tuple[str, date, str], ...]  # store-days that should be in it and are not known, and why
    findings: tuple[Difference, ...]
    csv: str
    parquet: str


def hold_to_bank(
    work: Workplace,
    company: str,
    files: Mapping[str, bytes],
    statement: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> BankReport:
    """Hold a statement to what the company's stores took, and write the report of it.

    ``files`` are the statement's parts by name; ``statement`` says of which kind they are, where their columns don't;
    ``first`` and ``last`` are trading days, to look at no others; without them the ledger keeps what was found.
    Raises: SettingsError where the company has no bank.yaml, or the kind can't be told; FileRejected by line.
    """
    settings = work.settings.company(company)
    bank = _bank_of(settings)
    kind = statement or _only_kind(files, bank)
    if kind not in bank.statements:
        raise SettingsError([f"{company}/bank.yaml: no statement {kind!r}; there are {', '.join(bank.statements)}"])
    lines = read_statement(files, bank.statements[kind], kind)
    days = _days_in_reach(lines, bank, kind, first, last)
    facts = [fact for fact in (work.ledger.store_days(days[0], days[-1]) if days else []) if fact.company == company]
    settled = settle_statement(taken_of(facts, settings), lines, bank, kind)
    digest = hashlib.sha256(b"".join(hashlib.sha256(files[name]).digest() for name in sorted(files))).hexdigest()
    if first is None and last is None:
        read = Reading(company, BANK_STATEMENT, ", ".join(files)[:255], digest, len(lines), settled.first, settled.last)
        _keep_findings(work, read, settled)
    places = _write(work, company, settled, digest)
    unknown = tuple(_unknown(settings, bank, settled, facts, days))
    return BankReport(company, settled, unknown, differences_of(settled, company), *places)


def banks_watched(work: Workplace) -> list[str]:
    """The companies with a statement whose files come to a place of the settings."""
    return [each.company.code for each in work.settings.companies if each.bank and any(_watched(each.bank))]


def hold_to_watched(work: Workplace, company: str) -> Iterator[BankReport]:
    """Hold each statement whose files come to a place of the settings to what was taken: the newest files together.

    A place without a file yet is passed over. Raises: SourceUnreachable; SourceRefused; FileRejected by line.
    """
    bank = _bank_of(work.settings.company(company))
    for kind, source in _watched(bank):
        if files := _newest(source, bank.statements[kind].newest):
            yield hold_to_bank(work, company, files, kind)


def _watched(bank: BankSettings) -> Iterator[tuple[str, SftpSource | FolderSource]]:
    yield from ((kind, said.source) for kind, said in bank.statements.items() if said.source is not None)


def _newest(said: SftpSource | FolderSource, most: int) -> dict[str, bytes]:
    with source_at(said).open() as there:
        listed = [file for file in there.listing() if file.has_safe_name and file.name.lower().endswith(_ENDS)]
        newest = sorted(listed, key=lambda file: (file.modified, file.name))[-most:]
        files = {}
        for file in sorted(newest, key=lambda file: file.name):
            with fetch(there, file) as content:
                files[file.name] = content.whole()
    return files


def taken_of(facts: Iterable[StoreDayFact], company: CompanySettings) -> pd.DataFrame:
    """What store-days took by each tender that goes to a bank (TAKEN): as counted, where it was counted."""
    return table_of([row for fact in facts if fact.state in _KNOWN for row in _tenders(fact, company)])


def table_of(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """Rows of TAKEN as its table."""
    kinds = dict.fromkeys(("trading_day", "amount_minor", "fewest_payments", "most_payments"), "int64")
    return pd.DataFrame(list(rows), columns=list(TAKEN)).astype(kinds)


def _tenders(fact: StoreDayFact, company: CompanySettings) -> Iterator[tuple[object, ...]]:
    said: Any = fact.summary
    targets = company.mapping_on(fact.trading_day).tenders
    for tender in sorted({*said["tenders"], *said["over_short"]}):
        if not targets.get(tender, "").isdigit():
            continue
        amount = minor_of(said["tenders"].get(tender, "0")) + minor_of(said["over_short"].get(tender, "0"))
        counted = said.get("payments")  # a day that was posted before they were counted: none to one a receipt
        fewest, most = (counted.get(tender, 0),) * 2 if counted else (0, fact.receipts)
        yield fact.store, day_number(fact.trading_day), tender, amount, fewest, most


def _bank_of(company: CompanySettings) -> BankSettings:
    if company.bank is None:
        code = company.company.code
        raise SettingsError([f"{code}/bank.yaml: there is none: say what the bank pays in, see docs/bank.md"])
    return company.bank


def _only_kind(files: Mapping[str, bytes], bank: BankSettings) -> str:
    """The statement whose columns all the files have. Raises: SettingsError where it is none or one of several."""
    kinds = set(bank.statements)
    for name, content in files.items():
        kinds &= set(statements_of(name, content, bank))
    if len(kinds) != 1:
        named = f"it may be {' or '.join(sorted(kinds))}" if kinds else "no statement of bank.yaml has its columns"
        raise SettingsError(
            [f"{', '.join(files)}: {named}; say which with --statement, or name its columns in bank.yaml"]
        )
    return kinds.pop()


def _days_in_reach(
    lines: pd.DataFrame, bank: BankSettings, kind: str, first: date | None, last: date | None
) -> list[date]:
    """The trading days whose deposits a statement can hold."""
    if not len(lines):
        return []
    begins, ends = int(lines["day"].iloc[0]), int(lines["day"].iloc[-1])
    settlements = [deposit.settlement for deposit in bank.deposits_on(kind)]
    longest = max(settlement.late + 3 * settlement.days_later for settlement in settlements) + 21  # and holidays
    early = max(settlement.early for settlement in settlements)
    reach = np.arange(begins - longest, ends + early + 1)
    days = [day_of_number(number) for number in reach.tolist()]
    return [day for day in days if (first is None or day >= first) and (last is None or day <= last)]


def _unknown(
    company: CompanySettings, bank: BankSettings, settled: Settled, facts: list[StoreDayFact], days: list[date]
) -> Iterator[tuple[str, date, str]]:
    """Store-days whose deposits are due within the statement and whose takings are not known."""
    if settled.first is None or settled.last is None:
        return
    begins, ends = day_number(settled.first), day_number(settled.last)
    states = {(fact.store, fact.trading_day): fact.state for fact in facts}
    numbers = np.array([day_number(day) for day in days])
    is_due = np.zeros(len(days), dtype=bool)
    for deposit in bank.deposits_on(settled.statement):
        due = due_days(numbers, deposit.settlement, bank.banking_days)
        is_due |= (begins <= due) & (due <= ends)
    for day in (day for day, due in zip(days, is_due, strict=True) if due and day >= company.company.first_day):
        for store in company.stores:
            state = states.get((store.code, day), State.EXPECTED)
            if state not in _KNOWN and (state is not State.EXPECTED or store.opening.is_open(day)):
                yield store.code, day, _SHORT_WHY[state]


def _keep_findings(work: Workplace, read: Reading, settled: Settled) -> None:
    """Write down what was found, and that what it settles is settled."""
    with work.ledger.exclusively(f"reconcile {read.company}"):
        known = [each.difference for each in work.ledger.open_differences(read.company, kinds=BANK_KINDS)]
        nobody: frozenset[tuple[str, date]] = frozenset()
        found = (*differences_of(settled, read.company), *left_alone(known, settled))
        work.ledger.record_comparison(
            Comparison(read, read.sha256, date.min, date.max, BANK_KINDS, found, agree=nobody, differ=nobody), work.by
        )


def _write(work: Workplace, company: str, settled: Settled, digest: str) -> tuple[str, str]:
    """The report's files, each whole or not at all; the same statement's report is replaced."""
    folder = work.places.bank_report(company, settled.statement, digest[:12])
    table = io.BytesIO()
    pq.write_table(settled.outcomes, table)
    places = join(folder, "bank.csv"), join(folder, "bank.parquet")
    for place, content in zip(places, (csv_of(settled.outcomes), table.getvalue()), strict=True):
        write_whole(place, content)
    return places
