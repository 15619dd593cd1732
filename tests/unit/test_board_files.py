"""Data Docs and sheets from the board: what there is, for those who may see it, and no other file of this machine."""

from __future__ import annotations

import re

import pytest
from boards import as_person, board_app
from fastapi import FastAPI
from fastapi.testclient import TestClient
from shops import OpenShop, Shop
from storeday.sage50.readback.odbc import read_odbc
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.masters import masters_from
from storeday.stages.reconcile import reconcile
from tills import DAY, Till, sale, z

DOCS = f"/data-docs/S01/{DAY}"


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    opened = open_shop("S01")
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    opened.run()
    return opened


@pytest.fixture(scope="module")
def app(shop: Shop) -> FastAPI:
    return board_app(shop)


@pytest.fixture(scope="module")
def clerk(app: FastAPI) -> TestClient:
    return as_person(app, "clerk")


@pytest.fixture
def read_back(shop: Shop) -> str:
    """A Sage in which nothing is was read back; where the board has the Data Docs of that."""
    company = shop.work.settings.companies[0]
    with Sandbox.in_memory(masters_from(company)).reading() as connection:
        trail = read_odbc("Sage", connection, DAY)
    reconcile(shop.work, company.company.code, DAY, DAY, trail)
    return f"/reconciled-docs/{company.company.code}"


def batch_of(shop: Shop) -> str:
    return shop.work.ledger.batch_days("S01", DAY)[0].batch


def test_the_store_days_page_leads_to_data_docs_and_to_the_sheet(shop: Shop, clerk: TestClient) -> None:
    page = clerk.get(f"/day/S01/{DAY}").text

    assert f'href="{DOCS}"' in page
    assert f'href="/sheet/{batch_of(shop)}"' in page


def pages_of(clerk: TestClient) -> list[str]:
    return re.findall(rf'href="({DOCS}/validations/[^"]+\.html)"', clerk.get(DOCS).text)


def test_data_docs_are_shown_a_page_a_table_of_the_checks(clerk: TestClient) -> None:
    pages = pages_of(clerk)

    shown = [clerk.get(page) for page in pages]

    assert {"receipts", "lines"} <= {p.split("/")[5] for p in pages}
    assert {answer.status_code for answer in shown} == {200}
    assert any("tenders_gap_minor" in answer.text for answer in shown)


def test_data_docs_run_no_script_and_load_nothing_from_elsewhere(clerk: TestClient) -> None:
    answer = clerk.get(pages_of(clerk)[0])

    assert "<script" not in answer.text
    assert not re.search(r'<(link|img|iframe)[^>]*(href|src)="https?:', answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


def test_before_sage_was_read_back_its_data_docs_say_so(app: FastAPI, shop: Shop) -> None:
    assert (
        "not read back yet"
        in as_person(app, "clerk").get(f"/reconciled-docs/{shop.work.settings.companies[0].company.code}").text
    )


def test_the_comparison_with_sage_has_its_data_docs_too(clerk: TestClient, read_back: str) -> None:
    day, docs = clerk.get(f"/day/S01/{DAY}").text, clerk.get(read_back)

    [frame] = re.findall(rf'href="({read_back}/validations/[^"]+\.html)"', docs.text)
    answer = clerk.get(frame)

    assert f'href="{read_back}"' in day
    assert "difference_minor" in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_sheet_is_the_outboxs_own(shop: Shop, clerk: TestClient) -> None:
    [sheet] = (shop.home / "outbox").glob("*/*/*/sheet.html")

    answer = clerk.get(f"/sheet/{batch_of(shop)}")

    assert answer.content == sheet.read_bytes()
    assert "script-src" not in answer.headers["content-security-policy"]


def test_none_is_for_who_may_not_see_single_receipts(shop: Shop, app: FastAPI, read_back: str) -> None:
    reader = as_person(app, "reader")

    for path in (DOCS, f"{DOCS}/index.html", f"/sheet/{batch_of(shop)}", read_back, f"{read_back}/index.html"):
        assert reader.get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        f"{DOCS}/../../../ledger.sqlite",
        f"{DOCS}/..%2F..%2F..%2Fledger.sqlite",
        f"{DOCS}/%2e%2e/%2e%2e/index.html",
        f"{DOCS}//etc/passwd",
        f"{DOCS}/validations",
        f"{DOCS}/index.html%00",
        f"/data-docs/..%2F..%2Foutbox/{DAY}/index.html",
        f"/data-docs/S99/{DAY}/index.html",
        "/reconciled-docs/corner-shops/..%2F..%2Fledger.sqlite",
        "/reconciled-docs/nobody/index.html",
        "/data-docs/S01/2026-01-01/index.html",
        "/sheet/..%2F..%2Fledger.sqlite",
        "/sheet/0000000000000000",
        "/static/..%2Fapp.py",
        "/static/htmx.LICENSE.txt",
    ],
)
def test_no_other_file_is_reached(clerk: TestClient, path: str) -> None:
    answer = clerk.get(path)

    assert answer.status_code in {404, 422}
    assert b"SQLite" not in answer.content
    assert b"root:" not in answer.content
