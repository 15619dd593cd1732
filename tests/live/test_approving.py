"""Approval through a real scheduler: asked in Airflow, answered over its REST interface, held to the digest."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from airflows import RunningAirflow, StartAirflow
from browsers import board_of, logged_in, picture
from playwright.sync_api import Browser, expect
from servers import http_endpoint
from shops import COMPANY, EXPECTATIONS, Shop, place, settle
from storeday.demo.airflow_api import Run, TaskInstance
from storeday.ledger.facts import BatchFact
from storeday.model.store_day import State
from storeday.stages.workplace import Workplace
from tills import DAY, Till, sale, z

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

READ, REJECTED, BROWSED, CHANGED = (DAY + timedelta(days=n) for n in range(4))  # what changes is the till's last day
ASKING = (
    COMPANY
    + "approval: required\n"
    + "alerts:\n  - {channel: webhook, connection: ops_hook, causes: [approval, late, failed]}\n"
)
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
    posts: list[tuple[str, Any]]
    runs: dict[date, Run]

    def waiting(self, day: date, company: str = "corner-shops") -> TaskInstance:
        return self.airflow.api.wait_for_task(self.runs[day], "approve", company, "awaiting_input")

    def answer(self, day: date, option: str, until: Callable[[TaskInstance], bool], **fields: str | None) -> None:
        """Answer until it is taken: Airflow loses an answer within moments of its question, and asks once more."""
        give_up = time.monotonic() + 240
        while not until(task := self.task(day, "approve")):
            if task.state == "awaiting_input" and not self.airflow.api.question_of(task)["response_received"]:
                self.airflow.api.answer(task, option, **fields)
            assert time.monotonic() < give_up, f"{option} was not taken: {self.airflow.api.log_of(task)}"
            time.sleep(1)

    def task(self, day: date, task_id: str, company: str = "corner-shops") -> TaskInstance:
        tasks = self.airflow.api.tasks(self.runs[day])
        [task] = [each for each in tasks if each.task_id == task_id and each.label in {company, None}]
        return task

    def run_again(self, day: date) -> None:
        self.runs[day] = self.airflow.api.trigger("close_store_days", day=day)

    def ended(self, day: date) -> str:
        [run] = self.airflow.api.wait_for_runs(
            [self.runs[day]], on_progress=lambda _: self.airflow.process.check(), timeout_seconds=300
        )
        return run.state

    def log_of(self, day: date, task_id: str, company: str = "corner-shops") -> str:
        return self.airflow.api.log_of(self.task(day, task_id, company))

    def told(self, title: str) -> list[str]:
        """The texts that the company's webhook was told under a title, once there is one."""
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up:
            if texts := [said["message"] for _, said in self.posts if said["title"] == title]:
                return texts
            time.sleep(0.5)
        raise AssertionError(f"nobody was told {title!r}, but {[said['title'] for _, said in self.posts]}")

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
        posts, port = opened.enter_context(http_endpoint())
        work = opened.enter_context(Workplace.open("tests", place(folder)))
        shop = Shop(work, folder / "sources", folder / "home")
        for till.day in (READ, REJECTED, BROWSED, CHANGED):
            shop.send(till.slice("09:00", sale("12.60"), z()))
        (folder / "sources" / "S11").symlink_to(hasty / "sources" / "S11")
        shop.send(Till("S11").slice("09:00", sale("3.00"), z()))
        environment = {
            "STOREDAY_HOME": str(folder / "home"),
            "STOREDAY_CONFIG": str(folder / "config"),
            "STOREDAY_EXPECTATIONS": str(EXPECTATIONS),
            "AIRFLOW_CONN_OPS_HOOK": json.dumps(
                {"conn_type": "apprise", "extra": {"config": {"path": f"json://127.0.0.1:{port}/hook"}}}
            ),
        }
        up = airflow(environment=environment)
        up.api.wait_for_dag("close_store_days")
        up.api.unpause("close_store_days")
        runs = {day: up.api.trigger("close_store_days", day=day) for day in (READ, REJECTED, BROWSED, CHANGED)}
        yield Asking(shop, till, up, posts, runs)


def is_over(task: TaskInstance) -> bool:
    return task.state in {"success", "failed"}


def test_what_was_shown_and_approved_is_what_is_delivered(asking: Asking) -> None:
    task = asking.waiting(READ)
    asked = asking.airflow.api.question_of(task)
    shown = asked["params"]["batch"]["value"]

    asking.answer(READ, "Approve", is_over, batch=shown, reason=None)
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


def test_a_batch_is_approved_in_the_browser_and_its_row_followed_to_its_receipt(
    asking: Asking, browser: Browser
) -> None:
    asking.waiting(BROWSED)
    up = asking.airflow.process
    page = logged_in(browser, up.url, up.user, up.password)

    page.goto(f"{up.url}/{page_of(asking.runs[BROWSED])}/required_actions")
    expect(page.get_by_text(f"approve batch {asking.batch(BROWSED).id}, 1 store, sales 12.60?")).to_be_visible()
    picture(page, "approval.png")
    page.get_by_role("button", name="Approve", exact=True).click()
    asking.airflow.api.wait_for_task(asking.runs[BROWSED], "deliver", "corner-shops", "success")

    page.goto(f"{up.url}/plugin/store-days/storeday/day/S01/{BROWSED}")
    board = board_of(page)
    board.get_by_role("link", name=f"S01-{BROWSED:%y%m%d}", exact=True).click()
    expect(board.get_by_role("heading", name=f"Where S01-{BROWSED:%y%m%d} came from and went")).to_be_visible()
    board.locator("ul.found a", has_text="till 01").first.click()
    expect(board.get_by_role("heading", name=re.compile(r"Where 01.\d+ came from and went"))).to_be_visible()
    expect(board.locator("ul.found")).to_contain_text(asking.batch(BROWSED).id)
    expect(board.locator("ul.found")).to_contain_text("S01_")  # the file it came in
    assert asking.batch(BROWSED).state == "delivered"


def page_of(run: Run) -> str:
    """The page of a run's question in Airflow's web UI."""
    return f"dags/{run.dag_id}/runs/{quote(run.run_id, safe='')}/tasks/approve/mapped/0"


def test_a_rejection_without_a_reason_is_asked_again_and_with_one_leaves_a_draft(asking: Asking) -> None:
    asking.waiting(REJECTED)

    def is_asked_again(task: TaskInstance) -> bool:
        said = asking.airflow.api.log_of(task)
        return task.state == "awaiting_input" and "a rejection needs a reason; it is asked again" in said

    asking.answer(REJECTED, "Reject", is_asked_again, batch=asking.field(REJECTED), reason="")
    asking.answer(REJECTED, "Reject", is_over, batch=asking.field(REJECTED), reason="the cash is wrong")
    state = asking.ended(REJECTED)

    assert (state, asking.batch(REJECTED).state) == ("failed", "draft")
    assert asking.shop.state("S01", REJECTED) is State.STAGED
    assert "rejected by admin: the cash is wrong; nothing was delivered" in asking.log_of(REJECTED, "deliver")
    assert "Put right what is wrong and run the day again" in asking.log_of(REJECTED, "every_store_staged")


def test_a_batch_that_changed_after_it_was_read_is_refused_in_words_and_asked_anew(asking: Asking) -> None:
    asking.waiting(CHANGED)
    read = asking.field(CHANGED)
    asking.shop.send(asking.till.slice("10:00", sale("4.00"), z()))
    asking.shop.run(CHANGED)

    asking.answer(CHANGED, "Approve", is_over, batch=read, reason=None)
    refused = asking.ended(CHANGED)
    log = asking.log_of(CHANGED, "approve")
    kept = asking.batch(CHANGED).state
    asking.run_again(CHANGED)
    anew = asking.waiting(CHANGED)
    shown = asking.airflow.api.question_of(anew)["params"]["batch"]["value"]
    asking.answer(CHANGED, "Approve", is_over, batch=shown, reason=None)

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


def test_whoever_asked_for_it_is_told_once_that_a_batch_waits_with_money_and_the_boards_page(asking: Asking) -> None:
    texts = asking.told(f"Corner Shops Ltd {READ:%a %d %b %Y} waits for approval")

    assert len(texts) == 1
    assert "1 store, sales 12.60, waits because Corner Shops Ltd wants every batch approved" in texts[0]
    assert f"{asking.airflow.process.url}/storeday/" in texts[0]


def test_when_a_runs_deadline_passes_what_is_not_delivered_is_told(asking: Asking) -> None:
    pass_deadline_of(asking, REJECTED)

    [text] = asking.told(f"Corner Shops Ltd {REJECTED:%a %d %b %Y} not delivered by the deadline: 1 store")

    assert text.splitlines()[0] == "S01 Shop S01: staged; 1 receipt, takings 12.60"
    assert f"{asking.airflow.process.url}/storeday/day/S01/{REJECTED}" in text


def test_a_task_leads_to_the_boards_page_of_its_store_day(asking: Asking) -> None:
    tasks = {(each.task_id, each.label): each for each in asking.airflow.api.tasks(asking.runs[CHANGED])}

    of_store = asking.airflow.api.links_of(tasks["store_day.check", "S01"])
    of_company = asking.airflow.api.links_of(tasks["approve", "corner-shops"])

    assert of_store == {"Store days": f"/storeday/day/S01/{CHANGED}"}
    assert of_company == {"Store days": "/storeday/"}


def test_a_dry_run_shows_what_would_be_staged_and_changes_nothing(asking: Asking) -> None:
    before, told = asking.batch(REJECTED), len(asking.posts)

    asking.runs[REJECTED] = asking.airflow.api.trigger("close_store_days", day=REJECTED, dry_run=True)
    state = asking.ended(REJECTED)

    states = {each.task_id: each.state for each in asking.airflow.api.tasks(asking.runs[REJECTED])}
    assert state == "success"
    assert f"dry run: corner-shops {REJECTED}: batch {before.id} would be staged, 3 rows of 1 store, sales 12.60" in (
        asking.log_of(REJECTED, "stage")
    )
    assert {states[task] for task in ("approve", "deliver", "tell_what_waits", "every_store_staged")} == {"skipped"}
    assert (asking.batch(REJECTED), len(asking.posts)) == (before, told)


def pass_deadline_of(asking: Asking, day: date) -> None:
    """Move the deadline of a run into the past: nobody waits three hours in a test."""
    with sqlite3.connect(asking.airflow.process.home / "airflow.db", timeout=60) as database:
        moved = database.execute(
            "UPDATE deadline SET deadline_time = '2026-01-01 00:00:00.000000' "
            "WHERE dagrun_id = (SELECT id FROM dag_run WHERE run_id = ?)",
            [asking.runs[day].run_id],
        )
        assert moved.rowcount == 1
