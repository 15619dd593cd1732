"""Files over SFTP, through Airflow's SFTPHook (paramiko), with the server's host key checked.

The one module that knows Airflow, and only when a connection is opened: host, login, secret and host key
live in an Airflow connection and nowhere else. Source: docs/architecture.md, Secrets.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from storeday.model.content import Content
from storeday.sources.base import CHUNK, RemoteFile, SourceRefused, SourceUnreachable, is_dated

_AHEAD: Final = 128
"""How many answers of 32 KB may be on their way: 4 MB of a file that comes faster than it is kept."""


class Sftp:
    """One store's folder on an SFTP server."""

    def __init__(self, connection: str, folder: str, *, dated_folders: bool = False) -> None:
        self.connection = connection
        self.folder = folder.rstrip("/") or "/"
        self.dated_folders = dated_folders

    @contextmanager
    def open(self) -> Iterator[_OpenSftp]:
        """Connect, checking the host key.

        Raises: SourceRefused for an unknown or changed host key, a refused login, or a connection that
        switches checking off; SourceUnreachable for everything that may be over in a minute.
        """
        from airflow.providers.sftp.hooks.sftp import SFTPHook

        with ExitStack() as stack:
            with _named_faults(self.connection):
                hook = SFTPHook(ssh_conn_id=self.connection)
                if hook.no_host_key_check or hook.allow_host_key_change:
                    raise SourceRefused(
                        f"connection {self.connection} switches host key checking off; "
                        "give it the server's host_key instead"
                    )
                client = stack.enter_context(hook.get_managed_conn())
            yield _OpenSftp(client, self.folder, self.connection, self.dated_folders)


@contextmanager
def _named_faults(connection: str) -> Iterator[None]:
    """Faults of the network in our words; only around what talks to the server, never around our own writes."""
    import paramiko
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        yield
    except paramiko.BadHostKeyException as error:
        raise SourceRefused(
            f"the host key of {connection} changed; ask who runs the server whether it was replaced, "
            "then put its new key into the connection's host_key"
        ) from error
    except AirflowNotFoundException as error:
        raise SourceRefused(
            f"there is no Airflow connection {connection}; add it, with host, login, secret and host_key"
        ) from error
    except paramiko.AuthenticationException as error:
        raise SourceRefused(f"the server of {connection} does not accept our login") from error
    except paramiko.SSHException as error:
        if "known_hosts" in str(error):
            raise SourceRefused(
                f"the host key of {connection} is not known; put it into the connection's host_key"
            ) from error
        raise SourceUnreachable(f"{connection} broke off: {error}") from error
    except FileNotFoundError:
        raise
    except (OSError, EOFError) as error:
        raise SourceUnreachable(f"{connection} can't be reached: {error}") from error


class _OpenSftp:
    """A connected folder."""

    def __init__(self, client: Any, folder: str, connection: str, dated_folders: bool) -> None:
        self.client = client
        self.folder = folder
        self.connection = connection
        self.dated_folders = dated_folders

    def listing(self) -> Iterator[RemoteFile]:
        """The plain files in the folder, and in those below it that are named by a day where files lie so."""
        below = []
        for entry in self._entries(self.folder):
            name, mode = str(entry.filename), entry.st_mode or 0
            if stat.S_ISREG(mode):
                yield _remote_file(name, entry)
            elif self.dated_folders and stat.S_ISDIR(mode) and is_dated(name):
                below.append(name)
        for folder in sorted(below):
            for entry in self._entries(f"{self.folder.rstrip('/')}/{folder}"):
                if stat.S_ISREG(entry.st_mode or 0):
                    yield _remote_file(f"{folder}/{entry.filename}", entry)

    def _entries(self, folder: str) -> list[Any]:
        with _named_faults(self.connection):
            return list(self.client.listdir_attr(folder))

    def copy(self, name: str, into: Content) -> None:
        """A file's bytes, requested ahead so that a long way costs its delay once."""
        if not RemoteFile(name, 0, 0).has_safe_name:
            raise FileNotFoundError(name)
        with ExitStack() as stack:
            with _named_faults(self.connection):
                file = stack.enter_context(self.client.open(f"{self.folder.rstrip('/')}/{name}", "rb"))
                file.prefetch(max_concurrent_requests=_AHEAD)
            while chunk := self._next(file):
                into.write(chunk)

    def _next(self, file: Any) -> bytes:
        with _named_faults(self.connection):
            return bytes(file.read(CHUNK))


def _remote_file(name: str, entry: Any) -> RemoteFile:
    return RemoteFile(name, int(entry.st_size or 0), int(entry.st_mtime or 0))
