"""The log of a company's mappings: a changed file is found, judged, and recorded, or refused until a person accepts it.

What alters the past: a code that led somewhere on a trading day that is ready, staged or in Sage leads elsewhere, or
nowhere, on that day; of a SKU also that it is new. Everything else is recorded by itself. Source: docs/mappings.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from storeday.config.mapping_changes import Blocks, CodeChange, blocks_of, canonical, changes_between, digest_of
from storeday.config.settings import CompanySettings
from storeday.model.errors import StoredayError
from storeday.model.mapping_log import FIRST_WHY, MappingVersion
from storeday.model.store_day import Example, Hold
from storeday.stages.decisions import signed
from storeday.stages.journal import keep_company
from storeday.stages.mapping_preview import preview
from storeday.stages.workplace import Workplace

LOOKED_AT: Final = 200
"""How many store-days a run that records a change by itself looks at, so that no check takes minutes."""


class MappingRefused(StoredayError):
    """A changed mapping that alters days that are posted, which nobody asked for. Nothing was recorded."""


@dataclass(frozen=True)
class Pending:
    """A company's mapping file that says something else than what was accepted last."""

    company: CompanySettings
    accepted: MappingVersion | None  # None: nothing was used so far
    changes: tuple[CodeChange, ...]
    posted: tuple[date, date] | None  # the first and last trading day that is ready, staged or in Sage

    @staticmethod
    def of(work: Workplace, company: CompanySettings) -> Pending | None:
        """What of the file is not accepted yet; None where it says what was accepted."""
        accepted = work.ledger.accepted_mapping(company.company.code)
        if accepted is None:
            return Pending(company, None, (), None)
        if accepted.digest == digest_of(company.mappings):
            return None
        changes = changes_between(blocks_of(accepted.blocks), company.mappings)
        return Pending(company, accepted, tuple(changes), work.ledger.posted_days(company.company.code))

    @property
    def before(self) -> Blocks:
        """The blocks that were accepted."""
        return blocks_of(self.accepted.blocks) if self.accepted else self.company.mappings

    @property
    def altering(self) -> list[CodeChange]:
        """The changes that alter the past."""
        return [change for change in self.changes if self.posted and change.moves_rows_of(*self.posted)]

    @property
    def why(self) -> str:
        """What the file itself gives as the reason."""
        begin = {change.first for change in self.changes}
        said = [block.why for block in self.company.mappings if block.why and block.valid_from in begin]
        return signed("; ".join(said) or "it moves nothing that is posted", 300)

    def refusal(self) -> list[str]:
        """In lines: what is refused, and what to do. Empty where nothing is."""
        if not self.altering or not self.posted:
            return []
        code = self.company.company.code
        return [
            f"{code}/mappings.yaml: changes days that are posted, up to {self.posted[1].isoformat()}",
            *(f"  {change.words}" for change in self.altering),
            f"  {_what_now(self)}",
        ]


def mapping_hold(work: Workplace, company: CompanySettings, day: date) -> Hold | None:
    """What keeps a trading day from being checked under the mapping as it is now; None where nothing does.

    A change that alters no posted day is recorded here and now, under the run's name, and so is the first mapping.
    """
    pending = Pending.of(work, company)
    if pending is None:
        return None
    if not pending.altering:
        _record(work, pending, FIRST_WHY if pending.accepted is None else pending.why, work.by, LOOKED_AT)
        return None
    if not any(change.touches(day, day) for change in pending.changes):
        return None  # the day is posted as it was under the mapping that was accepted
    return Hold(
        check="the mapping was changed for days that are posted, and nobody accepted that",
        found=1,
        of=1,
        unit="store-days",
        out_by_minor=None,
        examples=tuple(Example(change.words) for change in pending.altering[:10]),
        what_now=_what_now(pending),
        about=(digest_of(company.mappings),),
    )


def accept(work: Workplace, company_code: str, *, why: str, by: str, past: bool = False) -> MappingVersion | None:
    """Accept a company's mapping as its file is now; None where that is what was accepted already.

    It moves nothing by itself: past days move when they are restaged or run again. Raises: MappingRefused where it
    alters posted days and ``past`` does not ask for that; LookupError for an unknown company; NotDecided without a
    reason or a name.
    """
    why, by = signed(why, 300), signed(by)
    pending = Pending.of(work, work.settings.company(company_code))
    if pending is None:
        return None
    if pending.altering and not past:
        raise MappingRefused("\n".join(pending.refusal()))
    return _record(work, pending, why, by, None)


def accept_to_restage(work: Workplace, companies: Iterable[str], first: date, last: date) -> list[MappingVersion]:
    """Accept what alters posted days of companies whose past days somebody asked to move."""
    why, found = f"store-days of {first.isoformat()} to {last.isoformat()} were restaged", []
    for code in sorted(set(companies)):
        pending = Pending.of(work, work.settings.company(code))
        if pending and pending.altering and (version := accept(work, code, why=why, by=work.by, past=True)):
            found.append(version)
    return found


def _record(work: Workplace, pending: Pending, why: str, by: str, most: int | None) -> MappingVersion | None:
    """Write the pending mapping down as the company's newest version; None where somebody else just did."""
    company, accepted = pending.company, pending.accepted
    code, digest = company.company.code, digest_of(company.mappings)
    with work.ledger.exclusively(f"the mapping of {code}"):
        newest = work.ledger.accepted_mapping(code)
        if newest and newest.digest == digest:
            return None
        would = preview(work, company, pending.before, company.mappings, most=most) if accepted else None
        version = MappingVersion(
            company=code,
            number=accepted.number + 1 if accepted else 1,
            digest=digest,
            blocks=canonical(company.mappings),
            by=by,
            why=why,
            words=tuple(change.words for change in pending.changes),
            alters_past=bool(pending.altering),
            effect=would.effect if would else None,
        )
        recorded = work.ledger.record_mapping(version)
        keep_company(work, code)
        return recorded


def _what_now(pending: Pending) -> str:
    last = f"{pending.posted[1]:%d %b %Y}" if pending.posted else "the last day that is posted"
    return (
        f"In mappings.yaml take it back, or give it a block that begins after {last}. If posted days are meant: "
        f'storeday mapping accept --company {pending.company.company.code} --past --why "..." --by "...", then '
        "storeday restage."
    )
