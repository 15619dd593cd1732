"""Statements of a made-up card acquirer and bank over a sample, with what is wrong in them known.

Made from the sample's truth.json alone, with arithmetic of its own: what is held to it shares no rule with it. The
terms are those of include/config/northern-larder/bank.yaml. Money is minor units.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from storeday.model.money import plain

HOLIDAYS: Final = frozenset(
    date.fromisoformat(f"2026-{day}")
    for day in ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28")
)
SHORT_MINOR: Final = 1250
CHARGEBACK_MINOR: Final = -3500
STRAY_MINOR: Final = 8000

Truth = dict[str, dict[str, Any]]
"""By store and trading day, as truth.json has it."""


@dataclass(frozen=True)
class Paid:
    """One line of a statement."""

    day: date
    minor: int
    text: str
    merchant: str = ""
    fee_minor: int | None = None


def write_statements(truth: Path) -> Path:
    """Write ``statements/northpay.csv``, ``bank.csv`` and ``truth.json`` beside the truth of a sample.

    Wrong on purpose, of the first store's and the second's card deposits: one is not paid, of one 12.50 too much is
    kept back, a chargeback of 35.00 is taken, 80.00 come that no store took. Odd and right: a weekend in one line, a
    day in two, a day three days late. Raises: ValueError where the sample has less than two stores or ten days.
    """
    said: Truth = json.loads(truth.read_text(encoding="utf-8"))["stores"]
    stores = sorted(said)
    days = sorted(date.fromisoformat(day) for day in said[stores[0]])
    if len(stores) < 2 or len(days) < 10:
        raise ValueError("statements want a sample of at least 2 stores and 10 days")
    lines, wrong = _cards(said, stores, days)
    folder = truth.parent / "statements"
    folder.mkdir(exist_ok=True)
    (folder / "northpay.csv").write_bytes(_northpay(lines))
    (folder / "bank.csv").write_bytes(_bank([*_amex(said, days), *_cash(said), *_not_ours(days)]))
    (folder / "truth.json").write_text(json.dumps({"northpay": wrong, "bank": []}, indent=1) + "\n", encoding="utf-8")
    return folder


def banking_day(day: date, later: int) -> date:
    """So many banking days after a day; a day without banking counts from the next."""
    while not _is_open(day):
        day += timedelta(days=1)
    for _ in range(later):
        day += timedelta(days=1)
        while not _is_open(day):
            day += timedelta(days=1)
    return day


def _is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def _cards(said: Truth, stores: list[str], days: list[date]) -> tuple[list[Paid], list[dict[str, Any]]]:
    """The acquirer's payouts, and what is wrong with them."""
    first, second = stores[:2]
    weekend = next(days[n : n + 3] for n in range(3, len(days) - 2) if days[n].weekday() == 4)
    unpaid, short, parted, late = (next(d for d in days[n:] if d not in weekend) for n in (0, 1, 2, 3))
    paid: dict[tuple[str, date], Paid] = {}
    for store in stores:
        for day in days:
            taken = said[store][day.isoformat()]["tenders"]
            gross = taken.get("VISA", 0) + taken.get("MC", 0)
            fee = (abs(gross) * 14 + 500) // 1000
            due = banking_day(day, 2)
            paid[store, day] = Paid(due, gross - fee, f"{day:%d%m}{store}", _merchant(store), fee)
    gone = paid.pop((first, unpaid))
    kept = paid[first, short]
    paid[first, short] = Paid(kept.day, kept.minor - SHORT_MINOR, kept.text, kept.merchant, _fee(kept) + SHORT_MINOR)
    last = paid[second, late]
    paid[second, late] = Paid(last.day + timedelta(days=3), last.minor, last.text, last.merchant, last.fee_minor)
    whole = [paid.pop((first, day)) for day in weekend]
    paid[first, weekend[-1]] = Paid(
        whole[-1].day, sum(w.minor for w in whole), "weekend", whole[0].merchant, sum(_fee(w) for w in whole)
    )
    half = paid.pop((second, parted))
    parts = [
        Paid(half.day, minor, half.text, half.merchant) for minor in (half.minor // 3, half.minor - half.minor // 3)
    ]
    odd = [
        Paid(banking_day(days[5], 2), CHARGEBACK_MINOR, "=Chargeback 4417", _merchant(second)),
        Paid(banking_day(days[6], 2), STRAY_MINOR, "Adjustment", "44129999"),
    ]
    wrong: list[dict[str, Any]] = [
        {"outcome": "not come", "store": first, "day": unpaid.isoformat(), "minor": gone.minor + _fee(gone)},
        {"outcome": "came short", "store": first, "day": short.isoformat(), "minor": -SHORT_MINOR},
        {"outcome": "taken back", "store": second, "day": None, "minor": CHARGEBACK_MINOR},
        {"outcome": "not expected", "store": "", "day": None, "minor": STRAY_MINOR},
    ]
    return [*paid.values(), *parts, *odd], wrong


def _amex(said: Truth, days: list[date]) -> Iterator[Paid]:
    """One payout for all stores, of all that is due on a day, less 2.1 % that nobody agreed on."""
    due: dict[date, int] = {}
    for day in days:
        gross = sum(said[store][day.isoformat()]["tenders"].get("AMEX", 0) for store in said)
        due[banking_day(day, 3)] = due.get(banking_day(day, 3), 0) + gross
    for day, gross in due.items():
        if gross:
            yield Paid(day, gross - (abs(gross) * 21 + 500) // 1000, f"BGC CROSSCARD UK {day:%d%m%y}")


def _cash(said: Truth) -> Iterator[Paid]:
    """Cash as it was counted, paid in on the next banking day."""
    for place, store in enumerate(sorted(said), start=1):
        for day, totals in said[store].items():
            counted = totals["tenders"].get("CASH", 0) + totals["over_short"].get("CASH", 0)
            if counted:
                due = banking_day(date.fromisoformat(day), 1)
                yield Paid(due, counted, f"CR CASH PAID IN NL{place:02d}")


def _not_ours(days: list[date]) -> Iterator[Paid]:
    yield Paid(banking_day(days[1], 0), -450_000, "SO Rent, Grainger Street")
    yield Paid(banking_day(days[4], 0), -1_234_567, "BP Wages")
    yield Paid(banking_day(days[5], 0), 25_000, "TFR From savings")


def _merchant(store: str) -> str:
    return f"4412{int(store[1:]):04d}"


def _fee(paid: Paid) -> int:
    return paid.fee_minor or 0


def _northpay(lines: list[Paid]) -> bytes:
    rows = [
        (f"{p.day:%d/%m/%Y}", p.merchant, p.text, plain(p.minor), "" if p.fee_minor is None else plain(p.fee_minor))
        for p in sorted(lines, key=lambda paid: (paid.day, paid.merchant, paid.text, paid.minor))
    ]
    return _csv(("Payout date", "Merchant ID", "Reference", "Paid", "Fees"), rows)


def _bank(lines: list[Paid]) -> bytes:
    rows = []
    for paid in sorted(lines, key=lambda paid: (paid.day, paid.text, paid.minor)):
        kind, _, text = paid.text.partition(" ")
        amount = plain(abs(paid.minor))
        rows.append((f"{paid.day:%d/%m/%Y}", kind, text, *((amount, "") if paid.minor > 0 else ("", amount))))
    return _csv(("Date", "Type", "Description", "Paid in", "Paid out"), rows)


def _csv(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()
