"""Local times into UTC, for formats that write the clock on the wall and no offset."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from storeday.model.tables import UTC


def in_utc(wall: Any, timezone: str) -> pa.Array:
    """Local times in UTC: the first of an ambiguous hour, and forward out of a skipped one.

    ``wall`` is an Arrow array or a pandas Series of times without a zone; ``timezone`` an IANA name or an offset.
    """
    local = wall if isinstance(wall, pd.Series) else pd.Series(wall.cast(pa.timestamp("us")).to_numpy())
    is_first = np.ones(len(local), dtype=bool)
    moments = local.dt.tz_localize(timezone, ambiguous=is_first, nonexistent="shift_forward").dt.tz_convert("UTC")
    return pa.array(moments).cast(UTC)
