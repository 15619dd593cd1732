"""The feed `poslog-ncr`: POSLog as NCR's ACS 2.1 tills write it.

What the dialect means was found by sums that must come out on a real file of 42 sales and 9 control
records, in all of them:

- lines + detailed monetary rewards + tax = TransactionGrandAmount = sum of the tenders;
- GrossPositive + GrossNegative = the same total;
- goods and rewards flagged ``Tax1`` sum to the TaxableAmount of the tax with TaxID 1.

How it becomes canonical, and what is not known of it: docs/feeds/poslog-ncr.md.
"""

from __future__ import annotations

from typing import Final

from storeday.feeds.poslog.dialect import ARTS, Dialect, Goods, Payment, item
from storeday.feeds.poslog.feed import Poslog
from storeday.feeds.xml_rows import Constant, First, Joined, Said
from storeday.model.guarantees import Guarantees

_TAX_CLASS: Final = First(
    (
        Joined(
            "acs:Itemizers/@*[starts-with(name(), 'Tax')][number(substring(name(), 4)) >= 0][.='true' or .='1']",
            "concat('TAX', substring(name(), 4))",
        ),
        Said("'NOTAX'"),
    )
)


class PoslogNcr(Poslog):
    """POSLog of NCR ACS 2.1. Tax is told per receipt, not per line; a till's close (Z) is not in the files."""

    name = "poslog-ncr"
    guarantees = Guarantees(line_arithmetic=False, tax_by_class=False, z=False)
    has_marker = True
    dialect = Dialect(
        namespaces={"ix": ARTS, "acs": "http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1"},
        goods=(
            # A voided item stays, and comes again with a minus.
            Goods(
                "Sale",
                item("ix:Sale"),
                sku=First(("ix:ItemID", "ix:POSIdentity/ix:POSItemID")),
                category="ix:MerchandiseHierarchy[@Level='Department']",
                tax_class=_TAX_CLASS,
            ),
            # A reward on the whole receipt is told twice: item by item (detailedData), and as a sum without it.
            # Other categories than Monetary are counts, points and texts.
            Goods(
                "LoyaltyReward",
                item(
                    "ix:LoyaltyReward[acs:RewardCategory='Monetary'][@acs:detailedData='true' or @acs:detailedData='1']"
                ),
                sku=First(("acs:RewardBasis/acs:ItemID", Said("concat('PROMOTION ', ix:PromotionID)"))),
                description=Said("concat(acs:RewardType, ' promotion ', ix:PromotionID)"),
                category=Constant("REWARD"),
                tax_class=_TAX_CLASS,
                amount="acs:ExtendedRewardAmount",
                quantity=Constant("0"),
                unit_price=Constant("0"),
                is_reward=True,
            ),
            # Prices are without tax, so a receipt's tax is a line.
            Goods(
                "Tax",
                item("ix:Tax"),
                sku=Said("concat('TAX', @acs:TaxID)"),
                description="@acs:TaxDescription",
                category=Constant("TAX"),
                tax_class=Said("concat('TAX', @acs:TaxID)"),
                amount="ix:Amount",
                quantity=Constant("1"),
                unit_price=Constant("0"),
                is_tax=True,
            ),
        ),
        # Change and cashback are cash below zero; what is nested in a tender says the same again.
        payments=(
            Payment(
                "Tender",
                item("ix:Tender"),
                tender=First(("ix:CreditDebit/@acs:CreditDescription", "ix:CreditDebit/@CardType", "@TenderType")),
            ),
        ),
    )
