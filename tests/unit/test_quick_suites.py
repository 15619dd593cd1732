"""What stands in for Great Expectations where days are closed by the hundred finds what the real thing finds."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import quick_suites
from shops import OpenShop
from storeday.checks import together
from storeday.checks.frames import Frames
from storeday.checks.suites import Held, Suites
from storeday.checks.validation import run_suites
from tills import DAY, Till
from wrong_days import BEFORE, HELD


def test_both_find_the_same_on_days_that_are_wrong_in_every_way(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[Held, Held]] = []

    def both(frames: Frames, suites: Suites, parameters: dict[str, int]) -> Held:
        real, quick = (run(frames, suites, parameters) for run in (run_suites, quick_suites.run_suites))
        found.append((real, quick))
        return real

    monkeypatch.setattr(together, "run_suites", both)
    shop = open_shop(**{waits.store: waits.settings for waits in HELD.values()})
    for waits in HELD.values():
        for part in waits.files(Till(waits.store)):
            shop.send(part)

    shop.run(BEFORE, DAY)

    assert len({finding.meta["check"] for real, _ in found for finding in real.findings}) > 10
    for real, quick in found:
        assert asdict(quick) == asdict(real) | {"results": {}}
