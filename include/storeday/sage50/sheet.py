"""The sheet: the page that a bookkeeper reads, signs and imports from. Everything on it is in the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Template

from storeday.model.money import minor_of, money
from storeday.model.pages import page_environment
from storeday.sage50 import sheet_tables as tables
from storeday.sage50.transaction_files import transaction_files

EDITIONS = {"sage50-uk": "Sage 50 UK", "sage50-ie": "Sage 50 Ireland"}
PROFILES = {"bank_receipts": "bank receipts", "takings_customer": "takings customer", "journal": "journals"}
RECORD_FILES = {"customers.csv": "Customer records", "products.csv": "Product records"}
"""Files of records that rows may need, in the order of their import, and what Sage's import calls them."""


def sheet_of(manifest: dict[str, Any]) -> str:
    """The page of one batch."""
    days = manifest["store_days"]
    return _template().render(
        m=manifest,
        day=_day(manifest["trading_day"]),
        mapping_from=_day(manifest["mapping"]["valid_from"]),
        edition=EDITIONS[manifest["edition"]],
        profile=PROFILES[manifest["profile"]],
        boxes=tables.box_words(manifest["edition"]),
        sandbox=for_the_sandbox(manifest),
        unusual=list(unusual(manifest)),
        waiting=tables.waiting(manifest),
        figures=[tables.takings(manifest), tables.tax(manifest), tables.tenders(manifest)],
        details=[
            table
            for made in (tables.over_short, tables.rounding, tables.beside_sales, tables.accounts)
            if (table := made(manifest)).rows
        ],
        looks=tables.worth_a_look(manifest),
        proof=tables.proof(manifest),
        notes=[table for made in (tables.not_provable, tables.names) if (table := made(manifest)).rows],
        records=[(name, called) for name, called in RECORD_FILES.items() if name in manifest["files"]],
        files=transaction_files(manifest),
        customers=_brought_by_others(manifest),
        payers=sorted({a["account"] for each in days for a in each["accounts"] if minor_of(a["paid_off"])}),
        pos_files=sum(len(each["pos_files"]) for each in days),
    )


def _brought_by_others(manifest: dict[str, Any]) -> list[str]:
    """The customers whose rows need them to be in Sage, where the batch itself brings none.

    A backfill delivers days side by side: the batch that brings one may be of a later day (docs/masters.md).
    """
    if "customers.csv" in manifest["files"]:
        return []
    return sorted({said["account"] for each in manifest["store_days"] for said in each["accounts"]})


def for_the_sandbox(manifest: dict[str, Any]) -> str:
    """What a batch says of itself while its company is a sandbox (docs/cutover.md); empty in production."""
    is_sandbox = manifest["environment"] == "sandbox"
    return "Sandbox: for a Sage company to try with, not for the books." if is_sandbox else ""


def unusual(manifest: dict[str, Any]) -> Iterator[str]:
    """What sets store-days of the batch apart from a day that is posted for the first time, in sentences."""
    for each in manifest["store_days"]:
        named = f"{each['store']} {each['name']}"
        if taken_back := [made for made in each["decisions"] if made["kind"] == "rollback"]:
            yield (
                f"{named} is rolled back by {taken_back[0]['by']}: {taken_back[0]['why']}. This batch takes "
                f"out of Sage what was delivered of the day, sales of {_shown(each['staged_gross'])}."
            )
        elif each["revision"] > 1:
            yield (
                f"{named}: correction {each['revision'] - 1}. What was delivered of the day before stays; here is only "
                f"what changed since, sales of {_shown(each['staged_gross'])}."
            )
        if each["posted_on"] != manifest["trading_day"]:
            yield (
                f"{named} is dated {_day(each['posted_on']):%-d %b %Y} in Sage, the first day after the lock date; its "
                f"rows name the true day."
            )


def _day(iso: str) -> date:
    return date.fromisoformat(iso)


def _shown(amount: str | None) -> str:
    """An amount of the manifest as people read it."""
    return money(minor_of(amount)) if amount else "0.00"


@cache
def _template() -> Template:
    environment = page_environment("storeday.sage50")
    environment.filters["money"] = _shown
    return environment.get_template("sheet.html.j2")
