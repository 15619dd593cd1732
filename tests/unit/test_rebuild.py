"""A lost ledger made again: the same facts, nothing delivered twice, and what can't be made again is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from quick_suites import judge_quickly
from runbooks import Page, Tried
from servers import new_database, or_skip, postgres_server
from shops import COMPANY, OpenShop, Shop, Typed, place
from sqlalchemy import text, update
from storeday.config.environment import Environment
from storeday.config.places import Places
from storeday.ledger.likeness import Likeness
from storeday.ledger.restoring import LedgerInUse
from storeday.ledger.schema import StagedRow
from storeday.model.errors import LedgerBehind
from storeday.model.store_day import State
from storeday.sage50.sandbox.batch_files import Kind, import_file, rules_of
from storeday.sage50.sandbox.company import sandbox_of
from storeday.sage50.sandbox.exports import transaction_csv
from storeday.sources.base import OpenSource, SourceUnreachable
from storeday.stages.approval import answer
from storeday.stages.batches import deliver
from storeday.stages.collect import collect
from storeday.stages.corrections import plan_restage, rollback
from storeday.stages.decisions import release
from storeday.stages.journal import kept_files
from storeday.stages.mapping_log import accept
from storeday.stages.rebuild import run
from storeday.stages.rebuild.batches import BatchUnreadable
from storeday.stages.rebuild.run import Rebuilt, place_beside, rebuild
from storeday.stages.rebuild.told import rebuilt_text
from storeday.stages.run import run_days
from storeday.stages.stock import deliver_stock, sync_stock
from storeday.stages.visit import Fetched, Visit
from storeday.stages.workplace import Workplace
from tills import DAY, Line, Rung, Till, as_json, count, no_money, refund, sale, z

CODE = "corner-shops"
WEEK = [DAY + timedelta(days=n) for n in range(7)]
ANN = {"why": "the till's disk died", "by": "Ann Smith"}
WITH_STOCK = COMPANY + "stock: {first_day: 2026-11-22, codes: shared}\n"


def sold(gross: str, sku: str = "10001", **said: str) -> Rung:
    return sale(Line(gross, sku=sku, quantity="2"), **said)


def a_week(shop: Shop) -> None:
    """Two stores over a week: a gap accepted, a late receipt, a held day, one taken back, stock counted."""
    first, other = Till("S01"), Till("S02", first=501)
    for day in WEEK:
        first.day = other.day = day
        if day == WEEK[1]:
            first.skip(2)
        counted = [count("10001", "40")] if day in (WEEK[0], WEEK[4]) else []
        shop.send(first.slice("09:00", sold("12.60"), refund("2.40"), *counted, z(counted="10.00", at="09:30")))
        right = other.slice("09:00", sold("6.00", sku="10002", tender="VISA"), no_money(), z(at="09:30"))
        shop.send(right.changed("TENDER", amount="5.00") if day == WEEK[3] else right)
        shop.run(day)
        if day == WEEK[1]:
            release(shop.work, "S01", day, **ANN)
            shop.run(day)
        sync_stock(shop.work, CODE, day)
        deliver_stock(shop.work, CODE)
    shop.send(first.slice("20:00", sale("24.00", at="20:15"), z(at="20:30")))
    shop.run(WEEK[6])
    rollback(shop.work, "S02", WEEK[2], why="the wrong till roll", by="Bo Lee", say=lambda _: None)
    sync_stock(shop.work, CODE, WEEK[6])
    deliver_stock(shop.work, CODE)


@pytest.fixture(scope="module")
def lived(open_shop: OpenShop) -> Iterator[Shop]:
    """A company after its week."""
    with pytest.MonkeyPatch.context() as patch:
        judge_quickly(patch)
        shop = open_shop("S01", "S02", company=WITH_STOCK)
        a_week(shop)
        yield shop


@pytest.fixture
def where(lived: Shop, tmp_path: Path) -> Environment:
    """A copy of it, ledger and all, to be spoilt."""
    shutil.copytree(lived.home.parent, tmp_path / "copy")
    return place(tmp_path / "copy")


def rebuilt(where: Environment, export: bytes | None = None) -> Rebuilt:
    return rebuild(where, place_beside(where), export, lambda _: None)


def lose(where: Environment) -> None:
    """The ledger's database and all that SQLite keeps beside it."""
    for path in Path(where.home).glob("ledger.sqlite*"):
        path.unlink()


def put_in_place(where: Environment) -> None:
    """The new ledger instead of the lost one, as the runbook has it."""
    lose(where)
    Path(where.home, "ledger.rebuilt.sqlite").rename(Path(where.home, "ledger.sqlite"))


def run_again(where: Environment) -> str:
    """All days of the week run once more, takings and stock."""
    said: list[str] = []
    with Workplace.open("tests", where) as work:
        ran = run_days(work, WEEK, ["S01", "S02"], say=said.append)
        assert ran.faults == 0, said
        for day in WEEK:
            said.append(str(sync_stock(work, CODE, day)))
        said.append(str(deliver_stock(work, CODE)))
    return "\n".join(said)


def outbox(where: Environment) -> dict[str, bytes]:
    root = Path(where.home) / "outbox"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def notes_of(made: Rebuilt) -> str:
    return "\n".join(made.notes)


def table(made: Rebuilt, name: str) -> Likeness:
    return next(each for each in made.tables if each.table == name)


# Equal


def test_the_rebuilt_ledger_equals_the_lost_one(where: Environment) -> None:
    made = rebuilt(where)

    said = rebuilt_text(made)
    assert made.is_proven, said
    assert said.endswith("equals the lost ledger\n")
    sizes = {each.table: each.first for each in made.tables}
    assert (sizes["decisions"], sizes["files"], sizes["store_days"]) == (2, 15, 14)
    assert min(sizes[name] for name in ("wanted_lines", "staged_lines", "staged_stock", "stock_book", "holds")) > 0


def test_after_the_ledger_is_lost_the_next_runs_stage_nothing_new(where: Environment) -> None:
    before = outbox(where)
    lose(where)

    made = rebuilt(where)
    put_in_place(where)
    said = run_again(where)

    assert (made.notes, made.tables) == ((), ())
    assert "the lost ledger is not there to compare with, or of another version" in rebuilt_text(made)
    assert outbox(where) == before
    assert "nothing new to be staged" in said
    assert "batch" not in said


def test_a_rebuild_that_was_broken_off_begins_anew(where: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(run, "restore_days", killed)
        with pytest.raises(KeyboardInterrupt):
            rebuilt(where)
    half_made = rebuilt(where)

    assert half_made.is_proven, rebuilt_text(half_made)


def test_a_comparison_does_see_a_figure_that_differs(where: Environment) -> None:
    with Workplace.open("tests", where) as work, work.ledger.engine.begin() as connection:
        connection.execute(
            update(StagedRow).where(StagedRow.nominal == "1250").values(net_minor=StagedRow.net_minor + 1)
        )

    made = rebuilt(where)

    differs = table(made, "staged_lines")
    assert not made.is_proven
    assert differs.only_first == differs.only_second > 0
    assert "is not equal to the lost ledger" in rebuilt_text(made)
    assert any("nominal 1250" in example for example in differs.examples)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of a PostgreSQL server."""
    with or_skip(), postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield new_database(url)


def test_on_postgresql_it_equals_the_lost_one_and_goes_on_counting(where: Environment, postgres: str) -> None:
    made = rebuild(where, postgres, None, lambda _: None)

    assert made.is_proven, rebuilt_text(made)
    with Workplace.open("tests", replace(where, ledger_url=postgres)) as work:
        till = Till("S02", first=515, first_z=8, day=WEEK[6])
        late = till.slice("21:00", sale("3.00"), z())
        source = Path(work.settings.store("S02").source.path)  # type: ignore[union-attr]
        for path, content in (
            (late.name, late.content),
            (f"{Path(late.name).stem}.ok", as_json(late.marker(late.content))),
        ):
            (source / path).write_bytes(content)
        ran = run_days(work, [WEEK[6]], ["S02"], say=lambda _: None)
        (source / late.name).unlink()
        assert (ran.faults, ran.staged) == (0, 1)
        assert len(work.ledger.batch_days("S02", WEEK[6])) == 2


def test_a_draft_that_a_person_approved_can_be_delivered_by_the_new_ledger(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=COMPANY + "approval: required\n")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    [draft] = shop.work.ledger.batches(CODE, DAY)
    answer(shop.work, draft.id, draft.digest, is_approval=True, **ANN)
    where = place(shop.home.parent)

    made = rebuilt(where)
    put_in_place(where)

    assert made.is_proven, rebuilt_text(made)
    with Workplace.open("tests", where) as work:
        assert deliver(work, CODE, DAY).batches == (draft.id,)
        assert [row.why for row in [work.ledger.newest_answer(draft.digest)] if row] == [ANN["why"]]


def test_a_store_in_parallel_run_stays_in_it(open_shop: OpenShop) -> None:
    shop = open_shop(S01="cutover: 2027-01-01", company=COMPANY + "environment: production\n")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    assert (shop.state("S01"), shop.rows()) == (State.STAGED, [])

    made = rebuilt(place(shop.home.parent))

    assert made.is_proven, rebuilt_text(made)


def test_a_lost_ledger_of_another_version_is_not_compared_and_not_touched(where: Environment) -> None:
    with sqlite3.connect(Path(where.home) / "ledger.sqlite") as lost:
        lost.execute("UPDATE alembic_version SET version_num = '0001'")

    made = rebuilt(where)

    assert (made.tables, made.notes) == ((), ())
    with sqlite3.connect(Path(where.home) / "ledger.sqlite") as lost:
        assert lost.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


# A ledger that is new, or an old copy, and does not know it


def test_a_new_ledger_delivers_nothing_over_an_outbox_that_it_does_not_know(where: Environment) -> None:
    before = outbox(where)
    lose(where)

    with Workplace.open("tests", where) as work:
        said: list[str] = []
        ran = run_days(work, WEEK, ["S01", "S02"], say=said.append)
        with pytest.raises(LedgerBehind, match="of which the ledger knows nothing"):
            deliver(work, CODE, DAY)

    assert ran.faults == len(WEEK)
    assert "storeday rebuild makes it again" in "\n".join(said)
    assert outbox(where) == before


def test_an_old_copy_of_the_ledger_delivers_nothing_of_a_day_that_it_is_behind_on(where: Environment) -> None:
    with Workplace.open("tests", where) as work, work.ledger.engine.begin() as connection:
        corrected = "SELECT batch_id FROM batch_days WHERE revision = 2"
        for rows in ("staged_lines", "staged_stock", "batch_days"):
            connection.execute(text(f"DELETE FROM {rows} WHERE batch_id IN ({corrected})"))  # noqa: S608
        connection.execute(text("DELETE FROM batches WHERE id NOT IN (SELECT batch_id FROM batch_days)"))
    before = outbox(where)

    with Workplace.open("tests", where) as work:
        said: list[str] = []
        run_days(work, [WEEK[2], WEEK[6]], ["S01", "S02"], say=said.append)
    made = rebuilt(where)
    put_in_place(where)
    run_again(where)

    assert sum("of which the ledger knows nothing" in line for line in said) == 2
    assert not table(made, "batches").is_equal  # the old copy lacks them
    assert outbox(where) == before


# What came or changed since


def test_a_mapping_that_nobody_accepted_counts_for_nothing(where: Environment) -> None:
    mappings = where.config / CODE / "mappings.yaml"
    mappings.write_text(mappings.read_text().replace("GROCERY: 4000", "GROCERY: 4010"))

    made = rebuilt(where)

    assert made.is_proven, rebuilt_text(made)


def test_days_that_would_come_to_something_else_now_stay_as_they_were_delivered(where: Environment) -> None:
    mappings = where.config / CODE / "mappings.yaml"
    mappings.write_text(mappings.read_text().replace("GROCERY: 4000", "GROCERY: 4010"))
    with Workplace.open("tests", where) as work:
        accept(work, CODE, **ANN, past=True)
    before = outbox(where)

    made = rebuilt(where)

    assert (
        f"S01 {DAY.isoformat()}: stays as it was delivered, though by what is here now it comes to something else"
        in (notes_of(made))
    )
    assert all(each.is_equal for each in made.tables), rebuilt_text(made)
    put_in_place(where)
    with Workplace.open("tests", where) as work:
        moved = plan_restage(work, WEEK[0], WEEK[0], ["S01"])
    assert [move.amount for move in moved[0].moves]
    assert outbox(where) == before


def test_a_file_that_came_late_and_was_not_run_yet_moves_nothing_by_itself(where: Environment, lived: Shop) -> None:
    with Workplace.open("tests", where) as work:
        till = Till("S02", first=515, first_z=8, day=WEEK[6])
        late = till.slice("21:00", sale("3.00"), z())
        source = Path(work.settings.store("S02").source.path)  # type: ignore[union-attr]
        (source / late.name).write_bytes(late.content)
        (source / late.name).with_suffix(".ok").write_bytes(as_json(late.marker(late.content)))
        collect(work, "S02")
        (source / late.name).unlink()

    made = rebuilt(where)

    assert made.is_proven, rebuilt_text(made)
    before = outbox(where)
    put_in_place(where)
    with Workplace.open("tests", where) as work:
        sync_stock(work, CODE, WEEK[6])
        deliver_stock(work, CODE)
        assert outbox(where) == before
        run_days(work, [WEEK[6]], ["S02"], say=lambda _: None)
    assert len(outbox(where)) > len(before)  # and is staged once the day is run again


# What can't be made again is named


def test_bytes_that_are_gone_or_changed_in_landing_are_named(where: Environment) -> None:
    with Workplace.open("tests", where) as work:
        gone, changed = (work.ledger.files_of("S01", day)[0] for day in WEEK[:2])
    landing = Path(where.home) / "landing" / "S01"
    (landing / gone.sha256).unlink()
    (landing / changed.sha256).write_bytes(b"something else")

    made = rebuilt(where)

    assert f"S01: {gone.name} in landing: {gone.sha256[:12]} is gone; its receipts are lost" in made.notes
    assert f"{changed.sha256[:12]} has other bytes now" in notes_of(made)
    assert table(made, "staged_lines").is_equal  # what is in Sage is known all the same


def test_files_that_no_name_was_kept_of_are_fetched_again(where: Environment) -> None:
    shutil.rmtree(Path(where.home) / "journal" / "files" / "S01")
    before = outbox(where)

    made = rebuilt(where)
    put_in_place(where)
    run_again(where)

    assert "S01: 8 files in landing have no name in the journal" in notes_of(made)
    assert outbox(where) == before


def test_names_are_kept_of_a_visit_that_broke_off(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, till = open_shop("S01"), Till("S01")
    for hour in range(9, 16):
        shop.send(till.slice(f"{hour:02d}:00", sale("1.00")))
    whole = Visit.new_files

    def cut_off(visit: Visit, source: OpenSource) -> Iterator[Fetched]:
        yield from islice(whole(visit, source), 6)
        raise SourceUnreachable("the line broke")

    monkeypatch.setattr(Visit, "new_files", cut_off)
    with pytest.raises(SourceUnreachable):
        collect(shop.work, "S01")

    recorded = [file.name for file in shop.files("S01")]
    assert recorded
    assert [image["name"] for image in kept_files(shop.work.places, "S01")] == recorded


def test_a_batch_that_does_not_say_what_was_in_it_stops_the_rebuild(where: Environment) -> None:
    manifest = next(Path(where.home).glob("outbox/*/*/*/transactions.csv")).with_name("manifest.json")
    said = json.loads(manifest.read_text())
    for each in said["store_days"]:
        del each["posting_lines"]
    manifest.write_text(json.dumps(said))

    with pytest.raises(BatchUnreadable, match=r"do not say what was delivered .*posting_lines.*; put the folder back"):
        rebuilt(where)


def test_nothing_is_made_again_over_a_ledger_that_is_in_use(where: Environment) -> None:
    with pytest.raises(LedgerInUse, match="make the new one beside it"):
        rebuild(where, where.ledger_url, None, lambda _: None)

    rebuilt(where)
    with pytest.raises(LedgerInUse, match="is a ledger with something in it"):
        rebuilt(where)


# Held against Sage


@pytest.fixture
def export(where: Environment) -> bytes:
    """What a stand-in Sage gives out that imported every batch of takings."""
    settings = where.settings().company(CODE)
    sandbox = sandbox_of(settings, Places(where.home).sandbox(CODE))
    for path in sorted(Path(where.home).glob("outbox/*/*/*/transactions.csv")):
        assert not import_file(sandbox, Kind.TRANSACTIONS, path.read_bytes(), rules_of(settings.company)).refused
    with sandbox.reading() as connection:
        return transaction_csv(connection)


def test_every_delivered_row_is_found_in_sages_export(where: Environment, export: bytes) -> None:
    made = rebuilt(where, export)

    assert made.in_sage
    assert made.in_sage.rows == made.in_sage.found == len(export.splitlines()) - 1
    assert made.is_proven, rebuilt_text(made)


def test_rows_that_sage_lacks_or_has_of_an_unknown_batch_are_named(where: Environment, export: bytes) -> None:
    lines = export.splitlines(keepends=True)
    batch = lines[1].split(b",")[11].decode()
    foreign = lines[2].replace(lines[2].split(b",")[11], b"feedfeedfeed")

    made = rebuilt(where, b"".join([lines[0], *lines[2:], foreign]))

    assert made.in_sage
    assert made.in_sage.missing == (f"batch {batch}: 1 rows are not in Sage",)
    assert made.is_unsafe
    assert [each.words.split(",")[0] for each in made.lost] == ["batch feedfeedfeed: 1 rows in Sage"]
    assert "DO NOT USE" in rebuilt_text(made)


# Batches that were handed over, and whose folders are gone


def folder_of(where: Environment, revision: int) -> Path:
    """The outbox folder of a batch of the week's last day, in which S01 had a late receipt."""
    with Workplace.open("tests", where) as work:
        [batch] = [each.batch for each in work.ledger.batch_days("S01", WEEK[6]) if each.revision == revision]
        return Path(work.places.delivered(CODE, WEEK[6], batch))


@pytest.mark.parametrize("knows", ["the journal", "Sage"])
def test_a_batch_without_a_folder_is_made_again_where_its_rows_are_the_same(
    where: Environment, export: bytes, knows: str
) -> None:
    before, gone = outbox(where), folder_of(where, 2)
    shutil.rmtree(gone)
    if knows == "Sage":
        for kept in Path(where.home).glob(f"journal/store_days/*/{WEEK[6].isoformat()}.json"):
            kept.unlink()
    lose(where)

    made = rebuilt(where, export if knows == "Sage" else None)
    put_in_place(where)
    run_again(where)

    assert (made.made_again, made.lost) == ((gone.name,), ())
    assert f"batch {gone.name}: its folder was gone, and is in the outbox again" in rebuilt_text(made)
    assert outbox(where) == before


def test_a_batch_that_does_not_come_out_again_is_named_and_nothing_is_put_in_its_place(where: Environment) -> None:
    gone = [folder_of(where, revision) for revision in (1, 2)]
    for folder in gone:
        shutil.rmtree(folder)
    before = outbox(where)

    made = rebuilt(where)

    assert made.is_unsafe
    assert {each.words for each in made.lost} == {
        f"batch {folder.name}: delivered, by the journal, and no folder in the outbox" for folder in gone
    }
    assert outbox(where) == before


# Typed


@pytest.fixture
def shop(where: Environment, lived: Shop) -> Shop:
    """The copy, for commands to be typed."""
    return Shop(lived.work, lived.sources, Path(where.home))


def test_the_command_says_each_step_and_what_proves_it(
    shop: Shop, typed: Typed, where: Environment, export: bytes, tmp_path: Path
) -> None:
    (tmp_path / "sage.csv").write_bytes(export)

    code, said = typed("rebuild", "--sage-export", str(tmp_path / "sage.csv"))

    assert code == 0
    assert said.splitlines()[:4] == [
        "15 files read again from landing",
        "19 batches from outbox and staging",
        "14 store-days checked and posted again",
        "12 of 14 store-days, posted again from their files, come to what was staged and delivered of them",
    ]
    assert "delivered rows are in Sage's export, by batch and reference" in said
    assert said.endswith("ledger.rebuilt.sqlite equals the lost ledger\n")
    assert typed("rebuild")[0] == 1  # there is one now


def test_what_sage_has_and_the_new_ledger_has_not_ends_with_an_exit_code(
    shop: Shop, typed: Typed, where: Environment, export: bytes, tmp_path: Path
) -> None:
    lines = export.splitlines(keepends=True)
    (tmp_path / "more.csv").write_bytes(export + lines[1].replace(lines[1].split(b",")[11], b"feedfeedfeed"))
    (tmp_path / "none.csv").write_bytes(b"something,else\n1,2\n")

    unsafe, said = typed("rebuild", "--sage-export", str(tmp_path / "more.csv"), "--into", f"sqlite:///{tmp_path}/a.db")
    unread, why = typed("rebuild", "--sage-export", str(tmp_path / "none.csv"), "--into", f"sqlite:///{tmp_path}/b.db")

    assert (unsafe, unread) == (1, 1)
    assert "DO NOT USE sqlite:///" in said
    assert "Sage's export lacks the columns Type, Account Reference" in why


def test_the_runbook_of_a_lost_ledger_is_followed(
    shop: Shop, typed: Typed, where: Environment, export: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Tried(Page("ledger-lost.md"), typed)
    monkeypatch.chdir(where.home)
    Path("transactions.csv").write_bytes(export)
    lose(where)

    page.hear(
        typed("run", "--day", DAY.isoformat())[1]
    )  # what a task makes of it: an empty ledger, and all files again
    lose(where)
    page.type_next("storeday rebuild")
    put_in_place(where)
    code, said = typed("run", "--day", WEEK[6].isoformat())

    assert page.left() == []
    assert code == 0
    assert "nothing new to be staged" in said
