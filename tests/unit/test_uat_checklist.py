"""The list of what to try in a real Sage 50 names every open fact, once, with the default that holds until then."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import get_args

import yaml
from storeday.config.sage_facts import SageFacts
from storeday.config.settings import Company
from storeday.config.uat import questions

DOCS = Path(__file__).parents[2] / "docs"
FACT = re.compile(r"^\| `sage\.(\w+)` \| `(.+?)` \| (.+) \|$", re.MULTILINE)


def test_every_open_fact_is_on_the_list_with_its_default_and_nothing_else_is() -> None:
    listed = FACT.findall((DOCS / "uat-checklist.md").read_text())

    names = Counter(name for name, _, _ in listed)

    assert names == Counter(list(SageFacts.model_fields))
    assert SageFacts.model_validate({name: yaml.safe_load(taken) for name, taken, _ in listed}) == SageFacts()


def test_every_value_that_a_list_entry_offers_is_one_that_the_setting_takes() -> None:
    listed = FACT.findall((DOCS / "uat-checklist.md").read_text())

    offered = [
        (name, word) for name, _, what in listed for word in re.findall(r"`([a-z0-9_]+)`", what) if word != "journal"
    ]

    assert len(offered) > 20
    assert all(SageFacts.model_validate({name: yaml.safe_load(word)}) for name, word in offered)


def test_the_questions_that_the_report_asks_are_those_of_the_list_word_for_word() -> None:
    page = (DOCS / "uat-checklist.md").read_text()
    items = re.findall(r"^- \[ \] `(\w+)`: (.+?)(?=\n- |\n\n|\Z)", page, re.MULTILINE | re.DOTALL)
    listed = [*items, *((f"sage.{name}", what) for name, _, what in FACT.findall(page))]

    asked = [(each.id, each.try_this) for each in questions().values()]

    assert asked == [(name, " ".join(re.sub(r"\[(.+?)\]\(.+?\)", r"\1", what).split())) for name, what in listed]
    assert len(asked) == len(SageFacts.model_fields) + 10


def test_what_a_question_matters_to_is_something_that_a_company_has() -> None:
    profiles = get_args(Company.model_fields["profile"].annotation)
    known = {"everyone", "stock", "customers", "products", *profiles}

    said = {word for each in questions().values() for word in each.matters_to}

    assert {word for word in said if not re.fullmatch(r"T\d", word)} <= known


def test_other_pages_say_where_the_list_is() -> None:
    pages = [DOCS / "sage50-uk.md", DOCS / "sandbox.md"]

    assert all("uat-checklist.md" in page.read_text() for page in pages)
