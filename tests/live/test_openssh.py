"""The SFTP source against OpenSSH's own server: one connection for many stores, many files on their way at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from servers import or_skip
from sshd import Sshd, sshd
from storeday.sources.connections import ONE_STEP, Connections, OpenConnection
from storeday.sources.sftp import MUCH, Sftp

STORES = ("S01", "S02", "S03")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """The server, with a folder a store of forty small files."""
    folder = tmp_path_factory.mktemp("openssh")
    for store in STORES:
        (folder / store).mkdir()
        for number in range(40):
            (folder / store / f"{store}_{number:02d}.csv").write_bytes(f"{store} {number}\n".encode() * 999 * number)
    with or_skip(), sshd(folder) as running:
        yield running


@pytest.fixture(autouse=True)
def connection(server: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two Airflow connections to it; the second asks for what it sends to be compressed."""
    monkeypatch.setenv("AIRFLOW_CONN_TILLS", server.connection())
    monkeypatch.setenv("AIRFLOW_CONN_PACKED", server.connection(compress="true"))


def fetched(server: Sshd, store: str, connections: Connections, *, by: str = "tills") -> dict[str, bytes]:
    with Sftp(by, str(server.folder / store), connections=connections).open() as source:
        listing = sorted(source.listing(), key=lambda file: file.name)
        got = {}
        for file, content in zip(listing, source.fetched(listing), strict=True):
            assert content
            with content:
                got[file.name] = content.whole()
    return got


def there(server: Sshd, store: str) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((server.folder / store).iterdir())}


def logins(server: Sshd) -> int:
    return (server.folder / "sshd.log").read_text().count("Accepted publickey")


def test_stores_of_one_connection_are_fetched_over_one(server: Sshd) -> None:
    before = logins(server)

    with Connections() as connections:
        got = {store: fetched(server, store, connections) for store in STORES}

    assert got == {store: there(server, store) for store in STORES}
    assert logins(server) - before == 1


def test_no_more_than_one_connection_is_open_at_a_time(server: Sshd) -> None:
    before = logins(server)

    with Connections() as connections, connections.sftp("tills") as first:
        got = fetched(server, "S01", connections, by="packed")
        is_open = first.can_be_used

    assert got == there(server, "S01")
    assert not is_open
    assert logins(server) - before == 2


def test_a_store_that_was_left_in_the_middle_leaves_nothing_to_the_next(server: Sshd) -> None:
    before = logins(server)

    with Connections() as connections:
        with Sftp("tills", str(server.folder / "S01"), connections=connections).open() as source:
            files = source.fetched(list(source.listing()))
            next(files)
            files.close()
        got = fetched(server, "S02", connections)

    assert got == there(server, "S02")
    assert logins(server) - before == 2


def test_a_large_file_comes_whole_by_the_faster_cipher(server: Sshd) -> None:
    large = server.folder / "large"
    large.mkdir()
    (large / "S01.csv").write_bytes(bytes(range(256)) * (MUCH // 256) + b"and some")

    with Connections() as connections:
        got = fetched(server, "large", connections)
        with connections.sftp("tills") as opened:
            cipher = opened.channel.get_transport().remote_cipher

    assert got == there(server, "large")
    assert cipher in ONE_STEP


@pytest.mark.parametrize(("by", "compression"), [("tills", "none"), ("packed", "zlib@openssh.com")])
def test_what_is_sent_is_compressed_where_the_connection_says_so(server: Sshd, by: str, compression: str) -> None:
    with Connections() as connections:
        got = fetched(server, "S03", connections, by=by)
        with connections.sftp(by) as opened:
            used = opened.channel.get_transport().remote_compression

    assert got == there(server, "S03")
    assert used == compression


def test_small_packets_are_not_held_back(server: Sshd) -> None:
    opened = OpenConnection("tills")
    try:
        nagle_is_off = opened.channel.get_transport().sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        opened.close()

    assert nagle_is_off
