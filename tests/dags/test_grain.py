"""Several stores a task: the shape of both DAGs then, which stores are left to tasks of their own, and the pool."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from shops import OpenShop, Shop
from storeday.config.running import Running
from storeday.model.store_day import State
from tills import DAY, Till, sale, z

DAGS = Path(__file__).parents[2] / "dags"
LANDED, CHECKED, READY = "till files landed", "store-days checked", "store-days ready"
STORES = ["DONE", "HELD", "EMPTY", "GONE", "ALSO"]


@pytest.fixture(scope="module")
def dagbag(airflow_home: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The DAGs as they are where a task takes 50 stores."""
    from airflow.dag_processing.dagbag import DagBag
    from storeday_dags import schedule

    config = tmp_path_factory.mktemp("grain") / "config"
    shutil.copytree(DAGS.parent / "include" / "config", config)
    (config / "running.yaml").write_text("stores_per_task: 50\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STOREDAY_CONFIG", str(config))
        schedule._facts.cache_clear()
        yield DagBag(DAGS, bundle_path=DAGS, bundle_name="storeday")
    schedule._facts.cache_clear()


def test_both_dags_load_with_no_task_but_the_two_more(dagbag: Any) -> None:
    close, collect = dagbag.dags["close_store_days"], dagbag.dags["collect_pos_files"]

    more = {"close_stores", "which_are_left"}, {"collect_stores", "which_are_left"}

    assert dagbag.import_errors == {}
    assert set(close.task_ids) == more[0] | {
        *("which_stores", "which_companies", "store_day.collect", "store_day.check", "store_day.post"),
        *("stage", "approve", "deliver", "tell_what_waits", "every_store_staged"),
    }
    assert set(collect.task_ids) == more[1] | {"which_stores", "collect"}


@pytest.mark.parametrize(
    ("dag", "together", "makes", "alone"),
    [
        ("close_store_days", "close_stores", {LANDED, CHECKED, READY}, "store_day.collect"),
        ("collect_pos_files", "collect_stores", {LANDED}, "collect"),
    ],
)
def test_stores_go_togetherand_then_alone_those_that_are_left(
    dagbag: Any, dag: str, together: str, makes: set[str], alone: str
) -> None:
    tasks = dagbag.dags[dag]

    first, left, last = tasks.get_task(together), tasks.get_task("which_are_left"), tasks.get_task(alone)

    assert first.upstream_task_ids == {"which_stores"}
    assert left.upstream_task_ids == {"which_stores", together}
    assert last.upstream_task_ids == {"which_are_left"}
    assert left.trigger_rule == "all_done"  # the stores of a task that broke are left as well
    assert {asset.name.partition(": ")[2] for asset in first.outlets} == makes
    assert first.map_index_template == "{{ named }}"


@pytest.mark.parametrize(
    ("dag", "task"),
    [
        ("close_store_days", "close_stores"),
        ("close_store_days", "which_are_left"),
        ("collect_pos_files", "collect_stores"),
        ("collect_pos_files", "which_are_left"),
    ],
)
def test_the_tasks_between_are_owned_told_and_tried_again(dagbag: Any, dag: str, task: str) -> None:
    found = dagbag.dags[dag].get_task(task)

    assert found.owner == "storeday"
    assert found.doc_md
    assert found.retries == 2
    assert found.retry_policy is not None
    assert "_" not in found.task_display_name


def test_what_stages_goes_on_where_no_store_is_left_and_the_run_is_as_red_as_ever(dagbag: Any) -> None:
    close = dagbag.dags["close_store_days"]

    leaves = [task.task_id for task in close.leaves]

    assert close.get_task("stage").upstream_task_ids == {"store_day.post", "which_companies"}
    assert close.get_task("stage").trigger_rule == "all_done"  # mapped over no store, store_day is skipped
    assert leaves == ["every_store_staged"]


def test_every_task_at_the_stores_servers_waits_for_a_place_in_the_pool(dagbag: Any) -> None:
    pools = {(dag.dag_id, task.task_id): task.pool for dag in dagbag.dags.values() for task in dag.tasks}

    there = {task for task, pool in pools.items() if pool == "storeday_sftp"}

    assert there == {
        ("close_store_days", "close_stores"),
        ("close_store_days", "store_day.collect"),
        ("collect_pos_files", "collect_stores"),
        ("collect_pos_files", "collect"),
    }
    assert {pool for task, pool in pools.items() if task not in there} == {"default_pool"}


# What is left


def test_the_stores_that_no_task_was_done_with_are_left_in_their_order(airflow_home: dict[str, str]) -> None:
    from storeday_dags.together import left_over

    shared = [["S01", "S02"], ["S03", "S04"], ["S05"]]

    left = left_over(shared, [["S02"], ["S05"]])  # the second task broke and said nothing

    assert left == ["S01", "S03", "S04"]


def test_no_more_stores_are_left_than_airflow_makes_tasks_of(
    airflow_home: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    from storeday_dags.together import left_over

    left = left_over([[f"S{number}" for number in range(2000)]], [["S0"]])

    assert (left[0], left[-1], len(left)) == ("S1", "S1024", 1024)
    assert "only the first 1024 of them" in caplog.text


def test_stores_that_are_not_known_are_no_stores_that_are_done(airflow_home: dict[str, str]) -> None:
    from airflow.sdk.exceptions import AirflowFailException
    from storeday_dags.together import left_over

    with pytest.raises(AirflowFailException, match="which stores there are is not known"):
        left_over(None, [])


# The work of a task of several stores


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """Two healthy stores, and between them one that is held, one that sent nothing and one whose folder is gone."""
    shop = open_shop(*STORES)
    for code in ("DONE", "ALSO"):
        shop.send(Till(code).slice("09:00", sale("12.60"), z()))
    shop.send(Till("HELD").slice("09:00", sale("12.60", tender={"CASH": "13.00"}), z()))
    (shop.sources / "GONE").rmdir()
    return shop


@pytest.fixture
def task(airflow_home: dict[str, str], shop: Shop, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a task is given by Airflow and opens: the shop, a day, and where its events go."""
    from airflow.sdk import Asset
    from airflow.sdk.execution_time.context import OutletEventAccessors
    from storeday_dags import assets, collecting, together, work

    context: dict[str, Any] = {
        "lineage": [],
        "dag_run": SimpleNamespace(partition_key=DAY.isoformat()),
        "ti": SimpleNamespace(task=SimpleNamespace(outlets=[])),
        "outlet_events": OutletEventAccessors(),
    }
    for module in (assets, together, work):
        monkeypatch.setattr(module, "get_current_context", lambda: context)
    monkeypatch.setattr(together, "open_work", lambda: nullcontext(shop.work))
    for module in (collecting, together):
        monkeypatch.setattr(module, "tell_lineage", lambda passage: context["lineage"].append(passage()))
    for name in (LANDED, CHECKED, READY):
        ours = {"corner-shops": Asset(name, uri=f"storeday://corner-shops/{name.replace(' ', '-')}")}
        constant = {LANDED: "LANDED", CHECKED: "CHECKED", READY: "READY"}[name]
        monkeypatch.setattr(together, constant, ours)
    return context


def events(task: dict[str, Any]) -> dict[str, Any]:
    return {asset.name: task["outlet_events"][asset].extra for asset in task["outlet_events"]}


def test_a_task_of_several_stores_gives_those_that_are_ready_whatever_becomes_of_the_others(
    task: dict[str, Any], shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    from storeday_dags import close_together

    with caplog.at_level(logging.INFO):
        ready = close_together(STORES)

    assert ready == ["DONE", "ALSO"]
    assert [shop.state(code) for code in ("DONE", "HELD", "ALSO")] == [State.READY, State.HELD, State.READY]
    assert task["named"] == "DONE to ALSO"
    assert "GONE goes on by itself: SourceUnreachable: the folder" in caplog.text
    assert f"HELD goes on by itself: HELD {DAY.isoformat()} held: tenders do not sum to the receipt" in caplog.text
    assert f"EMPTY goes on by itself: EMPTY {DAY.isoformat()}: no file is here yet" in caplog.text


def test_its_events_carry_the_totals_and_what_is_new_of_each_store(task: dict[str, Any], shop: Shop) -> None:
    from storeday_dags import close_together

    close_together(STORES)

    told = events(task)
    assert {name: [each["store"] for each in facts["stores"]] for name, facts in told.items()} == {
        LANDED: ["DONE", "HELD", "ALSO"],
        CHECKED: ["DONE", "ALSO"],
        READY: ["DONE", "ALSO"],
    }
    assert (told[READY]["takings_minor"], told[READY]["takings"], told[READY]["receipts"]) == (2520, "25.20", 2)
    assert told[READY]["company"] == "corner-shops"


def test_the_same_task_again_finds_them_done_and_has_nothing_to_tell(task: dict[str, Any], shop: Shop) -> None:
    from storeday_dags import close_together

    close_together(STORES)
    task["outlet_events"]._dict.clear()

    ready = close_together(STORES)

    assert ready == ["DONE", "ALSO"]
    assert events(task) == {}


def test_its_lineage_is_that_of_tasks_a_store_with_the_expectations_that_were_met(
    task: dict[str, Any], shop: Shop
) -> None:
    from storeday_dags import close_together

    close_together(STORES)

    [checked] = [each for each in task["lineage"] if each and each.inputs[0].named.name.endswith(f"DONE/{DAY}")][:1]
    outcomes = {outcome.asserted.is_met for outcome in checked.inputs[0].outcomes}
    assert outcomes == {True}
    assert sum(each is not None for each in task["lineage"]) == 3 + 3 + 2  # fetched, checked, posted


def test_a_task_that_fetches_several_stores_gives_those_that_could_be_asked(task: dict[str, Any], shop: Shop) -> None:
    from storeday_dags import collect_together

    fetched = collect_together(["DONE"]), collect_together(["GONE", "HELD", "EMPTY"])

    assert fetched == (["DONE"], ["HELD", "EMPTY"])


def test_stores_are_shared_out_as_the_settings_say(airflow_home: dict[str, str], shop: Shop) -> None:
    from storeday_dags import all_of, shared_out

    two = replace(shop.work, settings=shop.work.settings.model_copy(update={"running": Running(stores_per_task=2)}))

    alone = shared_out(shop.work, STORES)
    together = shared_out(two, STORES)

    assert alone == STORES
    assert together == [["ALSO"], ["DONE", "EMPTY"], ["GONE", "HELD"]]
    assert sorted(all_of(together)) == sorted(STORES)


# The pool


STARTS = """
import json, os, sys
from pathlib import Path
from airflow import settings
settings.initialize()
from airflow.jobs.job import Job
from airflow.models.pool import Pool
from airflow.utils.session import create_session
from sqlalchemy import select

Pool.metadata.create_all(settings.get_engine(), tables=[Pool.metadata.tables[name] for name in ("team", "slot_pool")])
said = Path(os.environ["STOREDAY_CONFIG"]) / "running.yaml"

def slots_after_a_start():
    Job()
    with create_session() as session:
        return {pool.pool: pool.slots for pool in session.scalars(select(Pool))}

found = [slots_after_a_start()]
for text in sys.argv[1:]:
    said.write_text(text)
    found.append(slots_after_a_start())
print(json.dumps(found))
"""


def slots_after(environment: dict[str, str], config: Path, *running: str) -> list[dict[str, int]]:
    """The pools after each start of one of Airflow's processes: over no settings, then over each of these."""
    told = subprocess.run(
        [sys.executable, "-c", STARTS, *running],
        env={**os.environ, **environment, "STOREDAY_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return list(json.loads(told.stdout.splitlines()[-1]))


def test_a_process_of_airflows_that_starts_makes_the_pool_and_sizes_it_as_the_settings_say_now(
    airflow_home: dict[str, str], tmp_path: Path
) -> None:
    settings = ("sftp_connections: 3", "sftp_connections: none at all", "sftp_connections: 5")

    found = slots_after(airflow_home, tmp_path, *settings)

    assert found == [{"storeday_sftp": 8}, {"storeday_sftp": 3}, {"storeday_sftp": 3}, {"storeday_sftp": 5}]
