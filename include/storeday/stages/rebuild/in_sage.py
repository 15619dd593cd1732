"""Batches held against what Sage gives out: every row that was delivered, found there by batch and reference."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import pandas as pd

from storeday.model.errors import StoredayError
from storeday.model.storage import MANIFEST, join, names_in, read_bytes
from storeday.sage50.rows import HEADER
from storeday.sage50.uk_file import USER
from storeday.stages.rebuild.batches import FoundBatch

_KEY: Final = [
    "Extra Reference", "Reference", "Type", "Account Reference", "Nominal A/C Ref", "Department Code", "Date",
    "Net Amount", "Tax Code", "Tax Amount",
]  # fmt: skip
"""What makes two rows the same; Details may have been edited in Sage."""


class ExportUnreadable(StoredayError):
    """A file that was to be Sage's export is none."""


@dataclass(frozen=True)
class InSage:
    """Delivered rows and those of Sage's export."""

    rows: int  # of ours that were delivered
    found: int  # of them in Sage
    missing: tuple[str, ...]  # batches with rows that are not there, in words


def held_against(found: list[FoundBatch], said: pd.DataFrame) -> InSage:
    """Every delivered row of takings against what read_export read."""
    delivered = [batch for batch in found if batch.is_delivered and batch.lines]
    ours = _counted(pd.concat([_rows_of(batch) for batch in delivered]) if delivered else read_export(b""))
    theirs = said[said["User Name"] == USER]
    both = ours.merge(_counted(theirs), how="left", on=_KEY, suffixes=("", "_in_sage")).fillna({"count_in_sage": 0})
    both["there"] = both[["count", "count_in_sage"]].min(axis=1).astype("int64")
    short = both[both["there"] < both["count"]].groupby("Extra Reference")
    missing = [f"batch {batch}: {int((p['count'] - p['there']).sum()):,} rows are not in Sage" for batch, p in short]
    return InSage(
        rows=int(both["count"].sum()),
        found=int(both["there"].sum()),
        missing=tuple(missing),
    )


def _rows_of(batch: FoundBatch) -> pd.DataFrame:
    names = [name for name in names_in(batch.folder) if name.startswith("transactions") and name != MANIFEST]
    return (
        pd.concat([read_export(read_bytes(join(batch.folder, name))) for name in names]) if names else read_export(b"")
    )


def read_export(content: bytes) -> pd.DataFrame:
    """Sage's Transaction CSV (Extended), of the 15 columns that a batch's file has as well, all text.

    Raises: ExportUnreadable naming the columns that are not there.
    """
    if not content:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in HEADER})
    try:
        table = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, encoding="latin-1")
    except ValueError as error:
        raise ExportUnreadable(f"Sage's export can't be read: {error}") from None
    if absent := [name for name in HEADER if name not in table.columns]:
        raise ExportUnreadable(
            f"Sage's export lacks the columns {', '.join(absent)}: it wants the report Transaction CSV (Extended)"
        )
    return table


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(_KEY, dropna=False, as_index=False).size().rename(columns={"size": "count"})
