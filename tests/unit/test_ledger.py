"""The ledger: what is written down is found again, once, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import storeday.ledger
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from servers import ServerMissing, new_database, or_skip, postgres_server, skip_or_fail
from servers import postgres as postgres_at
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from storeday.demo.processes import free_ports
from storeday.ledger.engine import HEAD, open_engine
from storeday.ledger.facts import BatchFact, Fate, FileDay, FileFact, StoreDayFact, TillDay
from storeday.ledger.ledger import DraftOutdated, Ledger, MappingOutdated, NotInForce, RolledBack
from storeday.ledger.schema import Base, BatchRow, FileDayRow, FileRow, StagedRow, StoreDayRow, WantedRow
from storeday.model.decisions import Decision, Kind
from storeday.model.mapping_log import Effect, MappingVersion, Moved
from storeday.model.postings import Amount, Lines, PostingKey, Role
from storeday.model.store_day import Ends, Example, Hold, State, Warned

COMPANY, STORE, DAY = "northern-larder", "S01", date(2026, 11, 22)
BEFORE, AFTER = date(2026, 11, 21), date(2026, 11, 23)
MIGRATIONS = Path(storeday.ledger.__file__).parent / "migrations"
SALES = PostingKey(Role.SALES, "4000", 1, "T1", "", "")
CARDS = PostingKey(Role.DEPOSIT, "1250", 1, "T9", "", "")
OVER = PostingKey(Role.OVER_SHORT, "8206", 1, "T9", "", "CASH")
OWED = PostingKey(Role.ACCOUNT, "1235", 1, "T9", "CAFE001", "")
LINES: Lines = {CARDS: Amount(12_00, 0), SALES: Amount(10_00, 2_00)}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with or_skip(), postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that nobody has opened yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture(scope="module")
def migrated_postgres(postgres: str) -> str:
    open_engine(postgres).dispose()
    return postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A ledger's database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite'}"
        return
    yield (migrated := request.getfixturevalue("migrated_postgres"))
    engine = open_engine(migrated)
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()


def digest(name: str) -> str:
    return name.ljust(64, "0")


def file(name: str = "S01_20261122T0900.csv", bytes_: str = "a", **facts: object) -> FileFact:
    held = FileDay(DAY, receipts=3, gross_minor=12_00, tables=("receipts", "lines"))
    fact = FileFact(STORE, name, digest(bytes_), 512, Fate.ACCEPTED, stamp="512:1", day_hint=DAY, days=(held,))
    return replace(fact, **facts)  # type: ignore[arg-type]


def rejected(name: str = "S01_20261122T0900.csv", bytes_: str = "b", day_hint: date | None = DAY) -> FileFact:
    return file(name, bytes_, fate=Fate.REJECTED, why="its SHA-256 is another", days=(), day_hint=day_hint)


def till_file(name: str, day: date, *tills: TillDay) -> FileFact:
    return file(name, name, days=(FileDay(day, 1, 1_00, ("receipts",), tills),), day_hint=day)


def till(name: str, last_receipt: str | None, last_z: str | None, hour: int, day: date = BEFORE) -> TillDay:
    return TillDay(name, last_receipt, last_receipt, last_z, datetime(day.year, day.month, day.day, hour))


def store_day(state: State = State.READY, store: str = STORE, day: date = DAY) -> StoreDayFact:
    summary: dict[str, object] = {"gross": "12.00", "tax_codes": {"T1": {"net": "10.00", "tax": "2.00"}}}
    return StoreDayFact(store, day, COMPANY, state, digest("basis"), 3, 12_00, 2_00, summary)


def ready(ledger: Ledger, lines: Lines, store: str = STORE) -> None:
    ledger.record_verdict(store_day(store=store), [], lines, "takings 12.00", "run 1")


def batch(batch_id: str = "aaaa", revision: int = 1, stores: tuple[str, ...] = (STORE,)) -> BatchFact:
    days = tuple((store, DAY, revision) for store in stores)
    return BatchFact(batch_id, COMPANY, DAY, "draft", digest(batch_id), rows=3, gross_minor=12_00, store_days=days)


def draft(ledger: Ledger, fact: BatchFact, lines: Lines) -> None:
    ledger.replace_draft(COMPANY, DAY, fact, {store: lines for store, _, _ in fact.store_days}, [], "run 1")


def delivered(ledger: Ledger, fact: BatchFact, lines: Lines) -> None:
    draft(ledger, fact, lines)
    ledger.mark_delivered(fact, "run 1")


def count(ledger: Ledger, table: type[Base]) -> int:
    with Session(ledger.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def moves(ledger: Ledger, store: str = STORE) -> list[tuple[str, str]]:
    return [(was, now) for _, was, now, _, _ in ledger.events(store, DAY)]


# Migrations


def test_the_migrations_make_the_tables_of_the_models(new_url: str) -> None:
    engine = open_engine(new_url)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, Base.metadata)

    engine.dispose()
    assert differences == []


def test_the_newest_migration_is_the_one_the_ledger_asks_for() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))

    heads = scripts.get_heads()

    assert heads == [HEAD]


def test_a_new_ledger_may_be_opened_by_several_at_once(new_url: str) -> None:
    at_once(*[lambda: Ledger(new_url).close()] * 4)

    ledger = Ledger(new_url)

    assert ledger.store_days() == []
    ledger.close()


# Files


def test_a_file_is_found_by_its_bytes_and_its_day_is_received(ledger: Ledger) -> None:
    fact = file()

    ledger.record_files([fact], COMPANY, "run 1")

    found = ledger.files_of(STORE, DAY)
    assert [(f.name, f.sha256, f.receipts, f.days[0].gross_minor) for f in found] == [
        (fact.name, fact.sha256, 0, 12_00)
    ]
    assert found[0].days[0].tables == ("receipts", "lines")
    assert ledger.files_by_content(STORE, [fact.sha256, digest("b")]) == {fact.sha256: replace(fact, days=())}
    assert ledger.files_by_content("S02", [fact.sha256]) == {}
    assert ledger.files_of(STORE, AFTER) == []
    assert [(was, now, why, by) for _, was, now, why, by in ledger.events(STORE, DAY)] == [
        ("expected", "received", f"{fact.name} came", "run 1")
    ]


def test_a_file_that_comes_again_is_one_file_and_no_event(ledger: Ledger) -> None:
    ledger.record_files([file()], COMPANY, "run 1")

    ledger.record_files([file(stamp="512:2", receipts=4)], COMPANY, "run 2")

    assert ledger.stamps(STORE, ["S01_20261122T0900.csv", "another.csv"]) == {"S01_20261122T0900.csv": "512:2"}
    assert [f.receipts for f in ledger.files_of(STORE, DAY)] == [4]
    assert (count(ledger, FileRow), count(ledger, FileDayRow)) == (1, 1)
    assert moves(ledger) == [("expected", "received")]


def test_a_rejected_file_holds_its_day_until_one_of_its_name_is_accepted(ledger: Ledger) -> None:
    ledger.record_files([rejected(bytes_="b")], COMPANY, "run 1")
    ledger.record_files([file("another.csv", "c")], COMPANY, "run 1")
    assert [f.sha256 for f in ledger.open_rejections(STORE, DAY)] == [digest("b")]

    ledger.record_files([file(bytes_="a")], COMPANY, "run 2")

    assert ledger.open_rejections(STORE, DAY) == []
    assert ledger.files_by_content(STORE, [digest("b")]) == {}


def test_a_good_file_put_back_after_a_broken_one_ends_the_hold(ledger: Ledger) -> None:
    ledger.record_files([file(bytes_="a", stamp="512:1")], COMPANY, "run 1")
    ledger.record_files([rejected(bytes_="b")], COMPANY, "run 2")
    assert len(ledger.open_rejections(STORE, DAY)) == 1

    ledger.record_files([file(bytes_="a", stamp="512:3")], COMPANY, "run 3")

    assert ledger.open_rejections(STORE, DAY) == []
    assert ledger.stamps(STORE, ["S01_20261122T0900.csv", "another.csv"]) == {"S01_20261122T0900.csv": "512:3"}


def test_a_rejected_file_without_a_day_is_told_by_itself(ledger: Ledger) -> None:
    ledger.record_files([rejected("what.csv", day_hint=None)], COMPANY, "run 1")

    dayless = ledger.rejections_without_day()

    assert [f.name for f in dayless] == ["what.csv"]
    assert ledger.open_rejections(STORE, DAY) == []


def test_a_tills_last_numbers_are_those_of_its_latest_earlier_day(ledger: Ledger) -> None:
    long_ago = date(2026, 11, 19)
    for fact in (
        till_file("evening", BEFORE, till("01", "000050", "7", hour=20)),
        till_file("noon", BEFORE, till("01", "000030", None, hour=12)),
        till_file("long ago", long_ago, till("02", "000900", "3", hour=20, day=long_ago)),
        till_file("same day", DAY, till("01", "000060", "8", hour=9, day=DAY)),
        till_file("late close", BEFORE, till("01", None, "8", hour=21)),
        replace(till_file("broken", BEFORE, till("01", "000099", "9", hour=22)), fate=Fate.REJECTED),
    ):
        ledger.record_files([fact], COMPANY, "run 1")

    numbers = ledger.last_numbers_before({STORE: ["02", "new"], "S02": ["01"]}, DAY)

    assert numbers == {STORE: {"01": ("000050", "8"), "02": ("000900", "3")}, "S02": {}}


# Store-days


def test_a_verdict_is_read_back_as_it_was_written(ledger: Ledger) -> None:
    example = Example("till 02 receipt 004417", "S01_20261122T1400.csv", 931)
    hold = Hold("tenders do not sum to the receipt", 1, 412, "receipts", -20, (example,), "Ask the store.")
    warning = Warned("tax is off", 2, 412, "lines", None)
    lines: Lines = {OWED: Amount(-5, 0), OVER: Amount(9_999_999_999, 0), SALES: Amount(10_00, -2)}

    ledger.record_verdict(store_day(State.HELD), [warning, hold], lines, "held", "run 1")

    assert ledger.store_day(STORE, DAY) == store_day(State.HELD)
    assert ledger.holds(STORE, DAY) == [warning, hold]
    assert [type(found) for found in ledger.holds(STORE, DAY)] == [Warned, Hold]
    assert ledger.wanted(STORE, DAY) == lines


def test_a_new_verdict_leaves_nothing_of_the_old_one(ledger: Ledger) -> None:
    hold = Hold("gap", 1, 2, "tills", None)
    ledger.record_verdict(store_day(State.HELD), [hold], {CARDS: Amount(1, 0)}, "held", "run 1")
    ledger.record_verdict(store_day(day=AFTER), [hold], LINES, "another day", "run 1")

    ledger.record_verdict(replace(store_day(), receipts=4, summary={}), [], LINES, "checks passed", "run 2")

    assert ledger.store_day(STORE, DAY) == replace(store_day(), receipts=4, summary={})
    assert ledger.holds(STORE, DAY) == []
    assert ledger.wanted(STORE, DAY) == ledger.wanted(STORE, AFTER) == LINES
    assert ledger.holds(STORE, AFTER) == [hold]


def test_an_event_says_what_changed_and_nothing_that_did_not(ledger: Ledger) -> None:
    ledger.move(STORE, DAY, COMPANY, State.RECEIVED, "a file came", "run 1")
    ledger.move(STORE, DAY, COMPANY, State.RECEIVED, "another file came", "run 1")
    ledger.record_verdict(store_day(), [], LINES, "checks passed", "run 2")

    ledger.record_verdict(store_day(), [], LINES, "checks passed again", "run 3")

    events = ledger.events(STORE, DAY)
    assert [(was, now, why, by) for _, was, now, why, by in events] == [
        ("expected", "received", "a file came", "run 1"),
        ("received", "ready", "checks passed", "run 2"),
    ]
    assert [at for at, *_ in events] == sorted(at for at, *_ in events)


def test_store_days_come_in_order_of_day_and_store(ledger: Ledger) -> None:
    for store, day in (("S02", DAY), ("S01", AFTER), ("S01", DAY), ("S01", BEFORE)):
        ledger.record_verdict(store_day(store=store, day=day), [], {}, "checks passed", "run 1")

    found = ledger.store_days(DAY, AFTER)

    assert [(fact.store, fact.trading_day) for fact in found] == [("S01", DAY), ("S02", DAY), ("S01", AFTER)]
    assert ledger.store_days(last=BEFORE) == [store_day(day=BEFORE)]
    assert ledger.store_day("S09", DAY) is None


# Batches


def test_a_draft_is_replaced_whole(ledger: Ledger) -> None:
    ready(ledger, LINES)
    ready(ledger, LINES, "S02")
    draft(ledger, batch("aaaa", stores=("S01", "S02")), LINES)

    draft(ledger, batch("bbbb"), LINES)

    assert ledger.batches(COMPANY, DAY) == [batch("bbbb")]
    assert (count(ledger, BatchRow), count(ledger, StagedRow)) == (1, len(LINES))
    assert moves(ledger) == [("expected", "ready"), ("ready", "staged")]


def test_a_draft_counts_as_nothing_until_it_is_delivered(ledger: Ledger) -> None:
    ready(ledger, LINES)
    draft(ledger, batch(), LINES)
    assert (ledger.delivered(STORE, DAY), ledger.next_revision(STORE, DAY)) == ({}, 1)

    ledger.mark_delivered(batch(), "run 2")

    assert ledger.delivered(STORE, DAY) == LINES
    assert ledger.next_revision(STORE, DAY) == 2
    assert ledger.batches(COMPANY, DAY) == [replace(batch(), state="delivered")]
    assert moves(ledger)[-1] == ("staged", "delivered")


def test_what_was_delivered_adds_up_over_batches_and_is_never_replaced(ledger: Ledger) -> None:
    more: Lines = {CARDS: Amount(24_00, 0), SALES: Amount(20_00, 4_00)}
    ready(ledger, LINES)
    delivered(ledger, batch("aaaa"), LINES)
    ready(ledger, more)
    delivered(ledger, batch("bbbb", revision=2), LINES)

    ledger.replace_draft(COMPANY, DAY, None, {}, [STORE], "run 3")

    assert ledger.delivered(STORE, DAY) == more
    assert ledger.next_revision(STORE, DAY) == 3
    assert ledger.delivered(STORE, AFTER) == ledger.delivered("S02", DAY) == {}
    assert [(b.id, b.state, b.store_days) for b in ledger.batches(COMPANY, DAY)] == [
        ("aaaa", "delivered", ((STORE, DAY, 1),)),
        ("bbbb", "delivered", ((STORE, DAY, 2),)),
    ]


def test_a_store_day_with_nothing_new_is_delivered(ledger: Ledger) -> None:
    ready(ledger, LINES)
    delivered(ledger, batch(), LINES)
    ready(ledger, LINES)

    ledger.replace_draft(COMPANY, DAY, None, {}, [STORE], "run 3")

    assert moves(ledger)[-2:] == [("delivered", "ready"), ("ready", "delivered")]
    assert [b.state for b in ledger.batches(COMPANY, DAY)] == ["delivered"]


def test_a_draft_made_before_another_run_delivered_is_refused(ledger: Ledger) -> None:
    ready(ledger, LINES)
    delivered(ledger, batch("aaaa"), LINES)

    with pytest.raises(DraftOutdated, match="S01 2026-11-22 was checked or delivered meanwhile"):
        draft(ledger, batch("bbbb"), LINES)

    assert [b.id for b in ledger.batches(COMPANY, DAY)] == ["aaaa"]
    assert ledger.delivered(STORE, DAY) == LINES


def test_a_draft_made_before_a_new_verdict_is_refused_and_leaves_the_old_draft(ledger: Ledger) -> None:
    ready(ledger, LINES)
    draft(ledger, batch("aaaa"), LINES)
    ledger.record_verdict(store_day(State.HELD), [], {}, "a late file is broken", "run 2")

    with pytest.raises(DraftOutdated):
        draft(ledger, batch("bbbb"), LINES)

    assert [b.id for b in ledger.batches(COMPANY, DAY)] == ["aaaa"]
    assert moves(ledger)[-1] == ("staged", "held")


def test_a_draft_that_was_replaced_is_not_delivered(ledger: Ledger) -> None:
    ready(ledger, LINES)
    draft(ledger, batch("aaaa"), LINES)
    draft(ledger, batch("bbbb"), LINES)

    with pytest.raises(DraftOutdated, match="batch aaaa gave way to a newer draft"):
        ledger.mark_delivered(batch("aaaa"), "run 2")

    assert ledger.delivered(STORE, DAY) == {}
    assert [(b.id, b.state) for b in ledger.batches(COMPANY, DAY)] == [("bbbb", "draft")]


def test_delivering_leaves_a_newer_verdict_alone(ledger: Ledger) -> None:
    more: Lines = {CARDS: Amount(24_00, 0), SALES: Amount(20_00, 4_00)}
    ready(ledger, LINES)
    draft(ledger, batch(), LINES)
    ready(ledger, more)

    ledger.mark_delivered(batch(), "run 2")

    assert ledger.delivered(STORE, DAY) == LINES
    assert moves(ledger)[-1] == ("staged", "ready")


# Versions of the mapping


EFFECT = Effect(BEFORE, DAY, 2, 1, 0, (Moved(Role.SALES, "4000 T1", "4010 T1", 10_00, 2_00),))


def version(number: int, company: str = COMPANY, effect: Effect | None = None) -> MappingVersion:
    words = (f"category GROCERY: 4000 to 40{number}0 from 1 Dec 2026",) if number > 1 else ()
    return MappingVersion(company, number, digest(str(number)), "[]", "Ann", "apart", words, number > 1, effect)


def test_a_version_of_the_mapping_is_read_back_with_its_effect_and_the_newest_counts(ledger: Ledger) -> None:
    first, second = ledger.record_mapping(version(1)), ledger.record_mapping(version(2, effect=EFFECT))
    ledger.record_mapping(version(1, company="other"))

    assert ledger.mapping_versions(COMPANY) == [first, second]
    assert replace(second, at=datetime.min) == version(2, effect=EFFECT)
    assert ledger.accepted_mapping(COMPANY) == second
    assert ledger.accepted_mapping("nobody") is None


def test_changes_of_the_mapping_are_found_by_the_day_they_were_accepted_on_and_the_first_is_none(
    ledger: Ledger,
) -> None:
    ledger.record_mapping(version(1))
    changed = ledger.record_mapping(version(2, effect=EFFECT))
    on = changed.at.date()

    assert ledger.mapping_changes(on, on) == ledger.mapping_changes(on, on, COMPANY) == [changed]
    assert ledger.mapping_changes(on - timedelta(days=9), on - timedelta(days=1)) == []
    assert ledger.mapping_changes(on + timedelta(days=1), on + timedelta(days=9)) == []
    assert ledger.mapping_changes(on, on, "other") == []


def test_a_version_that_follows_no_newest_one_is_refused(ledger: Ledger) -> None:
    ledger.record_mapping(version(1))

    with pytest.raises(MappingOutdated):
        ledger.record_mapping(version(1))

    assert len(ledger.mapping_versions()) == 1


def test_posted_days_are_those_that_are_ready_or_have_something_in_sage(ledger: Ledger) -> None:
    ledger.record_verdict(store_day(State.HELD, day=BEFORE), [], {}, "held", "run 1")
    assert ledger.posted_days(COMPANY) is None

    ready(ledger, LINES)
    assert ledger.posted_days(COMPANY) == (DAY, DAY)

    delivered(ledger, batch(), LINES)
    ledger.record_verdict(store_day(State.HELD), [], {}, "held again", "run 2")
    ledger.record_verdict(store_day(day=AFTER), [], LINES, "takings", "run 2")
    assert ledger.posted_days(COMPANY) == (DAY, AFTER)
    assert ledger.posted_days("other") is None


# Decisions of persons


GAP = Decision(Kind.ACCEPT_GAP, "receipt numbers are missing", ("01 receipt 000007-000009",), "the disk died", "Ann")
ROLLBACK = Decision(Kind.ROLLBACK, "", (), "a wrong roll", "Ann")
TAKEN_BACK = Hold("rolled back by Ann: a wrong roll", 1, 1, "store-days", None, ends_by=Ends.RELEASE)


def test_a_decision_is_read_back_as_it_was_made_and_is_an_event(ledger: Ledger) -> None:
    ledger.record_verdict(store_day(State.HELD), [], {}, "held", "run 1")

    ledger.decide(STORE, DAY, [GAP])
    ledger.decide(STORE, DAY, [GAP])  # a second click

    (made,) = ledger.in_force(STORE, DAY)
    assert (made.kind, made.check, made.about, made.why, made.by) == (GAP.kind, GAP.check, GAP.about, GAP.why, GAP.by)
    assert ledger.in_force(STORE, AFTER) == ledger.in_force("S02", DAY) == []
    assert [(was, now, why, by) for _, was, now, why, by in ledger.events(STORE, DAY)][1:] == [
        ("held", "held", "accept_gap: receipt numbers are missing: the disk died", "Ann")
    ]


def test_a_withdrawn_decision_is_kept_and_no_longer_counts(ledger: Ledger) -> None:
    ledger.decide(STORE, DAY, [GAP])
    (made,) = ledger.in_force(STORE, DAY)

    ledger.withdraw(made, "the file came", "Bob")

    assert ledger.in_force(STORE, DAY) == []
    assert [was.withdrawn for was in ledger.decisions(STORE, DAY)] == ["the file came (by Bob)"]
    with pytest.raises(NotInForce):
        ledger.withdraw(made, "again", "Bob")


def test_what_a_hold_is_about_is_read_back_with_it(ledger: Ledger) -> None:
    hold = Hold("gap", 1, 2, "tills", None, ends_by=Ends.GAP, about=("01 receipt 000007-000009", "01 Z 0002-0002"))

    ledger.record_verdict(store_day(State.HELD), [hold], {}, "held", "run 1")

    assert ledger.holds(STORE, DAY) == [hold]


def test_no_verdict_brings_back_a_store_day_that_was_rolled_back(ledger: Ledger) -> None:
    ready(ledger, LINES)
    delivered(ledger, batch("aaaa"), LINES)
    ledger.roll_back(store_day(), TAKEN_BACK, ROLLBACK)

    with pytest.raises(RolledBack, match="S01 2026-11-22 was rolled back meanwhile"):
        ready(ledger, LINES)

    assert (ledger.wanted(STORE, DAY), ledger.holds(STORE, DAY)) == ({}, [TAKEN_BACK])
    assert moves(ledger)[-1] == ("delivered", "rolled back")


def test_a_rolled_back_store_day_stays_so_while_its_reversal_is_staged_and_delivered(ledger: Ledger) -> None:
    back = {key: Amount(-amount.net, -amount.tax) for key, amount in LINES.items()}
    ready(ledger, LINES)
    delivered(ledger, batch("aaaa"), LINES)
    ledger.roll_back(store_day(), TAKEN_BACK, ROLLBACK)

    delivered(ledger, batch("bbbb", revision=2), back)

    fact = ledger.store_day(STORE, DAY)
    assert fact is not None
    assert (fact.state, ledger.delivered(STORE, DAY)) == (State.ROLLED_BACK, {})


def test_a_draft_from_before_the_rollback_is_not_delivered(ledger: Ledger) -> None:
    ready(ledger, LINES)
    draft(ledger, batch("aaaa"), LINES)
    ledger.roll_back(store_day(), TAKEN_BACK, ROLLBACK)

    with pytest.raises(DraftOutdated):
        ledger.mark_delivered(batch("aaaa"), "run 2")

    assert ledger.delivered(STORE, DAY) == {}


def test_a_released_rollback_is_to_be_checked_again(ledger: Ledger) -> None:
    ready(ledger, LINES)
    ledger.roll_back(store_day(), TAKEN_BACK, ROLLBACK)
    (made,) = ledger.in_force(STORE, DAY)

    ledger.withdraw(made, "the right roll came", "Bob")
    ready(ledger, LINES)

    assert moves(ledger)[-2:] == [("rolled back", "received"), ("received", "ready")]
    assert ledger.wanted(STORE, DAY) == LINES


# Several at once


def at_once(*calls: Callable[[], object]) -> None:
    """Make calls at the same moment, each in its own thread; raises what one of them raised."""
    start = threading.Barrier(len(calls))

    def call(one: Callable[[], object]) -> None:
        start.wait(timeout=30)
        one()

    with ThreadPoolExecutor(len(calls)) as threads:
        for done in [threads.submit(call, one) for one in calls]:
            done.result(timeout=60)


@pytest.fixture
def workers(url: str) -> Iterator[list[Ledger]]:
    """Four workers on the same database, each with its own connections."""
    opened = [Ledger(url) for _ in range(4)]
    yield opened
    for ledger in opened:
        ledger.close()


def test_the_same_file_recorded_by_several_at_once_is_one_file(workers: list[Ledger]) -> None:
    for name in ("one.csv", "two.csv", "three.csv"):
        at_once(*[lambda w=w, name=name: w.record_files([file(name, name)], COMPANY, "run") for w in workers])

    found = workers[0].files_of(STORE, DAY)

    assert [f.name for f in found] == ["one.csv", "three.csv", "two.csv"]
    assert (count(workers[0], FileRow), count(workers[0], FileDayRow), count(workers[0], StoreDayRow)) == (3, 3, 1)
    assert moves(workers[0]) == [("expected", "received")]


def test_different_files_of_a_day_recorded_at_once_open_it_once(workers: list[Ledger]) -> None:
    names = [f"{n}.csv" for n in range(len(workers))]

    at_once(*[
        lambda w=w, name=name: w.record_files([file(name, name)], COMPANY, "run")
        for w, name in zip(workers, names, strict=True)
    ])  # fmt: skip

    assert [f.name for f in workers[0].files_of(STORE, DAY)] == names
    assert moves(workers[0]) == [("expected", "received")]


def test_a_verdict_recorded_by_several_at_once_wants_its_lines_once(workers: list[Ledger]) -> None:
    hold = Warned("tax is off", 2, 412, "lines", None)
    for _ in range(3):
        at_once(*[lambda w=w: w.record_verdict(store_day(), [hold], LINES, "ready", "run") for w in workers])

    wanted = workers[0].wanted(STORE, DAY)

    assert wanted == LINES
    assert count(workers[0], WantedRow) == len(LINES)
    assert workers[0].holds(STORE, DAY) == [hold]
    assert moves(workers[0]) == [("expected", "ready")]


@pytest.mark.parametrize("ids", [("aaaa",) * 4, ("aaaa", "bbbb", "cccc", "dddd")], ids=["the same", "different"])
def test_a_company_day_staged_by_several_at_once_has_one_draft(workers: list[Ledger], ids: tuple[str, ...]) -> None:
    ready(workers[0], LINES)

    at_once(*[lambda w=w, one=one: draft(w, batch(one), LINES) for w, one in zip(workers, ids, strict=True)])

    drafts = workers[0].batches(COMPANY, DAY)
    assert [(b.state, b.store_days) for b in drafts] == [("draft", ((STORE, DAY, 1),))]
    assert drafts[0].id in ids
    assert count(workers[0], StagedRow) == len(LINES)
    assert moves(workers[0]) == [("expected", "ready"), ("ready", "staged")]


def test_what_is_delivered_while_another_run_stages_comes_into_sage_once(workers: list[Ledger]) -> None:
    staging, delivering = workers[0], workers[1]
    ready(staging, LINES)
    draft(staging, batch("aaaa"), LINES)

    def deliver() -> None:
        for fact in delivering.batches(COMPANY, DAY):
            if fact.state == "draft":
                delivering.mark_delivered(fact, "run 2")

    at_once(unless_outdated(lambda: draft(staging, batch("bbbb"), LINES)), unless_outdated(deliver))
    deliver()

    assert staging.delivered(STORE, DAY) == LINES
    assert [b.state for b in staging.batches(COMPANY, DAY)] == ["delivered"]


def unless_outdated(call: Callable[[], object]) -> Callable[[], None]:
    """The call, which may find that the other one was faster."""

    def attempt() -> None:
        with contextlib.suppress(DraftOutdated):
            call()

    return attempt


def test_a_batch_delivered_by_several_at_once_is_delivered_once(workers: list[Ledger]) -> None:
    ready(workers[0], LINES)
    draft(workers[0], batch(), LINES)

    at_once(*[lambda w=w: w.mark_delivered(batch(), "run") for w in workers])

    assert workers[0].delivered(STORE, DAY) == LINES
    assert moves(workers[0]) == [("expected", "ready"), ("ready", "staged"), ("staged", "delivered")]


def test_two_processes_may_record_the_same_file_and_stage_the_same_day(url: str, ledger: Ledger) -> None:
    ready(ledger, LINES)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)

    processes = [spawn.Process(target=_record_and_stage, args=(url, start)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)

    assert [process.exitcode for process in processes] == [0, 0]
    assert count(ledger, FileRow) == 20
    assert [(b.id, b.state) for b in ledger.batches(COMPANY, DAY)] == [("aaaa", "draft")]


def _record_and_stage(url: str, start: threading.Barrier) -> None:
    ledger = Ledger(url)
    start.wait(timeout=120)
    for n in range(20):
        ledger.record_files([file(f"{n}.csv", f"{n}-")], COMPANY, "run")
        draft(ledger, batch(), LINES)
    ledger.close()


def test_postgresql_finds_out_within_a_minute_that_a_machine_vanished_which_holds_locks(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    try:
        with postgres_at(tmp_path, port=port) as server:
            open_engine(server.url).dispose()
            with create_engine(server.url).begin() as connection:
                connection.execute(text("ALTER ROLE storeday PASSWORD 'of-the-tests'"))
            engine = open_engine(f"postgresql+psycopg://storeday:of-the-tests@127.0.0.1:{port}/postgres")
            with engine.connect() as connection:
                said = connection.execute(
                    text("SELECT name, setting::int FROM pg_settings WHERE name LIKE 'tcp_keepalives_%'")
                )
                asked = {row.name: row.setting for row in said}
            engine.dispose()
    except ServerMissing as missing:
        skip_or_fail(missing)

    after = asked["tcp_keepalives_idle"] + asked["tcp_keepalives_interval"] * asked["tcp_keepalives_count"]
    assert after <= 60
