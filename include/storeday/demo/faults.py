"""Six faults in a Sage: the demo's week imported into a sandbox of its own, and what people do to a Sage done to it.

A row deleted, an amount edited, a batch imported twice, a journal by hand on a nominal of ours, a stock line changed, a
day's takings not imported. What is planted is kept, so that what is found can be held to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from storeday.config.settings import CompanySettings
from storeday.ledger.facts import BatchKind
from storeday.model.differences import Difference, DifferenceKind
from storeday.model.errors import StoredayError
from storeday.model.storage import read_bytes
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.batch_files import Kind, files_of, import_file, name_of, rules_of
from storeday.sage50.sandbox.company import Sandbox, remove_sandbox, sandbox_of
from storeday.stages.workplace import Workplace

LEAST_DAYS = 2
BY_HAND_MINOR, STOCK_HUNDREDTHS, EDITED_MINOR = 25_00, 3_00, 1_00


@dataclass(frozen=True)
class Fault:
    """One fault as it must be found: its kind, the store or None, the day, and how far off Sage is."""

    kind: DifferenceKind
    store: str | None
    trading_day: date
    off_minor: int


MASTERS = {Kind.CUSTOMERS, Kind.PRODUCTS}
BOOKINGS = {Kind.TRANSACTIONS, Kind.STOCK}


@dataclass(frozen=True)
class Delivery:
    """A delivered batch in the outbox, for the import."""

    trading_day: date
    folder: str
    is_stock: bool
    sales_minor: int
    stores: tuple[str, ...]


def deliveries_of(work: Workplace, company: str) -> list[Delivery]:
    """Every delivered batch, takings before stock, in the order of days."""
    days = work.ledger.delivered_days(company)
    batches = [batch for id_ in dict.fromkeys(day.batch for day in days) if (batch := work.ledger.batch(id_))]
    found = [
        Delivery(
            trading_day=batch.trading_day,
            folder=work.places.delivered(company, batch.trading_day, batch.id),
            is_stock=batch.kind is BatchKind.STOCK,
            sales_minor=batch.gross_minor,
            stores=tuple(store for store, _, _ in batch.store_days),
        )
        for batch in batches
    ]
    return sorted(found, key=lambda each: (each.is_stock, each.trading_day))


def sage_with_faults(
    company: CompanySettings, place: Path, deliveries: Sequence[Delivery]
) -> tuple[Sandbox, list[Fault]]:
    """A sandbox made anew with all deliveries but one, and six faults.

    Raises: StoredayError where Sage refuses a row, or there are too few days for faults that don't meet.
    """
    takings = [each for each in deliveries if not each.is_stock]
    days = sorted({each.trading_day for each in takings})
    if len(days) < LEAST_DAYS:
        raise StoredayError(f"six faults want {LEAST_DAYS} delivered days or more, and there are {len(days)}")
    remove_sandbox(str(place))
    sage = sandbox_of(company, str(place))
    left_out, others = days[-1], days[:-1]
    # Days are staged side by side: the batch that brings a customer may be of a later day than one that needs it.
    for each in deliveries:
        _import(sage, company, each, MASTERS)
    for each in deliveries:
        if each.is_stock or each.trading_day != left_out:
            _import(sage, company, each, BOOKINGS)
    of_day = {day: next(each for each in takings if each.trading_day == day) for day in days}
    picked = [others[n % len(others)] for n in range(4)]
    faults = [
        _delete(sage, of_day[picked[0]]),
        _edit(sage, of_day[picked[1]]),
        _import_again(sage, company, of_day[picked[2]]),
        _post(sage, company, picked[3]),
        _change_stock(sage, [each for each in deliveries if each.is_stock][-1]),
        _left_out(of_day[left_out]),
    ]
    return sage, faults


def not_as_planted(planted: Sequence[Fault], found: Sequence[Difference]) -> list[str]:
    """In which what was found is not what was planted, in words; empty is the proof."""
    wanted = Counter(planted)
    got = Counter(Fault(d.kind, d.store, d.trading_day or date.min, d.off_minor) for d in found)
    missed = [f"planted and not found: {fault}" for fault in (wanted - got).elements()]
    return missed + [f"found and not planted: {fault}" for fault in (got - wanted).elements()]


def _import(sage: Sandbox, company: CompanySettings, each: Delivery, kinds: Container[Kind]) -> None:
    for kind, file in files_of(each.folder):
        if kind not in kinds:
            continue
        refused = import_file(sage, kind, read_bytes(file), rules_of(company.company)).refused
        if refused:
            raise StoredayError(f"{file}: the sandbox refuses {refused[0]}")


def _largest_sale(sage: Sandbox, each: Delivery, store: str) -> by_hand.Found:
    """The largest receipt of a store-day's takings."""
    sales = by_hand.transactions(sage, f"{store}-{each.trading_day:%y%m%d}")
    return max((found for found in sales if found.row.type == "BR"), key=lambda found: found.row.gross_minor)


def _delete(sage: Sandbox, each: Delivery) -> Fault:
    store = each.stores[0]
    found = _largest_sale(sage, each, store)
    by_hand.delete_transaction(sage, found.number)
    return Fault(DifferenceKind.DELETED, store, each.trading_day, -found.row.gross_minor)


def _edit(sage: Sandbox, each: Delivery) -> Fault:
    store = each.stores[-1]
    found = _largest_sale(sage, each, store)
    by_hand.edit_transaction(sage, found.number, net_minor=found.row.net_minor + EDITED_MINOR)
    return Fault(DifferenceKind.CHANGED, store, each.trading_day, EDITED_MINOR)


def _import_again(sage: Sandbox, company: CompanySettings, each: Delivery) -> Fault:
    _import(sage, company, each, {Kind.TRANSACTIONS})
    store = each.stores[0] if len(each.stores) == 1 else None
    return Fault(DifferenceKind.IMPORTED_TWICE, store, each.trading_day, each.sales_minor)


def _post(sage: Sandbox, company: CompanySettings, day: date) -> Fault:
    till = company.company.accounts.till_control
    sales = next(iter(target for target in company.mapping_on(day).categories.values() if target.isdigit()))
    by_hand.post_journal(sage, day, [(till, BY_HAND_MINOR), (sales, -BY_HAND_MINOR)], "ADJ", "Till adjusted by hand")
    return Fault(DifferenceKind.BY_HAND, None, day, BY_HAND_MINOR)


def _change_stock(sage: Sandbox, each: Delivery) -> Fault:
    """A line that no other of its batch is like, so that it can be told whose it is."""
    lines = by_hand.stock_transactions(sage, name_of(each.folder)[:8])
    alike = Counter((line.type, line.code, line.hundredths) for line in lines)
    alone = [line for line in lines if alike[line.type, line.code, line.hundredths] == 1]
    if not alone:
        raise StoredayError(f"stock batch {name_of(each.folder)}: no line of it can be told from the others")
    line = alone[0]
    by_hand.change_stock(sage, line.number, line.hundredths + STOCK_HUNDREDTHS)
    store = next(store for store in each.stores if f" {store} " in line.details)
    return Fault(DifferenceKind.STOCK, store, each.trading_day, STOCK_HUNDREDTHS)


def _left_out(each: Delivery) -> Fault:
    store = each.stores[0] if len(each.stores) == 1 else None
    return Fault(DifferenceKind.NOT_IMPORTED, store, each.trading_day, -each.sales_minor)
