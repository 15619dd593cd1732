"""What exactly a check found: the same text for the same findings, another one as soon as anything differs.

A person's decision carries it, so that it covers what the person saw and nothing that comes later.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import pandas as pd

from storeday.checks.duplicates import Once
from storeday.checks.suites import Finding
from storeday.model.decisions import Gap
from storeday.model.store_day import Ends
from storeday.model.tables import Tables

_KEYS: Final = ("kind", "code", "till", "z", "total", "sha256")
"""Columns of frames that name what a row is about."""

_LINE: Final = {"tax": "first_line", "tax_bias": "first"}
"""Where a frame's rows stand in the lines, beside the frame ``lines`` itself."""

_GAPS: Final = {"missing_receipts": ("receipt", "gaps"), "missing_z": ("Z", "gaps_z")}


def about(finding: Finding, frame: pd.DataFrame, once: Once) -> tuple[Ends, tuple[str, ...]]:
    """How a finding can end, and what it is: its gaps, the files that contradict each other, or one digest."""
    ends = Ends(finding.meta.get("ends_by", Ends.RELEASE))
    if finding.is_warning or ends is Ends.CORRECTION:  # nothing to decide
        return Ends.CORRECTION, ()
    found = frame.iloc[list(finding.rows)]
    if ends is Ends.GAP:
        return ends, tuple(_gaps(found, *_GAPS[str(finding.column)]))
    if ends is Ends.VERSION:
        sides = once.sides if finding.frame == "receipts" else _sides_of_closes(found, once.tables)
        return (ends, sides) if len(sides) > 1 else (Ends.CORRECTION, ())  # a file that contradicts itself
    return ends, (_digest(finding, found, once.tables),)


def _gaps(found: pd.DataFrame, counter: str, ranges: str) -> list[str]:
    return [
        str(Gap(str(till), counter, *numbers.split("-")))
        for till, text in zip(found["till"], found[ranges], strict=True)
        for numbers in str(text).split(", ")
    ]


def _sides_of_closes(found: pd.DataFrame, tables: Tables) -> tuple[str, ...]:
    """The files with a row of the Zs that state two things."""
    said = [table.select(["till", "z", "file"]).to_pandas().astype("str") for table in (tables.z, tables.ztenders)]
    theirs = pd.concat(said).merge(found[["till", "z"]].drop_duplicates(), on=["till", "z"])
    return tuple(sorted(theirs["file"].unique()))


def _digest(finding: Finding, found: pd.DataFrame, tables: Tables) -> str:
    said = found[[name for name in (*_KEYS, finding.column) if name in found]].astype("str").reset_index(drop=True)
    if finding.frame == "receipts":
        said = said.join(_of_receipts(tables, found.index.to_numpy(dtype="int64")))
    elif finding.frame == "lines" or finding.frame in _LINE:
        place = found[_LINE[finding.frame]] if finding.frame in _LINE else found.index
        lines = tables.lines.take(place.to_numpy(dtype="int64"))
        said["line"] = lines.column("line").to_pandas().astype("str")
        said = said.join(_of_receipts(tables, lines.column("receipt_row").to_numpy()))
    text = said.sort_values(said.columns.tolist()).to_csv(index=False) if said.size else f"of {finding.of}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _of_receipts(tables: Tables, rows: Any) -> pd.DataFrame:
    named = tables.receipts.select(["till", "receipt", "gross_minor"]).take(rows)
    said: pd.DataFrame = named.rename_columns(["of_till", "of_receipt", "of_gross"]).to_pandas().astype("str")
    return said
