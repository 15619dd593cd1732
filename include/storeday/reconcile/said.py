"""The words of differences: what a row is, why it may differ, what to do. Source: docs/reconcile.md, "Kinds"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd

from storeday.model.differences import DifferenceKind as Kind
from storeday.model.money import money
from storeday.sage50.uk_file import USER

ONLY_REVERSED: Final = "It is on a VAT return already: it can't be deleted, only reversed."

REASONS: Final = {
    Kind.NOT_IMPORTED: "Its files were handed over, and Sage has no row of them: the import was left out or refused.",
    Kind.IMPORTED_TWICE: "The same file was imported again: Sage takes it twice.",
    Kind.CHANGED: "A person edited it in Sage, which deletes the transaction and posts another.",
    Kind.DELETED: "A person deleted it in Sage.",
    Kind.BY_HAND: "A person posted it in Sage.",
    Kind.UNKNOWN_BATCH: "It is called like ours: a draft that was imported, or another installation's batch.",
    Kind.LOCKED_PERIOD: "Its date is on or before Sage's lock date, so Sage refuses it.",
    Kind.VAT_RECONCILED: "Ours is on a VAT return, so Sage lets nobody delete it: it was taken back by an entry.",
    Kind.STOCK: "A person changed the stock transaction in Sage, or booked it by hand.",
    Kind.VAT_BOX: "Every row is as it was handed over, and the box is not: the tax code is set up otherwise in Sage.",
    Kind.TENDER: "Every row is as it was handed over, and the account is not: it is booked otherwise in Sage.",
}

WHAT_NOW: Final = {
    Kind.NOT_IMPORTED: "Import the batch's files from the outbox.",
    Kind.IMPORTED_TWICE: "Delete one in Sage, or have its reversal staged: storeday reconcile fix --batch {batch}",
    Kind.CHANGED: "Put it back in Sage; or, where Sage is right, correct the till's figures or the mapping.",
    Kind.DELETED: "Post it again in Sage as it was; or roll the store-day back, where none of it is to be in Sage.",
    Kind.BY_HAND: "Take it back in Sage, or book it on an account that is not storeday's.",
    Kind.UNKNOWN_BATCH: "Delete it in Sage, unless it is known where it comes from.",
    Kind.LOCKED_PERIOD: "Move the lock date back and import it; or set locked_days: first_open_day and stage it again.",
    Kind.VAT_RECONCILED: "Roll the store-day back here too, so that both sides have it; or take it back in Sage.",
    Kind.STOCK: "Put the quantity right in Sage by an adjustment (AI or AO).",
    Kind.VAT_BOX: "Compare the tax code's settings in Sage with the mapping's rates.",
    Kind.TENDER: "Look at the account's activity in Sage.",
}


def row_words(row: Any) -> str:
    """A row of the trail, as a bookkeeper finds it."""
    parts = [row.type, _there(row.account), row.nominal, _there(row.tax_code)]
    return " ".join([*filter(None, parts), money(int(row.net_minor)), *_tax(row)])


def change_words(ours: Any, sage: Any) -> str:
    """What of a row is other in Sage."""
    said = [f"{ours.type} {ours.nominal}"]
    for column, word in (("account", "account"), ("nominal", "nominal"), ("tax_code", "tax code")):
        was, now = _there(getattr(ours, column)), _there(getattr(sage, column))
        said += [f"{word} {was} to {now}"] if was and now and was != now else []
    if _there(ours.department) and _there(sage.department) and ours.department != sage.department:
        said.append(f"department {ours.department} to {sage.department}")
    said += [f"date {ours.date:%d/%m/%Y} to {sage.date:%d/%m/%Y}"] if ours.date != sage.date else []
    for column, word in (("net_minor", "net"), ("tax_minor", "tax")):
        before, after = int(getattr(ours, column)), int(getattr(sage, column))
        said += [f"{word} {money(before)} to {money(after)}"] if before != after else []
    return ", ".join(said)


def by_whom(rows: Iterable[Any]) -> str:
    """Sage's user of rows that a person posted, where the export says one."""
    users = sorted({_there(row.user) for row in rows} - {"", USER})
    return f" Sage's user: {first_few(users)}." if users else ""


def first_few(words: Iterable[str], many: int = 3) -> str:
    """The first of some words, and how many more there are."""
    said: Sequence[str] = list(words)
    more = f" and {len(said) - many} more" if len(said) > many else ""
    return "; ".join(said[:many]) + more


def _tax(row: Any) -> list[str]:
    return [f"tax {money(int(row.tax_minor))}"] if int(row.tax_minor) else []


def _there(value: Any) -> str:
    """A value as text; empty where the export does not show it."""
    return "" if pd.isna(value) else str(value)
