"""A week of three shops in which everything goes wrong, and what is in Sage after it. For a quarter: `make soak`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.timeout(1200)
def test_whatever_goes_wrong_in_a_week_every_sale_is_in_sage_once(tmp_path: Path) -> None:
    command = [sys.executable, TESTS / "soak" / "soak.py", "--in", tmp_path, "--seed", "3"]
    order = ["--days", "6", "--stores", "3", "--receipts", "24", "--rounds", "5"]
    path = [str(TESTS), str(TESTS / "bench"), str(TESTS / "faults"), os.environ.get("PYTHONPATH", "")]

    told = subprocess.run(
        [*command, *order],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.stdout, told.stderr[-4000:]
    found = json.loads(told.stdout.splitlines()[-1])
    assert (found["wrong"], told.returncode) == ([], 0)
    assert found["store_days"] == 18
    assert found["reversals"] > 0
    assert {"kill", "full", "again", "other name", "cut", "late marker"} <= found["happened"].keys()
