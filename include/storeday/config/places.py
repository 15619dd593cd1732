"""Where everything lies below STOREDAY_HOME. Only codes, days and digests of ours become names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storeday.model.storage import join


@dataclass(frozen=True)
class Places:
    """The folders of one installation, as fsspec URLs."""

    home: str

    def landing(self, store: str) -> str:
        """A store's files as received."""
        return join(self.home, "landing", store)

    def landed(self, store: str, sha256: str) -> str:
        """A till's file as received, under its digest."""
        return join(self.landing(store), sha256)

    def kept_files(self, store: str) -> str:
        """Names and fates of a store's files (stages/journal.py), a folder a month."""
        return join(self.home, "journal", "files", store)

    def kept_store_day(self, store: str, day: date) -> str:
        """What was decided about a store-day, and what happened to it."""
        return join(self.home, "journal", "store_days", store, f"{day.isoformat()}.json")

    def kept_company(self, company: str) -> str:
        """What persons accepted of a company as a whole."""
        return join(self.home, "journal", "companies", company, "accepted.json")

    def kept_company_day(self, company: str, day: date) -> str:
        """What was answered about a company's batches of a trading day, and who was told."""
        return join(self.home, "journal", "companies", company, f"{day.isoformat()}.json")

    def canonical_day(self, store: str, day: date) -> str:
        """The canonical tables of a store-day, a folder a table."""
        return join(self.home, "canonical", store, day.isoformat())

    def canonical(self, store: str, day: date, table: str, sha256: str) -> str:
        """One canonical table of one file and trading day."""
        return join(self.canonical_day(store, day), table, f"{sha256}.parquet")

    def staging(self, company: str) -> str:
        """A company's drafts, a folder a trading day."""
        return join(self.home, "staging", company)

    def receipt_logs(self, store: str, day: date) -> str:
        """The receipt logs of a store-day, one a version."""
        return join(self.home, "receipts", store, day.isoformat())

    def receipt_log(self, store: str, day: date, digest: str) -> str:
        """The receipts that one version of a store-day posts."""
        return join(self.receipt_logs(store, day), f"{digest}.parquet")

    def drafts(self, company: str, day: date) -> str:
        """The drafts of a company's trading day: batches that are staged and not delivered."""
        return join(self.staging(company), day.isoformat())

    def draft(self, company: str, day: date, batch: str) -> str:
        """One draft."""
        return join(self.drafts(company, day), batch)

    def outbox(self, company: str) -> str:
        """A company's delivered batches, a folder a trading day."""
        return join(self.home, "outbox", company)

    def delivered_on(self, company: str, day: date) -> str:
        """The delivered batches of a company's trading day."""
        return join(self.outbox(company), day.isoformat())

    def delivered(self, company: str, day: date, batch: str) -> str:
        """One delivered batch, where the bookkeeper takes it from."""
        return join(self.delivered_on(company, day), batch)

    def bank_report(self, company: str, statement: str, digest: str) -> str:
        """What became of the deposits and lines of one statement, named by its kind and its files' digest."""
        return join(self.home, "reports", company, "bank", f"{statement}-{digest}")

    def audits(self, company: str) -> str:
        """A company's audits, a folder a month."""
        return join(self.home, "audits", company)

    def audit(self, company: str, month: date) -> str:
        """The audit of the month that a day is in."""
        return join(self.audits(company), f"{month:%Y-%m}")

    def data_docs(self, store: str, day: date) -> str:
        """Great Expectations' pages of one store-day."""
        return join(self.home, "data_docs", store, day.isoformat())

    def data_docs_together(self, day: date, digest: str) -> str:
        """The same of several store-days that were checked together; no store's code is in small letters."""
        return join(self.home, "data_docs", "together", day.isoformat(), digest)

    def reconciled(self, company: str) -> str:
        """Great Expectations' pages of a company's last comparison with Sage."""
        return join(self.home, "reconciled", company)

    def report(self, kind: str, company: str, name: str) -> str:
        """A report of a company; kind and name are ours (a word, days, a digest), the suffix says page or figures."""
        return join(self.home, "reports", kind, company, name)

    def sandbox(self, company: str) -> str:
        """The stand-in Sage company of a company (sage50/sandbox)."""
        return join(self.home, "sandbox", f"{company}.sqlite")
