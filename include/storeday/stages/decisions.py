"""What a person decides about a held store-day: what may be decided, and writing it down.

A release lets a check's finding through, never money that does not add up: the proofs of the posting lines and of
the rows for Sage stand whatever is released. The next run of the day checks it anew with the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storeday.ledger.facts import FileFact
from storeday.model.decisions import Decided, Decision, Gap, Kind
from storeday.model.errors import StoredayError
from storeday.model.money import money
from storeday.model.store_day import Ends, Hold, State, Warned
from storeday.stages.journal import keeping
from storeday.stages.workplace import Workplace

KINDS = {Ends.GAP: Kind.ACCEPT_GAP, Ends.VERSION: Kind.ACCEPT_VERSION, Ends.RELEASE: Kind.RELEASE}


class NotDecided(StoredayError):
    """What was asked for can't be decided by a person, or is not clear. Nothing was written down."""


@dataclass(frozen=True)
class HeldDay:
    """A store-day that waits for a person: why, between which files, and what was decided so far."""

    store: str
    trading_day: date
    state: State
    holds: tuple[Hold, ...]
    files: dict[str, FileFact]  # by digest
    decisions: tuple[Decided, ...]

    @staticmethod
    def of(work: Workplace, store: str, day: date) -> HeldDay:
        """Raises: LookupError for an unknown store; NotDecided where nothing of the day is known."""
        work.settings.store(store)
        fact = work.ledger.store_day(store, day)
        if fact is None:
            raise NotDecided(f"{store} {day.isoformat()}: nothing is known of this store-day")
        holds = work.ledger.holds(store, day) if fact.state.waits_for_a_person else []
        return HeldDay(
            store=store,
            trading_day=day,
            state=fact.state,
            holds=tuple(hold for hold in holds if not isinstance(hold, Warned)),
            files={file.sha256: file for file in work.ledger.files_of(store, day)},
            decisions=tuple(work.ledger.decisions(store, day)),
        )

    def may(self, hold: Hold) -> str:
        """What a person may do about a hold, in words."""
        match hold.ends_by:
            case Ends.GAP:
                gaps = [Gap.read(gap).words for gap in hold.about]
                more = f" and {len(gaps) - 5:,} more gaps" if len(gaps) > 5 else ""
                return f"accept that {', '.join(gaps[:5])}{more} will not come"
            case Ends.VERSION:
                return f"accept one side: {' or '.join(self.side(file) for file in hold.about)}"
            case Ends.RELEASE:
                return "release it as it is"
        return f"nothing: it can't be let through. {hold.what_now}"

    def side(self, digest: str) -> str:
        """One of the files that contradict each other, in words."""
        file = self.files.get(digest)
        if file is None:
            return digest[:8]
        day = file.days[0]
        return f"{file.name} ({digest[:8]}: {day.receipts:,} receipts, {money(day.gross_minor)})"

    def file_named(self, said: str, among: tuple[str, ...]) -> str:
        """The digest of the file that a name or the beginning of a digest means. Raises: NotDecided."""
        meant = [d for d in among if (d in self.files and self.files[d].name == said)]
        meant = meant or [d for d in among if len(said) >= 6 and d.startswith(said.lower())]
        if len(meant) == 1:
            return meant[0]
        word = "means more than one file" if meant else "is none of the files"
        raise NotDecided(f"{said!r} {word}; there are {' and '.join(self.side(file) for file in among)}")


def release(
    work: Workplace, store: str, day: date, *, why: str, by: str, check: str = "", accept: str = ""
) -> list[Decision]:
    """Write down that a person lets through what holds a store-day, or one ``check`` of it.

    ``accept`` is the file that counts where files contradict each other: its name or the beginning of its digest.
    A store-day that was rolled back is released from that. Raises: LookupError for an unknown store; NotDecided,
    with nothing written down, where a part of it can't be let through or is not clear.
    """
    with keeping(work, store, day):
        return _release(work, store, day, signed(why, 300), signed(by), check, accept)


def _release(work: Workplace, store: str, day: date, why: str, by: str, check: str, accept: str) -> list[Decision]:
    held = HeldDay.of(work, store, day)
    if held.state is State.ROLLED_BACK:
        taken_back = [made for made in held.decisions if made.is_in_force and made.kind is Kind.ROLLBACK]
        for rollback in taken_back:
            work.ledger.withdraw(rollback, why, by)
        return list(taken_back)
    if not held.holds:
        raise NotDecided(f"{store} {day.isoformat()} is {held.state} and not held: there is nothing to release")
    chosen = _chosen(held, check, accept)
    if undecided := [hold for hold in chosen if not _is_clear(hold, accept)]:
        raise NotDecided("\n".join(_refusal(held, undecided)))
    made = [_decision(held, hold, accept, why, by) for hold in chosen]
    work.ledger.decide(store, day, made)
    return made


def withdraw(work: Workplace, store: str, day: date, number: int, *, why: str, by: str) -> Decided:
    """Let a decision count no longer. Raises: NotDecided where it is none of the store-day's, or not in force."""
    held = HeldDay.of(work, store, day)
    for made in held.decisions:
        if made.number == number and made.is_in_force:
            with keeping(work, store, day):
                work.ledger.withdraw(made, signed(why, 300), signed(by))
            return made
    numbers = ", ".join(str(made.number) for made in held.decisions if made.is_in_force) or "none"
    raise NotDecided(f"{store} {day.isoformat()}: decision {number} is not in force; in force: {numbers}")


def signed(text: str, size: int = 120) -> str:
    """A reason or a name on one line. Raises: NotDecided where it says nothing."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not line:
        raise NotDecided("a decision needs a reason and a name: say why and by whom")
    return line[:size]


def _chosen(held: HeldDay, check: str, accept: str) -> list[Hold]:
    if check:
        named = [hold for hold in held.holds if hold.check == check]
        named = named or [hold for hold in held.holds if check.casefold() in hold.check.casefold()]
        if len(named) != 1:
            word = "means more than one check" if named else "is no check that holds the day"
            checks = "; ".join(hold.check for hold in held.holds)
            raise NotDecided(f"{check!r} {word}. It is held by: {checks}")
        return named
    if accept:
        return [hold for hold in held.holds if hold.ends_by is Ends.VERSION] or list(held.holds)
    return list(held.holds)


def _is_clear(hold: Hold, accept: str) -> bool:
    return hold.ends_by in {Ends.GAP, Ends.RELEASE} if not accept else hold.ends_by is Ends.VERSION


def _refusal(held: HeldDay, undecided: list[Hold]) -> list[str]:
    """Which of the checks stand in the way, and what may be done about each of the day's."""
    names = "; ".join(hold.check for hold in undecided)
    lines = [f"{held.store} {held.trading_day.isoformat()}: nothing was released, because of: {names}"]
    lines += [f"  {hold.check}: {held.may(hold)}" for hold in held.holds]
    return [*lines, "Say --check for one of them, and --accept where files contradict each other."]


def _decision(held: HeldDay, hold: Hold, accept: str, why: str, by: str) -> Decision:
    about = hold.about
    if hold.ends_by is Ends.VERSION:
        counts = held.file_named(accept, hold.about)
        about = (counts, *(file for file in hold.about if file != counts))
    return Decision(KINDS[hold.ends_by], hold.check, about, why, by)
