"""Settings that every declared feed has; each feed adds what its own format leaves open.

What an export does not say is asked for here and never guessed: a setting without a default must be set.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from storeday.config.exports import Decimals, Encoding
from storeday.config.settings import Zone, known_zone
from storeday.config.strict import Strict

NONE = "(none)"
"""The word for a cell that is empty, in settings, mappings and canonical tables."""

Till = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,12}$")]
DateOrder = Literal["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY"]
"""How dates are written; a year may have two digits where it comes last."""


def _zone_or_offset(text: str) -> str:
    is_offset = len(text) == 6 and text[0] in "+-" and text[3] == ":" and (text[1:3] + text[4:]).isdigit()
    return text if is_offset else known_zone(text)


ZoneOrOffset = Annotated[str, AfterValidator(_zone_or_offset)]
"""A zone of the IANA list, or an offset such as -05:00."""


class FeedSettings(Strict):
    """What any store may say of its exports."""

    till: Till = "1"  # the till of every receipt, where the export names none
    till_names: dict[str, Till] = Field(default_factory=dict)  # a register's name in the export: the till's code
    tender_names: dict[str, str] = Field(
        default_factory=dict
    )  # a tender's name in the export: the code that mappings know
    tax_class_of: dict[str, str] = Field(
        default_factory=dict
    )  # a category: the tax class of its lines, where the export says none
    locations: tuple[str, ...] = ()  # names of this store in the export; without it pos_store_id or the code
    other_locations: tuple[str, ...] = ()  # names of other stores, whose rows are left out
    decimals: Decimals = "detect"
    encoding: Encoding = "detect"
    largest_mb: int = Field(default=512, ge=1, le=4_000)  # unpacked, a file


class TaxSetting(FeedSettings):
    """Of feeds whose prices come with or without tax, by country."""

    tax: Literal["included", "added"]  # whether prices and sales in the export include tax


class ZonedSetting(FeedSettings):
    """Of feeds whose times carry no zone."""

    timezone: Zone  # of the times in the export


class NamedZonesSetting(FeedSettings):
    """Of feeds whose times carry the name of a zone."""

    zones: dict[str, ZoneOrOffset]  # each name as the export writes it


class DatesSetting(FeedSettings):
    """Of feeds whose dates are written as the account's country has them."""

    dates: DateOrder


class CurrencySetting(FeedSettings):
    """Of feeds whose rows name a currency."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]  # of every row, say GBP


class UndatedRefundsSetting(FeedSettings):
    """Of feeds that tell how much of a receipt was given back, and not when."""

    undated_refunds: Literal["hold", "warn"]  # hold: its day waits until the category UNDATED REFUND is mapped


SAID_BY: Final = {
    "tax": TaxSetting,
    "timezone": ZonedSetting,
    "zones": NamedZonesSetting,
    "dates": DatesSetting,
    "currency": CurrencySetting,
    "undated_refunds": UndatedRefundsSetting,
}
"""Which class has the setting that words of a declaration need."""
