"""Programs started for the demo and the tests: each with its log, all of them gone at the end.

Every program and whatever it starts carries a mark in its environment. So the end finds those, too, that left
their parent or their session, and a later start finds what a killed demo left behind; no other process is
ever touched.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from storeday.model.errors import StoredayError

MARK = "STOREDAY_STARTED_FOR"
"""The environment variable that says for whom a program was started: a folder of ours, as a full path."""


class ProgramFailed(StoredayError):
    """A program of ours ended or stayed silent; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Program:
    """A started program: its name for messages, its process and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def raise_if_ended(self) -> None:
        """Raises: ProgramFailed with the exit code and the log's tail when the program runs no more."""
        if (code := self.process.poll()) is not None:
            raise ProgramFailed(f"{self.name} ended with exit code {code}.\n{tail(self.log)}")


def take(folder: Path, what: str) -> IO[str]:
    """Make the folder ours alone until the returned file is closed, and end what an earlier, killed owner left running.

    Raises: ProgramFailed when another process has the folder; what says of which server the message speaks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("a", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ProgramFailed(f"Another {what} is running in {folder}; stop that one first.") from None
    end([], mark=folder)
    return lock


def start(name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str], mark: Path) -> Program:
    """Start a program in a session of its own, so that Ctrl-C in the terminal is the demo's alone to answer.

    Parameters: environment is the whole of it; log is appended to; mark is the folder it is started for.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    marked = {**environment, MARK: str(mark.resolve()), "SPT_NOENV": "1"}  # a new process title keeps the mark
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=marked,
            start_new_session=True,
        )
    return Program(name, process, log)


def wait_until(ready: Callable[[], bool], programs: Sequence[Program], *, timeout_seconds: float, what: str) -> None:
    """Wait until `ready` says so.

    Raises: ProgramFailed when one of the programs ends first, or when the time is up.
    """
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        for program in programs:
            program.raise_if_ended()
        if time.monotonic() > deadline:
            logs = "\n".join(f"--- {program.name}\n{tail(program.log)}" for program in programs)
            raise ProgramFailed(f"{what} took longer than {timeout_seconds:.0f} s.\n{logs}")
        time.sleep(0.1)


def end(programs: Sequence[Program], *, mark: Path, grace_seconds: float = 10) -> None:
    """End the programs and all that they started: asked first, killed after the grace, and waited for.

    Raises: ProgramFailed naming what could not be ended.
    """
    known = {process for program in programs for process in _tree(program.process.pid)} | marked(mark)
    for program in programs:
        if program.process.poll() is None:
            program.process.terminate()
    deadline = time.monotonic() + grace_seconds
    for program in programs:
        _wait(program.process, deadline - time.monotonic())
    for _ in range(50):
        known |= marked(mark)
        left = {process for process in known if _is_alive(process)}
        if not left:
            return
        for process in left:
            _kill(process)
        psutil.wait_procs(left, timeout=0.2)
        for program in programs:
            program.process.poll()
    raise ProgramFailed("could not end " + ", ".join(str(process) for process in left))


def marked(mark: Path) -> set[Any]:
    """The living processes that carry this mark, whoever their parent is now."""
    wanted, found = str(mark.resolve()), set()
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == wanted and process.pid != os.getpid() and _is_alive(process):
                found.add(process)
        except (psutil.Error, OSError):
            continue  # another user's, or gone while we looked
    return found


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on just now; all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log, or a word that there is none."""
    if not log.exists():
        return f"({log} was never written)"
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([f"The end of {log}:", *text[-lines:]])


def _tree(pid: int) -> set[Any]:
    try:
        root = psutil.Process(pid)
        return {root, *root.children(recursive=True)}
    except psutil.NoSuchProcess:
        return set()


def _is_alive(process: Any) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _kill(process: Any) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(max(seconds, 0))
    except subprocess.TimeoutExpired:
        return
