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
from storeday.config.masters import STOCK_CODE, Alias, Article, Customer
from storeday.config.settings import CompanySettings

Row = TypeVar("Row", bound=BaseModel)


@dataclass
class CompanyLists:
    """What the lists of one folder say; None and nothing for those that the company doesn't keep."""

    articles: tuple[Article, ...] | None = None
    aliases: tuple[Alias, ...] = ()
    customers: tuple[Customer, ...] | None = None
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
    customers = _read(lists, folder, "customers.csv", Customer, "account")
    if customers is not None:
        lists.customers = tuple(customers.rows)
        _tell_doubled(lists, "customers.csv", "account", [customer.account for customer in customers.rows])
        lists.faults += [("customers.csv", fault) for fault in _nameless(customers)]
    return lists


def faults_between(whole: CompanySettings) -> list[tuple[str, str]]:
    """What is wrong between the lists, the mappings and what the company wants written: file and fault."""
    unlisted = [("customers.csv", fault) for fault in _unlisted_accounts(whole)]
    if "products" not in whole.company.records:
        return unlisted
    return unlisted + [("skus.csv", fault) for fault in _unfit_articles(whole)]


def _nameless(customers: Listed[Customer]) -> list[str]:
    return [
        f"line {line}: name: is empty, and Sage has no such customer yet"
        for line, customer in zip(customers.lines, customers.rows, strict=True)
        if customer.in_sage == "no" and not customer.name
    ]


def _unlisted_accounts(whole: CompanySettings) -> list[str]:
    """A list of customers names every account that can be posted to, so that none is taken for being in Sage."""
    if whole.customers is None:
        return []
    takings = {whole.company.accounts.takings_customer: "the takings_customer of company.yaml"}
    takings |= {s.takings_customer: f"the takings_customer of {s.code}" for s in whole.stores if s.takings_customer}
    mapped = {a: f"customer {code} of mappings.yaml" for b in whole.mappings for code, a in b.customers.items()}
    listed = {customer.account for customer in whole.customers}
    return [
        f"account: {account}, {what}, is not listed; say with in_sage whether Sage has it"
        for account, what in sorted({**mapped, **takings}.items())
        if account not in listed
    ]


def _unfit_articles(whole: CompanySettings) -> list[str]:
    """What keeps articles from being written as products (records: products)."""
    if whole.articles is None:
        return ["the whole file: is missing, and the company wants products written (records)"]
    tax_classes = {name for block in whole.mappings for name in block.tax_classes}
    silent = [article.sku for article in whole.articles if article.in_sage is None]
    new = [article for article in whole.articles if article.in_sage == "no"]
    untaxed = [article.sku for article in new if article.tax_class not in tax_classes]
    odd = [article.sku for article in new if not STOCK_CODE.fullmatch(article.sku)]
    faults = (
        ("in_sage: says neither yes nor no, and a product that Sage has would be overwritten", silent),
        ("tax_class: is in no mapping, and Sage would take it for T0", untaxed),
        ("sku: is no stock code of 1 to 30 letters, digits and signs without a space", odd),
    )
    return [f"{fault}: {_some(skus)}" for fault, skus in faults if skus]


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:10]) + (f" and {len(codes) - 10:,} more" if len(codes) > 10 else "")


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
