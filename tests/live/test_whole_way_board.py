"""The board in Airflow's own web UI, in a real Chromium: a day is asked for, a hold released, the day watched staged.

Runs after test_whole_way.py, in the same Airflow: the demo's two days are closed, and a third one comes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from boards import NoAirflow, who
from browsers import board_of, logged_in
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, expect
from storeday.board.app import create_app
from storeday.board.doors import Doors
from storeday.board.installation import Installation
from storeday.config.environment import environment
from storeday.demo.airflow_api import AirflowApi, Run
from storeday.demo.run import Demo, Outcome
from storeday.sample import write_sample

pytestmark = pytest.mark.timeout(900)

SERIOUS = {"serious", "critical"}

STORE = "S02"  # whose third day lacks the file of an hour


@pytest.fixture(scope="module")
def third_day(demo: Demo, outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> date:
    """A day more on the stores' server, less one file of a store: its receipt numbers have a gap."""
    longer = replace(demo.sample, out=tmp_path_factory.mktemp("longer"), days=3, broken=())
    sample, served = write_sample(longer).parent, demo.truth.parent
    day = longer.trading_days[-1]
    of_the_day = [file for file in sorted(sample.glob("S*/*")) if file.name not in _names(served / file.parent.name)]
    slices = [file for file in of_the_day if file.parent.name == STORE and file.suffix == ".csv"]
    lost = slices[len(slices) // 2]
    for file in of_the_day:
        if not (file.parent.name == STORE and file.name.startswith(lost.stem)):
            (served / file.parent.name / file.name).write_bytes(file.read_bytes())
    return day


@pytest.fixture(scope="module")
def page(browser: Browser, demo: Demo) -> Page:
    return logged_in(browser, demo.airflow.url, demo.airflow.user, demo.airflow.password)


def finished(demo: Demo, day: date, before: set[str]) -> Run:
    """The run of close_store_days that came since, once it has ended."""
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        made = [run for run in api.runs("close_store_days") if run.run_id not in before and run.day == day.isoformat()]
        assert len(made) == 1, made
        [run] = api.wait_for_runs(made, on_progress=lambda _: demo.airflow.check(), timeout_seconds=300)
        return run


def runs_so_far(demo: Demo) -> set[str]:
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        return {run.run_id for run in api.runs("close_store_days")}


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_missing_day_is_asked_for_on_the_board_a_hold_released_and_the_day_watched_staged(
    demo: Demo, third_day: date, page: Page
) -> None:
    page.get_by_role("link", name="Store days").click()
    board = board_of(page)
    board.get_by_label("Up to").fill(third_day.isoformat())
    expect(board.get_by_text("5 missing in 35 days")).to_be_visible()
    before = runs_so_far(demo)
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        api.wait_until_no_backfill_is_open("close_store_days")  # of the tests before; the board would say so

    board.get_by_text("Ask for a backfill of missing days").click()
    board.get_by_role("button", name="Ask for it").click()
    expect(board.get_by_role("status")).to_contain_text("The backfill was asked for")
    assert finished(demo, third_day, before).state == "failed"  # one store is held

    board.get_by_role("button", name="Show").click()
    board.get_by_role("link", name=re.compile(rf"Durham Market, .* {third_day.day} Nov 2026: held")).click()
    expect(board.get_by_role("heading", name=re.compile("receipt numbers are missing"))).to_be_visible()
    before = runs_so_far(demo)
    all_of_it = board.locator("details", has_text="Let all of it through with one reason")
    all_of_it.get_by_label("Reason").fill("the till's disk died, nothing more will come")
    all_of_it.get_by_role("button", name="Let it through").click()
    expect(board.get_by_role("status")).to_contain_text("let through")
    assert finished(demo, third_day, before).state == "success"

    page.reload()
    board = board_of(page)
    expect(board.locator("p.state")).to_contain_text("delivered")
    expect(board.get_by_text("accept gap: receipt numbers are missing").first).to_be_visible()
    expect(board.get_by_text("run asked for")).to_be_visible()
    expect(board.locator(".told").first).to_contain_text("admin")


def test_a_store_day_leads_to_airflows_own_page_of_the_task(demo: Demo, outcome: Outcome, page: Page) -> None:
    page.goto(f"{demo.airflow.url}/plugin/store-days/storeday/day/S01/{demo.first}")

    board_of(page).get_by_role("link", name="task log").first.click()

    page.wait_for_url("**/dags/*/runs/*/tasks/**", wait_until="commit")
    expect(page.get_by_text("S01").first).to_be_visible()


def test_the_sheet_and_data_docs_open_behind_the_login_and_for_the_admin_alone(
    demo: Demo, outcome: Outcome, page: Page, browser: Browser
) -> None:
    reader = logged_in(browser, demo.airflow.url, demo.airflow.reader, demo.airflow.reader_password)
    page.goto(f"{demo.airflow.url}/storeday/day/S01/{demo.first}")
    sheet = page.locator("a[href^='/storeday/sheet/']").first.get_attribute("href")
    docs = page.get_by_role("link", name="Data Docs of its checks").get_attribute("href")

    for path in (sheet, docs):
        assert page.goto(f"{demo.airflow.url}{path}").status == 200  # type: ignore[union-attr]
        assert reader.goto(f"{demo.airflow.url}{path}").status == 403  # type: ignore[union-attr]
        assert httpx.get(f"{demo.airflow.url}{path}", trust_env=False, timeout=120).status_code == 401
    reader.context.close()


def test_every_route_is_refused_without_a_token_and_every_action_to_a_reader(demo: Demo, outcome: Outcome) -> None:
    """With Airflow's own login and rights; the app lists its routes itself."""
    app = create_app(Doors(who, "any", NoAirflow(), Installation(environment())))
    paths = {"store": "S01", "day": demo.first.isoformat(), "name": "board.css"}
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    login = {"username": demo.airflow.reader, "password": demo.airflow.reader_password}
    token = httpx.post(f"{demo.airflow.url}/auth/token", json=login, trust_env=False, timeout=120).json()[
        "access_token"
    ]
    bearer = {"authorization": f"Bearer {token}", "sec-fetch-site": "same-origin"}

    for route in routes:
        path = re.sub(r"{(\w+)(:\w+)?}", lambda found: paths.get(found[1], "1"), route.path)
        for method in route.methods:
            url = f"{demo.airflow.url}/storeday{path}"
            stranger = httpx.request(method, url, trust_env=False, timeout=120).status_code
            reader = httpx.request(method, url, headers=bearer, trust_env=False, timeout=120).status_code
            assert stranger == 401, (method, path)
            assert (reader == 403) == (method == "POST" or "docs" in path or "sheet" in path), (method, path, reader)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_out_by_how_the_pages_are_made(
    demo: Demo, outcome: Outcome, browser: Browser, theme: str
) -> None:
    page = logged_in(browser, demo.airflow.url, demo.airflow.user, demo.airflow.password, theme)

    for path in ("", "mappings", f"day/S03/{demo.first}", f"day/S02/{demo.first + timedelta(days=20)}"):
        page.goto(f"{demo.airflow.url}/storeday/{path}")
        assert page.locator("html").get_attribute("data-theme") == theme
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in SERIOUS] == [], found
    page.context.close()


def test_a_store_day_is_opened_and_left_from_the_keyboard_alone(demo: Demo, outcome: Outcome, page: Page) -> None:
    page.goto(f"{demo.airflow.url}/storeday/?to={demo.first}&store=S01")

    def press_until(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("(asked) => document.activeElement.matches(asked)", selector):
                return
        pytest.fail(f"Tab never comes to {selector}")

    press_until("a.skip")
    press_until("td a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/day/S01/*")
    press_until("summary")
    page.keyboard.press("Enter")
    press_until("input[name=why]")
    assert page.locator("details[open]").count() == 1
