"""The files that a batch's rows are imported from: one, or several where the rows are many.

Files are cut between store-days and never inside one, so no reference stands in two of them and each file
balances by itself. Source: sage50-uk reference, 1.10 (no limit of rows is known; a few thousand are safe).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from storeday.sage50.proof import ProvenDay

_NAME: Final = re.compile(r"transactions(-[1-9]\d*)?\.csv")


def cut(days: Iterable[ProvenDay], rows_a_file: int) -> list[tuple[ProvenDay, ...]]:
    """Store-days by file, in their order; a store-day that is larger than a file stands in one by itself."""
    files: list[list[ProvenDay]] = []
    filled = 0
    for day in days:
        if not files or filled + len(day.rows) > rows_a_file:
            files.append([])
            filled = 0
        files[-1].append(day)
        filled += len(day.rows)
    return [tuple(file) for file in files]


def names_of(files: int) -> list[str]:
    """What so many files are called, in the order in which they are imported.

    >>> names_of(1), names_of(2)
    (['transactions.csv'], ['transactions-1.csv', 'transactions-2.csv'])
    """
    return ["transactions.csv"] if files == 1 else [f"transactions-{number}.csv" for number in range(1, files + 1)]


def transaction_files(manifest: dict[str, Any]) -> list[str]:
    """The names of a batch's transaction files by its manifest, in the order in which they are imported."""
    files = manifest["files"]
    return sorted((name for name in files if _NAME.fullmatch(name)), key=lambda name: int(files[name]["order"]))
