"""Parallel run: what was keyed by hand of a store, beside what its days want in Sage. Source: docs/cutover.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from storeday.config.settings import CompanySettings, Store
from storeday.ledger.facts import StoreDayFact
from storeday.model.errors import SettingsError
from storeday.model.storage import join, names_in, read_bytes, write_whole
from storeday.model.store_day import State
from storeday.reconcile.golive.keyed import beside, figures, figures_of, read_keyed
from storeday.reconcile.golive.parallel_report import Compared, parallel_report
from storeday.reconcile.golive.report import Report
from storeday.sage50.sandbox.masters import Controls
from storeday.stages.workplace import Workplace

KIND: Final = "parallel"
_KNOWN: Final = {State.READY, State.STAGED, State.DELIVERED, State.CONFIRMED}


@dataclass(frozen=True)
class Parallel:
    """A report, and where its page lies."""

    report: Report
    page: str


def run_parallel(work: Workplace, store_code: str, first: date, last: date) -> Parallel:
    """Hold a store's days to the figures that were keyed by hand, and write the report.

    Raises: LookupError for an unknown store; SettingsError where the company declares no folder of keyed figures;
    KeyedFiguresWrong where a file in it can't be read.
    """
    company, store = work.settings.company_of(store_code)
    report = parallel_report(_compared(work, company, store, first, last))
    name = f"{store.code}_{first.isoformat()}_{last.isoformat()}"
    page = work.places.report(KIND, company.company.code, name)
    write_whole(f"{page}.json", report.json())
    write_whole(f"{page}.html", report.page())
    return Parallel(report, f"{page}.html")


def keyed_words(work: Workplace, store_code: str, day: date) -> tuple[str, ...]:
    """How one store-day stands beside what was keyed of it, in sentences; none where nothing was. Nothing is written.

    Raises: as run_parallel.
    """
    company, store = work.settings.company_of(store_code)
    seen = _compared(work, company, store, day, day)
    report = parallel_report(seen)
    return (report.bad or report.good) if len(seen.both) or seen.not_known else ()


def _compared(work: Workplace, company: CompanySettings, store: Store, first: date, last: date) -> Compared:
    keyed = _keyed(company.company.keyed_figures, company.company.code)
    mine = (keyed["store"] == store.code) & keyed["day"].between(first.isoformat(), last.isoformat())
    keyed = keyed[mine]
    facts = {
        fact.trading_day.isoformat(): fact for fact in work.ledger.store_days(first, last) if fact.store == store.code
    }
    known = {day for day, fact in facts.items() if fact.state in _KNOWN}
    controls = Controls(sales_tax=company.company.accounts.sales_tax)
    days = sorted(known & set(keyed["day"]))
    ours = [
        figures_of(store.code, day, work.ledger.wanted(store.code, date.fromisoformat(day)), controls) for day in days
    ]
    return Compared(
        store=store.code,
        name=store.name,
        first=first,
        last=last,
        cutover=store.cutover,
        both=beside(keyed[keyed["day"].isin(days)], pd.concat([figures([]), *ours], ignore_index=True)),
        not_keyed=tuple(sorted(known - set(keyed["day"]))),
        not_known=tuple((day, _state(facts.get(day))) for day in sorted(set(keyed["day"]) - known)),
    )


def _keyed(folder: str | None, company: str) -> pd.DataFrame:
    """Every figure in the folder's CSV files."""
    if not folder:
        raise SettingsError(
            [f"{company}/company.yaml: keyed_figures: is missing; say in which folder the CSV files lie"]
        )
    names = [name for name in names_in(folder) if name.casefold().endswith(".csv")]
    return read_keyed({name: read_bytes(join(folder, name)) for name in names})


def _state(fact: StoreDayFact | None) -> str:
    return fact.state.value if fact else State.EXPECTED.value
