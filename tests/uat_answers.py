"""Answers from a real Sage for tests: every question that matters to a company, answered as its settings say."""

from __future__ import annotations

import json

from shops import Shop
from storeday.config.uat import questions

CODE = "corner-shops"


def answers(shop: Shop, *, leave_out: str = "", **found: object) -> None:
    """Answer every question that matters to a company, as the settings say; ``found`` says otherwise by fact."""
    company = shop.work.settings.company(CODE)
    said = []
    for asked in questions().values():
        if asked.matters_for(company) and asked.id != leave_out:
            value = found.get(asked.fact, getattr(company.company.sage, asked.fact)) if asked.fact else "yes"
            key = "found" if asked.fact else "as_expected"
            words = {"said": "tried", "by": "Ann Smith", "on": "2026-12-01"}
            value = list(value) if isinstance(value, tuple) else value
            said.append({"question": asked.id, key: value, **words})
    write_answers(shop, {"sage": "Sage 50 Accounts v31", "answers": said})


def write_answers(shop: Shop, said: object) -> None:
    """Write the company's answers and read the settings again."""
    (shop.home.parent / "config" / CODE / "uat-answers.yaml").write_text(json.dumps(said))  # JSON is YAML, too
    shop.settle()
