"""Runs that break at their nth write, one after the other, and what the next run makes of each.

    python tests/faults/stepping.py FOLDER FAULT [EVERY] [back] [s3://BUCKET/PREFIX]

A whole run (collect, check, post, stage, deliver, and stock where the company keeps it) is done in a process forked
from this one. At its nth write to STOREDAY_HOME, a file opened for writing, renamed, removed, a folder made, or a
transaction about to be committed, the fault happens:

    kill    the process is killed (SIGKILL), nothing is cleaned up
    full    the disk is full from there on: each further write fails with ENOSPC, the process goes on as it can

With a URL the state is on an object store and only the ledger in a file; a write is a request that puts or removes
objects, and "full" is a store that breaks off each of them. Of requests that are made together any may have been done.

What is published in the outbox by then must be whole and right. Then the same run is done again, undisturbed. Days are
judged without Great Expectations (quick_suites.py), which writes nothing below STOREDAY_HOME but the pages that are
published here as well. The outbox must be that of a run without any fault, byte for byte, and the ledger must hold the
same delivered lines. n goes up by EVERY until a run gets through. With "back" a person takes store S01's day back at
the start of each run. Prints one line of JSON.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import quick_suites
from s3fs import S3FileSystem
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from storeday.checks import together
from storeday.config.environment import Environment
from storeday.model.errors import StorageUnreachable
from storeday.model.storage import MANIFEST, files_below, is_local, join, read_all, write_all
from storeday.stages.corrections import rollback
from storeday.stages.run import run_days
from storeday.stages.stock import deliver_stock, stock_companies, sync_stock
from storeday.stages.workplace import Workplace
from tills import DAY

KILLED = -signal.SIGKILL
WRITES = frozenset("os.rename os.remove os.mkdir os.rmdir shutil.rmtree shutil.move shutil.copytree".split())
REQUESTS = frozenset("put_object delete_object delete_objects upload_part complete_multipart_upload".split())


class Breaks:
    """Counts the writes of this process below a folder and breaks it at one of them."""

    def __init__(self, home: str, fault: str, at: int) -> None:
        self.home, self.fault, self.at, self.seen = home, fault, at, 0

    def install(self) -> None:
        """From here on every write counts; this can't be undone, so only a forked process does it."""
        if is_local(self.home):
            sys.addaudithook(self._on_audit)
        else:
            self._watch_requests()
        event.listen(Engine, "commit", lambda _connection: self._write())

    def _watch_requests(self) -> None:
        asked = S3FileSystem._call_s3

        async def counted(filesystem: Any, method: str, *said: Any, **by_name: Any) -> Any:
            if method in REQUESTS:
                self._write()
            return await asked(filesystem, method, *said, **by_name)

        S3FileSystem._call_s3 = counted

    def _on_audit(self, what: str, said: tuple[Any, ...]) -> None:
        if what == "open":
            path, mode, flags = said
            is_write = set(mode) & set("wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)
            if is_write and str(path).startswith(self.home):
                self._write()
        elif what in WRITES and any(str(path).startswith(self.home) for path in said):
            self._write()

    def _write(self) -> None:
        self.seen += 1
        if self.seen == self.at and self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.seen >= self.at and self.fault == "full":
            broken = errno.ENOSPC if is_local(self.home) else errno.ECONNRESET
            raise OSError(broken, os.strerror(broken))


def in_a_fork(work: Callable[[], int]) -> int:
    """The exit code of some work that is done in a process forked from this one; below 0 the signal that ended it."""
    return end_of(start(work))


def start(work: Callable[[], int]) -> int:
    """Begin some work in a process forked from this one; its id."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return pid


def end_of(pid: int) -> int:
    """Wait for a process of ``start``; its exit code, below 0 the signal that ended it."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def whole_run(where: Environment, breaks: Breaks | None = None, *, takes_back: bool = False) -> int:
    """All stages over all stores of the day, in this process; how many faults were told."""
    together.run_suites = quick_suites.run_suites
    if breaks:
        breaks.install()
    said: list[str] = []
    try:
        with Workplace.open("stepping", where) as work:
            if takes_back:
                rollback(work, "S01", DAY, why="the wrong till roll", by="a person", say=said.append)
            ran = run_days(work, [DAY], [store.code for store in work.settings.stores()], say=said.append)
            faults = ran.faults
            for company in stock_companies(work, DAY):
                said.append(str(sync_stock(work, company.company.code, DAY)))
                said.append(str(deliver_stock(work, company.company.code)))
    except (OSError, SQLAlchemyError, StorageUnreachable) as error:
        said.append(f"FAULT {error}")
        faults = 1
    if breaks is None and faults:
        print("\n".join(said), file=sys.stderr)
    return min(faults, 90)


def outcome(where: Environment) -> dict[str, str]:
    """Everything that was handed over, by path and digest, with the delivered lines of the ledger."""
    found = handed_over(where)
    with Workplace.open("stepping", where) as work:
        for store in work.settings.stores():
            lines = work.ledger.delivered(store.code, DAY)
            found[f"ledger {store.code}"] = json.dumps([[*key, *amount] for key, amount in lines.items()])
    return found


def handed_over(where: Environment) -> dict[str, str]:
    """Every file of the outbox by its path, with its digest."""
    outbox = join(where.home, "outbox")
    places = {join(outbox, *name.split("/")): name for name in files_below(outbox)}
    return {places[place]: hashlib.sha256(content).hexdigest() for place, content in read_all(places).items()}


def seen_by_a_bookkeeper(where: Environment) -> dict[str, str]:
    """The same of the folders that are there: those with a manifest."""
    files = handed_over(where)
    folders = {name.removesuffix(MANIFEST) for name in files if name.endswith(f"/{MANIFEST}")}
    return {name: digest for name, digest in files.items() if f"{name.rpartition('/')[0]}/" in folders}


def step_through(
    folder: Path, fault: str, every: int, *, takes_back: bool = False, bucket: str = ""
) -> dict[str, object]:
    """Break a run at each nth write; the counts, and the points after which the next run ended otherwise."""
    run = partial(whole_run, takes_back=takes_back)
    began, before, tries = time.monotonic(), folder / "before", folder / "tries"

    def at(n: int) -> Environment:
        home = fresh(before, tries / str(n))
        ledger = f"sqlite:///{home / 'ledger.sqlite'}"
        if bucket:
            in_a_fork(lambda: copy_objects(join(bucket, "before"), join(bucket, str(n))))
        return Environment(
            folder / "config", join(bucket, str(n)) if bucket else str(home), ledger, folder / "expectations"
        )

    undisturbed = at(0)
    assert in_a_fork(lambda: run(undisturbed)) == 0
    right, wrong, points = told_in_a_fork(outcome, undisturbed, folder), [], 0
    for n in range(1, 10_000, every):
        where = at(n)
        breaks = Breaks(where.home, fault, n)
        code = in_a_fork(lambda where=where, breaks=breaks: run(where, breaks))
        if code == 0:
            break
        points += 1
        if fault == "kill" and code != KILLED:
            wrong.append(f"{n}: ended with {code} instead of being killed")
        seen = told_in_a_fork(seen_by_a_bookkeeper, where, folder)
        if not seen.items() <= right.items():
            wrong.append(f"{n}: the outbox showed {sorted(set(seen.items()) - set(right.items()))}")
        if (again := in_a_fork(lambda where=where: run(where))) != 0:
            wrong.append(f"{n}: the next run had {again} faults")
        elif (got := told_in_a_fork(outcome, where, folder)) != right:
            wrong.append(f"{n}: {sorted(set(right.items()) ^ set(got.items()))}")
        shutil.rmtree(tries / str(n))
    return {"fault": fault, "points": points, "wrong": wrong, "seconds": round(time.monotonic() - began, 1)}


def told_in_a_fork(
    outcome: Callable[[Environment], dict[str, str]], where: Environment, folder: Path
) -> dict[str, str]:
    """What there is, read in a process of its own: this one must open no database before it forks."""
    told = folder / "outcome.json"

    def tell() -> int:
        told.write_text(json.dumps(outcome(where)))
        return 0

    assert in_a_fork(tell) == 0
    said: dict[str, str] = json.loads(told.read_text())
    return said


def copy_objects(source: str, target: str) -> int:
    """Copy all objects from one place to another."""
    names = [name.split("/") for name in files_below(source)]
    found = read_all(join(source, *name) for name in names)
    write_all({join(target, *name): found[join(source, *name)] for name in names})
    return 0


def fresh(before: Path, home: Path) -> Path:
    home.parent.mkdir(parents=True, exist_ok=True)
    if before.exists():
        shutil.copytree(before, home)
    else:
        home.mkdir()
    return home


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    every, words = int((sys.argv[3:] or ["1"])[0]), sys.argv[4:]
    bucket = next((word for word in words if not is_local(word)), "")
    print(json.dumps(step_through(Path(sys.argv[1]), sys.argv[2], every, takes_back="back" in words, bucket=bucket)))
