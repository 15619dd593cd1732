"""What is kept of a store-day, in bytes and files, after the whole run of tests/bench/stages.py: `--in DIR`.

Folder by folder below STOREDAY_HOME, and the ledger's rows by table; what a company's day has in common (its batch, the
manifest, an empty ledger's pages) is shared by its stores. ``on_disk`` counts a file system's whole blocks.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEPT = ("landing", "canonical", "receipts", "data_docs", "journal", "outbox")


def measure(folder: Path, stores: int) -> Iterator[dict[str, Any]]:
    """A row a folder, then the ledger, each a store-day of a chain of so many stores; none where it was not run."""
    home = folder / str(stores) / "whole"
    if not home.exists():
        return
    for name in KEPT:
        files = [file.stat() for file in (home / name).rglob("*") if file.is_file()]
        total, blocks = sum(file.st_size for file in files), sum(file.st_blocks * 512 for file in files)
        yield _row(stores, name, total, blocks, files=len(files))
    total, rows = ledger_use(home / "ledger.sqlite")
    yield {**_row(stores, "ledger", total, total, files=0), "rows": {k: round(v / stores, 2) for k, v in rows.items()}}


def ledger_use(file: Path) -> tuple[int, dict[str, int]]:
    """Bytes of a ledger in SQLite, and the rows of each table that has any."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as ledger:
        tables = [name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: ledger.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
    used = {name: count for name, count in counts.items() if count and name != "alembic_version"}
    return database_bytes(file), used


def database_bytes(file: Path) -> int:
    """Bytes of all pages of a SQLite database that are in use."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        page, pages, free = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
        )
    return int(page * (pages - free))


def _row(stores: int, what: str, total: int, on_disk: int, files: int) -> dict[str, Any]:
    each = {"bytes": round(total / stores), "on_disk": round(on_disk / stores), "files": round(files / stores, 1)}
    return {"stores": stores, "what": what, **each}


def main() -> None:
    """Print what is kept of a store-day of a chain that was run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stores", type=int, default=100)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    said = parser.parse_args()
    for row in measure(said.folder, said.stores):
        print(row)


if __name__ == "__main__":
    main()
