"""Lines and tenders of a POSLog as canonical tables, their signs as the dialect means them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.columns import TextRows, codes, counts, fine_prices, padded_amounts, padded_quantities
from storeday.feeds.poslog.dialect import Dialect, Discounts, Goods, Payment, Prices, Sign
from storeday.feeds.poslog.forms import CODE_FORM, TEXT_FORM
from storeday.feeds.poslog.receipts import Receipts
from storeday.model.errors import FileRejected
from storeday.model.money import money as as_money
from storeday.model.tables import CODE, LINES, TENDERS

TAX: Final = "TAX"
"""Category of lines that are a tax, and the class of a tax that is told by receipt."""


def goods_table(dialect: Dialect, goods: Goods, rows: TextRows, owner: Any, receipts: Receipts) -> pa.Table:
    """One kind of line as the canonical table. ``owner`` is the row of each line's receipt."""
    written = padded_quantities(rows, "quantity").to_numpy(zero_copy_only=False)
    money = _signed(_money(rows, "amount"), goods.sign, written)
    tax = _signed(_tax(dialect, rows), goods.sign, written)
    off = _discount(dialect, rows) * np.where(money < 0, -1, 1)
    gross = money - off * (dialect.discounts == "to_take_off") + tax * (dialect.prices == "without_tax")
    price = fine_prices(rows, "unit_price").to_numpy(zero_copy_only=False)
    quantity = written if goods.sign == "of the quantity" else np.where(money < 0, -1, 1) * np.abs(written)
    if goods.is_tax:
        tax, price, quantity = gross, np.abs(gross), np.where(gross < 0, -1000, 1000)
    if goods.is_reward:
        off, price, quantity = -gross, np.zeros_like(gross), np.zeros_like(gross)
    return _table(
        LINES,
        receipts,
        owner,
        line=counts(rows, "line"),
        sku=codes(rows, "sku", *CODE_FORM),
        description=codes(rows, "description", *TEXT_FORM, required=False),
        category=codes(rows, "category", *CODE_FORM),
        quantity_milli=quantity,
        unit_price_minor=price,
        discount_minor=off,
        gross_minor=gross,
        tax_class=codes(rows, "tax_class", *CODE_FORM),
        tax_minor=tax,
        file_line=rows.lines,
    )


def _discount(dialect: Dialect, rows: TextRows) -> Any:
    off = np.abs(_money(rows, "discount", required=False))
    if dialect.discounts is None and off.any():
        raise _ask(rows, off, "discount", "the amount beside it is before or after it", "discounts")
    return off


def _tax(dialect: Dialect, rows: TextRows) -> Any:
    tax = _money(rows, "tax", required=False)
    if dialect.prices is None and tax.any():
        raise _ask(rows, tax, "tax", "the amount beside it includes it", "prices")
    return tax


def _ask(rows: TextRows, amount: Any, column: str, what: str, key: str) -> FileRejected:
    """The refusal of a file that the store's settings don't say the meaning of."""
    row = int(np.flatnonzero(amount)[0])
    refusal = rows.refuse(
        row, f"{rows.label(column)} {as_money(int(amount[row]))}: whether {what} differs from till to till."
    )
    choices = " or ".join(get_args({"discounts": Discounts, "prices": Prices}[key]))
    return replace(refusal, what_now=f"Set feed_settings.{key} of the store to {choices}.")


def taxes_by_receipt(receipts: Receipts) -> tuple[pa.Table, Any]:
    """A line TAX for each receipt with a tax, and their receipts. Prices include the tax, so its gross is 0."""
    tax = receipts.table.column("tax_minor").to_numpy()
    owner = np.flatnonzero(receipts.counts & (tax != 0))
    nothing, text = np.zeros(len(owner), dtype=np.int64), pa.array([TAX] * len(owner), pa.string())
    table = _table(
        LINES,
        receipts,
        owner,
        line=nothing,
        sku=text,
        description=pa.nulls(len(owner), pa.string()),
        category=text,
        quantity_milli=nothing,
        unit_price_minor=nothing,
        discount_minor=nothing,
        gross_minor=nothing,
        tax_class=text,
        tax_minor=tax[owner],
        file_line=receipts.table.column("file_line").take(pa.array(owner)),
    )
    return table, owner


def payments_table(payment: Payment, rows: TextRows, owner: Any, receipts: Receipts) -> pa.Table:
    """One kind of payment as the canonical table; its code in capitals and without a prefix."""
    amount = _money(rows, "amount")
    tender = codes(rows, "tender", *CODE_FORM)
    named = pc.utf8_upper(pc.replace_substring_regex(tender.dictionary, "^.*:", ""))
    return _table(
        TENDERS,
        receipts,
        owner,
        line=counts(rows, "line"),
        tender=named.take(tender.indices),
        amount_minor=_signed(amount, payment.sign, amount),
        file_line=rows.lines,
    )


def in_file_order(schema: pa.Schema, tables: Iterable[tuple[pa.Table, Any]]) -> tuple[pa.Table, Any]:
    """Tables of several kinds as one, by receipt and then by line number. Each comes with its rows' receipts."""
    parts = [(table, owner) for table, owner in tables if table.num_rows]
    if not parts:
        return schema.empty_table(), np.zeros(0, dtype=np.int64)
    whole, owner = parts[0]
    if len(parts) > 1:
        owner = np.concatenate([owner for _, owner in parts])
        whole = pa.concat_tables([table for table, _ in parts]).unify_dictionaries().combine_chunks()
    order = np.lexsort((whole.column("line").to_numpy(), owner))
    if bool((np.diff(order) == 1).all()):  # as they came, mostly: no second copy of a large table is made
        return whole, owner
    return whole.take(pa.array(order)).combine_chunks(), owner[order]


def _money(rows: TextRows, column: str, *, required: bool = True) -> Any:
    return pc.fill_null(padded_amounts(rows, column, required=required), 0).to_numpy(zero_copy_only=False)


def _signed(amount: Any, sign: Sign, quantity: Any) -> Any:
    match sign:
        case "as written":
            return amount
        case "of the quantity":
            return np.where(quantity < 0, -1, 1) * np.abs(amount)
        case "taken away":
            return -np.abs(amount)


def _table(schema: pa.Schema, receipts: Receipts, owner: Any, **columns: Any) -> pa.Table:
    place = pa.array(owner)
    for name in ("till", "receipt", "trading_day"):
        columns[name] = receipts.table.column(name).take(place)
    return pa.table([_as(columns[field.name], field.type) for field in schema], schema=schema)


def _as(values: Any, kind: pa.DataType) -> Any:
    if isinstance(values, np.ndarray):
        return pa.array(values, kind)
    if kind == CODE and not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode() if not pa.types.is_null(values.type) else values
    return values.cast(kind)
