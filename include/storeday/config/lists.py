"""Lists of the settings: CSV files into typed rows, with everything that is wrong told by line.

A list is read as people's spreadsheets write it: UTF-8 with or without a byte order mark, commas, a header row whose
order is free. An unknown column is refused like an unknown key; an empty cell says nothing.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from storeday.config.strict import FILL_IN, faults_of

Row = TypeVar("Row", bound=BaseModel)


@dataclass
class Listed(Generic[Row]):
    """A list as it was read; where it has problems, the rows are those that could be read."""

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # the file's line of each row; the header is line 1
    problems: list[str] = field(default_factory=list)


def read_list(file: Path, model: type[Row], key: str) -> Listed[Row]:
    """One list; ``key`` is the column without which it can't be read at all."""
    read: Listed[Row] = Listed()
    try:
        cells = csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""), strict=True)
        read.columns = tuple(name.strip() for name in next(cells, []))
        read.problems += _faults_of_header(read.columns, model, key)
        if not read.problems:
            for row in cells:
                _take(read, row, cells.line_num, model)
    except (ValueError, OSError, csv.Error) as error:
        read.problems.append(f"{key}: the file can't be read: {error}")
    return read


def _faults_of_header(columns: tuple[str, ...], model: type[Row], key: str) -> list[str]:
    if key not in columns:
        return [f"{key}: no column of this name in the header"]
    known = model.model_fields
    unknown = [name for name in columns if name not in known]
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    return [
        *(f"{name}: no column that is known here; there are {', '.join(known)}" for name in unknown),
        *(f"{name}: two columns of this name" for name in doubled),
    ]


def _take(read: Listed[Row], row: list[str], line: int, model: type[Row]) -> None:
    if not any(row):
        return
    if len(row) > len(read.columns):
        read.problems.append(f"line {line}: {len(row)} cells, but {len(read.columns)} columns")
        return
    said = {name: cell for name, cell in zip(read.columns, row, strict=False) if cell}
    if FILL_IN in said.values():
        unfilled = [name for name, cell in said.items() if cell == FILL_IN]
        read.problems += [f"line {line}: {name}: is still to be filled in" for name in unfilled]
        return
    try:
        read.rows.append(model.model_validate(said))
        read.lines.append(line)
    except ValidationError as error:
        read.problems += [f"line {line}: {fault}" for fault in faults_of(error)]
