"""Every runbook followed step by step: its commands typed as they stand there, and what it quotes said by the software.

What a page can't be tried with here (a scheduler, a server that shows another host key) is tried where the index says.
"""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
import typer
from quick_suites import judge_quickly
from runbooks import ID, RUNBOOKS, Page, Tried, pages, was_said
from shops import COMPANY, MAPPINGS, OpenShop, Shop, Typed, corrected
from storeday import cli
from storeday.config.places import Places
from storeday.model.store_day import State
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.company import Sandbox, sandbox_of
from storeday.sage50.sandbox.exports import transaction_csv
from tills import DAY, Line, Slice, Till, refund, sale, z

CODE = "corner-shops"
NEXT = DAY + timedelta(days=1)
TESTS = Path(__file__).parents[1]

Follow = Callable[[str], Tried]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_quickly(monkeypatch)


@pytest.fixture
def shop(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """One store; commands are typed in STOREDAY_HOME."""
    opened = open_shop("S01")
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
