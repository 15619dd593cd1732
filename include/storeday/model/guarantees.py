"""What the files of a feed let us prove. A store's guarantees are shown beside its days."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True)
class Guarantees:
    """What is False here is not checked, and is shown as not checked."""

    lines: bool = True  # lines sum to their receipt
    line_arithmetic: bool = True  # quantity times unit price less discount is a line's gross
    tenders: bool = True  # tenders sum to their receipt
    tax_by_class: bool = True  # each line says its tax class and tax
    sequence: bool = True  # receipt numbers run without a gap within a till
    z: bool = True  # tills send totals at their close

    def given(self) -> tuple[str, ...]:
        """What the files prove, in words."""
        return tuple(_WORDS[field.name] for field in fields(self) if getattr(self, field.name))

    def not_given(self) -> tuple[str, ...]:
        """What the files cannot prove, in words.

        >>> Guarantees(z=False).not_given()
        ('that a till\'s close agrees with its receipts',)
        """
        return tuple(_WORDS[field.name] for field in fields(self) if not getattr(self, field.name))


_WORDS: Final = {
    "lines": "that lines sum to their receipt",
    "line_arithmetic": "that quantity times price is a line's amount",
    "tenders": "that tenders sum to their receipt",
    "tax_by_class": "the tax of each class",
    "sequence": "that no receipt is missing",
    "z": "that a till's close agrees with its receipts",
}
