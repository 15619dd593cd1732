"""What no document says for sure of Sage 50 UK's import, each a setting with a safe default.

A fact that is tried in a real Sage 50 (docs/uat-checklist.md) and turns out otherwise is changed in the company's
settings, never in code. Safe means: where Sage may refuse, the sandbox refuses; where Sage may post twice, it does.
Source of every field: the section of the sage50-uk reference beside it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from storeday.config.strict import Strict

TaxCode = Annotated[str, StringConstraints(pattern=r"^T[0-9]{1,2}$")]
StockType = Literal["AI", "AO", "DI", "DO", "GI", "GO", "GR", "WO"]
Allowed = Literal["refuse", "accept"]
TextSize = Annotated[int, Field(ge=1, le=255)]

Rate = Annotated[Decimal, Field(ge=0, lt=100)]

RATES: Final[dict[str, dict[str, Decimal]]] = {
    "sage50-uk": {"T0": Decimal(0), "T1": Decimal(20), "T2": Decimal(0), "T5": Decimal(5), "T9": Decimal(0)},
    "sage50-ie": {"T0": Decimal(0), "T1": Decimal(23), "T2": Decimal(0), "T3": Decimal("13.5"), "T9": Decimal(0)},
}
"""What each edition's own tax codes stand for, in percent, as a new company has them; 1.7."""


class SageFacts(Strict):
    """How this company's version of Sage 50 takes files where the documents leave it open."""

    # The VAT return
    journal_vat_codes: tuple[TaxCode, ...] = ("T0", "T1", "T2")  # that journals carry to it; T5 unproven; 1.9
    bank_payment_vat: Literal["boxes_4_and_7", "lowers_1_and_6"] = "boxes_4_and_7"  # of BP, CP, VP; 1.5
    sales_credit_vat: Literal["lowers_1_and_6", "boxes_4_and_7"] = "lowers_1_and_6"  # of SC; 1.5, 3.2
    payment_tax: Allowed = "refuse"  # tax, or a code but T9, on SA, SP, PA and PR; 1.13 rule 6
    journal_tax: Literal["refuse", "ignore"] = "refuse"  # a tax amount on JD and JC, which is not VAT's line; 1.9
    tax_must_fit_rate: bool = False  # whether the tax is compared with net × rate; 1.6
    unlisted_tax_code: Allowed = "refuse"  # T0 to T99 that the company has not set up; 1.7
    tax_rates: dict[TaxCode, tuple[Rate, ...]] = Field(default_factory=dict)  # of codes that are not the edition's; 1.7

    # Amounts
    negative_amounts: Allowed = "refuse"  # accepted, they turn the row round; 1.5
    zero_net: Allowed = "refuse"  # a row of tax alone; 1.13 rule 10
    amount_separators: Allowed = "refuse"  # thousands, as in 1,234.56; 1.2
    empty_exchange_rate: Literal["refuse", "is_one"] = "refuse"  # 1.6

    # Journals and groups
    journal_balance: Literal["per_reference", "per_date", "per_file"] = "per_reference"  # and date; 1.9
    plain_import_takes_journals: bool = False  # the import that is not grouped; 7, question 1
    group_by_type: bool = True  # whether a header holds one type only; 1.8
    groups_must_stand_together: bool = True  # rows of a group that stand apart make two headers; 1.8

    # The whole file
    all_or_nothing: bool = True  # one bad row keeps all rows out; 1.10
    row_limit: Annotated[int, Field(ge=1)] | None = None  # of one file; none known; 1.10
    lock_date_on_import: Literal["post", "refuse"] = "refuse"  # rows on or before the lock date; 1.11
    duplicate_reference: Allowed = "accept"  # no block is documented, so a file that comes twice doubles; 1.11
    last_line_without_end: Allowed = "refuse"  # reported as dropped; 1.10
    utf8: Allowed = "refuse"  # letters outside ASCII; 1.10
    byte_order_mark: Allowed = "refuse"  # 7, question 4
    column_order: Literal["template", "by_name"] = "template"  # of a .csv with headings; 1.10
    more_columns: Literal["refuse", "ignore"] = "refuse"  # after the 15: P to R; 1.1

    # Texts and codes
    reference_size: TextSize = 30  # 8 in older versions; 1.1
    extra_reference_size: TextSize = 30  # 8 or 10 in older versions; 1.1
    long_text: Literal["refuse", "crop"] = "refuse"  # references, details, user name; 1.1
    account_spelling: Literal["exact", "crop"] = "exact"  # crop: upper case, no spaces, cut to 8; 1.2
    doubled_quotes: Allowed = "refuse"  # "" inside a quoted field; 1.2
    spaces_round_fields: Literal["refuse", "trim"] = "refuse"  # after a comma, say; 1.2
    control_nominals_on_bank_rows: Allowed = "refuse"  # 1100, 2100, 2200, 2201 as what was received for; 1.13 rule 5
    unlisted_department: Allowed = "refuse"  # 0 to 999 that the company has not named; 1.13 rule 7

    # Records and stock
    stock_quantity: Literal["positive", "signed"] = "positive"  # signed: a negative quantity turns the type round; 2.4
    stock_out_types: tuple[StockType, ...] = ("AO", "DO", "GO", "WO")  # that take stock out; 2.4
    stock_reference_size: TextSize = 8  # the database's column holds 30; 2.4
    blank_on_update: Literal["keep", "clear"] = "keep"  # a blank field of a customer or product that exists; 2.2

    def rates_of(self, tax_code: str, edition: str) -> tuple[Decimal, ...]:
        """The rates in percent that a tax code may carry; empty where nothing is known of it, so that any may be."""
        known = RATES[edition].get(tax_code)
        return self.tax_rates.get(tax_code, () if known is None else (known,))
