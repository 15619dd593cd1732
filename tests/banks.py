"""Banks for tests: terms in a few words, what stores took, and statements as a person would type them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
from storeday.config.bank import BankSettings
from storeday.reconcile.bank import Settled, settle_statement
from storeday.reconcile.bank_statement import read_statement
from storeday.stages.bank import table_of

CARDS: dict[str, Any] = {
    "name": "cards",
    "tenders": ["VISA", "MC"],
    "statement": "acquirer",
    "lands_on": "1200",
    "settlement": {"days_later": "1"},
    "fees": [{"percent": "1.5", "within": "0.00"}],
    "merchants": {"S01": ["111"], "S02": ["222"]},
}
ACQUIRER: dict[str, Any] = {
    "date": "Date",
    "dates": "YYYY-MM-DD",
    "amount": "Paid",
    "fee": "Fee",
    "text": ["Text"],
    "merchant": "Merchant",
}
HEADER = "Date,Merchant,Text,Paid,Fee"


def day_number(day: str) -> int:
    """A day as the tables have it."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days


@dataclass
class Bank:
    """What stores took, and what the acquirer says of it."""

    terms: dict[str, Any] = field(default_factory=lambda: dict(CARDS))
    others: tuple[dict[str, Any], ...] = ()
    statement: dict[str, Any] = field(default_factory=lambda: dict(ACQUIRER))
    holidays: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[str] = field(default_factory=lambda: [HEADER])

    @property
    def settings(self) -> BankSettings:
        """The company's bank.yaml."""
        return BankSettings.model_validate(
            {
                "banking_days": {"holidays": list(self.holidays)},
                "statements": {"acquirer": self.statement},
                "deposits": [self.terms, *self.others],
            }
        )

    def took(self, day: str, amount: str, *, store: str = "S01", tender: str = "VISA", payments: Any = (1, 1)) -> Bank:
        """A store took an amount on a trading day."""
        self.rows.append((store, day_number(day), tender, int(Decimal(amount) * 100), *payments))
        return self

    def paid(self, day: str, amount: str, *, merchant: str = "111", text: str = "", fee: str = "") -> Bank:
        """The acquirer paid an amount on a day."""
        self.lines.append(f"{day},{merchant},{text},{amount},{fee}")
        return self

    @property
    def taken(self) -> pd.DataFrame:
        """What stores took."""
        return table_of(self.rows)

    def settle(self) -> Settled:
        """The statement, held to what was taken."""
        content = ("\n".join(self.lines) + "\n").encode()
        settings = self.settings
        lines = read_statement({"northpay.csv": content}, settings.statements["acquirer"], "acquirer")
        return settle_statement(self.taken, lines, settings, "acquirer")

    def outcomes(self, *columns: str) -> list[tuple[Any, ...]]:
        """What became of everything: the outcome, and some columns beside it; amounts in minor units."""
        table = self.settle().outcomes
        return list(zip(*(table.column(name).to_pylist() for name in ("outcome", *columns)), strict=True))
