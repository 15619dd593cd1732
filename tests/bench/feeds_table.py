"""The table of docs/feeds/README.md: `python tests/bench/feeds_table.py`, with `--measure 50` its speeds too.

What stands in the code is counted anew each time: declarations are the lines of a feed's own modules outside of
functions, code those inside; imports, docstrings, comments and blank lines are neither. Speeds are measured on
files of so many MB, one thread, in MB a second of processor time, and stay as they are unless measured again.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from storeday.feeds import storeday_rows
from storeday.feeds.base import Feed
from storeday.feeds.registry import FEEDS
from storeday.model.guarantees import Guarantees

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "feeds" / "README.md"
GOLDEN = PROJECT / "tests" / "golden" / "feeds"
GUARANTEES = {
    "lines": "lines",
    "line_arithmetic": "arithmetic of a line",
    "tenders": "tenders",
    "tax_by_class": "tax by class",
    "sequence": "sequence",
    "z": "Z",
}
ALONE_ITS = {"storeday-csv": (storeday_rows,)}
"""Modules beside a feed's own that no other feed is read by."""
HEADER = ("feed", "declared", "code", "golden cases", *GUARANTEES.values(), "MB/s read")
_SPEED = re.compile(r"([0-9.]+) MB/s of processor time")


def lines_of(feed: Feed) -> tuple[int, int]:
    """How many lines of a feed's own modules declare, and how many are in functions."""
    own = [sys.modules[type(feed).__module__], *ALONE_ITS.get(feed.name, ())]
    declared, code = zip(*(_lines_in(inspect.getsource(module)) for module in own), strict=True)
    return sum(declared), sum(code)


def _lines_in(source: str) -> tuple[int, int]:
    kept = {number for number, line in enumerate(source.splitlines(), 1) if line.strip() and line.strip()[0] != "#"}
    in_functions: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        span = set(range(getattr(node, "lineno", 0), (getattr(node, "end_lineno", 0) or 0) + 1))
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            kept -= span
        elif isinstance(node, ast.FunctionDef):
            in_functions |= span
    return len(kept - in_functions), len(kept & in_functions)


def golden_cases(name: str) -> int:
    """How many golden files a feed has."""
    return len([*(GOLDEN / name).rglob("*.golden.json")])


def row_of(feed: Feed, speed: str) -> tuple[str, ...]:
    """A feed's row: its figures, and for each guarantee yes or no."""
    declared, code = lines_of(feed)
    given = ["yes" if getattr(feed.guarantees, field) else "no" for field in GUARANTEES]
    return (f"[{feed.name}]({feed.name}.md)", str(declared), str(code), str(golden_cases(feed.name)), *given, speed)


def table(speeds: dict[str, str]) -> list[str]:
    """The table in Markdown, a line a feed."""
    rows = [HEADER, ("---",) * len(HEADER), *(row_of(feed, speeds.get(name, "")) for name, feed in FEEDS.items())]
    return [f"| {' | '.join(row)} |" for row in rows]


def speeds_in(page: str) -> dict[str, str]:
    """The speeds that the page says, by feed."""
    return dict(re.findall(r"^\| \[([a-z0-9-]+)\].*\| ([^|]*) \|$", page, flags=re.MULTILINE))


def with_table(page: str, rows: list[str]) -> str:
    """The page with these rows in place of its table."""
    return re.sub(r"(?:^\|.*\n)+", "\n".join(rows) + "\n", page, count=1, flags=re.MULTILINE)


def measured(name: str, megabytes: int) -> str:
    """The speed of one feed, by its benchmark."""
    script = "poslog.py" if name.startswith("poslog-") else "exports.py"
    command = [sys.executable, str(Path(__file__).with_name(script)), "--mb", str(megabytes), "--feed", name]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    sys.stdout.write(said)
    found = _SPEED.search(said)
    assert found is not None
    return f"{float(found[1]):.0f}"


def main() -> None:
    """Write the table anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", type=int, metavar="MB", help="measure the speeds with files of that size")
    parser.add_argument("--feed", action="append", help="only that feed's; all of them unless told")
    told = parser.parse_args()
    assert set(GUARANTEES) == {field.name for field in fields(Guarantees)}
    page = PAGE.read_text(encoding="utf-8")
    speeds = speeds_in(page)
    for name in told.feed or FEEDS:
        if told.measure:
            speeds[name] = measured(name, told.measure)
    PAGE.write_text(with_table(page, table(speeds)), encoding="utf-8")


if __name__ == "__main__":
    main()
