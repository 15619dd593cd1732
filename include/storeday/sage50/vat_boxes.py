"""What rows do to the VAT return, from the rows alone. Source: sage50-uk reference, 1.7 and 1.9.

row          tax code          effect
BR, SI       not T9            net to box 6, tax to box 1
SC           not T9            net out of box 6, tax out of box 1
BP           not T9            net to box 7, tax to box 4
JC on 2200   a journal's code  box 1;  JD on 2200: box 4
JC elsewhere a journal's code  box 6;  JD elsewhere: box 7
any          T9                none

A journal's codes are those that Sage says reach the return from journals, T0, T1 and T2, and what a company
has tried besides (``sage.journal_vat_codes`` of its settings).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from storeday.sage50.rows import Row

BOXES: Final = (1, 4, 6, 7)
_VAT_NOMINALS: Final = {"2200", "2201"}


def vat_boxes(rows: Iterable[Row], journal_codes: Collection[str]) -> dict[int, int]:
    """The effect of rows on boxes 1, 4, 6 and 7, in minor units."""
    boxes: Counter[int] = Counter(dict.fromkeys(BOXES, 0))
    for row in rows:
        if row.tax_code == "T9" or (row.type in {"JC", "JD"} and row.tax_code not in journal_codes):
            continue
        match row.type:
            case "BR" | "SI":
                boxes.update({6: row.net_minor, 1: row.tax_minor})
            case "SC":
                boxes.update({6: -row.net_minor, 1: -row.tax_minor})
            case "BP":
                boxes.update({7: row.net_minor, 4: row.tax_minor})
            case "JC":
                boxes.update({1 if row.nominal in _VAT_NOMINALS else 6: row.net_minor})
            case "JD":
                boxes.update({4 if row.nominal in _VAT_NOMINALS else 7: row.net_minor})
    return {box: boxes[box] for box in BOXES}


def till_control_of(rows: Iterable[Row], control: str) -> int:
    """What rows leave on the till control account, in minor units: 0 is the proof."""
    total = 0
    for row in rows:
        match row.type:
            case "BR" if row.account == control:
                total += row.gross_minor
            case "SA" if row.nominal == control:
                total += row.gross_minor
            case "SP" if row.nominal == control:
                total -= row.gross_minor
            case "JD" if row.nominal == control:
                total += row.net_minor
            case "JC" if row.nominal == control:
                total -= row.net_minor
    return total


def customer_balance_of(rows: Iterable[Row], customer: str) -> int:
    """What rows leave on a customer's account, in minor units; positive is owed by the customer."""
    charged = {"SI": 1, "SP": 1, "SC": -1, "SA": -1}
    return sum(charged[row.type] * row.gross_minor for row in rows if row.account == customer and row.type in charged)
