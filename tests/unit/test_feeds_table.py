"""The table of the feeds in the documentation says what the code says."""

from __future__ import annotations

from bench.feeds_table import PAGE, speeds_in, table
from storeday.feeds.registry import FEEDS


def test_the_table_of_feeds_is_as_the_command_would_write_it() -> None:
    page = PAGE.read_text(encoding="utf-8")

    written = table(speeds_in(page))

    assert "\n".join(["", *written, ""]) in page


def test_every_feed_has_a_page_and_a_golden_case() -> None:
    for row, name in zip(table({})[2:], FEEDS, strict=True):
        cells = [cell.strip() for cell in row.split("|")]
        assert PAGE.with_name(f"{name}.md").exists()
        assert int(cells[4]) >= 1, name
