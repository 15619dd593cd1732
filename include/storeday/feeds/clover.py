"""The feed `clover`: Clover's orders export, one row an order, without lines.

Source: exports as public code reads them; docs/feeds/clover.md says what is known and what not.
"""

from __future__ import annotations

from storeday.feeds.declared import (
    BelowZero,
    BySign,
    Constant,
    CurrencySetting,
    DeclaredFeed,
    ExportFile,
    Is,
    LeftOut,
    Lines,
    LocalTime,
    Money,
    NamedZonesSetting,
    NotZero,
    Receipts,
    TaxedOrNot,
    Text,
    UndatedRefundsSetting,
    by_column,
    extra,
)
from storeday.model.guarantees import Guarantees

ORDER = Text("Order ID")
TOTAL = Money("Order Total")
TAX = Money("Tax Amount")
TIP = Money("Tip")
RETURNED = BelowZero(Money("Manual Refunds Total"))  # of an order that is nothing but a refund


class CloverSettings(NamedZonesSetting, CurrencySetting, UndatedRefundsSetting):
    """What Clover's exports leave open: what EST means, and what to do with refunds of no day."""


class Clover(DeclaredFeed):
    """An order is a receipt of one line: the export has its total and its tax, not what was sold."""

    name = "clover"
    guarantees = Guarantees(lines=False, line_arithmetic=False, tax_by_class=False, sequence=False, z=False)
    settings = CloverSettings
    main = ExportFile("orders{slice}.csv")

    receipts = Receipts(
        receipt=ORDER,
        at=LocalTime("Order Date", form="DD-Mon-YYYY", zone="after"),
        kind=BySign(TOTAL + TIP + RETURNED),
        gross=TOTAL + TIP + RETURNED,
        tax=TAX,
        currency=Text("Currency"),
        left_out=(LeftOut(Is("Order Payment State", ("Open",)), "orders that are still open"),),
    )
    lines = (
        Lines(
            receipt=ORDER,
            category=Constant("SALES"),
            gross=TOTAL,
            tax=TAX,
            tax_class=TaxedOrNot(TAX),
            discount=Money("Discount"),
            rows=NotZero(TOTAL),
        ),
        extra("TIP", TIP, ORDER),
        extra("MANUAL REFUND", RETURNED, ORDER),
    )
    tenders = (
        by_column(
            Text("Tender", empty="UNKNOWN", renamed_by="tender_names"), Money("Payments Total") + TIP + RETURNED, ORDER
        ),
    )
    undated_refunds = Money("Refunds Total")
