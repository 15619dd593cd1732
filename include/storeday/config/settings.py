"""The settings: companies, stores, and the tolerances that a store-day is held to. Typed, frozen, strict.

What an unknown or mistyped key means is never guessed: every model refuses it. Nominal codes are text,
since leading zeros count (sage50-uk reference, 1.2).
"""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from storeday.config.alerts import Channel
from storeday.config.bank import BankSettings
from storeday.config.codes import Code, Minor, Nominal
from storeday.config.first_days import FirstDays
from storeday.config.mappings import AccountRef, Mapping, MappingBlock, TaxClass, in_force
from storeday.config.masters import Alias, Article, Customer
from storeday.config.opening import Opening
from storeday.config.readback import Readback
from storeday.config.running import Running
from storeday.config.sage_facts import SageFacts
from storeday.config.source import Source
from storeday.config.stock import StockSettings, Threshold
from storeday.config.strict import Strict
from storeday.config.uat import UatAnswers


def known_zone(name: str) -> str:
    """A name of the IANA list, as it is. Raises: ValueError for another."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone of the IANA list, say Europe/London") from None
    return name


Zone = Annotated[str, AfterValidator(known_zone)]


class TaxRounding(Strict):
    """How the store's tills round tax: at which level, and by which rule (docs/feeds/storeday-csv.md)."""

    level: Literal["line", "receipt", "z"] = "line"
    rule: Literal["half_up", "truncate_6_decimals"] = "half_up"


class Tolerances(Strict):
    """What may be off before a store-day is held. Money in the settings is written as money."""

    tax: Minor = 1  # the POS's tax against the rule, a unit of the rounding level
    tax_total: Minor = 0  # a receipt's tax against that of its lines: within it the rounding level says which counts
    cash_rounding: Minor = 0  # tenders against the receipt, where one of them is cash
    rounding_a_day: Minor = 100  # all cash rounding of a store-day together
    clock_minutes: int = Field(default=5, ge=0, le=24 * 60)
    burst_receipts: int = Field(default=3, ge=2)  # so many equal baskets, each within burst_seconds of the last
    burst_seconds: int = Field(default=10, ge=0, le=3600)


class Restart(Strict):
    """A till that was replaced or set back: its numbers begin anew on a trading day."""

    till: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,12}$")]
    day: date
    first_receipt: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")] = "1"
    first_z: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")] = "1"
    why: str | None = None


class Store(Strict):
    """One shop."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    timezone: Zone
    day_starts_at: time = time(4, 0)
    department: int = Field(ge=0, le=999)
    source: Source
    feed: str
    tills: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,12}$")], ...] = Field(min_length=1)
    pos_store_id: str | None = None  # the store's own number in the POS files, where it differs from the code
    slice_minutes: int = Field(default=60, ge=1, le=24 * 60)
    upload_grace_minutes: int = Field(default=30, ge=0)
    opening: Opening = Opening()
    cutover: date | None = (
        None  # the first trading day that counts in Sage from us; a month from then a person approves
    )
    retention_days: int | None = Field(default=None, ge=1)  # how long its server keeps a day's files; None: for ever
    takings_customer: AccountRef | None = None  # a cash customer of the store's own; None: the company's
    feed_settings: dict[str, Any] = Field(
        default_factory=dict
    )  # what the feed must know of its files; each feed says which keys it has
    cash_tenders: tuple[str, ...] = ("CASH",)
    rounding: TaxRounding = TaxRounding()
    tolerances: Tolerances = Tolerances()
    stock_threshold: Threshold | None = None  # None: the company's
    restarts: tuple[Restart, ...] = ()

    def restarts_on(self, day: date) -> dict[str, Restart]:
        """The tills whose numbers begin anew on a trading day."""
        return {restart.till: restart for restart in self.restarts if restart.day == day}

    @property
    def day_starts_minutes(self) -> int:
        """When a trading day starts, in minutes after local midnight."""
        return self.day_starts_at.hour * 60 + self.day_starts_at.minute


class Accounts(Strict):
    """The nominals and references of the company's own that postings need."""

    till_control: Nominal  # a bank nominal that ends at 0.00 each store-day
    takings_customer: AccountRef  # the cash customer of net refunds, or of all takings (profile takings_customer)
    over_short: Nominal
    rounding: Nominal
    voucher_liability: Nominal
    sales_tax: Nominal = "2200"


class Company(Strict):
    """One Sage 50 company and the way its takings are posted."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    edition: Literal["sage50-uk", "sage50-ie"]
    profile: Literal["bank_receipts", "takings_customer", "journal"]
    currency: Literal["GBP", "EUR"]
    environment: Literal["sandbox", "production"] = "sandbox"  # whether its batches are for the books (docs/cutover.md)
    timezone: Zone
    accounts: Accounts
    sage: SageFacts = SageFacts()  # what the company's own version of Sage turned out to do
    stock: StockSettings | None = None  # None: no stock is staged
    readback: Readback | None = None  # how its Sage is read back; None: by files that a person hands over
    lock_date: date | None = None  # nothing may be posted on or before it
    locked_days: Literal["hold", "first_open_day"] = "hold"
    delivery: Literal["automatic", "manual"] = "manual"
    approval: Literal["required", "none"] = "none"  # whether a person approves each batch before it is delivered
    approval_waits_minutes: int | None = Field(default=None, ge=1)  # how long a run waits for that; None: for ever
    first_days: FirstDays = FirstDays()  # what a store is held to after its cutover
    keyed_figures: str | None = None  # folder of what is keyed by hand until the cutover (docs/cutover.md)
    alerts: tuple[Channel, ...] = ()  # who is told of what, and how (docs/alerts.md)
    records: tuple[Literal["customers", "products"], ...] = ("customers",)  # that are written where Sage has none
    rows_a_file: int = Field(default=3_000, ge=1)  # of a file to import; more rows make more files
    first_day: date  # the first trading day that is ours

    @model_validator(mode="after")
    def _returns_come_in(self) -> Company:
        if self.stock and self.stock.returned in self.sage.stock_out_types:
            raise ValueError(f"stock.returned: {self.stock.returned} takes stock out, by sage.stock_out_types")
        return self

    def is_locked(self, day: date) -> bool:
        """Whether a trading day is closed in Sage and may not be posted on a later one either."""
        return self.lock_date is not None and day <= self.lock_date and self.locked_days == "hold"

    @property
    def nets_refunds(self) -> bool:
        """Whether refunds are taken off the same day's sales; a takings customer is credited with them instead."""
        return self.profile != "takings_customer"


class CompanySettings(Strict):
    """A company with its stores and its mappings."""

    company: Company
    stores: tuple[Store, ...]
    mappings: tuple[MappingBlock, ...]
    articles: tuple[Article, ...] | None = None  # None: the company keeps no list, any SKU passes
    aliases: tuple[Alias, ...] = ()
    customers: tuple[Customer, ...] | None = None  # None: no list, every account is taken to be in Sage
    bank: BankSettings | None = None  # None: no statement of a bank or acquirer is looked at
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # the header of each list, by its file
    uat: UatAnswers = UatAnswers()  # what was found in the real Sage

    @cached_property
    def skus(self) -> tuple[str, ...] | None:
        """The SKUs that are known; None where any passes."""
        return None if self.articles is None else tuple(article.sku for article in self.articles)

    def sku_names(self, store: str) -> dict[str, str]:
        """The SKU of each other code that a store's tills use; the store's own word goes before every store's."""
        of_all = {alias.code: alias.sku for alias in self.aliases if not alias.store}
        return of_all | {alias.code: alias.sku for alias in self.aliases if alias.store == store}

    def mapping_on(self, day: date) -> Mapping:
        """The mapping in force on a trading day. Raises: LookupError before the first block's valid_from."""
        return in_force(self.mappings, day)

    def in_parallel(self, store: str, day: date) -> bool:
        """Whether a store-day is before its store's cutover in production: compared, and not delivered."""
        cutover = self.cutovers.get(store)
        return self.company.environment == "production" and cutover is not None and day < cutover

    @cached_property
    def cutovers(self) -> dict[str, date | None]:
        """The cutover of each store."""
        return {each.code: each.cutover for each in self.stores}

    @property
    def tax_codes(self) -> frozenset[str]:
        """Every tax code of Sage's that a mapping leads to."""
        return frozenset(tax.code for block in self.mappings for tax in block.tax_classes.values())

    def tax_codes_on(self, day: date) -> dict[str, str]:
        """Sage's code of each tax class on a trading day; of one that is mapped later only, the first it will have."""
        ever = {name: tax.code for block in reversed(self.mappings) for name, tax in block.tax_classes.items()}
        return ever | {name: tax.code for name, tax in self.mapping_on(day).tax_classes.items()}

    def tax_history(self, day: date) -> dict[str, tuple[TaxClass, ...]]:
        """Tax code and rate of each tax class on a calendar date, and before them what they were, newest first."""
        history: dict[str, tuple[TaxClass, ...]] = {}
        for block in self.mappings:
            if block.valid_from <= day:
                for name, said in block.tax_classes.items():
                    known = history.get(name, ())
                    history[name] = (said, *(old for old in known if old != said))
        return history

    def rates_around(self, day: date) -> dict[str, frozenset[int]]:
        """Every rate, in basis points, that a tax code may carry in a trading day's rows: those that have been in
        force, and those of the calendar date on which the trading day ends."""
        rates: dict[str, set[int]] = {}
        for kinds in self.tax_history(day + timedelta(days=1)).values():
            for kind in kinds:
                rates.setdefault(kind.code, set()).add(kind.rate_bp)
        return {code: frozenset(found) for code, found in rates.items()}


class Settings(Strict):
    """All companies of one installation."""

    companies: tuple[CompanySettings, ...]
    running: Running = Running()

    def stores(self) -> list[Store]:
        """Every store of every company, in order of company and code."""
        return [store for company in self.companies for store in company.stores]

    def stores_expected(self, day: date) -> list[Store]:
        """The stores that trade on a day, in order of company and code."""
        return [
            store
            for company in self.companies
            if company.company.first_day <= day
            for store in company.stores
            if store.opening.is_open(day)
        ]

    def store(self, code: str) -> Store:
        """One store. Raises: LookupError naming the stores there are."""
        return self.company_of(code)[1]

    def company_of(self, store: str) -> tuple[CompanySettings, Store]:
        """A store with its company. Raises: LookupError naming the stores there are."""
        for company in self.companies:
            for found in company.stores:
                if found.code == store:
                    return company, found
        raise LookupError(f"no store {store!r} in the settings; there are {_listed(s.code for s in self.stores())}")

    def company(self, code: str) -> CompanySettings:
        """One company. Raises: LookupError naming the companies there are."""
        for company in self.companies:
            if company.company.code == code:
                return company
        raise LookupError(f"no company {code!r}; there are {_listed(c.company.code for c in self.companies)}")


def _listed(codes: Any) -> str:
    found = list(codes)
    return ", ".join(found[:12]) + (f" and {len(found) - 12} more" if len(found) > 12 else "") or "none"
