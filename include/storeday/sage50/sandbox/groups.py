"""Rows under headers, and journals that must balance. Source: sage50-uk reference, 1.8 and 1.9."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from storeday.config.sage_facts import SageFacts
from storeday.model.money import money
from storeday.sage50.sandbox.file_text import Refusal
from storeday.sage50.sandbox.trail_rows import JOURNALS, ImportRules, TrailRow


def header_of_each(rows: Sequence[TrailRow], rules: ImportRules) -> list[int]:
    """Which header each row goes under, counted from 0 in the order of their first rows."""
    if not rules.is_grouped:
        return list(range(len(rows)))
    headers: list[int] = []
    known: dict[Hashable, int] = {}
    before: Hashable = None
    count = 0
    for row in rows:
        key = _group(row, rules.facts)
        apart = rules.facts.groups_must_stand_together and key != before
        if apart or key not in known:
            known[key] = count
            count += 1
        headers.append(known[key])
        before = key
    return headers


def _group(row: TrailRow, facts: SageFacts) -> Hashable:
    """A journal's debits and credits are one group whatever counts."""
    kind = "journal" if row.type in JOURNALS else row.type
    return (row.account, row.day, row.reference, kind if facts.group_by_type else "")


def unbalanced_journals(rows: Sequence[TrailRow], facts: SageFacts) -> list[Refusal]:
    """The rows of journals whose debits are not their credits."""
    journals: dict[tuple[str, ...], list[TrailRow]] = defaultdict(list)
    for row in rows:
        if row.type in JOURNALS:
            journals[_journal(row, facts)].append(row)
    refused = []
    for named, legs in journals.items():
        debits = sum(row.net_minor for row in legs if row.type == "JD")
        credits = sum(row.net_minor for row in legs if row.type == "JC")
        if debits != credits:
            said = f"{' '.join(['the journals', *named])}: debits {money(debits)}, credits {money(credits)}"
            refused += [Refusal(row.line, row.reference, said) for row in legs]
    return refused


def _journal(row: TrailRow, facts: SageFacts) -> tuple[str, ...]:
    day = f"of {row.day:%d/%m/%Y}"
    match facts.journal_balance:
        case "per_reference":
            return (day, row.reference)
        case "per_date":
            return (day,)
        case _:
            return ("of the file",)
