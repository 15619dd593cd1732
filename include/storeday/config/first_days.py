"""What a store's first days after its cutover are held to beyond the checks of every day."""

from __future__ import annotations

from pydantic import Field

from storeday.config.strict import Strict


class FirstDays(Strict):
    """Bounds of the extra checks; what is beyond them is worth a look and holds nothing."""

    gross_within_percent: int = Field(default=40, ge=1, le=1000)  # of the mean of the same weekday
    weeks: int = Field(default=4, ge=1, le=26)  # how many of that weekday the mean is of, at most
