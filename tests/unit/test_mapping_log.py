"""A changed mapping is found, said in words, recorded with what it moves, or refused where it alters posted days."""

from __future__ import annotations

import html
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from boards import as_person, board_app
from quick_suites import judge_quickly
from shops import COMPANY, MAPPINGS, OpenShop, Shop, Typed, place
from storeday.config.mapping_changes import blocks_of, canonical, changes_between, digest_of
from storeday.model.mapping_log import MappingVersion, Moved
from storeday.model.postings import Role
from storeday.model.store_day import Hold, State
from storeday.stages import collect
from storeday.stages.corrections import apply_restage, plan_restage
from storeday.stages.mapping_log import MappingRefused, Pending, accept, mapping_hold
from storeday.stages.mapping_preview import preview
from storeday.stages.workplace import Workplace
from tills import DAY, Line, Till, sale, z

CODE = "corner-shops"
NEXT, LATER = DAY + timedelta(days=1), DAY + timedelta(days=2)
ANN = {"why": "groceries have moved", "by": "Ann Smith"}
FROM_NEXT = f"- {{valid_from: {NEXT}, why: bakery apart, categories: {{GROCERY: 4010}}}}\n"
EDITED = MAPPINGS.replace("GROCERY: 4000", "GROCERY: 4010")
HELD = "S01 2026-11-23 held: the mapping was changed for days that are posted, and nobody accepted that"
TO_4010 = Moved(Role.SALES, "4000 T1", "4010 T1", 10_50, 2_10)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many days are closed here: their suites are judged without Great Expectations."""
    judge_quickly(monkeypatch)


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """S01 has delivered a day, groceries of 12.60 and 2.00 from the deli counter; the next day's files are there."""
    opened, till = open_shop("S01"), Till("S01")
    opened.send(till.slice("09:00", sale(Line("12.60"), Line("2.00", category="DELI")), z()))
    opened.run()
    till.day = NEXT
    opened.send(till.slice("09:00", sale("6.00"), z()))
    return opened


def newest(shop: Shop) -> MappingVersion:
    found = shop.work.ledger.accepted_mapping(CODE)
    assert found
    return found


def log(shop: Shop) -> list[tuple[int, str, str, tuple[str, ...], bool]]:
    return [(v.number, v.by, v.why, v.words, v.alters_past) for v in shop.work.ledger.mapping_versions(CODE)]


FIRST = (1, "tests", "the mapping that was in use when the log began", (), False)


# What is recorded by itself


def test_the_first_day_that_is_checked_records_the_mapping_there_is(shop: Shop) -> None:
    assert log(shop) == [FIRST]
    assert newest(shop).effect is None
    assert blocks_of(newest(shop).blocks) == shop.work.settings.company(CODE).mappings


def test_a_block_that_begins_after_the_last_posted_day_is_taken_with_what_it_would_have_moved(shop: Shop) -> None:
    shop.settle(mappings=MAPPINGS + FROM_NEXT)

    ran, _ = shop.run(NEXT)

    assert ran.staged == 1
    assert {row["Nominal A/C Ref"] for row in shop.rows(NEXT) if row["Type"] == "BR"} == {"4010"}
    assert log(shop) == [
        FIRST,
        (2, "tests", "bakery apart", ("category GROCERY: 4000 to 4010 from 23 Nov 2026",), False),
    ]
    effect = newest(shop).effect
    assert effect
    assert (effect.first, effect.last, effect.store_days, effect.moved) == (DAY - timedelta(days=29), DAY, 1, 1)
    assert effect.moves == (TO_4010,)


def test_a_run_again_records_nothing_twice(shop: Shop) -> None:
    shop.settle(mappings=MAPPINGS + FROM_NEXT)
    shop.run(NEXT)

    shop.run(DAY, NEXT)

    assert [number for number, *_ in log(shop)] == [1, 2]


def test_tasks_that_find_a_change_at_the_same_moment_record_it_once(shop: Shop) -> None:
    shop.settle(mappings=MAPPINGS + FROM_NEXT)
    config, start = shop.home.parent, threading.Barrier(4)

    def find(number: int) -> Hold | None:
        with Workplace.open(f"run 1 (task {number})", place(config)) as work:
            start.wait(timeout=30)
            return mapping_hold(work, work.settings.company(CODE), NEXT)

    with ThreadPoolExecutor(4) as threads:
        holds = list(threads.map(find, range(4)))

    assert holds == [None] * 4
    assert [number for number, *_ in log(shop)] == [1, 2]


def test_a_code_that_led_nowhere_is_taken_whenever_its_block_begins(shop: Shop) -> None:
    """As the snippet of a held day says: from that day on, which other stores may have delivered."""
    till = Till("S01", first=2, first_z=2)
    shop.send(till.slice("20:00", sale("3.00", category="BOOKS"), z()))
    shop.run(DAY)
    assert shop.state("S01") is State.HELD

    shop.settle(mappings=MAPPINGS.replace("DELI: 4001", "DELI: 4001, BOOKS: 4020"))
    shop.run(DAY)

    assert shop.state("S01") is State.DELIVERED
    assert log(shop)[1:] == [
        (2, "tests", "it moves nothing that is posted", ("category BOOKS: new, 4020 from 1 Jan 2026",), False)
    ]


def test_days_that_are_not_posted_yet_may_be_mapped_anew(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("3.00", category="BOOKS"), z()))
    shop.run()

    shop.settle(mappings=MAPPINGS.replace("GROCERY: 4000", "GROCERY: 4010, BOOKS: 4020"))
    shop.run()

    assert shop.state("S01") is State.DELIVERED
    assert [number for number, *_ in log(shop)] == [1, 2]


@pytest.mark.parametrize(
    "mappings",
    [
        MAPPINGS.replace("- valid_from: 2026-01-01\n", "- valid_from: 2026-01-01\n  why: the opening\n"),
        MAPPINGS.replace("rate: 20", "rate: 20.00").replace("GROCERY: 4000, DELI: 4001", "DELI: 4001, GROCERY: 4000"),
        MAPPINGS + f"- {{valid_from: {NEXT}, categories: {{GROCERY: 4000}}}}\n",
    ],
    ids=["a reason", "order and spelling", "what is in force already"],
)
def test_what_changes_no_code_is_no_version(shop: Shop, mappings: str) -> None:
    shop.settle(mappings=mappings)

    shop.run(NEXT)

    assert shop.state("S01", NEXT) is State.DELIVERED
    assert log(shop) == [FIRST]


# What is refused


@pytest.mark.parametrize(
    ("mappings", "words"),
    [
        (EDITED, "category GROCERY: 4000 to 4010 from 1 Jan 2026"),
        (MAPPINGS.replace("GROCERY: 4000, ", ""), "category GROCERY: 4000 to nothing from 1 Jan 2026"),
        (MAPPINGS.replace("CASH: 1230", "CASH: 1231"), "tender CASH: 1230 to 1231 from 1 Jan 2026"),
        (MAPPINGS + FROM_NEXT.replace(str(NEXT), str(DAY)), "category GROCERY: 4000 to 4010 from 22 Nov 2026"),
        (MAPPINGS + "  skus: {'10001': 4010}\n", "SKU 10001: new, 4010 from 1 Jan 2026"),
        (
            f"{MAPPINGS}- {{valid_from: {NEXT}, tax_classes: {{STD: {{code: T0, rate: 0}}}}}}\n",
            "tax class STD: T1 at 20% to T0 at 0% from 23 Nov 2026",
        ),
    ],
    ids=["edited", "gone", "a tender", "from a posted day", "a SKU that went by its category", "the night after it"],
)
def test_a_change_that_alters_posted_days_holds_the_days_it_covers_in_words(
    shop: Shop, mappings: str, words: str
) -> None:
    shop.settle(mappings=mappings)

    ran, said = shop.run(NEXT)

    assert (ran.staged, shop.rows(NEXT), log(shop)) == (0, [], [FIRST])
    assert said.splitlines()[1:4] == [
        HELD,
        "  1 of 1 store-days",
        f"  {words}",
    ]
    assert "begins after 22 Nov 2026" in said
    assert "storeday mapping accept --company corner-shops --past" in said


def test_a_change_from_the_day_after_is_no_alteration_and_from_the_day_itself_it_is(shop: Shop) -> None:
    assert shop.work.ledger.posted_days(CODE) == (DAY, DAY)

    for day, alters in ((DAY, True), (NEXT, False)):
        shop.settle(mappings=MAPPINGS + FROM_NEXT.replace(str(NEXT), str(day)))
        pending = Pending.of(shop.work, shop.work.settings.company(CODE))
        assert pending
        assert bool(pending.altering) is alters
        assert bool(pending.refusal()) is alters


def test_days_that_the_refused_change_does_not_cover_go_on(shop: Shop) -> None:
    """DELI was another nominal on the posted day alone: the next day is as it was accepted."""
    shop.settle(
        mappings=f"{MAPPINGS}- {{valid_from: {DAY}, categories: {{DELI: 4009}}}}\n"
        f"- {{valid_from: {NEXT}, categories: {{DELI: 4001}}}}\n"
    )

    shop.run(NEXT)

    assert shop.state("S01", NEXT) is State.DELIVERED
    assert log(shop) == [FIRST]


def test_a_finished_day_that_is_run_again_is_held_and_keeps_its_rows(shop: Shop) -> None:
    rows = shop.rows()
    shop.settle(mappings=EDITED)

    shop.run(DAY)

    assert (shop.state("S01"), shop.rows()) == (State.HELD, rows)

    shop.settle(mappings=MAPPINGS)
    shop.run(DAY)

    assert (shop.state("S01"), shop.rows()) == (State.DELIVERED, rows)


def test_once_a_person_accepts_it_the_days_go_on_and_posted_ones_stay_until_they_are_restaged(shop: Shop) -> None:
    shop.settle(mappings=EDITED)
    shop.run(NEXT)
    rows = shop.rows()
    with pytest.raises(MappingRefused, match="category GROCERY: 4000 to 4010"):
        accept(shop.work, CODE, **ANN)
    assert log(shop) == [FIRST]

    accept(shop.work, CODE, **ANN, past=True)
    shop.run(NEXT)

    assert (shop.state("S01", NEXT), shop.rows()) == (State.DELIVERED, rows)
    assert log(shop)[1:] == [
        (2, "Ann Smith", "groceries have moved", ("category GROCERY: 4000 to 4010 from 1 Jan 2026",), True)
    ]
    assert [one.trading_day for one in plan_restage(shop.work, DAY, NEXT)] == [DAY]
    assert accept(shop.work, CODE, **ANN, past=True) is None


def test_who_restages_past_days_asked_for_the_change_and_accepts_it(shop: Shop) -> None:
    shop.settle(mappings=EDITED)
    said: list[str] = []

    apply_restage(replace(shop.work, by="Bob Jones"), plan_restage(shop.work, DAY, DAY), said.append)

    assert said[0] == "corner-shops: version 2 of the mapping accepted by Bob Jones"
    assert log(shop)[1][1:3] == ("Bob Jones", "store-days of 2026-11-22 to 2026-11-22 were restaged")
    assert shop.state("S01") is State.DELIVERED
    assert plan_restage(shop.work, DAY, DAY) == []


def test_who_restages_for_another_reason_accepts_nothing_in_passing(shop: Shop) -> None:
    shop.send(Till("S01", first=2, first_z=2).slice("20:00", sale("3.00"), z()))
    collect(shop.work, "S01")
    shop.settle(mappings=MAPPINGS + FROM_NEXT)
    said: list[str] = []

    apply_restage(replace(shop.work, by="Bob Jones"), plan_restage(shop.work, DAY, DAY), said.append)

    assert said[0].startswith("S01 2026-11-22: ready")
    assert log(shop)[1][1:3] == ("Bob Jones", "bakery apart")  # found by the check, as by any other


def test_a_mapping_that_was_only_shown_to_move_is_not_accepted_by_that(shop: Shop) -> None:
    shop.settle(mappings=EDITED)

    plan_restage(shop.work, DAY, DAY)

    assert log(shop) == [FIRST]


# Preview


def test_a_preview_says_what_would_have_moved_on_each_day_and_writes_nothing(shop: Shop) -> None:
    shop.run(NEXT)
    events = [shop.work.ledger.events("S01", day) for day in (DAY, NEXT)]
    before = shop.work.settings.company(CODE).mappings
    shop.settle(mappings=f"{MAPPINGS}- {{valid_from: 2027-01-01, categories: {{GROCERY: 4010, DELI: 4011}}}}\n")
    company = shop.work.settings.company(CODE)

    found = preview(shop.work, company, before, company.mappings)

    assert found
    assert [
        (day.trading_day, [(m.source and m.source.nominal, m.target and m.target.nominal) for m in day.moves])
        for day in found.days
    ] == [(DAY, [("4000", "4010"), ("4001", "4011")]), (NEXT, [("4000", "4010")])]
    assert found.effect.moves == (
        Moved(Role.SALES, "4000 T1", "4010 T1", 15_50, 3_10),
        Moved(Role.SALES, "4001 T1", "4011 T1", 1_67, 33),
    )
    assert (found.effect.store_days, found.effect.moved) == (2, 2)
    assert [shop.work.ledger.events("S01", day) for day in (DAY, NEXT)] == events
    assert log(shop) == [FIRST]


def test_a_posted_day_that_waits_for_the_change_to_be_accepted_is_looked_at_too(shop: Shop) -> None:
    shop.settle(mappings=EDITED)
    shop.run(DAY, NEXT)
    assert (shop.state("S01"), shop.state("S01", NEXT)) == (State.HELD, State.HELD)

    version = accept(shop.work, CODE, **ANN, past=True)

    assert version
    assert version.effect
    assert (version.effect.store_days, version.effect.moves) == (1, (TO_4010,))


def test_a_day_that_would_be_held_under_the_change_is_told_and_left_out(shop: Shop) -> None:
    company = shop.work.settings.company(CODE)
    (block,) = company.mappings
    without = block.model_copy(update={"categories": {"GROCERY": "4000"}})

    found = preview(shop.work, company, company.mappings, (without,))

    assert found
    assert [(day.but, day.moves) for day in found.days] == [("not mapped: category DELI", ())]
    assert (found.effect.store_days, found.effect.left_out) == (0, 1)


def test_at_most_so_many_store_days_are_looked_at_the_newest_first(shop: Shop) -> None:
    shop.run(NEXT)
    company = shop.work.settings.company(CODE)

    found = preview(shop.work, company, company.mappings, company.mappings, most=1)

    assert found
    assert ([day.trading_day for day in found.days], found.too_many, found.effect.left_out) == ([NEXT], 1, 1)


# At the command line


def test_the_commands_say_what_changed_what_it_moves_and_who_accepted_it(shop: Shop, typed: Typed) -> None:
    assert typed("mapping", "check") == (0, "corner-shops: mappings.yaml says what was accepted last\n")
    shop.settle(mappings=EDITED)

    checked, refused = typed("mapping", "check")
    shown, moves = typed("mapping", "preview")
    unasked, why = typed("mapping", "accept", "--company", CODE, "--why", "moved", "--by", "Ann Smith")
    accepted, said = typed("mapping", "accept", "--company", CODE, "--why", "moved", "--by", "Ann Smith", "--past")
    listed, table = typed("mapping", "log")
    _, as_json = typed("mapping", "log", "--json")

    assert (checked, shown, unasked, accepted, listed) == (1, 0, 1, 0, 0)
    assert refused.splitlines()[:6] == [
        "corner-shops: mappings.yaml against version 1",
        "  category GROCERY: 4000 to 4010 from 1 Jan 2026",
        "  1 of 1 store-days of 2026-10-24 to 2026-11-22 would have moved",
        "    sales: 4000 T1 to 4010 T1, net 10.50, tax 2.10",
        "REFUSED corner-shops/mappings.yaml: changes days that are posted, up to 2026-11-22",
        "  category GROCERY: 4000 to 4010 from 1 Jan 2026",
    ]
    assert "Sun 22 Nov 2026  S01    sales  4000 dept 1 T1  4010 dept 1 T1  10.50  2.10" in moves
    assert "  sales: 4000 dept 1 T1 to 4010 dept 1 T1, net 10.50, tax 2.10" in moves.splitlines()
    assert "REFUSED" not in why
    assert "changes days that are posted" in why
    assert said.splitlines()[0] == "corner-shops: version 2 accepted by Ann Smith"
    assert "2 (alters posted days)" in table
    (first, second) = json.loads(as_json)
    assert (first["number"], first["effect"], second["by"], second["alters_past"]) == (1, None, "Ann Smith", True)
    assert second["effect"]["moves"][0]["net"] == "10.50"
    assert (second["effect"]["first"], second["effect"]["last"]) == ("2026-10-24", "2026-11-22")


def test_two_versions_of_the_log_and_the_file_are_told_apart_in_words(shop: Shop, typed: Typed) -> None:
    shop.settle(mappings=MAPPINGS + FROM_NEXT)
    shop.run(NEXT)
    later = f"- {{valid_from: {LATER}, tenders: {{AMEX: 1251}}}}\n"
    shop.settle(mappings=MAPPINGS + FROM_NEXT + later)

    _, of_file = typed("mapping", "diff")
    _, of_versions = typed("mapping", "diff", "--from", "1", "--to", "2")
    _, of_the_last = typed("mapping", "diff", "--to", "2")
    unknown, why = typed("mapping", "diff", "--from", "9")

    assert of_file.splitlines() == [
        "corner-shops: mappings.yaml against version 2",
        "  tender AMEX: new, 1251 from 24 Nov 2026",
    ]
    assert of_versions.splitlines() == [
        "corner-shops: version 2 against version 1",
        "  category GROCERY: 4000 to 4010 from 23 Nov 2026",
    ]
    assert of_the_last == of_versions
    assert (unknown, "no version 9" in why) == (2, True)


def test_a_rate_that_is_not_its_codes_is_refused_by_file_and_key(shop: Shop, typed: Typed) -> None:
    file = shop.home.parent / "config" / CODE / "mappings.yaml"
    file.write_text(MAPPINGS.replace("{code: T5, rate: 5}", "{code: T5, rate: 20}"))

    code, said = typed("mapping", "check")

    assert code == 1
    assert "REFUSED corner-shops/mappings.yaml: 1.tax_classes.RED.rate: 20 is not the rate of T5" in said


def test_a_company_that_says_its_own_rates_may_map_them(open_shop: OpenShop) -> None:
    mappings = MAPPINGS.replace("{code: T5, rate: 5}", "{code: T5, rate: 12.5}")

    shop = open_shop("S01", company=f"{COMPANY}sage: {{tax_rates: {{T5: [5, 12.5]}}}}\n", mappings=mappings)

    assert shop.work.settings.company(CODE).mapping_on(DAY).tax_classes["RED"].rate_bp == 1250


# Words


@pytest.mark.parametrize(
    ("later", "words"),
    [
        ("{valid_from: 2026-12-01, categories: {GROCERY: 4010}}", ["category GROCERY: 4000 to 4010 from 1 Dec 2026"]),
        ("{valid_from: 2026-12-01, customers: {C009: CLUB001}}", ["customer C009: new, CLUB001 from 1 Dec 2026"]),
        ("{valid_from: 2026-12-01, tenders: {CASH: 1230}}", []),
        (
            "{valid_from: 2026-12-01, categories: {DELI: voucher}}\n"
            "- {valid_from: 2027-01-01, categories: {DELI: 4001}}",
            ["category DELI: 4001 to voucher from 1 Dec 2026 to 31 Dec 2026"],
        ),
    ],
)
def test_a_change_is_said_in_words(open_shop: OpenShop, later: str, words: list[str]) -> None:
    before = open_shop("S01").work.settings.company(CODE).mappings
    after = open_shop("S01", mappings=f"{MAPPINGS}- {later}\n").work.settings.company(CODE).mappings

    assert [change.words for change in changes_between(before, after)] == words
    assert (digest_of(before) == digest_of(after)) is not bool(words)
    assert blocks_of(canonical(after)) == after


def test_a_tax_class_reaches_into_the_night_after_the_trading_day_before() -> None:
    from storeday.config.mapping_changes import CodeChange

    tax = CodeChange("tax_classes", "STD", "T1 at 20%", "T1 at 22%", NEXT, LATER)
    other = CodeChange("categories", "GROCERY", "4000", "4010", NEXT, LATER)

    assert [tax.touches(day, day) for day in (DAY - timedelta(days=1), DAY, NEXT, LATER)] == [False, True, True, False]
    assert [other.touches(day, day) for day in (DAY, NEXT, LATER)] == [False, True, False]


# On the board


def test_the_board_shows_the_log_in_words_with_its_effect_in_money_and_what_is_refused(shop: Shop) -> None:
    shop.settle(mappings=MAPPINGS + FROM_NEXT)
    shop.run(NEXT)
    shop.settle(mappings=(MAPPINGS + FROM_NEXT).replace("CASH: 1230", "CASH: 1231"))
    browser = as_person(board_app(shop), "reader")

    shown = browser.get("/mappings")

    text = html.unescape(shown.text)
    assert shown.status_code == 200
    assert "category GROCERY: 4000 to 4010 from 23 Nov 2026" in text
    assert "sales: 4000 T1 to 4010 T1, net £10.50, tax £2.10" in text
    assert "1 of 1 store-days of 2026-10-24 to 2026-11-22 would have moved" in text
    assert "<li>tender CASH: 1230 to 1231 from 1 Jan 2026</li>" in text
    assert "begins after Mon 23 Nov 2026" in text
    assert browser.get("/mappings", params={"company": "nobody"}).status_code == 404
