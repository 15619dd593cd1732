"""The audit's page in a real Chromium, in light and dark: anybody can use it, and nothing is loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from audited import COMPANY, MONTH, month_of_two_stores, read_back
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from shops import OpenShop
from storeday.stages.audit import audit_month


@pytest.fixture(scope="module")
def page_file(open_shop: OpenShop) -> Path:
    shop = month_of_two_stores(open_shop)
    read_back(shop)
    return Path(audit_month(shop.work, COMPANY, MONTH).folder) / "index.html"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_page(browser: Browser, page_file: Path, theme: str) -> None:
    page = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme=theme).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())

    found = Axe().run(page).response["violations"]

    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found] == []
    assert asked == [page_file.as_uri()]
