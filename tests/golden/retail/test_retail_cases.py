"""Each odd case of retail from its till file's bytes to transactions.csv, by every posting profile.

A folder a case: the till files as sent, the file for Sage of each profile (or what is said where a profile
can't post the day), and sums.md. The sums are worked out by hand, and read from there: no code under test
says what is right. What rows come to is added up by tests/figures.py.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from figures import TAKINGS, TILL_CONTROL, booked, returned, rows_in, taxed, trial_balance
from retail_days import CASES
from shops import OpenShop, Shop
from storeday.checks.verdict import Verdict, check_store_days
from storeday.model.store_day import State
from storeday.sage50.sandbox import exports
from storeday.sage50.sandbox.batch_files import Kind, import_file, rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.masters import masters_from
from storeday.stages import close
from tills import DAY

HERE = Path(__file__).parent
PROFILES = ("bank_receipts", "takings_customer", "journal")
EVERY = [(name, profile) for name in CASES for profile in PROFILES]
POSTED = [(name, profile) for name, profile in EVERY if profile not in CASES[name].held]

Golden = Callable[[Path, bytes], None]


# The shops: one a case and profile, each run once


@dataclass(frozen=True)
class Closed:
    """A case's day after one run under one profile."""

    shop: Shop

    @property
    def file(self) -> bytes:
        """The file for Sage."""
        return self._delivered("transactions.csv")

    @property
    def said(self) -> dict[str, object]:
        """What the manifest says of the store-day."""
        (day,) = json.loads(self._delivered("manifest.json"))["store_days"]
        return dict(day)

    @property
    def sheet(self) -> str:
        """The page that a bookkeeper signs off from."""
        return unescape(self._delivered("sheet.html").decode())

    def _delivered(self, name: str) -> bytes:
        (file,) = (self.shop.home / "outbox" / "corner-shops" / DAY.isoformat()).glob(f"*/{name}")
        return file.read_bytes()


Close = Callable[[str, str], Closed]


@pytest.fixture(scope="module")
def closed(open_shop: OpenShop) -> Close:
    """A function that closes a case's day under a profile, all stages in one run."""
    shops: dict[tuple[str, str], Closed] = {}
    verdicts: dict[str, Verdict] = {}

    def once(name: str, profile: str) -> Closed:
        if (name, profile) not in shops:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(close, "check_store_days", _one_verdict_a_case(name, verdicts))
                shops[name, profile] = Closed(_run(open_shop, name, profile))
        return shops[name, profile]

    return once


def _run(open_shop: OpenShop, name: str, profile: str) -> Shop:
    day = CASES[name]
    company = day.company.replace("bank_receipts", profile)
    shop = open_shop(S01=day.store, company=company, mappings=day.mappings)
    for part in day.parts:
        shop.send(part)
    ran, said = shop.run()
    assert not ran.faults, said
    return shop


def _one_verdict_a_case(name: str, verdicts: dict[str, Verdict]) -> Callable[..., list[Verdict]]:
    """The checks don't know the profile, and take most of a run: each case is checked once."""

    def check(*looked_at: Any) -> list[Verdict]:
        if name not in verdicts:
            (verdict,) = check_store_days(*looked_at)
            assert isinstance(verdict, Verdict), verdict
            verdicts[name] = verdict
        return [verdicts[name]]

    return check


# The sums beside each case


@dataclass(frozen=True)
class Sums:
    """What sums.md says, in minor units: a debit is positive; what comes to nothing is left out."""

    taxed: dict[str, tuple[int, int]]  # net and tax by tax code
    tenders: dict[str, int]
    books: dict[str, int]  # by nominal, and by "customer " and its code
    boxes: dict[int, int]


def sums_of(name: str) -> Sums:
    """The tables of a sums.md: rows `| T1 net, tax | 1.00 | 0.20 |`, `| paid CASH | 1.20 |`, `| 4000 … | -1.00 |`."""
    text = (HERE / name / "sums.md").read_text()
    amount = r"(-?\d[\d,]*\.\d\d)"
    codes = re.findall(rf"^\| (T\d+) \| {amount} \| {amount} \|$", text, re.M)
    tenders = re.findall(rf"^\| paid (\w+)[^|]*\| {amount} \|$", text, re.M)
    books = re.findall(rf"^\| (\d{{4}}|customer \w+)[^|]*\| {amount} \|$", text, re.M)
    boxes = re.findall(rf"^\| box (\d) \| {amount} \|$", text, re.M)
    return Sums(
        taxed={code: (_minor(net), _minor(tax)) for code, net, tax in codes if code != "T9"},
        tenders={tender: _minor(said) for tender, said in tenders},
        books={account: _minor(said) for account, said in books if _minor(said)},
        boxes={int(box): _minor(said) for box, said in boxes},
    )


def _minor(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


@pytest.mark.parametrize(("name", "file"), [(name, part.name) for name, day in CASES.items() for part in day.parts])
def test_the_tills_send_these_bytes(name: str, file: str, golden: Golden) -> None:
    (part,) = (part for part in CASES[name].parts if part.name == file)

    sent = part.content

    golden(HERE / name / file, sent)


@pytest.mark.parametrize(("name", "profile"), EVERY)
def test_a_case_becomes_these_bytes_or_is_held_with_these_words(
    name: str, profile: str, closed: Close, golden: Golden
) -> None:
    is_held = profile in CASES[name].held

    day = closed(name, profile)

    assert day.shop.state("S01") is (State.HELD if is_held else State.DELIVERED), day.shop.held("S01")
    if is_held:
        golden(HERE / name / f"{profile}.held.txt", "\n".join([*day.shop.held("S01"), ""]).encode())
    else:
        golden(HERE / name / f"{profile}.csv", day.file)


@pytest.mark.parametrize(("name", "profile"), POSTED)
def test_a_case_leaves_in_sage_what_its_sums_say(name: str, profile: str, closed: Close) -> None:
    sums = sums_of(name)

    rows = rows_in(closed(name, profile).file)

    sage = booked(rows)
    assert (sage, returned(rows), taxed(rows)) == (sums.books, sums.boxes, sums.taxed)
    assert sage[TILL_CONTROL] == sage[f"customer {TAKINGS}"] == trial_balance(sage) == 0


@pytest.mark.parametrize(("name", "profile"), POSTED)
def test_the_sandbox_takes_a_case_and_books_what_its_sums_say(name: str, profile: str, closed: Close) -> None:
    day, sums = closed(name, profile), sums_of(name)
    (settings,) = day.shop.work.settings.companies
    sandbox = Sandbox.in_memory(masters_from(settings))

    came = import_file(sandbox, Kind.TRANSACTIONS, day.file, rules_of(settings.company))

    with sandbox.reading() as sage:
        nominals = {balance.code: balance.minor for balance in exports.nominals(sage) if balance.minor}
        owed = {f"customer {balance.code}": balance.minor for balance in exports.customers(sage) if balance.minor}
        boxes = Counter(dict.fromkeys(sums.boxes, 0))
        for (box, _), minor in exports.vat_boxes(sage).items():
            boxes[box] += minor
    assert came.refused == ()
    assert (nominals | owed, boxes) == (sums.books, sums.boxes)


@pytest.mark.parametrize(("name", "profile"), POSTED)
def test_a_bookkeeper_sees_what_was_paid_and_every_warning(name: str, profile: str, closed: Close) -> None:
    day, sums = closed(name, profile), sums_of(name)

    said = day.said

    assert {tender: _minor(str(amount)) for tender, amount in said["tenders"].items()} == sums.tenders  # type: ignore[attr-defined]
    assert tuple(warning["what"] for warning in said["warnings"]) == CASES[name].warns  # type: ignore[attr-defined]
    rounded = [(each["till"], each["receipt"], each["amount"]) for each in said["rounded"]["listed"]]  # type: ignore[index]
    assert tuple(rounded) == CASES[name].rounded
    assert [warning for warning in CASES[name].warns if warning not in day.sheet] == []


@pytest.mark.parametrize("name", dict(POSTED))
def test_the_sums_of_a_case_add_up(name: str) -> None:
    sums = sums_of(name)

    on_return = [figures for code, figures in sums.taxed.items()]

    assert sum(minor for account, minor in sums.books.items() if account.isdigit()) == 0
    assert sums.boxes == {1: sum(tax for _, tax in on_return), 4: 0, 6: sum(net for net, _ in on_return), 7: 0}


def test_every_case_has_its_files_and_sums_and_every_folder_is_a_case() -> None:
    there = {
        folder.name: {file.name for file in folder.iterdir()}
        for folder in HERE.iterdir()
        if folder.is_dir() and folder.name != "__pycache__"
    }

    wanted = {
        name: {
            "sums.md",
            *(part.name for part in day.parts),
            *(f"{profile}.held.txt" if profile in day.held else f"{profile}.csv" for profile in PROFILES),
        }
        for name, day in CASES.items()
    }

    assert there == wanted
