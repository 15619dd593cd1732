"""Both sides joined: a row a store-day, reference, nominal, tax code and department, for the suites and for people.

Columns: store, trading_day, batch, reference, nominal, tax_code, department, ours_minor, sage_minor, difference_minor,
imports_off (how often more or less than it should its posting is in Sage). Amounts are gross; what a type takes away,
a credit, a payment or a journal's credit, is negative.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from storeday.reconcile.handed import Handed
from storeday.reconcile.rows import Counted
from storeday.sage50.readback.trail import Shows, Trail

_BY: Final = ["posting", "nominal", "tax_code", "department"]
_LOWERS: Final = ("JC", "SC", "SP")


def joined(handed: Handed, mine: pd.DataFrame, trail: Trail, counted: Counted) -> pd.DataFrame:
    """The joined table; tax code and department are blank where the export does not show them."""
    live = mine[~mine["is_deleted"].fillna(value=False).astype(bool)]
    sides = {"ours_minor": _sums(handed.rows, trail), "sage_minor": _sums(live, trail)}
    table = pd.concat(sides, axis=1).fillna(0).astype("int64").reset_index()
    place = table["posting"].to_numpy(dtype=np.int64)
    times = np.array([posting.imports for posting in handed.postings], np.int64)
    said = pd.DataFrame(
        [(p.store, p.trading_day, p.batch, p.reference) for p in handed.postings],
        columns=["store", "trading_day", "batch", "reference"],
    )
    table["ours_minor"] = table["ours_minor"] * times[place] if len(place) else table["ours_minor"]
    table["difference_minor"] = table["sage_minor"] - table["ours_minor"]
    table["imports_off"] = (counted.imports - times)[place] if len(place) else place
    return pd.concat([said.iloc[place].reset_index(drop=True), table.drop(columns="posting")], axis=1)


def _sums(rows: pd.DataFrame, trail: Trail) -> pd.Series:
    shown = {"tax_code": Shows.TAX_CODE, "department": Shows.DEPARTMENT}
    blank = {column: "" for column, what in shown.items() if what not in trail.shows}
    gross = (rows["net_minor"] + rows["tax_minor"]).to_numpy(dtype=np.int64)
    signed = np.where(rows["type"].isin(_LOWERS), -gross, gross)
    keyed = pd.DataFrame({column: rows[column].to_numpy() for column in _BY} | {"minor": signed}).assign(**blank)
    return keyed.groupby(_BY, dropna=False)["minor"].sum()
