"""How long each stage takes for one trading day of 1 to 1,000 stores, and how much memory; beside the floor.

    python tests/bench/stages.py --stores 1 --stores 10 --in DIR

A chain's till files (a file an hour with its marker, as `storeday sample` lays them out) are written first. Then, each
in a process of its own and on a fresh folder: the floor, the stages one after another, and the whole run in one
process. The floor is what nobody can leave out who reads the same bytes: their SHA-256, pyarrow's CSV reader, and one
group-by. Takings and receipts are held to the sample's truth.json at every stage, and what is handed over to the penny.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from measuring import Took, in_a_process, measured, watch
from results import keep

# No import of the project up here: each step's process measures what that takes.

DAY = date(2026, 11, 22)
RECEIPTS = 2_000
SIZES = (1, 10, 100, 1000)
STAGES = ("collect", "check", "post", "stage", "deliver")
STEPS = ("floor", *STAGES, "run")
KEY = ("stores", "step")


def main() -> None:
    """Measure the sizes that are asked for; or, in a process of its own, one step of one size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stores", type=int, action="append", help=f"{SIZES} unless told")
    parser.add_argument("--receipts", type=int, default=RECEIPTS, help="mean a store-day")
    parser.add_argument("--only", action="append", choices=STEPS, help="all steps unless told")
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="a folder to write the figures to as JSON")
    said = parser.parse_args()
    if said.step:
        print(json.dumps(STEP[said.step](said.folder)))
        return
    for row in measure(said.folder, said.stores or SIZES, said.receipts, said.only or STEPS):
        if said.out:
            keep(said.out, "stages", [row], KEY)


def measure(folder: Path, sizes: tuple[int, ...] | list[int], receipts: int, steps: Any) -> Iterator[dict[str, Any]]:
    """The figures of each step and size, as they come."""
    for stores in sizes:
        chain = laid_out(folder, stores, receipts)
        for step in steps:
            figures = in_a_process(Path(__file__), ["--step", step, "--in", chain])
            figures = {"stores": stores, "receipts": receipts, "step": step, **figures}
            _say("  ".join(f"{name} {value}" for name, value in figures.items()))
            yield figures


def laid_out(folder: Path, stores: int, receipts: int) -> Path:
    """The folder of a chain of so many stores, with its settings and till files; what is there is left as it is."""
    from chains import lay_out, without_stock

    chain = (folder / str(stores)).resolve()
    _say(f"{stores:,} stores: their till files, written where they are not there yet")
    lay_out(chain, stores=stores, receipts=receipts, day=DAY)
    without_stock(chain)
    return chain


def floor(chain: Path) -> dict[str, Any]:
    """SHA-256 and reading of every till file and one sum of its lines, store by store; nothing of storeday's."""
    from reading_floor import read_all

    with measured() as took:
        found = read_all(chain / "sources")
    _hold_to_truth(chain, found.receipts, found.gross_minor)
    return {**took.said(), "files": found.files, "bytes": found.bytes}


def stage_by_stage(name: str) -> Callable[[Path], dict[str, Any]]:
    """A step that does one stage for the whole chain; the stages before it must have been done."""

    def step(chain: Path) -> dict[str, Any]:
        if name == "collect":
            shutil.rmtree(chain / "staged", ignore_errors=True)
        with measured() as took:
            import stage_steps
            from chains import installation

            _watch_great_expectations(took)
            with installation(chain, home="staged") as work:
                found = stage_steps.STAGE[name](work, _codes(chain), DAY, _progress)
        if found is not None:
            _hold_to_truth(chain, found.receipts, found.gross_minor)
        if name == "deliver":
            _hold_outbox_to_truth(chain, "staged")
        return took.said()

    return step


def whole_run(chain: Path) -> dict[str, Any]:
    """`storeday run` of the day, in this process."""
    shutil.rmtree(chain / "whole", ignore_errors=True)
    done = 0

    def told(_: str) -> None:
        nonlocal done
        done += 1
        _progress("told", done)

    with measured() as took:
        from chains import installation
        from storeday.stages import run

        _watch_great_expectations(took)
        _watch_steps(took, run)
        with installation(chain, home="whole") as work:
            ran = run.run_days(work, [DAY], _codes(chain), told)
    if ran.not_staged or ran.faults:
        sys.exit(f"not all is staged: {ran}")
    _hold_outbox_to_truth(chain, "whole")
    return took.said()


STEP: dict[str, Callable[[Path], dict[str, Any]]] = {
    "floor": floor,
    **{name: stage_by_stage(name) for name in STAGES},
    "run": whole_run,
}


def _watch_steps(took: Took, run: ModuleType) -> None:
    """Count what the steps of a whole run take."""
    from storeday.stages import together

    for name, function, caller in (
        ("collect", "collect", together),
        ("check", "check_all", together),
        ("post", "post_all", together),
        ("hand_over", "hand_over", run),
    ):
        watch(took, name, caller, function)


def _watch_great_expectations(took: Took) -> None:
    """Count what the suites take, their Data Docs included, and Data Docs by themselves."""
    from storeday.checks import together

    watch(took, "suites", together, "run_suites")
    watch(took, "suites", together, "write_docs")
    watch(took, "docs", together, "write_docs")


def _codes(chain: Path) -> list[str]:
    return sorted(_truth(chain))


def _truth(chain: Path) -> dict[str, Any]:
    return dict(json.loads((chain / "sources" / "truth.json").read_text(encoding="utf-8"))["stores"])


def _hold_to_truth(chain: Path, receipts: int, gross_minor: int) -> None:
    days = [day for store in _truth(chain).values() for day in store.values()]
    wanted = sum(day["receipts"] for day in days), sum(day["gross_minor"] for day in days)
    if (receipts, gross_minor) != wanted:
        sys.exit(f"receipts and takings are {receipts, gross_minor} and should be {wanted}: nothing to measure")


def _hold_outbox_to_truth(chain: Path, home: str) -> None:
    from chains import COMPANY, installation
    from storeday.demo.compare import differences

    with installation(chain, home=home) as work:
        settings = work.settings
    found = differences(settings, chain / home / "outbox", chain / "sources" / "truth.json")
    if found or not any((chain / home / "outbox" / COMPANY).iterdir()):
        sys.exit("\n".join(["the outbox is not what it should be:", *found[:20]]))


def _progress(what: str, done: int) -> None:
    if done % 50 == 0:
        print(f"{what} {done:,}", file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
