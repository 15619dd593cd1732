"""The sheet in short, as Markdown: what a person reads in Airflow before approving a batch. From the manifest alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storeday.sage50 import sheet_tables as tables
from storeday.sage50.sheet import for_the_sandbox, unusual
from storeday.sage50.sheet_tables import Table


def question_of(manifest: dict[str, Any], digest: str, why: str) -> str:
    """Totals, proof, what is unusual and what is left out of a batch, under its id and digest."""
    paragraphs = [
        f"Batch **{manifest['batch']}**, digest `{digest}`. Asked because {_plain(why)}.",
        "What is approved is exactly this digest: a batch that changes after you read it is not what you approved.",
        "To reject it, say why in the field *reason*: without a reason you are asked again.",
        *([_plain(sandbox)] if (sandbox := for_the_sandbox(manifest)) else []),
        *(_plain(sentence) for sentence in unusual(manifest)),
        *(_markdown(make(manifest)) for make in (tables.takings, tables.tax, tables.tenders, tables.proof)),
    ]
    if manifest["waiting"]:
        left = ", ".join(f"{each['store']} {each['name']} ({each['state']})" for each in manifest["waiting"])
        paragraphs.append(f"Not in this batch: {_plain(left)}.")
    return "\n\n".join(paragraphs) + "\n"


def _markdown(table: Table) -> str:
    rules = ["---"] * table.texts + ["---:"] * (len(table.columns) - table.texts)
    rows = [table.columns, rules, *table.rows, *([table.total] if table.total else [])]
    lines = [f"### {_plain(table.title)}", "", *(_row(row) for row in rows)]
    return "\n".join([*lines, *(["", _plain(table.note)] if table.note else [])])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """Text that Markdown takes as it stands: names are whatever somebody typed."""
    line = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\|*_`[]<>#" else c for c in line)
