"""What a day held for its codes gives to paste: it parses, it guesses nothing, and filled in it frees the day."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from shops import MAPPINGS, OpenShop, Shop
from storeday.config.text import read_yaml
from storeday.model.errors import SettingsError
from storeday.model.store_day import Snippet, State
from storeday.stages.overview import overview
from storeday.stages.table import to_paste
from tills import DAY, Line, Till, sale, z

ODD = ["no", "0010", "~", "a: b", 'say "so"', "#1", "Café", "x y", "- z", "[", "2026-11-22", "😀"]
"""Categories of the tills that YAML could take for something else."""


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop("S01")


def snippets(shop: Shop) -> dict[str, Snippet]:
    """What the held day gives to paste, by file, as the ledger kept it."""
    return {s.file: s for hold in shop.work.ledger.holds("S01", DAY) for s in hold.snippets}


def trade_in_unknown_codes(shop: Shop) -> None:
    till = Till("S01")
    shop.send(
        till.slice(
            "09:00",
            sale("12.00", tax_class="LUX"),
            sale("3.00", "4.00", category="TOYS"),
            sale("5.00", tender="KLARNA"),
            sale("6.00", tender="ACCOUNT", customer="C009"),
            z(),
        )
    )


def filled_in(text: str) -> str:
    """The block as a bookkeeper would fill it in."""
    for asked, answer in (
        ("why: fill-in", "why: toys, and a new way to pay"),
        ("{code: fill-in, rate: fill-in}", "{code: T0, rate: 0}"),
        ("TOYS: fill-in", "TOYS: 4002"),
        ("KLARNA: fill-in", "KLARNA: 1252"),
        ("C009: fill-in", "C009: CLUB001"),
    ):
        text = text.replace(asked, answer)
    return text


def test_a_pasted_block_frees_the_day_once_it_is_filled_in(shop: Shop) -> None:
    trade_in_unknown_codes(shop)
    shop.run()
    block = snippets(shop)["mappings.yaml"]

    with pytest.raises(SettingsError) as caught:
        shop.settle(mappings=f"{MAPPINGS}\n{block.text}\n")
    held = shop.state("S01")
    shop.settle(mappings=f"{MAPPINGS}\n{filled_in(block.text)}\n")
    shop.run()

    unfilled = "tax_classes.LUX.code tax_classes.LUX.rate categories.TOYS tenders.KLARNA customers.C009 why".split()
    assert caught.value.problems == [
        f"corner-shops/mappings.yaml: 2.{key}: is still to be filled in (it says 'fill-in')" for key in unfilled
    ]
    assert block.how == "To paste at the end of mappings.yaml, with Sage's code in place of each fill-in"
    assert (held, shop.state("S01")) == (State.HELD, State.DELIVERED)
    posted = {(row["Type"], row["Account Reference"], row["Nominal A/C Ref"]) for row in shop.rows()}
    assert posted >= {("BR", "1235", "4002"), ("JD", "", "1252"), ("SP", "CLUB001", "1235")}


def test_a_block_says_how_often_and_for_how_much_each_code_was_used(shop: Shop) -> None:
    trade_in_unknown_codes(shop)

    shop.run()

    text = snippets(shop)["mappings.yaml"].text
    assert [line.partition("  # ")[0] for line in text.splitlines()][:2] == [
        "- valid_from: 2026-11-22",
        "  why: fill-in",
    ]
    assert "    TOYS: fill-in  # 2 times, 7.00" in text
    assert "    KLARNA: fill-in  # 1 time, 5.00" in text


def test_what_was_counted_stands_beside_what_was_taken(shop: Shop) -> None:
    shop.send(Till("S01").slice("09:00", sale("5.00", tender="CASH"), z(counted="4.50")))
    shop.settle(mappings=MAPPINGS.replace("CASH: 1230, ", ""))

    shop.run()

    assert "    CASH: fill-in  # 1 time, 5.00; counted 1 time, 4.50" in snippets(shop)["mappings.yaml"].text


def test_codes_that_yaml_could_misread_stay_the_codes(shop: Shop) -> None:
    shop.send(Till("S01").slice("09:00", sale(*(Line("2.00", category=code) for code in ODD)), z()))

    shop.run()

    block = snippets(shop)["mappings.yaml"].text
    assert sorted(read_yaml(block)[0]["categories"]) == sorted(ODD)
    assert block.isascii()


def test_lines_go_into_the_block_that_the_day_has_already(shop: Shop) -> None:
    block = f"- valid_from: {DAY.isoformat()}\n  why: delicatessen apart\n  categories: {{DELI: 4010}}\n"
    shop.settle(mappings=MAPPINGS + block)
    trade_in_unknown_codes(shop)
    shop.run()

    snippet = snippets(shop)["mappings.yaml"]
    said = read_yaml(filled_in(snippet.text))
    blocks = read_yaml(MAPPINGS + block)
    for heading, codes in said.items():
        blocks[1].setdefault(heading, {}).update(codes)
    shop.settle(mappings=yaml.safe_dump(blocks))
    shop.run()

    assert snippet.how.startswith("To paste into the block of 2026-11-22 in mappings.yaml, each line under its heading")
    assert set(said) == {"tax_classes", "categories", "tenders", "customers"}
    assert shop.state("S01") is State.DELIVERED


def test_a_block_of_a_past_day_goes_before_the_later_ones(shop: Shop) -> None:
    later = "- valid_from: 2027-01-01\n  why: new year\n  categories: {DELI: 4010}\n"
    shop.settle(mappings=MAPPINGS + later)
    trade_in_unknown_codes(shop)
    shop.run()

    snippet = snippets(shop)["mappings.yaml"]
    shop.settle(mappings=f"{MAPPINGS}{filled_in(snippet.text)}\n{later}")
    shop.run()

    assert snippet.how.startswith("To paste before the block of 2027-01-01 in mappings.yaml")
    assert shop.state("S01") is State.DELIVERED


SKUS = "sku,tax_class,category,price,in_sage\n10001,STD,GROCERY,,yes\n"


@pytest.mark.parametrize("file", ["skus", "sku_aliases"])
def test_an_unknown_sku_is_a_new_article_or_another_name(shop: Shop, file: str) -> None:
    lists = {"skus": SKUS, "sku_aliases": ""}
    shop.settle(skus=SKUS)
    shop.send(Till("S01").slice("09:00", sale("12.00", tax_class="ZERO", category="DELI", sku="501,5"), z()))
    shop.run()
    held = snippets(shop)

    pasted = held[f"{file}.csv"].text
    with pytest.raises(SettingsError, match="is still to be filled in"):
        shop.settle(**{file: f"{lists[file]}{pasted}\n"})
    shop.settle(**{file: f"{lists[file]}{pasted}\n".replace("fill-in", "no" if file == "skus" else "10001")})
    shop.run()

    assert held["skus.csv"].text == '"501,5",ZERO,DELI,,fill-in'
    assert held["sku_aliases.csv"].text == 'store,code,sku\nS01,"501,5",fill-in'
    assert shop.state("S01") is State.DELIVERED


def test_an_unknown_till_is_added_to_those_of_its_store(shop: Shop) -> None:
    shop.send(Till("S01").slice("09:00", sale("12.00"), z()))
    shop.send(Till("S01", "7E1").slice("10:00", sale("3.00"), z()))
    shop.run()
    held = snippets(shop)

    store = shop.home.parent / "config" / "corner-shops" / "stores" / "S01.yaml"
    others = [line for line in store.read_text().splitlines() if not line.startswith("tills:")]
    store.write_text("\n".join([*others, held["stores/S01.yaml"].text]) + "\n")
    shop.settle()
    shop.run()

    assert shop.work.settings.store("S01").tills == ("01", "7E1")
    assert (list(held), shop.state("S01")) == (["stores/S01.yaml"], State.DELIVERED)


def test_what_no_mapping_can_name_gets_no_line(shop: Shop) -> None:
    shop.send(Till("S01").slice("09:00", sale("6.00", tender="ACCOUNT"), z()))

    shop.run()

    assert shop.state("S01") is State.HELD
    assert snippets(shop) == {}


def test_the_overview_gives_each_text_to_paste_once(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", "S03")
    for store, category in (("S01", "TOYS"), ("S02", "TOYS"), ("S03", "FISH")):
        shop.send(Till(store).slice("09:00", sale("3.00", category=category), z()))
    shop.run()

    said = to_paste(overview(shop.work, DAY, DAY))

    assert said[1] == "S01 2026-11-22: To paste at the end of mappings.yaml, with Sage's code in place of each fill-in:"
    assert [Path(line).name.partition(":")[0] for line in said if "To paste" in line] == [
        "S01 2026-11-22",
        "S03 2026-11-22",
    ]
