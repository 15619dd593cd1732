"""The SFTP source against a real server: what is fetched, and what is never trusted."""

from __future__ import annotations

import json
from pathlib import Path

import asyncssh
import pytest
from storeday.demo.processes import free_ports
from storeday.demo.sftp_server import SftpServer
from storeday.sources.base import RemoteFile, SourceRefused, SourceUnreachable, fetch
from storeday.sources.sftp import Sftp

STORE = "S77"


@pytest.fixture(scope="module")
def home(sftp_server: SftpServer) -> Path:
    """The store's folder on the server, with one file of 300 kB."""
    folder = sftp_server.root / STORE
    folder.mkdir()
    (folder / "S77_20261122T0900.csv").write_bytes(b"till file\n" * 30_000)
    (folder / "old").mkdir()
    return folder


def connect(
    monkeypatch: pytest.MonkeyPatch,
    server: SftpServer,
    *,
    host_key: str | None = None,
    password: str | None = None,
    private_key: str | None = None,
    port: int | None = None,
) -> Sftp:
    """The source over a connection that is right, but for what a test says otherwise."""
    said = {
        "conn_type": "sftp",
        "host": server.host,
        "port": port or server.port,
        "login": STORE.lower(),
        "password": None if private_key else password or server.password,
        "extra": {"host_key": host_key or server.host_key, **({"private_key": private_key} if private_key else {})},
    }
    monkeypatch.setenv("AIRFLOW_CONN_POS_S77", json.dumps(said))
    return Sftp("pos_s77", ".")


def test_files_are_listed_and_read_whole(home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    source = connect(monkeypatch, sftp_server)

    with source.open() as opened:
        listing = {file.name: file.size for file in opened.listing()}
        content = fetch(opened, RemoteFile("S77_20261122T0900.csv", 0, 0)).whole()

    assert listing == {"S77_20261122T0900.csv": 300_000}
    assert content == (home / "S77_20261122T0900.csv").read_bytes()


def test_files_in_folders_named_by_their_day_come_with_the_folder(
    home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "20261120").mkdir()
    (home / "20261120" / "PaymentDetails.csv").write_bytes(b"payments")
    source = connect(monkeypatch, sftp_server)
    source.dated_folders = True

    with source.open() as opened:
        listing = {file.name: file.size for file in opened.listing() if file.has_safe_name}
        content = fetch(opened, RemoteFile("20261120/PaymentDetails.csv", 0, 0)).whole()

    assert listing == {"S77_20261122T0900.csv": 300_000, "20261120/PaymentDetails.csv": 8}
    assert content == b"payments"


def test_a_name_that_leads_elsewhere_is_never_asked_for(
    home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connect(monkeypatch, sftp_server)

    with source.open() as opened, pytest.raises(FileNotFoundError):
        fetch(opened, RemoteFile("../S01/S01_20261122T0900.csv", 0, 0))


def test_a_server_with_another_host_key_is_refused(
    home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    source = connect(monkeypatch, sftp_server, host_key=other)

    with pytest.raises(SourceRefused, match="the host key of pos_s77 changed"), source.open():
        pass


def test_a_login_that_is_not_let_in_is_refused(
    home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connect(monkeypatch, sftp_server, password="not this one")

    with pytest.raises(SourceRefused, match="does not accept our login"), source.open():
        pass


def test_a_key_that_is_not_let_in_is_refused(
    home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    source = connect(monkeypatch, sftp_server, private_key=key)

    with pytest.raises(SourceRefused, match="does not accept our login"), source.open():
        pass


def test_a_server_that_is_away_may_be_tried_again(
    home: Path, sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connect(monkeypatch, sftp_server, port=free_ports(1)[0])

    with pytest.raises(SourceUnreachable, match="pos_s77"), source.open():
        pass
