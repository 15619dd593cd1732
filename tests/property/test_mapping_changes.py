"""Any two mappings: the words name what differs and nothing else, and what a preview moves adds up to nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import MAPPINGS, OpenShop, Shop
from storeday.config.mapping_changes import KINDS, Blocks, blocks_of, canonical, changes_between, digest_of
from storeday.config.mappings import MappingBlock, in_force
from storeday.model.store_day import State
from storeday.stages.mapping_preview import preview
from tills import DAY, Line, Till, sale, z

BEGIN = date(2026, 1, 1)
DAYS = [BEGIN + timedelta(days=n) for n in range(8)]
WORDS = {word: heading for heading, word in KINDS.items()}


def codes(targets: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(["A", "B", "C"]), targets, max_size=3)


NOMINALS = st.sampled_from(["4000", "4001"])
BLOCK = st.fixed_dictionaries(
    {
        "tax_classes": codes(st.sampled_from([{"code": "T1", "rate": "20"}, {"code": "T1", "rate": "5.0"}])),
        "categories": codes(NOMINALS),
        "movements": codes(NOMINALS),
        "skus": codes(NOMINALS),
        "tenders": codes(st.sampled_from(["1230", "customer"])),
        "customers": codes(st.sampled_from(["CAFE001", "CLUB001"])),
    }
)


def _blocks(said: dict[date, dict[str, object]]) -> Blocks:
    return tuple(MappingBlock.model_validate({"valid_from": day, **said[day]}) for day in sorted(said))


MAPPING = st.dictionaries(st.sampled_from(DAYS), BLOCK, min_size=1, max_size=4).map(_blocks)


def on(blocks: Blocks, day: date) -> dict[tuple[str, str], object]:
    """Where every code leads on a day, by the rule that days are posted by."""
    try:
        mapping = in_force(blocks, day)
    except LookupError:
        return {}
    return {(heading, code): target for heading in KINDS for code, target in getattr(mapping, heading).items()}


@given(MAPPING, MAPPING)
def test_the_words_name_exactly_the_codes_that_lead_elsewhere_and_the_days_on_which_they_do(
    before: Blocks, after: Blocks
) -> None:
    differing = {
        (heading, code, day)
        for day in DAYS
        for heading, code in on(before, day).keys() | on(after, day).keys()
        if on(before, day).get((heading, code)) != on(after, day).get((heading, code))
    }

    changes = changes_between(before, after)

    assert {
        (change.heading, change.code, day)
        for change in changes
        for day in DAYS
        if change.first <= day and (change.until is None or day < change.until)
    } == differing
    named = {tuple(change.words.partition(":")[0].rsplit(" ", 1)) for change in changes}
    assert {(WORDS[kind], code) for kind, code in named} == {(heading, code) for heading, code, _ in differing}
    assert (digest_of(before) == digest_of(after)) == (not differing)


@given(MAPPING)
def test_a_mapping_is_read_back_from_the_ledgers_text_as_it_was(blocks: Blocks) -> None:
    assert blocks_of(canonical(blocks)) == blocks
    assert canonical(blocks_of(canonical(blocks))) == canonical(blocks)
    assert changes_between(blocks, blocks_of(canonical(blocks))) == []


# Preview


SOLD = {"GROCERY": 12_60, "DELI": 6_00, "BOOKS": 1_20, "TOYS": 24_00}
PAID = {"CASH": 30_00, "VISA": 13_80}
NET = {code: gross - gross // 6 for code, gross in SOLD.items()}
"""All at 20 %, and every gross a multiple of 6 pence."""
USUAL = MAPPINGS.replace("GROCERY: 4000", "GROCERY: 4000, BOOKS: 4002, TOYS: 4000")


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    opened = open_shop("S01", mappings=USUAL)
    lines = [Line(f"{gross // 100}.{gross % 100:02d}", category=code) for code, gross in SOLD.items()]
    paid = {code: f"{minor // 100}.{minor % 100:02d}" for code, minor in PAID.items()}
    opened.send(Till("S01").slice("09:00", sale(*lines, tender=paid), z()))
    opened.run()
    assert opened.state("S01") is State.DELIVERED, opened.held("S01")
    return opened


TARGETS = st.fixed_dictionaries({code: st.sampled_from(["4000", "4001", "4002", "4010"]) for code in SOLD})
BANKS = st.fixed_dictionaries({code: st.sampled_from(["1230", "1250", "1251"]) for code in PAID})


@settings(max_examples=50)
@given(TARGETS, BANKS, st.sampled_from([BEGIN, DAY, DAY + timedelta(days=40)]))
def test_what_a_preview_takes_from_one_account_it_brings_to_another_by_what_was_sold_and_paid(
    shop: Shop, categories: dict[str, str], tenders: dict[str, str], begins: date
) -> None:
    company = shop.work.settings.company("corner-shops")
    (usual,) = company.mappings
    block = MappingBlock.model_validate({"valid_from": begins, "categories": categories, "tenders": tenders})
    after = (usual, block) if begins > BEGIN else (_over(usual, block),)

    found = preview(shop.work, company, company.mappings, after)

    assert found
    moved: Counter[str] = Counter()
    for move in found.effect.moves:
        moved[move.source.partition(" ")[0]] -= move.net_minor
        moved[move.target.partition(" ")[0]] += move.net_minor
    expected: Counter[str] = Counter()
    for code, minor in NET.items():
        expected[usual.categories[code]] -= minor
        expected[categories[code]] += minor
    for code, minor in PAID.items():
        expected[usual.tenders[code]] -= minor
        expected[tenders[code]] += minor
    moved.pop("", None)  # where several came from several nobody can say which part went where
    assert {k: v for k, v in moved.items() if v} == {k: v for k, v in expected.items() if v}
    assert sum(moved.values()) == 0


def _over(usual: MappingBlock, block: MappingBlock) -> MappingBlock:
    both = {name: {**getattr(usual, name), **getattr(block, name)} for name in ("categories", "tenders")}
    return usual.model_copy(update=both)
