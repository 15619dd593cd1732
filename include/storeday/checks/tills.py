"""Running numbers and closes: is every receipt of every till here, and does its Z say the same?

Receipt numbers run without a gap within a till, from one day to the next, and may wrap at their width;
so do Z numbers. A Z counts the receipts since the last one. Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from storeday.config.settings import Store
from storeday.model.guarantees import Guarantees
from storeday.model.sums import Ints
from storeday.model.tables import Tables

LastNumbers = dict[str, tuple[str | None, str | None]]


def tills_frame(store: Store, guarantees: Guarantees, tables: Tables, last: LastNumbers) -> pd.DataFrame:
    """One row a till of the settings or the files: numbers missing, receipts after its last Z, heard or not."""
    receipts = tables.receipts.select(["till", "receipt", "at"]).to_pandas()
    closes = tables.z.select(["till", "z", "at"]).to_pandas()
    rows = []
    for till in sorted({*store.tills, *receipts["till"].astype("str"), *closes["till"].astype("str")}):
        mine, zs = receipts[receipts["till"] == till], closes[closes["till"] == till]
        last_receipt, last_z = last.get(till, (None, None))
        missing = _missing(mine["receipt"], last_receipt) if guarantees.sequence else _none()
        missing_z = _missing(zs["z"], last_z) if guarantees.z else _none()
        after = int((mine["at"] > zs["at"].max()).sum()) if len(zs) else len(mine)
        rows.append(
            {
                "till": till,
                "receipts": len(mine),
                "missing_receipts": len(missing),
                "missing_z": len(missing_z),
                "after_last_z": after if guarantees.z else 0,
                "silent": int(not len(mine) and not len(zs)),
                "first_missing": ", ".join(missing[:5]),
                "first_missing_z": ", ".join(missing_z[:5]),
            }
        )
    return pd.DataFrame(rows)


def z_frame(tables: Tables) -> pd.DataFrame:
    """One row a Z: its gross, tax and count less those of the receipts since the last one."""
    receipts = tables.receipts.select(["till", "at", "gross_minor", "tax_minor"]).to_pandas()
    closes = tables.z.select(["till", "z", "at", "gross_minor", "tax_minor", "receipts"]).to_pandas()
    parts = [
        _against_receipts(zs.sort_values("at"), receipts[receipts["till"] == till].sort_values("at"))
        for till, zs in closes.groupby("till", observed=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _against_receipts(closes: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
    ends = np.searchsorted(receipts["at"].to_numpy(), closes["at"].to_numpy(), side="right")
    starts = np.concatenate(([0], ends[:-1]))
    frame = pd.DataFrame({"till": closes["till"].astype("str").to_numpy(), "z": closes["z"].astype("str").to_numpy()})
    for name in ("gross_minor", "tax_minor"):
        running = np.concatenate(([0], np.cumsum(receipts[name].to_numpy())))
        frame[f"{name.removesuffix('_minor')}_gap_minor"] = closes[name].to_numpy() - (running[ends] - running[starts])
        frame[name] = closes[name].to_numpy()
    frame["receipts_gap"] = closes["receipts"].to_numpy() - (ends - starts)
    return frame


def _missing(numbers: Any, before: str | None) -> list[str]:
    """The running numbers that are not there, in order, from the one after ``before`` on."""
    written = pa.array(numbers.astype("str")).dictionary_encode().dictionary.to_pylist()
    if not written:
        return []
    width = len(written[0])
    wrap = 10**width
    here: Ints = np.unique(np.array([int(w) for w in written] + ([int(before)] if before else []), dtype=np.int64))
    if here[-1] - here[0] > wrap // 2:  # the counter went round: what is low came after what is high
        here = np.unique(np.where(here < wrap // 2, here + wrap, here))
    if here[-1] - here[0] + 1 == len(here):
        return []
    gone = np.setdiff1d(np.arange(here[0], here[-1] + 1), here)
    return [f"{number % wrap:0{width}d}" for number in gone.tolist()]


def _none() -> list[str]:
    return []
