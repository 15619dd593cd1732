"""The feed `square`: Square's transactions export joined with its items export.

Source: Square's dashboard exports as public code reads them; docs/feeds/square.md says what is known and what not.
"""

from __future__ import annotations

from storeday.feeds.declared import (
    NONE,
    AddedTax,
    Constant,
    DatesSetting,
    DeclaredFeed,
    ExportFile,
    FirstFilled,
    Is,
    Lines,
    LocalTime,
    Money,
    NamedZonesSetting,
    OneOf,
    Quantity,
    Receipts,
    Suffixed,
    TaxedOrNot,
    TaxProof,
    TaxSetting,
    Text,
    by_column,
    extra,
)
from storeday.model.guarantees import Guarantees

REFUNDED = Is("Event Type", ("Refund",))
PAYMENT = Suffixed(Text("Payment ID"), "-R", where=REFUNDED)  # a refund may be told under its payment's id
TAX = Money("Tax")
TIP = Money("Tip")
CATEGORY = Text("Category", empty=NONE)
BESIDE_SALES = Money("Gift Card Sales") + TIP + Money("Service Charges", optional=True) + Money("Partial Refunds")


class SquareSettings(TaxSetting, NamedZonesSetting, DatesSetting):
    """What Square's exports leave open: US exports add tax, AU ones include it; dates are the account's."""


class Square(DeclaredFeed):
    """Receipts and tenders of the transactions file, lines of the items file."""

    name = "square"
    guarantees = Guarantees(line_arithmetic=False, sequence=False, z=False)
    settings = SquareSettings
    main = ExportFile("transactions{slice}.csv", also={"Other Tender Type": ("Tender Type",)})
    companions = (ExportFile("items{slice}.csv", role="items"),)

    receipts = Receipts(
        receipt=PAYMENT,
        at=LocalTime("Date", "Time", zone="Time Zone"),
        kind=OneOf("Event Type", {"Payment": "sale", "Refund": "refund"}),
        gross=Money("Total Collected"),
        tax=TAX,
        till=Text("Device Name", empty="", renamed_by="till_names"),
        location=Text("Location", empty=NONE),
    )
    lines = (
        Lines(
            of="items",
            receipt=PAYMENT,
            sku=FirstFilled((Text("SKU", required=False), Text("Item", empty=NONE))),
            description=Text("Item", required=False, longest=500),
            category=CATEGORY,
            quantity=Quantity("Qty"),
            discount=-Money("Discounts"),
            gross=Money("Net Sales") + AddedTax(TAX),
            tax=TAX,
            tax_class=TaxedOrNot(TAX, CATEGORY),
        ),
        extra("GIFTCARD", Money("Gift Card Sales"), PAYMENT),
        extra("TIP", TIP, PAYMENT),
        extra("SERVICE CHARGE", Money("Service Charges", optional=True), PAYMENT),
        extra("PARTIAL REFUND", Money("Partial Refunds"), PAYMENT),
    )
    tenders = (
        by_column(Text("Card Brand", empty="CARD", renamed_by="tender_names"), Money("Card"), PAYMENT),
        by_column(Constant("CASH"), Money("Cash"), PAYMENT),
        by_column(Constant("GIFT"), Money("Square Gift Card"), PAYMENT),
        by_column(Constant("CASH APP"), Money("Cash App", optional=True), PAYMENT),
        by_column(Text("Other Tender Type", empty="OTHER", renamed_by="tender_names"), Money("Other Tender"), PAYMENT),
    )
    tax_proof = TaxProof(total=Money("Total Collected"), net=Money("Net Sales") + BESIDE_SALES, tax=TAX)
