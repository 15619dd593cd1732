"""Approval: what a person is asked about a draft, and writing the answer down.

By digest alone: an answer is about the manifest that was shown, which holds the digests of all other files. What is
delivered is what was approved, or nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from storeday.config.settings import CompanySettings
from storeday.ledger.facts import BatchFact
from storeday.ledger.ledger import AnswerOutdated, NotSignedOff
from storeday.model.answers import Answer
from storeday.model.money import money
from storeday.model.storage import MANIFEST, exists, join, read_bytes
from storeday.sage50.question import question_of
from storeday.stages.asking import wanted_sign_off, why_asked
from storeday.stages.decisions import signed
from storeday.stages.journal import keep_company_day, keep_store_days
from storeday.stages.workplace import Workplace


@dataclass(frozen=True)
class Question:
    """A draft that a person is asked about."""

    batch: BatchFact
    why: str
    answered: Answer | None  # the answer that counts so far

    @property
    def is_approved(self) -> bool:
        """Whether it may be delivered."""
        return self.answered is not None and self.answered.is_approval

    @property
    def subject(self) -> str:
        """The question on one line, with the money."""
        count = len(self.batch.store_days)
        return (
            f"{self.batch.company} {self.batch.trading_day.isoformat()}: approve batch {self.batch.id}, "
            f"{count} store{'' if count == 1 else 's'}, sales {money(self.batch.gross_minor)}?"
        )

    def facts(self) -> dict[str, object]:
        """For programs."""
        return {
            "company": self.batch.company,
            "trading_day": self.batch.trading_day.isoformat(),
            "batch": self.batch.id,
            "digest": self.batch.digest,
            "why": self.why,
            "answer": self.answered.words if self.answered else None,
            "is_approved": self.is_approved,
        }

    def __str__(self) -> str:
        """What it waits for, and what to do: for logs and the command line."""
        day = self.batch.trading_day.isoformat()
        named = f"{self.batch.company} {day}: batch {self.batch.id}, sales {money(self.batch.gross_minor)}"
        if self.is_approved:
            return f"{named}, is approved: {self.answered.words if self.answered else ''}"
        if self.answered:
            return f"{named}, is a draft: {self.answered.words}. Put right what is wrong and run the day again"
        return (
            f"{named}, waits for approval, because {self.why}. Answer in Airflow (Required Actions), or: "
            f"storeday approve --batch {self.batch.id} --by NAME --why REASON"
        )


def question(work: Workplace, company_code: str, day: date) -> Question | None:
    """What a person is asked about a company's trading day; None where nothing is staged, or nobody is asked.

    Raises: LookupError for an unknown company.
    """
    work.settings.company(company_code)
    for batch in work.ledger.batches(company_code, day):
        if batch.state == "draft" and (why := why_asked(work, batch)):
            return Question(batch, why, work.ledger.newest_answer(batch.digest))
    return None


def question_text(work: Workplace, asked: Question) -> str:
    """The sheet's totals and proof, as Markdown. Raises: AnswerOutdated where the draft's files are another's."""
    return question_of(_manifest(work, asked.batch), asked.batch.digest, asked.why)


def answer(work: Workplace, batch_id: str, digest: str, *, is_approval: bool, why: str, by: str) -> Answer:
    """Write down what a person said about the batch of a digest; said twice it counts once.

    A rejection needs a reason. Raises: NotDecided without a reason or a name; AnswerOutdated where there is no draft
    of that id and digest any more: what is there now is to be read.
    """
    batch = work.ledger.batch(batch_id)
    if batch is None:
        raise AnswerOutdated(f"there is no batch {batch_id!r} any more: a newer draft took its place; read that one")
    if batch.state == "draft" and batch.digest == digest:
        _manifest(work, batch)
    reason = signed(why, 300) if why.strip() or not is_approval else ""
    said = Answer(batch.company, batch.trading_day, batch.id, digest, is_approval, reason, signed(by))
    counts = work.ledger.answer(said)
    keep_company_day(work, batch.company, batch.trading_day)
    keep_store_days(work, [(store, day) for store, day, _ in batch.store_days])
    return counts


def not_delivered(work: Workplace, day: date) -> list[str]:
    """The drafts of a trading day that companies which deliver automatically still have: why, and what to do."""
    found = []
    for company in work.settings.companies:
        code = company.company.code
        drafts = [batch for batch in work.ledger.batches(code, day) if batch.state == "draft"]
        if company.company.delivery == "automatic" and drafts:
            found.append(_why_not(work, company, drafts[0], question(work, code, day)))
    return found


def _why_not(work: Workplace, company: CompanySettings, draft: BatchFact, asked: Question | None) -> str:
    """Why a draft of a company that delivers automatically is still one."""
    if asked is not None and not asked.is_approved:
        return str(asked)
    if wanted := wanted_sign_off(company):
        try:
            work.ledger.hold_to_sign_off(draft.company, wanted)
        except NotSignedOff as unsigned:
            return str(unsigned)
    return f"{draft.company}: batch {draft.id} is not delivered; run the day again"


def _manifest(work: Workplace, batch: BatchFact) -> dict[str, Any]:
    path = join(work.places.draft(batch.company, batch.trading_day, batch.id), MANIFEST)
    content = read_bytes(path) if exists(path) else b""
    if hashlib.sha256(content).hexdigest() != batch.digest:
        raise AnswerOutdated(f"draft {batch.id}: its files are not those that were staged; stage the day again")
    said: dict[str, Any] = json.loads(content)
    return said
