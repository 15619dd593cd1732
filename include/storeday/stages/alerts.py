"""Alerts: what there is to tell of a day, in which words, and what of it a channel was not told yet.

Nothing here sends: dags/ does, over Airflow's connections. No text carries a receipt, a customer or any value of a
check's examples: a message leaves the house, and who reads it is anybody's guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from storeday.config.alerts import Channel
from storeday.config.settings import CompanySettings
from storeday.model.alerts import HEADLINES, Alert, Cause
from storeday.model.differences import QUANTITIES, Difference
from storeday.model.money import money
from storeday.model.store_day import State
from storeday.stages.approval import question
from storeday.stages.first_days import first_days_words
from storeday.stages.journal import keep_company_day
from storeday.stages.missing import about_to_vanish
from storeday.stages.overview import StoreDayLine, overview
from storeday.stages.workplace import Workplace

if TYPE_CHECKING:
    from storeday.stages.reconcile import Reconciled

LISTED = 40
"""How many lines a message has; the others are counted."""

Link = Callable[[Alert], str]
"""The address of the page that shows what an alert is about; empty where there is none."""


@dataclass(frozen=True)
class Message:
    """What one channel is told of one cause, company and trading day; ``alerts`` are what it then knows."""

    channel: Channel
    title: str
    text: str
    alerts: tuple[Alert, ...]


def alerts_of_day(work: Workplace, day: date) -> list[Alert]:
    """What there is to tell once a trading day was closed: held, missing, waiting for approval, about to vanish."""
    lines = overview(work, day, day)
    told = [alert for line in lines for alert in _of_store_day(line)]
    for found in about_to_vanish(work, day):
        company = work.settings.company_of(found.store)[0].company.code
        reason = f"{found.state}; " + (
            f"its server keeps the files until {found.kept_until:%d %b %Y}" if found.kept_until else ""
        )
        told.append(Alert(Cause.VANISHING, company, found.trading_day, found.store, reason))
    for company in (each.company.code for each in work.settings.companies):
        asked = question(work, company, day)
        if asked and not asked.is_approved:
            many = _counted(len(asked.batch.store_days), "store")
            sales = money(asked.batch.gross_minor)
            reason = f"batch {asked.batch.id}, {many}, sales {sales}, waits because {asked.why}"
            told.append(Alert(Cause.APPROVAL, company, day, "", reason, about=asked.batch.digest))
    return told


def late(work: Workplace, day: date) -> list[Alert]:
    """The store-days that are not delivered although their company delivers automatically."""
    automatic = {c.company.code for c in work.settings.companies if c.company.delivery == "automatic"}
    return [
        Alert(Cause.LATE, line.company, day, line.store, _standing(line))
        for line in overview(work, day, day)
        if line.company in automatic and line.state not in {State.DELIVERED, State.CONFIRMED, State.ROLLED_BACK}
        if not work.settings.company(line.company).in_parallel(line.store, day)
    ]


def digests(work: Workplace, day: date) -> list[Alert]:
    """How each company's trading day stands, a line a store."""
    lines = overview(work, day, day)
    told = []
    for company in (each.company.code for each in work.settings.companies):
        own = [line for line in lines if line.company == company]
        if not own:
            continue
        staged = sum(line.state.is_staged for line in own)
        gross = money(sum(line.gross_minor for line in own if line.state.is_staged))
        said = [f"{staged} of {len(own)} store-days staged, takings {gross}"]
        said += [f"{line.store} {line.name}: {_standing(line)}" for line in own[:LISTED]]
        said += [f"and {len(own) - LISTED} more"] if len(own) > LISTED else []
        said += first_days_words(work, work.settings.company(company), day)[:LISTED]
        told.append(Alert(Cause.DIGEST, company, day, "", "\n".join(said)))
    return told


def stuck_files(work: Workplace, store: str, names: Iterable[str], day: date) -> list[Alert]:
    """Files that a store's source has without their marker, for longer than the store's grace; told once a day."""
    company = work.settings.company_of(store)[0].company.code
    reason = "without its marker for too long, so it is not taken"
    return [Alert(Cause.STUCK_FILE, company, day, store, f"{_named(name)} is {reason}", about=name) for name in names]


def stock_counts(work: Workplace, counts: Iterable[tuple[str, date]]) -> list[Alert]:
    """The store-days with counts too far from the book; each count is named by its store and day."""
    found: dict[tuple[str, date], int] = {}
    for store, day in counts:
        found[store, day] = found.get((store, day), 0) + 1
    return [
        Alert(
            Cause.STOCK,
            work.settings.company_of(store)[0].company.code,
            day,
            store,
            f"{_counted(many, 'count')} further from the book than the threshold",
        )
        for (store, day), many in sorted(found.items())
    ]


def unmatched(found: Reconciled) -> list[Alert]:
    """What differs between Sage and what was handed over; each difference is told once, while it stays as it is."""
    told = []
    for each in (open_one.difference for open_one in found.open):
        day = each.trading_day or found.last
        told.append(Alert(Cause.UNMATCHED, each.company, day, each.store or "", _kind_and_money(each), each.digest))
    return told


def off_in_the_bank(company: str, found: Iterable[Difference]) -> list[Alert]:
    """What is off between the takings and a statement; each finding is told once, without the line's own text."""
    return [
        Alert(
            Cause.BANK,
            company,
            each.trading_day,
            each.store or "",
            f"{each.kind} ({each.reference}): expected {money(each.ours_minor)}, in the bank {money(each.sage_minor)}",
            each.digest,
        )
        for each in found
        if each.trading_day
    ]


def failed(work: Workplace, task: str, of: str, error: str, day: date) -> list[Alert]:
    """A task that ended red; ``of`` is the store or company that it is mapped over, if it is over one.

    What is of no single company is told to all of them.
    """
    reason = f"task {task} failed ({error}); its log says why"
    stores = {store.code: each.company.code for each in work.settings.companies for store in each.stores}
    if of in stores:
        return [Alert(Cause.FAILED, stores[of], day, of, reason, about=task)]
    codes = [each.company.code for each in work.settings.companies]
    told = [of] if of in codes else codes
    return [Alert(Cause.FAILED, code, day, "", reason, about=task) for code in told]


def messages(work: Workplace, company: CompanySettings, alerts: Iterable[Alert], link: Link) -> list[Message]:
    """What each channel of a company is still to be told: one message a cause and trading day."""
    own = [alert for alert in alerts if alert.company == company.company.code]
    found = []
    for channel in company.company.alerts:
        wanted = [alert for alert in own if alert.cause in channel.causes]
        new = sorted(work.ledger.not_told(channel.name, wanted), key=lambda a: (a.cause, a.trading_day, a.store))
        for (cause, day), group in groupby(new, key=lambda alert: (alert.cause, alert.trading_day)):
            found.append(_message(company, channel, cause, day, tuple(group), link))
    return found


def record_told(work: Workplace, message: Message) -> None:
    """Write down that a channel was told."""
    work.ledger.record_told(message.channel.name, message.alerts)
    for company, day in sorted({(alert.company, alert.trading_day) for alert in message.alerts}):
        keep_company_day(work, company, day)


def _message(
    company: CompanySettings, channel: Channel, cause: Cause, day: date, alerts: tuple[Alert, ...], link: Link
) -> Message:
    stores = {alert.store for alert in alerts if alert.store}
    counted = f": {_counted(len(stores), 'store')}" if stores else ""
    title = f"{company.company.name} {day:%a %d %b %Y} {HEADLINES[cause]}{counted}"
    names = {store.code: store.name for store in company.stores}
    lines = []
    for alert in alerts[:LISTED]:
        named = f"{alert.store} {names.get(alert.store, '')}: " if alert.store else ""
        lines.append(f"{named}{alert.reason}")
        lines += [f"  {page}"] if (page := link(alert)) else []
    lines += [f"and {len(alerts) - LISTED} more"] if len(alerts) > LISTED else []
    return Message(channel, title, "\n".join(lines), alerts)


def _of_store_day(line: StoreDayLine) -> list[Alert]:
    """Held, or missing; a store-day that a person took back is nobody's news."""
    cause = {State.HELD: Cause.HELD, State.EXPECTED: Cause.MISSING, State.RECEIVED: Cause.MISSING}.get(line.state)
    return [Alert(cause, line.company, line.trading_day, line.store, _standing(line))] if cause else []


def _standing(line: StoreDayLine) -> str:
    """State, reason and money of a store-day."""
    if line.state is State.EXPECTED:
        return "no file came"
    reason = f": {line.reason}" if line.reason and line.state is State.HELD else ""
    return f"{line.state}{reason}; {_counted(line.receipts, 'receipt')}, takings {money(line.gross_minor)}"


def _kind_and_money(found: Difference) -> str:
    """A difference without the row that it is about."""
    if found.kind in QUANTITIES or found.stock_code:
        return f"{found.kind}: {found.batch}"
    batch = f" (batch {found.batch})" if found.batch else ""
    return f"{found.kind}{batch}: handed over {money(found.ours_minor)}, in Sage {money(found.sage_minor)}"


def _counted(many: int, what: str) -> str:
    return f"{many:,} {what}{'' if many == 1 else 's'}"


def _named(file: str) -> str:
    """A remote name on one line, shortened: it is whatever a server says."""
    line = "".join(c if c.isprintable() else "?" for c in file)
    return line if len(line) <= 80 else f"{line[:77]}..."
