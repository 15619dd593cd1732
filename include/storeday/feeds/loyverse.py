"""The feed `loyverse`: Loyverse's receipts export joined with its receipts-by-item export.

Source: exports as public code reads them; docs/feeds/loyverse.md says what is known and what not.
"""

from __future__ import annotations

from storeday.feeds.declared import (
    NONE,
    AddedTax,
    DatesSetting,
    DeclaredFeed,
    ExportFile,
    FirstFilled,
    Is,
    Lines,
    LocalTime,
    Money,
    OneOf,
    Quantity,
    Receipts,
    TaxedOrNot,
    TaxProof,
    TaxSetting,
    Tenders,
    Text,
    ZonedSetting,
)
from storeday.model.guarantees import Guarantees

RECEIPT = Text("Receipt number")
TAX = Money("Taxes")
TOTAL = Money("Total collected")
CATEGORY = Text("Category", empty=NONE)


class LoyverseSettings(TaxSetting, ZonedSetting, DatesSetting):
    """What Loyverse's exports leave open: the order of dates, their zone, and whether tax is in the prices."""


class Loyverse(DeclaredFeed):
    """Receipts and tenders of the receipts file, lines of the by-item file."""

    name = "loyverse"
    guarantees = Guarantees(line_arithmetic=False, sequence=False, z=False)
    settings = LoyverseSettings
    main = ExportFile("receipts{slice}.csv")
    companions = (ExportFile("receipts-by-item{slice}.csv", role="items", also={"Item": ("Item name",)}),)

    receipts = Receipts(
        receipt=RECEIPT,
        at=LocalTime("Date"),
        kind=OneOf("Receipt type", {"Sale": "sale", "Refund": "refund"}),
        gross=TOTAL,
        tax=TAX,
        till=Text("POS", empty="", renamed_by="till_names"),
        location=Text("Store", empty=NONE),
        is_void=Is("Status", ("Cancelled", "Canceled", "Voided")),
    )
    lines = (
        Lines(
            of="items",
            receipt=RECEIPT,
            sku=FirstFilled((Text("SKU", required=False), Text("Item", empty=NONE))),
            description=Text("Item", required=False, longest=500),
            category=CATEGORY,
            quantity=Quantity("Quantity"),
            discount=Money("Discounts"),
            gross=Money("Net sales") + AddedTax(TAX),
            tax=TAX,
            tax_class=TaxedOrNot(TAX, CATEGORY),
        ),
    )
    tenders = (Tenders(receipt=RECEIPT, tender=Text("Payment type", renamed_by="tender_names"), amount=TOTAL),)
    tax_proof = TaxProof(total=TOTAL, net=Money("Net sales"), tax=TAX)
