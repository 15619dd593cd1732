"""The deposits that store-days make a bank expect: how much, less what, and on which day.

A pure function over what each store-day's figures say of its tenders. Source: docs/bank.md.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from storeday.config.bank import BankingDays, BankSettings, Deposit, Settlement
from storeday.config.opening import WEEK
from storeday.model.sums import round_half_up

TAKEN: Final = ("store", "trading_day", "tender", "amount_minor", "fewest_payments", "most_payments")
"""What of store-days is wanted: an amount a tender, as counted where it was, and how many payments that were.

``trading_day`` is days since 1 January 1970, as all days of these tables are."""

EXPECTED: Final = (
    "deposit",
    "store",  # empty: one for all stores
    "first_day",  # the trading days in it
    "last_day",
    "due",
    "gross_minor",
    "fee_low_minor",  # what may be kept back of it, at least and at most
    "fee_high_minor",
    "within_minor",  # by how much rounding may make it differ from that
    "per_deposit_minor",  # of the fee, what is kept back once, however many days are paid in one
)

_WHOLE: Final = 1_000_000
_EPOCH: Final = date(1970, 1, 1)


def day_number(day: date) -> int:
    """A day as these tables have it.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return (day - _EPOCH).days


def day_of_number(number: int) -> date:
    """The day of a number."""
    return _EPOCH + timedelta(days=int(number))


def expected_deposits(taken: pd.DataFrame, bank: BankSettings, statement: str) -> pd.DataFrame:
    """The deposits to look for on a statement, EXPECTED, in order of deposit, store, due day and trading day.

    ``taken`` is TAKEN, signed minor units; a deposit of nothing is left out.
    """
    parts = [_of_one(taken, bank.banking_days, deposit) for deposit in bank.deposits_on(statement)]
    columns = pd.DataFrame({name: [] for name in EXPECTED}).astype(dict.fromkeys(EXPECTED[2:], "int64"))
    found = pd.concat([part for part in parts if len(part)] or [columns], ignore_index=True)
    return found.loc[:, list(EXPECTED)]


def due_days(days: Any, settlement: Settlement, banking: BankingDays) -> Any:
    """On which day the takings of each trading day are in the bank; days since 1970 in and out."""
    if settlement.counted_in == "days":
        return np.asarray(days, dtype=np.int64) + settlement.days_later
    found = np.busday_offset(
        np.asarray(days, dtype="datetime64[D]"),
        settlement.days_later,
        roll="forward" if settlement.closed == "next" else "backward",
        weekmask=[day not in banking.closed_weekdays for day in WEEK],
        holidays=list(banking.holidays),
    )
    return found.astype(np.int64)


def _of_one(taken: pd.DataFrame, banking: BankingDays, deposit: Deposit) -> pd.DataFrame:
    mine = taken.loc[taken["tender"].isin(deposit.tenders)].copy()
    if deposit.paid == "company":
        mine["store"] = ""
    mine["due"] = due_days(mine["trading_day"].to_numpy(), deposit.settlement, banking)
    mine["fee"] = _fee_in_force(mine["trading_day"].to_numpy(), deposit)
    by_day = ["store", "due", "trading_day", "fee"]
    days = mine.groupby(by_day, as_index=False)[["amount_minor", "fewest_payments", "most_payments"]].sum()
    days = days.assign(deposit=deposit.name, **_fees(days, deposit))
    days = days.assign(first_day=days["trading_day"], last_day=days["trading_day"], gross_minor=days["amount_minor"])
    days = days.loc[days["gross_minor"] != 0]
    if deposit.settlement.together == "settlement_day":
        days = _together(days)
    return days.sort_values(["store", "due", "first_day"], kind="stable")


def _fee_in_force(days: Any, deposit: Deposit) -> Any:
    """Which of the deposit's fees is in force on each trading day; the first also before it begins."""
    begins = np.array([fee.valid_from for fee in deposit.fees], dtype="datetime64[D]").astype(np.int64)
    return np.maximum(np.searchsorted(begins, days, side="right") - 1, 0)


def _fees(days: pd.DataFrame, deposit: Deposit) -> dict[str, Any]:
    """The least and the most that may be kept back of each day's deposit, the rounding, and what of it is kept once.

    Where more was returned than sold, acquirers keep their percentage, give it back or leave it: all three pass.
    """
    gross, fee = days["amount_minor"].to_numpy(), days["fee"].to_numpy()
    terms = [(f.percent, f.per_deposit, f.per_payment, f.within, f.up_to_percent) for f in deposit.fees]
    percent, once, each, within = (np.array([said[place] for said in terms], dtype=np.int64)[fee] for place in range(4))
    is_agreed = np.array([said[4] is None for said in terms])[fee]
    most = np.array([said[4] or 0 for said in terms], dtype=np.int64)[fee]
    share = round_half_up(np.abs(gross) * np.where(is_agreed, percent, most), _WHOLE)
    least = np.where(gross < 0, -share, np.where(is_agreed, share, 0))
    return {
        "fee_low_minor": least + once + each * days["fewest_payments"].to_numpy(),
        "fee_high_minor": share + once + each * days["most_payments"].to_numpy(),
        "within_minor": np.where(is_agreed, within, 0),
        "per_deposit_minor": once,
    }


def _together(days: pd.DataFrame) -> pd.DataFrame:
    """One deposit for all that is due on a day: what is kept back once is kept back once."""
    first = ~days.duplicated(["store", "due"])
    again = np.where(first, 0, days["per_deposit_minor"])
    days = days.assign(fee_low_minor=days["fee_low_minor"] - again, fee_high_minor=days["fee_high_minor"] - again)
    whole = days.groupby(["deposit", "store", "due"], as_index=False).agg(
        first_day=("first_day", "min"),
        last_day=("last_day", "max"),
        gross_minor=("gross_minor", "sum"),
        fee_low_minor=("fee_low_minor", "sum"),
        fee_high_minor=("fee_high_minor", "sum"),
        within_minor=("within_minor", "sum"),
        per_deposit_minor=("per_deposit_minor", "max"),
    )
    return whole.loc[whole["gross_minor"] != 0]
