"""Rows of a store-day's files: each record of the contract as a line of CSV, in the order of the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.model.tables import KINDS
from storeday.sample import text
from storeday.sample.arithmetic import Ints
from storeday.sample.catalogue import goods
from storeday.sample.payments import CUSTOMERS, TENDERS
from storeday.sample.refunds import UNKNOWN
from storeday.sample.rolls import HOUR
from storeday.sample.trading import Trade

COLUMNS: Final = tuple(
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original".split(",")
)
HEADER: Final = ",".join(COLUMNS).encode() + b"\n"


@dataclass(frozen=True)
class Rows:
    """Lines of CSV with their line feed, each with the hour of its slice and its place within that."""

    csv: pa.Array
    hour: Ints
    place: Ints


def file_rows(trade: Trade) -> Rows:
    """All rows of a store-day in the order of its files: by hour, and within it receipts by time, each
    followed by its lines and tenders, then stock counts, then Zs."""
    blocks = [_receipts(trade), _lines(trade), _tenders(trade), _counts(trade), _zs(trade), _ztenders(trade)]
    hour = np.concatenate([block.hour for block in blocks])
    place = np.concatenate([block.place for block in blocks])
    in_order = np.lexsort((place, hour))
    csv = pa.concat_arrays([block.csv for block in blocks]).take(pa.array(in_order))
    return Rows(csv, hour[in_order], place[in_order])


def _receipts(trade: Trade) -> Rows:
    rolls, day = trade.rolls, trade.store_day.day
    till, receipt = _numbers(trade, rolls.till, rolls.number)
    csv = _csv_rows(
        record="RECEIPT",
        store=trade.store_day.code,
        till=till,
        receipt=receipt,
        at=text.moments(day, rolls.at),
        kind=text.of_codes(list(KINDS), rolls.kind),
        gross=text.amounts(trade.gross_minor),
        tax=text.amounts(trade.tax_minor),
        customer=text.of_codes(["", *CUSTOMERS], trade.customer + 1),
        original=_originals(trade),
    )
    return Rows(csv, rolls.at // HOUR, np.arange(len(rolls)))


def _lines(trade: Trade) -> Rows:
    lines, rolls = trade.lines, trade.rolls
    till, receipt = (column.take(pa.array(lines.owner)) for column in _numbers(trade, rolls.till, rolls.number))
    named = {name: text.of_codes(codes, lines.sku) for name, codes in _quoted_catalogue().items()}
    discount = pc.if_else(pa.array(lines.discount_minor == 0), "", text.amounts(lines.discount_minor))
    csv = _csv_rows(
        record="LINE",
        store=trade.store_day.code,
        till=till,
        receipt=receipt,
        line=pa.array(lines.line).cast(pa.string()),
        quantity=text.quantities(lines.quantity_milli),
        unit_price=text.amounts(lines.unit_price_minor),
        discount=discount,
        gross=text.amounts(lines.gross_minor),
        tax=text.amounts(lines.tax_minor),
        **named,
    )
    return Rows(csv, (rolls.at // HOUR)[lines.owner], lines.owner)


def _tenders(trade: Trade) -> Rows:
    payments, rolls = trade.payments, trade.rolls
    till, receipt = _numbers(trade, rolls.till[payments.owner], rolls.number[payments.owner])
    csv = _csv_rows(
        record="TENDER",
        store=trade.store_day.code,
        till=till,
        receipt=receipt,
        line=pa.array(payments.line).cast(pa.string()),
        tender=text.of_codes(list(TENDERS), payments.tender),
        amount=text.amounts(payments.amount_minor),
    )
    return Rows(csv, (rolls.at // HOUR)[payments.owner], payments.owner)


def _counts(trade: Trade) -> Rows:
    stock, day = trade.stock, trade.store_day.day
    csv = _csv_rows(
        record="COUNT",
        store=trade.store_day.code,
        at=text.moments(day, stock.at),
        sku=text.of_codes(_quoted_catalogue()["sku"], stock.sku),
        quantity=text.quantities(stock.quantity_milli),
    )
    return Rows(csv, stock.at // HOUR, np.full(len(stock.at), len(trade.rolls)))


def _zs(trade: Trade) -> Rows:
    zs, tills = trade.zs, np.arange(len(trade.zs.number))
    csv = _csv_rows(
        record="Z",
        store=trade.store_day.code,
        till=text.of_codes(trade.store_day.tills, tills),
        receipt=text.numbers(zs.number, 4),
        at=text.moments(trade.store_day.day, zs.at),
        gross=text.amounts(zs.gross_minor),
        tax=text.amounts(zs.tax_minor),
        quantity=pa.array(zs.receipts).cast(pa.string()),
    )
    return Rows(csv, zs.at // HOUR, len(trade.rolls) + tills)


def _ztenders(trade: Trade) -> Rows:
    zs, tills = trade.zs, np.arange(len(trade.zs.number))
    csv = _csv_rows(
        record="ZTENDER",
        store=trade.store_day.code,
        till=text.of_codes(trade.store_day.tills, tills),
        receipt=text.numbers(zs.number, 4),
        tender="CASH",
        amount=text.amounts(zs.cash_counted_minor),
    )
    return Rows(csv, zs.at // HOUR, len(trade.rolls) + tills)


def _csv_rows(**cells: pa.Array | str) -> pa.Array:
    """Lines of CSV from the columns that a record fills; the others are left empty."""
    row = [cells.get(name, "") for name in COLUMNS]
    row[-1] = text.joined(row[-1], "\n") if isinstance(row[-1], pa.Array) else row[-1] + "\n"
    return pc.binary_join_element_wise(*row, ",")


def _numbers(trade: Trade, till: Ints, number: Ints) -> tuple[pa.Array, pa.Array]:
    return text.of_codes(trade.store_day.tills, till), text.numbers(number, 6)


def _originals(trade: Trade) -> pa.Array:
    """Of each receipt, the receipt it returns goods of as ``YYYYMMDD/till/receipt``, or nothing."""
    originals, day = trade.originals, trade.store_day.day
    till, receipt = _numbers(trade, originals.till, originals.number)
    days = text.of_codes([f"{day:%Y%m%d}", f"{day - timedelta(days=1):%Y%m%d}", ""], originals.day)
    said = text.joined(days, "/", till, "/", receipt)
    said = pc.if_else(pa.array(originals.day == UNKNOWN), "", said)
    place = np.zeros(len(trade.rolls), np.int64)
    place[originals.refund] = np.arange(1, len(originals.refund) + 1)
    return pa.concat_arrays([pa.array([""]), said]).take(pa.array(place))


@cache
def _quoted_catalogue() -> dict[str, list[str]]:
    """The catalogue's texts as CSV cells, in quotes where RFC 4180 asks for them."""
    names = ("sku", "description", "category", "tax_class")
    return {name: [_quoted(cell) for cell in goods().table.column(name).to_pylist()] for name in names}


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\r\n') else cell
