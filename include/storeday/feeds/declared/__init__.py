"""Feeds that are declared: a page that says what an export's columns mean, and one reader for all of them.

``shape`` says what a feed declares, ``says`` and ``moments`` the words for what a row says, ``feed`` reads. How
to add one: docs/feeds/add-a-feed.md.
"""

from storeday.feeds.declared.feed import DeclaredFeed
from storeday.feeds.declared.moments import LocalTime, OffsetTime
from storeday.feeds.declared.says import (
    AddedTax,
    BySign,
    Constant,
    FirstFilled,
    Is,
    Money,
    Not,
    NotZero,
    OneOf,
    Quantity,
    Suffixed,
    TaxedOrNot,
    Text,
)
from storeday.feeds.declared.settings import (
    NONE,
    DatesSetting,
    FeedSettings,
    NamedZonesSetting,
    TaxSetting,
    ZonedSetting,
)
from storeday.feeds.declared.shape import ExportFile, LeftOut, Lines, Receipts, TaxProof, Tenders, by_column, extra

__all__ = [
    "NONE",
    "AddedTax",
    "BySign",
    "Constant",
    "DatesSetting",
    "DeclaredFeed",
    "ExportFile",
    "FeedSettings",
    "FirstFilled",
    "Is",
    "LeftOut",
    "Lines",
    "LocalTime",
    "Money",
    "NamedZonesSetting",
    "Not",
    "NotZero",
    "OffsetTime",
    "OneOf",
    "Quantity",
    "Receipts",
    "Suffixed",
    "TaxProof",
    "TaxSetting",
    "TaxedOrNot",
    "Tenders",
    "Text",
    "ZonedSetting",
    "by_column",
    "extra",
]
