"""Acceptance: whether the stand-in Sage's books, after a period of batches, are what the ledger's lines come to.

The lines of the ledger are what the tills' figures were posted as; the books are what an import made of the written
files. Neither side shares a rule with the other. Source: docs/cutover.md, "Acceptance".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from storeday.config.settings import CompanySettings
from storeday.config.uat import questions, value_words
from storeday.model.money import money
from storeday.model.postings import Lines, Role
from storeday.model.stock import quantity
from storeday.sage50.sandbox.masters import OFF_THE_RETURN, Controls
from storeday.sage50.sandbox.trial import Trial

SALES_BOXES = (1, 4, 6, 7, 8, 9)
"""Boxes of the VAT return that takings could move; ours move 1 and 6."""


@dataclass(frozen=True)
class Check:
    """One thing that was compared: what it is, what was to be, what is."""

    what: str
    wanted: str
    found: str

    @property
    def is_good(self) -> bool:
        """Whether both are the same."""
        return self.wanted == self.found

    def __str__(self) -> str:
        return f"{self.what}: {self.found}" if self.is_good else f"{self.what}: {self.found}, not {self.wanted}"


@dataclass(frozen=True)
class Books:
    """What posting lines come to in Sage: nominals (a debit is positive), customers, VAT boxes; minor units."""

    nominals: Counter[str]
    customers: Counter[str]
    boxes: Counter[int]


def books_of(lines: Lines, controls: Controls) -> Books:
    """What posting lines are to leave in Sage, under whatever profile they are written.

    Sales credit their nominal with the net and the sales tax account with the tax; everything else debits its nominal,
    a customer's account the debtors. Source: docs/postings.md, "What a store-day wants".
    """
    nominals: Counter[str] = Counter()
    customers: Counter[str] = Counter()
    boxes: Counter[int] = Counter()
    for key, amount in lines.items():
        if key.role.is_sale:
            nominals.update({key.nominal: -amount.net})
            nominals.update({controls.sales_tax: -amount.tax})
            if key.tax_code != OFF_THE_RETURN:
                boxes.update({1: amount.tax, 6: amount.net})
        elif key.role is Role.ACCOUNT:
            nominals.update({controls.debtors: amount.net})
            customers.update({key.account: amount.net})
        else:
            nominals.update({key.nominal: amount.net})
    return Books(nominals, customers, boxes)


def book_checks(company: CompanySettings, lines: Lines, stock: dict[str, int], trial: Trial) -> Iterator[Check]:
    """The trial's books held to the lines of the ledger, figure by figure; ``stock`` is the ledger's, by code."""
    accounts = company.company.accounts
    wanted = books_of(lines, Controls(sales_tax=accounts.sales_tax))
    yield Check("rows that the stand-in Sage refused", "0", str(len(trial.refused)))
    yield Check("all debits less all credits", money(0), money(sum(trial.nominals.values())))
    yield Check(
        f"till control account {accounts.till_control}", money(0), money(trial.nominals.get(accounts.till_control, 0))
    )
    takings = {accounts.takings_customer, *(s.takings_customer for s in company.stores if s.takings_customer)}
    for customer in sorted(takings):
        yield Check(f"takings customer {customer}", money(0), money(trial.customers.get(customer, 0)))
    for box in SALES_BOXES:
        yield Check(f"VAT box {box}", money(wanted.boxes[box]), money(trial.boxes.get(box, 0)))
    for code in sorted({*wanted.nominals, *trial.nominals} - {accounts.till_control}):
        yield Check(f"nominal {code}", money(wanted.nominals[code]), money(trial.nominals.get(code, 0)))
    for customer in sorted({*wanted.customers, *trial.customers} - takings):
        yield Check(f"customer {customer}", money(wanted.customers[customer]), money(trial.customers.get(customer, 0)))
    off = [code for code in {*stock, *trial.stock} if stock.get(code, 0) != trial.stock.get(code, 0)]
    if stock or trial.stock:
        yield Check("stock codes whose quantity is another", "0", str(len(off)))
    for code in sorted(off):
        yield Check(f"stock of {code}", quantity(10 * stock.get(code, 0)), quantity(10 * trial.stock.get(code, 0)))


@dataclass(frozen=True)
class Standing:
    """One question of the checklist as a company has answered it; ``trouble`` says what keeps it from being signed."""

    id: str
    group: str
    try_this: str
    matters: bool
    setting: str  # what company.yaml says; empty for a question that is no setting
    answer: str  # what was found, by whom, when; empty where nobody tried
    trouble: str = ""


def standings(company: CompanySettings) -> Iterator[Standing]:
    """Every question, in the order of the checklist."""
    for asked in questions().values():
        found = company.uat.to(asked.id)
        matters = asked.matters_for(company)
        setting = value_words(getattr(company.company.sage, asked.fact)) if asked.fact else ""
        answer = f"{found.words}: {found.said} ({found.by}, {found.on:%-d %b %Y})" if found else ""
        trouble = ""
        if found is None and matters:
            trouble = f"{asked.id} was not tried in the real Sage, and it matters: {asked.try_this}"
        elif found is not None and asked.fact and not found.agrees_with(company.company.sage):
            trouble = (
                f"{asked.id} is {setting} in company.yaml, and the real Sage wants {found.words}: change the setting"
            )
        elif found is not None and not asked.fact and not found.agrees_with(company.company.sage) and matters:
            trouble = f"{asked.id} was not as expected in the real Sage: {found.said}"
        yield Standing(asked.id, asked.group, asked.try_this, matters, setting, answer, trouble)
