"""Parallel run: until the cutover the figures keyed by hand stand beside ours, by nominal and tax code."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import COMPANY, OpenShop, Shop, Typed
from storeday.model.errors import SettingsError
from storeday.reconcile.golive.keyed import KeyedFiguresWrong, beside, figures, read_keyed
from storeday.stages.parallel import Parallel, run_parallel
from tills import DAY, Till, refund, sale, z

HEADER = "store,day,nominal,tax_code,net,tax\n"
# 12.60 + 6.00 - 2.40 with tax at 20 %: net 13.50, tax 2.70; cash 12.60 - 2.40, cards 6.00
RIGHT = HEADER + ("S01,2026-11-22,4000,T1,13.50,2.70\nS01,2026-11-22,1230,T9,10.20,0.00\nS01,2026-11-22,1250,,6.00,\n")


@pytest.fixture
def shop(open_shop: OpenShop, tmp_path: Path) -> Shop:
    """A store before its cutover that sold for 12.60 and 6.00 and gave 2.40 back."""
    company = COMPANY + f"environment: production\nkeyed_figures: {tmp_path}\n"
    opened = open_shop(company=company, S01="cutover: 2026-12-01\n")
    opened.send(Till("S01").slice("09:00", sale("12.60"), sale("6.00", tender="VISA"), refund("2.40"), z()))
    opened.run()
    return opened


def keyed(tmp_path: Path, text: str, name: str = "november.csv") -> None:
    (tmp_path / name).write_text(text)


def compared(shop: Shop, first: date = DAY, last: date = DAY) -> Parallel:
    return run_parallel(shop.work, "S01", first, last)


def table(made: Parallel, title: str) -> list[list[str]]:
    said: dict[str, Any] = json.loads(Path(made.page).with_suffix(".json").read_text())
    [found] = [each for each in said["tables"] if each["title"] == title]
    rows: list[list[str]] = found["rows"]
    return rows


def test_what_is_keyed_right_agrees_to_the_penny(shop: Shop, tmp_path: Path) -> None:
    keyed(tmp_path, RIGHT)

    made = compared(shop)

    assert (made.report.bad, made.report.good) == ((), ("1 of 1 days that were keyed agree to the penny",))
    assert table(made, "Days") == [["2026-11-22", "agrees"]]
    assert ["4000", "T1", "13.50", "2.70", "13.50", "2.70", "0.00", "0.00"] in table(made, "By nominal and tax code")


def test_what_is_keyed_otherwise_is_named_by_nominal_and_tax_code_with_both_amounts(shop: Shop, tmp_path: Path) -> None:
    keyed(tmp_path, RIGHT.replace("4000,T1,13.50,2.70", "4000,T1,13.05,2.70").replace("1250,,", "1251,,"))

    made = compared(shop)

    assert made.report.bad == (
        "S01 2026-11-22: 1250 T9: keyed 0.00 and tax 0.00, ours 6.00 and tax 0.00",
        "S01 2026-11-22: 1251 T9: keyed 6.00 and tax 0.00, ours 0.00 and tax 0.00",
        "S01 2026-11-22: 4000 T1: keyed 13.05 and tax 2.70, ours 13.50 and tax 2.70",
    )
    assert table(made, "Differences")[2] == [
        "2026-11-22", "4000", "T1", "13.05", "2.70", "13.50", "2.70", "0.45", "0.00",
    ]  # fmt: skip


def test_several_files_and_rows_of_one_figure_are_added_up(shop: Shop, tmp_path: Path) -> None:
    keyed(tmp_path, RIGHT.replace("4000,T1,13.50,2.70", "4000,T1,10.00,2.00"))
    keyed(tmp_path, HEADER + "S01,2026-11-22,4000,T1,3.50,0.70\nS02,2026-11-22,4000,T1,1.00,0.20\n", "more.CSV")

    assert compared(shop).report.bad == ()


def test_days_that_one_side_only_has_are_named_and_not_summed(shop: Shop, tmp_path: Path) -> None:
    keyed(tmp_path, RIGHT.replace("2026-11-22", "2026-11-23"))

    made = compared(shop, DAY, date(2026, 11, 23))

    assert table(made, "Days") == [["2026-11-22", "not keyed"], ["2026-11-23", "keyed; here it is expected"]]
    assert table(made, "By nominal and tax code") == []
    assert "S01 2026-11-23 was keyed and is expected here" in made.report.bad


def test_a_company_without_a_folder_of_keyed_figures_says_which_key_is_missing(open_shop: OpenShop) -> None:
    with pytest.raises(SettingsError) as refused:
        run_parallel(open_shop("S01").work, "S01", DAY, DAY)

    assert "corner-shops/company.yaml: keyed_figures: is missing" in refused.value.problems[0]


def test_every_cell_that_cannot_be_read_is_named_by_file_and_line() -> None:
    text = HEADER + "S01,2026-11-22,4000,T1,12.5,2.50\ns01,22/11/26,40x,T123,1.234,x\n"

    with pytest.raises(KeyedFiguresWrong) as refused:
        read_keyed({"november.csv": text.encode()})

    assert str(refused.value).splitlines()[1:] == [
        "  november.csv: line 3: store: 's01' is no code of a store",
        "  november.csv: line 3: nominal: '40x' is no nominal",
        "  november.csv: line 3: tax_code: 'T123' is no tax code of Sage's",
        "  november.csv: line 3: day: '22/11/26' is no day, say 2026-11-22",
        "  november.csv: line 3: net: '1.234' is no amount",
        "  november.csv: line 3: tax: 'x' is no amount",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"store;day;nominal\n", "line 1: no column store, day, nominal, tax_code, net, tax"),
        (b"", "is no CSV file"),
        (b"\xff\xfe\x00", "is no CSV file"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(KeyedFiguresWrong, match=said):
        read_keyed({"a.csv": content})


def test_at_the_command_line_a_difference_ends_with_3(shop: Shop, tmp_path: Path, typed: Typed) -> None:
    period = ("--store", "S01", "--from", "2026-11-22", "--to", "2026-11-22")
    keyed(tmp_path, RIGHT)
    assert typed("parallel", *period)[0] == 0

    keyed(tmp_path, RIGHT.replace("13.50", "13.05"))
    code, said = typed("parallel", *period)

    assert code == 3
    assert "✗ S01 2026-11-22: 4000 T1: keyed 13.05 and tax 2.70, ours 13.50 and tax 2.70" in said


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["S01", "S02"]),
        st.sampled_from(["2026-11-22", "2026-11-23"]),
        st.sampled_from(["4000", "4001"]),
        st.sampled_from(["T0", "T1"]),
        st.integers(-(10**9), 10**9),
        st.integers(-(10**9), 10**9),
    ),
    max_size=20,
)


@given(keyed_rows=ROWS, our_rows=ROWS)
def test_no_penny_is_lost_between_the_two_sides(
    keyed_rows: list[tuple[str, str, str, str, int, int]], our_rows: list[tuple[str, str, str, str, int, int]]
) -> None:
    def sums(rows: list[tuple[str, str, str, str, int, int]]) -> Counter[tuple[str, ...]]:
        found: Counter[tuple[str, ...]] = Counter()
        for *key, net, _ in rows:
            found[tuple(key)] += net
        return found

    both = beside(figures(keyed_rows), figures(our_rows))

    wanted = sums(our_rows)
    wanted.subtract(sums(keyed_rows))
    found = {(row.store, row.day, row.nominal, row.tax_code): row.net_off for row in both.itertuples() if row.net_off}
    assert found == {key: off for key, off in wanted.items() if off}
