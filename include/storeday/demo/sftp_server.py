"""An SFTP server with one user a store, each shut into its own folder: where the stores' tills put their files.

A process of its own, `python -m storeday.demo.sftp_server --root DIR --host-key FILE --port-file FILE`; from
Python, `SftpServer`. A user is named like its store in lower case, and every folder of the root is a store.
The one password of them all comes in the environment, for anybody on the machine can read arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import secrets
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import asyncssh

from storeday.demo import processes
from storeday.demo.processes import Program

PASSWORD_VARIABLE = "STOREDAY_SFTP_PASSWORD"  # noqa: S105
CHANGES = ("fsetstat", "link", "lsetstat", "mkdir", "posix_rename", "remove", "rename", "rmdir", "setstat", "symlink")


class SftpServer:
    """The server as a process, for as long as the context lasts; a context manager.

    Parameters: root, the folder that holds a folder a store; state, a folder of its own for the host key, the
    port and the log, so that the next start has the same key; writable, whether clients may change files.
    """

    def __init__(self, root: Path, state: Path, *, password: str | None = None, writable: bool = False) -> None:
        self.root, self.state = root.resolve(), state.resolve()
        self.password = password or secrets.token_urlsafe(12)
        self.host = "127.0.0.1"
        self.port = 0
        self._writable = writable
        self._programs: list[Program] = []
        self._lock: IO[str] | None = None

    @property
    def host_key(self) -> str:
        """The server's public key as a connection wants it: "ssh-ed25519 AAAA..."."""
        return str(asyncssh.read_private_key(self._key).export_public_key().decode().strip())

    def start(self) -> None:
        """Start the process and wait until it listens.

        Raises: ProgramFailed with the end of its log when it ends at once or stays silent.
        """
        self._lock = processes.take(self.state, "SFTP server")
        port_file = self.state / "port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "storeday.demo.sftp_server", "--root", str(self.root)]
        command += ["--port-file", str(port_file), "--host-key", str(self._key)]
        command += ["--writable"] if self._writable else []
        environment = {**os.environ, PASSWORD_VARIABLE: self.password}
        log = self.state / "sftp-server.log"
        try:
            program = processes.start("sftp server", command, log=log, environment=environment, mark=self.state)
            self._programs = [program]
            processes.wait_until(port_file.exists, [program], timeout_seconds=60, what="The SFTP server's start")
        except BaseException:
            self.stop()
            raise
        self.port = int(port_file.read_text(encoding="ascii"))

    def stop(self) -> None:
        """End the process and wait until it is gone. Stopped already, it does nothing."""
        if self._lock is not None:
            processes.end(self._programs, mark=self.state)
            self._programs = []
            self._lock.close()
            self._lock = None

    def __enter__(self) -> SftpServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def _key(self) -> Path:
        return self.state / "host_key"


class _Logins(asyncssh.SSHServer):
    """Lets in whoever is named like a store of the root and knows the password."""

    def __init__(self, root: Path, password: str) -> None:
        self._root, self._password = root, password

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        knows = hmac.compare_digest(password.encode(), self._password.encode())
        return knows and username in {store.name.lower() for store in self._root.iterdir() if store.is_dir()}


class _OwnFolder(asyncssh.SFTPServer):
    """One store's session: its folder is the whole file system."""

    def __init__(self, channel: Any, root: Path) -> None:
        user = channel.get_extra_info("username")
        folder = next(store for store in root.iterdir() if store.name.lower() == user)
        super().__init__(channel, chroot=os.fsencode(folder))


class _ReadOnly(_OwnFolder):
    """As _OwnFolder, and nothing in it can be changed."""

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if pflags & ~asyncssh.FXF_READ:
            _refuse()
        return super().open(path, pflags, attrs)


def _refuse(*_: object) -> None:
    raise asyncssh.SFTPPermissionDenied("This server is read-only")


for _change in CHANGES:
    setattr(_ReadOnly, _change, _refuse)


async def serve(given: argparse.Namespace, password: str) -> None:
    """Listen, write the port to the port file, and serve until told to stop."""
    root, sessions = given.root.resolve(), _OwnFolder if given.writable else _ReadOnly
    server = await asyncssh.listen(
        given.host,
        given.port,
        server_factory=lambda: _Logins(root, password),
        server_host_keys=[_key_in(given.host_key)],
        sftp_factory=lambda channel: sessions(channel, root),
        sftp_version=3,
        config=None,
    )
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    if given.port_file:
        _write_aside(given.port_file, str(server.get_port()).encode())
    await stop.wait()
    server.close()


def _key_in(file: Path) -> Any:
    if not file.exists():
        _write_aside(file, asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    return asyncssh.read_private_key(file)


def _write_aside(file: Path, content: bytes) -> None:
    aside = file.with_name(f"{file.name}.part")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    aside.write_bytes(content)
    aside.replace(file)


def main() -> None:
    """The process: options for all but the password."""
    parser = argparse.ArgumentParser(prog="python -m storeday.demo.sftp_server", description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="the folder that holds a folder a store")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="the port; 0, as it is by itself, takes a free one")
    parser.add_argument("--port-file", type=Path, help="where to write the port, once it listens")
    parser.add_argument("--host-key", type=Path, required=True, help="the ed25519 key; made where there is none")
    parser.add_argument("--writable", action="store_true", help="let clients change files")
    given = parser.parse_args()
    if not given.root.is_dir():
        parser.error(f"there is no folder {given.root}")
    password = os.environ.get(PASSWORD_VARIABLE)
    if not password:
        parser.error(f"the password is wanted in the environment, as {PASSWORD_VARIABLE}")
    asyncio.run(serve(given, password))


if __name__ == "__main__":
    main()
