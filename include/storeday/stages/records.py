"""Which customers and products a batch is the first to need, and so brings to Sage.

Never one that the settings say is in Sage, nor one that a delivered batch brought: an import changes the record that
is there. Source: docs/masters.md.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from storeday.config.masters import Article
from storeday.config.settings import CompanySettings
from storeday.model.records import RecordKey, RecordKind
from storeday.sage50.proof import ProvenDay
from storeday.sage50.uk_record_rules import record_problems_in
from storeday.sage50.uk_records import NO_RECORDS, Records, records_of
from storeday.sage50.uk_stock import StagedStock

if TYPE_CHECKING:
    from storeday.stages.open_day import OpenDay

NEW_SKUS: Final = "new_skus"
"""The key of a store-day's figures with the SKUs sold that Sage is not known to have."""
_OF_CUSTOMERS: Final = frozenset({"SI", "SC", "SA", "SP"})


def new_skus(opened: OpenDay) -> dict[str, list[str]]:
    """For a store-day's figures: the SKUs it sold that no delivered batch brought; nothing unless it is asked for.

    Nor where stock is kept, since then the batches of stock need the products, and name them.
    """
    company, stock = opened.company, opened.company.company.stock
    is_in_stock_batches = stock is not None and stock.first_day <= opened.trading_day
    if "products" not in company.company.records or is_in_stock_batches:
        return {}
    sold = set(opened.once.tables.lines.column("sku").cast(pa.string()).unique().to_pylist())
    known = opened.work.ledger.handed_over(company.company.code, company.company.environment)
    return {NEW_SKUS: sorted(article.sku for article in _products_to_bring(company, opened.trading_day, sold, known))}


def records_for(
    company: CompanySettings,
    day: date,
    proven: list[ProvenDay],
    facts: dict[str, dict[str, Any]],
    known: frozenset[RecordKey],
) -> Records:
    """The records that the batch of these store-days brings.

    ``facts`` are their figures by store, ``known`` the records that delivered batches brought.
    """
    needed = {row.account for each in proven for row in each.rows if row.type in _OF_CUSTOMERS}
    sold = {sku for each in proven for sku in facts[each.staged.store.code].get(NEW_SKUS, ())}
    customers = [
        customer
        for customer in (company.customers or () if "customers" in company.company.records else ())
        if customer.account in needed
        and customer.in_sage == "no"
        and RecordKey(RecordKind.CUSTOMER, customer.account) not in known
    ]
    articles = {article.sku: article for article in _products_to_bring(company, day, sold, known)}
    return records_of(customers, articles, company.mapping_on(day), company.tax_codes_on(day))


def stock_records(
    company: CompanySettings, day: date, staged: list[StagedStock], known: frozenset[RecordKey]
) -> Records:
    """The products that a batch of stock is the first to move, under their stock codes."""
    if "products" not in company.company.records:
        return NO_RECORDS
    moved = {key.code for each in staged for key in each.lines}
    articles = {
        code: article
        for each in staged
        for article in company.articles or ()
        if article.in_sage == "no"
        and (code := each.settings.code_of(each.store.code, article.sku)) in moved
        and RecordKey(RecordKind.PRODUCT, code) not in known
    }
    return records_of([], articles, company.mapping_on(day), company.tax_codes_on(day))


def unfit_records(company: CompanySettings) -> list[str]:
    """What keeps a record that Sage hasn't from ever being written, though its settings hold together by themselves.

    A name may grow over its size when it is spelt in ASCII, say.
    """
    day = company.mappings[-1].valid_from
    wanted = company.company.records
    customers = [each for each in company.customers or () if each.in_sage == "no" and "customers" in wanted]
    articles = {each.sku: each for each in company.articles or () if each.in_sage == "no" and "products" in wanted}
    tax_codes = company.tax_codes_on(day)
    files = records_of(customers, articles, company.mapping_on(day), tax_codes).files()
    return record_problems_in(files, frozenset(tax_codes.values()))


def _products_to_bring(
    company: CompanySettings, day: date, sold: set[str], known: frozenset[RecordKey]
) -> list[Article]:
    """Articles that were sold and that Sage hasn't; none of a category that is no sale, a gift card's say."""
    mapping = company.mapping_on(day)
    return [
        article
        for article in company.articles or ()
        if article.sku in sold
        and article.in_sage == "no"
        and mapping.categories.get(article.category, "0").isdigit()
        and article.category not in mapping.movements
        and RecordKey(RecordKind.PRODUCT, article.sku) not in known
    ]
