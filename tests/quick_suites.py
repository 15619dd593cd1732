"""The suites of include/expectations judged without Great Expectations, for tests that close days by the hundred.

What the files say counts, as it does for the real thing, which takes ten times as long; that both find the same is
held in test_quick_suites.py. Of Data Docs there is the first page only, published as it always is.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from storeday.checks import together
from storeday.checks.frames import Frames
from storeday.checks.suites import Asserted, Finding, Held, Suites


def run_suites(frames: Frames, suites: Suites, parameters: dict[str, int]) -> Held:
    """What each rule comes to, in the order of frames and rules, as the real function tells it; without a page."""
    held = [
        _held(name, frame, rule, parameters)
        for name, frame in frames.items()
        for rule in suites.get(name, ())
        if rule["kwargs"]["column"] in frame.columns
    ]
    return Held(tuple(asserted for asserted, _ in held), tuple(found for _, found in held if found))


def judge_quickly(patch: pytest.MonkeyPatch) -> None:
    """Have days closed so until the patch is undone."""
    patch.setattr(together, "run_suites", run_suites)


def _held(
    name: str, frame: pd.DataFrame, rule: dict[str, Any], parameters: dict[str, int]
) -> tuple[Asserted, Finding | None]:
    said = {key: _value(value, parameters) for key, value in rule["kwargs"].items()}
    column = frame[said.pop("column")]
    match rule["type"]:
        case "expect_column_values_to_be_between":
            wrong = (column < said["min_value"]) | (column > said["max_value"])
        case "expect_column_values_to_be_in_set":
            wrong = ~column.isin(said["value_set"])
        case other:
            raise NotImplementedError(f"a rule {other} is not known here yet")
    rows = tuple(int(row) for row, is_wrong in enumerate(wrong & column.notna()) if is_wrong)
    is_warning, meta = rule["severity"] == "warning", rule["meta"]
    asserted = Asserted(name, str(column.name), rule["type"], meta["check"], is_warning, is_met=not rows)
    return asserted, Finding(name, str(column.name), meta, is_warning, rows, len(frame)) if rows else None


def _value(said: Any, parameters: dict[str, int]) -> Any:
    return parameters[said["$PARAMETER"]] if isinstance(said, dict) else said
