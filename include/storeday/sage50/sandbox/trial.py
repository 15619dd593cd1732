"""A trial: whole batches imported into a fresh company of the stand-in Sage, and what its books say in the end.

Unlike a rehearsal (rehearsal.py) it takes all files of a batch, stock and records with them, and looks at the company
as a whole. Source: docs/cutover.md, "Acceptance".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from storeday.config.settings import CompanySettings
from storeday.model.storage import MANIFEST
from storeday.sage50.sandbox import exports
from storeday.sage50.sandbox.batch_files import Kind, import_file, rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.masters import CompanyMasters, Controls, masters_from

_SHEET: Final = "sheet.html"


@dataclass(frozen=True)
class TriedFile:
    """One file of a batch and what its import came to."""

    batch: str
    name: str
    taken: int  # rows
    refused: tuple[str, ...]  # in words, with the line


@dataclass(frozen=True)
class Trial:
    """The company's books after all imports, in minor units and hundredths; what is at nothing is left out."""

    files: tuple[TriedFile, ...]
    nominals: dict[str, int]  # a debit is positive
    customers: dict[str, int]  # what each owes
    boxes: dict[int, int]  # of the VAT return
    stock: dict[str, int]

    @property
    def refused(self) -> list[str]:
        """Every refusal, with batch, file and line."""
        return [f"batch {file.batch}, {file.name}: {reason}" for file in self.files for reason in file.refused]


def try_out(
    settings: CompanySettings,
    batches: Iterable[tuple[str, list[str], dict[str, bytes]]],
    *,
    customers: Iterable[str] = (),
    products: Iterable[str] = (),
) -> Trial:
    """Import batches one after the other, as a bookkeeper would.

    Each batch is its id, the names of its transaction files in their order, and its files by name. ``customers`` and
    ``products`` are in Sage beside what the settings name: earlier batches brought them.
    """
    sandbox = Sandbox.in_memory(masters_from(settings))
    known = CompanyMasters(
        customers=dict.fromkeys(customers, "Brought by a batch"),
        products=dict.fromkeys(products, "Moved before"),
        controls=Controls(sales_tax=settings.company.accounts.sales_tax),
    )
    sandbox.add_masters(known)
    rules = rules_of(settings.company)
    tried = []
    for batch, transactions, files in batches:
        for kind, name in _in_order(transactions, files):
            done = import_file(sandbox, kind, files[name], rules)
            tried.append(TriedFile(batch, name, done.taken, tuple(str(refusal) for refusal in done.refused)))
    with sandbox.reading() as connection:
        boxes: Counter[int] = Counter()
        for (box, _), minor in exports.vat_boxes(connection).items():
            boxes[box] += minor
        return Trial(
            files=tuple(tried),
            nominals={each.code: each.minor for each in exports.nominals(connection) if each.minor},
            customers={each.code: each.minor for each in exports.customers(connection) if each.minor},
            boxes={box: minor for box, minor in sorted(boxes.items()) if minor},
            stock={each.code: each.minor for each in exports.stock(connection) if each.minor},
        )


def _in_order(transactions: list[str], files: dict[str, bytes]) -> list[tuple[Kind, str]]:
    """The files to import: records first, then transactions in the order of the manifest, then stock."""
    beside = sorted(set(files) - {*transactions, MANIFEST, _SHEET})
    return [
        (kind, name)
        for kind in Kind
        for name in (transactions if kind is Kind.TRANSACTIONS else beside)
        if name.startswith(kind.value)
    ]
