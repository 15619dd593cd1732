"""The audits on the board: listed with what they came to, shown as written, and nothing else of their folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from boards import as_person, board_app
from fastapi.testclient import TestClient
from quick_suites import judge_quickly
from shops import OpenShop, Shop
from storeday.stages.audit import Audited, audit_month
from tills import DAY, Till, sale, z


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    opened = open_shop("S01")
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    with pytest.MonkeyPatch.context() as quickly:
        judge_quickly(quickly)
        opened.run()
    return opened


@pytest.fixture(scope="module")
def audited(shop: Shop) -> Audited:
    return audit_month(shop.work, "corner-shops", DAY)


@pytest.fixture(scope="module")
def reader(shop: Shop, audited: Audited) -> TestClient:
    return as_person(board_app(shop), "reader")


def test_the_audits_are_listed_with_what_they_came_to(reader: TestClient, audited: Audited) -> None:
    text = reader.get("/audits").text

    assert audited.verdict in text
    assert '<a href="/audit/corner-shops/2026-11/index.html">November 2026</a>' in text


def test_no_audit_yet_is_said_so(open_shop: OpenShop) -> None:
    reader = as_person(board_app(open_shop("S01")), "reader")

    assert "None was written yet." in reader.get("/audits").text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("audit.pdf", "application/pdf"),
        ("figures/stores.csv", "text/csv; charset=utf-8"),
        ("figures/stores.parquet", "application/vnd.apache.parquet"),
        ("manifest.json", "application/json"),
    ],
)
def test_a_file_of_an_audit_is_given_as_it_was_written(
    reader: TestClient, audited: Audited, name: str, kind: str
) -> None:
    answer = reader.get(f"/audit/corner-shops/2026-11/{name}")

    assert answer.content == (Path(audited.folder) / name).read_bytes()
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith("attachment")


def test_the_page_runs_no_script_and_leads_from_a_square_to_its_store_day(reader: TestClient, audited: Audited) -> None:
    answer = reader.get("/audit/corner-shops/2026-11/index.html")
    square = re.search(r'<a class="s delivered" href="([^"]*)" title="([^"]*)">D</a>', answer.text)

    assert "script-src" not in answer.headers["content-security-policy"]
    assert square is not None
    assert square[1] == "/day/S01/2026-11-22"
    assert reader.get(square[1]).status_code == 200
    written = (Path(audited.folder) / "index.html").read_text()
    assert "<a class" not in written  # by itself it leads nowhere that is not there


@pytest.mark.parametrize(
    "path",
    [
        "corner-shops/2026-11/secret.txt",
        "corner-shops/2026-11/../../../ledger.sqlite",
        "corner-shops/2026-11/..%2F..%2F..%2Fledger.sqlite",
        "corner-shops/2026-10/index.html",
        "corner-shops/..%2F2026-11/index.html",
        "corner-shops/2026-1/index.html",
        "nobody/2026-11/index.html",
    ],
)
def test_what_is_no_file_of_an_audit_is_not_there(reader: TestClient, audited: Audited, path: str) -> None:
    (Path(audited.folder) / "secret.txt").write_text("not ours")

    assert reader.get(f"/audit/{path}").status_code == 404


def test_a_folder_without_a_manifest_is_no_audit_yet(reader: TestClient, audited: Audited) -> None:
    (Path(audited.folder).parent / "2026-12").mkdir(exist_ok=True)

    assert "December 2026" not in reader.get("/audits").text
    assert reader.get("/audit/corner-shops/2026-12/index.html").status_code == 404
