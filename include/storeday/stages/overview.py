"""What stands where: every store-day of the settings and the ledger, and whether the settings hold together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from storeday.checks.suites import read_suites
from storeday.config.environment import Environment
from storeday.config.running import RUNNING_FILE
from storeday.config.settings import Settings
from storeday.feeds.registry import FEEDS
from storeday.model.errors import SettingsError
from storeday.model.store_day import Snippet, State, Warned
from storeday.stages.decisions import HeldDay
from storeday.stages.records import unfit_records
from storeday.stages.workplace import Workplace, feed_and_rules


@dataclass(frozen=True)
class StoreDayLine:
    """One store-day in the overview."""

    company: str
    store: str
    name: str
    trading_day: date
    state: State
    receipts: int
    gross_minor: int
    reason: str  # the first hold's headline; empty where nothing holds
    snippets: tuple[Snippet, ...] = ()  # what to paste into the settings to free it


def overview(work: Workplace, first: date, last: date, stores: list[str] | None = None) -> list[StoreDayLine]:
    """Every store-day of a range in order of day and store, those that are expected and nothing came for included.

    A day on which a store does not trade is left out, unless it sent something all the same.
    """
    facts = {(fact.store, fact.trading_day): fact for fact in work.ledger.store_days(first, last)}
    lines = []
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for company in work.settings.companies:
            for store in company.stores:
                if (stores is not None and store.code not in stores) or day < company.company.first_day:
                    continue
                fact = facts.get((store.code, day))
                if fact is None and not store.opening.is_open(day):
                    continue
                holds = work.ledger.holds(store.code, day) if fact and fact.state.waits_for_a_person else []
                holds = [hold for hold in holds if not isinstance(hold, Warned)]
                lines.append(
                    StoreDayLine(
                        company=company.company.code,
                        store=store.code,
                        name=store.name,
                        trading_day=day,
                        state=fact.state if fact else State.EXPECTED,
                        receipts=fact.receipts if fact else 0,
                        gross_minor=fact.gross_minor if fact else 0,
                        reason="; ".join(hold.headline() for hold in holds),
                        snippets=tuple(snippet for hold in holds for snippet in hold.snippets),
                    )
                )
    return lines


def waiting_days(
    work: Workplace, first: date | None = None, last: date | None = None, stores: list[str] | None = None
) -> list[HeldDay]:
    """Every store-day of a range that waits for a person, in order of day and store."""
    return [
        HeldDay.of(work, fact.store, fact.trading_day)
        for fact in work.ledger.store_days(first, last)
        if fact.state.waits_for_a_person and (stores is None or fact.store in stores)
    ]


def stores_of(work: Workplace, day: date) -> list[str]:
    """The codes of the stores that a trading day is to be closed for: those that trade, or sent something anyway."""
    sent = {fact.store for fact in work.ledger.store_days(day, day)}
    expected = {store.code for store in work.settings.stores_expected(day)}
    return [store.code for store in work.settings.stores() if store.code in sent | expected]


def check_config(where: Environment) -> Settings:
    """The settings, once they hold together with feeds and suites.

    Raises: SettingsError listing all that is wrong.
    """
    problems: list[str] = []
    settings: Settings | None = None
    for read in (where.settings, lambda: read_suites(where.expectations)):
        try:
            found = read()
            settings = found if isinstance(found, Settings) else settings
        except SettingsError as error:
            problems += error.problems
    if settings:
        problems += [f"{RUNNING_FILE}: {what}" for what in settings.running.faults(len(settings.stores()))]
    for company in settings.companies if settings else ():
        problems += [f"{company.company.code}: as written for Sage, {what}" for what in unfit_records(company)]
        for store in company.stores:
            if store.feed not in FEEDS:
                file = f"{company.company.code}/stores/{store.code}.yaml"
                problems.append(f"{file}: feed: no feed {store.feed!r}; there are {', '.join(sorted(FEEDS))}")
                continue
            try:
                feed_and_rules(store)
            except SettingsError as error:
                problems += [f"{company.company.code}/{problem}" for problem in error.problems]
    if problems or settings is None:
        raise SettingsError(problems)
    return settings
