"""A company's month as its proof: gathered from the ledger, written as page, PDF and figures.

The same ledger and settings give the same bytes: nothing here asks the clock. Source: docs/audit.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from storeday.config.settings import CompanySettings
from storeday.ledger.month import Month, MonthDay
from storeday.model.days import last_of_month
from storeday.model.differences import BANK_STATEMENT
from storeday.model.mapping_log import MappingVersion
from storeday.model.storage import MANIFEST, exists, join, read_bytes, replace_with
from storeday.reconcile.audit.facts import MappingChange, MonthFacts, SageRead
from storeday.reconcile.audit.figures import figure_files
from storeday.reconcile.audit.month import MonthAudit, audit_of
from storeday.reconcile.audit.page import page_of
from storeday.reconcile.audit.pdf import pdf_of
from storeday.reconcile.audit.view import shown
from storeday.stages.workplace import Workplace

PAGE, PDF = "index.html", "audit.pdf"


@dataclass(frozen=True)
class Audited:
    """What the audit of a month came to, and where it lies."""

    company: str
    first: date
    folder: str
    verdict: str
    digest: str  # of its manifest, which has the digests of all its files
    is_new: bool
    needs_a_look: bool  # something is open, differs in Sage, or is unexplained

    @property
    def page(self) -> str:
        """Where its page is."""
        return join(self.folder, PAGE)

    def __str__(self) -> str:
        news = "" if self.is_new else " (nothing new)"
        return f"{self.company} {self.first:%Y-%m}{news}: {self.verdict}\n  {self.page}"


def audited_companies(work: Workplace, day: date) -> list[str]:
    """The companies that have days of ours in the month that a day is in, from the settings."""
    last = last_of_month(day)
    return [each.company.code for each in work.settings.companies if each.company.first_day <= last]


def audit_month(work: Workplace, company: str, day: date) -> Audited:
    """Write the audit of the month that a day is in. One that says the same already is left as it is.

    Raises: LookupError for an unknown company.
    """
    settings = work.settings.company(company)
    audit = audit_of(facts_of(work, settings, day))
    first = audit.facts.first
    folder = work.places.audit(settings.company.code, first)
    files = _files(audit)
    digest = hashlib.sha256(files[MANIFEST]).hexdigest()
    manifest = join(folder, MANIFEST)
    is_new = not (exists(manifest) and read_bytes(manifest) == files[MANIFEST])
    if is_new:
        with work.ledger.exclusively(f"audit {company} {first.isoformat()}"):
            replace_with(folder, files)
    return Audited(settings.company.code, first, folder, audit.verdict, digest, is_new, audit.needs_a_look)


def facts_of(work: Workplace, settings: CompanySettings, day: date) -> MonthFacts:
    """All that the audit of the month that a day is in is made of."""
    company = settings.company
    first = day.replace(day=1)
    last = last_of_month(day)
    month = Month(work.ledger.engine, company.code, company.environment, first, last)
    oldest, newest = month.known() or (first, date.min)
    upto = min(last, newest)
    handed_over = month.handed_over()
    counted, parallel = _counted(settings, month.days(), {(each.store, each.trading_day) for each in handed_over})
    return MonthFacts(
        company=company.code,
        name=company.name,
        currency=company.currency,
        edition=company.edition,
        environment=company.environment,
        first=first,
        last=last,
        upto=upto if upto >= first else None,
        shops={store.code: store.name for store in settings.stores},
        expected=frozenset(_expected(settings, max(first, oldest, company.first_day), upto)),
        days=tuple(counted),
        parallel=parallel,
        reasons=month.reasons(),
        handed_over=tuple(handed_over),
        corrections=tuple(month.corrections()),
        batches=tuple(month.batches()),
        decisions=tuple(month.decisions()),
        answers=tuple(month.answers()),
        sage=_sage(work, company.code, first, last),
        mapping_changes=tuple(_change(each) for each in work.ledger.mapping_changes(first, last, company.code)),
    )


def _counted(
    settings: CompanySettings, days: list[MonthDay], handed_over: set[tuple[str, date]]
) -> tuple[list[MonthDay], int]:
    """The store-days that count in Sage from us, and how many others run in parallel before their store's cutover."""
    counted = [
        day
        for day in days
        if (day.store, day.trading_day) in handed_over or not settings.in_parallel(day.store, day.trading_day)
    ]
    return counted, len(days) - len(counted)


def _expected(settings: CompanySettings, begins: date, upto: date) -> Iterator[tuple[str, date]]:
    """The store-days that a file was to come of."""
    days = [begins + timedelta(days=n) for n in range((upto - begins).days + 1)]
    for store in settings.stores:
        for day in days:
            if store.opening.is_open(day) and not settings.in_parallel(store.code, day):
                yield store.code, day


def _sage(work: Workplace, company: str, first: date, last: date) -> SageRead | None:
    """What was read back of the month's days; None where no reading is of any of them."""
    readings = tuple(
        f"{reading.name} ({reading.kind}), {reading.rows:,} rows of {reading.first} to {reading.last}, read {_at(at)}"
        for at, reading in work.ledger.readings(company)
        if reading.kind != BANK_STATEMENT
        and reading.first
        and reading.last
        and reading.first <= last
        and reading.last >= first
    )
    if not readings:
        return None
    found = work.ledger.open_differences(company, first, last)
    return SageRead(readings, tuple(each.difference for each in found))


def _change(version: MappingVersion) -> MappingChange:
    effect = version.effect
    moves = effect.moves if effect else ()
    return MappingChange(
        at=version.at,
        by=version.by,
        why=version.why,
        what="; ".join(version.words),
        moved_store_days=effect.moved if effect else 0,
        moved_minor=sum(abs(move.net_minor + move.tax_minor) for move in moves),
        effect="; ".join([effect.words, *(move.words for move in moves)]) if effect else "no store-day to look at",
    )


def _at(at: datetime) -> str:
    return f"{at:%d %b %Y %H:%M} UTC"


def _files(audit: MonthAudit) -> dict[str, bytes]:
    """Page, PDF, figures, and the manifest with the digest of each."""
    said = shown(audit)
    files = {PAGE: page_of(said).encode(), PDF: pdf_of(said), **figure_files(audit)}
    facts = audit.facts
    manifest: dict[str, Any] = {
        "company": facts.company,
        "month": f"{facts.first:%Y-%m}",
        "up_to": facts.upto.isoformat() if facts.upto else None,
        "verdict": audit.verdict,
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in sorted(files.items())},
    }
    return {**files, MANIFEST: (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()}
