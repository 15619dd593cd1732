"""Approval through a real scheduler: asked in Airflow, answered over its REST interface, held to the digest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import RunningAirflow, StartAirflow
from shops import COMPANY, EXPECTATIONS, Shop, place, settle
from storeday.demo.airflow_api import Run, TaskInstance
from storeday.ledger.facts import BatchFact
from storeday.model.store_day import State
from storeday.stages.workplace import Workplace
from tills import DAY, Till, sale, z

pytestmark = pytest.mark.timeout(600)

READ, REJECTED, CHANGED = DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)
READS_FOR_SECONDS = 3
"""Nobody answers sooner, and the scheduler has seen by then that the task was parked."""
ASKING = COMPANY + "approval: required\n"
HASTY = (
    COMPANY.replace("corner-shops", "hasty-shops").replace("Corner Shops", "Hasty Shops")
    + "approval: required\napproval_waits_minutes: 1\n"
)


@dataclass
class Asking:
    """Two companies that want approval, one of them within a minute, behind an Airflow whose runs wait for it."""

    shop: Shop
    till: Till
    airflow: RunningAirflow
    runs: dict[date, Run]

    def waiting(self, day: date, company: str = "corner-shops") -> TaskInstance:
        found = self.airflow.api.wait_for_task(self.runs[day], "approve", company, "awaiting_input")
        time.sleep(READS_FOR_SECONDS)
        return found

    def run_again(self, day: date) -> None:
        self.runs[day] = self.airflow.api.trigger("close_store_days", day=day)

    def ended(self, day: date) -> str:
        [run] = self.airflow.api.wait_for_runs(
            [self.runs[day]], on_progress=lambda _: self.airflow.process.check(), timeout_seconds=300
        )
        return run.state

    def log_of(self, day: date, task_id: str, company: str = "corner-shops") -> str:
        tasks = self.airflow.api.tasks(self.runs[day])
        [task] = [each for each in tasks if each.task_id == task_id and each.label in {company, None}]
        return self.airflow.api.log_of(task)

    def batch(self, day: date, company: str = "corner-shops") -> BatchFact:
        return self.shop.work.ledger.batches(company, day)[-1]

    def field(self, day: date) -> str:
        return f"{self.batch(day).id} {self.batch(day).digest}"


@pytest.fixture(scope="module")
def asking(airflow: StartAirflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("asking")
    settle(folder, {"S01": ""}, company=ASKING)
    hasty = tmp_path_factory.mktemp("hasty")
    settle(hasty, {"S11": f"opening: {{first_day: {READ}, last_day: {READ}}}"}, company=HASTY)
    (hasty / "config" / "corner-shops").rename(folder / "config" / "hasty-shops")
    till = Till("S01")
    with ExitStack() as opened:
        work = opened.enter_context(Workplace.open("tests", place(folder)))
        shop = Shop(work, folder / "sources", folder / "home")
        for till.day in (READ, REJECTED, CHANGED):
            shop.send(till.slice("09:00", sale("12.60"), z()))
        (folder / "sources" / "S11").symlink_to(hasty / "sources" / "S11")
        shop.send(Till("S11").slice("09:00", sale("3.00"), z()))
        environment = {
            "STOREDAY_HOME": str(folder / "home"),
            "STOREDAY_CONFIG": str(folder / "config"),
            "STOREDAY_EXPECTATIONS": str(EXPECTATIONS),
        }
        up = airflow(environment=environment)
        up.api.wait_for_dag("close_store_days")
        up.api.unpause("close_store_days")
        runs = {day: up.api.trigger("close_store_days", day=day) for day in (READ, REJECTED, CHANGED)}
        yield Asking(shop, till, up, runs)


def test_what_was_shown_and_approved_is_what_is_delivered(asking: Asking) -> None:
    task = asking.waiting(READ)
    asked = asking.airflow.api.question_of(task)
    shown = asked["params"]["batch"]["value"]

    asking.airflow.api.answer(task, "Approve", batch=shown, reason=None)
    asking.airflow.api.wait_for_task(asking.runs[READ], "deliver", "corner-shops", "success")

    delivered = asking.batch(READ)
    assert shown == f"{delivered.id} {delivered.digest}"
    assert asked["subject"] == f"corner-shops {READ}: approve batch {delivered.id}, 1 store, sales 12.60?"
    assert "| All | 1 | 12.60 | 0.00 | 12.60 | 2.10 | 10.50 |" in asked["body"]
    assert delivered.state == "delivered"
    manifest = Path(asking.shop.home, "outbox", "corner-shops", READ.isoformat(), delivered.id, "manifest.json")
    assert json.loads(manifest.read_text())["batch"] == delivered.id
    said = asking.shop.work.ledger.newest_answer(delivered.digest)
    assert said
    assert (said.is_approval, said.by) == (True, "admin")


def test_a_rejection_without_a_reason_is_asked_again_and_with_one_leaves_a_draft(asking: Asking) -> None:
    task = asking.waiting(REJECTED)

    asking.airflow.api.answer(task, "Reject", batch=asking.field(REJECTED), reason="")
    asking.airflow.api.wait_for_task(asking.runs[REJECTED], "approve", "corner-shops", "awaiting_input")
    again = asking.airflow.api.question_of(task)["response_received"]
    asking.airflow.api.answer(task, "Reject", batch=asking.field(REJECTED), reason="the cash is wrong")
    state = asking.ended(REJECTED)

    assert (again, state, asking.batch(REJECTED).state) == (False, "failed", "draft")
    assert asking.shop.state("S01", REJECTED) is State.STAGED
    assert "a rejection needs a reason; it is asked again" in asking.log_of(REJECTED, "approve")
    assert "rejected by admin: the cash is wrong; nothing was delivered" in asking.log_of(REJECTED, "deliver")
    assert "Put right what is wrong and run the day again" in asking.log_of(REJECTED, "every_store_staged")


def test_a_batch_that_changed_after_it_was_read_is_refused_in_words_and_asked_anew(asking: Asking) -> None:
    task = asking.waiting(CHANGED)
    read = asking.field(CHANGED)
    asking.shop.send(asking.till.slice("10:00", sale("4.00"), z()))
    asking.shop.run(CHANGED)

    asking.airflow.api.answer(task, "Approve", batch=read, reason=None)
    refused = asking.ended(CHANGED)
    log = asking.log_of(CHANGED, "approve")
    kept = asking.batch(CHANGED).state
    asking.run_again(CHANGED)
    anew = asking.waiting(CHANGED)
    shown = asking.airflow.api.question_of(anew)["params"]["batch"]["value"]
    asking.airflow.api.answer(anew, "Approve", batch=shown, reason=None)

    assert (refused, kept) == ("failed", "draft")
    assert "a newer draft took its place; read that one. Run the day again" in log
    assert shown != read
    assert asking.ended(CHANGED) == "success"
    assert asking.batch(CHANGED).state == "delivered"


def test_nobody_answering_in_time_ends_red_and_the_next_run_asks_again(asking: Asking) -> None:
    state = asking.ended(READ)
    log = asking.log_of(READ, "approve", "hasty-shops")

    asking.run_again(READ)
    asking.waiting(READ, "hasty-shops")

    assert (state, asking.batch(READ, "hasty-shops").state) == ("failed", "draft")
    assert asking.batch(READ).state == "delivered"  # the other company's, in the same run
    assert "hasty-shops: nobody answered within approval_waits_minutes; the batch stays a draft" in log


def test_a_backfill_does_not_wait_so_that_the_next_one_can_start(asking: Asking) -> None:
    runs = asking.airflow.api.backfill("close_store_days", REJECTED, REJECTED, reprocess="completed")

    [ended] = asking.airflow.api.wait_for_runs(
        runs, on_progress=lambda _: asking.airflow.process.check(), timeout_seconds=300
    )

    assert (ended.state, asking.batch(REJECTED).state) == ("failed", "draft")
