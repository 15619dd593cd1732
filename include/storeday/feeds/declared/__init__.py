"""Feeds that are declared: a page that says what an export's columns mean, and one reader for all of them.

``shape`` says what a feed declares, ``says`` and ``moments`` the words for what a row says, ``feed`` reads. How
to add one: docs/feeds/add-a-feed.md.
"""

from storeday.feeds.declared.feed import DeclaredFeed
from storeday.feeds.declared.moments import LocalTime, OffsetTime
from storeday.feeds.declared.says import Constant, FirstFilled, Is, Not, OneOf, Suffixed, Text
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
    Money,
    NotZero,
    Quantity,
    TaxedOrNot,
    Times,
    WorkedOut,
)

__all__ = [
    "NONE",
    "AddedTax",
    "BelowZero",
    "BySign",
    "Constant",
    "CurrencySetting",
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
    "Times",
    "UndatedRefundsSetting",
    "WorkedOut",
    "ZonedSetting",
    "by_column",
    "extra",
]
