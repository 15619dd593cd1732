"""Days that are closed in Sage: on which day they are posted, or what holds them."""

from __future__ import annotations

from datetime import date, timedelta

from storeday.config.settings import Company
from storeday.model.store_day import Example, Hold


def posting_day(company: Company, day: date) -> date:
    """The trading day, or the first day after the lock where the company posts locked days there."""
    if company.lock_date and day <= company.lock_date and company.locked_days == "first_open_day":
        return company.lock_date + timedelta(days=1)
    return day


def lock_on(company: Company, day: date) -> Hold | None:
    """What holds a trading day that may not be posted any more.

    Sage shows no lock warning on import, so the lock date is a rule of ours (reference, 1.11).
    """
    if company.lock_date is None or not company.is_locked(day):
        return None
    return Hold(
        check="the trading day is locked in Sage",
        found=1,
        of=1,
        unit="store-days",
        out_by_minor=None,
        examples=(Example(f"{company.name} is locked up to {company.lock_date:%d %b %Y}"),),
        what_now="Move lock_date in company.yaml, or set locked_days: first_open_day to post it after the lock.",
    )
