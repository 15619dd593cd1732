"""The feed `poslog-roqqio`: POSLog 6.0.0 as roqqio's (Futura's) tills write it.

Source: pos-formats.md, POSLog dialects, roqqio/Futura 6.0.0. What is not known of it: docs/feeds/poslog-roqqio.md.
"""

from __future__ import annotations

from typing import Final

from storeday.feeds.poslog.dialect import ARTS, GRAND_TOTAL, Dialect, Goods, Payment, Receipt, change_in, item, refunded
from storeday.feeds.poslog.feed import Poslog
from storeday.feeds.xml_rows import First, Said
from storeday.model.guarantees import Guarantees

_CODE: Final = First(("fu:PaymentTypeDescription[../@TenderType!='Cash']", "@TenderType"))


class PoslogRoqqio(Poslog):
    """POSLog of roqqio. Tax is told per receipt, without a class or a rate; a close (Z) is not in the files."""

    name = "poslog-roqqio"
    guarantees = Guarantees(tax_by_class=False, z=False)
    dialect = Dialect(
        namespaces={"ix": ARTS, "fu": "http://www.futura4retail.com/pos/namespace/"},
        receipt=Receipt(
            store="ix:BusinessUnit/ix:UnitID",
            clock="offset",  # the end in UTC; POSLogDateTime says the same on the wall
            currency=f"{GRAND_TOTAL}/@CurrencyCode",
            net="ix:RetailTransaction/ix:Total[@TotalType='TransactionNetAmount']",
            original=Said("ix:RetailTransaction/ix:LineItem/ix:Sale/ix:TransactionLink/ix:SequenceNumber"),
        ),
        goods=(
            # A return is a Sale with a quantity below zero and an amount above it; its totals are below zero. A voided
            # line is not in the file at all.
            Goods(
                "Sale",
                item("ix:Sale"),
                sku="ix:ItemID",
                description="ix:ItemID/@Name",
                category=First(("fu:ProductGroup", "fu:LineType")),
                tax_class=First(("fu:ProductGroup", "fu:LineType")),
                discount="ix:ExtendedDiscountAmount",
                sign="of the quantity",
            ),
        ),
        payments=(
            Payment("Tender", item("ix:Tender[not(@TypeCode='Refund')]"), tender=_CODE),
            refunded(_CODE),
            # What was handed over less the change is what stays.
            Payment(
                "TenderChange",
                item("ix:TenderChange"),
                tender="ix:TenderChange/@TenderType",
                amount="ix:TenderChange/ix:Amount",
                sign="taken away",
            ),
            change_in("../@TenderType"),
        ),
        tax_told="by receipt",
    )
