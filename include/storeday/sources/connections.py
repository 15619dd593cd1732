"""SSH connections to the stores' servers, by Airflow connection, kept open from one store to the next.

Host, login, secret and host key live in an Airflow connection and nowhere else. Airflow's SSHHook, which its SFTPHook
is made of, connects by it. The host key is always checked. Source: docs/architecture.md, Secrets.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from storeday.sources.base import SourceRefused, SourceUnreachable

if TYPE_CHECKING:
    from paramiko import SSHClient

DOWNLOADS_AT_ONCE: Final = 16
"""How many files may be on their way at once over one connection, unless the settings say otherwise."""

ANSWERS_WITHIN_SECONDS: Final = 180
"""A server that is silent for so long, while an answer of it is waited for, has broken off."""

ONE_STEP: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
"""Ciphers that decrypt and check in one step."""


class Connections:
    """One connection at a time, left open for the next store that is reached by the same; a context manager.

    For one thread. Never more than one, since the servers are small and each task counts for one connection.
    """

    def __init__(self, downloads_at_once: int = DOWNLOADS_AT_ONCE) -> None:
        self.downloads_at_once = downloads_at_once
        self._open: OpenConnection | None = None

    @contextmanager
    def sftp(self, connection: str) -> Iterator[OpenConnection]:
        """A connection with an SFTP session, by an Airflow connection: what is open, if it can be used, or a new one.

        Left by an error, it is closed. Raises: SourceRefused for an unknown or changed host key, a refused login, or a
        connection that switches checking off; SourceUnreachable for everything that may be over in a minute.
        """
        if self._open and not (self._open.connection == connection and self._open.can_be_used):
            self.close()
        self._open = self._open or OpenConnection(connection)
        try:
            yield self._open
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close what is open."""
        if self._open:
            self._open.close()
            self._open = None

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class OpenConnection:
    """A connection that is open, and an SFTP session over it."""

    def __init__(self, connection: str) -> None:
        self.connection = connection
        with ExitStack() as made, named_faults(connection):
            self._client, self._may_choose = _connected(connection)
            made.callback(self._client.close)
            self.sftp = self._client.open_sftp()
            channel = self.sftp.get_channel()
            if channel is None:
                raise SourceUnreachable(f"{connection} gives no SFTP session")
            channel.settimeout(ANSWERS_WITHIN_SECONDS)
            self.channel = channel
            made.pop_all()

    def hurry(self) -> None:
        """Before much is fetched: agree on a cipher that decrypts and checks in one step, where we may choose.

        paramiko offers those last, and takes a third less processor time with one. It costs some ways there and back.
        """
        transport = self.channel.get_transport()
        options = transport.get_security_options()
        fast = [cipher for cipher in options.ciphers if cipher in ONE_STEP]
        if not self._may_choose or not fast:
            return
        self._may_choose = False
        options.ciphers = (*fast, *(cipher for cipher in options.ciphers if cipher not in ONE_STEP))
        with named_faults(self.connection):
            transport.renegotiate_keys()

    @property
    def can_be_used(self) -> bool:
        """Whether it is still open, and no answers are on their way that nobody waits for."""
        return not self.channel.closed and self.channel.get_transport().is_active()

    def close(self) -> None:
        """End the session and the connection."""
        self.sftp.close()
        self._client.close()


def _connected(connection: str) -> tuple[SSHClient, bool]:
    """Connect and log in; the client, and whether its cipher is ours to choose.

    What is sent goes out at once: the system holds a small packet back until the one before is confirmed, up to 40 ms
    each. Nothing is compressed unless the connection says so: a server's core packs some 20 MB/s, less than most lines
    carry.
    """
    from airflow.providers.ssh.hooks.ssh import SSHHook

    hook = SSHHook(ssh_conn_id=connection)
    if hook.no_host_key_check or hook.allow_host_key_change:
        raise SourceRefused(
            f"connection {connection} switches host key checking off; give it the server's host_key instead"
        )
    if "compress" not in hook.get_connection(connection).extra_dejson:
        hook.compress = False
    client = hook.get_conn()
    transport = client.get_transport()
    if transport is not None and isinstance(transport.sock, socket.socket):  # not of a proxy command
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client, not hook.ciphers and not hook.compress


@contextmanager
def named_faults(connection: str) -> Iterator[None]:
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
        raise SourceUnreachable(f"{connection} can't be reached: {str(error) or 'it does not answer'}") from error
