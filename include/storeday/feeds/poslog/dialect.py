"""The words in which a POSLog dialect is declared: where the elements are, and what their signs mean.

All paths are XPath. A receipt's start at the Transaction, an item's at the element that ``at`` leads to from
the Transaction. Paths in the defaults are those of the ARTS standard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final, Literal

from storeday.config.strict import Strict
from storeday.feeds.xml_rows import Column, Constant, Said

ARTS: Final = "http://www.nrf-arts.org/IXRetail/namespace/"

Sign = Literal["as written", "of the quantity", "taken away"]
"""What the sign of an amount is: the one that is written; that of the quantity beside it; minus, whatever is
written. A quantity has the sign of its amount but where it gives that sign itself."""

Clock = Literal["local", "wall", "offset"]
"""What a time is: local without a zone; local, and a zone behind it means nothing; exact, by the zone behind it."""

GRAND_TOTAL: Final = "ix:RetailTransaction/ix:Total[@TotalType='TransactionGrandAmount']"
TAX_TOTAL: Final = "ix:RetailTransaction/ix:Total[@TotalType='TransactionTaxAmount']"

SALE_OR_CONTROL: Final = Said(
    "concat(count(ix:RetailTransaction), ' RetailTransaction, ', count(ix:ControlTransaction), ' ControlTransaction')"
)
"""What a Transaction is, by the element in it."""

NO_CATEGORY: Final = Said("'(none)'")
"""The category of goods that have none, as in other feeds; it holds the day until a mapping knows it."""

NOTHING: Final = Constant("")
"""A column that is empty on every row."""

Discounts = Literal["taken_off", "to_take_off"]
"""Whether a line's amount is what is left after its discount, or what the discount is still to be taken off."""

Prices = Literal["with_tax", "without_tax"]
"""Whether a line's amount includes the tax on the line, or that comes on top."""

VOIDED: Final = "@VoidFlag='true' or @VoidFlag='1'"
"""Of a line item: it is crossed out."""

RETAIL: Final = "retail"
"""A kind of transaction that is a sale or a refund, by the sign of its total."""


def item(element: str, unless: str = "") -> str:
    """The path of line items that hold an element, but for those of which ``unless`` is true."""
    return f"ix:RetailTransaction/ix:LineItem{f'[not({unless})]' if unless else ''}/{element}"


class PoslogSettings(Strict):
    """What a store may say of its POSLog, where the dialect leaves it open or its tills differ."""

    clock: Literal["wall", "offset"] | None = None  # whether the zone behind a time means something
    discounts: Discounts | None = None
    prices: Prices | None = None
    counted_statuses: tuple[str, ...] = ()  # further values of TransactionStatus of sales that count


@dataclass(frozen=True)
class Receipt:
    """What a Transaction says of the receipt as a whole."""

    store: Column = "ix:RetailStoreID"
    till: Column = "ix:WorkstationID"
    receipt: Column = "ix:SequenceNumber"
    day: Column | None = "ix:BusinessDayDate"  # None: worked out from the time
    at: Column = "ix:EndDateTime"
    clock: Clock = "local"
    currency: Column = "ix:CurrencyCode"
    gross: Column = GRAND_TOTAL
    net: Column | None = None  # where it is told; it need not be what total and tax leave
    tax: Column | None = TAX_TOTAL  # None: what the lines say
    training: Column = "@TrainingModeFlag"
    cancelled: Column = "@CancelFlag"
    status: Column = "ix:RetailTransaction/@TransactionStatus"
    original: Column | None = None  # of a refund: the receipt that it returns goods of
    what: Column = SALE_OR_CONTROL
    kinds: Mapping[str, str] = field(
        default_factory=lambda: {
            "1 RetailTransaction, 0 ControlTransaction": RETAIL,
            "0 RetailTransaction, 1 ControlTransaction": "no_sale",
        }
    )
    counted: tuple[str, ...] = ("",)  # statuses of a sale that counts
    uncounted: tuple[str, ...] = ()  # statuses of one that carries no money; with any other one it is refused


@dataclass(frozen=True)
class Goods:
    """A kind of line: what was sold, returned or taken off."""

    name: str  # its element, for messages
    at: str
    sku: Column
    category: Column
    tax_class: Column
    amount: Column = "ix:ExtendedAmount"
    description: Column = "ix:Description"
    quantity: Column = "ix:Quantity"
    unit_price: Column = "ix:RegularSalesUnitPrice"
    discount: Column | None = None
    tax: Column | None = None
    line: Column = "../ix:SequenceNumber"
    sign: Sign = "as written"
    is_reward: bool = False  # the amount is a discount, and no goods are on the line
    is_tax: bool = False  # the amount is a tax of the whole receipt

    def of_returns(self, name: str, at: str) -> Goods:
        """The same of goods given back: elements of their own, whose amounts are taken away."""
        return replace(self, name=name, at=at, sign="taken away")


@dataclass(frozen=True)
class Payment:
    """A kind of payment, or of change."""

    name: str
    at: str
    tender: Column
    amount: Column = "ix:Amount"
    line: Column = "../ix:SequenceNumber"
    sign: Sign = "as written"


def refunded(tender: Column) -> Payment:
    """Tenders that give money back, whatever sign is written."""
    return Payment("refunding Tender", item("ix:Tender[@TypeCode='Refund']"), tender, sign="taken away")


def change_in(tender: Column) -> Payment:
    """Change that is told within the tender it is given on; ``tender`` is a path from there."""
    return Payment(
        "TenderChange in a Tender",
        item("ix:Tender/ix:TenderChange"),
        tender,
        line="../../ix:SequenceNumber",
        sign="taken away",
    )


@dataclass(frozen=True)
class Dialect:
    """A page: one vendor's POSLog."""

    namespaces: Mapping[str, str]  # ix is that of the POSLog itself
    goods: tuple[Goods, ...]
    payments: tuple[Payment, ...]
    receipt: Receipt = field(default_factory=Receipt)
    tax_told: Literal["by line", "by receipt"] = "by line"  # by receipt: a line TAX is made of each receipt's tax
    discounts: Discounts | None = None  # None: the store's settings must say it, once there is a discount
    prices: Prices | None = "with_tax"  # None: the store's settings must say it, once there is a tax

    def at_store(self, settings: PoslogSettings) -> Dialect:
        """The dialect as one store's settings say that it is meant there."""
        receipt = replace(
            self.receipt,
            clock=settings.clock or self.receipt.clock,
            counted=(*self.receipt.counted, *settings.counted_statuses),
        )
        return replace(
            self,
            receipt=receipt,
            discounts=settings.discounts or self.discounts,
            prices=settings.prices or self.prices,
        )


def columns_of(declared: Receipt | Goods | Payment) -> dict[str, Column]:
    """The columns that a declaration reads: its fields that are declared as one. None is a column that says nothing."""
    said = {each.name: getattr(declared, each.name) for each in fields(declared) if str(each.type).startswith("Column")}
    return {name: NOTHING if column is None else column for name, column in said.items()}
