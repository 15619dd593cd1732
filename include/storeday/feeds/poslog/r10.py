"""The feed `poslog-r10`: POSLog 6.0.1 as Retalix R10 (now NCR) writes it.

Source: pos-formats.md, POSLog dialects, Retalix R10 6.0.1. What is not known of it: docs/feeds/poslog-r10.md.
"""

from __future__ import annotations

from typing import Final

from storeday.feeds.poslog.dialect import (
    ARTS,
    GRAND_TOTAL,
    NO_CATEGORY,
    VOIDED,
    Dialect,
    Goods,
    Payment,
    Receipt,
    change_in,
    item,
    refunded,
)
from storeday.feeds.poslog.feed import Poslog
from storeday.feeds.xml_rows import First, Said
from storeday.model.guarantees import Guarantees

_CODE: Final = First(("r10Ex:TenderDescription[../@TenderType!='Cash']", "@TenderType"))
_GOODS: Final = Goods(
    "Sale",
    item("ix:Sale", VOIDED),
    sku=First(("ix:POSIdentity/ix:POSItemID", "ix:ItemID")),
    description="ix:Description[not(@TypeCode)]",
    category=First(("ix:MerchandiseHierarchy[@ID='Merchandise']", NO_CATEGORY)),
    quantity=First(("ix:Quantity[@UnitOfMeasureCode='EA']", "ix:Quantity")),  # a packet has its weight beside it
    tax_class=First(("ix:Tax/@r10Ex:Imposition", "ix:Tax/ix:TaxRuleID", Said("'NOTAX'"))),
    discount="ix:ExtendedDiscountAmount",
    tax="ix:Tax/ix:Amount",
)


class PoslogR10(Poslog):
    """POSLog of Retalix R10. Only single sales have been seen: whether numbers run without a gap is not known."""

    name = "poslog-r10"
    guarantees = Guarantees(sequence=False, z=False)
    dialect = Dialect(
        namespaces={"ix": ARTS, "r10Ex": "http://www.Retalix.com/Extensions"},
        receipt=Receipt(
            store="ix:BusinessUnit/ix:UnitID",
            clock="wall",
            currency=f"{GRAND_TOTAL}/@CurrencyCode",
            tax="ix:RetailTransaction/ix:Total[@TotalType='X:TransactionTaxIncluded']",
        ),
        goods=(_GOODS, _GOODS.of_returns("Return", item("ix:Return", VOIDED))),
        # The rounding of cash is written as a tender; it is none, and the store's cash_rounding allows for it.
        payments=(
            Payment("Tender", item("ix:Tender[not(@TypeCode='Refund')][@TenderType!='X:Rounding']"), tender=_CODE),
            refunded(_CODE),
            change_in("../@TenderType"),
        ),
        discounts="to_take_off",  # NetAmount = ExtendedAmount - ExtendedDiscountAmount
    )
