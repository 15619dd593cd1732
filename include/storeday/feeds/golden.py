"""What a feed read, as text that a person can check by hand and a test can compare: a row a line."""

from __future__ import annotations

import json
from typing import Any

from storeday.feeds.base import ReadFile


def golden_text(read: ReadFile) -> bytes:
    """The canonical tables of a file as JSON, a row a line, and what the feed notes; amounts in minor units."""
    tables = [f'  "{name}": {_rows([_plain(row) for row in table.to_pylist()])}' for name, table in read.tables.items()]
    notes = f'  "notes": {_rows(list(read.notes))}'
    return ("{\n" + ",\n".join([*tables, notes]) + "\n}\n").encode()


def _rows(rows: list[Any]) -> str:
    if not rows:
        return "[]"
    return "[\n" + ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows) + "\n  ]"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v if v is None or isinstance(v, int | str) else v.isoformat() for k, v in row.items()}
