"""What a row books: the double entry, and what it does to the VAT return.

A debit is positive, as in AUDIT_JOURNAL. Sources: sage50-uk reference, 1.4 (types), 1.5 (a bank payment is a
purchase), 1.7 (tax codes), 1.9 (journals), 3.1 (control accounts).

type          debit              credit
BR, CR, VR    bank               nominal, sales tax
BP, CP, VP    nominal, purchase tax   bank
SI            debtors            nominal, sales tax
SC            nominal, sales tax debtors
SA            bank               debtors
SP            debtors            bank
PI            nominal, purchase tax   creditors
PC            creditors          nominal, purchase tax
PA            creditors          bank
PR            bank               creditors
JD; JC        nominal            -;  - and nominal
"""

from __future__ import annotations

from typing import Final, NamedTuple

from storeday.config.sage_facts import SageFacts
from storeday.sage50.sandbox.masters import OFF_THE_RETURN, CompanyMasters, Controls
from storeday.sage50.sandbox.trail_rows import JOURNALS, ON_ACCOUNT, PAYMENTS, RECEIPTS, TrailRow

_TO_EC: Final = "T4"  # goods to VAT-registered EC customers: box 8 as well
_FROM_EC: Final = frozenset({"T7", "T8"})  # purchases from there: box 9 as well
BOXES: Final = (1, 4, 6, 7, 8, 9)


class BoxEntry(NamedTuple):
    """What a row does to one box of the VAT return, in minor units."""

    box: int
    nominal: str
    minor: int


def double_entry(row: TrailRow, controls: Controls) -> list[tuple[str, int]]:
    """(nominal, minor units) of each leg; they sum to nothing but for one side of a journal."""
    net, tax, gross = row.net_minor, row.tax_minor, row.gross_minor
    match row.type:
        case "BR" | "CR" | "VR":
            legs = [(row.account, gross), (row.nominal, -net), (controls.sales_tax, -tax)]
        case "BP" | "CP" | "VP":
            legs = [(row.account, -gross), (row.nominal, net), (controls.purchase_tax, tax)]
        case "SI":
            legs = [(controls.debtors, gross), (row.nominal, -net), (controls.sales_tax, -tax)]
        case "SC":
            legs = [(controls.debtors, -gross), (row.nominal, net), (controls.sales_tax, tax)]
        case "SA":
            legs = [(controls.debtors, -gross), (row.nominal, gross)]
        case "SP":
            legs = [(controls.debtors, gross), (row.nominal, -gross)]
        case "PI":
            legs = [(controls.creditors, -gross), (row.nominal, net), (controls.purchase_tax, tax)]
        case "PC":
            legs = [(controls.creditors, gross), (row.nominal, -net), (controls.purchase_tax, -tax)]
        case "PA":
            legs = [(controls.creditors, gross), (row.nominal, -gross)]
        case "PR":
            legs = [(controls.creditors, -gross), (row.nominal, gross)]
        case "JD":
            legs = [(row.nominal, net)]
        case _:
            legs = [(row.nominal, -net)]
    return [leg for leg in legs if leg[1]]


def box_entries(row: TrailRow, masters: CompanyMasters, facts: SageFacts) -> list[BoxEntry]:
    """What the row does to the VAT return."""
    if row.tax_code == OFF_THE_RETURN or row.type in ON_ACCOUNT:
        return []
    entries = _of_journal(row, masters, facts) if row.type in JOURNALS else _of_trade(row, masters.controls, facts)
    return [entry for entry in entries if entry.minor]


def _of_trade(row: TrailRow, controls: Controls, facts: SageFacts) -> list[BoxEntry]:
    """Sales to boxes 6 and 1, purchases to 7 and 4; a credit takes them out again."""
    is_sale = row.type in RECEIPTS or row.type in {"SI", "SC"}
    sign = -1 if row.type in {"SC", "PC"} else 1
    if row.type == "SC" and facts.sales_credit_vat == "boxes_4_and_7":
        is_sale, sign = False, 1
    if row.type in PAYMENTS and facts.bank_payment_vat == "lowers_1_and_6":
        is_sale, sign = True, -1
    net_box, tax_box, tax_nominal = (6, 1, controls.sales_tax) if is_sale else (7, 4, controls.purchase_tax)
    entries = [
        BoxEntry(net_box, row.nominal, sign * row.net_minor),
        BoxEntry(tax_box, tax_nominal, sign * row.tax_minor),
    ]
    if is_sale and row.tax_code == _TO_EC:
        entries.append(BoxEntry(8, row.nominal, sign * row.net_minor))
    if not is_sale and row.tax_code in _FROM_EC:
        entries.append(BoxEntry(9, row.nominal, sign * row.net_minor))
    return entries


def _of_journal(row: TrailRow, masters: CompanyMasters, facts: SageFacts) -> list[BoxEntry]:
    """A journal never lowers a box: the opposite one goes up. Source: reference, 1.9."""
    is_credit = row.type == "JC"
    if row.nominal in masters.controls.tax:
        if row.tax_code in facts.journal_vat_codes and masters.rates_bp.get(row.tax_code):
            return [BoxEntry(1 if is_credit else 4, row.nominal, row.net_minor)]
        return []
    if row.tax_code == _TO_EC:
        return [BoxEntry(8, row.nominal, row.net_minor)]
    if row.tax_code in _FROM_EC:
        return [BoxEntry(9, row.nominal, row.net_minor)]
    if row.tax_code in facts.journal_vat_codes:
        return [BoxEntry(6 if is_credit else 7, row.nominal, row.net_minor)]
    return []
