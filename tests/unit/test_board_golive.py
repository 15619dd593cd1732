"""Going live on the board: where each company and store stands, and its reports, nothing else of their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from boards import as_person, board_app
from fastapi.testclient import TestClient
from quick_suites import judge_quickly
from shops import COMPANY, OpenShop, Shop
from storeday.stages.uat import Accepted, run_uat, sign
from tills import DAY, Till, sale, z
from uat_answers import answers

CODE = "corner-shops"


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    opened = open_shop(S01="cutover: 2026-12-01\n", company=COMPANY.replace("Corner Shops Ltd", "Corner <b>Shops</b>"))
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    with pytest.MonkeyPatch.context() as quickly:
        judge_quickly(quickly)
        opened.run()
    answers(opened)
    return opened


@pytest.fixture(scope="module")
def made(shop: Shop) -> Accepted:
    return run_uat(shop.work, CODE, DAY, DAY)


@pytest.fixture(scope="module")
def reader(shop: Shop, made: Accepted) -> TestClient:
    return as_person(board_app(shop), "reader")


def test_it_says_environment_cutover_and_that_nobody_signed(reader: TestClient) -> None:
    text = reader.get("/going-live").text

    assert "Corner &lt;b&gt;Shops&lt;/b&gt;: sandbox" in text
    assert "Nobody signed an acceptance for the settings of now." in text
    assert "Tue 1 Dec 2026" in text
    assert "not signed yet" in text


def test_a_report_opens_as_it_was_written_and_runs_no_script(reader: TestClient, made: Accepted) -> None:
    name = Path(made.page).stem

    answer = reader.get(f"/going-live/{CODE}/acceptance/{name}")

    assert answer.content == Path(made.page).read_bytes()
    assert "script-src" not in answer.headers["content-security-policy"]
    assert f'href="/going-live/{CODE}/acceptance/{name}"' in reader.get("/going-live").text


@pytest.mark.parametrize(
    "path",
    [
        f"{CODE}/acceptance/secret",
        f"{CODE}/acceptance/..%2F..%2F..%2Fledger.sqlite",
        f"{CODE}/nothing/2026-11-22",
        f"{CODE}/..%2Facceptance/x",
        "nobody/acceptance/2026-11-22",
    ],
)
def test_what_is_no_report_is_not_there(reader: TestClient, made: Accepted, path: str) -> None:
    (Path(made.page).parent / "secret.txt").write_text("not ours")

    assert reader.get(f"/going-live/{path}").status_code == 404


def test_once_it_is_signed_it_says_by_whom(shop: Shop, made: Accepted) -> None:
    sign(shop.work, CODE, why="read it all", by="Ann Smith")

    text = as_person(board_app(shop), "reader").get("/going-live").text

    assert "Signed off for the settings of now by Ann Smith: read it all" in text
    assert "signed off by Ann Smith: read it all" in text


def test_a_day_in_parallel_run_says_how_it_stands_beside_what_was_keyed(open_shop: OpenShop, tmp_path: Path) -> None:
    company = COMPANY + f"environment: production\nkeyed_figures: {tmp_path}\n"
    shop = open_shop(S01="cutover: 2026-12-01\n", company=company)
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    reader = as_person(board_app(shop), "reader")
    nothing = reader.get("/day/S01/2026-11-22").text

    keyed = "S01,2026-11-22,4000,T1,10.05,2.10\nS01,2026-11-22,1230,T9,12.60,0.00\n"
    (tmp_path / "november.csv").write_text("store,day,nominal,tax_code,net,tax\n" + keyed)
    off = reader.get("/day/S01/2026-11-22").text
    (tmp_path / "november.csv").write_text("nothing\n")
    spoilt = reader.get("/day/S01/2026-11-22").text

    assert "Before its cutover, Tue 1 Dec 2026: compared with what is keyed by hand, not delivered." in nothing
    assert "Nothing was keyed of it yet." in nothing
    assert "S01 2026-11-22: 4000 T1: keyed 10.05 and tax 2.10, ours 10.50 and tax 2.10" in off
    assert "november.csv: line 1: no column store" in spoilt
    assert "Parallel run" not in reader.get("/day/S01/2026-12-01").text
