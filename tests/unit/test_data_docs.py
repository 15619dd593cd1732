"""Data Docs of a store-day: a page a suite, with what each rule found."""

from __future__ import annotations

import re
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
        pages = pages_from(docs)
        assert set(pages) >= {"receipts", "lines", "tills", "z"}
        assert set(pages) <= {file.stem for file in EXPECTATIONS.glob("*.json")}
        assert verdict in _status(pages["receipts"])


def pages_from(docs: Path) -> dict[str, Path]:
    """The pages that the first page leads to, by frame; each is there."""
    links = re.findall(r'<a href="([^"]+)">(\w+)</a>', (docs / "index.html").read_text())
    return {frame: (docs / href).resolve(strict=True) for href, frame in links}


def test_store_days_that_are_checked_together_share_the_pages_on_which_nothing_was_found(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", "S03")
    for code in ("S01", "S02", "S03"):
        part = Till(code).slice("09:00", sale("12.60"), z())
        shop.send(part.changed("TENDER", amount="12.40") if code == "S02" else part)
    shop.run()
    docs = {code: shop.home / "data_docs" / code / DAY.isoformat() for code in ("S01", "S02", "S03")}

    first, spoilt, third = (pages_from(folder) for folder in docs.values())

    assert first == third
    assert {frame for frame in first if first[frame] != spoilt[frame]} == {"receipts"}
    assert "Succeeded" in _status(first["receipts"])
    assert "Failed" in _status(spoilt["receipts"])


def test_shared_pages_go_with_the_last_store_day_that_shares_them(open_shop: OpenShop) -> None:
    shop, tills = open_shop("S01", "S02"), {code: Till(code) for code in ("S01", "S02")}
    together, kept = shop.home / "data_docs" / "together" / DAY.isoformat(), []
    for late in ("S01", "S02"):
        for code in tills if not kept else [late]:
            shop.send(tills[code].slice("09:00" if not kept else "10:00", sale("12.60"), z()))
        shop.run()
        kept.append(len(list(together.iterdir())))

    shop.send(tills["S01"].slice("11:00", sale("12.60"), z()))
    shop.run()

    assert kept == [1, 1]  # S01 shares it still
    assert list(together.iterdir()) == []
    for code in tills:
        assert pages_from(shop.home / "data_docs" / code / DAY.isoformat())


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
