"""Real tills' files, which are not part of the project: tests that want one are skipped where it is not.

They are looked for in the folder that STOREDAY_REAL_SAMPLES names, else in shared/data of a folder above.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SOURCES = {"poslog-ncr": "github.com/kjbreil/poslog, sample/, BSD-3"}


def real(kind: str, name: str) -> bytes:
    """A real file's bytes; the test is skipped, saying where to get it, where it is not here."""
    told = os.environ.get("STOREDAY_REAL_SAMPLES")
    folders = [Path(told)] if told else [above / "shared" / "data" for above in Path(__file__).parents]
    found = next((file for folder in folders if (file := folder / kind / name).is_file()), None)
    if found is None:
        pytest.skip(f"REAL SAMPLE MISSING: {kind}/{name} (get it from {SOURCES[kind]}; set STOREDAY_REAL_SAMPLES)")
    return found.read_bytes()
