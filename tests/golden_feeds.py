"""Golden files of feeds: what each reads of a file made up in its format. `python tests/golden_feeds.py` writes them.

The sums stand beside each file, worked out by hand: whoever writes a golden file anew reads those again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storeday.feeds.base import Feed, ReadFile, ReadingRules
from storeday.feeds.poslog.dialect import PoslogSettings
from storeday.feeds.poslog.ncr import PoslogNcr
from storeday.feeds.poslog.newpos import PoslogNewpos
from storeday.feeds.poslog.r10 import PoslogR10
from storeday.feeds.poslog.roqqio import PoslogRoqqio
from storeday.feeds.poslog.xstore import PoslogXstore

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Case:
    """A file in a feed's format, and the store whose it is."""

    feed: Feed
    file: str  # below tests/golden
    timezone: str
    pos_store_id: str
    settings: Any = None

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return (GOLDEN / self.file).read_bytes()

    @property
    def golden(self) -> Path:
        """Where it stands what the feed reads of it."""
        return (GOLDEN / self.file).with_suffix(".json")

    def read(self, content: bytes | None = None, **other: Any) -> ReadFile:
        """What the feed reads, of the file or of another content, with other rules."""
        rules = {"day_starts_minutes": 240, "pos_store_id": self.pos_store_id, "settings": self.settings, **other}
        timezone = rules.pop("timezone", self.timezone)
        name = Path(self.file).name
        return self.feed.read(
            name, self.content if content is None else content, ReadingRules("S12", timezone, **rules)
        )


CASES = {
    "poslog-ncr": Case(PoslogNcr(), "poslog_ncr/evening.xml", "America/New_York", "12"),
    "poslog-roqqio": Case(
        PoslogRoqqio(), "poslog_roqqio/day.xml", "Europe/Berlin", "100", PoslogSettings(discounts="taken_off")
    ),
    "poslog-newpos": Case(
        PoslogNewpos(), "poslog_newpos/day.xml", "Europe/London", "7-900-900", PoslogSettings(discounts="taken_off")
    ),
    "poslog-r10": Case(PoslogR10(), "poslog_r10/day.xml", "Europe/London", "0900"),
    "poslog-xstore": Case(
        PoslogXstore(), "poslog_xstore/day.xml", "Europe/London", "674", PoslogSettings(prices="with_tax")
    ),
}


def rows_of(read: ReadFile) -> dict[str, list[dict[str, Any]]]:
    """The tables as JSON can hold them."""
    return {
        name: [
            {column: v if v is None or isinstance(v, int | str) else v.isoformat() for column, v in row.items()}
            for row in table.to_pylist()
        ]
        for name, table in read.tables.items()
    }


def as_text(tables: dict[str, list[dict[str, Any]]]) -> str:
    """The tables as a file that shows a row a line."""
    parts = []
    for name, rows in tables.items():
        lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f'  "{name}": [' + (f"\n{lines}\n  ]" if rows else "]"))
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    for case in CASES.values():
        case.golden.write_text(as_text(rows_of(case.read())), encoding="utf-8")
