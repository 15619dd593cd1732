"""A rehearsal: files imported into a throw-away copy of the stand-in Sage, to see what it refuses and what it books.

The copy is of the company's sandbox where there is one, so that a code that nobody made in Sage yet is found out; else
of a company with what the settings name. Source: docs/sandbox.md, "The rehearsal".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from storeday.config.settings import CompanySettings
from storeday.sage50.sandbox.batch_files import rules_of
from storeday.sage50.sandbox.company import Sandbox, sandbox_there
from storeday.sage50.sandbox.entries import next_number
from storeday.sage50.sandbox.file_text import Refusal
from storeday.sage50.sandbox.masters import CompanyMasters, Controls, masters_from, read_masters
from storeday.sage50.sandbox.records import import_customers
from storeday.sage50.sandbox.tables import JOURNAL, SPLITS, VAT
from storeday.sage50.sandbox.transactions import import_transactions

_REFERENCE: Final = 5  # of the 15 columns
_LAST: Final = 2**62


@dataclass(frozen=True)
class Rehearsal:
    """What came of it. Amounts are minor units, by the rows' reference; nothing was booked of a file with a refusal."""

    refused: tuple[Refusal, ...]
    boxes: dict[tuple[str, int], int]  # by reference and box of the VAT return
    nominals: dict[tuple[str, str], int]  # by reference and nominal; a debit is positive
    customers: dict[tuple[str, str], int]  # by reference and customer: what it owes more

    def refusals(self, references: Iterable[str]) -> list[str]:
        """Why rows of these references are refused: each reason once, in the order of the rows."""
        wanted = set(references)
        return list(dict.fromkeys(refusal.reason for refusal in self.refused if refusal.reference in wanted))

    def box(self, number: int, references: Iterable[str]) -> int:
        """What these references move a box by."""
        return sum(self.boxes.get((reference, number), 0) for reference in references)

    def nominal(self, code: str, references: Iterable[str]) -> int:
        """What these references leave on a nominal."""
        return sum(self.nominals.get((reference, code), 0) for reference in references)

    def customer(self, account: str, references: Iterable[str]) -> int:
        """What a customer owes more by these references."""
        return sum(self.customers.get((reference, account), 0) for reference in references)


def rehearse(
    files: Sequence[bytes],
    settings: CompanySettings,
    place: str | None = None,
    *,
    customers: bytes = b"",
    brought: Iterable[str] = (),
    used: CompanyMasters | None = None,
) -> Rehearsal:
    """Import a batch's transaction files, in their order, by the facts of the company's Sage.

    ``customers`` is the batch's file of new customers, which is imported first; ``brought`` are the accounts that
    earlier batches brought. ``place`` is where the company's sandbox may lie (config/places.py). Without one, ``used``
    is there as well as what the settings name: accounts and codes of earlier deliveries. What is wrong with a file as
    a whole is told of every reference in it.
    """
    there = sandbox_there(place) if place else None
    sandbox = there.copy() if there else Sandbox.in_memory(masters_from(settings, used))
    controls = Controls(sales_tax=settings.company.accounts.sales_tax)
    sandbox.add_masters(CompanyMasters(customers=dict.fromkeys(brought, "Brought by a batch"), controls=controls))
    refused = list(import_customers(sandbox, customers, settings.company.sage).refused) if customers else []
    with sandbox.reading() as connection:
        first = next_number(connection, SPLITS, "TRAN_NUMBER")
    for content in files:
        for refusal in import_transactions(sandbox, content, rules_of(settings.company)).refused:
            refused += [refusal] if refusal.reference else _of_all(content, refusal)
    with sandbox.reading() as connection:
        return _booked(connection, first, tuple(refused))


def _of_all(content: bytes, refusal: Refusal) -> list[Refusal]:
    rows = csv.reader(io.StringIO(content.decode("utf-8", "replace"), newline=""))
    references = dict.fromkeys(row[_REFERENCE] for row in rows if len(row) > _REFERENCE)
    return [refusal._replace(reference=reference) for reference in references]


def _booked(connection: Connection, first: int, refused: tuple[Refusal, ...]) -> Rehearsal:
    """What was booked from a transaction number on."""
    v, j = VAT.c, JOURNAL.c
    debtors = read_masters(connection).controls.debtors
    on_boxes = select(v.INV_REF, v.VAT_BOX, func.sum(v.AMOUNT)).where(v.TRAN_NUMBER.between(first, _LAST))
    on_nominals = select(j.INV_REF, j.NOMINAL_CODE, func.sum(j.AMOUNT)).where(j.TRAN_NUMBER.between(first, _LAST))
    on_customers = (
        select(j.INV_REF, j.ACCOUNT_REF, func.sum(j.AMOUNT))
        .where(j.TRAN_NUMBER.between(first, _LAST), j.NOMINAL_CODE.in_([debtors]), j.ACCOUNT_REF != "")
        .group_by(j.INV_REF, j.ACCOUNT_REF)
    )
    boxes = connection.execute(on_boxes.group_by(v.INV_REF, v.VAT_BOX))
    nominals = connection.execute(on_nominals.group_by(j.INV_REF, j.NOMINAL_CODE))
    customers = connection.execute(on_customers)
    return Rehearsal(
        refused=refused,
        boxes={(reference, box): minor for reference, box, minor in boxes},
        nominals={(reference, nominal): minor for reference, nominal, minor in nominals},
        customers={(reference, customer): minor for reference, customer, minor in customers},
    )
