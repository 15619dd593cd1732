"""The proof of a store-day's rows, before any file: what they leave on the accounts, what they do to the VAT return.

Source: docs/postings.md, "Proofs of the rows".
"""

from __future__ import annotations

from dataclasses import dataclass

from storeday.model.errors import StoredayError
from storeday.model.money import money
from storeday.model.postings import Lines
from storeday.sage50.profiles import rows_of
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import StagedDay
from storeday.sage50.vat_boxes import BOXES, customer_balance_of, till_control_of, vat_boxes


class ProofFailed(StoredayError):
    """Rows that do not prove: nothing is written."""


@dataclass(frozen=True)
class ProvenDay:
    """The rows of one store-day, with what they prove."""

    staged: StagedDay
    rows: list[Row]
    boxes: dict[int, int]


def sales_of(lines: Lines) -> int:
    """The gross of posting lines' sales, in minor units."""
    return sum(amount.gross for key, amount in lines.items() if key.role.is_sale)


def prove_day(staged: StagedDay) -> ProvenDay:
    """A store-day's rows, once they are proven: till control account and takings customer at 0.00, VAT boxes as
    the tills' tax and net.

    Raises: ProofFailed saying which proof and by how much.
    """
    rows = rows_of(staged)
    control = till_control_of(rows, staged.company.accounts.till_control)
    if control:
        raise ProofFailed(f"the till control account would end at {money(control)}")
    if owed := customer_balance_of(rows, staged.takings_customer):
        raise ProofFailed(f"the takings customer {staged.takings_customer} would end at {money(owed)}")
    boxes, wanted = vat_boxes(rows, staged.company.sage.journal_vat_codes), _boxes_of(staged.lines)
    if boxes != wanted:
        said = ", ".join(f"box {b} {money(boxes[b])}, tills {money(wanted[b])}" for b in BOXES if boxes[b] != wanted[b])
        raise ProofFailed(f"the VAT boxes would not be the tills' tax and net: {said}{_way_out(staged)}")
    return ProvenDay(staged, rows, boxes)


def _way_out(staged: StagedDay) -> str:
    """What to do where journals can't move the boxes as they should (sage50-uk reference, 1.9)."""
    if staged.company.profile != "journal":
        return ""
    on_return = sorted({key.tax_code for key in staged.lines if key.role.is_sale and key.tax_code != "T9"})
    unproven = [code for code in on_return if code not in staged.company.sage.journal_vat_codes]
    way = "journals never lower a VAT box; use the profile bank_receipts or takings_customer for this company"
    if unproven:
        way += f", or try {', '.join(unproven)} on a journal in Sage and add it to sage.journal_vat_codes"
    return f". {way}"


def _boxes_of(lines: Lines) -> dict[int, int]:
    """What the tills' own figures ask of the VAT return."""
    sales = [amount for key, amount in lines.items() if key.role.is_sale and key.tax_code != "T9"]
    return {1: sum(a.tax for a in sales), 4: 0, 6: sum(a.net for a in sales), 7: 0}
