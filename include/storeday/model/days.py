"""Trading days: which day a moment belongs to, and how days are written and read.

A trading day runs from the store's ``day_starts_at`` to the next: the local date after moving the clock
back by it. Dates come from data and partition keys, never from the clock of the machine.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta


def trading_day_of(local: datetime, day_starts_minutes: int) -> date:
    """The trading day of one local moment.

    >>> trading_day_of(datetime(2026, 11, 23, 2, 30), 240).isoformat()
    '2026-11-22'
    """
    return (local.replace(tzinfo=None) - timedelta(minutes=day_starts_minutes)).date()


def month_of(text: str) -> date:
    """The first day of the month that is written ``YYYY-MM``.

    Raises: ValueError with what was read and what is wanted.

    >>> month_of("2026-11").isoformat()
    '2026-11-01'
    """
    try:
        if (first := date.fromisoformat(f"{text}-01")).strftime("%Y-%m") != text:
            raise ValueError  # written without the hyphen, say
        return first
    except ValueError:
        raise ValueError(f"{text!r} is not a month; write it as YYYY-MM, say 2026-11") from None


def last_of_month(day: date) -> date:
    """The last day of the month that a day is in."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def day_of(key: str) -> date:
    """The trading day that a partition key or an option names, ``YYYY-MM-DD``.

    Raises: ValueError with what was read and what is wanted.
    """
    try:
        if (day := date.fromisoformat(key)).isoformat() != key:
            raise ValueError  # a week date, say
        return day
    except ValueError:
        raise ValueError(f"{key!r} is not a trading day; write it as YYYY-MM-DD, say 2026-11-22") from None
