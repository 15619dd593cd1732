"""Whether a chain's installation handed over what truth.json says, once: outbox, sandbox, references, receipts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sage_books import Books, booked, books_by_truth
from storeday.config.environment import Environment
from storeday.demo.compare import differences
from storeday.model import decisions
from storeday.model.storage import MANIFEST
from storeday.model.store_day import State, Warned, held_text
from storeday.sage50.sandbox.batch_files import Kind, import_file, rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.masters import masters_from
from storeday.sage50.transaction_files import transaction_files
from storeday.stages.receipt_log import read_receipt_log
from storeday.stages.workplace import Workplace

Truth = dict[tuple[str, date], dict[str, Any]]


def mismatches(where: Environment, truth_file: Path) -> tuple[dict[str, int], list[str]]:
    """The counts of what was handed over, and everything in which it is not what truth.json says, in words."""
    stores = json.loads(truth_file.read_text())["stores"]
    truth = {(store, date.fromisoformat(day)): said for store, days in stores.items() for day, said in days.items()}
    outbox = Path(where.home) / "outbox"
    with Workplace.open("proof", where) as work:
        went = {key: list(_went(work, *key)) for key in truth}
        rollbacks = {key: _rollbacks(work, *key) for key in truth}
        wrong = [
            *differences(work.settings, outbox, truth_file),
            *_not_delivered(work, truth),
            *_in_sage(work, outbox, truth, {each.batch: key for key in went for each in went[key] if each.is_reversal}),
            *_not_once(went, truth, rollbacks),
        ]
    batches = _in_order(outbox)
    references = Counter(day["reference"] for _, manifest in batches for day in manifest["store_days"])
    wrong += [f"reference {reference} is in {n} batches" for reference, n in references.items() if n > 1]
    return _counts(went, len(batches), sum(rollbacks.values()), truth), wrong


@dataclass(frozen=True)
class Went:
    """What one batch did to the receipts of a store-day in Sage, by till and number, told by the receipt logs."""

    batch: str
    came: Counter[tuple[str, str]]  # receipts that were not in Sage as they are
    gone: Counter[tuple[str, str]]  # receipts that were, and are not any more
    is_reversal: bool  # nothing of the store-day is in Sage after it


def _counts(went: dict[tuple[str, date], list[Went]], batches: int, rollbacks: int, truth: Truth) -> dict[str, int]:
    later = [each for batches in went.values() for each in batches[1:] if not each.is_reversal]
    again_whole = sum(first.is_reversal for batches in went.values() for first in batches[:-1])
    again = sum(sum(each.gone.values()) for batches in went.values() for each in batches)
    return {
        "batches": batches,
        "rollbacks": rollbacks,
        "reversals": sum(each.is_reversal for batches in went.values() for each in batches),
        "corrections": len(later) - again_whole,
        "late_receipts": sum(sum(each.came.values()) for each in later) - again,
        "receipts": sum(said["receipts"] for said in truth.values()),
    }


def _in_order(outbox: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The outbox's batches with their manifests, in the order in which they appeared."""
    found = sorted(outbox.glob(f"*/*/[!.]*/{MANIFEST}"), key=lambda path: (path.parent.stat().st_mtime_ns, str(path)))
    return [(path.parent, json.loads(path.read_text())) for path in found]


def _not_delivered(work: Workplace, truth: Truth) -> Iterator[str]:
    for store, day in truth:
        fact = work.ledger.store_day(store, day)
        if fact is None or fact.state is not State.DELIVERED:
            holds = [hold for hold in work.ledger.holds(store, day) if not isinstance(hold, Warned)]
            yield "\n".join([f"{store} {day}: {fact.state if fact else 'nothing came'}", *held_text(store, day, holds)])


def _in_sage(work: Workplace, outbox: Path, truth: Truth, reversals: dict[str, tuple[str, date]]) -> Iterator[str]:
    """What a sandbox company that imported every batch has booked otherwise than truth.json says.

    And what is left of a store-day in it right after its reversal.
    """
    (settings,) = work.settings.companies
    sandbox, rules = Sandbox.in_memory(masters_from(settings)), rules_of(settings.company)
    for folder, manifest in _in_order(outbox):
        for name in transaction_files(manifest):
            came = import_file(sandbox, Kind.TRANSACTIONS, (folder / name).read_bytes(), rules)
            yield from (f"{folder.name} {name}: {refusal}" for refusal in came.refused)
        if (key := reversals.get(manifest["batch"])) and (left := booked(sandbox)[0][key]) != Books({}, {}):
            yield f"{key[0]} {key[1]}: after the reversal {folder.name} there is {left} in the sandbox"
    books, by_nominal = booked(sandbox)
    wanted: Counter[str] = Counter()
    for key, said in truth.items():
        right = books_by_truth(said)
        wanted.update(right.nominals)
        if key not in books or (off := right.pennies_off(books[key])):
            yield f"{key[0]} {key[1]}: in the sandbox {off if key in books else 'all'} pennies off"
    yield from (f"in the sandbox and not in the sample: {key}" for key in books.keys() - truth.keys())
    if by_nominal != {nominal: minor for nominal, minor in wanted.items() if minor}:
        yield f"the sandbox's nominals are {by_nominal} and should be {dict(wanted)}"


def _went(work: Workplace, store: str, day: date) -> Iterator[Went]:
    """What each batch of a store-day did, first revision first."""
    before: dict[int, tuple[str, str]] = {}
    for each in work.ledger.batch_days(store, day):
        if each.batch_state == "delivered":
            log = read_receipt_log(work.places, store, day, each.receipt_log)
            receipts = zip(*(log.column(c).cast("string").to_pylist() for c in ("till", "receipt")), strict=True)
            now = dict(zip(log.column("checksum").to_pylist(), receipts, strict=True))
            came, gone = (Counter(a[s] for s in a.keys() - b.keys()) for a, b in ((now, before), (before, now)))
            yield Went(each.batch, came, gone, is_reversal=not now)
            before = now


def _rollbacks(work: Workplace, store: str, day: date) -> int:
    """How often persons took a store-day back."""
    return sum(decided.kind is decisions.Kind.ROLLBACK for decided in work.ledger.decisions(store, day))


def _not_once(
    went: dict[tuple[str, date], list[Went]], truth: Truth, rollbacks: dict[tuple[str, date], int]
) -> Iterator[str]:
    """Receipts that are in Sage more than once, or never; and those that left it though nobody took their day back.

    A receipt comes once. Where a person rolled its store-day back it leaves Sage, with all others of that day and by a
    batch of its own, and comes once more; no other batch takes any out, and there are no more reversals than rollbacks.
    """
    for (store, day), batches in went.items():
        came, gone = (sum((getattr(each, what) for each in batches), Counter()) for what in ("came", "gone"))
        for till, receipt in came:
            if (n := came[till, receipt] - gone[till, receipt]) != 1:
                yield f"{store} {day}: receipt {till}/{receipt} is in Sage {n} times"
        for each in batches:
            if each.gone and not each.is_reversal:
                yield f"{store} {day}: {sum(each.gone.values())} receipts leave by {each.batch}, no reversal"
        if (reversals := sum(each.is_reversal for each in batches)) > rollbacks[store, day]:
            yield f"{store} {day}: {reversals} reversals, and it was taken back {rollbacks[store, day]} times"
        if len(came) != truth[store, day]["receipts"]:
            yield f"{store} {day}: {len(came)} receipts are in batches and {truth[store, day]['receipts']} were rung"
