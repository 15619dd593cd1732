"""The bytes of an export as people send them, made plain: unpacked, in UTF-8, with a known delimiter.

What was found out and not told by the settings is said in words, so that a person can see it.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from storeday.config.exports import Encoding
from storeday.feeds.csv_bytes import header_of, hold_to_text
from storeday.model.errors import FileRejected

_DELIMITERS: Final = (",", ";", "\t", "|")
_CHUNK: Final = 1 << 20
_DENSEST: Final = 50
_SMALL: Final = 16_000_000
"""No export packs to less than a fiftieth of its size; what is small when unpacked may all the same."""

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class PlainText:
    """An export as UTF-8 text without a byte order mark."""

    content: bytes
    delimiter: str
    header: tuple[str, ...]
    said: tuple[str, ...]  # what was detected, in words; nothing for UTF-8 with commas


def plain_text(
    name: str, content: bytes, wanted: Iterable[str], *, encoding: Encoding = "detect", largest_mb: int
) -> PlainText:
    """An export made plain. ``wanted`` are header names that it must have: they give the delimiter away.

    Raises: FileRejected for a file that unpacks to more than ``largest_mb``, holds several files, is of another
    encoding, or has none of the delimiters with the wanted names.
    """
    content, said = unpacked(name, content, largest_mb * 1_000_000)
    content, spoken = _in_utf8(name, content, encoding)
    hold_to_text(name, content)
    delimiter, header = _delimiter(name, content, tuple(wanted))
    if delimiter != ",":
        spoken = [*spoken, f"{'a tab' if delimiter == chr(9) else repr(delimiter)} between the fields"]
    return PlainText(content, delimiter, tuple(header), (*said, *spoken))


def unpacked(name: str, content: bytes, largest: int) -> tuple[bytes, list[str]]:
    """The bytes inside gzip or zip, or as they are, and how they were packed.

    Raises: FileRejected for what unpacks to more than ``largest`` bytes or to fifty times its size, is damaged, or
    holds several files.
    """
    most = min(largest, max(_SMALL, _DENSEST * len(content)))
    larger = _too_large(name, largest) if most == largest else _too_dense(name)
    if content[:2] == b"\x1f\x8b":
        content, said = _gunzipped(name, content, most, larger), ["gzip"]
    elif content[:4] == b"PK\x03\x04":
        content, said = _unzipped(name, content, most, larger), ["zip"]
    else:
        said = []
    if len(content) > largest:
        raise _too_large(name, largest)
    return content, said


def _gunzipped(name: str, content: bytes, largest: int, larger: FileRejected) -> bytes:
    """All members of a gzip file, never more than the bound and a chunk of it in memory."""
    plain = io.BytesIO()
    rest = content
    try:
        while rest.strip(b"\0"):
            unpack = zlib.decompressobj(wbits=31)
            while not unpack.eof:
                plain.write(unpack.decompress(rest, _CHUNK))
                rest = unpack.unconsumed_tail
                if plain.tell() > largest:
                    raise larger
                if not rest and not unpack.eof:
                    raise FileRejected(name, "the gzip file ends before its end.")
            rest = unpack.unused_data
    except zlib.error:
        raise FileRejected(name, "the gzip file is damaged.") from None
    return plain.getvalue()


def _unzipped(name: str, content: bytes, largest: int, larger: FileRejected) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            inside = [e for e in packed.infolist() if not e.is_dir() and not e.filename.startswith("__MACOSX/")]
            if len(inside) != 1:
                raise FileRejected(name, f"the zip file holds {len(inside)} files, not one.")
            if inside[0].flag_bits & 1:
                raise FileRejected(name, "the zip file has a password.")
            with packed.open(inside[0]) as file:
                plain = file.read(largest + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        raise FileRejected(name, "the zip file is damaged.") from None
    if len(plain) > largest:
        raise larger
    return plain


def _too_large(name: str, largest: int) -> FileRejected:
    return FileRejected(
        name,
        f"it holds more than {largest // 1_000_000:,} MB.",
        what_now="Export fewer days at once, or raise feed_settings.largest_mb.",
    )


def _too_dense(name: str) -> FileRejected:
    return FileRejected(name, f"it unpacks to more than {_DENSEST} times its size, as no export does.")


def _in_utf8(name: str, content: bytes, encoding: Encoding) -> tuple[bytes, list[str]]:
    """The text in UTF-8: as the settings say, else as its first bytes say, else UTF-8 where it is that."""
    marked = next((found for bom, found in _BOMS if content.startswith(bom)), None)
    if marked is None and encoding == "detect" and _looks_like_utf16(content):
        marked = "utf-16-le"
    found = encoding if encoding != "detect" else marked or ("utf-8" if _is_utf8(content) else "windows-1252")
    if found == "utf-8":
        return content.removeprefix(_BOMS[0][0]), []
    try:
        plain = content.decode(found).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        other = "neither UTF-8 nor Windows-1252" if encoding == "detect" and not marked else f"no {found}"
        raise FileRejected(name, f"the file is {other} text.", line=line) from None
    return plain, [] if encoding != "detect" else [{"windows-1252": "Windows-1252"}.get(found, "UTF-16")]


def _looks_like_utf16(content: bytes) -> bool:
    head = np.frombuffer(content[:200], dtype=np.uint8)
    return len(head) >= 4 and not head[1::2].any() and bool(head[::2].all())


def _is_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8, without making a text of them."""
    offsets = pa.py_buffer(np.array([0, len(content)], dtype=np.int64))
    text = pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(content))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _delimiter(name: str, content: bytes, wanted: tuple[str, ...]) -> tuple[str, list[str]]:
    headers = {delimiter: header_of(name, content, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: sum(column in headers[delimiter] for column in wanted))
    missing = [column for column in wanted if column not in headers[best]]
    if missing:
        plural = "columns" if len(missing) > 1 else "column"
        raise FileRejected(name, f"missing {plural} in the header: {', '.join(missing)}.", line=1)
    doubled = sorted({column for column in wanted if headers[best].count(column) > 1})
    if doubled:
        raise FileRejected(name, f"doubled columns in the header: {', '.join(doubled)}.", line=1)
    return best, headers[best]
