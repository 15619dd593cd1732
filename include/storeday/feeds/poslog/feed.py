"""The reader of all POSLog dialects: a file batch by batch in, canonical tables out."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pyarrow as pa

from storeday.feeds.base import Marker, ReadFile, ReadingRules
from storeday.feeds.columns import TextRows, one_line
from storeday.feeds.marker import parse_marker
from storeday.feeds.poslog.dialect import Dialect, Goods, Payment, PoslogSettings, columns_of
from storeday.feeds.poslog.lines import goods_table, in_file_order, payments_table, taxes_by_receipt
from storeday.feeds.poslog.receipts import Receipts, receipts_of, with_tax_of_lines
from storeday.feeds.xml_rows import RowReader, Rows
from storeday.feeds.xml_stream import NotRead, Readable, batches, root_of
from storeday.model.errors import FileRejected
from storeday.model.guarantees import Guarantees
from storeday.model.tables import LINES, TENDERS, empty_tables

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+\.xml")
_DAY_HINT: Final = re.compile(
    rb"""<(?:BusinessDayDate|POSLogDateTime TypeCode="Transaction")>\s*(?:<!\[CDATA\[)?([0-9]{4}-[0-9]{2}-[0-9]{2})"""
)
_RECEIPTS: Final = "Transaction"
_TAG: Final = "ix:Transaction"


class Poslog:
    """A POSLog feed: its dialect and what that can promise; everything else is the same for all."""

    name: str
    guarantees: Guarantees
    dialect: Dialect
    settings = PoslogSettings
    has_marker: bool = False  # without one a file is whole when its XML is

    def is_mine(self, name: str) -> bool:
        """Any name in plain letters that ends in ``.xml``."""
        return _NAME.fullmatch(name) is not None

    def marker_of(self, name: str) -> str | None:
        """The same name with ``.ok`` in place of ``.xml``, where the feed has markers."""
        return name.removesuffix(".xml") + ".ok" if self.has_marker else None

    def day_hint(self, name: str, content: bytes, rules: ReadingRules) -> date | None:  # noqa: ARG002
        """The first business day that the text holds; the day of the first sale where it tells none."""
        found = _DAY_HINT.search(content)
        try:
            return date.fromisoformat(found[1].decode()) if found else None
        except ValueError:
            return None

    def read_marker(self, name: str, content: bytes) -> Marker:
        """The marker; only its file and sha256 must be there."""
        return parse_marker(name, content)

    def is_like(self, content: bytes) -> bool:
        """Whether a file that begins so is of this dialect, by its root and the namespaces declared on it."""
        root, wanted = root_of(content), self.dialect.namespaces
        return (
            root is not None
            and root.tag == f"{{{wanted['ix']}}}POSLog"
            and {*wanted.values()} <= {*root.nsmap.values()}
        )

    def read(self, name: str, content: bytes, rules: ReadingRules) -> ReadFile:
        """The whole file, or FileRejected with line and receipt."""
        return self.read_stream(name, io.BytesIO(content), rules)

    def read_stream(self, name: str, stream: Readable, rules: ReadingRules) -> ReadFile:
        """The same from an open file, of which a part is in memory at a time."""
        dialect = self.dialect.at_store(rules.settings or PoslogSettings())
        namespace = f"{{{dialect.namespaces['ix']}}}"
        reader = RowReader(_kinds(dialect), _TAG, dialect.namespaces)
        try:
            for batch in batches(stream, root=namespace + "POSLog", tag=namespace + "Transaction"):
                reader.take(batch)
        except NotRead as fault:
            raise FileRejected(name, fault.why, line=fault.line, receipt=_last_receipt(reader)) from None
        return _read_file(dialect, name, reader, rules)


def _read_file(dialect: Dialect, name: str, reader: RowReader, rules: ReadingRules) -> ReadFile:
    heads, _ = reader.rows(_RECEIPTS, name)
    receipts = receipts_of(dialect, heads, rules)
    lines, owners = _lines(dialect, reader, heads, receipts)
    if dialect.receipt.tax is None:
        receipts = with_tax_of_lines(receipts, lines.column("tax_minor").to_numpy(), owners)
    payments = []
    for payment in dialect.payments:
        rows, owner = _counted(reader, payment.name, heads, receipts)
        payments.append((payments_table(payment, rows, owner, receipts), owner))
    tenders, _ = in_file_order(TENDERS, payments)
    tables = replace(empty_tables(), receipts=receipts.table, lines=lines, tenders=tenders)
    count = receipts.table.num_rows
    return ReadFile(tables, records=count, receipts=count, gross_minor=receipts.gross_minor, notes=receipts.notes)


def _lines(dialect: Dialect, reader: RowReader, heads: TextRows, receipts: Receipts) -> tuple[pa.Table, Any]:
    """All lines of a file, and the row of each one's receipt."""
    kinds = [taxes_by_receipt(receipts)] if dialect.tax_told == "by receipt" else []
    for goods in dialect.goods:
        rows, owner = _counted(reader, goods.name, heads, receipts)
        kinds.append((goods_table(dialect, goods, rows, owner, receipts), owner))
    return in_file_order(LINES, kinds)


def _counted(reader: RowReader, kind: str, heads: TextRows, receipts: Receipts) -> tuple[TextRows, Any]:
    """The rows of a kind that belong to receipts which carry money, with till and number, and their receipts."""
    rows, owner = reader.rows(kind, heads.name)
    counts = receipts.counts[owner]
    rows, owner = rows.where(counts), owner[counts]
    table = rows.table
    for column in ("till", "receipt"):
        table = table.append_column(column, heads.text(column).take(pa.array(owner)))
    return replace(rows, table=table), owner


def _last_receipt(reader: RowReader) -> str | None:
    said = reader.last(_RECEIPTS)
    return f"{one_line(said['receipt'])} of till {one_line(said['till'])}" if said else None


def _kinds(dialect: Dialect) -> dict[str, Rows]:
    """The rows to be read of each Transaction, by name."""
    items: tuple[Goods | Payment, ...] = (*dialect.goods, *dialect.payments)
    of_items = {item.name: Rows(item.at, columns_of(item), line_at="..") for item in items}
    return {_RECEIPTS: Rows(".", columns_of(dialect.receipt)), **of_items}
