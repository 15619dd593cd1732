"""What exists in a Sage company before anything is imported: nominals, banks, customers, departments, tax codes.

Source: sage50-uk reference, 1.4 (which reference must exist), 1.7 (tax codes), 3.1 (control accounts).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from storeday.config.settings import CompanySettings
from storeday.sage50.sandbox.tables import CONTROLS, CUSTOMERS, DEPARTMENTS, NOMINALS, PRODUCTS, SUPPLIERS, TAX_CODES

OFF_THE_RETURN: Final = "T9"
ZERO_RATED: Final = "T0"
"""What Sage takes a blank tax code for (1.6)."""


@dataclass(frozen=True)
class Controls:
    """The control accounts that Sage books to by itself. Source: reference, 3.1."""

    debtors: str = "1100"
    creditors: str = "2100"
    sales_tax: str = "2200"
    purchase_tax: str = "2201"

    @property
    def all(self) -> frozenset[str]:
        """All four."""
        return frozenset({self.debtors, self.creditors, self.sales_tax, self.purchase_tax})

    @property
    def tax(self) -> frozenset[str]:
        """Those of VAT."""
        return frozenset({self.sales_tax, self.purchase_tax})


@dataclass(frozen=True)
class CompanyMasters:
    """What exists, by code, with its name. The control accounts are nominals without being named."""

    nominals: dict[str, str] = field(default_factory=dict)
    banks: frozenset[str] = frozenset()  # which of the nominals are bank accounts
    customers: dict[str, str] = field(default_factory=dict)
    suppliers: dict[str, str] = field(default_factory=dict)
    departments: dict[int, str] = field(default_factory=dict)
    rates_bp: dict[str, int] = field(default_factory=dict)  # by tax code, in basis points
    controls: Controls = Controls()
    products: dict[str, str] = field(default_factory=dict)


def masters_from(settings: CompanySettings, used: CompanyMasters | None = None) -> CompanyMasters:
    """All that a company's settings and all its mapping blocks name, so that whatever they stage can be imported.

    ``used`` is what was posted to before, and is there though the settings forgot it. Articles and customers that are
    said not to be in Sage are left out, since their records are imported first. A tax code whose rate changed has the
    newest one: Sage keeps one rate a code.
    """
    accounts = settings.company.accounts
    controls = Controls(sales_tax=accounts.sales_tax)
    names = {
        controls.debtors: "Debtors control",
        controls.creditors: "Creditors control",
        controls.sales_tax: "Sales tax control",
        controls.purchase_tax: "Purchase tax control",
        accounts.till_control: "Till control",
        accounts.over_short: "Over and short",
        accounts.rounding: "Cash rounding",
        accounts.voucher_liability: "Gift cards not yet redeemed",
    }
    banks = {accounts.till_control}
    customers = {accounts.takings_customer: "Takings"}
    customers |= {
        store.takings_customer: f"Takings {store.name}" for store in settings.stores if store.takings_customer
    }
    rates = {ZERO_RATED: 0, OFF_THE_RETURN: 0}
    purposes: dict[str, set[str]] = defaultdict(set)
    for block in settings.mappings:
        for code, target in (block.categories | block.skus | block.movements | block.tenders).items():
            purposes[target].add(code)
        banks |= {target for target in block.tenders.values() if target.isdigit()}
        customers = {account: f"Customer {code}" for code, account in block.customers.items()} | customers
        rates |= {tax.code: tax.rate_bp for tax in block.tax_classes.values()}
    names = {target: ", ".join(sorted(codes))[:60] for target, codes in purposes.items() if target.isdigit()} | names
    brought = {customer.account for customer in settings.customers or () if customer.in_sage == "no"}
    customers = {account: name for account, name in customers.items() if account not in brought}
    departments = {0: "Default"} | {store.department: store.name for store in settings.stores}
    products = {a.sku: a.description for a in settings.articles or () if a.in_sage != "no" and _is_stock_code(a.sku)}
    suppliers = {a.supplier: f"Supplier of {a.sku}" for a in settings.articles or () if a.supplier}
    used = used or CompanyMasters()
    return CompanyMasters(
        nominals=used.nominals | names,
        banks=used.banks | banks,
        customers=used.customers | customers,
        suppliers=suppliers,
        departments=used.departments | departments,
        rates_bp=used.rates_bp | rates,
        controls=controls,
        products=products,
    )


def _is_stock_code(sku: str) -> bool:
    """Whether a product record can have it (2.3)."""
    return len(sku) <= 30 and " " not in sku


def write_masters(connection: Connection, masters: CompanyMasters) -> None:
    """Add what is not there yet; a tax code's rate is made the one that is said."""
    controls = masters.controls
    by_purpose = {
        "debtors": controls.debtors,
        "creditors": controls.creditors,
        "sales_tax": controls.sales_tax,
        "purchase_tax": controls.purchase_tax,
    }
    nominals = {code: purpose.replace("_", " ").capitalize() for purpose, code in by_purpose.items()} | masters.nominals
    for table, rows in (
        (CONTROLS, [{"PURPOSE": p, "NOMINAL_CODE": code} for p, code in by_purpose.items()]),
        (
            NOMINALS,
            [{"ACCOUNT_REF": c, "NAME": name, "IS_BANK": int(c in masters.banks)} for c, name in nominals.items()],
        ),
        (CUSTOMERS, [{"ACCOUNT_REF": c, "NAME": name} for c, name in masters.customers.items()]),
        (SUPPLIERS, [{"ACCOUNT_REF": c, "NAME": name} for c, name in masters.suppliers.items()]),
        (PRODUCTS, [{"STOCK_CODE": c, "DESCRIPTION": n, "TAX_CODE": ZERO_RATED} for c, n in masters.products.items()]),
        (DEPARTMENTS, [{"NUMBER": number, "NAME": name} for number, name in masters.departments.items()]),
    ):
        if rows:
            connection.execute(insert(table).on_conflict_do_nothing(), rows)
    rates = [{"CODE": code, "RATE": rate} for code, rate in masters.rates_bp.items()]
    if rates:
        said = insert(TAX_CODES)
        connection.execute(
            said.on_conflict_do_update(index_elements=["CODE"], set_={"RATE": said.excluded["RATE"]}), rates
        )


def read_masters(connection: Connection) -> CompanyMasters:
    """What exists in the company now; an inactive nominal doesn't."""
    nominals = connection.execute(select(NOMINALS).where(NOMINALS.c.INACTIVE_FLAG == 0)).all()
    controls = {row.PURPOSE: row.NOMINAL_CODE for row in connection.execute(select(CONTROLS))}
    return CompanyMasters(
        nominals={row.ACCOUNT_REF: row.NAME for row in nominals},
        banks=frozenset(row.ACCOUNT_REF for row in nominals if row.IS_BANK),
        customers={row.ACCOUNT_REF: row.NAME for row in connection.execute(select(CUSTOMERS))},
        suppliers={row.ACCOUNT_REF: row.NAME for row in connection.execute(select(SUPPLIERS))},
        departments={row.NUMBER: row.NAME for row in connection.execute(select(DEPARTMENTS))},
        rates_bp={row.CODE: row.RATE for row in connection.execute(select(TAX_CODES))},
        controls=Controls(**controls),
    )
