"""Mutants of the golden slices of every feed, and what becomes of each. Prints a table; exit code 1 for a fault.

    python tests/fuzz/fuzz.py [--mutants 2000] [--seed 1] [--case FEED/FOLDER] [--first 0] [--keep FOLDER]

A mutant ends in one of four ways: its file is rejected in words; its day is held; it is staged with the totals of the
golden slice; or it is staged with other totals, which are then what a plain reader finds in the file (oracle.py).
What reads to the same tables goes on once: nothing after the reading sees anything else.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from cases import Case, cases
from mutants import Mutant, mutant
from onward import Ended, go_on
from reading import Fault, Read, read_mutant

OUTCOMES = ("rejected", "held", "staged as the golden slice", "staged as the file says", "FAULT")


@dataclass
class Fuzzed:
    """What became of the mutants of one case."""

    case: str
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0  # of the processor


def fuzz(case: Case, first: int, count: int, seed: int, folder: Path, keep: Path) -> Fuzzed:
    """Read mutants of a case, one number after the other, and let those that were taken in go on."""
    began, found = time.process_time(), Fuzzed(case.name)
    golden = Mutant(case, -1, "nothing", case.parts)
    went: dict[bytes, list[tuple[Mutant, Read]]] = {}
    for spoilt in (golden, *(mutant(case, number, seed) for number in range(first, first + count))):
        read = read_mutant(spoilt)
        if isinstance(read, Fault):
            _tell(found, spoilt, read, seed, keep)
        elif read.rejected:
            found.outcomes["rejected"] += 1
        else:
            went.setdefault(read.tables, []).append((spoilt, read))
    ends = go_on(case, [same[0] for same in went.values()], folder)
    for same, end in zip(went.values(), ends, strict=True):
        for spoilt, _ in same:
            if isinstance(end, Fault):
                _tell(found, spoilt, end, seed, keep)
            else:
                found.outcomes[_outcome(end)] += spoilt is not golden
    if not isinstance(ends[0], Ended) or ends[0].held:
        _tell(found, golden, Fault(f"the golden slice itself is not staged: {ends[0]}"), seed, keep)
    found.seconds = time.process_time() - began
    return found


def _outcome(end: Ended) -> str:
    return "held" if end.held else OUTCOMES[2] if end.is_as_golden else OUTCOMES[3]


def _tell(found: Fuzzed, spoilt: Mutant, fault: Fault, seed: int, keep: Path) -> None:
    """Count a fault, and keep its files and how to do it again."""
    found.outcomes["FAULT"] += 1
    kept = keep / f"{spoilt.case.name.replace('/', '-')}-{seed}-{spoilt.number}"
    for name, content in spoilt.parts.items():
        path = kept / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    again = f"--case {spoilt.case.name} --seed {seed} --first {spoilt.number} --mutants 1"
    found.faults.append(f"{spoilt.how}: {fault.why}\n    python tests/fuzz/fuzz.py {again}\n    {kept}")


def table(found: list[Fuzzed]) -> str:
    """Counts by case and outcome."""
    rows: list[tuple[object, ...]] = [("golden slice", *OUTCOMES, "in all", "CPU s")]
    for one in found:
        counts = [one.outcomes[outcome] for outcome in OUTCOMES]
        rows.append((one.case, *counts, sum(counts), f"{one.seconds:.1f}"))
    sums = [sum(one.outcomes[outcome] for one in found) for outcome in OUTCOMES]
    rows.append(("in all", *sums, sum(sums), f"{sum(one.seconds for one in found):.1f}"))
    return "\n".join(f"{row[0]!s:<22}" + "".join(f"{cell!s:>27}" for cell in row[1:]) for row in rows)


def main() -> int:
    """Fuzz; 1 where there are faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=2000, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first number of each case")
    parser.add_argument("--case", choices=sorted(cases()), help="this one alone")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="where mutants that are faults are kept")
    said = parser.parse_args()
    some = [cases()[said.case]] if said.case else list(cases().values())
    found = []
    for case, count in zip(some, share(said.mutants, len(some)), strict=True):
        with tempfile.TemporaryDirectory() as folder:
            found.append(fuzz(case, said.first, count, said.seed, Path(folder), said.keep))
        print("\n".join([f"{case.name} {json.dumps(found[-1].outcomes)}", *found[-1].faults]), file=sys.stderr)
    print(table(found))
    return 1 if any(one.faults for one in found) else 0


def share(count: int, among: int) -> list[int]:
    """So many mutants shared out over some cases."""
    return [count // among + (place < count % among) for place in range(among)]


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main())
