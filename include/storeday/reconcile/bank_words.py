"""What became of a deposit or a line, in a bookkeeper's words, and what to do about it."""

from __future__ import annotations

from typing import Any, Final

from storeday.model.money import money
from storeday.reconcile.bank import Outcome
from storeday.reconcile.bank_match import Way

WHAT_NOW: Final = {
    Outcome.NOT_COME: "Look for it at the acquirer or in the paying-in book; if it is lost, give it up in bank.yaml.",
    Outcome.SHORT: "Ask the acquirer what was kept back; a fee that changed belongs in bank.yaml from its day on.",
    Outcome.LONG: "See whether the fee comes by itself; a fee that changed belongs in bank.yaml from its day on.",
    Outcome.TAKEN_BACK: "A chargeback or a fee: post it by hand, and dispute it where it is wrong.",
    Outcome.NOT_EXPECTED: "See which store-day it is of: one that is held, or takings that no till has.",
}


def about(row: dict[str, Any]) -> str:
    """One row of OUTCOMES in words; days as dates, money as money."""
    match Outcome(row["outcome"]):
        case Outcome.NOT_COME:
            return f"{row['overdue_days']} days overdue when the statement ends"
        case Outcome.SHORT:
            return f"{_kept(row)}: {money(-row['off_minor'])} too much{_together(row)}"
        case Outcome.LONG if row["way"] == Way.GROSS:
            return f"nothing was kept back, {_agreed(row)}{_together(row)}"
        case Outcome.LONG:
            return f"{_kept(row)}: {money(row['off_minor'])} too little{_together(row)}"
        case Outcome.AS_AGREED:
            return f"{money(row['kept_minor'])} kept back{_together(row)}"
        case Outcome.GIVEN_UP:
            return "a person knows why, bank.yaml says it"
        case Outcome.MAY_COME:
            return "not overdue when the statement ends"
        case _:
            return str(row["text"])


def name_of(row: dict[str, Any]) -> str:
    """Of which deposit, store and trading days a row is; empty where nobody knows."""
    first, last = row["first_day"], row["last_day"]
    days = "" if first is None else f"{first:%d %b}" if first == last else f"{first:%d} to {last:%d %b}"
    return " ".join(part for part in (row["store"], row["deposit"], days) if part)


def _kept(row: dict[str, Any]) -> str:
    return f"{money(row['kept_minor'])} kept back, {_agreed(row)}"


def _agreed(row: dict[str, Any]) -> str:
    low, high = row["fee_low_minor"], row["fee_high_minor"]
    return f"{money(low)} to {money(high)} expected" if low != high else f"{money(low)} expected"


def _together(row: dict[str, Any]) -> str:
    if row["deposits"] > 1:
        return f"; {row['deposits']} deposits in one"
    return f"; in {row['lines']} lines" if row["lines"] > 1 else ""
