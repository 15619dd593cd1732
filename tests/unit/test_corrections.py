"""Corrections that a person asks for: a store-day taken back, and past days moved to the mapping in force now."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from shops import COMPANY, MAPPINGS, OpenShop, Shop, place
from storeday.model.postings import Amount, PostingKey, Role
from storeday.model.store_day import State
from storeday.postings.moves import Move, moves_of
from storeday.stages.corrections import apply_restage, plan_restage, rollback
from storeday.stages.decisions import NotDecided, release
from storeday.stages.overview import overview
from storeday.stages.run import run_days
from storeday.stages.table import moves_table, store_day_table
from storeday.stages.workplace import Workplace
from tills import DAY, Line, Slice, Till, refund, sale, z

NEXT = DAY + timedelta(days=1)
ANN = {"why": "the wrong till roll", "by": "Ann Smith"}
SIGN = {"BR": 1, "SC": -1}


def send(shop: Shop, *parts: Slice) -> None:
    for part in parts:
        shop.send(part)
    shop.run()


def taken_back(shop: Shop, store: str = "S01") -> str:
    said: list[str] = []
    rollback(shop.work, store, DAY, **ANN, say=said.append)
    return "\n".join(said)


def booked(shop: Shop, store: str) -> dict[str, Decimal]:
    """What the outbox does to each nominal but the till control, by hand: sales in credit, journals in debit."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in shop.rows():
        if not row["Reference"].startswith(store):
            continue
        net, nominal = Decimal(row["Net Amount"]), row["Nominal A/C Ref"]
        if row["Type"] in SIGN:
            sums[nominal] += SIGN[row["Type"]] * net
            sums[row["Tax Code"]] += SIGN[row["Type"]] * Decimal(row["Tax Amount"])
        elif row["Type"] in {"JD", "JC"} and nominal != "1235":
            sums[nominal] += net if row["Type"] == "JD" else -net
    return {name: amount for name, amount in sums.items() if amount}


# Rollback


def test_a_rollback_takes_back_all_that_was_delivered_and_nothing_of_other_stores(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    till = Till("S01")
    shop.send(Till("S02").slice("09:00", sale("5.00"), z()))
    send(shop, till.slice("09:00", sale("12.60"), refund("2.40", tender="VISA"), z(counted="12.50")))
    send(shop, till.slice("10:00", sale("4.00", tax_class="ZERO"), z()))
    assert booked(shop, "S01") == {
        "4000": Decimal("12.50"),  # 10.50 + 4.00 less 2.00 given back
        "T1": Decimal("1.70"),
        "1230": Decimal("16.50"),
        "1250": Decimal("-2.40"),
        "8206": Decimal("0.10"),
    }
    beside = booked(shop, "S02")

    taken_back(shop)

    assert booked(shop, "S01") == {}
    assert booked(shop, "S02") == beside
    assert [row["Reference"] for row in shop.rows() if row["Reference"].startswith("S01-261122-3")]
    assert shop.state("S01") is State.ROLLED_BACK


def test_until_its_release_files_are_collected_and_nothing_is_staged_and_status_says_so(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60"), z()))
    taken_back(shop)

    shop.send(till.slice("10:00", sale("4.00"), z()))
    ran, said = shop.run()

    (line,) = overview(shop.work, DAY, DAY)
    assert "S01: 1 new files with takings of 4.00" in said
    assert "S01 2026-11-22 held: rolled back by Ann Smith: the wrong till roll" in said
    assert (ran.not_staged, booked(shop, "S01")) == (1, {})
    assert (line.state, line.reason) == (State.ROLLED_BACK, "rolled back by Ann Smith: the wrong till roll")
    assert "0 of 1 store-days staged (1 rolled back)" in store_day_table([line])


def test_a_released_rollback_is_checked_and_staged_again(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60"), z()))
    taken_back(shop)
    shop.send(till.slice("10:00", sale("4.00", tax_class="ZERO"), z()))

    release(shop.work, "S01", DAY, why="the roll is right after all", by="Bob Jones")
    shop.run()

    assert shop.state("S01") is State.DELIVERED
    assert booked(shop, "S01") == {"4000": Decimal("14.50"), "T1": Decimal("2.10"), "1230": Decimal("16.60")}
    assert [(was, now, by) for _, was, now, _, by in shop.work.ledger.events("S01", DAY)][-6:] == [
        ("delivered", "delivered", "Ann Smith"),
        ("delivered", "rolled back", "Ann Smith"),
        ("rolled back", "received", "Bob Jones"),
        ("received", "ready", "tests"),
        ("ready", "staged", "tests"),
        ("staged", "delivered", "tests"),
    ]


def test_a_corrected_file_of_a_rolled_back_day_takes_the_place_of_the_wrong_one(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    wrong = Till("S01").slice("09:00", sale("12.60", tax_class="ZERO"), z())
    right = Till("S01").slice("09:00", sale("16.20", tax_class="ZERO"), z())
    send(shop, wrong)
    taken_back(shop)

    send(shop, right)
    release(shop.work, "S01", DAY, **ANN)
    shop.run()

    assert shop.state("S01") is State.DELIVERED
    assert booked(shop, "S01") == {"4000": Decimal("16.20"), "1230": Decimal("16.20")}


def test_a_reversal_is_traced_to_its_rows_and_to_no_receipt(open_shop: OpenShop) -> None:
    from storeday.stages.trace import trace

    shop = open_shop("S01")
    send(shop, Till("S01").slice("09:00", sale("12.60"), z()))

    taken_back(shop)

    (found,) = trace(shop.work, "S01-261122-2")
    assert found.facts["new_receipts"] == 0
    assert {below.kind for below in found.below} == {"row", "file"}


def test_a_second_rollback_of_a_day_stages_nothing_more(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    send(shop, Till("S01").slice("09:00", sale("12.60"), z()))
    taken_back(shop)
    rows = shop.rows()

    said = taken_back(shop)

    assert "corner-shops 2026-11-22: nothing new to be staged" in said
    assert shop.rows() == rows
    assert len(shop.work.ledger.in_force("S01", DAY)) == 1


def test_a_held_day_can_be_rolled_back_and_its_sheet_says_who_and_why(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60"), z()))
    send(shop, till.slice("10:00", sale("4.00")))
    assert shop.state("S01") is State.HELD

    taken_back(shop)

    sheets = [file.read_text() for file in shop.home.glob("outbox/*/*/*/sheet.html")]
    assert booked(shop, "S01") == {}
    assert sum("rolled back by Ann Smith: the wrong till roll" in page for page in sheets) == 1


def test_what_was_only_staged_leaves_the_draft(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", company=COMPANY.replace("automatic", "manual"))
    shop.send(Till("S02").slice("09:00", sale("5.00"), z()))
    send(shop, Till("S01").slice("09:00", sale("12.60"), z()))

    taken_back(shop)

    (draft,) = shop.work.ledger.batches("corner-shops", DAY)
    assert [store for store, _, _ in draft.store_days] == ["S02"]
    assert (shop.state("S01"), shop.state("S02")) == (State.ROLLED_BACK, State.STAGED)


def test_a_locked_day_is_not_rolled_back(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    send(shop, Till("S01").slice("09:00", sale("12.60"), z()))
    lock(shop)

    with pytest.raises(NotDecided, match="can't be rolled back: the trading day is locked in Sage"):
        taken_back(shop)

    assert (shop.state("S01"), shop.work.ledger.decisions("S01", DAY)) == (State.DELIVERED, [])


def lock(shop: Shop) -> None:
    company = shop.work.settings.companies[0]
    locked = company.company.model_copy(update={"lock_date": DAY, "locked_days": "hold"})
    settings = shop.work.settings.model_copy(update={"companies": (company.model_copy(update={"company": locked}),)})
    object.__setattr__(shop.work, "settings", settings)


def test_a_day_that_nobody_knows_is_not_rolled_back(open_shop: OpenShop) -> None:
    shop = open_shop("S01")

    with pytest.raises(NotDecided, match="S01 2026-11-22: nothing is known of this store-day"):
        taken_back(shop)


STOCK = "stock: {first_day: 2026-01-01, codes: shared}\n"


def test_a_rollback_takes_the_stock_back_as_well(open_shop: OpenShop) -> None:
    from storeday.stages.stock import deliver_stock, sync_stock

    shop = open_shop("S01", company=COMPANY + STOCK)
    send(shop, Till("S01").slice("09:00", sale("12.60"), sale("3.00", sku="10002"), z()))
    sync_stock(shop.work, "corner-shops", DAY)
    deliver_stock(shop.work, "corner-shops")
    moved = shop.work.ledger.stock_delivered("S01", DAY)
    assert len(moved) == 2

    taken_back(shop)
    assert shop.work.ledger.stock_delivered("S01", DAY) == {}

    release(shop.work, "S01", DAY, **ANN)
    shop.run()
    sync_stock(shop.work, "corner-shops", DAY)
    deliver_stock(shop.work, "corner-shops")
    assert shop.work.ledger.stock_delivered("S01", DAY) == moved


# Restage


DELI = MAPPINGS.replace("DELI: 4001", "DELI: 4009").replace("VISA: 1250", "VISA: 1251")


def remapped(shop: Shop, mappings: str = DELI) -> Workplace:
    """The same installation after somebody edited its mappings."""
    folder = shop.home.parent
    (folder / "config" / "corner-shops" / "mappings.yaml").write_text(mappings)
    return Workplace(**{**shop.work.__dict__, "settings": place(folder).settings()})


@pytest.fixture
def two_days(open_shop: OpenShop) -> Shop:
    """Two delivered days of two stores; S01 sold from the deli counter on both."""
    shop = open_shop("S01", "S02")
    till, other = Till("S01"), Till("S02")
    for day in (DAY, NEXT):
        till.day = other.day = day
        deli = sale(Line("12.60"), Line("6.00", category="DELI"), tender={"CASH": "12.60", "VISA": "6.00"})
        shop.send(till.slice("09:00", deli, z()))
        shop.send(other.slice("09:00", sale("5.00"), z()))
        shop.run(day)
    return shop


def test_restaging_shows_what_would_move_from_where_to_where_and_writes_nothing(two_days: Shop) -> None:
    before = (two_days.rows(), two_days.rows(NEXT), snapshot(two_days))
    work = remapped(two_days)

    planned = plan_restage(work, DAY, NEXT)

    assert [(one.store, one.trading_day) for one in planned] == [("S01", DAY), ("S01", NEXT)]
    assert [
        (m.role, m.source.nominal, m.target.nominal, m.amount) for m in planned[0].moves if m.source and m.target
    ] == [
        (Role.DEPOSIT, "1250", "1251", Amount(6_00, 0)),
        (Role.SALES, "4001", "4009", Amount(5_00, 1_00)),
    ]
    said = moves_table(planned).splitlines()
    assert "Sun 22 Nov 2026  S01    banked  1250 dept 1 T9  1251 dept 1 T9  6.00  0.00" in [x.rstrip() for x in said]
    assert "  sales: 4001 dept 1 T1 to 4009 dept 1 T1, net 10.00, tax 2.00" in said
    assert (two_days.rows(), two_days.rows(NEXT), snapshot(two_days)) == before


def snapshot(shop: Shop) -> dict[Path, bytes]:
    """Every file of the state but the ledger's own, whose rows are compared by their events."""
    events = repr([shop.work.ledger.events(store, day) for store in ("S01", "S02") for day in (DAY, NEXT)])
    files = {path: path.read_bytes() for path in shop.home.rglob("*") if path.is_file() and "ledger" not in path.name}
    return {**files, Path("events"): events.encode()}


def test_applied_it_stages_the_moves_and_nothing_else(two_days: Shop) -> None:
    work, said = remapped(two_days), list[str]()
    before = booked(two_days, "S01")

    apply_restage(work, plan_restage(work, DAY, DAY), said.append)

    assert booked(two_days, "S01") == {
        **{name: amount for name, amount in before.items() if name not in ("4001", "1250")},
        "4009": Decimal("5.00"),
        "1251": Decimal("6.00"),
    }
    assert len(two_days.work.ledger.batches("corner-shops", NEXT)) == 1
    assert [one.trading_day for one in plan_restage(work, DAY, NEXT)] == [NEXT]


@pytest.mark.parametrize("profile", ["bank_receipts", "takings_customer"])
def test_what_the_mapping_has_forgotten_is_still_taken_back(open_shop: OpenShop, profile: str) -> None:
    """Nominal, bank, customer and tax code of the first delivery stand in no settings any more, but in Sage."""
    company = COMPANY.replace("bank_receipts", profile) + "sage: {tax_rates: {T2: [0, 20]}}\n"
    shop = open_shop("S01", company=company)
    send(
        shop,
        Till("S01").slice(
            "09:00",
            sale("12.60"),
            sale("6.00", category="DELI", tender="VISA"),
            sale("2.40", tender="ACCOUNT", customer="C001"),
            refund("1.20"),
            z(),
        ),
    )
    forgotten = (("GROCERY: 4000", "GROCERY: 4010"), ("VISA: 1250", "VISA: 1251"), ("CAFE001", "CAFE002"), ("T1", "T2"))
    mappings = MAPPINGS
    for old, new in forgotten:
        mappings = mappings.replace(old, new)
    work = remapped(shop, mappings)

    apply_restage(work, plan_restage(work, DAY, DAY), say=lambda _: None)

    lines = work.ledger.delivered("S01", DAY)
    assert shop.state("S01") is State.DELIVERED, shop.held("S01")
    assert {key.nominal for key in lines} & {"4000", "1250"} == set()
    assert {key.tax_code for key in lines if key.role.is_sale} == {"T2"}
    assert {key.account for key in lines} == {"", "CAFE002"}


def test_a_run_of_another_day_moves_no_past_day(two_days: Shop) -> None:
    """A mapping edit alone moves nothing: somebody restages the past days, or runs them by hand."""
    work = remapped(two_days)
    before = two_days.rows()

    run_days(work, [NEXT], ["S01", "S02"], say=lambda _: None)

    assert two_days.rows() == before
    assert two_days.state("S01") is State.DELIVERED


def test_days_that_can_not_be_moved_are_told_and_left(two_days: Shop) -> None:
    work = remapped(two_days, DELI.replace("GROCERY: 4000, ", ""))
    rollback(work, "S02", DAY, **ANN, say=lambda _: None)
    rows = two_days.rows()

    planned = plan_restage(work, DAY, DAY)
    apply_restage(work, planned, say=lambda _: None)

    assert [(one.store, one.but, one.can_be_staged) for one in planned] == [
        ("S01", "not mapped: category GROCERY", False)
    ]  # of S02 nothing is in Sage any more
    assert two_days.rows() == rows
    assert "Nothing can be staged." in moves_table(planned)


def test_a_locked_day_is_not_moved(two_days: Shop) -> None:
    work = remapped(two_days)
    company = work.settings.companies[0]
    locked = company.company.model_copy(update={"lock_date": DAY, "locked_days": "hold"})
    settings = work.settings.model_copy(update={"companies": (company.model_copy(update={"company": locked}),)})
    work = Workplace(**{**work.__dict__, "settings": settings})

    planned = plan_restage(work, DAY, NEXT)

    assert [(one.trading_day, one.but, one.can_be_staged) for one in planned] == [
        (DAY, "the trading day is locked in Sage", False),
        (NEXT, "", True),
    ]


def test_files_that_came_since_are_told_apart_from_the_mapping(two_days: Shop) -> None:
    from storeday.stages import collect

    two_days.send(Till("S02", first=2, first_z=2).slice("20:00", sale("1.00", tax_class="ZERO"), z()))
    collect(two_days.work, "S02")

    planned = plan_restage(two_days.work, DAY, DAY)

    assert [(one.store, one.but) for one in planned] == [("S02", "with 1 files that came since: S02_20261122T2000.csv")]
    assert [(m.source, m.target and m.target.tax_code) for m in planned[0].moves if m.role is Role.SALES] == [
        (None, "T0")
    ]


# Moves


def key(nominal: str, role: Role = Role.SALES) -> PostingKey:
    return PostingKey(role, nominal, 1, "T1", "", "")


@pytest.mark.parametrize(
    ("lines", "ways"),
    [
        ({"40": (-500, -100), "41": (500, 100)}, [("40", "41", 600)]),
        ({"40": (-500, -100), "41": (300, 60), "42": (200, 40)}, [("40", "41", 360), ("40", "42", 240)]),
        ({"40": (-300, -60), "41": (-200, -40), "42": (500, 100)}, [("40", "42", 360), ("41", "42", 240)]),
        ({"40": (-500, -100)}, [("40", None, 600)]),
        ({"40": (500, 100)}, [(None, "40", 600)]),
        (
            {"40": (-300, 0), "41": (-200, 0), "42": (100, 0), "43": (400, 0)},
            [("40", None, 300), ("41", None, 200), (None, "42", 100), (None, "43", 400)],
        ),
        ({"40": (-500, -100), "41": (400, 80)}, [("40", None, 600), (None, "41", 480)]),
    ],
    ids=["one to one", "one to two", "two to one", "only gone", "only come", "who knows", "not the same amount"],
)
def test_moves_pair_what_is_certain_and_no_more(
    lines: dict[str, tuple[int, int]], ways: list[tuple[str | None, str | None, int]]
) -> None:
    found = moves_of({key(nominal): Amount(*amount) for nominal, amount in lines.items()})

    assert [(m.source and m.source.nominal, m.target and m.target.nominal, m.amount.gross) for m in found] == ways


def test_what_leaves_one_role_is_not_paired_with_what_comes_to_another() -> None:
    lines = {key("4000"): Amount(-500, 0), key("1250", Role.DEPOSIT): Amount(500, 0)}

    assert moves_of(lines) == [
        Move(Role.DEPOSIT, None, key("1250", Role.DEPOSIT), Amount(500, 0)),
        Move(Role.SALES, key("4000"), None, Amount(500, 0)),
    ]
