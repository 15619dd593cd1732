"""Reconciling with Sage: a clean week is confirmed, and each fault planted in Sage is named once, rightly, alone."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import COMPANY, EXPECTATIONS, OpenShop, Shop, Typed
from sqlalchemy import text
from storeday.demo.faults import deliveries_of, not_as_planted, sage_with_faults
from storeday.ledger.readings import Comparison
from storeday.model.alerts import Cause
from storeday.model.differences import BANK_KINDS, BANK_STATEMENT, Difference, Reading
from storeday.model.differences import DifferenceKind as Kind
from storeday.model.errors import SettingsError
from storeday.model.storage import read_bytes
from storeday.model.store_day import State
from storeday.reconcile.compare import Compared, compare
from storeday.reconcile.handed import Handed
from storeday.sage50.readback.audit_trail import read_audit_trail
from storeday.sage50.readback.import_layout import read_import_layout
from storeday.sage50.readback.odbc import read_odbc
from storeday.sage50.readback.trail import Trail
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.batch_files import files_of, import_file, name_of, rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.exports import audit_trail_csv, customers, nominals, transaction_csv
from storeday.sage50.sandbox.masters import masters_from
from storeday.stages.alerts import unmatched
from storeday.stages.decisions import NotDecided
from storeday.stages.handed import OutboxChanged, handed_over
from storeday.stages.reconcile import Reconciled, days_to_compare, fix_second_import, reconcile, sage_facts
from storeday.stages.stock import deliver_stock, sync_stock
from tills import DAY, Line, Till, refund, sale, z

CODE = "corner-shops"
CUSTOMERS = Path(__file__).parents[1] / "golden" / "records" / "customers.csv"
DAYS = [DAY + timedelta(days=n) for n in range(3)]
STORES = ("S01", "S02")
SETTINGS = COMPANY + "stock: {first_day: 2026-11-22, codes: shared}\n"


def opened(open_shop: OpenShop) -> Shop:
    """Two stores and three days, their takings and stock delivered."""
    shop = open_shop(*STORES, company=SETTINGS)
    for day in DAYS:
        for number, store in enumerate(STORES):
            till = Till(store, day=day)
            bread = Line(f"{12 + number}.60", sku="10001", quantity=str(1 + number))
            milk = Line("3.00", "ZERO", "DELI", "10002")
            rungs = sale(bread, milk, at="09:06"), sale("6.00", tender="VISA", at="09:07"), refund("2.40", at="09:40")
            shop.send(till.slice("09:00", *rungs))
            shop.send(till.slice("10:00", z(at="10:30")))
    shop.run(*DAYS)
    sync_stock(shop.work, CODE, DAYS[-1])
    deliver_stock(shop.work, CODE)
    return shop


@pytest.fixture(scope="module")
def week(open_shop: OpenShop) -> Shop:
    """Delivered, and never reconciled: what tests compare by themselves."""
    return opened(open_shop)


@pytest.fixture(scope="module")
def handed(week: Shop) -> Handed:
    return handed_over(week.work, CODE, DAYS[0], DAYS[-1])


@pytest.fixture(scope="module")
def imported(week: Shop) -> Sandbox:
    """A Sage in which all of it is; tests take copies."""
    return sage_with(week, *DAYS)


@pytest.fixture
def sage(imported: Sandbox) -> Sandbox:
    return imported.copy()


def sage_with(shop: Shop, *days: date) -> Sandbox:
    sage = Sandbox.in_memory(masters_from(shop.work.settings.company(CODE)))
    for day in days:
        import_day(shop, sage, day)
    return sage


def import_day(shop: Shop, sage: Sandbox, day: date, *, only: str = "") -> None:
    for folder in sorted((shop.home / "outbox" / CODE / day.isoformat()).glob("[!.]*")):
        import_batch(shop, sage, day, folder.name, only=only)


def import_batch(shop: Shop, sage: Sandbox, day: date, batch: str, *, only: str = "") -> None:
    rules = rules_of(shop.work.settings.company(CODE).company)
    for kind, file in files_of(shop.work.places.delivered(CODE, day, batch)):
        if name_of(file).startswith(only):
            assert not import_file(sage, kind, read_bytes(file), rules).refused


def trail_of(sage: Sandbox) -> Trail:
    with sage.reading() as connection:
        return read_odbc("Sage", connection, date(2026, 1, 1))


def compared(week: Shop, handed: Handed, trail: Trail) -> Compared:
    return compare(handed, trail, sage_facts(week.work.settings.company(CODE)))


def brief(found: Difference) -> tuple[str, str | None, str, int, int]:
    return found.kind.value, found.store, str(found.trading_day), found.ours_minor, found.sage_minor


def first(sage: Sandbox, reference: str, kind: str) -> by_hand.Found:
    return next(each for each in by_hand.transactions(sage, reference) if each.row.type == kind)


def stock_line(sage: Sandbox) -> by_hand.StockFound:
    with sage.reading() as connection:
        reference = connection.execute(text("SELECT REFERENCE FROM STOCK_TRAN")).scalars().first()
    return by_hand.stock_transactions(sage, str(reference))[0]


# Six faults


def test_a_clean_week_has_no_difference_however_it_is_read(week: Shop, handed: Handed, sage: Sandbox) -> None:
    with sage.reading() as connection:
        trails = [
            trail_of(sage),
            read_import_layout("t.csv", transaction_csv(connection)),
            read_audit_trail("a.csv", audit_trail_csv(connection)),
        ]

    found = [compared(week, handed, trail) for trail in trails]

    assert [each.found for each in found] == [(), (), ()]
    assert [len(each.agree) for each in found] == [6, 6, 6]


def test_a_deleted_row_is_named_and_neither_a_box_nor_an_account_beside_it(
    week: Shop, handed: Handed, sage: Sandbox
) -> None:
    by_hand.delete_transaction(sage, first(sage, "S01-261122", "BR").number)

    found = compared(week, handed, trail_of(sage))

    # S01: 12.60 and 6.00 of T1, less the refund of 2.40
    assert [brief(each) for each in found.found] == [("deleted", "S01", "2026-11-22", 16_20, 0)]
    assert found.differ == {("S01", DAYS[0])}


def test_an_edited_amount_is_a_change_and_no_deletion(week: Shop, handed: Handed, sage: Sandbox) -> None:
    by_hand.edit_transaction(sage, first(sage, "S02-261123", "BR").number, net_minor=10_00, tax_minor=2_00)

    (found,) = compared(week, handed, trail_of(sage)).found

    assert brief(found) == ("changed in Sage", "S02", "2026-11-23", 17_20, 12_00)
    assert found.what == "BR 4000, net 14.33 to 10.00, tax 2.87 to 2.00"
    assert found.reason.endswith("which deletes the transaction and posts another. Sage's user: MANAGER.")


def test_a_batch_imported_twice_is_named_once_for_all_its_stores(week: Shop, handed: Handed, sage: Sandbox) -> None:
    import_day(week, sage, DAYS[1], only="transactions")

    found = compared(week, handed, trail_of(sage))

    # both stores: 19.20 and 20.20 with the DELI line of 3.00 each
    assert [brief(each) for each in found.found] == [("imported twice", None, "2026-11-23", 39_40, 78_80)]
    assert found.differ == {("S01", DAYS[1]), ("S02", DAYS[1])}


def test_a_journal_on_a_nominal_of_ours_alone_is_named_and_others_are_not(
    week: Shop, handed: Handed, sage: Sandbox
) -> None:
    by_hand.post_journal(sage, DAYS[1], [("1230", 50_00), ("1250", -50_00)], "BANKING")
    by_hand.post_journal(sage, DAYS[1], [("1235", 7_00), ("1230", -7_00)], "ADJ1")

    (found,) = compared(week, handed, trail_of(sage)).found

    assert brief(found) == ("posted by hand to our nominals", None, "2026-11-23", 0, 7_00)
    assert found.what == "on 1235 'ADJ1': JD 1235 T9 7.00"


def test_a_changed_stock_line_is_named_by_its_code(week: Shop, handed: Handed, sage: Sandbox) -> None:
    line = stock_line(sage)
    by_hand.change_stock(sage, line.number, line.hundredths + 200)

    (found,) = compared(week, handed, trail_of(sage)).found

    assert (found.kind, found.stock_code, found.off_minor) == (Kind.STOCK, line.code, 200)


def test_a_day_that_was_not_imported_is_one_difference_a_batch(week: Shop, handed: Handed) -> None:
    found = compared(week, handed, trail_of(sage_with(week, DAYS[0], DAYS[2])))

    assert [brief(each)[:4] for each in found.found] == [
        ("not imported", None, "2026-11-23", 39_40),
        ("not imported", None, "2026-11-23", 9_00),  # of stock, in hundredths: 4 sold and brought back in S01, 5 in S02
    ]
    assert found.differ == {("S01", DAYS[1]), ("S02", DAYS[1])}


# What else a person does to a Sage


def test_two_faults_of_one_store_day_are_two_differences(week: Shop, handed: Handed, sage: Sandbox) -> None:
    by_hand.edit_transaction(sage, first(sage, "S01-261122", "BR").number, nominal="4001")
    import_day(week, sage, DAYS[0], only="transactions")
    by_hand.delete_transaction(sage, first(sage, "S02-261122", "BR").number)

    found = compared(week, handed, trail_of(sage)).found

    kinds = [(each.kind, each.store) for each in found]
    assert kinds == [(Kind.IMPORTED_TWICE, None), (Kind.CHANGED, "S01"), (Kind.DELETED, "S02")]


def test_a_second_import_that_was_deleted_in_sage_again_is_no_difference(
    week: Shop, handed: Handed, sage: Sandbox
) -> None:
    last = max(each.number for each in by_hand.transactions(sage))
    import_day(week, sage, DAYS[0], only="transactions")
    for each in by_hand.transactions(sage):
        if each.number > last:
            by_hand.delete_transaction(sage, each.number)

    assert compared(week, handed, trail_of(sage)).found == ()


def test_a_journal_that_was_edited_is_one_change_though_all_its_legs_move(
    week: Shop, handed: Handed, sage: Sandbox
) -> None:
    for kind in ("JD", "JC"):
        leg = first(sage, "S01-261122-T", kind)
        by_hand.edit_transaction(sage, leg.number, net_minor=leg.row.net_minor + 1_00)

    (found,) = compared(week, handed, trail_of(sage)).found

    assert (found.kind, found.off_minor) == (Kind.CHANGED, 1_00)


def test_a_row_on_a_vat_return_that_was_taken_back_is_called_so(week: Shop, handed: Handed, sage: Sandbox) -> None:
    row = first(sage, "S01-261122", "BR")
    by_hand.put_on_vat_return(sage, DAYS[0])
    with pytest.raises(by_hand.NotAllowed, match="is on a VAT return and can't be deleted: reverse it"):
        by_hand.delete_transaction(sage, row.number)
    by_hand.repeat_transaction(sage, row.number, type="BP")

    (found,) = compared(week, handed, trail_of(sage)).found

    assert brief(found) == ("VAT-reconciled", "S01", "2026-11-22", 0, 16_20)


def test_a_second_import_that_is_on_a_vat_return_can_only_be_reversed(
    week: Shop, handed: Handed, sage: Sandbox
) -> None:
    import_day(week, sage, DAYS[0], only="transactions")
    by_hand.put_on_vat_return(sage, DAYS[0])

    (found,) = compared(week, handed, trail_of(sage)).found

    assert found.kind is Kind.IMPORTED_TWICE
    assert found.what_now.endswith("It is on a VAT return already: it can't be deleted, only reversed.")


def test_a_batch_whose_days_are_locked_in_sage_is_said_to_be_locked(week: Shop, handed: Handed) -> None:
    facts = dataclasses.replace(sage_facts(week.work.settings.company(CODE)), lock_date=DAYS[0])

    found = compare(handed, trail_of(sage_with(week, *DAYS[1:])), facts).found

    assert [each.kind for each in found] == [Kind.LOCKED_PERIOD, Kind.NOT_IMPORTED]  # the takings; stock has no lock


def test_what_sage_cleared_from_its_trail_is_said_and_not_called_missing(week: Shop, handed: Handed) -> None:
    facts = dataclasses.replace(sage_facts(week.work.settings.company(CODE)), cleared_to=DAYS[0])
    trail = dataclasses.replace(trail_of(sage_with(week, *DAYS[1:])), stock=None)

    found = compare(handed, trail, facts)

    assert found.found == ()
    assert found.agree == {(store, day) for store in STORES for day in DAYS[1:]}
    assert found.notes == (
        "2 store-days from 2026-11-22 to 2026-11-22 are cleared from the audit trail and can't be compared: they stay "
        "as they are",
    )


def test_a_store_day_that_sage_confirmed_once_and_cleared_since_is_not_missing(week: Shop, handed: Handed) -> None:
    confirmed = tuple(dataclasses.replace(p, was_confirmed=True) for p in handed.postings)
    trail = dataclasses.replace(trail_of(sage_with(week, *DAYS[1:])), stock=None, cleared_ranges=((1, 12),))

    found = compared(week, dataclasses.replace(handed, postings=confirmed), trail)

    assert found.found == ()
    assert found.notes[0] == "Sage cleared transactions 1 to 12 from its audit trail"


def test_a_batch_that_nobody_delivered_is_named_and_so_is_no_store_day_of_other_days(
    week: Shop, handed: Handed, sage: Sandbox
) -> None:
    row = first(sage, "S01-261122", "BR")
    by_hand.repeat_transaction(sage, row.number, reference="S01-261122-7", extra_reference="feedfeedfeed")
    by_hand.repeat_transaction(sage, row.number, reference="S01-270101", extra_reference="", day=date(2027, 1, 1))

    (found,) = compared(week, handed, trail_of(sage)).found

    assert brief(found) == ("a batch we did not deliver", "S01", "2026-11-22", 0, 16_20)


def test_a_box_that_no_row_explains_is_one_difference_a_month(week: Shop, handed: Handed, sage: Sandbox) -> None:
    with sage.writing() as connection:
        connection.execute(text("UPDATE vat SET AMOUNT = AMOUNT + 5 WHERE VAT_BOX = 1 AND INV_REF LIKE 'S01%'"))

    found = compared(week, handed, trail_of(sage))

    assert [(each.kind, each.off_minor) for each in found.found] == [(Kind.VAT_BOX, 15)]  # 5 a day
    assert found.found[0].what == "box 1 of 2026-11, of 3 store-days"


def test_a_tender_account_that_no_row_explains_is_named(week: Shop, handed: Handed, sage: Sandbox) -> None:
    with sage.writing() as connection:
        query = "UPDATE journal SET NOMINAL_CODE = '1230' WHERE NOMINAL_CODE = '1250' AND INV_REF = 'S01-261122-T'"
        connection.execute(text(query))

    found = compared(week, handed, trail_of(sage)).found

    assert [(each.kind, each.nominal, each.off_minor) for each in found] == [
        (Kind.TENDER, "1230", 6_00),
        (Kind.TENDER, "1250", -6_00),
    ]


# Any faults: exactly these are named


def _row_fault(sage: Sandbox, day: date, store: str, **now: object) -> None:
    row = first(sage, f"{store}-{day:%y%m%d}", "BR")
    if now:
        by_hand.edit_transaction(sage, row.number, **now)
    else:
        by_hand.delete_transaction(sage, row.number)


@settings(max_examples=25)
@given(
    faults=st.lists(
        st.tuples(st.sampled_from(["deleted", "changed", "by hand", "stock"]), st.sampled_from(STORES)),
        unique_by=lambda fault: fault[1],
    ),
    days=st.lists(st.sampled_from(["there", "twice", "missing"]), min_size=3, max_size=3),
    on=st.sampled_from(DAYS),
)
def test_whatever_is_planted_is_named_and_nothing_else(
    week: Shop, handed: Handed, faults: list[tuple[str, str]], days: list[str], on: date
) -> None:
    sage = Sandbox.in_memory(masters_from(week.work.settings.company(CODE)))
    wanted: Counter[Kind] = Counter()
    for day, fate in zip(DAYS, days, strict=True):
        import_day(week, sage, day, only="stock")
        for _ in range({"missing": 0, "there": 1, "twice": 2}[fate]):
            import_day(week, sage, day, only="transactions")
        wanted.update({"missing": [Kind.NOT_IMPORTED], "twice": [Kind.IMPORTED_TWICE]}.get(fate, []))
    is_there = days[DAYS.index(on)] != "missing"
    for fault, store in faults:
        if fault == "deleted" and is_there:
            _row_fault(sage, on, store)
            wanted[Kind.DELETED] += 1
        elif fault == "changed" and is_there:
            _row_fault(sage, on, store, net_minor=99)
            wanted[Kind.CHANGED] += 1
        elif fault == "by hand":
            by_hand.post_journal(sage, on, [("1235", 1_00), ("4000", -1_00)], f"HAND {store}")
            wanted[Kind.BY_HAND] += 1
        elif fault == "stock":
            line = stock_line(sage)
            by_hand.change_stock(sage, line.number, line.hundredths + 100)
            wanted[Kind.STOCK] = 1

    found = compared(week, handed, trail_of(sage))

    assert Counter(each.kind for each in found.found) == wanted


# The stage


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return opened(open_shop)


def reconciled(shop: Shop, sage: Sandbox) -> Reconciled:
    return reconcile(shop.work, CODE, DAYS[0], DAYS[-1], trail_of(sage))


def states(shop: Shop) -> set[State]:
    return {shop.state(store, day) for store in STORES for day in DAYS}


def test_a_clean_week_is_confirmed_and_the_same_reading_is_compared_once(shop: Shop) -> None:
    sage = sage_with(shop, *DAYS)

    once, again = reconciled(shop, sage), reconciled(shop, sage)

    assert (once.is_new, again.is_new, again.open) == (True, False, ())
    assert states(shop) == {State.CONFIRMED}
    assert len(shop.work.ledger.readings(CODE)) == 1


def test_a_fault_opens_a_confirmed_day_again_and_putting_it_right_confirms_it(shop: Shop) -> None:
    sage = sage_with(shop, *DAYS)
    reconciled(shop, sage)
    row = first(sage, "S01-261122", "BR")
    by_hand.delete_transaction(sage, row.number)
    with_fault = reconciled(shop, sage)
    after_fault = shop.state("S01", DAYS[0])
    by_hand.repeat_transaction(sage, row.number)
    mended = reconciled(shop, sage)

    assert [brief(each.difference)[:2] for each in with_fault.open] == [("deleted", "S01")]
    assert (after_fault, mended.open) == (State.DELIVERED, ())
    assert states(shop) == {State.CONFIRMED}


def test_the_reversal_of_a_second_import_is_staged_when_it_is_asked_for_and_balances_the_books(shop: Shop) -> None:
    sage = sage_with(shop, *DAYS)
    import_day(shop, sage, DAYS[0], only="transactions")
    (twice,) = (each.difference for each in reconciled(shop, sage).open)
    before = len(shop.rows(DAYS[0]))

    for _ in range(2):  # asked for twice, as after a command that was killed
        fix_second_import(shop.work, twice.batch, why="imported on Monday and again", by="Ann", say=print)
    rows = shop.rows(DAYS[0])
    (reversal,) = (each for each in shop.work.ledger.batches(CODE, DAYS[0]) if each.id != twice.batch)
    import_batch(shop, sage, DAYS[0], reversal.id)
    after = reconciled(shop, sage)

    assert len(rows) > before
    assert reversal.gross_minor == -39_40  # of both stores
    assert after.open == ()
    assert states(shop) == {State.CONFIRMED}


def test_a_third_import_is_taken_back_after_the_second_was(shop: Shop) -> None:
    sage = sage_with(shop, *DAYS)
    (batch,) = shop.work.ledger.batches(CODE, DAYS[0])
    for _ in range(2):
        import_batch(shop, sage, DAYS[0], batch.id)
        reconciled(shop, sage)
        fix_second_import(shop.work, batch.id, why="again", by="Ann", say=print)
        *_, reversal = shop.work.ledger.batches(CODE, DAYS[0])
        import_batch(shop, sage, DAYS[0], reversal.id)

    assert set(shop.work.ledger.imported_again(CODE).values()) == {2}
    assert reconciled(shop, sage).open == ()
    with sage.reading() as connection:
        assert {b.code: b.minor for b in nominals(connection)}["1235"] == 0


def test_no_reversal_is_staged_of_a_batch_that_is_there_once(shop: Shop) -> None:
    reconciled(shop, sage_with(shop, *DAYS))

    with pytest.raises(NotDecided, match="no second import of it is known"):
        fix_second_import(shop.work, "feedfeedfeed", why="x", by="Ann", say=print)


def test_a_batch_whose_files_are_gone_from_the_outbox_is_named(shop: Shop) -> None:
    (batch,) = shop.work.ledger.batches(CODE, DAYS[0])
    (Path(shop.work.places.delivered(CODE, DAYS[0], batch.id)) / "transactions.csv").write_bytes(b"other")

    with pytest.raises(OutboxChanged, match=r"transactions\.csv: it is not the file that was delivered"):
        reconciled(shop, sage_with(shop, *DAYS[1:]))


def test_the_demos_six_faults_are_found_named_rightly_and_nothing_else_is(shop: Shop, tmp_path: Path) -> None:
    settings = shop.work.settings.company(CODE)
    sage, planted = sage_with_faults(settings, tmp_path / "sage.sqlite", deliveries_of(shop.work, CODE))

    found = [each.difference for each in reconciled(shop, sage).open]

    assert len({fault.kind for fault in planted}) == 6
    assert not_as_planted(planted, found) == []
    assert not_as_planted(planted, found[1:]) != []  # the comparison of both can fail


# The command line, alerts and what is read


def test_the_demos_week_is_imported_though_a_later_days_batch_brings_the_customer(shop: Shop, tmp_path: Path) -> None:
    """As after a backfill: days are staged side by side, and the first that is delivered brings the customers."""
    settings = shop.work.settings.company(CODE)
    left_out = [each for each in deliveries_of(shop.work, CODE) if not each.is_stock][-1]
    shutil.copy(CUSTOMERS, left_out.folder)

    sage, planted = sage_with_faults(settings, tmp_path / "sage.sqlite", deliveries_of(shop.work, CODE))

    with sage.reading() as connection:
        assert "SCHOOL01" in {customer.code for customer in customers(connection)}
    assert len(planted) == 6


def test_the_command_lists_what_differs_and_says_what_an_export_cannot_show(
    shop: Shop, typed: Typed, tmp_path: Path
) -> None:
    sage = sage_with(shop, *DAYS)
    by_hand.edit_transaction(sage, first(sage, "S02-261123", "BR").number, net_minor=10_00, tax_minor=2_00)
    import_day(shop, sage, DAYS[0], only="transactions")
    with sage.reading() as connection:
        (tmp_path / "trail.csv").write_bytes(transaction_csv(connection))
    asked = ["--company", CODE, "--from", "2026-11-22", "--to", "2026-11-24", "--file", str(tmp_path / "trail.csv")]

    code, said = typed("reconcile", *asked)
    batch = shop.work.ledger.batches(CODE, DAYS[0])[0].id
    fixed, staged = typed("reconcile", "fix", "--batch", batch, "--why", "twice by mistake", "--by", "Ann")

    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert code == 3
    assert any(line.startswith("2026-11-22 imported twice 39.40 78.80 batch") for line in lines)
    assert any(
        line.startswith("2026-11-23 S02 changed in Sage 17.20 12.00 BR 4000, net 14.33 to 10.00") for line in lines
    )
    assert "trail.csv can't show deleted transactions" in said
    assert (fixed, "2 store-days count as imported 2 times; Ann: twice by mistake" in staged) == (0, True)


def test_a_difference_is_told_once_without_the_row_that_it_is_about(shop: Shop) -> None:
    sage = sage_with(shop, *DAYS)
    by_hand.delete_transaction(sage, first(sage, "S01-261122", "BR").number)

    (told,) = unmatched(reconciled(shop, sage))
    shop.work.ledger.record_told("mail", [told])
    by_hand.post_journal(sage, DAYS[1], [("4000", 1_00), ("1230", -1_00)])  # a foreign row: another reading
    again = unmatched(reconciled(shop, sage))

    assert (told.cause, told.store, told.trading_day) == (Cause.UNMATCHED, "S01", DAYS[0])
    assert told.reason.endswith("handed over 16.20, in Sage 0.00")
    assert shop.work.ledger.not_told("mail", again) == []


def test_the_newest_export_of_a_watched_folder_is_read(shop: Shop, tmp_path: Path) -> None:
    for number, days in enumerate([DAYS[:1], DAYS]):
        with sage_with(shop, *days).reading() as connection:
            path = tmp_path / f"trail-{2 - number}.csv"
            path.write_bytes(transaction_csv(connection))
            os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    shop.settle(company=SETTINGS + f"readback: {{kind: folder, folder: {tmp_path}}}\n")

    found = reconcile(shop.work, CODE, DAYS[0], DAYS[-1])

    assert (found.reading.name, found.confirmed, found.open) == ("trail-1.csv", 6, ())


def test_sage_is_read_over_the_connection_that_the_settings_name(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sage = Sandbox.at(tmp_path / "sage.sqlite")
    sage.add_masters(masters_from(shop.work.settings.company(CODE)))
    for day in DAYS:
        import_day(shop, sage, day)
    said = json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "sage.sqlite")})
    monkeypatch.setenv("AIRFLOW_CONN_OUR_SAGE", said)
    shop.settle(company=SETTINGS + "readback: {kind: odbc, connection: our_sage}\n")

    found = reconcile(shop.work, CODE, DAYS[0], DAYS[-1])

    assert (found.reading.name, found.confirmed, found.open) == ("connection our_sage", 6, ())


def test_a_company_without_a_way_to_read_its_sage_says_what_to_do(shop: Shop) -> None:
    with pytest.raises(SettingsError, match="say how Sage is read, or hand over a --file"):
        reconcile(shop.work, CODE, DAYS[0], DAYS[-1])


def test_a_daily_run_leaves_out_what_may_still_be_imported(shop: Shop, tmp_path: Path) -> None:
    asked = f"readback: {{kind: folder, folder: {tmp_path}, import_within_days: 2, window_days: 10}}\n"
    shop.settle(company=SETTINGS + asked)

    days = days_to_compare(shop.work.settings.company(CODE), date(2026, 12, 1))

    assert days == (date(2026, 11, 20), date(2026, 11, 29))


def test_a_store_day_that_a_suite_of_ones_own_doubts_is_not_confirmed(shop: Shop, tmp_path: Path) -> None:
    shutil.copytree(EXPECTATIONS, tmp_path / "expectations")
    suite = tmp_path / "expectations" / "reconcile" / "sage.json"
    said = json.loads(suite.read_text())
    doubts = {"column": "store", "value_set": ["S01"]}
    said["expectations"].append({"type": "expect_column_values_to_be_in_set", "kwargs": doubts, "severity": "critical"})
    suite.write_text(json.dumps(said))
    work = dataclasses.replace(shop.work, expectations=tmp_path / "expectations")

    found = reconcile(work, CODE, DAYS[0], DAYS[-1], trail_of(sage_with(shop, *DAYS)))

    assert (found.confirmed, found.open) == (3, ())
    assert {shop.state("S02", day) for day in DAYS} == {State.DELIVERED}
    assert (shop.home / "reconciled" / CODE / "index.html").exists()


@pytest.mark.parametrize("profile", ["takings_customer", "journal"])
def test_the_other_profiles_agree_however_they_are_read(open_shop: OpenShop, profile: str) -> None:
    shop = open_shop("S01", company=COMPANY.replace("bank_receipts", profile))
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.60", at="09:06"), sale("6.00", tender="VISA", at="09:07"), z(at="09:50")))
    shop.run(DAY)
    sage, handed = sage_with(shop, DAY), handed_over(shop.work, CODE, DAY, DAY)
    with sage.reading() as connection:
        trails = [
            trail_of(sage),
            read_import_layout("t.csv", transaction_csv(connection)),
            read_audit_trail("a.csv", audit_trail_csv(connection)),
        ]

    found = [compared(shop, handed, trail) for trail in trails]

    assert [(each.found, each.agree) for each in found] == [((), {("S01", DAY)})] * 3


def test_a_company_that_delivered_nothing_has_nothing_to_confirm(open_shop: OpenShop) -> None:
    shop = open_shop("S01")

    found = reconcile(shop.work, CODE, DAY, DAY, trail_of(sage_with(shop)))

    assert (found.store_days, found.confirmed, found.open) == (0, 0, ())


def test_what_the_bank_lacks_stays_open_whatever_sage_shows(shop: Shop) -> None:
    lacking = Difference(CODE, Kind.DEPOSIT_NOT_COME, "S01", DAYS[0], 12_60, 0, "CASH", "Not come.", "Ask the bank.")
    statement = Reading(CODE, BANK_STATEMENT, "statement.csv", "a" * 64, 1, DAYS[0], DAYS[0])
    nobody: frozenset[tuple[str, date]] = frozenset()
    read = Comparison(statement, "", DAYS[0], DAYS[0], BANK_KINDS, (lacking,), nobody, nobody)
    shop.work.ledger.record_comparison(read, "tests")

    found = reconciled(shop, sage_with(shop, *DAYS))

    assert found.open == ()
    assert [each.difference for each in shop.work.ledger.open_differences(CODE, kinds=BANK_KINDS)] == [lacking]
