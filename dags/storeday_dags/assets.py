"""The assets of the way from till to Sage, a set a company: the stores of one company are one group.

A mapped task runs for every company, so it declares the assets of all of them; each of its instances tells of its own
company's alone, with counts, totals and digests. What made nothing new makes no event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from airflow.sdk import Asset, get_current_context

from storeday_dags.schedule import companies, companies_with_stock

Assets = dict[str, Asset]
"""An asset of each company, by the company's code."""


def _each(codes: Iterable[str], name: str, place: str) -> Assets:
    return {code: Asset(name=f"{code}: {name}", uri=f"storeday://{code}/{place}", group=code) for code in codes}


TILLS = _each(companies(), "tills", "tills")
LANDED = _each(companies(), "till files landed", "landing")
CHECKED = _each(companies(), "store-days checked", "canonical")
READY = _each(companies(), "store-days ready", "ledger/wanted_lines")
STAGED = _each(companies(), "takings staged", "staging")
DELIVERED = _each(companies(), "takings delivered", "outbox")
STOCK_STAGED = _each(companies_with_stock(), "stock staged", "staging/stock")
STOCK_DELIVERED = _each(companies_with_stock(), "stock delivered", "outbox/stock")
SAGE = _each(companies(), "Sage 50", "sage50")
"""What the ledger counts as in Sage from the moment that a batch is delivered."""

CONFIRMED = _each(companies(), "reconciled with Sage", "ledger/readings")


def every(*assets: Assets) -> list[Asset]:
    """The assets of all companies, for a task's inlets or outlets."""
    return [asset for each in assets for asset in each.values()]


class Made(Protocol):
    """What a stage came to."""

    @property
    def is_new(self) -> bool:
        """Whether it made anything."""

    def facts(self) -> dict[str, Any]:
        """Counts, totals and digests, under the company that they are of."""


def tell(made: Made, *assets: Assets) -> None:
    """Let each of these assets of the company have an event that carries the facts, where anything is new."""
    if made.is_new:
        facts = made.facts()
        _tell(str(facts["company"]), facts, *assets)


def tell_together(made: Iterable[Made], *assets: Assets) -> None:
    """The same for what one task did of several stores: one event a company, with totals and each store's own facts."""
    by_company: dict[str, list[dict[str, Any]]] = {}
    for each in made:
        if each.is_new:
            facts = each.facts()
            by_company.setdefault(str(facts["company"]), []).append(facts)
    for company, stores in by_company.items():
        _tell(company, {"company": company, **_totals(stores), "stores": stores}, *assets)


def _tell(company: str, facts: dict[str, Any], *assets: Assets) -> None:
    context = get_current_context()
    for each in assets:
        context["ti"].task.outlets.append(each[company])
        context["outlet_events"][each[company]].extra = facts


def _totals(stores: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums of all whole numbers; of money as text, too."""
    from storeday.model.money import plain

    sums = {name: sum(facts[name] for facts in stores) for name, said in stores[0].items() if isinstance(said, int)}
    money = {name.removesuffix("_minor"): plain(total) for name, total in sums.items() if name.endswith("_minor")}
    return {**sums, **money}


def tell_nothing_yet() -> None:
    """Take from this instance of a task all that the task declares: Airflow would give each of them an event."""
    get_current_context()["ti"].task.outlets = []
