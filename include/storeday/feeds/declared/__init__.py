"""Feeds that are declared: a page that says what an export's columns mean, and one reader for all of them.

``shape`` says what a feed declares, ``says`` and ``moments`` the words for what a row says, ``feed`` reads. How
to add one: docs/feeds/add-a-feed.md.
"""

from storeday.feeds.declared.feed import DeclaredFeed
from storeday.feeds.declared.grouped import GroupedFeed, Happened
from storeday.feeds.declared.moments import LocalTime, OffsetTime
from storeday.feeds.declared.says import All, Constant, Either, FirstFilled, Is, Not, OneOf, Suffixed, Text
from storeday.feeds.declared.settings import (
    NONE,
    CurrencySetting,
    DatesSetting,
    FeedSettings,
    NamedZonesSetting,
    TaxSetting,
    UndatedRefundsSetting,
    ZonedSetting,
)
from storeday.feeds.declared.shape import ExportFile, LeftOut, Lines, Receipts, TaxProof, Tenders, by_column, extra
from storeday.feeds.declared.sums import (
    AddedTax,
    BelowZero,
    BySign,
    FineMoney,
    Money,
    NotZero,
    Quantity,
    TaxedOrNot,
    Times,
    Where,
    WorkedOut,
    rounded_together,
)

__all__ = [
    "NONE",
    "AddedTax",
    "All",
    "BelowZero",
    "BySign",
    "Constant",
    "CurrencySetting",
    "DatesSetting",
    "DeclaredFeed",
    "Either",
    "ExportFile",
    "FeedSettings",
    "FineMoney",
    "FirstFilled",
    "GroupedFeed",
    "Happened",
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
    "Times",
    "UndatedRefundsSetting",
    "Where",
    "WorkedOut",
    "ZonedSetting",
    "by_column",
    "extra",
    "rounded_together",
]
