"""Whether a chain's installation handed over what truth.json says, once: outbox, sandbox, references, receipts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sage_books import booked, books_by_truth
from storeday.config.environment import Environment
from storeday.demo.compare import differences
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
        new = {key: list(_new_receipts(work, *key)) for key in truth}
        wrong = [
            *differences(work.settings, outbox, truth_file),
            *_not_delivered(work, truth),
            *_in_sage(work, outbox, truth),
            *_not_once(new, truth),
        ]
    revisions = [counts for days in new.values() for counts in days[1:]]
    batches = _in_order(outbox)
    references = Counter(day["reference"] for _, manifest in batches for day in manifest["store_days"])
    wrong += [f"reference {reference} is in {n} batches" for reference, n in references.items() if n > 1]
    counts = {
        "batches": len(batches),
        "corrections": len(revisions),
        "late_receipts": sum(sum(counts.values()) for counts in revisions),
        "receipts": sum(said["receipts"] for said in truth.values()),
    }
    return counts, wrong


def _in_order(outbox: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The outbox's batches with their manifests, in the order in which they appeared."""
    found = sorted(outbox.glob(f"*/*/*/{MANIFEST}"), key=lambda path: (path.parent.stat().st_mtime_ns, str(path)))
    return [(path.parent, json.loads(path.read_text())) for path in found]


def _not_delivered(work: Workplace, truth: Truth) -> Iterator[str]:
    for store, day in truth:
        fact = work.ledger.store_day(store, day)
        if fact is None or fact.state is not State.DELIVERED:
            holds = [hold for hold in work.ledger.holds(store, day) if not isinstance(hold, Warned)]
            yield "\n".join([f"{store} {day}: {fact.state if fact else 'nothing came'}", *held_text(store, day, holds)])


def _in_sage(work: Workplace, outbox: Path, truth: Truth) -> Iterator[str]:
    """What a sandbox company that imported every batch has booked otherwise than truth.json says."""
    (settings,) = work.settings.companies
    sandbox, rules = Sandbox.in_memory(masters_from(settings)), rules_of(settings.company)
    for folder, manifest in _in_order(outbox):
        for name in transaction_files(manifest):
            came = import_file(sandbox, Kind.TRANSACTIONS, (folder / name).read_bytes(), rules)
            yield from (f"{folder.name} {name}: {refusal}" for refusal in came.refused)
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


def _new_receipts(work: Workplace, store: str, day: date) -> Iterator[Counter[tuple[str, str]]]:
    """By batch of a store-day, first revision first: the receipts that the one before did not hold as they are."""
    known: set[int] = set()
    for each in work.ledger.batch_days(store, day):
        if each.batch_state == "delivered":
            log = read_receipt_log(work.places, store, day, each.receipt_log)
            receipts = zip(*(log.column(c).cast("string").to_pylist() for c in ("till", "receipt")), strict=True)
            sums = log.column("checksum").to_pylist()
            yield Counter(receipt for receipt, checksum in zip(receipts, sums, strict=True) if checksum not in known)
            known = set(sums)


def _not_once(new: dict[tuple[str, date], list[Counter[tuple[str, str]]]], truth: Truth) -> Iterator[str]:
    """Receipts that are new in more than one batch, or in none."""
    for (store, day), batches in new.items():
        times = sum(batches, Counter())
        for (till, receipt), n in times.items():
            if n > 1:
                yield f"{store} {day}: receipt {till}/{receipt} is new in {n} batches"
        if len(times) != truth[store, day]["receipts"]:
            yield f"{store} {day}: {len(times)} receipts are in batches and {truth[store, day]['receipts']} were rung"
