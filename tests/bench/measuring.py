"""What all benchmarks measure with: the clock, processor time, peak memory, what imports took, and on which machine.

Processor time is that of the process, all its threads and the children it has waited for. Peak memory is the most
that the process had in memory at once, Python and its libraries included. So whatever is compared by its memory runs in
a process of its own: see ``in_a_process``.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
import platform
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

LIBRARIES = ("apache-airflow", "great-expectations", "pandas", "numpy", "pyarrow", "sqlalchemy")


class ImportClock:
    """How long import statements take, wherever they stand. Nested ones count once, each thread's by themselves."""

    def __init__(self) -> None:
        self.clock = self.cpu = 0.0
        self._inside = threading.local()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch ``import`` and ``importlib.import_module`` meanwhile."""
        statement, function = builtins.__import__, importlib.import_module
        builtins.__import__ = self._timed(statement)
        importlib.import_module = self._timed(function)
        try:
            yield
        finally:
            builtins.__import__, importlib.import_module = statement, function

    def _timed(self, load: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            if getattr(self._inside, "an_import", False):
                return load(*args, **named)
            self._inside.an_import = True
            began, used = time.perf_counter(), time.thread_time()
            try:
                return load(*args, **named)
            finally:
                self.clock += time.perf_counter() - began
                self.cpu += time.thread_time() - used
                self._inside.an_import = False

        return timed


@dataclass
class Took:
    """What a piece of work took, in seconds; filled in when it is done."""

    clock: float = 0.0
    cpu: float = 0.0
    imports: ImportClock = field(default_factory=ImportClock)
    parts: dict[str, float] = field(default_factory=dict)
    """Processor seconds inside of functions that were watched: see ``watch``."""
    undo: list[Callable[[], None]] = field(default_factory=list)

    def said(self) -> dict[str, Any]:
        """For JSON, with the peak of this process's memory so far."""
        return {
            "clock": round(self.clock, 3),
            "cpu": round(self.cpu, 3),
            "import_clock": round(self.imports.clock, 3),
            "import_cpu": round(self.imports.cpu, 3),
            "peak_mb": round(peak_mb(), 1),
            **{f"{name}_cpu": round(seconds, 3) for name, seconds in self.parts.items()},
        }


def cpu_seconds() -> float:
    """Processor time of this process and of the children it has waited for, in user and in system."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def peak_mb() -> float:
    """The most memory that this process had at once, in MiB.

    On Linux from /proc: ``ru_maxrss`` of a process begins with what the process that started it had.
    """
    told = Path("/proc/self/status")
    if told.exists():
        found = re.search(r"^VmHWM:\s+([0-9]+) kB", told.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def measured() -> Iterator[Took]:
    """Measure what is done inside. What import statements in it took is told apart, in seconds of its own."""
    took = Took()
    with took.imports.running():
        began, used = time.perf_counter(), cpu_seconds()
        try:
            yield took
        finally:
            took.clock, took.cpu = time.perf_counter() - began, cpu_seconds() - used
            for put_back in reversed(took.undo):
                put_back()


def reading_speed(took: Took, size: int, idle_mb: float) -> str:
    """In words: how fast so many bytes were read, and the peak of memory beside what it was before reading."""
    megabytes = size / 1e6
    return (
        f"{megabytes / took.clock:.1f} MB/s by the clock, {megabytes / took.cpu:.1f} MB/s of processor time; "
        f"peak memory {peak_mb():,.0f} MiB, {idle_mb:,.0f} before reading"
    )


def watch(took: Took, name: str, holder: Any, function: str) -> None:
    """Until ``took`` ends, count the processor time inside of a function as a part of it, what it imports left out.

    ``holder`` is the module or class by whose name it is called. One that has no such function counts as nothing:
    another version of the project may do without that step.
    """
    original = getattr(holder, function, None)
    took.parts.setdefault(name, 0.0)
    if original is None:
        return
    depth = [0]

    def counting(*args: Any, **named: Any) -> Any:
        depth[0] += 1
        used = cpu_seconds() - took.imports.cpu
        try:
            return original(*args, **named)
        finally:
            depth[0] -= 1
            if not depth[0]:
                took.parts[name] += cpu_seconds() - took.imports.cpu - used

    setattr(holder, function, counting)
    took.undo.append(lambda: setattr(holder, function, original))


def in_a_process(script: Path, arguments: Sequence[str | Path], *, path: Sequence[Path] = ()) -> dict[str, Any]:
    """Run a script in a fresh process; its last line of output is what it measured, as JSON.

    Raises: SystemExit where it ended badly: a benchmark goes on with no figures that are missing.
    """
    python_path = os.pathsep.join([*map(str, path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": python_path},
    )
    if done.returncode:
        sys.exit(f"{script.name} {' '.join(map(str, arguments))} ended with {done.returncode}")
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def machine(libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """On what it was measured: processor, cores, memory, Python and libraries. Nothing that names the machine."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "libraries": {name: found for name in libraries if (found := _version(name))},
    }


def _processor() -> str:
    """The processor's model, as Linux says it; elsewhere as Python does."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
