"""docs/benchmarks.md: its tables written from the figures, everything between them left as a person wrote it.

A table stands between two comments, ``<!-- measured: NAME -->`` and ``<!-- /measured -->``. Figures of an earlier state
of the project, where there are any, stand in the same table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from results import Part, Row

STEPS = ("floor", "collect", "check", "post", "stage", "deliver", "run")
WAYS = {"plain_pandas": "plain pandas", "with_polars": "Polars", "with_duckdb": "DuckDB"}
PARTS = {"collect_cpu": "collect", "check_cpu": "check", "post_cpu": "post", "hand_over_cpu": "stage and deliver"}
SUITES = {"suites_cpu": "suites and Data Docs", "docs_cpu": "of these, Data Docs"}
Lines = list[str]


def with_figures(page: str, now: dict[str, Part], before: dict[str, Part]) -> str:
    """The page with each table that there are figures for; ``before`` are those of an earlier state.

    Below the first table of each part stands on what machine it was measured.

    Raises: LookupError for a table that the page has no place for.
    """
    said: set[str] = set()
    for name, (part, table) in TABLES.items():
        if part in now:
            lines = table(now[part], before.get(part))
            where = [] if part in said else ["", _where(now[part], before.get(part))]
            page = put(page, name, [*lines, *where])
            said.add(part)
    return page


def growth(fewer: Row, more: Row, what: str) -> float:
    """The exponent with which a figure grows with the number of stores: 1 is in proportion, 2 with its square.

    >>> growth({"stores": 10, "cpu": 5.0}, {"stores": 100, "cpu": 50.0}, "cpu")
    1.0
    """
    return math.log(more[what] / fewer[what]) / math.log(more["stores"] / fewer["stores"])


def beyond_imports(row: Row) -> Row:
    """A row with what imports took left out of its clock and processor time."""
    less = {name: max(row[name] - row[f"import_{name}"], 0.001) for name in ("clock", "cpu")}
    return {**row, **less}


def put(page: str, name: str, lines: Lines) -> str:
    """The page with a table in its place. Raises: LookupError where it has none of that name."""
    place = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- /measured -->)", re.DOTALL)
    if not place.search(page):
        raise LookupError(f"the page has no place for the table {name!r}")
    return place.sub(lambda found: f"{found[1]}{chr(10).join(lines)}\n{found[2]}", page)


def _where(now: Part, before: Part | None) -> str:
    """On what and when it was measured."""
    on = now["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in on["libraries"].items())
    told = (
        f"{now['date']}; {on['processor']}, {on['cores']} cores, {on['memory_gb']} GB, {on['system']};\n"
        f"Python {on['python']}, {libraries}."
    )
    return told + (f" Before: {before['date']}." if before else "")


def table_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Lines:
    """A table in Markdown."""
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]


def _by_size(part: Part, step: str) -> dict[int, Row]:
    return {row["stores"]: beyond_imports(row) for row in part["rows"] if row["step"] == step}


def _states(now: Part, before: Part | None) -> list[tuple[str, Part]]:
    return [("before", before), ("now", now)] if before else [("", now)]


def _sizes(now: Part, before: Part | None) -> list[int]:
    return sorted({row["stores"] for part in (now, before) if part for row in part["rows"]})


def _of_steps(what: str, show: Callable[[float], str]) -> Callable[[Part, Part | None], Lines]:
    """A table with a line a step (and state), a column a size, and the growth over all sizes."""

    def table(now: Part, before: Part | None) -> Lines:
        sizes = _sizes(now, before)
        rows = []
        for step in STEPS:
            for state, part in _states(now, before):
                found = _by_size(part, step)
                cells = [show(found[n][what]) if n in found else "" for n in sizes]
                rows.append([f"{_name(step)}{f', {state}' if state else ''}", *cells, _growth(found, what)])
        return table_of(["", *_heads(sizes), "growth"], rows)

    return table


def _growth(found: dict[int, Row], what: str) -> str:
    if len(found) < 2:
        return ""
    fewest, most = min(found), max(found)
    return f"{growth(found[fewest], found[most], what):.2f} ({fewest:,} to {most:,})"


def _times_floor(now: Part, before: Part | None) -> Lines:
    sizes = _sizes(now, before)
    rows = []
    for what, word in (("cpu", "processor time"), ("clock", "by the clock")):
        for state, part in _states(now, before):
            run, floor = _by_size(part, "run"), _by_size(part, "floor")
            both = [n in run and n in floor for n in sizes]
            cells = [
                f"{run[n][what] / floor[n][what]:.1f}" if there else "" for n, there in zip(sizes, both, strict=True)
            ]
            rows.append([f"{word}{f', {state}' if state else ''}", *cells])
    return table_of(["the whole run, times the floor", *_heads(sizes)], rows)


def _between_sizes(now: Part, before: Part | None) -> Lines:
    """The run's growth from each size to the next."""
    sizes = _sizes(now, before)
    pairs = list(pairwise(sizes))
    rows = []
    for step in ("floor", "run"):
        for state, part in _states(now, before):
            found = _by_size(part, step)
            cells = [f"{growth(found[a], found[b], 'cpu'):.2f}" if a in found and b in found else "" for a, b in pairs]
            rows.append([f"{_name(step)}{f', {state}' if state else ''}", *cells])
    return table_of(["growth of processor time", *(f"{a:,} to {b:,}" for a, b in pairs)], rows)


def _shares(parts: dict[str, str]) -> Callable[[Part, Part | None], Lines]:
    """What parts of the whole run take, in processor time without imports, and their shares; ``parts`` by name."""

    def table(now: Part, before: Part | None) -> Lines:
        sizes = _sizes(now, before)
        rows = []
        for what, word in parts.items():
            for state, part in _states(now, before):
                found = {n: row for n, row in _by_size(part, "run").items() if what in row}
                cells = [_share(found[n], what) if n in found else "" for n in sizes]
                rows.append([f"{word}{f', {state}' if state else ''}", *cells])
        return table_of(["of the whole run", *_heads(sizes)], rows)

    return table


def _share(row: Row, what: str) -> str:
    return f"{_seconds(row[what])}, {row[what] / row['cpu']:.0%}"


def _imports(now: Part, before: Part | None) -> Lines:
    rows = []
    for step in STEPS[1:-1]:
        for state, part in _states(now, before):
            for row in part["rows"]:
                if row["step"] == step:
                    most = ", ".join(f"{name} {share:.0%}" for name, share in list(row["packages"].items())[:6])
                    took = (f"{row['import_clock']:.1f} s", f"{row['import_cpu']:.1f} s")
                    rows.append([f"{step}{f', {state}' if state else ''}", *took, most])
    return table_of(
        ["", "by the clock", "processor time", "packages that take most, each without what it imports"], rows
    )


def _alternatives(now: Part, before: Part | None) -> Lines:
    sizes = _sizes(now, None)
    rows = []
    for way, name in WAYS.items():
        found = {row["stores"]: beyond_imports(row) for row in now["rows"] if row["way"] == way}
        rows.append([name, *(_took(found[n]) if n in found else "" for n in sizes), _growth(found, "cpu")])
    return table_of(["", *_heads(sizes), "growth"], rows)


def _took(row: Row) -> str:
    return f"{_seconds(row['cpu'])} ({_seconds(row['clock'])}), {row['peak_mb']:,.0f} MB"


def _sftp(now: Part, before: Part | None) -> Lines:
    header = ["", "client", "files", "MB", "by the clock", "processor time", "times `sftp`", "times `sftp -f`"]
    rows = [
        [
            f"{row['what']}{f', {state}' if state else ''}",
            row["client"],
            f"{row['files']:,}",
            f"{row['megabytes']:,.0f}",
            f"{row['clock']:.2f} s",
            f"{row['cpu']:.2f} s",
            f"{row['times_sftp']:.2f}",
            f"{row['times_sftp_flushed']:.2f}",
        ]
        for state, part in _states(now, before)
        for row in part["rows"]
    ]
    return table_of(header, rows)


def _backfill(now: Part, before: Part | None) -> Lines:
    rows = [
        [
            f"{row['what']}{f', {state}' if state else ''}",
            str(row["tasks"]),
            f"{row['clock']:.1f} s",
            f"{row['cpu']:.1f} s",
            f"{row['metadata_bytes'] / 1000:,.0f} kB" if row.get("metadata_bytes") else "",
        ]
        for state, part in _states(now, before)
        for row in part["rows"]
    ]
    of = now["rows"][0]
    header = [f"{of['days']} days × {of['stores']} stores", "tasks", "by the clock", "processor time"]
    return table_of([*header, "Airflow's database grows by"], rows)


def _storage(now: Part, before: Part | None) -> Lines:
    """What is kept of a store-day, of the largest chain that was run."""
    rows = []
    for state, part in _states(now, before):
        largest = max(row["stores"] for row in part["rows"])
        for row in part["rows"]:
            if row["stores"] == largest:
                sizes = (f"{row['bytes'] / 1000:,.1f} kB", f"{row['on_disk'] / 1000:,.1f} kB", f"{row['files']:.1f}")
                counts = ", ".join(f"{name} {count:g}" for name, count in row.get("rows", {}).items() if count >= 1)
                rows.append([f"{row['what']}{f', {state}' if state else ''}", *sizes, counts])
    return table_of(["a store-day", "bytes", "in whole blocks", "files", "rows"], rows)


def _board(now: Part, before: Part | None) -> Lines:
    rows = [
        [
            f"{row['stores']:,}{f', {state}' if state else ''}",
            f"`{row['page']}`",
            f"{row['clock_ms']:.0f} ms",
            f"{row['most_ms']:.0f} ms",
            f"{row['cpu_ms']:.0f} ms",
        ]
        for state, part in _states(now, before)
        for row in part["rows"]
    ]
    return table_of(["stores", "page", "by the clock, median", "longest", "processor time, median"], rows)


def _name(step: str) -> str:
    return {"run": "**the whole run**", "floor": "the floor"}.get(step, step)


def _heads(sizes: Iterable[int]) -> list[str]:
    return [f"{n:,} store{'s' if n > 1 else ''}" for n in sizes]


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:,.0f} s"


def _megabytes(value: float) -> str:
    return f"{value:,.0f} MB"


TABLES: dict[str, tuple[str, Callable[[Part, Part | None], Lines]]] = {
    "stages, processor time": ("stages", _of_steps("cpu", _seconds)),
    "stages, by the clock": ("stages", _of_steps("clock", _seconds)),
    "stages, peak memory": ("stages", _of_steps("peak_mb", _megabytes)),
    "times the floor": ("stages", _times_floor),
    "growth": ("stages", _between_sizes),
    "parts": ("stages", _shares(PARTS)),
    "great expectations": ("stages", _shares(SUITES)),
    "imports": ("imports", _imports),
    "alternatives": ("alternatives", _alternatives),
    "sftp": ("sftp", _sftp),
    "backfill": ("backfill", _backfill),
    "board": ("board", _board),
    "storage": ("storage", _storage),
}
"""Each table of the page: the part that its figures are of, and how they are shown."""
