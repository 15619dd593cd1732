"""Reading back from Sage: every way ends in the same rows, and what can't be read is named by file and line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy
from sage_company import MASTERS, file_of, imported, row
from servers import ServerMissing, skip_or_fail
from sqlalchemy import URL
from storeday.sage50.readback.audit_trail import read_audit_trail
from storeday.sage50.readback.import_layout import read_import_layout
from storeday.sage50.readback.odbc import read_odbc
from storeday.sage50.readback.trail import ReadbackRefused, Shows, Trail
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.exports import audit_trail_csv, transaction_csv
from storeday.sources.odbc import engine_of

SINCE = date(2026, 1, 1)
ROWS = [
    row("BR", "1235", "4000", "100.00", "T1", "20.00"),
    row("SC", "TAKINGS", "4000", "5.00", "T1", "1.00"),
    row("SP", "TAKINGS", "1235", "6.00", reference="S01-261122"),
    row("JD", "", "1230", "114.00", reference="S01-261122-T"),
    row("JC", "", "1235", "114.00", reference="S01-261122-T"),
]


@dataclass
class Sage:
    """A company in a file, as a reader finds it."""

    company: Sandbox
    path: Path

    def over_sqlite(self) -> Trail:
        return self._read(URL.create("sqlite", database=str(self.path)))

    def over_odbc(self) -> Trail:
        asked = f"DRIVER={{SQLite3}};Database={self.path}"
        return self._read(URL.create("odbc+pyodbc", query={"odbc_connect": asked}))

    def as_import_layout(self) -> Trail:
        with self.company.reading() as sage:
            return read_import_layout("transactions.csv", transaction_csv(sage))

    def without_headings(self) -> Trail:
        with self.company.reading() as sage:
            return read_import_layout("transactions.csv", transaction_csv(sage).partition(b"\n")[2])

    def as_audit_trail(self) -> Trail:
        with self.company.reading() as sage:
            return read_audit_trail("audit.csv", audit_trail_csv(sage))

    def _read(self, url: URL) -> Trail:
        with engine_of(url).connect() as connection:
            return read_odbc("Sage", connection, SINCE)


@pytest.fixture
def sage(tmp_path: Path) -> Sage:
    path = tmp_path / "company.sqlite"
    company = Sandbox.at(path)
    company.add_masters(MASTERS)
    assert not imported(company, file_of(*ROWS)).refused
    return Sage(company, path)


@pytest.fixture
def odbc(sage: Sage) -> Sage:
    """The same, where this machine has an ODBC driver for its file."""
    try:
        import pyodbc

        missing = "SQLite3" not in pyodbc.drivers()
    except ImportError:
        missing = True
    if missing:
        skip_or_fail(ServerMissing("no ODBC driver for SQLite: apt install unixodbc libsqliteodbc"))
    return sage


def said(trail: Trail, *columns: str) -> list[tuple[object, ...]]:
    found = trail.rows.astype(object).where(trail.rows.notna(), None)
    return list(found[list(columns)].itertuples(index=False, name=None))


def there(table: pd.DataFrame | None) -> pd.DataFrame:
    assert table is not None
    return table


PLAIN = ("type", "account", "nominal", "date", "reference", "net_minor", "tax_minor")
WHOLE = (*PLAIN, "department", "tax_code", "extra_reference")
IMPORTED = [
    ("BR", "1235", "4000", date(2026, 11, 22), "S01-261122", 100_00, 20_00),
    ("SC", "TAKINGS", "4000", date(2026, 11, 22), "S01-261122", 5_00, 1_00),
    ("SP", "TAKINGS", "1235", date(2026, 11, 22), "S01-261122", 6_00, 0),
    ("JD", "", "1230", date(2026, 11, 22), "S01-261122-T", 114_00, 0),
    ("JC", "", "1235", date(2026, 11, 22), "S01-261122-T", 114_00, 0),
]


@pytest.mark.parametrize("way", [Sage.over_sqlite, Sage.as_import_layout, Sage.without_headings])
def test_what_was_imported_is_read_back_row_by_row(sage: Sage, way: Callable[[Sage], Trail]) -> None:
    trail = way(sage)

    codes = [("T1",), ("T1",), ("T9",), ("T9",), ("T9",)]
    assert said(trail, *WHOLE) == [(*line, 1, *code, "B1") for line, code in zip(IMPORTED, codes, strict=True)]


def test_a_real_odbc_driver_reads_the_same_as_sqlite(odbc: Sage) -> None:
    by_hand.delete_transaction(odbc.company, 1)

    over_odbc, over_sqlite = odbc.over_odbc(), odbc.over_sqlite()

    pd.testing.assert_frame_equal(over_odbc.rows, over_sqlite.rows)
    pd.testing.assert_frame_equal(there(over_odbc.boxes), there(over_sqlite.boxes))
    pd.testing.assert_frame_equal(there(over_odbc.legs), there(over_sqlite.legs))


def test_the_journal_view_is_put_together_again_to_rows(sage: Sage) -> None:
    trail = sage.as_audit_trail()

    customers = {"TAKINGS": None}
    assert said(trail, *PLAIN) == [(t, customers.get(a, a), *rest) for t, a, *rest in IMPORTED]
    assert set(trail.cannot_show()) == {what.value for what in Shows} - {Shows.NOMINALS.value}


def test_a_deleted_transaction_stays_in_the_trail_under_its_flag_where_the_tables_are_read(sage: Sage) -> None:
    by_hand.edit_transaction(sage.company, 1, net_minor=90_00)

    found = said(sage.over_sqlite(), "type", "net_minor", "is_deleted", "user")
    assert found[0] == ("BR", 100_00, True, "STOREDAY")
    assert found[-1] == ("BR", 90_00, False, "MANAGER")
    assert said(sage.as_import_layout(), "net_minor")[-1] == (90_00,)


def test_rows_that_sage_moved_to_its_history_are_read_as_well(sage: Sage) -> None:
    with sage.company.writing() as connection:
        query = "CREATE TABLE AUDIT_HISTORY_SPLIT AS SELECT * FROM AUDIT_SPLIT WHERE TRAN_NUMBER = 1"
        connection.execute(sqlalchemy.text(query))
        connection.execute(sqlalchemy.text("DELETE FROM splits WHERE TRAN_NUMBER = 1"))
        ranges = "CREATE TABLE CLEARED_TRAN_RANGE AS SELECT 1 AS START_TRAN_NUMBER, 1 AS END_TRAN_NUMBER"
        connection.execute(sqlalchemy.text(ranges))

    trail = sage.over_sqlite()

    assert sorted(said(trail, *PLAIN), key=str) == sorted(IMPORTED, key=str)
    assert trail.cleared_ranges == ((1, 1),)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Type,Date\r\nBR,22/11/2026\r\n", "trail.csv line 1: its headings lack Account Reference, Nominal A/C Ref"),
        (file_of(ROWS[0], row("BR", "1235", "4000", "x")), "trail.csv line 3: 'x' is no amount of money"),
        (file_of(row("BR", "1235", "4000", "1.00", date="2026-11-22")), "line 2: '2026-11-22' is no date"),
        (file_of(ROWS[0]) + b"BR,1235\r\n", "trail.csv line 3: it has 2 cells where 15 are expected"),
        (b"a,b,c\r\n", "trail.csv line 1: it has 3 columns, and the layout of the import has 10 to 15"),
    ],
)
def test_a_file_that_is_no_report_in_import_layout_is_refused_by_line(content: bytes, told: str) -> None:
    with pytest.raises(ReadbackRefused) as refused:
        read_import_layout("trail.csv", content)

    assert told in str(refused.value)


def test_a_journal_view_whose_legs_do_not_balance_is_refused_by_line() -> None:
    leg = "7,BR,1235,22/11/2026,S01-261122,120.00,0.00,,,,,,,,Takings\r\n"

    with pytest.raises(ReadbackRefused, match=r"audit\.csv line 1: the debits and credits of transaction 7"):
        read_audit_trail("audit.csv", leg.encode())


def test_a_plain_transaction_csv_says_that_it_cannot_show_the_batch() -> None:
    lines = "".join(",".join(fields[:10]) + "\r\n" for fields in ROWS)

    trail = read_import_layout("plain.csv", lines.encode())

    assert said(trail, *PLAIN) == IMPORTED
    assert Shows.EXTRA_REFERENCE.value in trail.cannot_show()


def test_names_that_are_no_ascii_are_read_in_windows_letters_too() -> None:
    content = file_of(row("BR", "1235", "4000", "1.00", details="Caf\xe9"))

    trails = [read_import_layout("trail.csv", content.decode().encode(code)) for code in ("utf-8", "cp1252")]

    assert [said(trail, "details") for trail in trails] == [[("Caf\xe9",)], [("Caf\xe9",)]]


def test_nothing_that_a_terminal_would_obey_is_left_of_a_text() -> None:
    content = file_of(row("BR", "1235", "4000", "1.00", details="\x1b[31mred\x07", reference="A\x08B"))

    assert said(read_import_layout("trail.csv", content), "details", "reference") == [("[31mred", "AB")]
