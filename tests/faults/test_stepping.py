"""Killed at any write, or with the disk full from any write on: the next run hands over the same bytes, once.

How a run is broken: stepping.py; what it came to is printed as a table (conftest.py). STOREDAY_FAULT_STRIDE says which
points are stepped on: 1 is every one (`make faults`), 30 without it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shops import EXPECTATIONS, Shop, place, settle
from storeday.model.storage import remove_folder
from storeday.stages.workplace import Workplace
from tills import Slice, Till, refund, sale, z

HERE = Path(__file__).parent
STRIDE = int(os.environ.get("STOREDAY_FAULT_STRIDE", "30"))
pytestmark = pytest.mark.timeout(7200 if STRIDE < 10 else 900)


def morning(till: Till) -> list[Slice]:
    return [
        till.slice("09:00", sale("12.60", at="09:06"), sale("6.00", tender="VISA", at="09:07")),
        till.slice("10:00", refund("2.40", at="10:01"), z(at="10:30", counted="10.00")),
    ]


def fresh(shop: Shop) -> None:
    """Two stores whose files wait to be fetched."""
    for store in ("S01", "S02"):
        for part in morning(Till(store)):
            shop.send(part)


def late(shop: Shop) -> None:
    """A delivered day to which a receipt comes late."""
    first, other = Till("S01"), Till("S02")
    for part in [*morning(first), *morning(other)]:
        shop.send(part)
    shop.run()
    shop.send(first.slice("11:00", sale("24.00", at="11:15"), z(at="11:30")))


def corrected(shop: Shop) -> None:
    """A held store-day whose corrected file waits."""
    till, other = Till("S01"), Till("S02")
    good = morning(till)
    for part in [good[0].changed("TENDER", amount="12.40"), good[1], *morning(other)]:
        shop.send(part)
    shop.run()
    shop.send(good[0])


def taken_back(shop: Shop) -> None:
    """A delivered day that a person takes back."""
    for store in ("S01", "S02"):
        for part in morning(Till(store)):
            shop.send(part)
    shop.run()


SCENARIOS = {"fresh": fresh, "late": late, "corrected": corrected, "back": taken_back}
WRITES = {"fresh": 100, "late": 50, "corrected": 50, "back": 40}
"""So many a run of each makes at least."""
REQUESTS = {"fresh": 45, "late": 24, "corrected": 22, "back": 15}
"""The same of requests to an object store and transactions: what is put together counts an object each."""


def stepped_through(folder: Path, *words: str) -> dict[str, Any]:
    """What stepping.py tells of the state in a folder."""
    fault, *more = words
    told = subprocess.run(
        [sys.executable, HERE / "stepping.py", folder, fault, str(STRIDE), *more],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-4000:]
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("fault", ["kill", "full"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_a_fault_at_any_write_the_next_run_ends_as_if_there_had_been_none(
    scenario: str, fault: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settle(tmp_path, {"S01": "", "S02": ""})
    shutil.copytree(EXPECTATIONS, tmp_path / "expectations")
    where = place(tmp_path)
    with Workplace.open("tests", where) as work:
        SCENARIOS[scenario](Shop(work, tmp_path / "sources", tmp_path / "home"))
    shutil.move(tmp_path / "home", tmp_path / "before")
    remove_folder(str(tmp_path / "before" / "data_docs"))

    found = stepped_through(tmp_path, fault, scenario)

    record_property("stepped", {"day": SCENARIOS[scenario].__doc__, **found})
    assert found["wrong"] == []
    assert found["points"] >= WRITES[scenario] // STRIDE  # it did step through a run


@pytest.mark.parametrize("fault", ["kill", "full"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_a_fault_at_any_request_to_an_object_store_the_next_run_ends_as_if_there_had_been_none(
    scenario: str, fault: str, bucket: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settle(tmp_path, {"S01": "", "S02": ""})
    shutil.copytree(EXPECTATIONS, tmp_path / "expectations")
    where = replace(place(tmp_path), home=f"{bucket}/before")
    with Workplace.open("tests", where) as work:
        SCENARIOS[scenario](Shop(work, tmp_path / "sources", tmp_path / "home"))
    shutil.move(tmp_path / "home", tmp_path / "before")  # the ledger

    found = stepped_through(tmp_path, fault, scenario, bucket)

    record_property("stepped", {"day": f"{SCENARIOS[scenario].__doc__} (object store)", **found})
    assert found["wrong"] == []
    assert found["points"] >= REQUESTS[scenario] // STRIDE


def test_a_rebuild_that_is_killed_at_any_write_is_equal_when_it_is_run_again(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settle(tmp_path, {"S01": "", "S02": ""})
    shutil.copytree(EXPECTATIONS, tmp_path / "expectations")
    with Workplace.open("tests", place(tmp_path)) as work:
        shop = Shop(work, tmp_path / "sources", tmp_path / "home")
        late(shop)
        shop.run()
    shutil.move(tmp_path / "home", tmp_path / "before")

    told = subprocess.run(
        [sys.executable, HERE / "rebuilding.py", tmp_path, str(STRIDE)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stderr[-4000:]
    found = json.loads(told.stdout.splitlines()[-1])
    record_property("stepped", {"day": "A ledger that is made again.", **found})
    assert found["wrong"] == []
    assert found["points"] >= max(1, 20 // STRIDE)
