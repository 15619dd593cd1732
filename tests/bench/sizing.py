"""The tables of docs/sizing.md: what so many stores need, by plain arithmetic from what was measured.

Each table has its arithmetic in its lines: a figure of one store-day or one task, and that times as many as there are.
What was measured is taken from the largest chain, of the whole run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from page import Lines, beyond_imports, table_of
from results import Part, Row

STORES = (10, 100, 1_000, 10_000)
DAYS = 365
STORES_A_TASK = 50
TASKS_A_STORE = 3  # collect, check, post where each store has tasks of its own
WITHIN_SECONDS = 3_600
NEEDED_TO_SIZE = {"stages", "storage", "backfill"}


@dataclass(frozen=True)
class Measured:
    """What was measured, each for one store-day, one task or one file."""

    stores: int  # of the chain that it was measured with
    cpu: float  # processor seconds of collect, check and post
    batch_cpu: float  # of stage and deliver, which one process does for the whole company
    peak_mb: float
    kept: dict[str, float]  # bytes by folder; in whole blocks
    ledger: float  # bytes
    rows: float  # of the ledger
    task_cpu: float  # of Airflow, for a task that does nothing
    task_seconds: float  # by the clock, with four at a time
    metadata: float | None  # bytes of Airflow's database a task; None where it was not measured
    file_seconds: float | None  # by the clock, fetched over SFTP and landed; None where it was not measured
    files: float

    @staticmethod
    def of(parts: dict[str, Part]) -> Measured:
        """Raises: LookupError where a part was not measured."""
        run = _largest(parts["stages"], "step", "run")
        kept = [row for row in parts["storage"]["rows"] if row["stores"] == run["stores"]]
        by_name = {row["what"]: row for row in kept}
        empty = _one(parts["backfill"], "what", "empty_days")
        landed = _one(parts["sftp"], "client", "storeday, landed") if "sftp" in parts else None
        batch = run["hand_over_cpu"] / run["stores"]
        return Measured(
            stores=run["stores"],
            cpu=run["cpu"] / run["stores"] - batch,
            batch_cpu=batch,
            peak_mb=run["peak_mb"],
            kept={name: row["on_disk"] for name, row in by_name.items() if name != "ledger"},
            ledger=by_name["ledger"]["bytes"],
            rows=sum(by_name["ledger"]["rows"].values()),
            task_cpu=empty["cpu"] / empty["tasks"],
            task_seconds=empty["clock"] / empty["tasks"],
            metadata=empty["metadata_bytes"] / empty["tasks"] if "metadata_bytes" in empty else None,
            file_seconds=landed["clock"] / landed["files"] if landed else None,
            files=2 * by_name["landing"]["files"],  # each with its marker
        )


def sizes(measured: Measured, stores: Sequence[int] = STORES) -> dict[str, Lines]:
    """The page's tables by name."""
    return {
        "work": _work(measured, stores),
        "storage a year": _storage(measured, stores),
        "database": _database(measured, stores),
        "fetching": _fetching(measured, stores),
    }


def _work(m: Measured, stores: Sequence[int]) -> Lines:
    many = [tasks_of(n) for n in stores]
    seconds = [n * (m.cpu + m.batch_cpu) + tasks * m.task_cpu for n, tasks in zip(stores, many, strict=True)]
    return _lines(
        stores,
        [
            ("collect, check, post", f"{m.cpu:.3f} s a store-day", lambda n: _time(n * m.cpu)),
            ("stage and deliver", f"{m.batch_cpu:.4f} s a store-day", lambda n: _time(n * m.batch_cpu)),
            ("tasks of a morning", f"{STORES_A_TASK} stores a task", lambda n: f"{tasks_of(n):,}"),
            ("Airflow's own part", f"{m.task_cpu:.2f} s a task", lambda n: _time(tasks_of(n) * m.task_cpu)),
            ("in all", "processor time", lambda n: _time(seconds[list(stores).index(n)])),
            (
                "cores, to be done in an hour",
                "all / 3,600 s, rounded up",
                lambda n: f"{math.ceil(seconds[list(stores).index(n)] / WITHIN_SECONDS):,}",
            ),
            ("tasks of a morning, one store a task", f"{TASKS_A_STORE} a store", lambda n: f"{TASKS_A_STORE * n:,}"),
            (
                "Airflow's own part of those",
                f"{m.task_cpu:.2f} s a task",
                lambda n: _time(TASKS_A_STORE * n * m.task_cpu),
            ),
        ],
    )


def _storage(m: Measured, stores: Sequence[int]) -> Lines:
    rows: list[tuple[str, str, Callable[[int], str]]] = []
    for name, each in m.kept.items():
        rows.append((name, f"{_bytes(each)} a store-day", lambda n, each=each: _bytes(n * each * DAYS)))
    whole = sum(m.kept.values())
    rows.append(("in all", f"{_bytes(whole)} a store-day", lambda n: _bytes(n * whole * DAYS)))
    return _lines(stores, rows)


def _database(m: Measured, stores: Sequence[int]) -> Lines:
    rows: list[tuple[str, str, Callable[[int], str]]] = [
        ("rows of the ledger a day", f"{m.rows:.0f} a store-day", lambda n: f"{n * m.rows:,.0f}"),
        ("rows a year", f"× {DAYS}", lambda n: _count(n * m.rows * DAYS)),
        ("ledger a year", f"{_bytes(m.ledger)} a store-day", lambda n: _bytes(n * m.ledger * DAYS)),
    ]
    if (each := m.metadata) is not None:
        a_task = f"{_bytes(each)} a task"
        rows += [
            (
                "Airflow's database a year",
                f"{a_task}, {STORES_A_TASK} stores a task",
                lambda n: _bytes(tasks_of(n) * each * DAYS),
            ),
            (
                "the same, one store a task",
                f"{TASKS_A_STORE} tasks a store",
                lambda n: _bytes(TASKS_A_STORE * n * each * DAYS),
            ),
        ]
    return _lines(stores, rows)


def _fetching(m: Measured, stores: Sequence[int]) -> Lines:
    rows: list[tuple[str, str, Callable[[int], str]]] = [
        ("files a day, markers counted", f"{m.files:.0f} a store-day", lambda n: f"{n * m.files:,.0f}"),
        ("bytes a day", f"{_bytes(m.kept['landing'])} a store-day", lambda n: _bytes(n * m.kept["landing"])),
    ]
    if (each := m.file_seconds) is not None:
        rows += [
            ("one connection", f"{each * 1000:.1f} ms a file", lambda n: _time(n * m.files * each)),
            ("eight connections", "/ 8", lambda n: _time(n * m.files * each / 8)),
        ]
    return _lines(stores, rows)


def tasks_of(stores: int) -> int:
    """Tasks of a morning's stores that are put together, where none is left over.

    >>> tasks_of(1001)
    21
    """
    return -(-stores // STORES_A_TASK)


def _lines(stores: Sequence[int], rows: list[tuple[str, str, Callable[[int], str]]]) -> Lines:
    header = ["", "measured", *(f"{n:,} stores" for n in stores)]
    return table_of(header, [[what, each, *(show(n) for n in stores)] for what, each, show in rows])


def _largest(part: Part, name: str, value: str) -> Row:
    return beyond_imports(max((row for row in part["rows"] if row[name] == value), key=lambda row: row["stores"]))


def _one(part: Part, name: str, value: str) -> Row:
    for row in part["rows"]:
        if row[name] == value:
            return row
    raise LookupError(f"nothing was measured of {value!r}")


def _time(seconds: float) -> str:
    """
    >>> _time(0.4), _time(59), _time(600), _time(9000)
    ('0.4 s', '59 s', '10 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _bytes(many: float) -> str:
    """
    >>> _bytes(1500), _bytes(2_000_000), _bytes(3.2e9), _bytes(1.5e13)
    ('1.5 kB', '2.0 MB', '3.2 GB', '15 TB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if many < 999.5:
            return f"{many:.1f} {unit}" if many < 10 else f"{many:.0f} {unit}"
        many /= 1000
    return f"{many:.1f} TB" if many < 10 else f"{many:,.0f} TB"


def _count(many: float) -> str:
    return f"{many / 1e6:,.1f} million" if many >= 1e6 else f"{many:,.0f}"
