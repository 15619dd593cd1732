"""Store-days that are in no batch: held while it was made, or waiting for something, with the reason for the sheet."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Any

from storeday.config.settings import CompanySettings
from storeday.ledger.facts import StoreDayFact
from storeday.model.money import plain
from storeday.model.store_day import Example, Hold, State, Warned, held_text
from storeday.sage50.proof import ProofFailed
from storeday.stages.workplace import Workplace

log = logging.getLogger(__name__)


def unproven(error: ProofFailed) -> Hold:
    """Why a store-day waits whose rows prove not to be right."""
    return Hold(
        check="its rows for Sage do not prove",
        found=1,
        of=1,
        unit="store-days",
        out_by_minor=None,
        examples=(Example(str(error)),),
        what_now="Look at the store-day's figures; nothing was staged for it.",
    )


def hold_back(work: Workplace, fact: StoreDayFact, hold: Hold) -> None:
    """Hold a store-day by itself, so that the others go on."""
    before = work.ledger.holds(fact.store, fact.trading_day)
    is_rolled_back = fact.state is State.ROLLED_BACK  # it stays so, and says that its reversal can't be staged
    kept = [old for old in before if isinstance(old, Warned) or (is_rolled_back and old.check != hold.check)]
    held = replace(fact, state=State.ROLLED_BACK if is_rolled_back else State.HELD)
    work.ledger.record_verdict(held, [hold, *kept], {}, hold.headline(), work.by)
    log.error("%s", "\n".join(held_text(fact.store, fact.trading_day, [hold])))


def left_out(work: Workplace, company: CompanySettings, day: date, done: set[str]) -> list[dict[str, Any]]:
    """The company's stores that are not in the batch, with the reason, for manifest and sheet."""
    facts = {fact.store: fact for fact in work.ledger.store_days(day, day)}
    found = []
    for store in company.stores:
        fact = facts.get(store.code)
        if store.code in done or (fact and fact.state.is_staged):
            continue
        holds = [hold for hold in work.ledger.holds(store.code, day) if not isinstance(hold, Warned)]
        found.append(
            {
                "store": store.code,
                "name": store.name,
                "state": fact.state.value if fact else State.EXPECTED.value,
                "receipts": fact.receipts if fact else 0,
                "gross": plain(fact.gross_minor) if fact else None,
                "reasons": [_reason(hold) for hold in holds] if fact and fact.state.waits_for_a_person else [],
            }
        )
    return found


def _reason(hold: Hold) -> dict[str, Any]:
    first = [str(example) for example in hold.examples]
    return {"why": hold.headline(), "first": first, "what_now": hold.what_now, "ends_by": str(hold.ends_by)}
