"""A ledger made again, killed at its nth write, and made again: `python tests/faults/rebuilding.py FOLDER EVERY`.

The folder has a company's settings and its state, ``before/home``. After each kill the next rebuild must prove equal to
the ledger that is still there. Prints one line of JSON: the points, and what was wrong.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import quick_suites
from stepping import KILLED, Breaks, fresh, in_a_fork
from storeday.checks import together
from storeday.config.environment import Environment
from storeday.ledger.restoring import LedgerInUse
from storeday.stages.rebuild.run import place_beside, rebuild
from storeday.stages.rebuild.told import rebuilt_text


def remove_rebuilt(where: Environment) -> None:
    """Remove the ledger beside the lost one."""
    for file in Path(where.home).glob("ledger.rebuilt.sqlite*"):
        file.unlink()


def made(where: Environment, breaks: Breaks | None = None) -> int:
    """Make the ledger again in this process; 0 where it is proven."""
    together.run_suites = quick_suites.run_suites
    if breaks:
        breaks.install()
    try:
        rebuilt = rebuild(where, place_beside(where), None, lambda _: None)
    except LedgerInUse:  # killed after its last write: whole, and removed as the message says
        remove_rebuilt(where)
        rebuilt = rebuild(where, place_beside(where), None, lambda _: None)
    if not rebuilt.is_proven:
        print(rebuilt_text(rebuilt), file=sys.stderr)
    return 0 if rebuilt.is_proven else 1


def step_through(folder: Path, every: int) -> dict[str, object]:
    """Kill a rebuild at each nth write, and run it again."""
    wrong, points, began = [], 0, time.monotonic()
    for n in range(1, 10_000, every):
        home = fresh(folder / "before", folder / "tries" / str(n))
        ledger = f"sqlite:///{home / 'ledger.sqlite'}"
        where = Environment(folder / "config", str(home), ledger, folder / "expectations")
        code = in_a_fork(lambda where=where, n=n: made(where, Breaks(where.home, "kill", n)))
        if code == 0:
            break
        if code != KILLED:
            wrong.append(f"{n}: ended with {code} instead of being killed")
            break
        points += 1
        if in_a_fork(lambda where=where: made(where)) != 0:
            wrong.append(f"{n}: the next rebuild is not equal")
    return {"fault": "kill", "points": points, "wrong": wrong, "seconds": round(time.monotonic() - began, 1)}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(step_through(Path(sys.argv[1]), int(sys.argv[2]))))
