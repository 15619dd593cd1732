"""Both DAGs through a real scheduler, over a real SFTP server, to the outbox: what `make demo` shows, on two days."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from storeday.demo.airflow_api import AirflowApi, TaskInstance
from storeday.demo.compare import differences
from storeday.demo.run import LINEAGE, Demo, Outcome, backfill
from storeday.model.money import plain
from storeday.model.store_day import State
from storeday.sample import write_sample

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def tasks(demo: Demo, outcome: Outcome) -> dict[str, list[TaskInstance]]:
    """The tasks of each day's run of close_store_days, by trading day."""
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        return {str(run.day): api.tasks(run) for run in outcome.runs}


def test_a_backfill_makes_a_run_for_each_day_the_last_included(outcome: Outcome) -> None:
    assert [run.day for run in outcome.runs] == ["2026-11-16", "2026-11-17"]


def test_the_outbox_equals_what_the_sample_knows_to_be_right(outcome: Outcome) -> None:
    states = {(line.store, line.trading_day.isoformat()): line.state for line in outcome.lines}

    assert outcome.differences == []
    assert states.pop(("S03", "2026-11-16")) is State.HELD
    assert set(states.values()) == {State.DELIVERED}
    assert outcome.new_batches == 4  # of takings and of stock, one a day


def test_a_held_store_is_red_on_its_own_task_and_makes_its_run_red(
    outcome: Outcome, tasks: dict[str, list[TaskInstance]]
) -> None:
    states = {(task.task_id, task.label): task.state for task in tasks["2026-11-16"]}

    assert {run.day: run.state for run in outcome.runs} == {"2026-11-16": "failed", "2026-11-17": "success"}
    assert states["store_day.check", "S03"] == "failed"
    assert [states["store_day.check", store] for store in ("S01", "S02", "S04", "S05")] == ["success"] * 4
    assert states["deliver", "northern-larder"] == "success"
    assert states["every_store_staged", None] == "failed"


def test_bad_data_is_not_tried_again(tasks: dict[str, list[TaskInstance]]) -> None:
    held = [task for task in tasks["2026-11-16"] if (task.task_id, task.label) == ("store_day.check", "S03")]

    assert [task.try_number for task in held] == [1]


def test_the_log_of_a_held_store_says_which_receipt(demo: Demo, tasks: dict[str, list[TaskInstance]]) -> None:
    [held] = [task for task in tasks["2026-11-16"] if (task.task_id, task.label) == ("store_day.check", "S03")]
    truth = json.loads(demo.truth.read_text())["stores"]["S03"]["2026-11-16"]["broken"]

    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        log = api.log_of(held)

    assert "S03 2026-11-16 held: tenders do not sum to the receipt" in log
    assert f"till {truth['till']} receipt {truth['receipt']}" in log


def test_each_stage_tells_of_what_it_made_new_with_its_money_and_digests(demo: Demo, outcome: Outcome) -> None:
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        events = api.asset_events()

    by_asset = Counter(event.asset.removeprefix("northern-larder: ") for event in events)
    [delivered] = [each for each in events if each.day == "2026-11-17" and each.asset.endswith(": takings delivered")]
    [folder] = [folder for folder in outcome.folders if folder.name == delivered.facts["batches"][0]]
    manifest = folder / "manifest.json"
    assert by_asset == {
        "till files landed": 5,  # each store's, by collect_pos_files; the closing runs find nothing new
        "store-days checked": 9,  # of ten one is held
        "store-days ready": 9,
        "takings staged": 2,
        "takings delivered": 2,
        "stock staged": 1,
        "stock delivered": 1,
        "Sage 50": 3,
    }
    assert delivered.facts["sales"] == plain(delivered.facts["sales_minor"])
    assert delivered.facts["sha256_of_manifests"] == [hashlib.sha256(manifest.read_bytes()).hexdigest()]


def test_airflows_own_graph_shows_the_way_from_the_tills_to_sage(demo: Demo, outcome: Outcome) -> None:
    tasks = ["store_day.collect", "store_day.check", "store_day.post", "stage", "deliver"]
    assets = ["tills", "till files landed", "store-days checked", "store-days ready", "takings staged", "Sage 50"]

    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        arrows = api.asset_graph("northern-larder: store-days checked")

    way = [(f"northern-larder: {a}", f"close_store_days.{t}") for a, t in zip(assets, tasks, strict=False)]
    way += [(f"close_store_days.{t}", f"northern-larder: {a}") for t, a in zip(tasks, assets[1:], strict=True)]
    assert set(way) <= arrows


def test_the_events_of_all_tasks_lead_from_sages_file_back_to_each_stores_tills(demo: Demo, outcome: Outcome) -> None:
    read = [json.loads(line) for line in (demo.home / LINEAGE).read_text().splitlines()]
    [folder] = [each for each in outcome.folders if "2026-11-17" in each.parts and (each / "transactions.csv").exists()]

    of, told = made_from(merged_by_run(read))

    found = back_from(str(folder / "transactions.csv"), of)
    landed = {str(demo.home / "landing" / store) for store in ("S01", "S02", "S03", "S04", "S05")}
    assert landed <= found
    assert "." in found  # the folder of the stores' SFTP logins
    assert not any("2026-11-16" in Path(name).name for name in found)
    assert told == {"2026-11-16/S03": "tenders do not sum to the receipt"}


Named = dict[str, set[str]]


def merged_by_run(events: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The inputs and outputs of each run, by name: what its START, RUNNING and COMPLETE events say together."""
    runs: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for event in events:
        merged = runs.setdefault(event["run"]["runId"], ({}, {}))
        for side, datasets in zip(merged, (event["inputs"], event["outputs"]), strict=True):
            side.update({dataset["name"]: dataset for dataset in datasets})
    return list(runs.values())


def made_from(runs: list[tuple[dict[str, Any], dict[str, Any]]]) -> tuple[Named, dict[str, str]]:
    """What each dataset was made from, by the columns where they are told; the expectations that were not met."""
    of: Named = {}
    unmet = {}
    for inputs, outputs in runs:
        for name, dataset in outputs.items():
            columns = dataset["facets"].get("columnLineage", {"fields": {}})["fields"].values()
            named = {field["name"] for column in columns for field in column["inputFields"]}
            of.setdefault(name, set()).update(named or inputs)
        for name, dataset in inputs.items():
            for assertion in dataset.get("inputFacets", {}).get("dataQualityAssertions", {}).get("assertions", []):
                if not assertion["success"] and assertion["severity"] == "error":
                    _, store, day = name.rsplit("/", 2)
                    unmet[f"{day}/{store}"] = assertion["name"]
    return of, unmet


def back_from(name: str, of: Named) -> set[str]:
    found, ahead = set(), [name]
    while ahead:
        new = of.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def test_a_corrected_file_is_staged_by_reprocessing_the_failed_run_alone(
    demo: Demo, outcome: Outcome, tmp_path: Path
) -> None:
    assert outcome.differences == []
    right = write_sample(replace(demo.sample, out=tmp_path, broken=())).parent
    for file in sorted((right / "S03").iterdir()):
        served = demo.truth.parent / "S03" / file.name
        if served.read_bytes() != file.read_bytes():
            served.write_bytes(file.read_bytes())

    again = backfill(demo, print, reprocess="failed")

    assert [run.day for run in again.runs] == ["2026-11-16"]
    assert {line.state for line in again.lines} == {State.DELIVERED}
    assert again.new_batches == 3  # the day's takings, its stock, and what its sales change in the next day's counts
    assert differences(demo.settings, demo.home / "outbox", right / "truth.json") == []
    assert again.unexpected_runs == []


def test_a_task_of_a_closed_day_is_cleared_by_itself_and_finds_it_done(demo: Demo, outcome: Outcome) -> None:
    [done] = [run for run in outcome.runs if run.day == "2026-11-17"]
    before = {file: file.read_bytes() for file in (demo.home / "outbox").rglob("*") if file.is_file()}

    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        [posted] = [task for task in api.tasks(done) if (task.task_id, task.label) == ("store_day.post", "S01")]
        api.clear(posted)
        [again] = api.wait_for_runs([done], on_progress=lambda _: demo.airflow.check(), timeout_seconds=300)
        tries = {(task.task_id, task.label): task.try_number for task in api.tasks(done)}

    assert again.state == "success"
    assert (tries["store_day.post", "S01"], tries["store_day.post", "S02"]) == (
        posted.try_number + 1,
        posted.try_number,
    )
    assert {file: file.read_bytes() for file in (demo.home / "outbox").rglob("*") if file.is_file()} == before
