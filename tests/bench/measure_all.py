"""`make bench`: measures all parts, or those that are asked for, and writes the tables of the pages anew.

    make bench
    make bench BENCH="stages alternatives" SIZES="1 10 100"
    PYTHONPATH=tests python tests/bench/measure_all.py --only-write

Figures are kept as JSON below .bench/results as they come, so that a part can be measured again by itself. Those of an
earlier state of the project, which the page shows beside them, are in tests/bench/before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import stages
from measuring import in_a_process
from page import WAYS, put, with_figures
from results import Part, Row, keep, read_parts
from sizing import NEEDED_TO_SIZE, Measured, sizes

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
SIZING = PAGE.with_name("sizing.md")
BEFORE = HERE / "before"


def main() -> None:
    """Measure part after part; then write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", nargs="*", choices=[*PARTS, []], default=[], help="all of them unless told")
    parser.add_argument("--stores", nargs="*", type=int, default=[], help=f"sizes; {stages.SIZES} unless told")
    parser.add_argument("--in", dest="folder", type=Path, default=Path(".bench"))
    parser.add_argument("--only-write", action="store_true", help="measure nothing; write the page")
    said = parser.parse_args()
    out = said.folder / "results"
    for name in [] if said.only_write else said.part or PARTS:
        _say(f"== {name}")
        measure, key = PARTS[name]
        keep(out, name, measure(said.folder.resolve(), said.stores or list(stages.SIZES)), key)
    write(read_parts(out))


def write(parts: dict[str, Part]) -> None:
    """Both pages anew: the figures, and what follows of them for other chains once all that it needs was measured."""
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), parts, read_parts(BEFORE)), encoding="utf-8")
    _say(f"written: {PAGE}")
    parts = {**read_parts(BEFORE), **parts}
    if missing := NEEDED_TO_SIZE - set(parts):
        _say(f"left as it is, since {', '.join(sorted(missing))} was not measured: {SIZING}")
        return
    page = SIZING.read_text(encoding="utf-8")
    for name, lines in sizes(Measured.of(parts)).items():
        page = put(page, name, lines)
    SIZING.write_text(page, encoding="utf-8")
    _say(f"written: {SIZING}")


def _stages(folder: Path, sizes: list[int]) -> Iterator[Row]:
    return stages.measure(folder / "stages", sizes, stages.RECEIPTS, stages.STEPS)


def _imports(folder: Path, sizes: list[int]) -> Iterator[Row]:
    from imports import measured_imports

    return measured_imports(folder / "stages")


def _alternatives(folder: Path, sizes: list[int]) -> Iterator[Row]:
    """The same sums by a script of one's own, each in a fresh process."""
    for stores in sizes:
        chain = stages.laid_out(folder / "stages", stores, stages.RECEIPTS)
        for way in WAYS:
            row = {"stores": stores, "way": way, **in_a_process(HERE / f"{way}.py", ["--in", chain])}
            _say("  ".join(f"{name} {value}" for name, value in row.items()))
            yield row


def _sftp(folder: Path, sizes: list[int]) -> Iterator[Row]:
    import sftp_collect

    for row in sftp_collect.measure(folder / "sftp"):
        yield asdict(row)


def _backfill(folder: Path, sizes: list[int]) -> Iterator[Row]:
    """In a process of its own, which writes its figures itself: it starts an Airflow."""
    kept = folder / "backfill" / "figures"
    command = [sys.executable, str(HERE / "backfill.py"), "--in", str(folder / "backfill"), "--out", str(kept)]
    subprocess.run(command, check=True)
    yield from read_parts(kept)["backfill"]["rows"]


def _board(folder: Path, sizes: list[int]) -> Iterator[Row]:
    import board_pages

    for stores in (5, 1_000):
        for row in board_pages.measure(folder / "board" / str(stores), stores, 15):
            _say("  ".join(f"{name} {value}" for name, value in row.items()))
            yield row


def _storage(folder: Path, sizes: list[int]) -> Iterator[Row]:
    """Of the chains whose whole run was measured."""
    import storage

    for stores in sizes:
        yield from storage.measure(folder / "stages", stores)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


PARTS: dict[str, tuple[Callable[[Path, list[int]], Iterator[Row]], tuple[str, ...]]] = {
    "stages": (_stages, stages.KEY),
    "storage": (_storage, ("stores", "what")),
    "imports": (_imports, ("step",)),
    "alternatives": (_alternatives, ("stores", "way")),
    "sftp": (_sftp, ("what", "client")),
    "backfill": (_backfill, ("days", "stores", "what")),
    "board": (_board, ("stores", "page")),
}


if __name__ == "__main__":
    main()
