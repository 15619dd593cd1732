"""OpenSSH's own server, on a free port of this machine, for as long as somebody wants it.

It has a host key and a user's key of its own, lets nobody in but the user that started it, by that key, and asks
neither PAM nor the machine's settings.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers import ServerMissing
from storeday.demo.processes import free_ports

HOST = "127.0.0.1"
STARTS_WITHIN_SECONDS = 30
_SETTINGS = """\
ListenAddress {host}
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PidFile none
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Sshd:
    """A running server."""

    folder: Path
    port: int
    user: str

    @property
    def host_key(self) -> str:
        """The server's public key as a connection wants it: "ssh-ed25519 AAAA..."."""
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    @property
    def key_file(self) -> Path:
        """The private key that the server lets in."""
        return self.folder / "user"

    def connection(self, **extra: str) -> str:
        """The Airflow connection to it, as AIRFLOW_CONN_... has it; ``extra`` adds to its extra fields."""
        said = {"host_key": self.host_key, "private_key": self.key_file.read_text(), **extra}
        who = {"conn_type": "sftp", "host": HOST, "port": self.port, "login": self.user}
        return json.dumps({**who, "extra": said})

    def sftp(self, *options: str) -> list[str]:
        """The command that OpenSSH's own client is started by; it reads what to do from standard input."""
        known = self.folder / "known_hosts"
        known.write_text(f"[{HOST}]:{self.port} {self.host_key}\n")
        given = [f"UserKnownHostsFile={known}", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes"]
        said = [part for each in given for part in ("-o", each)]
        command = ["sftp", "-F", "none", "-q", *options, "-b", "-", "-i", str(self.key_file), "-P", str(self.port)]
        return [*command, *said, f"{self.user}@{HOST}"]


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """The server, with its keys and its log in ``folder``. Raises: ServerMissing where there is no OpenSSH here."""
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or shutil.which("sftp") is None:
        raise ServerMissing("no OpenSSH here (Debian packages: openssh-server and openssh-client)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's sshd shuts its unprivileged part in
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host", "user"):
        if not (folder / name).exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    server = Sshd(folder, free_ports(1)[0], getpass.getuser())
    settings = folder / "sshd_config"
    settings.write_text(_SETTINGS.format(host=HOST, port=server.port, folder=folder))
    log = folder / "sshd.log"
    with log.open("ab") as said:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(settings)], stdout=said, stderr=said)
    try:
        _wait_until_it_greets(process, server.port, log)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_it_greets(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=2) as there:
                if there.recv(4) == b"SSH-":
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"sshd did not start:\n{log.read_text()[-2000:]}")
