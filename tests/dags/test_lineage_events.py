"""What OpenLineage is told: a task's datasets with their facets, and a file that many processes write to at once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def lineage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module that tells, in an Airflow of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.syspath_prepend(DAGS)
        from storeday_dags import lineage

        yield lineage


def facets_of(dataset: Any) -> dict[str, Any]:
    """A dataset as it stands in an event, by the names of its facets."""
    from openlineage.client.serde import Serde

    said: dict[str, Any] = json.loads(Serde.to_json(dataset))
    return {**said["facets"], **said.get("inputFacets", {}), **said.get("outputFacets", {})}


def test_columns_their_origin_and_what_is_known_stand_in_the_event(lineage: Any) -> None:
    from storeday.model.derivation import Change, Derivation, Derived
    from storeday.stages.datasets import Dataset, Measured, Name, Origin

    lines = Name("file", "/home/ledger.sqlite/wanted_lines/S01/2026-11-22")
    net = Derived("Net Amount", ("net_minor",), "without its sign", Change.SUMMED)
    file = Dataset(
        Name("file", "/home/outbox/transactions.csv"),
        (("Net Amount", "text"),),
        Measured(rows=12, size=980, files=1, sums_minor=(("net_minor", 123456),)),
        Origin(Derivation((net,), steered_by=("role",)), (lines,)),
    )

    facets = facets_of(lineage._output(file))

    assert [(field["name"], field["type"]) for field in facets["schema"]["fields"]] == [("Net Amount", "text")]
    [of] = facets["columnLineage"]["fields"]["Net Amount"]["inputFields"]
    assert (of["namespace"], of["name"], of["field"]) == (*lines, "net_minor")
    assert (of["transformations"][0]["type"], of["transformations"][0]["subtype"]) == ("DIRECT", "AGGREGATION")
    assert [each["field"] for each in facets["columnLineage"]["dataset"]] == ["role"]
    assert (facets["outputStatistics"]["rowCount"], facets["outputStatistics"]["size"]) == (12, 980)
    assert facets["dataQualityMetrics"]["columnMetrics"]["net_minor"]["sum"] == 123456


def test_expectations_say_whether_they_were_met_and_whether_they_hold_the_day(lineage: Any) -> None:
    from storeday.checks.suites import Asserted
    from storeday.stages.datasets import Dataset, Name, Outcome

    def outcome(check: str, *, is_met: bool, holds: bool = False, is_warning: bool = False) -> Outcome:
        found = "" if is_met else "1 of 9 receipts"
        return Outcome(Asserted("receipts", "gap", "expect_x", check, is_warning, is_met), holds, found)

    outcomes = (
        outcome("met", is_met=True),
        outcome("worth a look", is_met=False, is_warning=True),
        outcome("released by a person", is_met=False),
        outcome("holds the day", is_met=False, holds=True),
    )

    facets = facets_of(lineage._input(Dataset(Name("file", "/canonical/S01"), outcomes=outcomes)))

    said = [(a["name"], a["success"], a["severity"]) for a in facets["dataQualityAssertions"]["assertions"]]
    assert said == [
        ("met", True, "error"),
        ("worth a look", False, "warn"),
        ("released by a person", False, "warn"),
        ("holds the day", False, "error"),
    ]
    assert facets["dataQualityAssertions"]["assertions"][3]["actual"] == "1 of 9 receipts"


def test_lineage_that_cannot_be_told_is_a_warning_and_fails_no_task(
    lineage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from airflow.providers.openlineage import api

    def broken() -> None:
        raise FileNotFoundError("manifest.json")

    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(api, "is_openlineage_active", lambda: True)
        lineage.tell_lineage(broken)

    assert "the lineage of this task could not be told: manifest.json" in caplog.text


def emit_many(path: str, name: str) -> None:
    """Twenty events of a hundred kilobytes, as one process writes them."""
    from openlineage.client.event_v2 import Job, Run, RunEvent
    from openlineage.client.transport.file import FileConfig, FileTransport

    transport = FileTransport(FileConfig(path, append=True))
    for number in range(20):
        run = Run("01a20e9b-d7ab-75ed-b512-bb6fbcdfbdf3")
        job = Job("storeday", f"{name}-{number}-" + name * 100_000)
        transport.emit(RunEvent(eventTime="2026-11-22T06:00:00Z", run=run, job=job, producer="https://example.org"))


def test_many_processes_write_one_file_a_whole_line_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "lineage.jsonl"

    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes:
        list(processes.map(emit_many, [str(file)] * 4, "abcd"))

    names = [json.loads(line)["job"]["name"] for line in file.read_text().splitlines()]
    assert sorted(name.rsplit("-", 1)[0] for name in names) == sorted(f"{p}-{n}" for p in "abcd" for n in range(20))
    assert {len(set(name.rsplit("-", 1)[1])) for name in names} == {1}
