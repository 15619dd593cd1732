"""The sheet: the page that a bookkeeper reads, signs and imports from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Template

from storeday.model.money import minor_of, money
from storeday.sage50.pages import page_environment
from storeday.sage50.transaction_files import transaction_files

EDITIONS = {"sage50-uk": "Sage 50 UK", "sage50-ie": "Sage 50 Ireland"}
PROFILES = {"bank_receipts": "bank receipts", "takings_customer": "takings customer", "journal": "journals"}


def sheet_of(manifest: dict[str, Any], waiting: list[dict[str, Any]]) -> str:
    """The page of one batch, from its manifest and the store-days that are not in it.

    ``waiting`` has, per store-day left out: store, name, state, gross and the reasons in lines of text.
    """
    days = manifest["store_days"]
    return _template().render(
        m=manifest,
        day=date.fromisoformat(manifest["trading_day"]),
        mapping_from=date.fromisoformat(manifest["mapping"]["valid_from"]),
        edition=EDITIONS[manifest["edition"]],
        profile=PROFILES[manifest["profile"]],
        days=days,
        files=transaction_files(manifest),
        waiting=waiting,
        tax_codes=sorted({code for d in days for code in d["tax_codes"]}),
        tenders=sorted({tender for d in days for tender in d["tenders"]}),
        total=_totals(days),
        not_provable=[(d["store"], d["not_provable"]) for d in days if d.get("not_provable")],
        warnings=[(d["store"], warning) for d in days for warning in d["warnings"]],
        pos_files=sum(len(d["pos_files"]) for d in days),
    )


def _totals(days: list[dict[str, Any]]) -> dict[str, str]:
    total: dict[str, int] = defaultdict(int)
    for day in days:
        for name in ("sales", "refunds", "gross", "tax", "vouchers_sold", "net", "rounding", "staged_gross"):
            total[name] += minor_of(day[name])
        for code, amounts in day["tax_codes"].items():
            total[f"tax {code}"] += minor_of(amounts["tax"])
        for tender, amount in day["tenders"].items():
            total[f"tender {tender}"] += minor_of(amount)
        total["over_short"] += sum(minor_of(over) for over in day["over_short"].values())
    return {name: money(minor) for name, minor in total.items()} | {"receipts": f"{sum(d['receipts'] for d in days):,}"}


def _shown(amount: str | None) -> str:
    """An amount of the manifest as people read it."""
    return money(minor_of(amount)) if amount else "0.00"


@cache
def _template() -> Template:
    environment = page_environment()
    environment.filters["money"] = _shown
    environment.filters["over"] = lambda day: _over_words(day["over_short"])
    return environment.get_template("sheet.html.j2")


def _over_words(over_short: dict[str, str]) -> str:
    """Over and short by tender, in words; empty where everything was counted as taken."""
    found = [(tender, minor_of(over)) for tender, over in over_short.items() if minor_of(over)]
    return (
        ", ".join(f"{money(abs(over))} {'over' if over > 0 else 'short'} {tender}" for tender, over in found) or "0.00"
    )
