"""The audit's sums, for any month: nothing is lost between tills and Sage, and every total is that of its parts."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from storeday.ledger.month import HandedOver, MonthDay
from storeday.model.money import minor_of, plain
from storeday.model.store_day import State
from storeday.reconcile.audit.facts import MonthFacts, SageRead
from storeday.reconcile.audit.month import MonthAudit, audit_of
from storeday.reconcile.audit.view import shown

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
STORES = ["S01", "S02", "S03"]
CODES = ["T0", "T1", "T5", "T9"]
a_few = settings(max_examples=40)  # each is an audit with all its tables
minor = st.integers(-1_000_000_00, 1_000_000_00)
by_code = st.dictionaries(st.sampled_from(CODES), st.tuples(minor, minor), max_size=4)


@st.composite
def store_day(draw: st.DrawFn, store: str, day: date) -> tuple[MonthDay, list[HandedOver]]:
    """A store-day in any state; of one that is done all was handed over."""
    state = draw(st.sampled_from([each for each in State if each is not State.EXPECTED]))
    codes, beside = draw(by_code), draw(minor)
    net, tax = (sum(amounts[n] for amounts in codes.values()) for n in (0, 1))
    over = draw(st.lists(st.tuples(st.sampled_from(["01", "02"]), minor), max_size=3))
    summary = {
        "net": plain(net),
        "tax": plain(tax),
        "tax_codes": {code: {"net": plain(n), "tax": plain(t)} for code, (n, t) in codes.items()},
        "rounding": plain(draw(minor)),
        "rounded": {"receipts": draw(st.integers(0, 9))},
        "tax_differences": {"found": 0, "sum": "0.00"},
        "over_short_by_till": [{"till": till, "tender": "CASH", "amount": plain(m)} for till, m in over],
    }
    if state in {State.HELD, State.RECEIVED}:
        summary = {"warnings": []}
    made = MonthDay(store, day, state, draw(st.integers(0, 500)), net + tax + beside, tax, summary)
    is_done = state in {State.DELIVERED, State.CONFIRMED}
    handed = codes if is_done else draw(by_code)
    return made, [HandedOver(store, day, code, n, t) for code, (n, t) in handed.items()]


@st.composite
def months(draw: st.DrawFn) -> MonthFacts:
    days = [FIRST.replace(day=n) for n in draw(st.lists(st.integers(1, 30), unique=True, max_size=4))]
    made = [draw(store_day(store, day)) for store in STORES for day in days if draw(st.booleans())]
    expected = draw(st.sets(st.tuples(st.sampled_from(STORES), st.sampled_from(days)))) if days else set()
    return MonthFacts(
        company="c",
        name="C Ltd",
        currency="GBP",
        edition="sage50-uk",
        environment="production",
        first=FIRST,
        last=LAST,
        upto=max(days, default=None),
        shops=dict.fromkeys(STORES, "Shop"),
        expected=frozenset(expected),
        days=tuple(day for day, _ in made),
        handed_over=tuple(line for _, lines in made for line in lines),
        sage=SageRead(("trail.csv",), ()) if draw(st.booleans()) else None,
    )


def sums(audit: MonthAudit, table: str) -> dict[str, int]:
    return {name: int(audit[table][name].sum()) for name in audit[table].columns if name.endswith("_minor")}


@a_few
@given(months())
def test_sales_are_handed_over_or_waiting_or_unexplained_and_nothing_is_lost(facts: MonthFacts) -> None:
    days = sums(audit_of(facts), "store_days")

    assert days["sales_minor"] == days["handed_over_minor"] + days["waiting_minor"] + days["unexplained_minor"]
    assert days["handed_over_minor"] == sum(line.net_minor + line.tax_minor for line in facts.handed_over)


@a_few
@given(months())
def test_a_day_that_was_handed_over_whole_leaves_nothing_unexplained(facts: MonthFacts) -> None:
    assert audit_of(facts).unexplained_minor == 0


@a_few
@given(months())
def test_stores_and_tax_codes_add_up_to_the_store_days(facts: MonthFacts) -> None:
    audit = audit_of(facts)
    days, stores, codes = (sums(audit, name) for name in ("store_days", "stores", "vat_codes"))
    counts = audit["stores"][["store_days", "confirmed_days", "handed_over_days", "open_days"]].sum()

    for name in ("takings_minor", "sales_minor", "handed_over_minor", "waiting_minor", "unexplained_minor"):
        assert stores[name] == days[name]
    assert codes["handed_over_net_minor"] + codes["handed_over_tax_minor"] == days["handed_over_minor"]
    assert counts.tolist() == [len(audit["store_days"]), audit.confirmed, audit.handed_over, audit.open]
    if facts.sage:
        assert stores["confirmed_minor"] == days["confirmed_minor"]
        assert codes["confirmed_net_minor"] + codes["confirmed_tax_minor"] == days["confirmed_minor"]


@a_few
@given(months())
def test_boxes_hold_the_codes_that_are_on_the_return(facts: MonthFacts) -> None:
    audit = audit_of(facts)
    boxes = audit["vat_boxes"].set_index("box")["handed_over_minor"]
    on_return = [line for line in facts.handed_over if line.tax_code != "T9"]

    assert boxes[1] == boxes[3] == boxes[5] == sum(line.tax_minor for line in on_return)
    assert boxes[6] == sum(line.net_minor for line in on_return)


@a_few
@given(months())
def test_over_and_short_by_till_come_to_what_was_counted(facts: MonthFacts) -> None:
    found = sums(audit_of(facts), "over_short")
    counted = [each["amount"] for day in facts.days for each in day.summary.get("over_short_by_till", [])]

    assert found["net_minor"] == found["over_minor"] + found["short_minor"]
    assert found["net_minor"] == sum(minor_of(said) for said in counted)


@a_few
@given(months())
def test_the_headline_counts_every_store_day_once(facts: MonthFacts) -> None:
    audit = audit_of(facts)
    said = shown(audit)

    assert audit.confirmed + audit.handed_over + audit.open == len(audit["store_days"])
    squares = [square for _, _, row in said.calendar.rows for square in row if square.state != "closed"]
    assert len(squares) == len(audit["store_days"])
