"""What a stage imports in a fresh process, and which packages that takes most for: `tests/bench/imports.py --in DIR`.

Each stage does one store's day, as tests/bench/stages.py lays it out, under Python's own ``-X importtime``: whatever is
imported on the way counts, at the top of a module or in a function. In Airflow most of it is done once, in the process
that tasks are forked from; measured here is a task forked from one that has done none of it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages import RECEIPTS, STAGES, measure

_LINE = re.compile(r"^import time:\s+([0-9]+) \|\s+[0-9]+ \| +(\S+)$", re.MULTILINE)


def packages(told: str) -> dict[str, float]:
    """Each top-level package's share of all that ``-X importtime`` tells; a module's own time, without what it imports.

    >>> packages("import time:      1500 |       3000 | pandas.core\\nimport time:       500 |   500 |   numpy\\n")
    {'pandas': 0.75, 'numpy': 0.25}
    """
    spent: Counter[str] = Counter()
    for microseconds, module in _LINE.findall(told):
        spent[module.partition(".")[0]] += int(microseconds)
    return {name: round(used / spent.total(), 3) for name, used in spent.most_common()}


def measured_imports(folder: Path) -> Iterator[dict[str, Any]]:
    """A row a stage: what its imports took by the clock and of processor time, and the packages they took most for."""
    chain = (folder / "1").resolve()
    script = Path(__file__).with_name("stages.py")
    figures = {row["step"]: row for row in measure(folder, [1], RECEIPTS, STAGES)}
    for step in STAGES:
        command = [sys.executable, "-X", "importtime", str(script), "--step", step, "--in", str(chain)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        took = {name: figures[step][name] for name in ("import_clock", "import_cpu")}
        yield {"step": step, **took, "packages": dict(list(packages(told).items())[:8])}


def main() -> None:
    """Print a line a stage."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    for row in measured_imports(parser.parse_args().folder):
        print(row)


if __name__ == "__main__":
    main()
