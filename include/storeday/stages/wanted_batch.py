"""What a company's trading day still wants in Sage, as one batch that the stand-in Sage takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from storeday.config.settings import CompanySettings
from storeday.ledger.facts import BatchKind, StoreDayFact
from storeday.model.postings import difference
from storeday.model.store_day import State
from storeday.sage50.batch import Batch, build_batch, hold_to_rules
from storeday.sage50.proof import ProofFailed, ProvenDay, prove_day
from storeday.sage50.sheet import sheet_of
from storeday.sage50.staged_day import StagedDay
from storeday.stages.drafts import (
    hold_to_outbox,
)
from storeday.stages.left_out import hold_back, left_out, unproven
from storeday.stages.locks import posting_day
from storeday.stages.records import records_for
from storeday.stages.rehearsal import not_taken
from storeday.stages.workplace import Workplace


@dataclass(frozen=True)
class Wanted:
    """What a company's trading day wants: a batch (None without any rows), and the stores that are in none."""

    batch: Batch | None
    nothing_new: list[str]  # delivered as they are wanted
    parallel: list[str]  # before their cutover


def batch_of(work: Workplace, company: CompanySettings, day: date) -> Wanted:
    """What is wanted and not delivered, as one batch, but for the stores in parallel run."""
    proven: list[ProvenDay] = []
    nothing_new: list[str] = []
    parallel: list[str] = []
    hold_to_outbox(work, company.company.code, day)
    known = work.ledger.store_days(day, day)
    facts = {fact.store: fact for fact in known if fact.company == company.company.code}
    elsewhere = _delivered_elsewhere(work, company, day)
    for fact in facts.values():
        is_done = fact.state in {State.DELIVERED, State.CONFIRMED} and fact.store not in elsewhere
        if is_done or not (fact.state.is_staged or fact.state in {State.READY, State.ROLLED_BACK}):
            continue
        staged = _still_wanted(work, company, fact)
        if not staged.lines:
            nothing_new += [fact.store] if fact.state not in {State.ROLLED_BACK, State.CONFIRMED} else []
            continue
        try:
            day_proven = prove_day(staged)
            hold_to_rules(company, day_proven, {fact.store: fact.summary})
            if company.in_parallel(fact.store, day) and not staged.delivered:
                parallel.append(fact.store)
            else:
                proven.append(day_proven)
        except ProofFailed as error:
            hold_back(work, fact, unproven(error))
    batch = _rehearsed(work, company, day, proven, {*nothing_new, *parallel}, facts)
    return Wanted(batch, nothing_new, parallel)


def _delivered_elsewhere(work: Workplace, company: CompanySettings, day: date) -> set[str]:
    """The stores of which something was delivered in another environment: in this one it may still be wanted."""
    here = {company.company.environment, ""}
    batches = work.ledger.batches(company.company.code, day)
    return {store for each in batches if each.environment not in here for store, _, _ in each.store_days}


def _rehearsed(
    work: Workplace,
    company: CompanySettings,
    day: date,
    proven: list[ProvenDay],
    done: set[str],
    facts: dict[str, StoreDayFact],
) -> Batch | None:
    """The batch of the store-days that the stand-in Sage takes, None without any; each of the others is held."""
    summaries = {store: {**fact.summary, "receipt_log": fact.receipt_log} for store, fact in facts.items()}
    handed_over = work.ledger.handed_over(company.company.code, company.company.environment)
    while proven:
        waiting = left_out(work, company, day, {p.staged.store.code for p in proven} | done)
        records = records_for(company, day, proven, summaries, handed_over)
        batch = build_batch(company, day, proven, summaries, sheet_of, waiting, records)
        holds = not_taken(company, batch, work.places.sandbox(company.company.code), handed_over)
        if not holds:
            return batch
        for store, hold in holds.items():
            hold_back(
                work, replace(facts[store], basis=""), hold
            )  # the sandbox is no part of it: the next run looks again
        proven = [p for p in proven if p.staged.store.code not in holds]
    return None


def _still_wanted(work: Workplace, company: CompanySettings, fact: StoreDayFact) -> StagedDay:
    wanted = work.ledger.wanted(fact.store, fact.trading_day)
    environment = company.company.environment
    delivered = work.ledger.delivered(fact.store, fact.trading_day, environment)
    return StagedDay(
        company=company.company,
        store=work.settings.store(fact.store),
        mapping=company.mapping_on(fact.trading_day),
        trading_day=fact.trading_day,
        posted_on=posting_day(company.company, fact.trading_day),
        revision=work.ledger.next_revision(fact.store, fact.trading_day, BatchKind.TAKINGS, environment),
        lines=difference(wanted, delivered),
        rates_bp=company.rates_around(fact.trading_day),
        delivered=delivered,
    )
