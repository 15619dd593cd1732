"""Running numbers and closes: is every receipt of every till here, and does its Z say the same?

Receipt numbers run without a gap within a till, from one day to the next, and may wrap at their width;
so do Z numbers. They begin anew where the store's settings say that the till was replaced or set back.
Numbers that a person accepted as missing are not missed. A Z counts the receipts since the last one.
Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.checks.gaps import Missing, Run, missing_numbers
from storeday.config.settings import Restart, Store
from storeday.model.decisions import Gap
from storeday.model.guarantees import Guarantees
from storeday.model.sums import Ints
from storeday.model.tables import Tables

LastNumbers = dict[str, tuple[str | None, str | None]]


def tills_frame(
    store: Store,
    guarantees: Guarantees,
    tables: Tables,
    last: LastNumbers,
    restarts: dict[str, Restart],
    accepted: Sequence[Gap],
) -> pd.DataFrame:
    """One row a till of the settings or the files: numbers missing, receipts after its last Z, heard or not.

    ``restarts`` are the tills whose numbers begin anew on this day; ``accepted`` the gaps that a person accepted.
    """
    receipts, closes = _runs(tables.receipts, "receipt", guarantees.sequence), _runs(tables.z, "z", guarantees.z)
    rows = []
    for till in sorted({*store.tills, *receipts, *closes}):
        mine, zs = receipts.get(till, _NONE), closes.get(till, _NONE)
        last_receipt, last_z = last.get(till, (None, None))
        anew = restarts.get(till)
        gaps = _missing(till, "receipt", mine, last_receipt, anew.first_receipt if anew else None, accepted)
        gaps_z = _missing(till, "Z", zs, last_z, anew.first_z if anew else None, accepted)
        after = int((mine.at > zs.at.max()).sum()) if len(zs.at) else len(mine.at)
        rows.append(
            {
                "till": till,
                "receipts": len(mine.at),
                "missing_receipts": gaps.count if guarantees.sequence else 0,
                "missing_z": gaps_z.count if guarantees.z else 0,
                "after_last_z": after if guarantees.z else 0,
                "silent": int(not len(mine.at) and not len(zs.at)),
                "first_missing": gaps.first,
                "first_missing_z": gaps_z.first,
                "accepted": gaps.let_go + gaps_z.let_go,
                "gaps": gaps.ranges,
                "gaps_z": gaps_z.ranges,
            }
        )
    return pd.DataFrame(rows)


def _missing(
    till: str, counter: str, run: Run, before: str | None, anew: str | None, accepted: Sequence[Gap]
) -> Missing:
    mine = [gap for gap in accepted if gap.till == till and gap.counter == counter]
    return missing_numbers(run, before, anew, mine)


def closes_frame(tables: Tables) -> pd.DataFrame:
    """One row a total that a Z states (its gross, or a tender counted at it): how many different ones it states.

    Rows that say the same were dropped as duplicates before; two that don't can't both be banked.
    """
    totals = tables.z.select(["till", "z", "gross_minor"]).rename_columns(["till", "z", "amount_minor"]).to_pandas()
    counted = tables.ztenders.select(["till", "z", "tender", "counted_minor"])
    said = pd.concat(
        [totals.assign(total="gross"), counted.rename_columns(["till", "z", "total", "amount_minor"]).to_pandas()]
    ).astype({"till": "str", "z": "str", "total": "str"})
    frame: pd.DataFrame = said.groupby(["till", "z", "total"], as_index=False).agg(
        versions=("amount_minor", "size"), low_minor=("amount_minor", "min"), high_minor=("amount_minor", "max")
    )
    return frame


def z_frame(tables: Tables) -> pd.DataFrame:
    """One row a Z: its gross, tax and count less those of the receipts since the last one."""
    receipts, closes = _by_till(tables.receipts), _by_till(tables.z)
    parts = [_against_receipts(till, zs, receipts.get(till)) for till, zs in closes.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _against_receipts(till: str, closes: pa.Table, receipts: pa.Table | None) -> pd.DataFrame:
    closes = closes.sort_by("at")
    receipts = receipts.sort_by("at") if receipts is not None else None
    ends = np.searchsorted(_at(receipts), _at(closes), side="right") if receipts is not None else np.zeros(len(closes))
    ends = ends.astype(np.int64)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    frame = pd.DataFrame({"till": till, "z": closes.column("z").cast(pa.string()).to_pylist()})
    for name in ("gross_minor", "tax_minor"):
        carried = receipts.column(name).to_numpy() if receipts is not None else np.zeros(0, dtype=np.int64)
        running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(carried)))
        said = closes.column(name).to_numpy()
        frame[f"{name.removesuffix('_minor')}_gap_minor"] = said - (running[ends] - running[starts])
        frame[name] = said
    frame["receipts_gap"] = closes.column("receipts").to_numpy() - (ends - starts)
    return frame


def _by_till(table: pa.Table) -> dict[str, pa.Table]:
    tills = table.column("till").combine_chunks()
    found = sorted(tills.unique().to_pylist()) if len(tills) else []
    return {till: table.filter(pc.equal(tills, till)) for till in found}


def _runs(table: pa.Table, number: str, is_running: bool) -> dict[str, Run]:
    """Each till's running numbers. Only their distinct texts are read as numbers, and none that do not run."""
    runs = {}
    for till, mine in _by_till(table).items():
        if not is_running:
            runs[till] = Run(_NONE.numbers, 0, _at(mine))
            continue
        written = mine.column(number).combine_chunks()
        distinct = written.dictionary.take(written.indices.unique())
        widths = pc.utf8_length(distinct)
        numbers = distinct.cast(pa.int64()).to_numpy()
        runs[till] = Run(numbers, int(pc.max(widths).as_py()), _at(mine))
    return runs


def _at(table: pa.Table) -> Ints:
    at: Ints = table.column("at").cast(pa.int64()).to_numpy()
    return at


_NONE = Run(np.zeros(0, dtype=np.int64), 0, np.zeros(0, dtype=np.int64))
