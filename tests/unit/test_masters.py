"""Articles and what the tills call them: one name for each from the checks on, and a list that can be trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from shops import OpenShop, settle
from storeday.config.load import load_settings
from storeday.config.masters import Alias
from storeday.feeds.sku_names import under_company_skus
from storeday.model.errors import SettingsError
from storeday.model.store_day import State
from storeday.model.tables import CODE, SCHEMAS, empty_tables
from tills import Till, sale, z

ALIASES = "store,code,sku\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings of a company with two stores."""
    return settle(tmp_path, {"S01": "", "S02": ""})


def write(config: Path, file: str, text: str) -> Path:
    (config / "corner-shops" / file).write_text(text)
    return config


def problems(config: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return [problem.removeprefix("corner-shops/") for problem in caught.value.problems]


# The lists


def test_an_article_says_no_more_than_its_cells(config: Path) -> None:
    write(config, "skus.csv", "description,sku,price,department,in_sage\n,10001,,,\n\nBread,0042,1.5,12,no\n")

    articles = load_settings(config).company("corner-shops").articles or ()

    told = [(a.sku, a.description, a.price, a.department, a.in_sage) for a in articles]
    assert told == [("10001", "", None, None, None), ("0042", "Bread", 150, 12, "no")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sku,catgory\n1,DELI\n", "skus.csv: catgory: no column that is known here; there are sku, description, categ"),
        ("sku,unit,unit\n1,kg,g\n", "skus.csv: unit: two columns of this name"),
        ("sku,price\n1,2,3\n", "skus.csv: line 2: 3 cells, but 2 columns"),
        (
            "sku,price\n1,2\n\n2,1.005\n",
            "skus.csv: line 4: price: '1.005' has more than two decimals (it says '1.005')",
        ),
        ("sku,price\n1,100000000\n", "skus.csv: line 2: price: Input should be less than or equal to 9999999999"),
        ("sku,unit\n1,kilograms\n", "skus.csv: line 2: unit: String should have at most 8 characters (it says 'kilogr"),
        ("sku,in_sage\n1,maybe\n", "skus.csv: line 2: in_sage: Input should be 'yes' or 'no' (it says 'maybe')"),
        ("sku,in_sage\n1,fill-in\n", "skus.csv: line 2: in_sage: is still to be filled in"),
        ("sku,unit\n,kg\n", "skus.csv: line 2: sku: is missing"),
        ('sku\n"1\n', "skus.csv: sku: the file can't be read: unexpected end of data"),
    ],
)
def test_a_fault_of_the_articles_is_told_with_its_line(config: Path, text: str, fault: str) -> None:
    write(config, "skus.csv", text)

    said = problems(config)

    assert len(said) == 1, said
    assert said[0].startswith(fault)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("S01,501,77777\n", "line 2: sku: 77777 is not in skus.csv"),
        ("S09,501,10001\n", "line 2: store: no store 'S09' in this company"),
        ("S01,10002,10001\n", "line 2: code: 10002 is the SKU of another article in skus.csv"),
        ("S01,501,10001\nS02,501,10002\nS01,501,10002\n", "line 4: code: 501 stands in line 2 as well"),
        ("S01,501,\n", "line 2: sku: is missing"),
        ("S01,501,fill-in\n", "line 2: sku: is still to be filled in"),
    ],
)
def test_a_fault_of_the_aliases_is_told_with_its_line(config: Path, rows: str, fault: str) -> None:
    write(config, "sku_aliases.csv", ALIASES + rows)

    assert problems(config) == [f"sku_aliases.csv: {fault}"]


def test_aliases_lead_nowhere_without_a_list_of_articles(config: Path) -> None:
    write(config, "sku_aliases.csv", ALIASES + "S01,501,10001\n")
    (config / "corner-shops" / "skus.csv").unlink()

    assert problems(config) == ["sku_aliases.csv: the whole file: there is no skus.csv that it could lead to"]


def test_a_store_s_own_word_goes_before_that_of_all_stores(config: Path) -> None:
    write(config, "sku_aliases.csv", ALIASES + ",501,10001\n,502,10001\nS02,501,10002\n")

    company = load_settings(config).company("corner-shops")

    assert company.sku_names("S01") == {"501": "10001", "502": "10001"}
    assert company.sku_names("S02") == {"501": "10002", "502": "10001"}
    assert company.aliases[0] == Alias(code="501", sku="10001")


# Under one name


def test_two_codes_of_one_article_become_one_and_rows_without_a_code_stay_without() -> None:
    counts = pa.table({"sku": pa.array(["501", None, "10001", "502", "501"], CODE)})
    others = [field for field in SCHEMAS["counts"] if field.name != "sku"]
    for field in others:
        counts = counts.append_column(field, pa.nulls(5, field.type))
    tables = replace(empty_tables(), counts=counts.select(SCHEMAS["counts"].names))

    named = under_company_skus(tables, {"501": "10001", "999": "10002"}).counts

    column = named.column("sku").combine_chunks()
    assert column.to_pylist() == ["10001", None, "10001", "502", "10001"]
    assert column.dictionary.to_pylist() == ["10001", "502"]
    assert named.schema == SCHEMAS["counts"]


def test_a_store_s_own_number_is_posted_like_the_article_s_sku(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    for store, sku in (("S01", "501"), ("S02", "10002")):
        shop.send(Till(store).slice("09:00", sale("12.00", sku=sku), z()))
    mapping = (shop.home.parent / "config" / "corner-shops" / "mappings.yaml").read_text()
    shop.settle(mappings=f"{mapping}  skus: {{'10002': 4001}}\n", sku_aliases=f"{ALIASES}S01,501,10002\n")

    shop.run()

    takings = {row["Reference"]: row["Nominal A/C Ref"] for row in shop.rows() if row["Type"] == "BR"}
    assert takings == {"S01-261122": "4001", "S02-261122": "4001"}


def test_an_alias_frees_the_day_that_its_code_held(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.00", sku="501"), z()))
    shop.run()
    before = shop.state("S01")

    shop.settle(sku_aliases=f"{ALIASES}S01,501,10001\n")
    shop.run()

    assert (before, shop.state("S01")) == (State.HELD, State.DELIVERED)
