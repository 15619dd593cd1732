"""Running numbers and closes: is every receipt of every till here, and does its Z say the same?

Receipt numbers run without a gap within a till, from one day to the next, and may wrap at their width;
so do Z numbers. They begin anew where the store's settings say that the till was replaced or set back.
Numbers that a person accepted as missing are not missed. A Z counts the receipts since the last one.
Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.checks.gaps import Missing, Run, missing_numbers
from storeday.config.settings import Restart, Store
from storeday.model.coded import coded
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
    said: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for till, z, minor in _columns(tables.z, "till", "z", "gross_minor"):
        said[till, z, "gross"].append(minor)
    for till, z, tender, minor in _columns(tables.ztenders, "till", "z", "tender", "counted_minor"):
        said[till, z, tender].append(minor)
    rows = [(*total, len(minors), min(minors), max(minors)) for total, minors in sorted(said.items())]
    return pd.DataFrame(rows, columns=["till", "z", "total", "versions", "low_minor", "high_minor"])


def z_frame(tables: Tables) -> pd.DataFrame:
    """One row a Z: its gross, tax and count less those of the receipts since the last one."""
    names, of_receipt = coded(tables.receipts.column("till"))
    receipts = {name: of_receipt == number for number, name in enumerate(names)}
    closes, of_close = coded(tables.z.column("till"))
    numbers = tables.z.column("z").cast(pa.string()).to_pylist()
    parts: list[list[tuple[Any, ...]]] = []
    for till in sorted(till for till in closes if till is not None):
        mine = np.flatnonzero(of_close == closes.index(till))
        mine = mine[np.argsort(_at(tables.z)[mine], kind="stable")]
        found = _against_receipts(tables, mine, receipts.get(till))
        parts.append([(till, numbers[row], *figures) for row, figures in zip(mine.tolist(), found, strict=True)])
    columns = ["till", "z", "gross_gap_minor", "gross_minor", "tax_gap_minor", "tax_minor", "receipts_gap"]
    return pd.DataFrame([row for part in parts for row in part], columns=columns)


def _against_receipts(tables: Tables, closes: Ints, of_till: Any | None) -> list[tuple[int, ...]]:
    """What a till's Zs say, in the order of time, and how far it is from the receipts since the one before."""
    receipts = tables.receipts
    mine = np.flatnonzero(of_till) if of_till is not None else np.zeros(0, dtype=np.int64)
    mine = mine[np.argsort(_at(receipts)[mine], kind="stable")]
    ends = np.searchsorted(_at(receipts)[mine], _at(tables.z)[closes], side="right")
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    figures: list[Ints] = []
    for name in ("gross_minor", "tax_minor"):
        running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(receipts.column(name).to_numpy()[mine])))
        said = tables.z.column(name).to_numpy()[closes]
        figures += [said - (running[ends] - running[starts]), said]
    figures.append(tables.z.column("receipts").to_numpy()[closes] - (ends - starts))
    return list(zip(*(figure.tolist() for figure in figures), strict=True))


def _columns(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns, those alone that have a value in each."""
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return (row for row in rows if None not in row)


def _runs(table: pa.Table, number: str, is_running: bool) -> dict[str, Run]:
    """Each till's running numbers. Only their distinct texts are read as numbers, and none that do not run."""
    names, of_row = coded(table.column("till"))
    at = _at(table)
    written = table.column(number).combine_chunks()
    runs = {}
    for place, till in enumerate(names):
        mine = of_row == place
        if till is None or not mine.any():
            continue
        if not is_running:
            runs[till] = Run(_NONE.numbers, 0, at[mine])
            continue
        distinct = written.dictionary.take(written.indices.filter(pa.array(mine)).unique())
        widths = pc.utf8_length(distinct)
        runs[till] = Run(distinct.cast(pa.int64()).to_numpy(), int(pc.max(widths).as_py()), at[mine])
    return runs


def _at(table: pa.Table) -> Ints:
    at: Ints = table.column("at").cast(pa.int64()).to_numpy()
    return at


_NONE = Run(np.zeros(0, dtype=np.int64), 0, np.zeros(0, dtype=np.int64))
