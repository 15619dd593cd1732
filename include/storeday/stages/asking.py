"""Whether a person is asked before a batch is delivered. Sources: docs/approval.md; docs/cutover.md, "Acceptance"."""

from __future__ import annotations

import json
from datetime import timedelta

from storeday.config.settings import CompanySettings
from storeday.ledger.facts import BatchFact, BatchKind
from storeday.stages.workplace import Workplace

ASKED_AFTER_CUTOVER = timedelta(days=30)
"""How long from its cutover a store's takings are approved by a person, whatever the company says."""


def why_asked(work: Workplace, batch: BatchFact) -> str:
    """Why a person is asked to approve a batch of takings; empty where nobody is.

    Whoever delivers by hand has looked already, so a cutover asks only where the company delivers automatically.
    """
    if batch.kind is not BatchKind.TAKINGS:
        return ""
    settings = work.settings.company(batch.company)
    if settings.company.approval == "required":
        return f"{settings.company.name} wants every batch approved"
    if settings.company.delivery != "automatic":
        return ""
    cutovers = {store.code: store.cutover for store in settings.stores}
    new = [
        f"{store} is in its first {ASKED_AFTER_CUTOVER.days} days since {cutover:%d %b %Y}"
        for store, day, _ in batch.store_days
        if (cutover := cutovers.get(store)) and cutover <= day < cutover + ASKED_AFTER_CUTOVER
    ]
    return "; ".join(new)


def covered_by_sign_off(company: CompanySettings) -> str:
    """The settings of a company that a sign-off holds for, as JSON: how its rows are written, and what its Sage does.

    Mappings and stores are none of them: they change every week, and each change is looked at by itself.
    """
    said = company.company.model_dump(mode="json", include={"edition", "profile", "currency", "accounts", "sage"})
    return json.dumps(said, sort_keys=True)


def wanted_sign_off(company: CompanySettings) -> str:
    """What must be signed off before a batch of the company is delivered; empty while it is a sandbox."""
    return covered_by_sign_off(company) if company.company.environment == "production" else ""
