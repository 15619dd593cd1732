"""What store-days of one company and trading day have in common."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cached_property

from storeday.checks.suites import Suites, digest_of, read_suites
from storeday.config.mappings import Mapping
from storeday.config.settings import CompanySettings
from storeday.stages.workplace import Workplace

_NO_PART_OF_A_VERDICT = {
    "environment",
    "keyed_figures",
    "first_days",
    "stock",
    "approval",
    "approval_waits_minutes",
    "alerts",
}
"""Settings of a company that say what happens to a store-day afterwards: a change of them checks no day again."""


class CompanyDay:
    """Suites, mapping, SKUs and their part of a verdict's basis; worked out once for all days open together."""

    def __init__(self, work: Workplace, settings: CompanySettings, day: date) -> None:
        self.work = work
        self.settings = settings
        self.trading_day = day

    @cached_property
    def suites(self) -> Suites:
        """The Great Expectations suites, as the files say now."""
        return read_suites(self.work.expectations)

    @cached_property
    def mapping(self) -> Mapping:
        """The mapping in force on the trading day."""
        return self.settings.mapping_on(self.trading_day)

    @cached_property
    def known_skus(self) -> frozenset[str] | None:
        """The SKUs that may be sold; None: any."""
        return None if self.settings.skus is None else frozenset(self.settings.skus)

    @cached_property
    def basis(self) -> list[object]:
        """The part of a verdict's basis that is the same for all stores."""
        return [
            self.settings.company.model_dump(mode="json", exclude=_NO_PART_OF_A_VERDICT),
            self.mapping.digest,
            {code: sorted(rates) for code, rates in self.settings.rates_around(self.trading_day).items()},
            hashlib.sha256("\n".join(self.settings.skus or ()).encode()).hexdigest(),
        ]

    @cached_property
    def suites_digest(self) -> str:
        """SHA-256 of what the suites say."""
        return digest_of(self.suites)
