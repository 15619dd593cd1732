"""A month's audit: page, PDF and figures say what the ledger holds, to the penny, and what nobody knows yet."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from audited import ANN, COMPANY, MONTH, WHY_RELEASED, change_mapping, month_of_two_stores, read_back
from pypdf import PdfReader
from quick_suites import judge_quickly
from shops import COMPANY as COMPANY_FILE
from shops import OpenShop, Shop, Typed
from storeday.model.differences import Difference, DifferenceKind
from storeday.model.money import minor_of
from storeday.reconcile.audit.figures import figure_files
from storeday.reconcile.audit.month import audit_of
from storeday.reconcile.audit.view import Shown, shown
from storeday.stages.audit import Audited, audit_month, facts_of
from tills import DAY, Till, sale, z

GOLDEN = Path(__file__).parents[1] / "golden" / "audit"
ADDED_BY_HAND = ["stores", "store_days", "vat_codes", "vat_boxes", "over_short", "rounding"]


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    opened = month_of_two_stores(open_shop)
    change_mapping(opened)
    return opened


@pytest.fixture(scope="module")
def unread(shop: Shop) -> dict[str, bytes]:
    """The audit's files before Sage was read back."""
    return files_of(audit_month(shop.work, COMPANY, MONTH))


@pytest.fixture(scope="module")
def audited(shop: Shop, unread: dict[str, bytes]) -> Audited:
    """The audit after that."""
    read_back(shop)
    return audit_month(shop.work, COMPANY, MONTH)


@pytest.fixture(scope="module")
def files(audited: Audited) -> dict[str, bytes]:
    return files_of(audited)


@pytest.fixture(scope="module")
def said(shop: Shop, audited: Audited) -> Shown:
    return shown(audit_of(facts_of(shop.work, shop.work.settings.company(COMPANY), MONTH)))


def files_of(audited: Audited) -> dict[str, bytes]:
    folder = Path(audited.folder)
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"figures/{name}.csv"].decode(), newline="")))


def pdf_text(files: dict[str, bytes]) -> str:
    """All that the PDF says, without white space, as lines break where the page ends."""
    pages = PdfReader(io.BytesIO(files["audit.pdf"])).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def page_text(files: dict[str, bytes]) -> str:
    text = files["index.html"].decode().partition("</style>")[2]
    return "".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def in_pdf(text: str) -> str:
    return "".join(text.replace("−", "-").split())


# Figures


@pytest.mark.parametrize("name", ADDED_BY_HAND)
def test_the_month_comes_to_what_was_added_up_by_hand(files: dict[str, bytes], name: str) -> None:
    expected = list(csv.DictReader((GOLDEN / f"{name}.csv").open(newline="")))

    found = table(files, name)

    assert found == expected


def test_parquet_holds_the_same_figures_in_whole_pennies(files: dict[str, bytes]) -> None:
    for name in ADDED_BY_HAND:
        rows = pq.read_table(io.BytesIO(files[f"figures/{name}.parquet"])).to_pylist()
        for row, written in zip(rows, table(files, name), strict=True):
            amounts = {key.removesuffix("_minor"): value for key, value in row.items() if key.endswith("_minor")}
            assert amounts == {key: minor_of(written[key]) if written[key] else None for key in amounts}


def test_the_month_is_judged_in_one_sentence(audited: Audited, unread: dict[str, bytes]) -> None:
    before = json.loads(unread["manifest.json"])["verdict"]

    assert audited.verdict == (
        "4 of 8 store-days of 2 stores confirmed in Sage; 1 handed over and not confirmed; 3 open; "
        "1 difference in Sage, 15.60 in all; 0.00 unexplained."
    )
    assert before == "5 of 8 store-days of 2 stores handed over, not read back from Sage yet; 3 open; 0.00 unexplained."


def test_what_was_not_read_back_is_said_so_and_never_shown_as_agreement(unread: dict[str, bytes]) -> None:
    stores, days, boxes = (table(unread, name) for name in ("stores", "store_days", "vat_boxes"))

    assert {row["confirmed"] for row in (*stores, *days, *boxes)} == {""}
    for text in (page_text(unread), pdf_text(unread)):
        assert "SagewasnotreadbackforthismonthwhatSageholdsisnotknown" not in text
        assert "notreadback" in text
        assert "Sagewasnotreadbackforthismonth:" in text


def test_corrections_and_reversals_say_what_they_moved(files: dict[str, bytes]) -> None:
    rows = [(r["store"], r["trading_day"], r["kind"], r["net"], r["tax"]) for r in table(files, "corrections")]

    assert rows == [
        ("S01", "2026-11-02", "correction", "20.00", "4.00"),
        ("S01", "2026-11-05", "reversal", "-7.00", "-1.40"),
    ]


def test_every_decision_names_who_and_why(files: dict[str, bytes]) -> None:
    decisions = table(files, "decisions")

    assert {(row["trading_day"], row["kind"]) for row in decisions} == {
        ("2026-11-04", "accept_gap"),
        ("2026-11-04", "release"),
        ("2026-11-05", "rollback"),
    }
    assert {row["by"] for row in decisions} == {ANN}


def test_a_mapping_change_stands_with_its_effect_in_money(files: dict[str, bytes]) -> None:
    (change,) = table(files, "mapping_changes")

    assert (change["by"], change["what"], change["moved"]) == (
        "Bob Jones",
        "GROCERY: 4000 to 4010 from 1 Dec 2026",
        "12.00",
    )
    assert "4000 T1 to 4010 T1, net 10.00, tax 2.00" in change["effect"]


def test_text_that_a_spreadsheet_would_run_is_neutralised_in_csv_and_kept_elsewhere(files: dict[str, bytes]) -> None:
    gap = next(row for row in table(files, "decisions") if row["kind"] == "accept_gap")
    kept = pq.read_table(io.BytesIO(files["figures/decisions.parquet"])).column("why").to_pylist()

    assert gap["why"] == "'" + WHY_RELEASED
    assert WHY_RELEASED in kept


def test_a_difference_of_no_store_counts_as_unexplained_and_is_shown(shop: Shop, audited: Audited) -> None:
    facts = facts_of(shop.work, shop.work.settings.company(COMPANY), MONTH)
    box = Difference(COMPANY, DifferenceKind.VAT_BOX, None, None, 10_30, 10_00, "box 1", "No row says why.", "Look.")
    assert facts.sage is not None
    sage = replace(facts.sage, differences=(*facts.sage.differences, box))

    audit = audit_of(replace(facts, sage=sage))

    shown_rows = {each.title: each for each in shown(audit).tables}["Differences in Sage"].rows
    assert audit.unexplained_minor == 30
    assert "2 differences in Sage, 15.90 in all; 0.30 unexplained" in audit.verdict
    assert [row[0] for row in shown_rows] == ["S01 Wed 4 Nov", ""]
    assert figure_files(audit)["figures/differences.csv"].count(b"VAT box differs") == 1


# Page and PDF


def test_page_and_pdf_show_every_figure_and_every_word(files: dict[str, bytes], said: Shown) -> None:
    cells = [cell for each in said.tables for row in [each.columns, *each.rows, each.total] for cell in row]
    words = [said.title, said.verdict, *(figure for figure, _ in said.tiles), *said.notes, *said.nothing, *cells]
    page, pdf = page_text(files), pdf_text(files)

    assert [word for word in words if "".join(word.split()) not in page] == []
    assert [word for word in words if in_pdf(word) not in pdf] == []
    assert len(cells) > 150


def test_no_amount_of_the_pdf_breaks_over_two_lines(files: dict[str, bytes], said: Shown) -> None:
    pages = PdfReader(io.BytesIO(files["audit.pdf"])).pages
    whole = {word for page in pages for word in page.extract_text().split()}
    amounts = {cell for each in said.tables for row in [*each.rows, each.total] for cell in row[each.texts :]}

    assert {amount for amount in amounts if amount and " " not in amount} <= whole
    assert len(amounts) > 30


def test_tables_shown_have_the_figures_of_the_files(files: dict[str, bytes], said: Shown) -> None:
    shown_rows = {each.title: each for each in said.tables}["The tills against Sage"]

    assert shown_rows.rows[0][3:] == ("93.10", "25.00", "68.10", "68.10", "0.00", "0.00", "52.50")
    assert shown_rows.total[3:] == ("107.70", "25.00", "82.70", "74.30", "8.40", "0.00", "58.70")


def test_the_calendar_has_each_day_with_the_boards_letters(said: Shown) -> None:
    letters = {code: "".join(square.letter for square in squares) for code, _, squares in said.calendar.rows}

    assert letters == {"S01": "·✓✓DB" + "·" * 25, "S02": "·✓✓–H" + "·" * 25}


def test_names_of_other_scripts_and_markup_harm_neither_page_nor_pdf(open_shop: OpenShop) -> None:
    opened = open_shop(S01='name: "Łódź <b>&amp; Кафе"')
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    with pytest.MonkeyPatch.context() as quickly:
        judge_quickly(quickly)
        opened.run()

    files = files_of(audit_month(opened.work, COMPANY, DAY))

    assert "Łódź<b>&amp;Кафе" in page_text(files)
    assert "Lódz<b>&amp;Kafe" in pdf_text(files)


# Files


def test_the_same_ledger_gives_the_same_bytes(shop: Shop, audited: Audited, files: dict[str, bytes]) -> None:
    again = audit_month(shop.work, COMPANY, MONTH)
    shutil.rmtree(audited.folder)
    anew = audit_month(shop.work, COMPANY, MONTH)

    assert (again.is_new, anew.is_new) == (False, True)
    assert files_of(anew) == files


def test_the_manifest_has_the_digest_of_every_file(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])

    assert {name: said["sha256"] for name, said in manifest["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"
    }
    assert {"index.html", "audit.pdf", "figures/store_days.parquet", "figures/store_days.csv"} < set(manifest["files"])


def test_a_month_with_nothing_in_it_says_so(shop: Shop) -> None:
    empty = audit_month(shop.work, COMPANY, MONTH.replace(month=3))

    files = files_of(empty)

    assert empty.verdict == "No store-day of March 2026 is known: no store was to trade, and nothing came."
    assert table(files, "store_days") == []
    assert pdf_text(files).count("Nothingofthiskind") == 1
    assert not empty.needs_a_look


def test_in_production_days_before_the_cutover_are_in_no_figure(open_shop: OpenShop) -> None:
    production = COMPANY_FILE.replace("currency: GBP", "currency: GBP\nenvironment: production")
    opened = open_shop(S01="cutover: 2026-11-23", company=production)
    till = Till("S01")
    opened.send(till.slice("09:00", sale("12.60"), z()))
    with pytest.MonkeyPatch.context() as quickly:
        judge_quickly(quickly)
        opened.run()

    audited = audit_month(opened.work, COMPANY, DAY)

    assert audited.verdict.startswith("No store-day of November 2026 is known")
    assert "Store-daysbeforetheirstore'scutover,inparallelrunandinnofigurehere:1." in page_text(files_of(audited))


def test_the_command_writes_the_month_and_says_that_it_wants_a_look(typed: Typed, audited: Audited) -> None:
    code, text = typed("audit", "--month", "2026-11", "--company", COMPANY)

    assert code == 3
    assert f"corner-shops 2026-11 (nothing new): {audited.verdict}" in text


@pytest.mark.parametrize("month", ["2026-13", "202611", "2026-11-01", "November"])
def test_a_month_that_is_none_is_refused_in_words(typed: Typed, month: str) -> None:
    code, text = typed("audit", "--month", month)

    assert code == 2
    assert "is not a month; write it as YYYY-MM" in " ".join(text.replace("│", " ").split())
