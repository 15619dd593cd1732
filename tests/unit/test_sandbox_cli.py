"""`storeday sandbox`: what a person types and sees."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sage_company import file_of, row
from shops import settle
from storeday import cli
from storeday.config.sage_facts import SageFacts
from storeday.model.storage import files_below, publish_folder
from typer.testing import CliRunner, Result

BATCH = {
    "transactions.csv": file_of(
        row("BR", "1235", "4000", "100.00", "T1", "20.00"),
        row("JD", "", "1230", "120.00", reference="S01-261122-T"),
        row("JC", "", "1235", "120.00", reference="S01-261122-T"),
    ),
    "products.csv": b"Stock Code,Description\r\n10001,Bread\r\n20000,Cake\r\n",
    "stock.csv": b"Type,Stock Code,Date,Reference,Details,Quantity\r\nGO,10001,22/11/2026,S01,Sold,4.00\r\n",
    "manifest.json": b"{}",
}


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STOREDAY_CONFIG", str(settle(tmp_path, {"S01": "", "S02": ""})))
    monkeypatch.setenv("STOREDAY_HOME", str(tmp_path / "home"))
    folder = tmp_path / "batch"
    folder.mkdir()
    for name, content in BATCH.items():
        (folder / name).write_bytes(content)
    return folder


def sandbox(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["sandbox", command, *arguments, "--company", "corner-shops"])


def lines(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.output.splitlines() if line.strip()]


def test_a_batch_folder_goes_in_and_its_balances_and_boxes_are_shown(batch: Path) -> None:
    done = sandbox("import", str(batch))

    told, vat = lines(sandbox("balances")), lines(sandbox("vat"))
    assert done.exit_code == 0
    assert lines(done) == [
        "products.csv: 2 rows taken, 0 refused",
        "transactions.csv: 3 rows taken under 2 headers, 0 refused",
        "stock.csv: 1 row taken, 0 refused",
    ]
    assert told[0] == "nominal name debit credit"
    assert [line.split()[0] + " " + line.split()[-1] for line in told[1:5]] == [
        "1230 120.00",
        "2200 20.00",
        "4000 100.00",
        "all 120.00",
    ]
    assert told[-1] == "10001 Bread -4.00"
    assert vat == ["box tax code amount", "1 T1 20.00", "1 all 20.00", "6 T1 100.00", "6 all 100.00"]


def test_a_refused_row_is_told_with_line_and_reason_and_the_exit_code_says_so(batch: Path) -> None:
    (batch / "transactions.csv").write_bytes(file_of(row("BR", "1235", "4000", "1.00", "T1"), row("XX", "1", "2", "3")))

    done = sandbox("import", str(batch / "transactions.csv"))

    assert done.exit_code == 3
    assert lines(done) == [
        "transactions.csv: 0 rows taken, 1 refused",
        "line 3: 'XX' is no type that can be imported",
        "1 good row was kept out: one bad row keeps out the file (sage.all_or_nothing)",
    ]


def test_reset_begins_anew(batch: Path) -> None:
    sandbox("import", str(batch))

    done = sandbox("reset")

    assert done.exit_code == 0
    assert lines(sandbox("balances")) == ["Nothing was booked yet."]
    assert lines(sandbox("vat")) == ["Nothing is on the VAT return yet."]


def test_the_export_mirrors_the_import_and_holds_the_odbc_tables(batch: Path, tmp_path: Path) -> None:
    sandbox("import", str(batch))

    sandbox("export", "--out", str(tmp_path / "out"))

    assert (tmp_path / "out" / "transactions.csv").read_bytes() == BATCH["transactions.csv"]
    assert b"1230,CASH,120.00,0.00" in (tmp_path / "out" / "balances.csv").read_bytes()
    assert {path.stem for path in (tmp_path / "out" / "odbc").iterdir()} == {
        "AUDIT_HEADER",
        "AUDIT_SPLIT",
        "AUDIT_JOURNAL",
        "AUDIT_VAT",
        "NOMINAL_LEDGER",
        "SALES_LEDGER",
        "STOCK",
        "STOCK_TRAN",
    }


def test_the_file_itself_reads_as_the_odbc_tables(batch: Path, tmp_path: Path) -> None:
    sandbox("import", str(batch))

    with sqlite3.connect(tmp_path / "home" / "sandbox" / "corner-shops.sqlite") as connection:
        found = connection.execute("SELECT NOMINAL_CODE, AMOUNT FROM AUDIT_JOURNAL WHERE INV_REF = 'S01-261122'")

    assert found.fetchall() == [("1235", "120.00"), ("4000", "-100.00"), ("2200", "-20.00")]


def test_what_the_settings_name_since_is_added_on_request(batch: Path, tmp_path: Path) -> None:
    sandbox("reset")
    mappings = tmp_path / "config" / "corner-shops" / "mappings.yaml"
    mappings.write_text(mappings.read_text() + "- {valid_from: 2026-02-01, categories: {BOOKS: 4010}}\n")
    (batch / "transactions.csv").write_bytes(file_of(row("BR", "1235", "4010", "1.00", "T0")))

    before = sandbox("import", str(batch / "transactions.csv"))
    sandbox("masters")
    after = sandbox("import", str(batch / "transactions.csv"))

    assert (before.exit_code, after.exit_code) == (3, 0)
    assert "nominal 4010 does not exist" in before.output


def test_a_folder_without_a_file_to_import_is_told(tmp_path: Path, batch: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    done = sandbox("import", str(empty))

    assert isinstance(done.exception, LookupError)
    assert "no .csv file whose name begins with" in str(done.exception)


def test_the_help_says_that_it_is_a_model_and_names_every_open_fact() -> None:
    told = " ".join(CliRunner().invoke(cli.app, ["sandbox", "--help"], env={"COLUMNS": "100"}).output.split())

    assert "It was never tried against a real Sage 50" in told
    assert all(name in told for name in SageFacts.model_fields)


def test_the_articles_of_the_company_are_there_without_being_imported(batch: Path) -> None:
    (batch / "products.csv").unlink()

    done = sandbox("import", str(batch))

    assert done.exit_code == 0
    assert lines(sandbox("balances"))[-1].split()[-1] == "-4.00"


def test_a_sandbox_on_an_object_store_is_brought_here_and_put_back(
    batch: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_file = [lines(sandbox(*words)) for words in (("import", str(batch)), ("balances",), ("vat",))]
    monkeypatch.setenv("STOREDAY_HOME", bucket)
    monkeypatch.setenv("STOREDAY_LEDGER", f"sqlite:///{tmp_path}/ledger.sqlite")
    outbox = f"{bucket}/outbox/batch"
    publish_folder(outbox, BATCH)

    in_bucket = [lines(sandbox(*words)) for words in (("import", outbox), ("balances",), ("vat",))]
    refused = sandbox("import", f"{bucket}/outbox/nothing")
    sandbox("reset")

    assert in_bucket == in_a_file
    assert "does not exist" in refused.output
    assert files_below(f"{bucket}/sandbox") == ["corner-shops.sqlite"]
    assert "1230" not in "".join(lines(sandbox("balances")))
