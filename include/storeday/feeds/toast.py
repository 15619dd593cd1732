"""The feed `toast`: Toast's nightly export, item selections joined with payments, a folder a business day.

Source: Toast's field reference and exports as public code reads them; docs/feeds/toast.md says what is not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.declared import (
    NONE,
    All,
    BelowZero,
    Constant,
    Either,
    ExportFile,
    FineMoney,
    FirstFilled,
    GroupedFeed,
    Happened,
    Is,
    Lines,
    LocalTime,
    Money,
    Not,
    NotZero,
    OneOf,
    Quantity,
    Suffixed,
    TaxedOrNot,
    Tenders,
    Text,
    Where,
    WorkedOut,
    ZonedSetting,
    extra,
    rounded_together,
)
from storeday.feeds.declared.receipts import trading_days
from storeday.feeds.declared.rows import Rows
from storeday.model.guarantees import Guarantees

PAYMENTS: Final = "payments"
FORM: Final = "MM/DD/YYYY"
NOT_COUNTED: Final = ("VOIDED", "DENIED", "CANCELLED", "ERROR", "ERROR_NETWORK", "PROCESSING_VOID")

CHECK = Text("Check Id")
REFUNDED_CHECK = Suffixed(CHECK, "-R", where=NotZero(Money("Refund Amount") + Money("Refund Tip Amount")))
SOLD = Not(Is("Void?", ("true", "yes")))
IS_ADDED = Is("Tax Inclusion Option", ("Tax Not Included",))
HOW_TAXED = OneOf("Tax Inclusion Option", {"Tax Not Included": "added", "Tax Included": "included"})
TAX = WorkedOut("tax", reads=(FineMoney("Tax"), HOW_TAXED))
CATEGORY = Either(Is("Deferred", ("true", "yes")), Constant("DEFERRED"), Text("Sales Category", empty=NONE))

OF_THE_DAY = WorkedOut("of the day", reads=())  # 1 for payments of a check or of this business day
COUNTS = All((Is("Void Date", ("",)), Not(Is("Status", NOT_COUNTED))))
TAKEN = NotZero(OF_THE_DAY, COUNTS)
REFUND, REFUNDED_TIP = BelowZero(Money("Refund Amount")), BelowZero(Money("Refund Tip Amount"))
REFUNDED = NotZero(REFUND + REFUNDED_TIP)
TENDER = FirstFilled(
    (
        Text("Card Type", required=False, renamed_by="tender_names"),
        Text("Other Type", optional=True, renamed_by="tender_names"),
        Text("Type", renamed_by="tender_names"),
    )
)


class Toast(GroupedFeed):
    """A check is a receipt: the items sold on it, its tips and gratuities; and its refunds are one of their own."""

    name = "toast"
    guarantees = Guarantees(lines=False, line_arithmetic=False, sequence=False, z=False)
    settings = ZonedSetting
    kept_days = 7
    main = ExportFile("{slice}/ItemSelectionDetails.csv", also={"Discount": ("Discnt",)})
    companions = (ExportFile("{slice}/PaymentDetails.csv", role=PAYMENTS),)
    location = Text("Location", empty=NONE)

    happened = (
        Happened(receipt=CHECK, at=LocalTime("Order Date", form=FORM), kind=Constant("sale")),
        Happened(of=PAYMENTS, receipt=CHECK, at=LocalTime("Paid Date", form=FORM), kind=Constant("sale"), rows=TAKEN),
        Happened(
            of=PAYMENTS,
            receipt=REFUNDED_CHECK,
            at=LocalTime("Refund Date", form=FORM),
            kind=Constant("refund"),
            rows=REFUNDED,
            is_of_the_files_day=False,
        ),
    )
    lines = (
        Lines(
            receipt=CHECK,
            sku=FirstFilled((Text("SKU", required=False), Text("PLU", required=False), Text("Menu Item", empty=NONE))),
            description=Text("Menu Item", required=False, longest=500),
            category=CATEGORY,
            quantity=Quantity("Qty"),
            discount=Money("Discount"),
            gross=Money("Net Price") + Where(IS_ADDED, TAX),
            tax=TAX,
            tax_class=TaxedOrNot(TAX, CATEGORY),
            rows=SOLD,
        ),
        extra("TIP", Money("Tip"), CHECK, of=PAYMENTS, where=TAKEN),
        extra("GRATUITY", Money("Gratuity"), CHECK, of=PAYMENTS, where=TAKEN),
        extra("REFUND", REFUND, REFUNDED_CHECK, of=PAYMENTS),
        extra("TIP", REFUNDED_TIP, REFUNDED_CHECK, of=PAYMENTS),
    )
    tenders = (
        Tenders(of=PAYMENTS, receipt=CHECK, tender=TENDER, amount=Money("Total"), rows=TAKEN),
        Tenders(of=PAYMENTS, receipt=REFUNDED_CHECK, tender=TENDER, amount=REFUND + REFUNDED_TIP, rows=REFUNDED),
    )

    def prepared(self, rows: dict[str, Rows]) -> dict[str, Rows]:
        """With the tax of each item in pennies, and which payments are of this business day."""
        rows = super().prepared(rows)
        items, payments = rows[""], rows[PAYMENTS]
        return {
            "": replace(items, worked_out={TAX.name: _taxes(items)}),
            PAYMENTS: replace(payments, worked_out={OF_THE_DAY.name: self._of_the_day(items, payments)}),
        }

    def _of_the_day(self, items: Rows, payments: Rows) -> Any:
        """1 for a payment of a check of this slice, or paid on its business day; 0 for one that is here for its refund.

        A payment of another day that was given back on this one may stand in this day's file: its sale was
        posted on the day of its own.
        """
        in_slice = pc.is_in(CHECK.of(payments).cast(pa.string()), CHECK.of(items).dictionary)
        paid = trading_days(LocalTime("Paid Date", form=FORM).of(payments), payments)
        is_ours = in_slice.to_numpy(zero_copy_only=False) | (
            paid.to_numpy(zero_copy_only=False) == self.files_day({"": items})
        )
        others = ~is_ours & COUNTS.of(payments) & ~REFUNDED.of(payments)
        if others.any():
            raise payments.refuse(int(np.argmax(others)), "a payment of another day, for no check of this one.")
        return is_ours.astype(np.int64)


def _taxes(items: Rows) -> Any:
    """Each item's tax in pennies. The export has up to 8 decimals; a check's taxes sum to its tax, rounded half up.

    What proves the rounding is the check's payment: where it is another the tenders do not sum, and the day is held.
    """
    HOW_TAXED.of(items)  # refuses a third way
    sold = SOLD.of(items)
    fine = np.where(sold, FineMoney("Tax").of(items), 0)
    return rounded_together(fine, np.asarray(CHECK.of(items).indices))
