"""Take the pictures in docs/pictures from the real web UI, in Chromium: `make screenshots`.

Runs a demo of its own in a temporary folder. Wants Chromium on the PATH (Debian: apt install chromium).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from urllib.parse import quote

import audit_picture
from playwright.sync_api import Browser, Page, sync_playwright
from storeday.demo.airflow_api import AirflowApi, Run
from storeday.demo.run import Demo, backfill, reconcile_week, running
from storeday.ledger.readings import OpenDifference
from storeday.model.differences import DifferenceKind
from storeday.model.store_day import State
from storeday.stages import StoreDayLine

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


def main() -> int:
    """The demo, then the pictures."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        print("Chromium is not here; on Debian and Ubuntu: apt install chromium", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="storeday-pictures-") as folder,
        running(Path(folder), date.today(), print) as demo,
    ):
        outcome = backfill(demo, print)
        if outcome.differences:
            print("\n".join(outcome.differences), file=sys.stderr)
            return 1
        compared = reconcile_week(demo, print)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
            _take(browser, demo, outcome.runs, outcome.lines, compared.found.open)
            audit_picture.take(browser, audit_picture.audited_month(Path(folder) / "audit", print), PICTURES)
            browser.close()
    return 0


def _take(
    browser: Browser, demo: Demo, runs: list[Run], lines: list[StoreDayLine], open_ones: Sequence[OpenDifference]
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(demo.airflow.url)
    page.get_by_label("Username").fill(demo.airflow.user)
    page.get_by_label("Password").fill(demo.airflow.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    red = next(run for run in runs if run.state == "failed")
    page.goto(f"{demo.airflow.url}/dags/{red.dag_id}/runs/{quote(red.run_id, safe='')}/tasks/store_day.check/mapped")
    _settled(page, "Is every store staged?")
    page.get_by_label("Expand all task groups").click()
    _widen_grid(page, to=620)
    _shoot(page, "grid.png")
    held = next(line for line in lines if line.state is State.HELD)
    page.goto(f"{demo.airflow.url}/plugin/store-days")
    _board(page, "What the letters mean")
    _shoot(page, "board.png")
    page.goto(f"{demo.airflow.url}/plugin/store-days/storeday/day/{held.store}/{held.trading_day.isoformat()}")
    _board(page, "What happened")
    _shoot(page, "store-day.png")
    changed = next(each.difference for each in open_ones if each.difference.kind is DifferenceKind.CHANGED)
    page.goto(f"{demo.airflow.url}/plugin/store-days/storeday/day/{changed.store}/{changed.trading_day}")
    _board(page, "What happened")
    _shoot(page, "differs.png")
    delivered = next(line for line in lines if line.state is State.DELIVERED)
    reference = f"{delivered.store}-{delivered.trading_day:%y%m%d}"
    page.goto(f"{demo.airflow.url}/plugin/store-days/storeday/lineage?of={reference}")
    _board(page, "The same as a list")
    _shoot(page, "lineage.png")
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        asset = api.asset_id("northern-larder: takings staged")
    page.goto(f"{demo.airflow.url}/assets/{asset}")
    _settled(page, "takings staged")
    _shoot(page, "assets.png")
    sheet = min((demo.home / "outbox").glob("*/*/*/transactions.csv")).with_name("sheet.html")
    page.set_viewport_size({"width": 1040, "height": 900})
    page.goto(sheet.as_uri())
    page.screenshot(path=PICTURES / "sheet.png", full_page=True)


def _settled(page: Page, text: str) -> None:
    """Wait until the page shows what it is about and has stopped loading."""
    page.get_by_text(text).first.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2_000)


def _board(page: Page, text: str) -> None:
    """Wait until the board, in its frame, shows this."""
    shown = page.frame_locator("iframe[title='Store days']")
    shown.get_by_text(text).or_(shown.get_by_label(text)).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)


def _widen_grid(page: Page, to: int) -> None:
    """Drag the line between the grid and the details, so that all runs are to be seen."""
    handle = page.get_by_label("Collapse Details Panel").bounding_box()
    if handle is None:
        return
    middle = handle["x"] + handle["width"] / 2
    page.mouse.move(middle, handle["y"] + 150)
    page.mouse.down()
    page.mouse.move(to, handle["y"] + 150, steps=8)
    page.mouse.up()
    page.wait_for_timeout(1_500)


def _shoot(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / name)
    print(f"wrote {PICTURES / name}")


if __name__ == "__main__":
    sys.exit(main())
