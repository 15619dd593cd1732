"""What is mutated: the golden slices of every feed, each with a mapping under which its takings can be staged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import pyarrow.compute as pc
from golden_feeds import GOLDEN
from storeday.config.settings import Store
from storeday.config.text import read_yaml
from storeday.feeds.base import ReadFile, companions_of, read_slice
from storeday.feeds.registry import FEEDS
from storeday.model.content import Content
from storeday.stages.workplace import feed_and_rules
from tills import Line, Slice, Till, no_money, refund, sale, z

Parts = dict[str, bytes]
"""A slice: its files by name, the data file first."""

RATES = {
    "clover/evening": {"TAXED": "T1 10.97", "UNTAXED": "T0 0"},
    "lightspeed-k/day": {"VAT20": "T1 20", "VAT0": "T0 0"},
    "loyverse/added": {"TAXED": "T1 5"},
    "loyverse/included": {"TAXED": "T1 23", "UNTAXED": "T0 0"},
    "poslog-ncr/evening": {"TAX1": "T1 8.25"},
    "poslog-ncr/split": {"TAX1": "T1 10.25", "TAX2": "T1 10.25", "TAX1+TAX2": "T1 10.25"},
    "poslog-newpos/day": {"DKT:HighTaxRate": "T1 20", "DKT:ZeroTaxRate": "T0 0"},
    "poslog-r10/day": {"A": "T0 0", "C": "T1 20"},
    "poslog-roqqio/day": {"TAX": "T1 19", "8091115": "T1 19", "7000001": "T1 19", "1122702": "T1 19"},
    "poslog-xstore/day": {"1": "T0 0", "3": "T1 20"},
    "shopify/uk": {"TAXABLE": "T1 20", "SHIPPING": "T1 20", "GB VAT 20%": "T1 20", "NOTTAXABLE": "T0 0"},
    "shopify/us-older": {
        "TAXABLE": "T1 8.13",
        "SHIPPING": "T1 8.13",
        "New York State Tax 4%": "T1 8.13",
        "New York City Tax 4.5%": "T1 8.13",
        "NOTTAXABLE": "T0 0",
    },
    "square/au": {"TAXED": "T1 10", "FREE": "T0 0"},
    "square/us": {"TAXED": "T1 8", "UNTAXED": "T0 0"},
    "storeday-csv/morning": {"STD": "T1 20", "ZERO": "T0 0"},
    "toast/downtown": {"TAXED": "T1 8.91", "UNTAXED": "T0 0"},
}
"""By case and tax class: Sage's code and the rate, chosen so that the golden slice's tax fits it."""

SAID_MORE = {"toast/downtown": "tolerances: {tax: 25}"}  # food and drink are taxed at rates of their own there
"""What a store's settings say beyond those of the golden slice."""

ELSEWHERE = {"DISCOUNT": "spread"}
"""Categories that do not go to the one nominal for sales."""

MORNING = """\
timezone: Europe/London
day_starts_at: "04:00"
feed: storeday-csv
slice_minutes: 60
tills: ["01"]
"""


@dataclass(frozen=True)
class Case:
    """One golden slice of a feed."""

    name: str  # feed/folder
    feed: str
    store_text: str  # the store's own settings, as a store's file says them
    parts: Parts

    @cached_property
    def store(self) -> Store:
        """The store as its settings say."""
        usual = {"code": "S01", "name": "A shop", "department": 1, "source": {"kind": "folder", "path": "/srv"}}
        return Store.model_validate({**usual, **read_yaml(self.store_text)})

    @property
    def main(self) -> str:
        """The name of the data file."""
        return next(iter(self.parts))

    def read(self, parts: Parts) -> ReadFile:
        """What the feed reads of a slice in this one's place. Raises: FileRejected."""
        feed, rules = feed_and_rules(self.store)
        return read_slice(feed, {name: Content(content) for name, content in parts.items()}, rules)

    @cached_property
    def mappings(self) -> str:
        """A mapping that knows what the golden slice names."""
        tables = self.read(self.parts).tables
        categories, tenders = (
            table.column(column).unique().to_pylist()
            for table, column in ((tables.lines, "category"), (tables.tenders, "tender"))
        )
        classes = {name: said.split() for name, said in {**RATES[self.name], "NOTAX": "T9 0"}.items()}
        return "\n".join(
            [
                "- valid_from: 2000-01-01",
                "  tax_classes:",
                *(f'    "{name}": {{code: {code}, rate: {rate}}}' for name, (code, rate) in classes.items()),
                "  categories:",
                *(f'    "{name}": {ELSEWHERE.get(name, "4000")}' for name in categories),
                "  tenders:",
                *(f'    "{name}": 1250' for name in tenders),
            ]
        )

    @cached_property
    def rates_of_t1(self) -> list[str]:
        """What T1 stands for in this case, in percent."""
        return sorted({said.split()[1] for said in RATES[self.name].values() if said.startswith("T1 ")})

    @cached_property
    def days(self) -> list[date]:
        """The trading days of its receipts."""
        return sorted(pc.unique(self.read(self.parts).tables.receipts.column("trading_day")).to_pylist())


@cache
def cases() -> dict[str, Case]:
    """All of them by name, in order."""
    staged = [path for path in sorted(GOLDEN.glob("*/*/store.yaml")) if path.parent.parent.name != "storeday-csv"]
    found = [_golden(settings) for settings in staged]  # that of storeday-csv has no Z of one of its tills
    return {case.name: case for case in [*found, _morning()]}


def _golden(settings: Path) -> Case:
    name = str(settings.parent.relative_to(GOLDEN))
    text = "\n".join([settings.read_text(), SAID_MORE.get(name, "")])
    feed = FEEDS[read_yaml(text)["feed"]]
    main = next(settings.parent.rglob("*.golden.json"))
    file = str(main.relative_to(settings.parent)).removesuffix(".golden.json")
    names = (file, *companions_of(feed, file))
    parts = {each: (settings.parent / each).read_bytes() for each in names}
    return Case(name, feed.name, text, parts)


def _morning() -> Case:
    till = Till("S01")
    goods = sale("12.60", Line("6.00", tax_class="ZERO", discount="1.00", description='Bread, "rye"'), tender="VISA")
    part: Slice = till.slice("09:00", goods, sale("3.00"), no_money(), refund("2.40"), sale("0.55"), z())
    return Case("storeday-csv/morning", "storeday-csv", MORNING, {part.name: part.content})
