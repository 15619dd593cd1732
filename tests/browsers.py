"""A real Chromium in Airflow's web UI: how a test logs in, and finds the board in it."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Page, expect

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
expect.set_options(timeout=60_000)  # a busy machine fails none


def logged_in(browser: Browser, url: str, user: str, password: str, theme: str = "light") -> Page:
    """A page of Airflow at this address, logged in, with cookies of its own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme).new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    return page


def board_of(page: Page) -> FrameLocator:
    """The board where Airflow shows it."""
    return page.frame_locator("iframe[title='Store days']")


def picture(page: Page, name: str) -> None:
    """Keep what the page shows in the folder that `make screenshots` names; in a test by itself, nowhere."""
    if folder := os.environ.get("STOREDAY_PICTURES"):
        page.screenshot(path=Path(folder) / name)
