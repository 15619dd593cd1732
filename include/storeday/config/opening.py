"""When a store trades: which store-days are expected of it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from storeday.config.strict import Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Opening(Strict):
    """Days on which a store trades; every day where nothing is said."""

    first_day: date | None = None  # the store's first trading day; None: the company's
    last_day: date | None = None  # its last one, once it is shut for good
    closed_weekdays: tuple[Weekday, ...] = ()
    closed_days: tuple[date, ...] = ()  # holidays, refits
    open_days: tuple[date, ...] = ()  # open all the same: the Sunday before Christmas

    @model_validator(mode="after")
    def _says_one_thing(self) -> Opening:
        if both := sorted(set(self.closed_days) & set(self.open_days)):
            raise ValueError(f"{both[0].isoformat()} stands under closed_days and under open_days")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day.isoformat()} is before first_day {self.first_day.isoformat()}")
        return self

    def is_open(self, day: date) -> bool:
        """Whether the store trades on a day, so that its files are expected."""
        if (self.first_day and day < self.first_day) or (self.last_day and day > self.last_day):
            return False
        if day in self.open_days:
            return True
        return day not in self.closed_days and WEEK[day.weekday()] not in self.closed_weekdays
