"""The DAG files as Airflow reads them: they load, fast; tasks are retried, owned and told; assets are wired."""

from __future__ import annotations

import inspect
import json
import logging
import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

DAGS = Path(__file__).parents[2] / "dags"
PARSES_WITHIN_SECONDS = 0.5  # beside airflow.sdk's own import, which is paid once


@dataclass(frozen=True)
class Wired:
    """What a task follows, reads and makes; ``per`` is what it is mapped over."""

    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    per: str = ""


COMPANY = "northern-larder"
WIRING = {
    "collect_pos_files": {
        "which_stores": Wired(),
        "collect": Wired(after=("which_stores",), reads=("tills",), makes=("till files landed",), per="store"),
    },
    "close_store_days": {
        "which_stores": Wired(),
        "which_companies": Wired(),
        "store_day.collect": Wired(("which_stores",), ("tills",), ("till files landed",), per="store"),
        "store_day.check": Wired(
            ("store_day.collect", "which_stores"), ("till files landed",), ("store-days checked",), per="store"
        ),
        "store_day.post": Wired(
            ("store_day.check", "which_stores"), ("store-days checked",), ("store-days ready",), per="store"
        ),
        "stage": Wired(
            ("store_day.post", "which_companies"), ("store-days ready",), ("takings staged",), per="company"
        ),
        "approve": Wired(("stage", "which_companies"), ("takings staged",), per="company"),
        "deliver": Wired(
            ("approve", "which_companies"), ("takings staged",), ("takings delivered", "Sage 50"), per="company"
        ),
        "tell_what_waits": Wired(("stage",), ("takings staged",)),
        "every_store_staged": Wired(("deliver", "tell_what_waits", "which_stores"), ("takings staged",)),
    },
    "audit_month": {
        "which_companies": Wired(),
        "write_audit": Wired(("which_companies",), ("takings delivered", "Sage 50"), per="company"),
    },
    "sync_stock": {
        "which_companies": Wired(),
        "stage": Wired(("which_companies",), ("store-days ready",), ("stock staged",), per="company"),
        "deliver": Wired(
            ("stage", "which_companies"), ("stock staged",), ("stock delivered", "Sage 50"), per="company"
        ),
        "every_store_staged": Wired(("deliver",), ("stock staged",)),
    },
    "reconcile_sage": {
        "which_companies": Wired(),
        "reconcile": Wired(("which_companies",), ("Sage 50",), ("reconciled with Sage",), per="company"),
        "nothing_differs": Wired(("reconcile",), ("reconciled with Sage",)),
        "which_banks": Wired(),
        "hold_to_bank": Wired(("which_banks",), ("store-days ready",), per="company"),
    },
}
TASKS = [(dag, task) for dag, tasks in WIRING.items() for task in tasks]
MAPPED = [(dag, task) for dag, task in TASKS if WIRING[dag][task].per]


@pytest.fixture(scope="module")
def dagbag(airflow_home: dict[str, str]) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(DAGS, bundle_path=DAGS, bundle_name="storeday")


def each(of: list[tuple[str, str]]) -> list[Any]:
    """The tasks as parameters of a test, named by DAG and task."""
    return [pytest.param(*task, id=".".join(task)) for task in of]


def runs(task: Any) -> Any:
    """The function that a task runs."""
    return getattr(task, "python_callable", None) or inspect.unwrap(type(task).execute)


def names_in(function: Any) -> set[str]:
    """The names that a function uses, and those of the functions of storeday_dags that it calls."""
    names: set[str] = set()
    ahead, seen = [function], set()
    while ahead:
        seen.add(code := (one := ahead.pop()).__code__)
        names |= set(code.co_names)
        called = [one.__globals__.get(name) for name in code.co_names]
        ours = [each for each in called if getattr(each, "__module__", "").startswith("storeday_dags.")]
        ahead += [each for each in ours if getattr(each, "__code__", code) not in seen]
    return names


def test_every_dag_loads_and_no_other_is_there(dagbag: Any) -> None:
    expected = set(WIRING)

    ids = set(dagbag.dags)

    assert dagbag.import_errors == {}
    assert ids == expected


@pytest.mark.parametrize("dag", WIRING)
def test_a_dag_has_its_tasks_and_tells_what_it_is_for(dagbag: Any, dag: str) -> None:
    found = dagbag.dags[dag]

    tasks = set(found.task_ids)

    assert tasks == set(WIRING[dag])
    assert found.doc_md
    assert "storeday" in found.tags
    assert found.catchup is False


@pytest.mark.parametrize(("dag", "task"), TASKS)
def test_a_task_follows_reads_and_makes_what_it_should(dagbag: Any, dag: str, task: str) -> None:
    wired = WIRING[dag][task]

    found = dagbag.dags[dag].get_task(task)

    assert sorted(found.upstream_task_ids) == sorted(wired.after)
    assert [asset.name for asset in found.inlets] == [f"{COMPANY}: {name}" for name in wired.reads]
    assert [asset.name for asset in found.outlets] == [f"{COMPANY}: {name}" for name in wired.makes]
    assert {asset.group for asset in (*found.inlets, *found.outlets)} <= {COMPANY}


@pytest.mark.parametrize(("dag", "task"), each(of=TASKS))
def test_a_task_that_touches_the_network_or_the_database_is_tried_again(dagbag: Any, dag: str, task: str) -> None:
    found = dagbag.dags[dag].get_task(task)

    opens_the_ledger = "open_work" in names_in(runs(found))

    assert opens_the_ledger
    assert found.retries >= 2
    assert found.retry_policy is not None


def test_what_cannot_get_better_is_not_tried_again(dagbag: Any) -> None:
    from airflow.sdk import RetryAction
    from sqlalchemy.exc import OperationalError
    from storeday.model.errors import LedgerUnreachable
    from storeday.model.store_day import NothingReceived, StoreDayHeld
    from storeday.sources.base import SourceRefused, SourceUnreachable

    policy = dagbag.dags["close_store_days"].get_task("store_day.collect").retry_policy

    def decided(error: Exception) -> Any:
        return policy.evaluate(error, try_number=1, max_tries=4).action

    for waits in (StoreDayHeld("S01", date(2026, 11, 22)), NothingReceived("no file"), SourceRefused("host key")):
        assert decided(waits) is RetryAction.FAIL
    away = (SourceUnreachable("no route"), LedgerUnreachable("away"), OperationalError("BEGIN", {}, Exception()))
    for passes in (*away, OSError("disk")):
        assert decided(passes) is RetryAction.RETRY


@pytest.mark.parametrize(("dag", "task"), each(TASKS))
def test_a_task_has_an_owner_and_says_what_it_does(dagbag: Any, dag: str, task: str) -> None:
    found = dagbag.dags[dag].get_task(task)

    assert found.owner == "storeday"
    assert found.doc_md


@pytest.mark.parametrize(("dag", "task"), MAPPED)
def test_a_mapped_task_is_named_by_its_store_or_company(dagbag: Any, dag: str, task: str) -> None:
    found = dagbag.dags[dag].get_task(task)

    per, names_itself = WIRING[dag][task].per, "name_by" in names_in(runs(found))

    assert names_itself
    if per in found.template_fields:
        assert found.map_index_template == f"{{{{ task.{per} }}}}"  # known before it waits for a person
    else:
        assert found.map_index_template == "{{ named }}"
        assert per in runs(found).__code__.co_varnames


def test_stock_that_waits_keeps_no_other_and_the_run_ends_red(dagbag: Any) -> None:
    stock = dagbag.dags["sync_stock"]

    leaves = [task.task_id for task in stock.leaves]

    assert stock.get_task("every_store_staged").trigger_rule == "all_done"
    assert leaves == ["every_store_staged"]


def test_one_held_store_keeps_no_other_and_the_run_ends_red(dagbag: Any) -> None:
    close = dagbag.dags["close_store_days"]

    leaves = [task.task_id for task in close.leaves]

    assert close.get_task("stage").trigger_rule == "all_done"
    assert close.get_task("every_store_staged").trigger_rule == "all_done"
    assert leaves == ["every_store_staged"]


def test_what_a_person_did_not_approve_is_not_tried_again(dagbag: Any) -> None:
    from airflow.sdk import RetryAction
    from storeday.ledger.ledger import NotApproved

    policy = dagbag.dags["close_store_days"].get_task("deliver").retry_policy

    decided = policy.evaluate(NotApproved("batch aaaa waits for approval"), try_number=1, max_tries=2).action

    assert decided is RetryAction.FAIL


def test_a_batch_is_delivered_where_nobody_is_asked_and_one_company_keeps_no_other(dagbag: Any) -> None:
    close = dagbag.dags["close_store_days"]

    groups = {task: close.get_task(task).get_closest_mapped_task_group() for task in ("stage", "approve", "deliver")}

    assert {group.group_id for group in groups.values()} == {"hand_over"}  # each company goes its own way
    assert close.get_task("deliver").trigger_rule == "none_failed"  # approve is skipped where nobody is asked


def test_a_month_of_mornings_may_wait_for_approval_and_keep_none_that_comes_after(dagbag: Any) -> None:
    close = dagbag.dags["close_store_days"]

    mornings = close.max_active_runs

    assert mornings >= 31


# What a bookkeeper sees


def test_dags_groups_and_tasks_have_names_that_a_bookkeeper_understands(dagbag: Any) -> None:
    shown = {each.task_display_name for dag in dagbag.dags.values() for each in dag.tasks} | {
        dag.dag_display_name for dag in dagbag.dags.values()
    }
    groups = dagbag.dags["close_store_days"].task_group.children

    names = {group.group_display_name for group in groups.values() if hasattr(group, "children")}

    assert not [name for name in shown if "_" in name or not name[0].isupper()]
    assert names == {"Each store's day", "Each company's batch"}


def test_the_form_of_a_run_by_hand_offers_the_stores_and_a_dry_run(dagbag: Any) -> None:
    form = dagbag.dags["close_store_days"].params

    stores, dry = form.get_param("stores").schema, form.get_param("dry_run")

    assert stores["examples"] == ["S01", "S02", "S03", "S04", "S05"]
    assert (dry.value, dry.schema["type"]) == (False, "boolean")
    assert all(form.get_param(name).schema["title"] and form.get_param(name).description for name in form)


@pytest.mark.parametrize("task", ["approve", "deliver", "tell_what_waits", "every_store_staged"])
def test_a_dry_run_is_known_wherever_something_would_leave_the_house(dagbag: Any, task: str) -> None:
    found = dagbag.dags["close_store_days"].get_task(task)

    assert "is_dry_run" in names_in(runs(found))


def test_a_dry_run_is_one_that_says_so(airflow_home: dict[str, str]) -> None:
    from storeday_dags import is_dry_run

    said = [{"dag_run": SimpleNamespace(conf=conf)} for conf in (None, {}, {"dry_run": False}, {"dry_run": True})]

    assert [is_dry_run(run) for run in said] == [False, False, False, True]


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 6, 22), date(2026, 10, 24), date(2026, 3, 28)])
@pytest.mark.parametrize(("dag", "hour"), [("close_store_days", 6), ("sync_stock", 22), ("reconcile_sage", 7)])
def test_a_run_is_of_the_day_before_when_the_clocks_change_too(dagbag: Any, dag: str, hour: int, day: date) -> None:
    import pendulum
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction

    scheduled = DagSerialization.from_dict(DagSerialization.to_dict(dagbag.dags[dag]))
    due = pendulum.datetime(day.year, day.month, day.day, hour, tz="Europe/London").add(days=1)

    run = scheduled.timetable.next_dagrun_info_v2(
        last_dagrun_info=None,
        restriction=TimeRestriction(earliest=due.subtract(hours=5), latest=None, catchup=True),
    )

    assert run.partition_key == day.isoformat()
    assert run.run_after == due


def test_a_month_is_audited_on_the_third_of_the_next_under_its_first_day(dagbag: Any) -> None:
    import pendulum
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction

    scheduled = DagSerialization.from_dict(DagSerialization.to_dict(dagbag.dags["audit_month"]))
    due = pendulum.datetime(2026, 12, 3, 7, 30, tz="Europe/London")

    run = scheduled.timetable.next_dagrun_info_v2(
        last_dagrun_info=None,
        restriction=TimeRestriction(earliest=due.subtract(days=5), latest=None, catchup=True),
    )

    assert run.partition_key == "2026-11-01"
    assert run.run_after == due


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2026-11-07T00:00:00+00:00", "2026-11-07"),  # what a bare --to-date 2026-11-07 becomes
        ("2026-11-07T23:59:00+00:00", "2026-11-07"),
        ("2026-11-07T05:00:00+00:00", "2026-11-06"),
    ],
)
def test_a_backfill_to_a_date_takes_that_day_in(dagbag: Any, until: str, last: str) -> None:
    import pendulum
    from airflow.serialization.serialized_objects import DagSerialization

    close = DagSerialization.from_dict(DagSerialization.to_dict(dagbag.dags["close_store_days"]))

    runs = close.timetable.iter_partition_dagrun_infos(
        earliest=pendulum.parse("2026-11-01T00:00:00+00:00"), latest=pendulum.parse(until)
    )

    keys = [run.partition_key for run in runs]
    assert (keys[0], keys[-1], len(keys)) == ("2026-11-01", last, int(last[-2:]))


def test_a_backfill_over_the_change_of_clocks_has_each_day_once(dagbag: Any) -> None:
    import pendulum
    from airflow.serialization.serialized_objects import DagSerialization

    close = DagSerialization.from_dict(DagSerialization.to_dict(dagbag.dags["close_store_days"]))

    runs = close.timetable.iter_partition_dagrun_infos(
        earliest=pendulum.parse("2026-03-28T00:00:00+00:00"), latest=pendulum.parse("2026-03-30T00:00:00+00:00")
    )

    assert [run.partition_key for run in runs] == ["2026-03-28", "2026-03-29", "2026-03-30"]


# Assets


def test_a_task_tells_of_its_own_company_and_only_of_what_is_new(airflow_home: dict[str, str]) -> None:
    from airflow.sdk import Asset
    from airflow.sdk.execution_time.context import OutletEventAccessors
    from storeday_dags import assets, tell

    landed = {code: Asset(f"{code}: landed", uri=f"storeday://{code}/landing") for code in ("annexe", "corner-shops")}
    declared = SimpleNamespace(outlets=assets.every(landed))
    running: Any = {"ti": SimpleNamespace(task=declared), "outlet_events": OutletEventAccessors()}
    annexe = SimpleNamespace(is_new=True, facts=lambda: {"company": "annexe", "files": 3})
    nothing = SimpleNamespace(is_new=False, facts=lambda: {"company": "corner-shops", "files": 0})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets, "get_current_context", lambda: running)
        assets.tell_nothing_yet()
        tell(annexe, landed)
        tell(nothing, landed)

    assert declared.outlets == [landed["annexe"]]
    assert {asset: running["outlet_events"][asset].extra for asset in running["outlet_events"]} == {
        landed["annexe"]: {"company": "annexe", "files": 3}
    }


# Speed


PARSE = """
import json, sys, time
from airflow.sdk import (Asset, CronPartitionTimetable, CronTriggerTimetable, ExceptionRetryPolicy, Param,
                         RetryAction, RetryRule, dag, get_current_context, task, task_group)
from airflow.sdk.exceptions import AirflowFailException
sys.path.insert(0, sys.argv[1])
before = time.process_time()
import audit_month, collect_pos_files, close_store_days, reconcile_sage, sync_stock
seconds = time.process_time() - before
from storeday_dags import assets
declared = {asset.name for each in vars(assets).values() if isinstance(each, dict) for asset in each.values()
            if isinstance(asset, Asset)}
modules = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"seconds": seconds, "modules": modules, "assets": sorted(declared)}))
"""


@pytest.fixture(scope="module")
def parsed(airflow_home: dict[str, str]) -> dict[str, Any]:
    """The DAG files imported in a fresh process: the seconds of the quicker of two, and what was imported."""
    return min((parse(airflow_home) for _ in range(2)), key=lambda run: run["seconds"])


def parse(environment: dict[str, str]) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-c", PARSE, str(DAGS)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(json.loads(told.stdout.splitlines()[-1]))


def test_the_dag_files_parse_in_half_a_second(parsed: dict[str, Any]) -> None:
    seconds = parsed["seconds"]

    assert seconds < PARSES_WITHIN_SECONDS


def test_a_thousand_stores_make_no_more_assets_and_no_longer_parsing(
    airflow_home: dict[str, str], parsed: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(DAGS.parent / "include" / "config", tmp_path, dirs_exist_ok=True)
    store = tmp_path / COMPANY / "stores" / "S01.yaml"
    for number in range(1000, 2000):
        store.with_name(f"S{number}.yaml").write_text(store.read_text().replace("S01", f"S{number}"))

    large = parse({**airflow_home, "STOREDAY_CONFIG": str(tmp_path)})

    assert large["assets"] == parsed["assets"]
    assert len(parsed["assets"]) == 10
    assert large["seconds"] < PARSES_WITHIN_SECONDS


def test_parsing_imports_neither_pandas_nor_great_expectations(parsed: dict[str, Any]) -> None:
    imported = set(parsed["modules"])

    assert {"close_store_days", "reconcile_sage", "sync_stock", "storeday"} <= imported
    assert not imported & {"pandas", "pyarrow", "great_expectations", "numpy", "paramiko"}


# Which day a run is for


@pytest.fixture(scope="module")
def trading_day(airflow_home: dict[str, str]) -> Any:
    from storeday_dags import trading_day

    return trading_day


def context(partition_key: str | None = None, **params: str | None) -> dict[str, Any]:
    return {"dag_run": SimpleNamespace(partition_key=partition_key), "params": params}


def test_the_partition_key_is_the_trading_day_whatever_the_param_says(trading_day: Any) -> None:
    run = context("2026-11-22", day="2026-11-20")

    day = trading_day(run)

    assert day == date(2026, 11, 22)


def test_the_param_is_the_trading_day_of_a_run_by_hand(trading_day: Any) -> None:
    run = context(day="2026-11-20")

    day = trading_day(run)

    assert day == date(2026, 11, 20)


@pytest.mark.parametrize("run", [context(), context(day=None), context(day="")])
def test_a_run_of_no_day_is_refused_rather_than_guessed(trading_day: Any, run: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no trading day: trigger with a partition key or the day param"):
        trading_day(run)


@pytest.mark.parametrize("key", ["22/11/2026", "2026-11-31", "2026-W47-7", "20261122", "2026-11-22T06:00:00"])
def test_a_day_that_is_none_is_refused(trading_day: Any, key: str) -> None:
    with pytest.raises(ValueError, match="is not a trading day; write it as YYYY-MM-DD"):
        trading_day(context(key))


def test_the_bank_task_reads_what_came_and_tells_what_is_off(
    dagbag: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from storeday.stages import alerts, bank, bank_table

    body, told = runs(dagbag.dags["reconcile_sage"].get_task("hold_to_bank")), []
    report = SimpleNamespace(findings=("a finding",))
    monkeypatch.setitem(body.__globals__, "open_work", lambda: nullcontext("the work"))
    monkeypatch.setitem(body.__globals__, "name_by", lambda _: None)
    monkeypatch.setitem(body.__globals__, "alert_people", lambda work, found: told.append((work, found)))
    monkeypatch.setattr(bank, "hold_to_watched", lambda *_: iter([report]))
    monkeypatch.setattr(bank_table, "bank_text", lambda _: "the table of it")
    monkeypatch.setattr(alerts, "off_in_the_bank", lambda code, found: [code, *found])

    with caplog.at_level(logging.INFO):
        body(COMPANY)

    assert told == [("the work", [COMPANY, "a finding"])]
    assert "the table of it" in caplog.text
