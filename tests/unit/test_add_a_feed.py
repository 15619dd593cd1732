"""The example in "add a feed in an afternoon" does what the page says of it."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import storeday.feeds.declared
from storeday.feeds.base import ReadingRules
from storeday.feeds.declared import DeclaredFeed, ZonedSetting
from storeday.model.guarantees import Guarantees

PAGE = Path(__file__).parents[2] / "docs" / "feeds" / "add-a-feed.md"


def block_with(text: str) -> str:
    """The indented block of the page that holds a text."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return textwrap.dedent(next(block for block in blocks if text in block)).strip() + "\n"


def test_the_example_of_the_page_reads_its_journal() -> None:
    words: dict[str, Any] = {**vars(storeday.feeds.declared), "Guarantees": Guarantees}
    exec(block_with("class Corner"), words)  # noqa: S102, the page is ours
    corner: DeclaredFeed = words["Corner"]()
    rules = ReadingRules("S06", "Europe/Berlin", 240, settings=ZonedSetting(timezone="Europe/Berlin"))

    read = corner.read("journal-2026-11-20.csv", block_with("Bon-Nr;").encode(), rules)

    receipts = read.tables.receipts.to_pylist()
    assert [(r["receipt"], r["kind"], r["gross_minor"]) for r in receipts] == [
        ("4711", "sale", 320),
        ("4712", "refund", -320),
        ("4713", "void", 0),
    ]
    assert [line["gross_minor"] for line in read.tables.lines.to_pylist()] == [320, -320]
    assert [(t["tender"], t["amount_minor"]) for t in read.tables.tenders.to_pylist()] == [
        ("CASH", 320),
        ("CASH", -320),
    ]
    assert read.form == ("journal-2026-11-20.csv: ';' between the fields", "journal-2026-11-20.csv: decimal commas")
