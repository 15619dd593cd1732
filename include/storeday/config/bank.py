"""What banks and card acquirers pay in, when, net of which fees, and how their statements are read (bank.yaml).

It says nothing that a store-day's verdict or posting rests on: a change here checks no day again. Source: docs/bank.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from storeday.config.codes import Code, Minor, Nominal
from storeday.config.exports import DateForm, Decimals, Encoding
from storeday.config.opening import Weekday
from storeday.config.source import Source
from storeday.config.strict import Strict

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Piece = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def _in_millionths(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(r"\d{1,2}(\.\d{1,4})?", text):
        raise ValueError(f"{text!r} is not a percentage below 100 with up to 4 decimals")
    return int(Decimal(text) * 10_000)


Millionths = Annotated[int, BeforeValidator(_in_millionths), Field(ge=0, lt=1_000_000)]
"""A percentage written "1.375" and kept in millionths of the whole (13750)."""


class BankingDays(Strict):
    """On which days money moves between banks."""

    closed_weekdays: tuple[Weekday, ...] = ("sat", "sun")
    holidays: tuple[date, ...] = ()  # bank holidays, year by year

    @model_validator(mode="after")
    def _some_day_is_open(self) -> BankingDays:
        if len(set(self.closed_weekdays)) == 7:
            raise ValueError("closed_weekdays: no day of the week is left")
        return self


class Statement(Strict):
    """How a CSV of a bank or acquirer is read: the header names of its columns, and how they are written.

    Either ``amount``, below zero where money goes out, or ``paid_in`` and ``paid_out``, of which each row has one.
    """

    date: Column  # the day on which the money moved
    dates: DateForm
    amount: Column | None = None
    paid_in: Column | None = None
    paid_out: Column | None = None
    fee: Column | None = None  # what was kept back, and is off the amount already
    text: tuple[Column, ...] = ()  # what people read: description, reference
    merchant: Column | None = None  # the acquirer's number of the store
    decimals: Decimals = "detect"
    encoding: Encoding = "detect"
    largest_mb: int = Field(default=64, ge=1, le=4_000)
    source: Source | None = None  # where its files come to; None: a person hands them over
    newest: int = Field(default=31, ge=1, le=1_000)  # how many of them are read together

    @model_validator(mode="after")
    def _says_amounts_once(self) -> Statement:
        if (self.amount is None) == (self.paid_in is None and self.paid_out is None):
            raise ValueError("say amount, or paid_in and paid_out")
        if doubled := sorted(name for name, times in Counter(self.columns).items() if times > 1):
            raise ValueError(f"the column {doubled[0]!r} is named twice")
        return self

    @property
    def money(self) -> tuple[str, ...]:
        """The columns that hold amounts."""
        return tuple(filter(None, (self.amount, self.paid_in, self.paid_out, self.fee)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (self.date, *self.money, *self.text, *filter(None, (self.merchant,)))


class Fee(Strict):
    """What is kept back of a deposit from a day on: as agreed, or anything up to a percentage where nothing is."""

    valid_from: date = date.min  # the first trading day
    percent: Millionths = 0
    per_deposit: Minor = 0
    per_payment: Minor = 0  # of each payment at a till
    within: Minor = 1  # how far a deposit may be off by rounding
    up_to_percent: Millionths | None = None

    @model_validator(mode="after")
    def _is_agreed_or_not(self) -> Fee:
        if self.up_to_percent is not None and (self.percent or self.per_deposit or self.per_payment):
            raise ValueError("up_to_percent is for fees that nobody agreed on: say it, or the others")
        return self


class Settlement(Strict):
    """When the takings of a trading day are in the bank."""

    days_later: int = Field(ge=0, le=60)
    counted_in: Literal["banking_days", "days"] = "banking_days"
    closed: Literal["next", "before"] = "next"  # takings of a day without banking count from the next one, or before
    together: Literal["day", "settlement_day"] = "day"  # a deposit a trading day, or one for all that is due one day
    early: int = Field(default=1, ge=0, le=31)  # days before and after it is due on which a deposit is looked for
    late: int = Field(default=4, ge=0, le=31)


class Deposit(Strict):
    """One kind of money into the bank: which tenders, through whom, when and less what."""

    name: Name
    tenders: tuple[str, ...] = Field(min_length=1)
    statement: Name  # on which it is looked for
    lands_on: Nominal  # the bank nominal
    paid: Literal["store", "company"] = "store"  # a deposit a store, or one for all stores
    settlement: Settlement
    fees: tuple[Fee, ...] = (Fee(within=0),)
    merchants: dict[Code, tuple[Piece, ...]] = Field(default_factory=dict)  # by store; looked for in the text where
    # the statement has no column of them
    says: tuple[Piece, ...] = ()  # pieces of text, one of which each of its lines has
    days_in_one: int = Field(default=7, ge=1, le=31)  # deposits of how many days one line may hold
    lines_for_one: int = Field(default=4, ge=1, le=20)  # how many lines one deposit may come in
    short_percent: Millionths = 250_000  # by how much a line may be off and still be taken for a deposit: 25

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Deposit:
        if [fee.valid_from for fee in self.fees] != sorted({fee.valid_from for fee in self.fees}):
            raise ValueError("fees: they must run from the oldest valid_from to the newest, no day twice")
        ids = Counter(each for found in self.merchants.values() for each in found)
        if doubled := sorted(each for each, times in ids.items() if times > 1):
            raise ValueError(f"merchants: {doubled[0]!r} stands twice")
        return self


class GivenUp(Strict):
    """A deposit that is looked for no more: a person knows where it went, or that it is lost."""

    deposit: Name
    store: Code | None = None  # None: it is one for all stores
    day: date  # the trading day, the first where several are one deposit
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]


class BankSettings(Strict):
    """A company's side of the bank: bank.yaml."""

    banking_days: BankingDays = BankingDays()
    statements: dict[Name, Statement] = Field(min_length=1)
    deposits: tuple[Deposit, ...] = Field(min_length=1)
    given_up: tuple[GivenUp, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> BankSettings:
        for what, codes in (
            ("the name", [deposit.name for deposit in self.deposits]),
            ("the tender", [tender for deposit in self.deposits for tender in deposit.tenders]),
        ):
            if doubled := sorted(code for code, times in Counter(codes).items() if times > 1):
                raise ValueError(f"deposits: {what} {doubled[0]} stands twice")
        for deposit in self.deposits:
            if deposit.statement not in self.statements:
                raise ValueError(f"deposits.{deposit.name}.statement: there is no statement {deposit.statement!r}")
        if idle := sorted(set(self.statements) - {deposit.statement for deposit in self.deposits}):
            raise ValueError(f"statements.{idle[0]}: no deposit is looked for on it")
        paid = {deposit.name: deposit.paid for deposit in self.deposits}
        for given_up in self.given_up:
            if paid.get(given_up.deposit) != ("store" if given_up.store else "company"):
                raise ValueError(
                    f"given_up: there is no deposit {given_up.deposit} of {given_up.store or 'all stores'}"
                )
        return self

    def deposits_on(self, statement: str) -> tuple[Deposit, ...]:
        """The deposits that are looked for on a statement."""
        return tuple(deposit for deposit in self.deposits if deposit.statement == statement)

    def faults(self, stores: Iterable[str], targets: dict[str, set[str]], till_control: str) -> Iterator[str]:
        """What does not fit the rest of the company; ``targets`` has where each mapped tender ever led to."""
        known = set(stores)
        for deposit in self.deposits:
            at = f"deposits.{deposit.name}"
            if deposit.lands_on == till_control:
                yield f"{at}.lands_on: {till_control} is the company's till_control, never a bank's"
            for tender in deposit.tenders:
                if tender not in targets:
                    yield f"{at}.tenders: {tender} is in no mapping"
                elif not any(target.isdigit() for target in targets[tender]):
                    yield f"{at}.tenders: {tender} leads to {' and '.join(sorted(targets[tender]))}, not to a bank"
            for store in sorted(set(deposit.merchants) - known):
                yield f"{at}.merchants: there is no store {store} in this company"
