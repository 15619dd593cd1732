"""After the tests of faults: what was broken, where, and what it came to, as a table."""

from __future__ import annotations

from typing import Any

import pytest

TITLES = ("what kind of day", "fault", "points stepped", "wrong", "seconds")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests of stepping told, from whichever process."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.getreports(key)]
    told: list[dict[str, Any]] = [
        said for report in reports for name, said in report.user_properties if name == "stepped"
    ]
    if told:
        faults = {"kill": "killed there", "full": "disk full from there"}
        rows = [(t["day"], faults[t["fault"]], t["points"], len(t["wrong"]), t["seconds"]) for t in told]
        rows.append(("in all", "", sum(t["points"] for t in told), sum(len(t["wrong"]) for t in told), ""))
        terminalreporter.section("a run broken at its writes, one after the other, and the run after it")
        for day, fault, points, wrong, seconds in (TITLES, *sorted(rows[:-1]), rows[-1]):
            terminalreporter.write_line(f"{day:<64} {fault:<22} {points:>14} {wrong:>6} {seconds:>8}")
