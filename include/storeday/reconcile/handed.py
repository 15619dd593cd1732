"""What was handed over, as tables: the rows of delivered batches, each under its posting.

A posting is a store-day of a batch: all its rows carry one reference of their own (S01-261122, S01-261122-2), with -T
where they are off the VAT return. Source: docs/postings.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Posting:
    """A store-day of a delivered batch. Money in minor units; ``boxes`` is what it moves the VAT return by."""

    batch: str
    store: str
    trading_day: date
    reference: str
    posted_on: date
    sales_minor: int
    boxes: tuple[tuple[int, int], ...] = ()
    imports: int = 1  # how often it counts as imported: more than once where a person owned up to it
    was_confirmed: bool = False

    @property
    def key(self) -> tuple[str, date]:
        """The store-day."""
        return self.store, self.trading_day


@dataclass(frozen=True)
class Handed:
    """What was handed over of some days, and the names of all that ever was.

    ``rows`` are as a trail's (sage50/readback/trail.py) with ``posting``, the place in ``postings``. ``stock`` has
    batch, store, trading_day, type, code, date, reference, details and hundredths.
    """

    company: str
    first: date
    last: date
    postings: tuple[Posting, ...]
    rows: pd.DataFrame
    stock: pd.DataFrame
    known: frozenset[tuple[str, str]]  # reference and batch of every posting that was ever delivered
    stores: tuple[tuple[str, int], ...]  # code and department of the company's stores


def base_reference(references: pd.Series) -> pd.Series:
    """References without what rows off the VAT return have at their end."""
    return references.str.replace(r"-T$", "", regex=True)


def day_of_reference(reference: str) -> date | None:
    """The trading day that a reference names; None where its digits are no day.

    >>> day_of_reference("S01-261122-2"), day_of_reference("S01-269999")
    (datetime.date(2026, 11, 22), None)
    """
    try:
        return datetime.strptime(reference.split("-")[1], "%y%m%d").date()
    except (ValueError, IndexError):
        return None


def posting_of_each(handed: Handed, rows: pd.DataFrame) -> np.ndarray:
    """The posting of each of Sage's rows; -1 for a row that is none of these days'.

    By its reference; where a person changed that, by the batch in its Extra Reference and its department.
    """
    by_reference = {posting.reference: place for place, posting in enumerate(handed.postings)}
    found = base_reference(rows["reference"]).map(by_reference)
    departments = dict(handed.stores)
    by_batch = {f"{p.batch} {departments.get(p.store)}": place for place, p in enumerate(handed.postings)}
    said = rows["extra_reference"].fillna("") + " " + rows["department"].astype("string").fillna("")
    placed = found.astype("Float64").fillna(said.map(by_batch).astype("Float64")).fillna(-1)
    return placed.to_numpy(dtype=np.int64)
