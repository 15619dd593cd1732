"""A company's lists as they lie in its folder, and what is wrong between them.

Every fault is told with its file, and with its line where it has one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from storeday.config.lists import Listed, read_list
from storeday.config.masters import Alias, Article

Row = TypeVar("Row", bound=BaseModel)


@dataclass
class CompanyLists:
    """What the lists of one folder say; None and nothing for those that the company doesn't keep."""

    articles: tuple[Article, ...] | None = None
    aliases: tuple[Alias, ...] = ()
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the header of each list, by its file
    faults: list[tuple[str, str]] = field(default_factory=list)  # file and what is wrong


def read_lists(folder: Path, stores: frozenset[str]) -> CompanyLists:
    """The lists of a company with these stores."""
    lists = CompanyLists()
    articles = _read(lists, folder, "skus.csv", Article, "sku")
    if articles is not None:
        lists.articles = tuple(articles.rows)
        _tell_doubled(lists, "skus.csv", "sku", [article.sku for article in articles.rows])
    aliases = _read(lists, folder, "sku_aliases.csv", Alias, "code")
    if aliases is not None:
        lists.aliases = tuple(aliases.rows)
        lists.faults += [("sku_aliases.csv", fault) for fault in _alias_faults(aliases, lists.articles, stores)]
    return lists


def _read(lists: CompanyLists, folder: Path, name: str, model: type[Row], key: str) -> Listed[Row] | None:
    if not (folder / name).exists():
        return None
    read = read_list(folder / name, model, key)
    lists.columns[name] = read.columns
    lists.faults += [(name, fault) for fault in read.problems]
    return read


def _tell_doubled(lists: CompanyLists, file: str, key: str, codes: list[str]) -> None:
    if doubled := sorted(code for code, times in Counter(codes).items() if times > 1):
        lists.faults.append((file, f"{key}: stands twice: {', '.join(doubled[:10])}"))


def _alias_faults(aliases: Listed[Alias], articles: tuple[Article, ...] | None, stores: frozenset[str]) -> list[str]:
    """Each code of a store is one article's, and never another article's SKU."""
    if articles is None:
        return ["the whole file: there is no skus.csv that it could lead to"]
    skus, found = {article.sku for article in articles}, []
    seen: dict[tuple[str, str], int] = {}
    for line, alias in zip(aliases.lines, aliases.rows, strict=True):
        if alias.sku not in skus:
            found.append(f"line {line}: sku: {alias.sku} is not in skus.csv")
        if alias.store and alias.store not in stores:
            found.append(f"line {line}: store: no store {alias.store!r} in this company")
        if alias.code in skus and alias.code != alias.sku:
            found.append(f"line {line}: code: {alias.code} is the SKU of another article in skus.csv")
        if before := seen.get((alias.store, alias.code)):
            found.append(f"line {line}: code: {alias.code} stands in line {before} as well")
        seen.setdefault((alias.store, alias.code), line)
    return found
