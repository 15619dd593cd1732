"""Figures of the benchmarks as JSON, a file a part: on which machine, on what day, and a row a measurement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measuring import machine

Row = dict[str, Any]
Part = dict[str, Any]
"""machine: what was measured on; date: of the last figure; rows."""


def read_parts(folder: Path) -> dict[str, Part]:
    """The parts below a folder, by name; none where it isn't there."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}


def keep(folder: Path, part: str, rows: Iterable[Row], key: tuple[str, ...]) -> None:
    """Write rows down as they come, each in place of an older one with the same values of ``key``."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{part}.json"
    for row in rows:
        kept = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
        kept = [each for each in kept if [each.get(k) for k in key] != [row.get(k) for k in key]]
        said = {"machine": machine(), "date": datetime.now(UTC).date().isoformat(), "rows": [*kept, row]}
        aside = file.with_suffix(".aside")
        aside.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        aside.replace(file)
