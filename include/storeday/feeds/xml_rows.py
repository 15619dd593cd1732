"""Elements of an XML document as rows of text, each column by the XPath that was declared for it.

The declared paths become one XSLT stylesheet, which libxslt runs over a batch of the document: a column
is text then, and is checked and converted as a whole column (columns.py). A path that leads to two
elements, or to one that holds others, is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from storeday.feeds.columns import TextRows
from storeday.feeds.xml_stream import Batch, NotRead
from storeday.model.tables import CODE

_DOUBLED, _NESTED, _FIELD, _SECTION = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
"""What the stylesheet writes between texts: characters that XML admits and Unicode keeps from being used."""

_MEANINGLESS: Final = "a text holds one of the characters U+FDD0 to U+FDD3, which mean nothing."

_MANY: Final = 200_000
"""So many texts of one kind are gathered before they are made a table."""

_BLANKS: Final = " \t\r\n"
_OWNER, _LINE = "owner", "line of the file"


@dataclass(frozen=True)
class Said:
    """An XPath expression whose value is taken as it is, whatever it is put together from."""

    expression: str


@dataclass(frozen=True)
class Constant:
    """The same text on every row: nothing is looked for."""

    text: str


@dataclass(frozen=True)
class Joined:
    """What an expression says of each of several nodes, in the order of that, joined by a plus."""

    nodes: str
    expression: str


@dataclass(frozen=True)
class First:
    """The first of several that says something."""

    columns: tuple[str | Said | Joined, ...]


Column = str | Said | Constant | Joined | First
"""A column is a path to one element or attribute, an expression, a constant, nodes joined, or the first of such."""


@dataclass(frozen=True)
class Rows:
    """One kind of row: the elements at a path below each transaction, and the columns read of each."""

    at: str
    columns: Mapping[str, Column]
    line_at: str = "."  # whose line of the file is a row's

    @property
    def found(self) -> dict[str, str | Said | Joined | First]:
        """The columns that are looked for."""
        return {name: column for name, column in self.columns.items() if not isinstance(column, Constant)}


class RowReader:
    """Rows of several kinds, gathered batch by batch."""

    def __init__(self, kinds: Mapping[str, Rows], tag: str, namespaces: Mapping[str, str]) -> None:
        self._kinds = dict(kinds)
        self._transform = etree.XSLT(etree.fromstring(_stylesheet(self._kinds, tag, namespaces)))
        self._texts: dict[str, list[str]] = {name: [] for name in self._kinds}
        self._tables: dict[str, list[pa.Table]] = {name: [] for name in self._kinds}
        self._owners = 0

    def take(self, batch: Batch) -> None:
        """Gather the rows of one batch. Raises: NotRead where a path leads to two elements or to a nested one."""
        count, before = str(batch.count), str(self._owners - 1)
        sections = str(self._transform(batch.root, count=count, before=before)).split(_SECTION)
        if len(sections) != len(self._kinds) + 1:
            raise NotRead(_MEANINGLESS)
        for (name, rows), section in zip(self._kinds.items(), sections[:-1], strict=True):
            texts = _fields(section, len(rows.found) + 2)
            if _DOUBLED in section or _NESTED in section:
                _refuse_doubles(name, rows, _table(rows, texts))
            self._texts[name] += texts
            if len(self._texts[name]) > _MANY:
                self._pack(name)
        self._owners += batch.count

    def _pack(self, name: str) -> None:
        """Make a table of the texts there are: it takes a tenth of their memory, and some time whatever its size."""
        if self._texts[name]:
            self._tables[name].append(_table(self._kinds[name], self._texts[name]))
            self._texts[name] = []

    def last(self, name: str) -> dict[str, str] | None:
        """The last row of a kind that was gathered."""
        self._pack(name)
        last = self._tables[name][-1:]
        return last[0].slice(last[0].num_rows - 1).to_pylist()[0] if last else None

    def rows(self, name: str, file: str) -> tuple[TextRows, Any]:
        """All rows of a kind, handed over, and for each the number of its transaction, from 0 on."""
        self._pack(name)
        columns, gathered = [*self._kinds[name].columns], self._tables.pop(name)
        schema = pa.schema([(_OWNER, pa.int32()), (_LINE, pa.int64()), *((column, CODE) for column in columns)])
        whole = pa.concat_tables([schema.empty_table(), *gathered]).unify_dictionaries().combine_chunks()
        labels = {column: _label(column, said) for column, said in self._kinds[name].columns.items()}
        lines = whole.column(_LINE).to_numpy()
        return TextRows(file, whole.select(columns), lines, labels), whole.column(_OWNER).to_numpy()


def _label(name: str, column: Column) -> str:
    """What messages call a column: its path without namespaces."""
    match column:
        case Said() | Joined() | Constant():
            return name
        case First(columns):
            return " or ".join(_label(name, each) for each in columns if isinstance(each, str)) or name
        case str(path):
            plain = re.sub(r"[A-Za-z0-9]+:(?=[A-Za-z])|^\.\./|RetailTransaction/", "", path)
            named = re.sub(r"\[@[A-Za-z]+='([^']*)'\]", r" \1", plain)
            return re.sub(r"\[[^]]*\]", "", named)


def _fields(section: str, width: int) -> list[str]:
    """The texts of a section. Raises: NotRead where one of them holds a character that stands between them."""
    count, *flat = section.split(_FIELD)
    if not flat or len(flat) - 1 != int(count) * width:
        raise NotRead(_MEANINGLESS)
    return flat[:-1]


def _table(rows: Rows, flat: list[str]) -> pa.Table:
    width = len(rows.found) + 2
    owner = pa.array(flat[0::width], pa.string()).cast(pa.int32())
    line = pa.array(flat[1::width], pa.string()).cast(pa.int64())
    texts = {
        name: _trimmed(pa.array(flat[at::width], pa.string()).dictionary_encode())
        for at, name in enumerate(rows.found, start=2)
    }
    same = pa.array(np.zeros(len(owner), dtype=np.int32))
    for name, column in rows.columns.items():
        if isinstance(column, Constant):
            texts[name] = pa.DictionaryArray.from_arrays(same, pa.array([column.text]))
    return pa.table({_OWNER: owner, _LINE: line, **{name: texts[name] for name in rows.columns}})


def _trimmed(coded: Any) -> Any:
    """The column without blanks around its texts; two texts may be the same then, so it is encoded anew."""
    trimmed = pc.utf8_trim(coded.dictionary, _BLANKS)
    if trimmed.equals(coded.dictionary):
        return coded
    return trimmed.take(coded.indices).dictionary_encode()


def _refuse_doubles(kind: str, rows: Rows, table: pa.Table) -> None:
    for name, declared in rows.columns.items():
        texts = table.column(name).cast(pa.string()).to_pylist()
        row = next((row for row, text in enumerate(texts) if _DOUBLED in text or _NESTED in text), None)
        if row is None:
            continue
        text, line = texts[row], table.column(_LINE)[row].as_py()
        if _DOUBLED in text:
            raise NotRead(f"{_label(name, declared)} stands more than once in one {kind}.", line)
        raise NotRead(f"{_label(name, declared)} holds elements where a text is wanted.", line)


def _stylesheet(kinds: Mapping[str, Rows], tag: str, namespaces: Mapping[str, str]) -> bytes:
    declared = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in namespaces.items())
    sections = "".join(_section(rows, tag) for rows in kinds.values())
    return (
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" '
        f'xmlns:saxon="http://icl.com/saxon" {declared}><xsl:output method="text"/>'
        '<xsl:param name="count"/><xsl:param name="before"/>'
        f'<xsl:template match="/">{sections}</xsl:template></xsl:stylesheet>'
    ).encode()


def _section(rows: Rows, tag: str) -> str:
    fields = "".join(_field(column) for column in rows.found.values())
    first = f"{_value('$owner')}{_text(_FIELD)}{_value(f'saxon:line-number({rows.line_at})')}{_text(_FIELD)}"
    every = (
        f'<xsl:for-each select="/*/{tag}[position() &lt;= $count]">'
        '<xsl:variable name="owner" select="$before + position()"/>'
        f"<xsl:for-each select={quoteattr(rows.at)}>{first}{fields}</xsl:for-each></xsl:for-each>"
    )
    counted = _value(f"count(/*/{tag}[position() <= $count]/{rows.at})")
    return f"{counted}{_text(_FIELD)}{every}{_text(_SECTION)}"


def _field(column: str | Said | Joined | First) -> str:
    return _said(column) + _text(_FIELD)


def _said(column: str | Said | Joined | First) -> str:
    match column:
        case Said(expression):
            return _value(expression)
        case Joined(nodes, expression):
            return (
                f"<xsl:for-each select={quoteattr(nodes)}><xsl:sort select={quoteattr(expression)}/>"
                f'<xsl:if test="position() &gt; 1">{_text("+")}</xsl:if>{_value(expression)}</xsl:for-each>'
            )
        case First(columns):
            whens = "".join(f"<xsl:when test={quoteattr(_says_any(c))}>{_said(c)}</xsl:when>" for c in columns)
            return f"<xsl:choose>{whens}</xsl:choose>"
        case str(path):
            return (
                f"<xsl:for-each select={quoteattr(path)}>"
                f'<xsl:if test="position() &gt; 1">{_text(_DOUBLED)}</xsl:if>{_value(".")}'
                f'<xsl:if test="*">{_text(_NESTED)}</xsl:if></xsl:for-each>'
            )


def _says_any(column: str | Said | Joined) -> str:
    """The test whether a column says anything."""
    match column:
        case Said(expression):
            return f"normalize-space({expression})"
        case Joined(nodes, _):
            return nodes
        case str(path):
            return f"normalize-space({path})"


def _value(expression: str) -> str:
    return f"<xsl:value-of select={quoteattr(expression)}/>"


def _text(text: str) -> str:
    return f"<xsl:text>{escape(text)}</xsl:text>"
