"""Settings: what is written is what is meant, and everything that is wrong is said at once, by file and key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from shops import COMPANY, EXPECTATIONS, MAPPINGS, settle
from storeday import cli
from storeday.config.environment import Environment
from storeday.config.load import load_settings, running_settings, schedule_facts
from storeday.config.running import Running
from storeday.config.settings import Settings, Store
from storeday.config.text import read_yaml
from storeday.feeds.registry import FEEDS
from storeday.model.errors import SettingsError
from storeday.stages.overview import check_config

SAMPLE = Path(__file__).parents[2] / "include" / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings of a company with two stores."""
    return settle(tmp_path, {"S01": "", "S02": ""})


def rewrite(config: Path, file: str, old: str, new: str) -> None:
    """Change a text in one of the company's files."""
    path = config / "corner-shops" / file
    text = path.read_text()
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1))


def add(config: Path, file: str, text: str) -> None:
    """Add lines to one of the company's files."""
    path = config / "corner-shops" / file
    path.write_text(path.read_text() + text)


def problems(config: Path) -> list[str]:
    """Everything that is said to be wrong."""
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return caught.value.problems


def first_store(config: Path) -> Store:
    return load_settings(config).store("S01")


# YAML is text


@pytest.mark.parametrize(
    "written",
    ["0010", "04:00", "0.10", "1e3", "NO", "yes", "0x1F", "2026-11-22", "1_000", "'~'", "Null", ".inf", "012"],
)
def test_every_scalar_of_a_yaml_file_stays_the_words_that_were_written(written: str) -> None:
    said = read_yaml(f"key: {written}")

    assert said == {"key": written.strip("'")}


@pytest.mark.parametrize("written", ["", " ", "~", "null"])
def test_an_empty_value_is_none(written: str) -> None:
    assert read_yaml(f"key: {written}") == {"key": None}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3", "line 3, column 1: the key 'a' stands twice"),
        ("x: {CASH: 1230, CASH: 1250}", "line 1, column 17: the key 'CASH' stands twice"),
        ("0010: a\n0010: b", "line 2, column 1: the key '0010' stands twice"),
        ("[a]: b", "line 1, column 1: a key must be a plain text"),
        ("~: b", "line 1, column 1: a key must be a plain text"),
        ("a: !!float 0.1", "line 1, column 4: could not determine a constructor for the tag 'tag:yaml.org,2002:float'"),
        (
            "a: !!timestamp x",
            "line 1, column 4: could not determine a constructor for the tag 'tag:yaml.org,2002:timest",
        ),
        ("a: !!python/name:os.system x", "line 1, column 4: could not determine a constructor for the tag"),
        ("a: 1\n\tb: 2", "line 2, column 1: found character '\\t' that cannot start any token"),
        ("a: 1\n---\nb: 2", "line 2, column 1: but found another document"),
    ],
)
def test_yaml_that_could_mean_two_things_is_refused_by_line(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match="line") as caught:
        read_yaml(text)

    assert str(caught.value).startswith(fault)


def test_codes_keep_their_leading_zeros(config: Path) -> None:
    rewrite(config, "mappings.yaml", "GROCERY: 4000", "GROCERY: 0040")
    rewrite(config, "stores/S01.yaml", 'tills: ["01"]', "tills: [01, 007]")

    settings = load_settings(config)

    assert settings.company("corner-shops").mapping_on(date(2026, 11, 22)).categories["GROCERY"] == "0040"
    assert settings.store("S01").tills == ("01", "007")


def test_a_day_start_is_a_time_of_day_without_quotes_too(config: Path) -> None:
    add(config, "stores/S01.yaml", "day_starts_at: 05:30\n")

    store = first_store(config)

    assert (store.day_starts_at, store.day_starts_minutes) == (time(5, 30), 330)


@pytest.mark.parametrize(
    ("written", "minor"), [("0.29", 29), ("1", 100), ("0.1", 10), ("1.10", 110), ("4503.77", 450377)]
)
def test_money_in_the_settings_is_exact(config: Path, written: str, minor: int) -> None:
    add(config, "stores/S01.yaml", f"tolerances: {{tax: {written}, rounding_a_day: '{written}'}}\n")

    tolerances = first_store(config).tolerances

    assert (tolerances.tax, tolerances.rounding_a_day) == (minor, minor)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("0.015", "'0.015' has more than two decimals"),
        ("1e-2", "'1e-2' is not an amount of money"),
        ("1,00", "'1,00' is not an amount of money"),
        ("0.0.1", "'0.0.1' is not an amount of money"),
        ("-0.01", "Input should be greater than or equal to 0"),
        ("'٠.٠١'", "'٠.٠١' is not an amount of money"),
        ("NaN", "'NaN' is not an amount of money"),
    ],
)
def test_money_that_is_none_is_refused(config: Path, written: str, fault: str) -> None:
    add(config, "stores/S01.yaml", f"tolerances:\n  tax: {written}\n")

    said = written.strip("'")

    assert problems(config) == [f"corner-shops/stores/S01.yaml: tolerances.tax: {fault} (it says {said!r})"]


# Everything that is wrong, at once


def test_all_problems_of_all_files_are_told_at_once(config: Path) -> None:
    rewrite(config, "company.yaml", "currency: GBP", "currency: DM")
    rewrite(config, "company.yaml", "first_day: 2026-01-01", "first_day: 2026-02-30")
    rewrite(config, "mappings.yaml", "GROCERY: 4000", "GROCERY: sales")
    rewrite(config, "stores/S01.yaml", "timezone: Europe/London", "timezone: London")
    rewrite(config, "stores/S01.yaml", "name: Shop S01\n", "")
    rewrite(config, "stores/S02.yaml", "department: 2", "department: two")

    said = problems(config)

    assert [problem.split(": ")[:2] for problem in said] == [
        ["corner-shops/company.yaml", "currency"],
        ["corner-shops/company.yaml", "first_day"],
        ["corner-shops/stores/S01.yaml", "name"],
        ["corner-shops/stores/S01.yaml", "timezone"],
        ["corner-shops/stores/S02.yaml", "department"],
        ["corner-shops/mappings.yaml", "1.categories.GROCERY"],
    ]
    assert said[2] == "corner-shops/stores/S01.yaml: name: is missing"
    assert said[3].endswith("'London' is no time zone of the IANA list, say Europe/London (it says 'London')")


Spoil = Callable[[Path], object]


def in_file(file: str, old: str, new: str) -> Spoil:
    return lambda config: rewrite(config, file, old, new)


def whole(file: str, content: bytes) -> Spoil:
    return lambda config: (config / "corner-shops" / file).write_bytes(content)


def renamed(file: str, to: str) -> Spoil:
    return lambda config: (config / "corner-shops" / file).rename(config / "corner-shops" / to)


BLOCK_TWO = "\n- valid_from: 2026-03-01\n  {}\n"
WRONG: dict[str, tuple[Spoil, str]] = {
    "an unknown key of the company": (
        in_file("company.yaml", "currency: GBP", "currency: GBP\ncurency: EUR"),
        "company.yaml: curency: is no key that is known here (it says 'EUR')",
    ),
    "an unknown key below another": (
        in_file("company.yaml", "  rounding: 8207", "  rounding: 8207\n  suspense: 9998"),
        "company.yaml: accounts.suspense: is no key that is known here (it says '9998')",
    ),
    "an unknown key of a store": (
        in_file("stores/S02.yaml", "department: 2", "department: 2\nupload_grace: 30"),
        "stores/S02.yaml: upload_grace: is no key that is known here (it says '30')",
    ),
    "an unknown key of a mapping": (
        in_file("mappings.yaml", "  customers:", "  costumers:"),
        "mappings.yaml: 1.costumers: is no key that is known here (it says {'C001': 'CAFE001'})",
    ),
    "an unknown kind of source": (
        in_file("stores/S01.yaml", "kind: folder", "kind: ftp"),
        "stores/S01.yaml: source: Input tag 'ftp' found using 'kind' does not match any of the expected tags",
    ),
    "a store's file named for another": (
        in_file("stores/S02.yaml", "code: S02", "code: S03"),
        "stores/S02.yaml: code: 'S03' is not the file's name, 'S02'",
    ),
    "a company named otherwise than its folder": (
        in_file("company.yaml", "code: corner-shops", "code: cornershops"),
        "company.yaml: code: 'cornershops' is not the folder's name, 'corner-shops'",
    ),
    "a till that stands twice": (
        in_file("stores/S01.yaml", '["01"]', "[01, 02, 01]"),
        "stores/S01.yaml: tills: one stands twice in 01, 02, 01",
    ),
    "no till at all": (
        in_file("stores/S01.yaml", '["01"]', "[]"),
        "stores/S01.yaml: tills: Tuple should have at least 1",
    ),
    "a mapping that begins too late": (
        in_file("mappings.yaml", "2026-01-01", "2026-01-02"),
        "mappings.yaml: valid_from: the first block begins 2026-01-02, after the company's first_day",
    ),
    "blocks out of order": (
        lambda config: add(config, "mappings.yaml", "\n- valid_from: 2026-05-01\n- valid_from: 2026-03-01\n"),
        "mappings.yaml: valid_from: the blocks must run from the oldest to the newest, no day twice",
    ),
    "two blocks of one day": (
        lambda config: add(config, "mappings.yaml", "\n- valid_from: 2026-01-01\n"),
        "mappings.yaml: valid_from: the blocks must run from the oldest to the newest, no day twice",
    ),
    "a tax code with two rates": (
        lambda config: add(
            config,
            "mappings.yaml",
            BLOCK_TWO.format("tax_classes: {LUX: {code: T7, rate: 25}, OIL: {code: T7, rate: 8}}"),
        ),
        "mappings.yaml: tax_classes: T7 has two rates from 2026-03-01 on; a code has one",
    ),
    "a rate that is not its code's": (
        lambda config: add(config, "mappings.yaml", BLOCK_TWO.format("tax_classes: {LUX: {code: T2, rate: 20}}")),
        "mappings.yaml: 2.tax_classes.LUX.rate: 20 is not the rate of T2, which is 0 in sage50-uk; give the class the "
        "code of its rate, or say in company.yaml what your Sage has: sage: {tax_rates: {T2: [0, 20]}}",
    ),
    "a rate that is not its code's by the company's own facts": (
        lambda config: add(config, "company.yaml", "sage: {tax_rates: {T1: [20], T5: [5, 12.5], T0: [13.50]}}\n"),
        "mappings.yaml: 1.tax_classes.ZERO.rate: 0 is not the rate of T0, which is 13.5 by sage.tax_rates in company",
    ),
    "a rate of three decimals": (
        in_file("mappings.yaml", "rate: 20}", "rate: 17.555}"),
        "mappings.yaml: 1.tax_classes.STD.rate: a rate has at most two decimals, say 13.5 (it says '17.555')",
    ),
    "a nominal that is none": (
        in_file("mappings.yaml", "CASH: 1230", "CASH: bank"),
        "mappings.yaml: 1.tenders.CASH: String should match pattern",
    ),
    "sales into the till control": (
        in_file("mappings.yaml", "GROCERY: 4000", "GROCERY: 1235"),
        "mappings.yaml: categories.GROCERY: 1235 is the company's till_control, never a target",
    ),
    "sales and deposits in one nominal": (
        in_file("mappings.yaml", "GROCERY: 4000", "GROCERY: 1230"),
        "mappings.yaml: GROCERY: 1230 takes deposits of tenders and can't take sales as well",
    ),
    "a mapped SKU that nobody knows": (
        in_file("mappings.yaml", "  tenders:", "  skus: {'99999': 4001}\n  tenders:"),
        "mappings.yaml: skus.99999: not in skus.csv",
    ),
    "SKUs that stand twice": (
        whole("skus.csv", b"sku\n10001\n10001\n"),
        "skus.csv: sku: stands twice: 10001",
    ),
    "SKUs without a header": (whole("skus.csv", b"10001\n"), "skus.csv: sku: no column of this name in the header"),
    "SKUs in Windows-1252": (whole("skus.csv", b"sku\ncr\xe8me\n"), "skus.csv: sku: the file can't be read: 'utf-8'"),
    "a file in Windows-1252": (whole("stores/S01.yaml", b"name: Caf\xe9\n"), "stores/S01.yaml: 'utf-8' codec can't"),
    "an empty company": (whole("company.yaml", b""), "company.yaml: the file is empty"),
    "an empty store": (whole("stores/S02.yaml", b"# to do\n"), "stores/S02.yaml: the file is empty"),
    "an empty mapping": (whole("mappings.yaml", b"\n"), "mappings.yaml: the file is empty"),
    "a mapping that is no list": (
        whole("mappings.yaml", b"valid_from: 2026-01-01\n"),
        "mappings.yaml: the whole file: must be a list of blocks, each with valid_from",
    ),
    "a company that is a list": (
        whole("company.yaml", b"- code: x\n"),
        "company.yaml: the whole file: Input should be",
    ),
    "a missing company": (renamed("company.yaml", "firm.yaml"), "company.yaml: the file is missing"),
    "a store's file with another suffix": (
        renamed("stores/S02.yaml", "stores/S02.yml"),
        "stores/S02.yml: the file is not read: the name must end in .yaml",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_is_told_with_its_file_and_key(config: Path, fault: str) -> None:
    spoil, says = WRONG[fault]
    spoil(config)

    said = problems(config)

    assert len(said) == 1, said
    assert said[0].startswith(f"corner-shops/{says}")


def test_a_company_without_a_store_is_told(config: Path) -> None:
    for file in (config / "corner-shops" / "stores").iterdir():
        file.unlink()

    assert problems(config) == ["corner-shops/stores: no store here; add one file a store, say S01.yaml"]


def test_a_folder_without_a_company_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"{tmp_path}: no company folder here; set STOREDAY_CONFIG to the folder of settings"]


def test_a_store_of_two_companies_is_told(config: Path, tmp_path: Path) -> None:
    other = settle(tmp_path / "other", {"S02": ""}) / "corner-shops"
    (other / "company.yaml").write_text(COMPANY.replace("corner-shops", "annexe"))
    other.rename(config / "annexe")

    assert problems(config) == ["corner-shops/stores/S02.yaml: code: S02 is also a store of annexe"]


def test_settings_can_not_be_changed(config: Path) -> None:
    store = first_store(config)

    with pytest.raises(ValueError, match="frozen"):
        store.department = 9  # type: ignore[misc]


def test_a_dag_file_learns_the_time_zone_the_first_day_and_the_companies(config: Path, tmp_path: Path) -> None:
    stock = "stock: {first_day: 2026-03-01, codes: shared}\n"
    (config / "annexe").mkdir()
    (config / "annexe" / "company.yaml").write_text(COMPANY.replace("corner-shops", "annexe") + stock)

    facts = schedule_facts(config)

    codes = (("annexe", "corner-shops"), ("annexe",), ("S01", "S02"))
    assert facts == ("Europe/London", date(2026, 1, 1), *codes, Running())


def test_a_dag_file_is_told_of_an_empty_company(config: Path) -> None:
    (config / "corner-shops" / "company.yaml").write_text("")

    with pytest.raises(SettingsError) as caught:
        schedule_facts(config)

    assert caught.value.problems == ["corner-shops/company.yaml: the file is empty"]


# Mappings by date


@pytest.fixture
def dated(tmp_path: Path) -> Settings:
    """Delicatessen moved to another nominal in March, the reduced rate changed in July."""
    later = """
- valid_from: 2026-03-01
  why: delicatessen apart
  categories: {DELI: 4010}
- valid_from: 2026-07-01
  tax_classes: {RED: {code: T5, rate: 12.5}}
  tenders: {AMEX: 1251}
"""
    company = f"{COMPANY}sage: {{tax_rates: {{T5: [5, 12.5]}}}}\n"
    return load_settings(settle(tmp_path, {"S01": ""}, company=company, mappings=MAPPINGS + later))


@pytest.mark.parametrize(
    ("day", "version", "deli", "reduced", "tenders"),
    [
        (date(2026, 2, 28), 1, "4001", Decimal(5), 4),
        (date(2026, 3, 1), 2, "4010", Decimal(5), 4),
        (date(2026, 6, 30), 2, "4010", Decimal(5), 4),
        (date(2026, 7, 1), 3, "4010", Decimal("12.5"), 5),
        (date(2030, 1, 1), 3, "4010", Decimal("12.5"), 5),
    ],
)
def test_a_block_changes_what_it_says_from_its_day_on(
    dated: Settings, day: date, version: int, deli: str, reduced: Decimal, tenders: int
) -> None:
    mapping = dated.company("corner-shops").mapping_on(day)

    assert (mapping.version, mapping.categories["DELI"], mapping.tax_classes["RED"].rate) == (version, deli, reduced)
    assert mapping.categories["GROCERY"] == "4000"
    assert len(mapping.tenders) == tenders


def test_rates_are_whole_basis_points(dated: Settings) -> None:
    mapping = dated.company("corner-shops").mapping_on(date(2026, 7, 1))

    assert {name: tax.rate_bp for name, tax in mapping.tax_classes.items()} == {
        "STD": 2000,
        "RED": 1250,
        "ZERO": 0,
        "OUT": 0,
    }


def test_before_the_first_block_nothing_is_in_force(dated: Settings) -> None:
    with pytest.raises(LookupError, match="no mapping is in force on 31 Dec 2025: the first begins later"):
        dated.company("corner-shops").mapping_on(date(2025, 12, 31))


def test_the_same_mapping_written_in_one_block_or_two_has_one_digest(tmp_path: Path) -> None:
    moved = MAPPINGS.replace("DELI: 4001", "DELI: 4010")
    two_blocks = MAPPINGS + BLOCK_TWO.format("categories: {DELI: 4010}")
    one, two, other = (
        load_settings(settle(tmp_path / name, {"S01": ""}, mappings=text)).company("corner-shops")
        for name, text in (("one", moved), ("two", two_blocks), ("other", MAPPINGS))
    )

    day = date(2026, 11, 22)

    assert one.mapping_on(day).digest == two.mapping_on(day).digest != other.mapping_on(day).digest


# The command


def environment_of(config: Path, expectations: Path = EXPECTATIONS) -> Environment:
    return Environment(config, "", "", expectations)


def test_an_unknown_feed_is_told_with_those_there_are(config: Path) -> None:
    rewrite(config, "stores/S02.yaml", "feed: storeday-csv", "feed: squre")

    with pytest.raises(SettingsError) as caught:
        check_config(environment_of(config))

    assert caught.value.problems == [
        "corner-shops/stores/S02.yaml: feed: no feed 'squre'; there are " + ", ".join(sorted(FEEDS))
    ]


def test_broken_suites_are_told_together_with_broken_settings(config: Path, tmp_path: Path) -> None:
    suites = tmp_path / "suites"
    suites.mkdir()
    (suites / "lines.json").write_text("{")
    rewrite(config, "company.yaml", "currency: GBP", "currency: DM")

    with pytest.raises(SettingsError) as caught:
        check_config(environment_of(config, suites))

    assert [problem.partition(": ")[0] for problem in caught.value.problems] == [
        "corner-shops/company.yaml",
        "lines.json",
    ]


def run_check_config(config: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """``storeday check-config`` in this process; its exit code."""
    monkeypatch.setenv("STOREDAY_CONFIG", str(config))
    monkeypatch.setattr(sys, "argv", ["storeday", "check-config"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_check_config_says_what_it_read_and_ends_with_0(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_check_config(config, monkeypatch)

    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        "corner-shops: Corner Shops Ltd, 2 stores, 1 mapping blocks, the newest from 2026-01-01",
        f"{config}: nothing wrong",
    ]


def test_check_config_says_every_problem_on_a_line_and_ends_with_2(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(config, "stores/S01.yaml", "feed: storeday-csv", "feed: squre")
    rewrite(config, "stores/S02.yaml", "feed: storeday-csv", "feed: abacus")

    code = run_check_config(config, monkeypatch)

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "storeday: corner-shops/stores/S01.yaml: feed: no feed 'squre'; there are " + ", ".join(sorted(FEEDS)),
        "storeday: corner-shops/stores/S02.yaml: feed: no feed 'abacus'; there are " + ", ".join(sorted(FEEDS)),
    ]


def test_the_sample_company_is_right_from_a_shell_without_any_state() -> None:
    variables = {name: text for name, text in os.environ.items() if not name.startswith("STOREDAY_")}

    ended = subprocess.run(
        [Path(sys.executable).with_name("storeday"), "check-config"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1] == f"{SAMPLE}: nothing wrong"


def test_a_run_without_a_home_for_its_state_ends_with_2(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STOREDAY_CONFIG", str(config))
    monkeypatch.delenv("STOREDAY_HOME", raising=False)
    monkeypatch.setattr(sys, "argv", ["storeday", "run", "--day", "2026-11-22"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("storeday: STOREDAY_HOME is not set")


# What no document says for sure of Sage


def test_a_fact_that_was_tried_in_sage_is_written_in_the_company(config: Path) -> None:
    add(config, "company.yaml", "sage: {journal_vat_codes: [T0, T1, T2, T5], row_limit: 4000, all_or_nothing: false}\n")

    sage = load_settings(config).company("corner-shops").company.sage

    assert sage.journal_vat_codes == ("T0", "T1", "T2", "T5")
    assert (sage.row_limit, sage.all_or_nothing, sage.reference_size) == (4000, False, 30)


def test_a_fact_that_nobody_knows_of_is_refused(config: Path) -> None:
    add(config, "company.yaml", "sage: {journal_vat_code: [T5], row_limit: 0}\n")

    said = problems(config)

    assert [line.split(":")[1].strip() for line in said] == ["sage.row_limit", "sage.journal_vat_code"]


# Stock


def test_what_customers_bring_back_may_not_be_a_type_that_takes_stock_out(config: Path) -> None:
    add(config, "company.yaml", "stock: {first_day: 2026-12-01, codes: shared, returned: GR}\n")
    add(config, "company.yaml", "sage: {stock_out_types: [AO, DO, GO, WO, GR]}\n")

    found = problems(config)

    assert len(found) == 1
    assert "stock.returned: GR takes stock out, by sage.stock_out_types" in found[0]


def test_stock_settings_are_read_as_they_are_written(config: Path) -> None:
    add(config, "company.yaml", "stock: {first_day: 2026-12-01, codes: per_store, threshold: {units: 2.5}}\n")
    add(config, "stores/S01.yaml", "stock_threshold: {percent: 7.25}\n")

    settings = load_settings(config)

    stock = settings.company("corner-shops").company.stock
    threshold = settings.store("S01").stock_threshold
    assert stock is not None
    assert threshold is not None
    assert (stock.threshold.units, stock.code_of("S01", "10001")) == (2_500, "S01-10001")
    assert (threshold.percent, threshold.units) == (725, None)


# How the work is run


def running(config: Path, text: str) -> Path:
    (config / "running.yaml").write_text(text)
    return config


def test_how_the_work_is_run_may_be_left_out(config: Path) -> None:
    left_out = load_settings(config).running

    assert left_out == Running(stores_per_task=1, sftp_connections=8, downloads_at_once=16)
    assert schedule_facts(config).running == left_out


def test_the_whole_settings_the_dag_files_and_the_pool_learn_the_same_of_how_the_work_is_run(config: Path) -> None:
    running(config, "stores_per_task: 50\nsftp_connections: 3\n")

    learned = [load_settings(config).running, schedule_facts(config).running, running_settings(config)]

    assert learned == [Running(stores_per_task=50, sftp_connections=3)] * 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("stores_per_task: 0", "stores_per_task: Input should be greater than or equal to 1 (it says '0')"),
        ("sftp_connections: few", "sftp_connections: Input should be a valid integer"),
        ("downloads: 4", "downloads: is no key that is known here"),
        ("", "the file is empty"),
    ],
)
def test_what_is_wrong_with_how_the_work_is_run_is_told_with_its_key_everywhere(
    config: Path, text: str, fault: str
) -> None:
    running(config, text)

    for read in (load_settings, schedule_facts, running_settings):
        with pytest.raises(SettingsError) as caught:
            read(config)
        [problem] = caught.value.problems
        assert problem.startswith(f"running.yaml: {fault}")


def test_more_stores_than_airflow_makes_tasks_of_want_several_a_task(tmp_path: Path) -> None:
    config = settle(tmp_path, {f"S{number}": "department: 1" for number in range(1000, 2025)})
    where = Environment(config, "", "", EXPECTATIONS)

    with pytest.raises(SettingsError) as caught:
        check_config(where)
    running(config, "stores_per_task: 2\n")
    enough = check_config(where)

    assert caught.value.problems == [
        "running.yaml: stores_per_task: 1 makes 1,025 tasks of 1,025 stores, and Airflow takes 1,024 of one list "
        "at most ([core] max_map_length); say 2 or more, 50 for example"
    ]
    assert enough.running.tasks_of(1025) == 513
