"""A row of an audit trail import as Sage understands it, and the rules by which it is refused.

Sources: sage50-uk reference, 1.1 (columns), 1.4 (what each type's account and nominal must be), 1.6, 1.7 (tax), 1.9
(journals), 1.11 (known refusals).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from storeday.config.sage_facts import SageFacts
from storeday.sage50.sandbox.file_text import FieldRefused
from storeday.sage50.sandbox.forms import (
    account_of,
    amount_of,
    day_of_text,
    nominal_of,
    tax_code_of,
    text_of,
    whole_number_of,
)
from storeday.sage50.sandbox.masters import OFF_THE_RETURN, CompanyMasters

RECEIPTS: Final = frozenset({"BR", "CR", "VR"})
PAYMENTS: Final = frozenset({"BP", "CP", "VP"})
BANK_ROWS: Final = RECEIPTS | PAYMENTS
SALES_ROWS: Final = frozenset({"SI", "SC", "SA", "SP"})
PURCHASE_ROWS: Final = frozenset({"PI", "PC", "PA", "PR"})
ON_ACCOUNT: Final = frozenset({"SA", "SP", "PA", "PR"})
JOURNALS: Final = frozenset({"JD", "JC"})
TYPES: Final = BANK_ROWS | SALES_ROWS | PURCHASE_ROWS | JOURNALS
_ALLOCATED: Final = {"SR": "SA", "PP": "PA", "SD": "SC", "PD": "PC"}


class TrailRow(NamedTuple):
    """One row; amounts in minor units with the sign that the file has."""

    line: int
    type: str
    account: str
    nominal: str
    department: int
    day: date
    reference: str
    details: str
    net_minor: int
    tax_code: str
    tax_minor: int
    extra_reference: str
    user: str

    @property
    def gross_minor(self) -> int:
        """Net and tax together."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True)
class ImportRules:
    """How an import is done: what is open about Sage, the company's lock, and what the wizard is told."""

    facts: SageFacts = field(default_factory=SageFacts)
    lock_date: date | None = None
    program_date: date | None = None  # what a blank date becomes; refused without one
    is_grouped: bool = True  # "Audit Trail transactions - Grouped"


def trail_row(line: int, fields: list[str], masters: CompanyMasters, rules: ImportRules) -> TrailRow:
    """The row that 15 fields say. Raises: FieldRefused with the first reason why Sage would not take it."""
    facts = rules.facts
    kind = _type(fields[0], rules)
    account, nominal = _accounts(kind, fields[1], fields[2], masters, facts)
    department = whole_number_of("department", fields[3], 0, 999)
    if department not in masters.departments and facts.unlisted_department == "refuse":
        raise FieldRefused(f"department {department} is not set up in the company")
    day = day_of_text(fields[4], rules.program_date)
    if rules.lock_date is not None and day <= rules.lock_date and facts.lock_date_on_import == "refuse":
        raise FieldRefused(f"date {day:%d/%m/%Y} is locked: the lock date is {rules.lock_date:%d/%m/%Y}")
    net = amount_of("net", fields[7], facts, may_be_negative=facts.negative_amounts == "accept")
    if net == 0 and facts.zero_net == "refuse":
        raise FieldRefused("the net amount is 0.00")
    tax_code, tax = _tax(kind, net, fields[8], fields[9], masters, facts)
    _base_currency(fields[10], facts)
    if fields[13] or fields[14]:
        raise FieldRefused(f"project {fields[13]!r} or cost code {fields[14]!r} does not exist: the sandbox keeps none")
    return TrailRow(
        line=line,
        type=kind,
        account=account,
        nominal=nominal,
        department=department,
        day=day,
        reference=text_of("reference", fields[5], facts.reference_size, facts),
        details=text_of("details", fields[6], 60, facts),
        net_minor=net,
        tax_code=tax_code,
        tax_minor=tax,
        extra_reference=text_of("extra reference", fields[11], facts.extra_reference_size, facts),
        user=text_of("user name", fields[12], 32, facts),
    )


def _type(kind: str, rules: ImportRules) -> str:
    if kind in _ALLOCATED:
        raise FieldRefused(f"{kind} can't be imported: use {_ALLOCATED[kind]} and allocate by hand")
    if kind not in TYPES:
        raise FieldRefused(f"{kind!r} is no type that can be imported")
    if kind in JOURNALS and not rules.is_grouped and not rules.facts.plain_import_takes_journals:
        raise FieldRefused(f"{kind} needs the grouped import")
    return kind


def _accounts(kind: str, account: str, nominal: str, masters: CompanyMasters, facts: SageFacts) -> tuple[str, str]:
    """Account and nominal, each of the kind that the type wants. Source: reference, 1.4."""
    nominal = nominal_of(nominal)
    if nominal not in masters.nominals:
        raise FieldRefused(f"nominal {nominal} does not exist")
    if kind in JOURNALS:
        if account:
            raise FieldRefused(f"a journal has no account, and this has {account!r}")
        return "", nominal
    account = account_of(account, facts)
    if kind in BANK_ROWS:
        if account not in masters.banks:
            raise FieldRefused(f"bank account {account} does not exist")
        if nominal in masters.controls.all and facts.control_nominals_on_bank_rows == "refuse":
            raise FieldRefused(f"nominal {nominal} is a control account")
        return account, nominal
    known, word = (masters.customers, "customer") if kind in SALES_ROWS else (masters.suppliers, "supplier")
    if account not in known:
        raise FieldRefused(f"{word} {account} does not exist")
    if kind in ON_ACCOUNT and nominal not in masters.banks:
        raise FieldRefused(f"nominal {nominal} of {kind} is no bank account")
    return account, nominal


def _tax(
    kind: str, net: int, code_text: str, tax_text: str, masters: CompanyMasters, facts: SageFacts
) -> tuple[str, int]:
    """Tax code and tax: taken as given, never worked out. Source: reference, 1.6."""
    code = tax_code_of(code_text)
    may_be_negative = facts.negative_amounts == "accept"
    tax = amount_of("tax", tax_text, facts, may_be_negative=may_be_negative) if tax_text else 0
    rate = masters.rates_bp.get(code)
    if rate is None and facts.unlisted_tax_code == "refuse":
        raise FieldRefused(f"tax code {code} is not set up in the company")
    if kind in ON_ACCOUNT and facts.payment_tax == "refuse" and (code != OFF_THE_RETURN or tax):
        raise FieldRefused(f"{kind} carries no tax, and this says {code} {tax_text or '0.00'}")
    if kind in JOURNALS and tax:
        if facts.journal_tax == "refuse":
            raise FieldRefused(f"a journal has its VAT on a line of its own, and this has tax {tax_text}")
        return code, 0
    if facts.tax_must_fit_rate and kind not in JOURNALS | ON_ACCOUNT and tax != _by_rate(net, rate or 0):
        raise FieldRefused(f"tax {tax_text or '0.00'} is not the rate of {code} on net")
    return code, tax


def _by_rate(net_minor: int, rate_bp: int) -> int:
    """Half a penny goes away from nothing."""
    size = (2 * abs(net_minor) * rate_bp + 10_000) // 20_000
    return size if net_minor >= 0 else -size


def _base_currency(rate: str, facts: SageFacts) -> None:
    if not rate and facts.empty_exchange_rate == "is_one":
        return
    if rate.partition(".")[0] != "1" or rate.partition(".")[2].strip("0") or len(rate) > 11:
        raise FieldRefused(f"exchange rate {rate!r}: only the base currency's 1 can be imported")
