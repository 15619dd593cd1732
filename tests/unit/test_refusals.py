"""Words of a file in the words for a shop manager: one short line each, whatever a file holds."""

from __future__ import annotations

import pytest
from golden_feeds import GOLDEN
from storeday.feeds.base import ReadFile, companions_of, read_slice
from storeday.model.content import Content
from storeday.model.errors import FileRejected
from storeday.stages.feed_files import store_from
from storeday.stages.workplace import feed_and_rules


def read(case: str, name: str, old: bytes, new: bytes) -> ReadFile:
    """A golden slice with one text of its data file in place of another."""
    folder = GOLDEN / case
    feed, rules = feed_and_rules(store_from(folder / "store.yaml"))
    parts = {part: (folder / part).read_bytes() for part in (name, *companions_of(feed, name))}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new, 1)
    return read_slice(feed, {part: Content(content) for part, content in parts.items()}, rules)


@pytest.mark.parametrize(
    ("case", "name", "old", "new", "why"),
    [
        (
            "shopify/uk",
            "orders_export_2026-11-22.csv",
            b",GBP,",
            b',"a\nb",',
            "orders_export_2026-11-22.csv line 2 receipt #1001: an amount in a b, and feed_settings.currency",
        ),
        (
            "poslog-ncr/split",
            "split.xml",
            b"<CurrencyCode>USD<",
            b"<CurrencyCode>U\nD<",
            "amounts in USD in a file of U D.",
        ),
    ],
)
def test_what_a_file_says_is_told_on_one_short_line(case: str, name: str, old: bytes, new: bytes, why: str) -> None:
    with pytest.raises(FileRejected) as caught:
        read(case, name, old, new)

    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_zone_behind_a_time_is_refused_where_nobody_asked_for_one() -> None:
    """The settings say the zone of all times: a word that says another must not be passed over."""
    with pytest.raises(FileRejected) as caught:
        read("loyverse/included", "receipts-2026-11-01.csv", b"01/11/2026 11:30;", b"01/11/2026 11:30 EST;")

    assert "line 3 receipt 1-1002: Date '01/11/2026 11:30 EST' is not a date as DD/MM/YYYY with a time." in str(
        caught.value
    )
