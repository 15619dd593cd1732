"""An SFTP server with one user a store, each shut into its own folder: what the stores' tills write to.

Run as a process of its own (`python -m storeday.demo.sftp_server --root DIR --port-file FILE`) or, from Python,
through `SftpServer`. A user is named like its store in lower case; the one password of them all comes in the
environment, for an argument can be read by everybody on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import asyncssh

from storeday.demo import processes
from storeday.demo.processes import Program

PASSWORD = "STOREDAY_SFTP_PASSWORD"  # noqa: S105  the name of the variable
WRITES = frozenset({"write", "truncate"})


class SftpServer:
    """The server as a process, for as long as the context lasts.

    Parameters: root holds a folder a store; state is a folder of its own for the host key, the port and the
    log, kept from one start to the next; writable lets clients change files.
    """

    def __init__(self, root: Path, state: Path, *, password: str | None = None, writable: bool = False) -> None:
        self.root, self.state = root.resolve(), state.resolve()
        self.password = password or secrets.token_urlsafe(12)
        self.port = 0
        self._writable = writable
        self._program: Program | None = None
