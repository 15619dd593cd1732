"""How long fetching takes beside OpenSSH's own client: `python tests/bench/sftp_collect.py --in DIR`.

A thousand small till files with their markers, and one big file, lie behind OpenSSH's own server on this machine. Its
client gets them into a folder, as it comes (`sftp`) and with every file flushed to the disk (`sftp -f`). Our source
fetches them with their digest, and then into landing as well: as in collect every till file, but no marker, is flushed,
and the folder after some of them. The rounds take turns in both orders; what is shown is the median. Connecting and
logging in is part of each, loading Python's modules of none.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT / "tests"), str(PROJECT / "tests" / "bench")]

from exports import NAME, write_contract  # noqa: E402
from sshd import Sshd, sshd  # noqa: E402
from storeday.model.content import Content  # noqa: E402
from storeday.model.storage import write_all, write_from  # noqa: E402

HEADER = (
    "| | client | files | MB | by the clock | processor time of the client | times `sftp` | times `sftp -f` |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
)
SMALL_BYTES = range(20_000, 40_001, 500)
"""How large the small files are, one after the other, and again from the first."""

MARKER = ".ok"
TOGETHER, TOGETHER_BYTES = 64, 3 << 20
"""So many small files, and so many bytes of them, are landed in one go, as collect does."""
CONNECTION = "sftp_collect_bench"
VARIABLE = f"AIRFLOW_CONN_{CONNECTION.upper()}"


@dataclass(frozen=True)
class Row:
    """What one client took for one set of files: medians."""

    what: str
    client: str
    files: int
    megabytes: float
    clock: float  # seconds
    cpu: float  # seconds of processor time of the client's processes, not of the server's
    times_sftp: float  # by the clock
    times_sftp_flushed: float

    def __str__(self) -> str:
        return (
            f"| {self.what} | {self.client} | {self.files:,} | {self.megabytes:,.0f} | {self.clock:.2f} s | "
            f"{self.cpu:.2f} s | {self.times_sftp:.2f} | {self.times_sftp_flushed:.2f} |"
        )


def lay_out(folder: Path, *, small: int, big_mb: int) -> dict[str, Path]:
    """The folders of files to fetch, made where they are not there yet: small files with markers, and the big one."""
    sets = {f"{small:,} small files": folder / f"small-{small}", "one big file": folder / f"big-{big_mb}"}
    few, big = sets.values()
    if not big.exists():
        aside = _empty(folder / "aside")
        write_contract(aside / NAME, big_mb * 1_000_000)
        aside.replace(big)
    if not few.exists():
        aside = _empty(folder / "aside")
        with (big / NAME).open("rb") as rows:
            header, pool = rows.readline(), rows.readlines(64 << 20)
        _write_small(aside, small, header, pool)
        aside.replace(few)
    return sets


def _write_small(folder: Path, count: int, header: bytes, rows: list[bytes]) -> None:
    place = 0
    for number in range(count):
        wanted, parts = SMALL_BYTES[number % len(SMALL_BYTES)], [header]
        while wanted > 0:
            parts.append(rows[place % len(rows)])
            wanted -= len(parts[-1])
            place += 1
        day, hour = divmod(number, 24)
        name = f"S01_{20_260_101 + day // 28 * 100 + day % 28}T{hour:02d}00.csv"
        content = b"".join(parts)
        (folder / name).write_bytes(content)
        marker = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
        (folder / name).with_suffix(MARKER).write_text(json.dumps(marker))


def measure(folder: Path, *, small: int = 1000, big_mb: int = 500, rounds: int = 3) -> list[Row]:
    """Measure below ``folder``; says on standard error how far it is. Raises: ServerMissing without OpenSSH."""
    sets = lay_out(folder, small=small, big_mb=big_mb)
    rows: list[Row] = []
    with sshd(folder / "sshd") as server:
        for what, files in sets.items():
            clients = _clients(server, files, folder / "got")
            took: dict[str, list[tuple[float, float]]] = {name: [] for name in clients}
            for turn in range(rounds):
                for name in list(clients) if turn % 2 == 0 else reversed(list(clients)):
                    _empty(folder / "got")
                    took[name].append(clients[name]())
                    clock, cpu = took[name][-1]
                    _say(f"{what}, round {turn + 1} of {rounds}, {name}: {clock:.2f} s, {cpu:.2f} s of processor time")
            rows += _rows(what, files, took)
    shutil.rmtree(folder / "got")
    return rows


def _rows(what: str, files: Path, took: dict[str, list[tuple[float, float]]]) -> Iterator[Row]:
    sizes = [file.stat().st_size for file in files.iterdir()]
    middle = {name: [statistics.median(each) for each in zip(*runs, strict=True)] for name, runs in took.items()}
    for name, (clock, cpu) in middle.items():
        beside = (clock / middle["sftp"][0], clock / middle["sftp -f"][0])
        yield Row(what, name, len(sizes), sum(sizes) / 1e6, clock, cpu, *beside)


def _clients(server: Sshd, files: Path, into: Path) -> dict[str, Callable[[], tuple[float, float]]]:
    """What is compared: each gets all files, and says its seconds by the clock and of processor time."""
    return {
        "sftp": lambda: _openssh(server, files, into),
        "sftp -f": lambda: _openssh(server, files, into, "-f"),
        "storeday, fetched": lambda: _ours(server, files, None),
        "storeday, landed": lambda: _ours(server, files, into),
    }


def _openssh(server: Sshd, files: Path, into: Path, *options: str) -> tuple[float, float]:
    command = server.sftp(*options)
    began, used = time.perf_counter(), _cpu(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=f"get -r {files} {into}/all\n".encode(), stdout=subprocess.DEVNULL, check=True)
    clock, cpu = time.perf_counter() - began, _cpu(resource.RUSAGE_CHILDREN) - used
    if {file.name for file in files.iterdir()} != {file.name for file in (into / "all").iterdir()}:
        raise RuntimeError("OpenSSH's client did not get all files")
    return clock, cpu


def _ours(server: Sshd, files: Path, into: Path | None) -> tuple[float, float]:
    """In a process of its own, whose modules are loaded before the clock starts."""
    command = [sys.executable, __file__, "--fetch", str(files), *(["--in", str(into)] if into else [])]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, VARIABLE: server.connection()})
    clock, cpu, count = done.stdout.decode().splitlines()[-1].split()
    if int(count) != sum(1 for _ in files.iterdir()):
        raise RuntimeError(f"our source fetched {count} files")
    return float(clock), float(cpu)


def _fetch(files: Path, into: Path | None) -> None:
    """What ``_ours`` starts: fetch every file of a folder, and land it where there is a place for it."""
    from storeday.sources.sftp import Sftp

    for module in ("airflow.providers.sftp.hooks.sftp", "airflow.providers.ssh.hooks.ssh"):
        importlib.import_module(module)
    count, began, used = 0, time.perf_counter(), _cpu(resource.RUSAGE_SELF)
    gathered: dict[str, bytes] = {}
    with Sftp(CONNECTION, str(files)).open() as source:
        listing = sorted(source.listing(), key=lambda file: file.name)
        for file, content in zip(listing, source.fetched(listing), strict=True):
            with content:
                if into and not file.name.endswith(MARKER):
                    _land(str(into / content.sha256), content, gathered)
                count += bool(content.sha256)
    write_all(gathered)
    clock, cpu = time.perf_counter() - began, _cpu(resource.RUSAGE_SELF) - used
    sys.stdout.write(f"\n{clock} {cpu} {count}\n")


def _land(place: str, content: Content, gathered: dict[str, bytes]) -> None:
    if content.size > TOGETHER_BYTES:
        write_from(place, content.opened())
        return
    if len(gathered) == TOGETHER or sum(map(len, gathered.values())) + content.size > TOGETHER_BYTES:
        write_all(gathered)
        gathered.clear()
    gathered[place] = content.whole()


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="folder", type=Path, help="where the files, the server's keys and copies go")
    parser.add_argument("--small", type=int, default=1000, help="how many small files, each with its marker")
    parser.add_argument("--big-mb", type=int, default=500, help="how large the big one is")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fetch", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.fetch:
        _fetch(told.fetch, told.folder)
        return
    if not told.folder:
        parser.error("say where to: --in DIR")
    rows = measure(told.folder.resolve(), small=told.small, big_mb=told.big_mb, rounds=told.rounds)
    sys.stdout.write("\n".join([HEADER, *map(str, rows)]) + "\n")


if __name__ == "__main__":
    main()
