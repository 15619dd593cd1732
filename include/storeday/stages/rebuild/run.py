"""Make a lost ledger again and prove it. Source: docs/runbooks/ledger-lost.md.

From landing the tills' bytes, from the journal what they were called and what persons decided, from the outbox what was
delivered; the checks and the posting of every store-day run again. Run again after it was broken off it begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from storeday.config.environment import Environment
from storeday.config.mapping_changes import blocks_of
from storeday.config.places import Places
from storeday.config.settings import Settings
from storeday.ledger.engine import is_current
from storeday.ledger.likeness import Likeness, likeness
from storeday.ledger.restoring import LedgerInUse, RebuiltLedger
from storeday.ledger.schema import StagedRow
from storeday.model.storage import join, names_in
from storeday.stages.journal import kept_of_company
from storeday.stages.rebuild.batches import FoundBatch, found_batches, restore_batches
from storeday.stages.rebuild.days import Again, Kept, events_of, kept_days_of, restore_days
from storeday.stages.rebuild.files import restore_files
from storeday.stages.rebuild.in_sage import InSage, held_against, read_export
from storeday.stages.rebuild.lost import LostBatch, lost_batches, make_again
from storeday.stages.workplace import Workplace

REBUILT = "ledger.rebuilt.sqlite"
"""The new ledger beside a lost one of SQLite."""


@dataclass(frozen=True)
class Rebuilt:
    """What was made again, and how it was proven."""

    url: str
    files: int
    batches: int
    days: Again
    notes: tuple[str, ...]  # what is not as it was, or could not be made again
    tables: tuple[Likeness, ...]  # against the lost ledger; none where it is not there
    in_sage: InSage | None
    lost: tuple[LostBatch, ...] = ()  # handed over, and not known to the new ledger
    made_again: tuple[str, ...] = ()  # batches whose folder was gone, and is there again

    @property
    def is_unsafe(self) -> bool:
        """Whether something is in Sage that the ledger does not know: it would be delivered twice."""
        return bool(self.lost)

    @property
    def is_proven(self) -> bool:
        """Whether nothing is to be looked at."""
        equal = all(table.is_equal for table in self.tables)
        return equal and not self.notes and not self.lost and not (self.in_sage and self.in_sage.missing)


def place_beside(where: Environment) -> str:
    """Where the new ledger goes unless somebody says otherwise. Raises: LedgerInUse where that must be said."""
    url = make_url(where.ledger_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise LedgerInUse("say which database the new ledger goes into, beside the lost one: --into URL")
    return f"sqlite:///{Path(url.database).with_name(REBUILT)}"


def rebuild(where: Environment, into: str, export: bytes | None, say: Callable[[str], None]) -> Rebuilt:
    """A new ledger at ``into``; ``export`` is Sage's Transaction CSV (Extended), ``say`` gets a line a step.

    Raises: LedgerInUse where a ledger with something in it is there; BatchUnreadable where a delivered batch does not
    say what was in it; ExportUnreadable; SettingsError.
    """
    if make_url(into) == make_url(where.ledger_url) and _is_there(where.ledger_url):
        raise LedgerInUse(f"{_shown(into)} is the ledger that is in use: make the new one beside it, --into another")
    said = read_export(export) if export is not None else None
    with closing(RebuiltLedger.begun(into)) as ledger:
        work = Workplace(where.settings(), ledger, Places(where.home), where.expectations, "rebuild", False)
        files, notes = restore_files(work, ledger)
        say(f"{files:,} files read again from landing")
        found, kept = _handed_over_and_said(work, ledger)
        notes += [note for batch in found for note in batch.notes]
        say(f"{len(found):,} batches from outbox and staging")
        work = replace(work, settings=_as_accepted(work))
        lost = lost_batches(work, found, kept, said)
        again = restore_days(work, ledger, found, kept, frozenset((each.company, each.trading_day) for each in lost))
        say(f"{again.days:,} store-days checked and posted again")
        made = make_again(work, ledger, lost, found)
        found = found_batches(work) if made else found
        ledger.forget_events()
        ledger.restore_events(events_of(kept))
        ledger.done()
        return Rebuilt(
            url=_shown(into),
            files=files,
            batches=len(found),
            days=again,
            notes=(*notes, *again.notes),
            tables=_against_the_lost(where.ledger_url, ledger),
            in_sage=held_against(found, said) if said is not None else None,
            lost=tuple(each for each in lost if each.id not in made),
            made_again=tuple(sorted(made)),
        )


def _handed_over_and_said(work: Workplace, ledger: RebuiltLedger) -> tuple[list[FoundBatch], Kept]:
    """Put back what was handed over, and what persons said; both as they were found."""
    found = found_batches(work)
    restore_batches(ledger, found)
    in_journal = names_in(join(work.places.home, "journal", "store_days"))
    kept = kept_days_of(work, sorted({*(store.code for store in work.settings.stores()), *in_journal}))
    for said in kept.values():
        ledger.restore_said({"decisions": said["decisions"]})
    for company in work.settings.companies:
        for of_company in kept_of_company(work.places, company.company.code):
            ledger.restore_said(of_company)
    return found, kept


def _as_accepted(work: Workplace) -> Settings:
    """The settings with the mappings that were accepted last, whatever was written into their files since."""
    companies = []
    for company in work.settings.companies:
        accepted = work.ledger.accepted_mapping(company.company.code)
        changed = {"mappings": blocks_of(accepted.blocks)} if accepted else {}
        companies.append(company.model_copy(update=changed))
    return work.settings.model_copy(update={"companies": tuple(companies)})


def _against_the_lost(url: str, ledger: RebuiltLedger) -> tuple[Likeness, ...]:
    """The tables of the ledger that was lost beside the new ones, where it can be read after all."""
    if not _is_there(url) or not is_current(url):
        return ()
    engine = create_engine(url)
    try:
        return tuple(likeness(engine, ledger.engine))
    finally:
        engine.dispose()


def _is_there(url: str) -> bool:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not (parsed.database and Path(parsed.database).exists()):
        return False
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return engine.dialect.has_table(connection, StagedRow.__tablename__)
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
