"""A chain's quarter in which everything goes wrong: what is in Sage at its end is what the tills sold, once.

    python tests/soak/soak.py --in FOLDER [--days 60] [--stores 5] [--receipts 40] [--rounds 20] [--seed 1]

A sample of the whole period is fed to the stores' folders in a random order (arrivals.py), round by round. After each
round some days are run: undisturbed, or killed or with the disk full at a random write, or twice at once. Persons let
some held days through as they are, and take delivered days back, which may be broken off as a run may; later they
release them. At the end all that is taken back is released, and all days are run until nothing changes. Days are judged
without Great Expectations (quick_suites.py).
Then the outbox and a sandbox company that imported it are held to the sample's truth.json. Prints a table and one line
of JSON; exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import quick_suites
from arrivals import Arrival, plan
from chains import PROJECT, STORE
from proof import mismatches
from sqlalchemy.exc import SQLAlchemyError
from stepping import KILLED, Breaks, end_of, in_a_fork, start
from storeday.checks import together
from storeday.config.environment import Environment
from storeday.ledger.facts import StoreDayFact
from storeday.model.errors import StoredayError
from storeday.model.store_day import State
from storeday.sample import SampleOrder, write_sample
from storeday.sample.order import till_count
from storeday.stages.corrections import rollback
from storeday.stages.decisions import NotDecided, release
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace

COMPANY = "northern-larder"
FAULTS_TOLD, FULL, BROKE = 90, 91, 92
"""Exit codes of a run: it told of faults; the disk was full as planned; something broke that nobody had planned."""


@dataclass(frozen=True)
class Run:
    """What one process does: run days of some stores, after persons took back, released or let through some others.

    Each of the three is a share of the store-days of which it can be asked.
    """

    days: list[date] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    takes_back: float = 0.0
    releases: float = 0.0
    lets_through: float = 0.0

    def on(self, work: Workplace, chance: random.Random, say: Callable[[str], None]) -> int:
        """Do it; how many faults were told."""
        in_sage = [fact for fact in work.ledger.store_days() if work.ledger.delivered(fact.store, fact.trading_day)]
        some = math.ceil(self.takes_back * len(in_sage))
        for fact in chance.sample(in_sage, some):
            rollback(work, fact.store, fact.trading_day, why="the wrong till roll", by="a person", say=say)
        faults = run_days(work, self.days, self.stores, say=say).faults if self.days else 0
        decided = [fact.trading_day for fact in work.ledger.store_days() if self._is_decided(work, fact, chance)]
        is_run = decided and self.stores
        return faults + (run_days(work, sorted({*decided}), self.stores, say=say).faults if is_run else 0)

    def _is_decided(self, work: Workplace, fact: StoreDayFact, chance: random.Random) -> bool:
        """Whether a person releases a store-day, or lets it through as it is."""
        likely = {State.HELD: self.lets_through, State.ROLLED_BACK: self.releases}.get(fact.state, 0.0)
        if chance.random() >= likely:
            return False
        try:
            release(work, fact.store, fact.trading_day, why="it is right as it is", by="a person")
        except NotDecided:
            return False  # it must wait for its files
        return True


@dataclass
class Soak:
    """One soak: where it is, what was ordered, and what has happened so far."""

    folder: Path
    order: SampleOrder
    chance: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    clock: int = 1_600_000_000  # of the stores' servers

    @property
    def where(self) -> Environment:
        """The chain's installation."""
        home = self.folder / "home"
        return Environment(
            self.folder / "config", str(home), f"sqlite:///{home / 'ledger.sqlite'}", self.folder / "expectations"
        )

    def lay_out(self) -> None:
        """Write the sample, the settings and the stores' empty folders."""
        assert in_a_fork(lambda: 0 if write_sample(self.order) else 1) == 0
        config = self.folder / "config" / COMPANY
        (config / "stores").mkdir(parents=True)
        for name in ("company.yaml", "mappings.yaml", "skus.csv"):
            shutil.copy(PROJECT / "include" / "config" / COMPANY / name, config / name)
        company = config / "company.yaml"
        takings_only, _, _ = company.read_text().partition("\nstock:")  # stock is staged by runs of its own
        company.write_text(takings_only + "\n")
        for number, code in enumerate(self.order.store_codes):
            source = self.folder / "sources" / code
            source.mkdir(parents=True)
            tills = ", ".join(f'"{till + 1:02d}"' for till in range(till_count(number)))
            said = STORE.format(code=code, department=1 + number, folder=source, tills=tills)
            (config / "stores" / f"{code}.yaml").write_text(said + "slice_minutes: 1440\n")
        shutil.copytree(PROJECT / "include" / "expectations", self.folder / "expectations")
        (self.folder / "home").mkdir()

    def feed(self, arrivals: list[Arrival]) -> None:
        """Put what comes into the stores' folders, each file before its marker."""
        for arrival in arrivals:
            self.happened[arrival.kind] += 1
            path = self.folder / "sources" / arrival.store / arrival.name
            for place, content in ((path, arrival.content), (path.with_suffix(".ok"), arrival.marker)):
                if content is not None:
                    self.clock += 1
                    place.write_bytes(content)
                    os.utime(place, (self.clock, self.clock))
            if arrival.content is not None and arrival.marker is None:
                path.with_suffix(".ok").unlink(missing_ok=True)

    def run_some(self, done: float) -> str:
        """Run some of the days that files came for, in one of the ways a run goes; what was done, in words."""
        days = self.order.trading_days[: max(1, round(done * self.order.days) + 1)]
        near = days[-8:]
        some = sorted({*self.chance.sample(days, min(2, len(days))), *self.chance.sample(near, (len(near) + 1) // 2)})
        stores = sorted(self.chance.sample(self.order.store_codes, self.chance.randint(1, self.order.stores)))
        way = self.chance.choices(["undisturbed", "kill", "full", "two at once"], [3, 4, 3, 1])[0]
        said = f"{len(some)} days of {len(stores)} stores {way}"
        if way == "two at once":
            other = self.chance.choice([Run(some, stores), Run(takes_back=0.04)])
            both = [start(lambda run=run: self._do(run)) for run in (Run(some, stores), other)]
            self._expect([end_of(pid) for pid in both], {0, FAULTS_TOLD}, said)
            self.happened[way] += 1
            return said
        return said + self._break(Run(some, stores, lets_through=0.2, releases=0.3), way, most=10.5)

    def take_back(self) -> str:
        """Persons take some delivered days back, undisturbed or not; what was done, in words."""
        way = self.chance.choices(["undisturbed", "kill", "full"], [2, 1, 1])[0]
        return f"some days taken back {way}" + self._break(Run(takes_back=0.04), way, most=7)

    def _break(self, run: Run, way: str, *, most: float) -> str:
        """Do a run undisturbed, or with a fault at one of its first writes, 2 to the ``most``; where, in words."""
        if way == "undisturbed":
            self._expect([in_a_fork(lambda: self._do(run))], {0}, str(run))
            self.happened[way] += 1
            return ""
        breaks = Breaks(str(self.folder / "home"), way, int(2 ** self.chance.uniform(0, most)))
        code = in_a_fork(lambda: self._do(run, breaks))
        self._expect([code], {0, KILLED if way == "kill" else FULL}, f"{run} {way}")
        self.happened[way if code else "a fault later than the run's last write"] += 1
        return f" at write {breaks.at}" if code else ", after its last write"

    def finish(self) -> int:
        """Release what is taken back and run all days until nothing changes; how many runs that took."""
        days, stores = self.order.trading_days, self.order.store_codes
        self._expect([in_a_fork(lambda: self._do(Run(releases=1.0)))], {0}, "release")
        for runs in range(1, 9):
            before = self.delivered
            self._expect([in_a_fork(lambda: self._do(Run(days, stores)))], {0}, "all")
            if before == self.delivered and runs > 1:
                return runs
        self.wrong.append("runs of all days keep on delivering")
        return runs

    @property
    def delivered(self) -> list[str]:
        """The batches in the outbox."""
        return sorted(str(path.parent) for path in (self.folder / "home" / "outbox").glob("*/*/[!.]*/manifest.json"))

    def _expect(self, codes: list[int], right: set[int], what: str) -> None:
        self.wrong += [f"{what}: ended with {code}" for code in codes if code not in right]

    def _do(self, run: Run, breaks: Breaks | None = None) -> int:
        """A run in this process, which is forked for it; its exit code."""
        said: list[str] = []
        together.run_suites = quick_suites.run_suites
        if breaks:
            breaks.install()
        try:
            with Workplace.open("soak", self.where) as work:
                faults = run.on(work, random.Random(self.chance.random()), said.append)  # noqa: S311
        except (OSError, SQLAlchemyError, StoredayError) as error:
            said.append(f"FAULT {type(error).__name__}: {error}")
            faults = 1
        if breaks and breaks.fault == "full" and breaks.seen >= breaks.at:
            return FULL
        if faults:
            print("\n".join(line for line in said if "FAULT" in line), file=sys.stderr, flush=True)
        return FAULTS_TOLD if faults else 0


def soak(said: argparse.Namespace, say: Callable[[str], None]) -> dict[str, object]:
    """The whole soak; what it came to."""
    began, chance = time.monotonic(), random.Random(said.seed)  # noqa: S311
    order = SampleOrder(
        said.folder / "sample", date(2026, 9, 1), said.receipts, stores=said.stores, days=said.days, seed=said.seed
    )
    one = Soak(said.folder, order, chance)
    one.lay_out()
    planned = plan(order.out, said.rounds, chance)
    for number, arrivals in enumerate(planned, start=1):
        one.feed(arrivals)
        ways = [one.run_some(number / said.rounds) for _ in range(3)] + [one.take_back()]
        say(
            f"round {number} of {said.rounds}: {len(arrivals)} arrivals; {'; '.join(ways)}; "
            f"{len(one.delivered)} batches in the outbox, {time.monotonic() - began:.0f} s"
        )
    runs = one.finish()
    say(f"all days run {runs} times, {len(one.delivered)} batches in the outbox, {time.monotonic() - began:.0f} s")
    proven, differing = mismatches(one.where, order.out / "truth.json")
    return {
        "days": said.days,
        "stores": said.stores,
        "seed": said.seed,
        "store_days": said.days * said.stores,
        **proven,
        "happened": dict(sorted(one.happened.items())),
        "wrong": one.wrong + differing,
        "seconds": round(time.monotonic() - began),
    }


def table(found: dict[str, object]) -> str:
    """What the soak came to, for people."""
    happened, wrong = found["happened"], found["wrong"]
    assert isinstance(happened, dict)
    assert isinstance(wrong, list)
    rows = {
        "trading days": found["days"],
        "store-days": found["store_days"],
        "fault points (killed, disk full)": happened.get("kill", 0) + happened.get("full", 0),
        "two runs at once": happened.get("two at once", 0),
        "duplicates (again, other name, joined)": sum(happened.get(k, 0) for k in ("again", "other name", "joined")),
        "cut off or in part at first": happened.get("cut", 0) + happened.get("first part", 0),
        "late markers": happened.get("late marker", 0),
        "rollbacks, all released": found["rollbacks"],
        "batches": found["batches"],
        "reversals of delivered days": found["reversals"],
        "corrections of delivered days": found["corrections"],
        "late receipts, in a correction": found["late_receipts"],
        "receipts": found["receipts"],
        "mismatches": len(wrong),
        "wall, seconds": found["seconds"],
    }
    return "\n".join([f"{what:<40} {count:>8,}" for what, count in rows.items()])


def main() -> int:
    """Soak; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    for name, usual in (("days", 60), ("stores", 5), ("receipts", 40), ("rounds", 20), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    found = soak(parser.parse_args(), lambda line: print(line, file=sys.stderr, flush=True))
    print(table(found))
    print(json.dumps(found))
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main())
