"""The feed `poslog-newpos`: POSLog 6.0.0 as NewPOS writes it, Decathlon's till.

Source: pos-formats.md, POSLog dialects, NewPOS/Decathlon 6.0.0. What is not known of it: docs/feeds/poslog-newpos.md.
"""

from __future__ import annotations

from typing import Final

from storeday.feeds.poslog.dialect import (
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

_LEFT_OUT: Final = f"{VOIDED} or @CancelFlag='true' or @CancelFlag='1' or @DeleteFlag='true' or @DeleteFlag='1'"
_CODE: Final = First(("ix:ReasonCode[@Name='TenderID']/@Description", "@TenderType"))
_GOODS: Final = Goods(
    "Sale",
    item("ix:Sale", _LEFT_OUT),
    sku="ix:ItemID",
    category=First(("ix:MerchandiseHierarchy[@Level='Category']", NO_CATEGORY)),
    tax_class=First(("ix:Tax/ix:ReasonCode/@Name", Said("'NOTAX'"))),
    discount="ix:ExtendedDiscountAmount",
    tax="ix:Tax/ix:Amount",
)


class PoslogNewpos(Poslog):
    """POSLog of NewPOS. Only single sales have been seen: whether numbers run without a gap is not known."""

    name = "poslog-newpos"
    guarantees = Guarantees(sequence=False, z=False)
    dialect = Dialect(
        namespaces={"ix": "http://www.nrf-arts.org/IXRetail/v6.0.0/poslog"},
        receipt=Receipt(
            store="ix:BusinessUnit/ix:UnitID[@TypeCode='RetailStore']",  # the other unit is the country
            day=None,
            at="ix:POSLogDateTime[@TypeCode='Transaction']",
            clock="wall",  # a London shop writes +02:00 in June, and prints the same hour
            net="ix:RetailTransaction/ix:Total[@TotalType='TransactionNetAmount']",
            counted=("", "Finished"),
        ),
        goods=(_GOODS, _GOODS.of_returns("Return", item("ix:Return", _LEFT_OUT))),
        payments=(
            Payment("Tender", item("ix:Tender[not(@TypeCode='Refund')]"), tender=_CODE),
            refunded(_CODE),
            change_in(First(("../ix:ReasonCode[@Name='TenderID']/@Description", "../@TenderType"))),
        ),
    )
