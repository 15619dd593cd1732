"""A server that breaks off in the middle of a file, crawls, or has a file that grows: only what is whole is taken."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from shops import OpenShop, Shop
from storeday.model.store_day import State
from tills import Till, refund, sale, z

STORE = "source: {kind: sftp, connection: pos_s01}"


@dataclass
class Weather:
    """How the server serves: it breaks off once so many bytes went out, waits before each read, and after one of a file
    that grows there is more of it.
    """

    bytes_left: int | None = None
    growing: Path | None = None
    still_to_come: bytes = b""
    delay_seconds: float = 0.0
    broken_off: int = field(default=0)


class _Served(asyncssh.SFTPServer):
    """A folder, in some weather."""

    def __init__(self, channel: Any, root: Path, weather: Weather) -> None:
        super().__init__(channel, chroot=str(root).encode())
        self._connection, self._weather = channel.get_connection(), weather

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        await asyncio.sleep(self._weather.delay_seconds)
        content: bytes = super().read(file_obj, offset, size)
        if self._weather.growing and self._weather.growing.name.encode() in bytes(file_obj.name):
            more, self._weather.still_to_come = self._weather.still_to_come[:500], self._weather.still_to_come[500:]
            with self._weather.growing.open("ab") as file:
                file.write(more)
        if self._weather.bytes_left is not None:
            self._weather.bytes_left -= len(content)
            if self._weather.bytes_left < 0:
                self._weather.broken_off += 1
                self._connection.abort()
                raise asyncssh.SFTPFailure("gone")
        return content


class _Anyone(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("s01", "in the test only")


@pytest.fixture
def weather() -> Weather:
    return Weather()


@pytest.fixture
def shop(open_shop: OpenShop, weather: Weather, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A store whose day of 200 receipts lies behind the server."""
    shop, till = open_shop(S01=STORE), Till("S01")
    shop.send(till.slice("09:00", *(sale("12.60", at="09:10") for _ in range(200))))
    shop.send(till.slice("10:00", refund("2.40"), z()))
    key, loop, port = asyncssh.generate_private_key("ssh-ed25519"), asyncio.new_event_loop(), []
    up = threading.Event()

    async def listen() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_Anyone,
            server_host_keys=[key],
            sftp_factory=lambda channel: _Served(channel, shop.sources / "S01", weather),
            config=None,
        )
        port.append(server.get_port())
        up.set()

    def serve() -> None:
        loop.create_task(listen())
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert up.wait(30)
    said = {
        "conn_type": "sftp",
        "host": "127.0.0.1",
        "port": port[0],
        "login": "s01",
        "password": "in the test only",
        "extra": {"host_key": key.export_public_key().decode().strip()},
    }
    monkeypatch.setenv("AIRFLOW_CONN_POS_S01", json.dumps(said))
    yield shop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)


def test_a_server_that_breaks_off_in_the_middle_of_a_file_loses_nothing(shop: Shop, weather: Weather) -> None:
    weather.bytes_left = 5_000

    broken, said = shop.run()
    halfway = shop.state("S01")
    weather.bytes_left = None
    whole, _ = shop.run()

    assert weather.broken_off
    assert broken.faults == 1
    assert "pos_s01" in said
    assert "Traceback" not in said
    assert not halfway.is_staged
    assert (whole.staged, whole.faults) == (1, 0)
    assert shop.state("S01") is State.DELIVERED
    assert sum(file.gross_minor for file in shop.files("S01")) == 200 * 12_60 - 2_40


def test_a_server_that_crawls_is_waited_for(shop: Shop, weather: Weather) -> None:
    weather.delay_seconds = 0.3

    ran, _ = shop.run()

    assert (ran.staged, ran.faults) == (1, 0)
    assert sum(file.gross_minor for file in shop.files("S01")) == 200 * 12_60 - 2_40


def test_a_file_that_grows_while_it_is_read_is_taken_once_it_is_whole(shop: Shop, weather: Weather) -> None:
    file = min((shop.sources / "S01").glob("*.csv"))
    whole = file.read_bytes()
    file.write_bytes(whole[:5_000])
    weather.growing, weather.still_to_come = file, whole[5_000:6_500]

    growing, _ = shop.run()
    has_grown = weather.still_to_come == b""
    weather.growing = None
    file.write_bytes(whole)
    then, _ = shop.run()

    assert has_grown
    assert growing.not_staged == 1
    assert (then.staged, then.faults) == (1, 0)
    assert sum(file.gross_minor for file in shop.files("S01")) == 200 * 12_60 - 2_40
