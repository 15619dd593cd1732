"""The feed `shopify`: Shopify's orders export, one row a line, an order's totals on its first row only.

Source: exports as public code reads them; docs/feeds/shopify.md says what is known and what not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from storeday.feeds.declared import (
    NONE,
    AddedTax,
    Constant,
    CurrencySetting,
    DeclaredFeed,
    ExportFile,
    FirstFilled,
    Is,
    LeftOut,
    Lines,
    Money,
    Not,
    NotZero,
    OffsetTime,
    OneOf,
    Quantity,
    Receipts,
    TaxProof,
    TaxSetting,
    Tenders,
    Text,
    Times,
    UndatedRefundsSetting,
    WorkedOut,
    extra,
)
from storeday.feeds.declared.rows import Rows
from storeday.model.guarantees import Guarantees
from storeday.model.sums import sum_by

ORDER = Text("Name")
FIRST_ROW = Not(Is("Total", ("",)))  # the one that says the order
TOTAL = Money("Total")
TAX = Money("Taxes")
PRICE, QUANTITY = Money("Lineitem price"), Quantity("Lineitem quantity")
LINE_DISCOUNT = Money("Lineitem discount", optional=True)
BESIDE_GOODS = Money("Shipping") + Money("Duties", optional=True)
SUBTOTAL, SAID_DISCOUNT = Money("Subtotal"), Money("Discount Amount")
ORDER_DISCOUNT = WorkedOut("order discount", reads=(SUBTOTAL, SAID_DISCOUNT))
NUMBERS = ("1", "2", "3", "4", "5")


class ShopifySettings(TaxSetting, CurrencySetting, UndatedRefundsSetting):
    """What Shopify's exports leave open: whether tax is in the prices, and what to do with refunds of no day."""


class Shopify(DeclaredFeed):
    """An order is a receipt of the day that it was paid; tax is told per order and rate, not per line."""

    name = "shopify"
    guarantees = Guarantees(line_arithmetic=False, tax_by_class=False, sequence=False, z=False)
    settings = ShopifySettings
    main = ExportFile("orders_export{slice}.csv", also={"Lineitem sku": ("Lineitem SKU",)})

    receipts = Receipts(
        receipt=ORDER,
        at=OffsetTime("Paid at"),
        kind=Constant("sale"),
        gross=TOTAL,
        tax=TAX,
        rows=FIRST_ROW,
        location=Text("Location", optional=True, empty=NONE),
        currency=Text("Currency"),
        is_void=Is("Financial Status", ("voided",)),
        left_out=(LeftOut(Is("Paid at", ("",)), "orders that are not paid"),),
    )
    lines = (
        Lines(
            receipt=ORDER,
            sku=FirstFilled((Text("Lineitem sku", required=False), Text("Lineitem name", empty=NONE, longest=500))),
            description=Text("Lineitem name", required=False, longest=500),
            category=Constant("GOODS"),
            quantity=QUANTITY,
            discount=LINE_DISCOUNT,
            gross=Times(PRICE, QUANTITY) - LINE_DISCOUNT,
            tax_class=OneOf("Lineitem taxable", {"true": "TAXABLE", "false": "NOTTAXABLE", "": "NOTTAXABLE"}),
            rows=Not(Is("Lineitem name", ("",))),
        ),
        extra("DISCOUNT", ORDER_DISCOUNT, ORDER),
        extra("SHIPPING", Money("Shipping"), ORDER, tax_class=Constant("SHIPPING")),
        extra("DUTIES", Money("Duties", optional=True), ORDER),
        *(
            Lines(
                receipt=ORDER,
                category=Constant("TAX"),
                gross=AddedTax(Money(f"Tax {number} Value", optional=True)),
                tax=Money(f"Tax {number} Value", optional=True),
                tax_class=Text(f"Tax {number} Name", optional=True, empty="UNKNOWN"),
                rows=NotZero(Money(f"Tax {number} Value", optional=True), FIRST_ROW),
            )
            for number in NUMBERS
        ),
    )
    tenders = (
        Tenders(
            receipt=ORDER,
            tender=Text("Payment Method", empty="UNKNOWN", renamed_by="tender_names"),
            amount=TOTAL - Money("Outstanding Balance", optional=True),
            rows=NotZero(TOTAL, FIRST_ROW),
        ),
    )
    tax_proof = TaxProof(total=TOTAL, net=SUBTOTAL + BESIDE_GOODS, tax=TAX)
    undated_refunds = Money("Refunded Amount")

    def prepared(self, rows: dict[str, Rows]) -> dict[str, Rows]:
        """With the discount of each whole order on its first row."""
        return {"": replace(rows[""], worked_out={ORDER_DISCOUNT.name: _order_discount(rows[""])})}


def _order_discount(rows: Rows) -> Any:
    """What an order's subtotal is below its lines, on its first row; 0 on the others.

    The export says a "Discount Amount" and does not say whether the discounts of lines and shipping are within
    it. So what counts is the part that the order's own total proves to be off the goods, where that is no more
    than the amount said; where the total proves nothing the amount said is taken, and what does not sum shows.
    """
    codes = np.asarray(ORDER.of(rows).indices)
    is_first = FIRST_ROW.of(rows)
    of_lines = sum_by(codes, (Times(PRICE, QUANTITY) - LINE_DISCOUNT).of(rows), int(codes.max(initial=-1)) + 1)[codes]
    subtotal, said = SUBTOTAL.of(rows), SAID_DISCOUNT.of(rows)
    gap = subtotal - of_lines
    adds_up = subtotal + BESIDE_GOODS.of(rows) + AddedTax(TAX).of(rows) == TOTAL.of(rows)
    return np.where(is_first, np.where(adds_up & (gap <= 0) & (-gap <= said), gap, -said), 0)
