"""The list of what to try in a real Sage 50 names every open fact, once, with the default that holds until then."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import yaml
from storeday.config.sage_facts import SageFacts

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


def test_other_pages_say_where_the_list_is() -> None:
    pages = [DOCS / "sage50-uk.md", DOCS / "sandbox.md"]

    assert all("uat-checklist.md" in page.read_text() for page in pages)
