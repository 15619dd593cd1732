"""Files made to fill the memory are refused, or read, within some times their size."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cases import Case, cases
from storeday.model.errors import FileRejected

MB = 1_000_000
ROOM = 100 * MB
TIMES = 40
"""A reader may take so much of the memory, and so many times the size of a file beside it."""

PEAK, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def packed(content: bytes, times: int) -> bytes:
    """A content so many times, in gzip."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as file:
        for _ in range(times):
            file.write(content)
    return target.getvalue()


def zipped(content: bytes, times: int) -> bytes:
    """A content so many times, as the one file of a zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("export.csv", "w") as file:
        for _ in range(times):
            file.write(content)
    return target.getvalue()


def before_the_end(content: bytes, more: bytes) -> bytes:
    """An XML document with more in it, at the end of its root."""
    at = content.rindex(b"</POSLog>")
    return content[:at] + more + content[at:]


def in_a_text(content: bytes, more: bytes) -> bytes:
    """An XML document with more in its first description."""
    return content.replace(b"<Description>", b"<Description>" + more, 1)


HEADER = b"Order Date,Order ID,Currency,Tax Amount,Tip,Discount,Order Total,Payments Total,Refunds Total,"
LAUGHS = b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
BOMBS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "300 megabytes of NUL in gzip": ("clover/evening", lambda _: packed(b"\0" * MB, 300)),
    "300 megabytes of one row in gzip": ("square/us", lambda content: packed(content[-250:] * 4_000, 300)),
    "300 megabytes of NUL in zip": ("shopify/uk", lambda _: zipped(b"\0" * MB, 300)),
    "300 megabytes of blanks in gzip": ("lightspeed-k/day", lambda _: packed(b" " * MB, 300)),
    "gzip in gzip": ("clover/evening", lambda _: gzip.compress(packed(b"\0" * MB, 300), mtime=0)),
    "a field of four megabytes": ("clover/evening", lambda content: content.replace(b"Ann", b"A" * 4 * MB, 1)),
    "a key of four megabytes": ("square/us", lambda content: content.replace(b"PAY01", b"P" * 4 * MB, 1)),
    "a header of four megabytes": ("toast/downtown", lambda content: b"Location," * 450_000 + content),
    "a row of two million fields": ("loyverse/included", lambda content: content + b";" * 2 * MB),
    "two million blank lines": ("storeday-csv/morning", lambda content: content + b"\n" * 2 * MB),
    "a quote that is never closed": ("storeday-csv/morning", lambda content: content + b'"' + b"a,\n" * MB),
    "brackets without end": ("lightspeed-k/day", lambda _: b'{"sales": ' + b"[" * 4 * MB),
    "a number of four megabytes": ("lightspeed-k/day", lambda c: c.replace(b'"11.00"', b"1" * 4 * MB, 1)),
    "200,000 keys": (
        "lightspeed-k/day",
        lambda _: json.dumps({"sales": [{f"k{n}": n for n in range(200_000)}]}).encode(),
    ),
    "entities without end": (
        "poslog-ncr/evening",
        lambda c: c.replace(b"<POSLog", b'<!DOCTYPE POSLog [<!ENTITY a "ha">' + LAUGHS + b"]><POSLog", 1),
    ),
    "elements as deep as they go": ("poslog-r10/day", lambda c: before_the_end(c, b"<Transaction>" * 300_000)),
    "a text of twelve megabytes": ("poslog-newpos/day", lambda c: in_a_text(c, b"A" * 12 * MB)),
    "attributes without end": (
        "poslog-xstore/day",
        lambda c: before_the_end(c, b"<Transaction " + b"".join(b'a%d="1" ' % n for n in range(200_000)) + b"/>"),
    ),
    "300,000 empty elements": ("poslog-roqqio/day", lambda c: before_the_end(c, b"<Transaction/>" * 300_000)),
    "namespaces without end": (
        "poslog-ncr/split",
        lambda c: before_the_end(c, b"<x " + b"".join(b'xmlns:n%d="u%d" ' % (n, n) for n in range(50_000)) + b"/>"),
    ),
}


def peak_of(case: Case, content: bytes) -> int:
    """Bytes of memory that this process takes at most while it reads a file, beside those that it had."""
    RESET.write_text("5")  # from here on the peak counts
    before = said("VmRSS")
    with suppress(FileRejected):
        case.read({**case.parts, case.main: content})
    return said("VmHWM") - before


def said(what: str) -> int:
    line = next(line for line in PEAK.read_text().splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not RESET.exists(), reason="only Linux tells the peak of a process' memory")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_takes_memory_by_its_size_and_not_by_what_it_claims(bomb: str) -> None:
    name, made = BOMBS[bomb]
    case = cases()[name]
    case.read(case.parts)
    content = made(case.parts[case.main])

    peak = peak_of(case, content)

    assert peak < ROOM + TIMES * len(content), f"{peak / MB:.0f} MB for {len(content) / MB:.1f} MB"
