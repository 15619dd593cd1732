"""The feed `poslog-xstore`: POSLog as Oracle Xstore writes it, with its dtv flags.

Source: pos-formats.md, Oracle Xstore (R4, R5). What is not known of it: docs/feeds/poslog-xstore.md.
"""

from __future__ import annotations

from typing import Final

from storeday.feeds.poslog.dialect import ARTS, NO_CATEGORY, RETAIL, VOIDED, Dialect, Goods, Payment, Receipt, item
from storeday.feeds.poslog.feed import Poslog
from storeday.feeds.xml_rows import First, Said
from storeday.model.guarantees import Guarantees

_NO_MONEY: Final = (
    "NO_SALE SESSION_CONTROL TILL_CONTROL TENDER_CONTROL SYSTEM_OPEN SYSTEM_CLOSE WORKSTATION_OPEN WORKSTATION_CLOSE "
    "TIMECLOCK INVENTORY_CONTROL EXCHANGE_RATE ACCOUNT_LOOKUP BALANCE_INQUIRY CREDIT_APPLICATION GNRIC"
).split()
_IS_CHANGE: Final = "@ChangeFlag='true' or @ChangeFlag='1' or @dtv:ChangeFlag='true' or @dtv:ChangeFlag='1'"
_IS_REFUND: Final = "@TypeCode='Refund' or @TypeCode='REFUND'"
_CODE: Final = First(("ix:TenderID", "@TenderType"))
_TAX: Final = "ix:Tax[not(@VoidFlag='true' or @dtv:VoidFlag='true')]"
_GOODS: Final = Goods(
    "Sale",
    item("ix:Sale", VOIDED),
    sku="ix:ItemID",
    category=First(
        ("ix:MerchandiseHierarchy[@Level='DEPARTMENT']", "ix:MerchandiseHierarchy[@Level='Department']", NO_CATEGORY)
    ),
    unit_price="ix:ActualSalesUnitPrice",  # discounts are in it, and so in ExtendedAmount
    tax_class=First((f"{_TAX}/dtv:TaxGroupId", Said("'NOTAX'"))),
    tax=f"{_TAX}/ix:Amount",
)


class PoslogXstore(Poslog):
    """POSLog of Xstore. No total of a receipt's tax is read: it is what its lines say."""

    name = "poslog-xstore"
    guarantees = Guarantees(z=False)
    dialect = Dialect(
        namespaces={"ix": ARTS, "dtv": "http://www.datavantagecorp.com/xstore/"},
        receipt=Receipt(
            tax=None,
            training=First(("@TrainingModeFlag", "@dtv:TrainingModeFlag")),
            cancelled=First(("@CancelFlag", "@dtv:CancelFlag")),
            original=Said("ix:RetailTransaction/ix:LineItem/ix:Return/ix:TransactionLink/ix:SequenceNumber"),
            what="@dtv:TransactionType",
            kinds={"RETAIL_SALE": RETAIL} | dict.fromkeys(_NO_MONEY, "no_sale"),
            counted=("", "Delivered"),
            uncounted=("dtv:CancelOrphaned", "Suspended"),
        ),
        goods=(_GOODS, _GOODS.of_returns("Return", item("ix:Return", VOIDED))),
        payments=(
            Payment("Tender", item(f"ix:Tender[not({_IS_CHANGE} or {_IS_REFUND})]", VOIDED), tender=_CODE),
            Payment(
                "Tender given out", item(f"ix:Tender[{_IS_CHANGE} or {_IS_REFUND}]", VOIDED), _CODE, sign="taken away"
            ),
        ),
        prices=None,
    )
