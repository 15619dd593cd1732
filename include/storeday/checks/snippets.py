"""What to paste where a code is mapped nowhere: lines of the settings, ready but for what only a person knows.

Where a Sage code must be chosen the lines say fill-in, which no setting takes: nothing is ever guessed, and what is
pasted and forgotten is named by check-config.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from storeday.checks.frames import NO_CODE, Given
from storeday.config.strict import FILL_IN
from storeday.model.money import money
from storeday.model.store_day import Snippet

_SECTIONS: Final = {
    "tax class": ("tax_classes", "Sage's tax code and its rate in per cent"),
    "category": ("categories", "a sales nominal, or voucher, customer, spread"),
    "tender": ("tenders", "a deposit nominal, or voucher, customer"),
    "counted tender": ("tenders", "a deposit nominal, or voucher, customer"),
    "customer": ("customers", "an account in Sage"),
}
_FILL_IN_CODES: Final = f", with Sage's code in place of each {FILL_IN}"
MOST_LINES: Final = 200
"""SKUs that are given ready-made lines at once; with more, a list is missing and not an article."""

Unmapped = list[dict[str, Any]]


def snippets_for(given: Given, codes: pd.DataFrame) -> tuple[Snippet, ...]:
    """The lines that would map the unmapped rows of the codes frame; a row without a code can't be mapped."""
    unmapped: Any = codes[codes["code"] != NO_CODE].to_dict("records")
    by_kind: dict[str, Unmapped] = {}
    for row in unmapped:
        by_kind.setdefault(row["kind"], []).append(row)
    mapped_in = [row for kind in _SECTIONS for row in by_kind.get(kind, [])]
    return (
        *(_mapping(given, mapped_in) if mapped_in else ()),
        *(_customers(given, by_kind["customer"]) if "customer" in by_kind else ()),
        *(_skus(given, by_kind["SKU"][:MOST_LINES]) if "SKU" in by_kind else ()),
        *(_tills(given, by_kind["till"]) if "till" in by_kind else ()),
    )


def times_and_amount(row: Any) -> str:
    """How often and for how much a code was used."""
    times = f"{int(row['found']):,} time" + ("s" if row["found"] != 1 else "")
    return f"{times}, {money(int(row['amount_minor']))}"


def _mapping(given: Given, unmapped: Unmapped) -> Iterable[Snippet]:
    """A block of mappings.yaml from the trading day on; only its lines where a block of that day is there."""
    sections: dict[str, dict[str, list[str]]] = {}
    for row in unmapped:
        name, what = _SECTIONS[row["kind"]]
        target = f"{{code: {FILL_IN}, rate: {FILL_IN}}}" if name == "tax_classes" else FILL_IN
        said = sections.setdefault(f"{name}:  # {what}", {}).setdefault(f"{_key(row['code'])}: {target}", [])
        said.append(f"{'counted ' if row['kind'] == 'counted tender' else ''}{times_and_amount(row)}")
    day, days = given.trading_day, [block.valid_from for block in given.company.mappings]
    later = min((each for each in days if each > day), default=None)
    lines = [
        line
        for heading, codes in sections.items()
        for line in (heading, *(f"  {code}  # {'; '.join(said)}" for code, said in codes.items()))
    ]
    if day in days:
        where = f"into the block of {day.isoformat()} in mappings.yaml, each line under its heading there"
    else:
        where = f"before the block of {later.isoformat()} in mappings.yaml" if later else "at the end of mappings.yaml"
        lines = [f"- valid_from: {day.isoformat()}", f"  why: {FILL_IN}", *(f"  {line}" for line in lines)]
    yield Snippet("mappings.yaml", f"To paste {where}{_FILL_IN_CODES}", "\n".join(lines))


def _customers(given: Given, unmapped: Unmapped) -> Iterable[Snippet]:
    """Where a list of customers is kept, a line for each new one's account."""
    if columns := given.company.columns.get("customers.csv"):
        rows = [dict.fromkeys(("account", "name", "in_sage"), FILL_IN) for _ in unmapped]
        how = "And at the end of customers.csv, a line for each account that is not in it yet"
        yield Snippet("customers.csv", how, _csv(columns, rows))


def _skus(given: Given, unmapped: Unmapped) -> Iterable[Snippet]:
    """A line for each article, with what the tills say of it; and one for each that has another SKU already."""
    codes = [row["code"] for row in unmapped]
    said = _said_of(given, codes)
    articles = [{"sku": code, **said[code], "in_sage": FILL_IN} for code in codes]
    columns = given.company.columns.get("skus.csv", ("sku",))
    yield Snippet("skus.csv", "To paste at the end of skus.csv, for a new article", _csv(columns, articles))
    aliases = [{"store": given.store.code, "code": code, "sku": FILL_IN} for code in codes]
    columns, header = given.company.columns.get("sku_aliases.csv", ()), ""
    if not columns:
        columns, header = ("store", "code", "sku"), "store,code,sku\n"
    how = f"Or at the end of sku_aliases.csv, with the article's SKU in place of {FILL_IN}, for one that has a SKU"
    yield Snippet("sku_aliases.csv", how, header + _csv(columns, aliases))


def _said_of(given: Given, skus: list[str]) -> dict[str, dict[str, str]]:
    """The category and tax class that the tills give each SKU, as the first of its lines says."""
    lines = given.once.tables.lines
    words = {name: lines.column(name).cast(pa.string()) for name in ("sku", "category", "tax_class")}
    of_them = pa.table(words).filter(pc.is_in(words["sku"], pa.array(skus, pa.string())))
    first = of_them.group_by("sku", use_threads=False).aggregate([("category", "first"), ("tax_class", "first")])
    return {
        row["sku"]: {"category": row["category_first"] or "", "tax_class": row["tax_class_first"] or ""}
        for row in first.to_pylist()
    }


def _tills(given: Given, unmapped: Unmapped) -> Iterable[Snippet]:
    tills = [*given.store.tills, *(row["code"] for row in unmapped)]
    used = "; ".join(f"{row['code']}: {times_and_amount(row)}" for row in unmapped if row["code"].isprintable())
    file = f"stores/{given.store.code}.yaml"
    text = f"tills: [{', '.join(_quoted(till) for till in tills)}]  # {used}"
    yield Snippet(file, f"To paste in place of tills in {file}, if the till is the store's", text)


def _csv(columns: Iterable[str], rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, list(columns), restval="", extrasaction="ignore", lineterminator="\n").writerows(rows)
    return text.getvalue().rstrip("\n")


def _key(code: str) -> str:
    """A code as a key of YAML: as it is where that can only be read one way."""
    return code if code.isascii() and code.replace("_", "").isalnum() else _quoted(code)


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', width=1_000_000).rstrip("\n")
