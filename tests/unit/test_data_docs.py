"""Data Docs of a store-day: a page a suite, with what each rule found."""

from __future__ import annotations

from pathlib import Path

from shops import EXPECTATIONS, OpenShop
from tills import DAY, Till, sale, z


def test_each_store_day_has_a_page_of_every_suite_and_an_index_that_leads_there(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    good, short = Till("S01"), Till("S02")
    shop.send(good.slice("09:00", sale("12.60"), z()))
    shop.send(short.slice("09:00", sale("12.60"), z()).changed("TENDER", amount="12.40"))

    shop.run()

    for store, verdict in {"S01": "Succeeded", "S02": "Failed"}.items():
        docs = shop.home / "data_docs" / store / DAY.isoformat()
        pages = {page.relative_to(docs).parts[1]: page for page in docs.rglob("validations/*/**/*.html")}
        index = (docs / "index.html").read_text()
        assert set(pages) >= {"receipts", "lines", "tills", "z"}
        assert set(pages) <= {file.stem for file in EXPECTATIONS.glob("*.json")}
        assert all(page.relative_to(docs).as_posix() in index for page in pages.values())
        assert verdict in _status(pages["receipts"])


def test_the_same_check_writes_the_same_pages_and_no_picture_or_font_beside_them(open_shop: OpenShop) -> None:
    written = []
    for _ in range(2):
        shop = open_shop("S01")
        shop.send(Till("S01").slice("09:00", sale("12.60"), z()).changed("TENDER", amount="12.40"))
        shop.run()
        docs = shop.home / "data_docs"
        written.append({page.relative_to(docs): page.read_bytes() for page in docs.rglob("*") if page.is_file()})

    assert written[0] == written[1]
    assert {page.suffix for page in written[0]} == {".html"}
    assert sum(map(len, written[0].values())) < 250_000


def _status(page: Path) -> str:
    text = page.read_text()
    return text[text.index("Status:") :][:200]
