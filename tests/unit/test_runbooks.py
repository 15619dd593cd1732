"""Every runbook followed step by step: its commands typed as they stand there, and what it quotes said by the software.

What a page can't be tried with here (a scheduler, a server that shows another host key) is tried where the index says.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from quick_suites import judge_quickly
from runbooks import RUNBOOKS, Page, Tried, pages, was_said
from shops import COMPANY, MAPPINGS, OpenShop, Shop, Typed
from storeday import cli
from storeday.config.places import Places
from storeday.model.store_day import State
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.company import Sandbox, sandbox_of
from storeday.sage50.sandbox.exports import transaction_csv
from tills import DAY, Line, Slice, Till, sale, z
from uat_answers import answers

CODE = "corner-shops"
NEXT = DAY + timedelta(days=1)
TESTS = Path(__file__).parents[1]

Follow = Callable[[str], Tried]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_quickly(monkeypatch)


@pytest.fixture
def shop(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Shop:
    """One store, or those that the test asks for; commands are typed in STOREDAY_HOME."""
    opened = open_shop(*getattr(request, "param", ("S01",)))
    opened.home.mkdir(exist_ok=True)
    monkeypatch.chdir(opened.home)
    return opened


@pytest.fixture
def follow(typed: Typed) -> Follow:
    return lambda page: Tried(Page(page), typed)


def morning(till: Till) -> Slice:
    return till.slice("09:00", sale("12.60"), sale("6.00", tender="VISA"), z())


def delivered(shop: Shop) -> Till:
    """22 November is delivered: 18.60 in all. The till, to go on with."""
    till = Till("S01")
    shop.send(morning(till))
    shop.run()
    return till


def batches(shop: Shop, day: date = DAY) -> list[str]:
    """The ids of a day's batches, as they were handed over."""
    return [batch.id for batch in shop.work.ledger.batches(CODE, day)]


def sage_of(shop: Shop) -> Sandbox:
    return sandbox_of(shop.work.settings.company(CODE), Places(str(shop.home)).sandbox(CODE))


def import_batch(typed: Typed, batch: str) -> None:
    code, said = typed("sandbox", "import", f"outbox/{CODE}/{DAY.isoformat()}/{batch}", "--company", CODE)
    assert code == 0, said


def report(shop: Shop) -> None:
    """Sage's report, as a file where the commands are typed."""
    with sage_of(shop).reading() as connection:
        Path("transactions.csv").write_bytes(transaction_csv(connection))


def rows_of(shop: Shop, day: date = DAY) -> str:
    """The rows of a day's batches as they are written."""
    return "\n".join(path.read_text() for path in sorted(shop.home.glob(f"outbox/*/{day.isoformat()}/*/tr*.csv")))


def say_of_store(shop: Shop, text: str) -> None:
    """Add to the store's file."""
    file = shop.home.parent / "config" / CODE / "stores" / "S01.yaml"
    file.write_text(file.read_text() + text)


# After the import


def test_imported_twice(shop: Shop, follow: Follow, typed: Typed) -> None:
    page = follow("imported-twice.md")
    delivered(shop)
    [batch] = batches(shop)
    import_batch(typed, batch)
    import_batch(typed, batch)
    report(shop)

    page.type_next("storeday reconcile --company", code=3)
    page.type_next("storeday reconcile fix", batch=batch)
    import_batch(typed, batches(shop)[1])
    report(shop)
    page.type_next("storeday reconcile --company")

    assert page.left() == []
    assert shop.state("S01") is State.CONFIRMED


def test_vat_differs(shop: Shop, follow: Follow, typed: Typed) -> None:
    page = follow("vat-differs.md")
    delivered(shop)
    import_batch(typed, batches(shop)[0])
    sage = sage_of(shop)
    [ours] = [each for each in by_hand.transactions(sage) if each.row.type == "BR"]
    gross = ours.row.net_minor + ours.row.tax_minor
    by_hand.edit_transaction(sage, ours.number, tax_code="T0", net_minor=gross, tax_minor=0)
    report(shop)

    page.type_next("storeday reconcile", code=3)
    [other] = [each for each in by_hand.transactions(sage) if each.row.type == "BR"]
    by_hand.edit_transaction(
        sage, other.number, tax_code="T1", net_minor=ours.row.net_minor, tax_minor=ours.row.tax_minor
    )
    report(shop)
    page.type_next("storeday reconcile")

    assert page.left() == []
    assert "confirmed" in typed("status")[1]


def test_sage_refused_the_file(shop: Shop, follow: Follow) -> None:
    page = follow("sage-refused.md")
    delivered(shop)
    [batch] = batches(shop)
    sage_of(shop)
    with sqlite3.connect(Places(str(shop.home)).sandbox(CODE)) as somebody:
        somebody.execute("DELETE FROM nominals WHERE ACCOUNT_REF = '4000'")

    page.type_next("storeday sandbox import", batch=batch, code=3)
    page.type_next("storeday sandbox masters")
    page.type_next("storeday sandbox import", batch=batch)

    assert page.left() == []


# Corrections


def test_a_wrong_mapping_found_late(shop: Shop, follow: Follow) -> None:
    page = follow("wrong-mapping.md")
    delivered(shop)
    shop.settle(mappings=MAPPINGS.replace("GROCERY: 4000", "GROCERY: 4010"))

    page.type_next("storeday mapping check", code=1)
    page.type_next("storeday mapping accept")
    page.type_next("storeday restage --from")
    page.type_next("storeday restage --from 2026-11-22 --to 2026-11-22 --apply")
    page.type_next("storeday restage --from")
    page.type_next("storeday mapping log")

    assert page.left() == []
    nominals = [(row["Type"], row["Nominal A/C Ref"], row["Net Amount"]) for row in shop.rows()]
    assert {("BR", "4000", "15.50"), ("BR", "4010", "15.50"), ("SC", "4000", "15.50")} <= set(nominals)


def test_a_locked_period(shop: Shop, follow: Follow) -> None:
    page = follow("locked-period.md")
    till = delivered(shop)
    shop.settle(company=COMPANY + "lock_date: 2026-11-22\n")
    shop.send(till.slice("10:00", sale("4.00"), z()))

    page.type_next("storeday run", code=3)
    shop.settle(company=COMPANY + "lock_date: 2026-11-22\nlocked_days: first_open_day\n")
    page.type_next("storeday check-config")
    page.type_next("storeday run")
    page.hear(rows_of(shop))

    assert page.left() == []


# Days that are special


def test_a_till_was_replaced(shop: Shop, follow: Follow) -> None:
    page = follow("till-replaced.md")
    shop.send(Till("S01", first=4417, first_z=88).slice("09:00", sale("1.00"), z()))
    shop.run()
    shop.send(Till("S01", day=NEXT).slice("09:00", sale("2.00"), z()))

    page.type_next("storeday run", code=3)
    say_of_store(shop, 'restarts:\n  - {till: "01", day: 2026-11-23, why: new till}\n')
    page.type_next("storeday check-config")
    page.type_next("storeday run")

    assert page.left() == []


def test_the_clocks_change(shop: Shop, follow: Follow) -> None:
    page = follow("dst.md")
    till = Till("S01", day=date(2026, 10, 25))
    shop.send(till.slice("00:00", sale("1.00", at="00:50")))
    twice = till.slice("01:00", sale("2.00", at="01:30"), sale("3.00", at="01:31"))
    shop.send(twice.changed("RECEIPT", 1, at="2026-10-25T01:30:00+00:00"))  # an hour later, in winter time
    shop.send(till.slice("03:00", z(at="03:30")))

    page.type_next("storeday run")
    page.type_next("storeday status", code=3)

    assert page.left() == []


def test_the_year_ends(shop: Shop, follow: Follow) -> None:
    page = follow("year-end.md")
    eve = date(2026, 12, 31)
    till = Till("S01", day=eve)
    shop.send(till.slice("23:00", sale("12.60"), sale("4.00", at="23:50")))
    till.day = date(2027, 1, 1)
    shop.send(till.slice("01:00", sale("6.00"), z()))

    page.type_next("storeday run")
    page.type_next("storeday missing")
    page.hear(rows_of(shop, eve))
    shop.settle(company=COMPANY + "lock_date: 2026-12-31\nlocked_days: first_open_day\n")
    page.type_next("storeday check-config")
    shop.send(till.slice("02:00", sale("3.00"), z()))
    page.type_next("storeday run")
    page.hear(rows_of(shop, eve))

    assert page.left() == []
    assert {row["Date"] for row in shop.rows(eve)} == {"31/12/2026", "01/01/2027"}


def test_going_live(shop: Shop, follow: Follow, tmp_path: Path) -> None:
    page = follow("go-live.md")
    days = [DAY, NEXT, DAY + timedelta(days=2)]
    tills = [Till("S01", day=day, first=number, first_z=number) for number, day in enumerate(days, start=1)]
    store = shop.home.parent / "config" / CODE / "stores" / "S01.yaml"

    shop.send(tills[0].slice("09:00", sale("12.60"), z()))
    page.type_next("storeday run")
    page.type_next("storeday uat questions", code=3)
    answers(shop)
    page.type_next("storeday uat run")
    page.type_next("storeday uat sign")

    store.write_text(store.read_text() + "cutover: 2026-11-24\n")
    shop.settle(company=COMPANY + f"environment: production\nkeyed_figures: {tmp_path}\n")
    page.type_next("storeday check-config")
    shop.send(tills[1].slice("09:00", sale("12.60"), z()))
    page.type_next("storeday run")
    heading, sales, cash = "store,day,nominal,tax_code,net,tax", "S01,2026-11-23,4000,T1,10.05,2.10", "1230,T9,12.60,0"
    (tmp_path / "november.csv").write_text(f"{heading}\n{sales}\nS01,2026-11-23,{cash}\n")
    page.type_next("storeday parallel", code=3)
    page.hear(f"{heading}\n{sales}")

    shop.send(tills[2].slice("09:00", sale("12.60"), z()))
    page.type_next("storeday run")
    [draft] = shop.work.ledger.batches(CODE, days[2])
    page.type_next("storeday approve", batch=draft.id)
    page.type_next("storeday deliver")

    assert page.left() == []
    assert [shop.state("S01", day) for day in days] == [State.DELIVERED, State.STAGED, State.DELIVERED]
    assert [len(shop.rows(day)) for day in days] == [3, 0, 3]


def test_rates_change(shop: Shop, follow: Follow) -> None:
    page = follow("rates-change.md")
    till = delivered(shop)
    till.day = NEXT
    shop.send(till.slice("09:00", sale(Line("12.60", taxed="1.81")), z()))
    config = shop.home.parent / "config" / CODE
    block = """\
- valid_from: 2026-11-23
  why: VAT on STD is 16.8 % from 23 Nov
  tax_classes:
    STD: {code: T1, rate: 16.8}
"""

    page.type_next("storeday run", code=3)
    (config / "mappings.yaml").write_text(MAPPINGS + block)
    page.type_next("storeday check-config", code=2)
    (config / "company.yaml").write_text(COMPANY + "sage: {tax_rates: {T1: [20, 16.8]}}\n")
    page.type_next("storeday check-config")
    page.type_next("storeday mapping check", code=1)
    page.type_next("storeday mapping accept")
    page.type_next("storeday run")

    assert page.left() == []
    assert [row["Tax Amount"] for row in shop.rows(NEXT) if row["Type"] == "BR"] == ["1.81"]


# Days that wait


@pytest.mark.parametrize("shop", [("S01", "S02", "S03")], indirect=True)
def test_a_day_is_held(shop: Shop, follow: Follow) -> None:
    page = follow("day-held.md")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.60")))
    till.skip(3)
    shop.send(till.slice("10:00", sale("2.00"), z()))
    shop.send(Till("S02").slice("09:00", sale("5.00"), z()))
    right = Till("S03").slice("10:00", sale("20.45"), sale("3.00"), z())
    shop.send(right.changed("TENDER", amount="20.25"))
    shop.run()

    page.type_next("storeday status", code=3)
    page.type_next("storeday run", code=3)
    page.type_next("storeday hold list")
    page.type_next("storeday hold show")
    page.type_next("storeday hold release")
    page.type_next("storeday hold withdraw")
    shop.send(right)
    page.type_next("storeday run", code=3)

    assert page.left() == []
    assert (shop.state("S01"), shop.state("S03")) == (State.HELD, State.DELIVERED)


@pytest.mark.parametrize("shop", [("S01", "S02")], indirect=True)
def test_a_file_is_missing(shop: Shop, follow: Follow, typed: Typed) -> None:
    page = follow("file-missing.md")
    day = date(2026, 11, 20)
    till, other = Till("S01", day=day, first=89_920), Till("S02", day=day)
    shop.send(till.slice("08:00", sale("5.00"), sale("4.00")))
    late = till.slice("09:00", sale("12.60"), sale("7.21"))
    shop.send(till.slice("10:00", sale("1.00"), z()))
    shop.send(other.slice("09:00", sale("5.00"), z()))
    unfinished = other.slice("15:00", sale("5.00"))
    shop.put("S02", unfinished.name, unfinished.content, None)

    for each in (day, date(2026, 11, 25)):
        page.hear(typed("run", "--day", each.isoformat())[1])
    shop.send(late)
    page.type_next("storeday run")

    assert page.left() == []


def test_past_days_are_closed(shop: Shop, follow: Follow) -> None:
    page = follow("backfill.md")
    till = Till("S01")
    for number in (1, 2, 4):
        till.day = date(2026, 11, number)
        shop.send(till.slice("09:00", sale("1.00"), z()))

    page.type_next("storeday missing", code=3)
    page.type_next("storeday status", code=3)
    ran = page.type_next("storeday run", code=3)

    assert [line for line in page.left() if not line.startswith("|")] == []  # Airflow's own table
    assert ran.count("delivered, 3 rows of 1 store, sales 1.00") == 3


# Asked for by a person


def test_a_store_day_is_taken_back(shop: Shop, follow: Follow) -> None:
    page = follow("rollback.md")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()

    page.type_next("storeday rollback")
    page.type_next("storeday hold release")
    page.type_next("storeday run")

    assert page.left() == []
    assert [row["Net Amount"] for row in shop.rows() if row["Type"] in {"BR", "SC"}].count("10.50") == 3


def test_past_days_are_moved_to_a_changed_mapping(shop: Shop, follow: Follow) -> None:
    page = follow("restage.md")
    shop.send(Till("S01").slice("09:00", sale("6.00", category="DELI", tender="VISA"), z()))
    shop.run()
    shop.settle(mappings=MAPPINGS.replace("DELI: 4001", "DELI: 4009").replace("VISA: 1250", "VISA: 1251"))

    page.type_next("storeday restage")
    page.type_next("storeday restage")

    assert page.left() == []


def test_a_store_is_added(shop: Shop, follow: Follow, typed: Typed) -> None:
    page = follow("add-a-store.md")
    stores = shop.home.parent / "config" / CODE / "stores"
    said = (stores / "S01.yaml").read_text().replace("S01", "S06").replace("department: 1", "department: 6")
    (stores / "S06.yaml").write_text(said.replace("tills:", "till:"))
    page.hear(typed("check-config")[1])
    (stores / "S06.yaml").write_text(said)
    (shop.sources / "S06").mkdir()
    shop.send(Till("S06", day=NEXT).slice("09:00", sale("2.00"), z()))

    page.type_next("storeday check-config")
    page.hear(typed("run", "--day", NEXT.isoformat(), "--store", "S06")[1])

    assert page.left() == []
    assert len(shop.rows(NEXT)) == 3


# The worst


def test_a_backup_is_put_back(shop: Shop, follow: Follow, typed: Typed, tmp_path: Path) -> None:
    page = follow("restore.md")
    till = delivered(shop)
    backup, bookkeeper = tmp_path / "backup", tmp_path / "the bookkeeper's folder"
    shop.work.ledger.close()
    shutil.copytree(shop.home, backup)
    shop.send(till.slice("11:00", sale("24.00"), z()))
    shop.run()
    for batch in batches(shop):
        import_batch(typed, batch)
    report(shop)
    shop.work.ledger.close()
    late = shop.home / "outbox" / CODE / DAY.isoformat() / batches(shop)[1]
    shutil.copytree(late, bookkeeper)
    sage, exported = (shop.home / "sandbox").rename(tmp_path / "sage"), Path("transactions.csv").read_bytes()
    shop.work.ledger.close()
    for path in shop.home.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(backup, shop.home, dirs_exist_ok=True)
    sage.rename(shop.home / "sandbox")
    Path("transactions.csv").write_bytes(exported)

    page.type_next("storeday check-config")
    page.type_next("storeday rebuild", code=1)
    shutil.copytree(bookkeeper, late)
    page.type_next("storeday run", code=1)
    code, said = typed("rebuild", "--sage-export", "transactions.csv")
    assert code == 3, said  # the old copy is another ledger
    assert "7 of 7 delivered rows are in Sage's export" in said
    (shop.home / "ledger.rebuilt.sqlite").rename(shop.home / "ledger.sqlite")
    page.type_next("storeday run")

    assert page.left() == []


# From the first file to the first month


def test_a_companys_tills_are_integrated(shop: Shop, follow: Follow, typed: Typed) -> None:
    page = follow("../pos-integrate.md")
    shop.settle(
        company=COMPANY.replace("delivery: automatic", "environment: sandbox\ndelivery: manual"),
        mappings=MAPPINGS.replace("VISA: 1250, ", ""),
    )
    first = morning(Till("S01"))
    shop.send(first)
    Path(first.name).write_bytes(first.content)

    page.type_next("storeday feed identify")
    page.type_next("storeday feed preview")
    page.type_next("storeday check-config")
    page.type_next("storeday run", code=3)
    shop.settle(mappings=MAPPINGS)
    assert typed("run", "--day", DAY.isoformat())[0] == 0
    page.type_next("storeday status")
    [batch] = batches(shop)
    page.type_next("storeday deliver")
    page.type_next("storeday sandbox import", batch=batch)
    page.type_next("storeday sandbox vat")
    page.type_next("storeday reconcile")
    page.type_next("storeday uat questions", code=3)  # nobody has tried anything in a real Sage here
    page.type_next("storeday uat run", code=3)
    page.type_next("storeday missing")
    page.type_next("storeday audit")

    assert page.left() == []
    assert shop.state("S01") is State.CONFIRMED


# The pages


@pytest.mark.parametrize("name", [*pages(), "../pos-integrate.md"])
def test_every_command_that_a_page_gives_can_be_typed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = Page(name)
    for words in map(shlex.split, page.commands()):
        for file in (word for word in words if word.endswith(".csv")):
            Path(file).touch()
        for folder in (word for word in words if word.startswith("outbox/")):
            Path(folder).mkdir(parents=True, exist_ok=True)

    assert [wrong for words in map(shlex.split, page.commands()) for wrong in untypable(words[1:])] == []
    assert [wrong for said in page.named() for wrong in unknown_in(said)] == []


def test_a_command_that_the_software_does_not_have_is_found_in_a_page() -> None:
    assert untypable(["hold", "release", "S01", "2026-11-22", "--why", "x", "--by", "y"]) == []
    assert untypable(["hold", "relase", "S01"])
    assert untypable(["run", "--days", "2026-11-22"])
    assert unknown_in("storeday restage --aply") == ["storeday restage --aply: --aply"]
    assert unknown_in("storeday hold lift") == ["storeday hold lift: lift"]


def untypable(words: list[str]) -> list[str]:
    """Why a command line can't be typed; nothing of it is run."""
    command, left = _command(words)
    if getattr(command, "commands", None) and not command.invoke_without_command:
        return [f"{' '.join(words)}: no such command"]
    try:
        command.make_context("storeday", left)
    except Exception as wrong:  # whatever the parser calls it
        return [f"{' '.join(words)}: {wrong}"]
    return []


def unknown_in(said: str) -> list[str]:
    """Commands and options in a sentence that are none."""
    command, left = _command(said.split()[1:])
    if getattr(command, "commands", None) and left and not left[0].startswith("-"):
        return [f"{said}: {left[0]}"]
    options = {name for param in command.params for name in param.opts}
    return [f"{said}: {word}" for word in left if word.startswith("--") and word not in options]


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that some words begin with, and the words behind it."""
    command: Any = typer.main.get_command(cli.app)
    left = list(words)
    while left and left[0] in getattr(command, "commands", {}):
        command = command.commands[left.pop(0)]
    return command, left


def test_what_a_page_quotes_is_found_though_numbers_and_ids_are_others() -> None:
    said = ["S01: 12 new files with takings of 1,234.50, 3 seen before", "batch 0a1b2c3d4e5f staged, 4 rows"]

    assert was_said("S01: 1 new files with takings of 19.81, 2 seen before", said)
    assert was_said("batch 443ebed9cdf9 staged, …", said)
    assert not was_said("S01: 1 new file with takings of 19.81", said)


def test_the_words_about_a_host_key_are_those_of_the_software() -> None:
    code = "".join(path.read_text() for path in (TESTS.parent / "include" / "storeday" / "sources").glob("*.py"))
    joined = re.sub(r'"\s*\n\s*f?"', "", code)

    quoted = [line for line in Page("host-key-changed.md").quoted() if "pos_s01" in line]

    assert len(quoted) == 3
    assert [line for line in quoted if not all(part in joined for part in line.split("pos_s01"))] == []


def test_the_index_has_every_page_and_the_tests_that_tried_it() -> None:
    index = (RUNBOOKS / "README.md").read_text()
    listed = re.findall(r"^\| .+ \| \[.+\]\((.+?)\) \| (.+) \|$", index, re.MULTILINE)

    tests = [(page, test) for page, tried in listed for test in re.findall(r"`(.+?)`", tried)]

    assert {page.partition("#")[0] for page, _ in listed} == set(pages())
    assert {page for page, _ in tests} == {page for page, _ in listed}
    assert [each for each in tests if not is_there(each[1])] == []


def is_there(test: str) -> bool:
    """Whether a test is where the index says, ``unit/test_runbooks.py::test_a_day_is_held`` say."""
    file, _, name = test.partition("::")
    return f"def {name}(" in (TESTS / file).read_text()
