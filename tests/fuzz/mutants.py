"""Ways to spoil a till's file: its bytes, its rows, its fields, its structure, its packing.

A mutant is known by its case and number: the same numbers make the same bytes everywhere.
"""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cases import Case, Parts, cases
from lxml import etree

Bytes = Callable[[bytes, random.Random], bytes]
Grid = list[list[str]]


@dataclass(frozen=True)
class Mutant:
    """One spoilt slice."""

    case: Case
    number: int
    how: str
    parts: Parts

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(map(len, self.parts.values()))


def mutant(case: Case, number: int, seed: int = 1) -> Mutant:
    """The mutant of a number; one in eight is spoilt in two ways."""
    chance = random.Random(f"{seed} {case.name} {number}")  # noqa: S311
    parts, hows = dict(case.parts), []
    for _ in range(2 if chance.random() < 0.125 else 1):
        if not any(parts.values()):
            break
        name = chance.choice([each for each in parts if parts[each]])
        ways = WAYS[name.rpartition(".")[2]]
        how = chance.choice(sorted(ways))
        try:
            parts[name] = ways[how](parts[name], chance)
        except (
            ValueError,
            IndexError,
            RecursionError,
            etree.LxmlError,
        ):  # spoilt before, so that this way no longer can be gone
            how, parts[name] = "byte flipped", flipped(parts[name], chance)
        hows.append(how)
    return Mutant(case, number, " and ".join(hows), parts)


# Bytes


def _place(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: _place(content, chance)]


def _cut_out(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + content[at + chance.choice((1, 2, 7, 40, 300)) :]


def _inserted(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.choice(STRAY) + content[at:]


STRAY = (b"\0", b"\xff", b"\xc3", b'"', b"'", b",", b";", b"\r", b"\n", b"\r\n", b"<", b"&", b"\t", b"0", b"-", b"\x1a")


def _doubled_span(content: bytes, chance: random.Random) -> bytes:
    at, size = _place(content, chance), chance.choice((1, 3, 20, 200, 2000))
    return content[: at + size] + content[at : at + size] + content[at + size :]


def _digit(content: bytes, chance: random.Random) -> bytes:
    at = chance.choice([found.start() for found in re.finditer(rb"[0-9]", content)])
    return content[:at] + str(chance.randrange(10)).encode() + content[at + 1 :]


def _encoded(encoding: str) -> Bytes:
    return lambda content, _: content.decode("utf-8-sig").encode(encoding, "replace")


BYTES: dict[str, Bytes] = {
    "byte flipped": flipped,
    "cut off": _cut,
    "bytes cut out": _cut_out,
    "stray byte": _inserted,
    "bytes doubled": _doubled_span,
    "digit changed": _digit,
    "UTF-16": _encoded("utf-16"),
    "UTF-16 without mark": _encoded("utf-16-le"),
    "Windows-1252": _encoded("cp1252"),
    "UTF-7": _encoded("utf-7"),
    "byte order mark": lambda content, _: b"\xef\xbb\xbf" + content,
    "carriage returns": lambda content, _: content.replace(b"\n", b"\r\n"),
    "carriage returns alone": lambda content, _: content.replace(b"\n", b"\r"),
    "nothing": lambda _content, _chance: b"",
    "padded with NUL": lambda content, chance: content + b"\0" * chance.choice((1, 4096)),
}


# Packing


def _zipped(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


PACKED: dict[str, Bytes] = {
    "gzip": lambda content, _: gzip.compress(content, mtime=0),
    "gzip damaged": lambda content, chance: flipped(gzip.compress(content, mtime=0), chance),
    "gzip cut off": lambda content, chance: _cut(gzip.compress(content, mtime=0), chance),
    "gzip in two members": lambda content, _: b"".join(gzip.compress(part, mtime=0) for part in halves(content)),
    "gzip with more behind": lambda content, _: gzip.compress(content, mtime=0) + b"more",
    "gzip in gzip": lambda content, _: gzip.compress(gzip.compress(content, mtime=0), mtime=0),
    "zip": lambda content, _: _zipped(("export.csv", content)),
    "zip damaged": lambda content, chance: flipped(_zipped(("export.csv", content)), chance),
    "zip cut off": lambda content, chance: _cut(_zipped(("export.csv", content)), chance),
    "zip of two": lambda content, _: _zipped(("one.csv", content), ("two.csv", content)),
    "zip of a path outside": lambda content, _: _zipped(("../../etc/passwd", content)),
    "zip of nothing": lambda _content, _chance: _zipped(),
}


def halves(content: bytes) -> tuple[bytes, bytes]:
    """A content in two parts."""
    return content[: len(content) // 2], content[len(content) // 2 :]


# Rows and fields


def _grid(content: bytes) -> tuple[Grid, str]:
    text = content.decode("utf-8-sig")
    delimiter = ";" if text.partition("\n")[0].count(";") > 3 else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if len(rows) < 2:
        raise ValueError("no rows to change")
    return rows, delimiter


def _rows(change: Callable[[Grid, random.Random], object]) -> Bytes:
    def spoil(content: bytes, chance: random.Random) -> bytes:
        rows, delimiter = _grid(content)
        change(rows, chance)
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
        return text.getvalue().encode("utf-8", "surrogatepass")

    return spoil


def _row(rows: Grid, chance: random.Random) -> int:
    return chance.randrange(1, len(rows))


def _swap_rows(rows: Grid, chance: random.Random) -> None:
    one, other = _row(rows, chance), _row(rows, chance)
    rows[one], rows[other] = rows[other], rows[one]


def _foreign_row(rows: Grid, chance: random.Random) -> None:
    other = chance.choice([case for case in cases().values() if case.main.endswith(".csv")])
    theirs, _ = _grid(chance.choice(list(other.parts.values())))
    row = theirs[_row(theirs, chance)]
    rows.insert(_row(rows, chance), (row + [""] * len(rows[0]))[: chance.choice((len(row), len(rows[0])))])


def _field(new: Callable[[str, random.Random], str], only: str = "") -> Bytes:
    """One field changed; ``only`` is the form of those that may be."""

    def change(rows: Grid, chance: random.Random) -> None:
        places = [
            (row, column)
            for row in range(1, len(rows))
            for column in range(len(rows[row]))
            if re.search(only, rows[row][column])
        ]
        row, column = chance.choice(places)
        rows[row][column] = new(rows[row][column], chance)

    return _rows(change)


NUMBER = r"^[-(]?\W?[0-9][0-9,]*[.,][0-9]+\)?$"
DATE = r"[0-9]{1,4}[-/][0-9A-Za-z]{1,3}[-/][0-9]{2,4}"


def _plain(text: str) -> str:
    return re.sub(r"[^0-9.]", "", text.replace(",", "." if "." not in text else ""))


NUMBERS: dict[str, Callable[[str, random.Random], str]] = {
    "negative": lambda t, _: "-" + t.lstrip("-"),
    "positive": lambda t, _: t.lstrip("-"),
    "in brackets": lambda t, _: f"({t.lstrip('-')})",
    "a penny more": lambda t, _: re.sub(r"[0-8](?=\D*$)", lambda m: str(int(m[0]) + 1), t),
    "comma for point": lambda t, _: t.translate(str.maketrans(".,", ",.")),
    "thousands": lambda _t, _: "1,234.56",
    "thousands without decimals": lambda _t, _: "1,234",
    "a thousand more": lambda t, _: "1" + _plain(t).rjust(6, "0"),
    "huge": lambda _t, c: "9" * c.choice((8, 9, 11, 19, 40, 400)),
    "exponent": lambda _t, _: "1e3",
    "not a number": lambda _t, c: c.choice(
        ("NaN", "inf", "0x10", "--", "1.2.3", "1..2", "+5", "5-", "٣٫٥", "½", "１２")
    ),
    "many decimals": lambda t, c: _plain(t) + c.choice(("0", "000000", "1", "0000000001")),
    "no decimals": lambda t, _: t.partition(".")[0],
    "currency": lambda t, c: c.choice("$£€¥") + t,
    "blanks": lambda t, c: c.choice((f" {t}", f"{t} ", f"{t[:1]} {t[1:]}", f"\u00a0{t}")),
}
DATES: dict[str, Callable[[str, random.Random], str]] = {
    "no such day": lambda t, _: re.sub(DATE, "2026-02-31", t),
    "another order": lambda t, _: re.sub(r"^([0-9]+)([-/])([0-9]+)([-/])([0-9]+)", r"\3\2\1\4\5", t),
    "slashes": lambda t, _: t.replace("-", "/"),
    "dots": lambda t, _: re.sub(r"[-/]", ".", t),
    "a serial number": lambda t, _: re.sub(DATE, "46347", t),
    "two digits of year": lambda t, _: re.sub(r"20([0-9]{2})", r"\1", t),
    "another century": lambda t, c: re.sub(r"20([0-9]{2})", c.choice((r"19\1", r"00\1", r"99\1", r"21\1")), t),
    "seconds and halves": lambda t, c: t + c.choice((":59", ".5", " PM", " am", "Z", "+01:00", " +0000")),
    "an hour that is not": lambda t, _: re.sub(r"[0-9]{1,2}:", "29:", t),
    "the clock's lost hour": lambda t, _: re.sub(r"[0-9]{1,2}:[0-9]{2}", "01:30", t),
}
TEXTS: dict[str, Callable[[str, random.Random], str]] = {
    "empty": lambda _t, _c: "",
    "blank": lambda _t, c: c.choice((" ", "\t", "\u00a0", "\u200b")),
    "formula": lambda _t, c: c.choice(("=", "+", "-", "@")) + 'cmd|" /C calc"!A0',
    "quotes": lambda _t, c: c.choice(('"', '""', '"a"b', "'", "a\nb", "a\r\nb", "a\rb")),
    "endless": lambda t, c: t + "A" * c.choice((101, 501, 70_000)),
    "odd signs": lambda t, c: t + c.choice(("\u202e", "\x1b[31m", "\ufffd", "\ufeff", "é", "e\u0301", "😀", "\x85")),
    "other case": lambda t, _: t.swapcase(),
    "of another field": lambda _t, c: c.choice(("Cash", "true", "0.00", "2026-11-22", "Refund", "VOIDED", "S01", "01")),
}
FIELDS: dict[str, Bytes] = {
    **{f"number {how}": _field(new, NUMBER) for how, new in NUMBERS.items()},
    **{f"date {how}": _field(new, DATE) for how, new in DATES.items()},
    **{f"field {how}": _field(new) for how, new in TEXTS.items()},
    **{f"filled field {how}": _field(new, r"\S") for how, new in TEXTS.items()},
}


def _all_numbers(new: Callable[[str, random.Random], str]) -> Bytes:
    def change(rows: Grid, chance: random.Random) -> None:
        for row in rows[1:]:
            row[:] = [new(cell, chance) if re.search(NUMBER, cell) else cell for cell in row]

    return _rows(change)


def _swap_cells(rows: Grid, chance: random.Random) -> None:
    column, one, other = chance.randrange(len(rows[0])), _row(rows, chance), _row(rows, chance)
    rows[one][column], rows[other][column] = rows[other][column], rows[one][column]


def _swap_columns(rows: Grid, chance: random.Random, *, header: bool) -> None:
    one, other = chance.randrange(len(rows[0])), chance.randrange(len(rows[0]))
    for row in rows if header else rows[1:]:
        row[one], row[other] = row[other], row[one]


def _rename(rows: Grid, chance: random.Random) -> None:
    place = chance.randrange(len(rows[0]))
    name = rows[0][place]
    rows[0][place] = chance.choice((name.lower(), name + " ", name + "s", "", chance.choice(rows[0]), f"{name}\u200b"))


def _without_column(rows: Grid, chance: random.Random) -> None:
    place = chance.randrange(len(rows[0]))
    for row in rows:
        del row[place]


def _double_column(rows: Grid, chance: random.Random) -> None:
    place = chance.randrange(len(rows[0]))
    for row in rows:
        row.append(row[place])


ROWS: dict[str, Bytes] = {
    "row dropped": _rows(lambda rows, chance: rows.pop(_row(rows, chance))),
    "row doubled": _rows(lambda rows, chance: rows.insert(_row(rows, chance), [*rows[_row(rows, chance)]])),
    "rows swapped": _rows(_swap_rows),
    "rows shuffled": _rows(
        lambda rows, chance: rows.__setitem__(slice(1, None), chance.sample(rows[1:], len(rows) - 1))
    ),
    "row of another file": _rows(_foreign_row),
    "row cut short": _rows(lambda rows, chance: rows[_row(rows, chance)].pop()),
    "row too long": _rows(lambda rows, chance: rows[_row(rows, chance)].append("more")),
    "blank row": _rows(lambda rows, chance: rows.insert(_row(rows, chance), [])),
    "row of empty fields": _rows(lambda rows, chance: rows.insert(_row(rows, chance), [""] * len(rows[0]))),
    "row of a total": _rows(lambda rows, _chance: rows.append(["Total", *[""] * (len(rows[0]) - 2), "99.99"])),
    "header again": _rows(lambda rows, chance: rows.insert(_row(rows, chance), [*rows[0]])),
    "header alone": _rows(lambda rows, _chance: rows.__delitem__(slice(1, None))),
    "cells swapped": _rows(_swap_cells),
    "columns swapped": _rows(lambda rows, chance: _swap_columns(rows, chance, header=False)),
    "columns in another order": _rows(lambda rows, chance: _swap_columns(rows, chance, header=True)),
    "header renamed": _rows(_rename),
    "column missing": _rows(_without_column),
    "column doubled": _rows(_double_column),
    "header missing": _rows(lambda rows, _chance: rows.pop(0)),
    "decimal commas": _all_numbers(NUMBERS["comma for point"]),
    "no decimals at all": _all_numbers(NUMBERS["no decimals"]),
    "thousands everywhere": _all_numbers(NUMBERS["thousands without decimals"]),
    "another delimiter": lambda content, chance: content.replace(b",", chance.choice((b";", b"\t", b"|"))),
}


# XML


def _tree(change: Callable[[Any, random.Random], object]) -> Bytes:
    def spoil(content: bytes, chance: random.Random) -> bytes:
        root = etree.fromstring(content)
        change(root, chance)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    return spoil


def _any(root: Any, chance: random.Random) -> Any:
    return chance.choice([each for each in root.iterdescendants() if isinstance(each.tag, str)])


def _leaf(root: Any, chance: random.Random, form: str = "") -> Any:
    leaves = [each for each in root.iterdescendants() if isinstance(each.tag, str) and not len(each) and each.text]
    return chance.choice([each for each in leaves if re.search(form, each.text)])


def _text_changed(new: Callable[[str, random.Random], str], form: str) -> Bytes:
    def change(root: Any, chance: random.Random) -> None:
        leaf = _leaf(root, chance, form)
        leaf.text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", new(leaf.text, chance))

    return _tree(change)


def _swap_elements(root: Any, chance: random.Random) -> None:
    one = _any(root, chance)
    other = chance.choice(list(one.getparent()))
    parent = one.getparent()
    at, place = parent.index(one), parent.index(other)
    parent[at], parent[place] = copy.deepcopy(other), copy.deepcopy(one)


def _attribute(root: Any, chance: random.Random) -> None:
    owner = chance.choice([each for each in root.iterdescendants() if isinstance(each.tag, str) and each.attrib])
    name = chance.choice(sorted(owner.attrib))
    match chance.randrange(4):
        case 0:
            del owner.attrib[name]
        case 1:
            owner.attrib[name] = chance.choice(
                ("true", "false", "TRUE", "1", "0", "yes", "", " true ", "Refund", "Sale")
            )
        case 2:
            owner.attrib[name] = owner.attrib[name].swapcase()
        case _:
            owner.attrib[name + "x"] = owner.attrib.pop(name)


def _deep(root: Any, chance: random.Random) -> None:
    at = _any(root, chance)
    for _ in range(chance.choice((30, 255, 5_000))):
        at = etree.SubElement(at, at.tag)


def _without_element(root: Any, chance: random.Random) -> None:
    gone = _any(root, chance)
    gone.getparent().remove(gone)


def _double_element(root: Any, chance: random.Random) -> None:
    one = _any(root, chance)
    one.addnext(copy.deepcopy(one))


def _nest_element(root: Any, chance: random.Random) -> None:
    one, into = _any(root, chance), _any(root, chance)
    into.append(copy.deepcopy(one))


def _foreign_transaction(root: Any, chance: random.Random) -> None:
    other = chance.choice([case for case in cases().values() if case.main.endswith(".xml")])
    theirs = etree.fromstring(other.parts[other.main])
    root.insert(chance.randrange(len(root)), chance.choice(list(theirs.iterchildren(tag=etree.Element))))


def _declared(declaration: bytes) -> Bytes:
    def spoil(content: bytes, chance: random.Random) -> bytes:
        at = content.index(b"<POSLog")
        amount = chance.choice(list(re.finditer(rb">([0-9]+\.[0-9]+)<", content[at:]))).span(1)
        return b"".join([content[:at], declaration, content[at : at + amount[0]], b"&e;", content[at + amount[1] :]])

    return spoil


LAUGHS = b"".join(b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10 if n else b"lol" * 10) for n in range(1, 9))
XML: dict[str, Bytes] = {
    "element removed": _tree(_without_element),
    "element doubled": _tree(_double_element),
    "element nested elsewhere": _tree(_nest_element),
    "elements reordered": _tree(_swap_elements),
    "attribute changed": _tree(_attribute),
    "huge depth": _tree(_deep),
    "Transaction of another dialect": _tree(_foreign_transaction),
    "Transactions shuffled": _tree(
        lambda root, chance: root.__setitem__(slice(None), chance.sample(list(root), len(root)))
    ),
    "element renamed": _tree(lambda root, chance: setattr(_any(root, chance), "tag", "Renamed")),
    "another namespace": lambda content, _: content.replace(b"nrf-arts.org", b"nrf-arts.com"),
    "comment within a text": lambda content, chance: _inside(content, b"<!-- 9 -->", chance),
    "instruction within a text": lambda content, chance: _inside(content, b"<?x 9?>", chance),
    "element within a text": lambda content, chance: _inside(content, b"<b/>", chance),
    "CDATA": lambda content, chance: _around(content, b"<![CDATA[", b"]]>", chance),
    "blanks around a text": lambda content, chance: _around(content, b"\n  ", b"\t ", chance),
    "character reference": lambda content, chance: _inside(
        content, chance.choice((b"&#48;", b"&#0;", b"&#xFDD0;")), chance
    ),
    "entity": _declared(b'<!DOCTYPE POSLog [<!ENTITY e "9.99">]>'),
    "entity bomb": _declared(b"<!DOCTYPE POSLog [" + LAUGHS + b'<!ENTITY e "&h;">]>'),
    "entity of a file": _declared(b'<!DOCTYPE POSLog [<!ENTITY e SYSTEM "file:///etc/hostname">]>'),
    "says another encoding": lambda content, _: re.sub(rb"(?i)utf-8", b"ISO-8859-1", content, count=1),
    **{f"number {how}": _text_changed(new, NUMBER) for how, new in NUMBERS.items()},
    **{f"date {how}": _text_changed(new, DATE) for how, new in DATES.items()},
    **{f"text {how}": _text_changed(new, "") for how, new in TEXTS.items()},
}


def _texts(content: bytes, chance: random.Random) -> tuple[int, int]:
    return chance.choice(list(re.finditer(rb">([^<>\s][^<>]*)<", content))).span(1)


def _inside(content: bytes, what: bytes, chance: random.Random) -> bytes:
    start, end = _texts(content, chance)
    at = chance.randint(start, end)
    return content[:at] + what + content[at:]


def _around(content: bytes, before: bytes, after: bytes, chance: random.Random) -> bytes:
    start, end = _texts(content, chance)
    return content[:start] + before + content[start:end] + after + content[end:]


# JSON


def _said(change: Callable[[Any, random.Random], object]) -> Bytes:
    def spoil(content: bytes, chance: random.Random) -> bytes:
        said = json.loads(content)
        change(said, chance)
        return json.dumps(said, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")

    return spoil


def _places(said: Any, form: str = "") -> list[tuple[Any, Any]]:
    """Every value in a JSON document, by what holds it and its key there."""
    pairs = list(said.items()) if isinstance(said, dict) else list(enumerate(said)) if isinstance(said, list) else []
    found = [(said, key) for key, value in pairs if not form or (isinstance(value, str) and re.search(form, value))]
    return found + [place for _, value in pairs for place in _places(value, form)]


def _value(new: Callable[[Any, random.Random], Any], form: str = "") -> Bytes:
    def change(said: Any, chance: random.Random) -> None:
        holder, key = chance.choice(_places(said, form))
        holder[key] = new(holder[key], chance)

    return _said(change)


def _key_renamed(said: Any, chance: random.Random) -> None:
    holder, key = chance.choice([(holder, key) for holder, key in _places(said) if isinstance(holder, dict)])
    holder[key.swapcase()] = holder.pop(key)


def _key_gone(said: Any, chance: random.Random) -> None:
    holder, key = chance.choice(_places(said))
    del holder[key]


def _item_doubled(said: Any, chance: random.Random) -> None:
    holder, key = chance.choice([(holder, key) for holder, key in _places(said) if isinstance(holder, list)])
    holder.insert(key, copy.deepcopy(holder[key]))


def _key_twice(content: bytes, chance: random.Random) -> bytes:
    found = chance.choice(list(re.finditer(rb'"[A-Za-z]+": "[0-9.]+",\n', content)))
    return content[: found.end()] + re.sub(rb"[0-9]", b"7", found[0]) + content[found.end() :]


def _nested(depth: int) -> Any:
    said: Any = "deep"
    for _ in range(depth):
        said = [said]
    return said


TYPES = (None, True, False, 0, 7, 12.5, 1e300, -1.0, "", "x", [], {}, [[]], [1, "a"], {"a": {"b": []}}, "\ud800")
JSON: dict[str, Bytes] = {
    "another type": _value(lambda _, chance: chance.choice(TYPES)),
    "number for text": _value(lambda text, _: float(text), r"^-?[0-9]+\.[0-9]+$"),
    "number and no text, whole": _value(lambda text, _: int(float(text)), r"^-?[0-9]+\.[0-9]+$"),
    "nested": _value(lambda value, chance: chance.choice(([value], {"value": value}))),
    "nested deep": _value(lambda _, chance: _nested(chance.choice((10, 900)))),
    "brackets without end": lambda content, _chance: content[: content.index(b"[")] + b"[" * 100_000,
    "key renamed": _said(_key_renamed),
    "key gone": _said(_key_gone),
    "key twice": _key_twice,
    "item doubled": _said(_item_doubled),
    "no number": lambda content, chance: _in_quotes(
        content, chance.choice((b"NaN", b"Infinity", b"1e5", b"-0")), chance
    ),
    "number's zeros": lambda content, chance: _in_quotes(content, chance.choice((b"012.50", b"12.", b".5")), chance),
    **{f"number {how}": _value(new, NUMBER) for how, new in NUMBERS.items()},
    **{f"date {how}": _value(new, DATE) for how, new in DATES.items()},
    **{f"text {how}": _value(new, r"\S") for how, new in TEXTS.items()},
}


def _in_quotes(content: bytes, new: bytes, chance: random.Random) -> bytes:
    start, end = chance.choice(list(re.finditer(rb'"-?[0-9]+\.[0-9]+"', content))).span()
    return content[:start] + new + content[end:]


WAYS: dict[str, dict[str, Bytes]] = {
    "csv": {**BYTES, **PACKED, **ROWS, **FIELDS},
    "xml": {**BYTES, **XML},
    "json": {**BYTES, **PACKED, **JSON},
}
