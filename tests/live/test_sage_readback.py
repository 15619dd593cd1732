"""Sage read back over real connections of Airflow's: an SFTP server, and an ODBC driver."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from sage_company import MASTERS, file_of, imported, row
from servers import ServerMissing, skip_or_fail
from storeday.config.load import load_settings
from storeday.config.readback import OdbcReadback, Readback, SftpReadback
from storeday.config.settings import Company
from storeday.demo.sftp_server import SftpServer
from storeday.sage50.readback.trail import ReadbackRefused
from storeday.sage50.sandbox.company import Sandbox
from storeday.sources.base import SourceRefused
from storeday.stages.readback import NoExport, read_sage

CONFIG = Path(__file__).parents[2] / "include" / "config"
FIRST = date(2026, 11, 22)


def company(readback: Readback) -> Company:
    (settings,) = load_settings(CONFIG).companies
    return settings.company.model_copy(update={"readback": readback})


def test_the_newest_export_on_an_sftp_server_is_read(sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sftp_server.root / "sage"
    folder.mkdir()
    said = {"host": sftp_server.host, "port": sftp_server.port, "login": "sage", "password": sftp_server.password}
    extra = {"host_key": sftp_server.host_key}
    monkeypatch.setenv("AIRFLOW_CONN_SAGE", json.dumps({"conn_type": "sftp", **said, "extra": extra}))
    asked = company(SftpReadback(kind="sftp", connection="sage"))

    with pytest.raises(NoExport, match=r"sage \.: no \.csv file there; export the audit trail from Sage to it"):
        read_sage(asked, FIRST)
    for age, name in enumerate(["new.csv", "old.csv"]):
        (folder / name).write_bytes(file_of(row("BR", "1235", "4000", f"{age + 1}.00")))
        os.utime(folder / name, (1_600_000_000 - age, 1_600_000_000 - age))
    trail = read_sage(asked, FIRST)

    assert (trail.name, trail.rows["net_minor"].tolist()) == ("new.csv", [1_00])


def test_sage_is_read_over_an_odbc_connection_of_airflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyodbc = pytest.importorskip("pyodbc") if not os.environ.get("CI") else __import__("pyodbc")
    if "SQLite3" not in pyodbc.drivers():
        skip_or_fail(ServerMissing("no ODBC driver for SQLite: apt install unixodbc libsqliteodbc"))
    sage = Sandbox.at(tmp_path / "sage.sqlite")
    sage.add_masters(MASTERS)
    imported(sage, file_of(row("BR", "1235", "4000", "10.00", "T1", "2.00")))
    extra = {"odbc_connect": f"DRIVER={{SQLite3}};Database={tmp_path / 'sage.sqlite'}"}
    monkeypatch.setenv("AIRFLOW_CONN_SAGE", json.dumps({"conn_type": "odbc", "extra": extra}))
    asked = company(OdbcReadback(kind="odbc", connection="sage"))

    trail = read_sage(asked, FIRST)

    assert (trail.rows["net_minor"].tolist(), trail.rows["tax_minor"].tolist()) == ([10_00], [2_00])
    assert trail.boxes is not None
    assert dict(zip(trail.boxes["box"], trail.boxes["minor"], strict=True)) == {6: 10_00, 1: 2_00}


def test_a_data_source_without_sages_tables_is_refused_by_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.sqlite").touch()
    said = {"conn_type": "sqlite", "host": str(tmp_path / "other.sqlite")}
    monkeypatch.setenv("AIRFLOW_CONN_SAGE", json.dumps(said))

    with pytest.raises(ReadbackRefused, match=r"connection sage: table AUDIT_SPLIT can't be read"):
        read_sage(company(OdbcReadback(kind="odbc", connection="sage")), FIRST)


def test_a_connection_that_is_none_of_sages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SAGE", json.dumps({"conn_type": "http", "host": "example.org"}))
    asked = company(OdbcReadback(kind="odbc", connection="sage"))

    with pytest.raises(SourceRefused, match="connection sage is of type http; Sage is read by one of type odbc"):
        read_sage(asked, FIRST)
    monkeypatch.delenv("AIRFLOW_CONN_SAGE")
    with pytest.raises(SourceRefused, match="there is no Airflow connection sage; add it"):
        read_sage(asked, FIRST)
