"""Before a batch is written: its files imported into a copy of the stand-in Sage, and what came of it.

The proofs of the rows and the stand-in share no rule, so that a mistake in one is seen by the other.
Source: docs/sandbox.md, "The rehearsal".
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from storeday.config.settings import CompanySettings
from storeday.model.money import money
from storeday.model.postings import Role
from storeday.model.records import RecordKey, RecordKind
from storeday.model.storage import MANIFEST
from storeday.model.store_day import Example, Hold
from storeday.sage50.batch import Batch
from storeday.sage50.proof import ProofFailed, ProvenDay
from storeday.sage50.sandbox.masters import CompanyMasters
from storeday.sage50.sandbox.rehearsal import Rehearsal, rehearse
from storeday.sage50.transaction_files import transaction_files
from storeday.sage50.uk_record_layouts import CUSTOMERS


def not_taken(
    company: CompanySettings, batch: Batch, sandbox: str, handed_over: frozenset[RecordKey]
) -> dict[str, Hold]:
    """Why store-days of a batch must wait, by store: rows that are refused or, with none, rows booked otherwise.

    ``sandbox`` is where the company's stand-in may lie, ``handed_over`` what earlier batches brought to Sage.
    Raises: ProofFailed where what is refused is no store-day's.
    """
    names = transaction_files(json.loads(batch.files[MANIFEST]))
    rehearsal = rehearse(
        [batch.files[name] for name in names],
        company,
        sandbox,
        customers=batch.files.get(CUSTOMERS.file, b""),
        brought=[key.code for key in handed_over if key.kind is RecordKind.CUSTOMER],
        used=_used(batch),
    )
    if not rehearsal.refused:
        booked = {day.staged.store.code: list(_booked_otherwise(day, rehearsal)) for day in batch.days}
        return {store: _otherwise(said) for store, said in booked.items() if said}
    refused = {day.staged.store.code: _refused(day, rehearsal) for day in batch.days}
    holds = {store: hold for store, hold in refused.items() if hold}
    if not holds:
        raise ProofFailed(f"the stand-in Sage refuses the batch: {rehearsal.refused[0]}")
    return holds


def _used(batch: Batch) -> CompanyMasters:
    """What earlier deliveries of its store-days posted to: it is in Sage, whatever the settings name now."""
    keys = [key for day in batch.days for key in day.staged.delivered]
    rates = {code: max(found) for day in batch.days for code, found in day.staged.known_rates_bp.items()}
    return CompanyMasters(
        nominals={key.nominal: "Posted to before" for key in keys},
        banks=frozenset(key.nominal for key in keys if key.role is Role.DEPOSIT),
        customers={key.account: "Posted to before" for key in keys if key.account},
        departments={key.department: "Posted to before" for key in keys},
        rates_bp={key.tax_code: rates[key.tax_code] for key in keys},
    )


def _refused(day: ProvenDay, rehearsal: Rehearsal) -> Hold | None:
    references = _references(day)
    reasons = rehearsal.refusals(references)
    if not reasons:
        return None
    return Hold(
        check="the stand-in Sage refuses its rows",
        found=sum(refusal.reference in references for refusal in rehearsal.refused),
        of=len(day.rows),
        unit="rows",
        out_by_minor=None,
        examples=tuple(Example(reason) for reason in reasons[:10]),
        what_now="Make what is missing in Sage and in the sandbox, or correct the settings, then run the day again.",
    )


def _otherwise(said: list[str]) -> Hold:
    return Hold(
        check="the stand-in Sage books its rows otherwise than they prove",
        found=len(said),
        of=len(said),
        unit="figures",
        out_by_minor=None,
        examples=tuple(map(Example, said)),
        what_now="Look at the facts under sage: in company.yaml and at the profile; nothing was staged for it.",
    )


def _booked_otherwise(day: ProvenDay, rehearsal: Rehearsal) -> Iterator[str]:
    references = _references(day)
    control, customer = day.staged.company.accounts.till_control, day.staged.takings_customer
    if left := rehearsal.nominal(control, references):
        yield f"the till control account {control} would end at {money(left)}"
    if owed := rehearsal.customer(customer, references):
        yield f"the takings customer {customer} would end at {money(owed)}"
    for number, proven in day.boxes.items():
        if (moved := rehearsal.box(number, references)) != proven:
            yield f"box {number} would move by {money(moved)}; its rows prove {money(proven)}"


def _references(day: ProvenDay) -> set[str]:
    return {row.reference for row in day.rows}
