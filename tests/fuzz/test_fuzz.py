"""Whatever is wrong with a till's file: it is rejected in words, its day is held, or what is staged is what it says.

For every mutant (mutants.py) of every golden slice, by case. What can fail here, and with what it is compared:

- A file that is rejected says so in one line that names the file, and no other exception leaves the reader.
- The receipts of a file that was taken in (key, trading day, gross) are those that a plain reader finds in its bytes:
  oracle.py, which shares no code with the product and refuses what could be read in two ways.
- A store-day that is staged has sales and refunds, and deposits, of exactly the plain reader's gross: added up from the
  rows in the outbox. Money that the lines or tenders of a file contradict must therefore have held the day.
- The golden slice itself is staged, so that none of this holds because everything is refused.
- None takes five seconds of the processor, or memory beyond some times its size (test_memory.py).

2,000 mutants in CI, 320 on a laptop, more by STOREDAY_FUZZ; STOREDAY_FUZZ_SEED chooses others.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cases import cases
from fuzz import fuzz, share

COUNT = max(320, int(os.environ.get("STOREDAY_FUZZ", "2000" if os.environ.get("CI") else "320")))
SEED = int(os.environ.get("STOREDAY_FUZZ_SEED", "1"))
SHARES = dict(zip(cases(), share(COUNT, len(cases())), strict=True))


@pytest.mark.timeout(60 + 2 * COUNT)
@pytest.mark.parametrize("case", cases())
def test_a_mutant_is_rejected_or_held_or_staged_with_what_its_file_says(case: str, tmp_path: Path) -> None:
    found = fuzz(cases()[case], 0, SHARES[case], SEED, tmp_path / "shops", tmp_path / "kept")

    assert found.faults == [], "\n".join(found.faults)
    assert found.outcomes.total() == SHARES[case]
    assert found.outcomes["rejected"] > 0
    assert found.outcomes["staged as the golden slice"] > 0
