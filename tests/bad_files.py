"""Files that can't be taken in: a good one spoilt in one place each, and the sentence that says so.

The good file has lines 2 to 4 for receipt 000001, 5 to 7 for receipt 000002, 8 for a void, 9 and 10 for the Z.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from shops import Shop
from tills import Slice, marker_name

ASK = "Ask the store for a corrected file."


@dataclass(frozen=True)
class Bad:
    """A file that can't be taken in, and what is said of it: {file}, {marker}, {sha}, {start}, {end} are its own."""

    says: str
    change: Callable[[Slice], Slice] = lambda part: part
    spoil: Callable[[bytes], bytes] | None = None
    marker: dict[str, object] | bytes = field(default_factory=dict)

    def send(self, shop: Shop, part: Slice) -> Sent:
        """Put the file into its store's folder."""
        part = self.change(part)
        content = self.spoil(part.content) if self.spoil else part.content
        truth = part.marker(content)
        shop.put(part.store, part.name, content, self.marker if isinstance(self.marker, bytes) else truth | self.marker)
        words = self.says
        for name, own in {
            "file": part.name,
            "marker": marker_name(part.name),
            "sha": str(truth["sha256"])[:12],
            "start": f"{part.start:%H:%M}",
            "end": f"{part.start + timedelta(hours=1):%H:%M}",
        }.items():
            words = words.replace(f"{{{name}}}", own)
        return Sent(part.name, content, f"{words} {ASK}")


@dataclass(frozen=True)
class Sent:
    """A bad file on its way, and the whole sentence that must be said of it."""

    name: str
    content: bytes
    says: str


def cell(record: str, says: str, /, nth: int = 0, **cells: str) -> Bad:
    """A file with something wrong in one cell."""
    return Bad(says, change=lambda part: part.changed(record, nth, **cells))


def raw(says: str, old: str | bytes, new: str | bytes) -> Bad:
    """A file with other bytes in one place."""
    was, now = (text if isinstance(text, bytes) else text.encode() for text in (old, new))

    def spoil(content: bytes) -> bytes:
        assert was in content, f"{was!r} is not in the file to spoil"
        return content.replace(was, now, 1)

    return Bad(says, spoil=spoil)


def marked(says: str, **said: object) -> Bad:
    """A good file with a marker that says something else of it."""
    return Bad(says, marker=said)


def without_column(name: str) -> Callable[[bytes], bytes]:
    """Cut a column out of the file."""

    def cut(content: bytes) -> bytes:
        lines = [line.split(",") for line in content.decode().splitlines()]
        place = lines[0].index(name)
        return "\n".join(",".join(cells[:place] + cells[place + 1 :]) for cells in lines).encode()

    return cut


AMOUNT = "is not an amount with up to 8 digits and 2 decimals."
FIRST = "{file} line 3 receipt 000001 of till 01:"
REJECTED = {
    # The marker
    "a digest that is not the file's": marked(
        "{file}: its SHA-256 is {sha}…, the marker says 000000000000…", sha256="0" * 64
    ),
    "a marker for another file": marked(
        "{file}: its marker is for another file, 'S09_20261122T0900.csv'.", file="S09_20261122T0900.csv"
    ),
    "a marker that counts other records": marked("{file}: it holds 9 records, the marker says 8.", records=8),
    "a marker that counts other receipts": marked("{file}: it holds 3 receipts, the marker says 4.", receipts=4),
    "a marker with another gross": marked("{file}: its gross is 15.60, the marker says 15.59.", gross="15.59"),
    "a marker with a gross that is a float": marked(
        "{marker}: the marker's gross is not an amount in quotes: 15.6; say \"12.50\".", gross=15.6
    ),
    "a marker without a gross": marked("{marker}: the marker does not say gross.", gross=None),
    "a marker that is no JSON": Bad("{marker}: the marker is not a JSON object.", marker=b"done\n"),
    "a marker nested without end": Bad("{marker}: the marker is not a JSON object.", marker=b"[" * 100_000),
    "a marker with a key nobody agreed": marked(
        "{marker}: the marker has a key that is not agreed: till.", till="01"
    ),
    # The header
    "a missing column": Bad("{file} line 1: missing column in the header: tax.", spoil=without_column("tax")),
    "an unknown column": raw("{file} line 1: unknown column in the header: Tender.", ",tender,", ",Tender,"),
    "a doubled column": raw("{file} line 1: doubled column in the header: gross.", ",tender,", ",gross,"),
    "another separator": Bad(
        "{file} line 1: unknown column in the header: " + ";".join(
            "record store till receipt line at kind sku description category quantity unit_price discount gross "
            "tax_class tax tender amount customer original".split()
        ) + ".",
        spoil=lambda content: content.replace(b",", b";"),
    ),
    "an empty file": Bad("{file}: the file is empty: not even a header row.", spoil=lambda _: b"\n"),
    # Its bytes
    "a quote that is never closed": raw("{file} line 3: a quoted field is never closed.", ",Bread,", ',"Bread,'),
    "a quote in the middle of a field": raw(
        "{file} line 3: a quote stands where no quoted field starts or ends.", ",Bread,", ',5" bread,'
    ),
    "a quote closed too early": raw(
        "{file} line 3: a quote stands where no quoted field starts or ends.", ",Bread,", ',"5" bread",'
    ),
    "a quote not doubled": raw(
        "{file} line 3: a quote stands where no quoted field starts or ends.", ",Bread,", ',"a "fresh" bread",'
    ),
    "a NUL byte": raw("{file} line 3: there is a NUL byte in the file.", b",Bread,", b",Br\0ad,"),
    "Windows-1252": raw("{file} line 3: the file is not UTF-8 text.", b",Bread,", ",Crème brûlée,".encode("cp1252")),
    "UTF-16": Bad(
        "{file} line 1: there is a NUL byte in the file.", spoil=lambda content: content.decode().encode("utf-16")
    ),
    "a field too many": raw("{file} line 3: 21 fields where the header has 20.", ",Bread,", ",Bread, sliced,"),
    "a row cut off": Bad(
        "{file} line 10: 3 fields where the header has 20.", spoil=lambda content: content[: content.rindex(b"01,0001")]
    ),
    "lines that end in CR alone": Bad(
        "{file} line 1: the header row has a line break that is neither LF nor CRLF.",
        spoil=lambda content: content.replace(b"\n", b"\r"),
    ),
    "a header row that never ends": Bad(
        "{file} line 1: the header row is longer than any row of ours.", spoil=lambda _: b"A" * 200_000
    ),
    "a cell that never ends": raw(
        f"{FIRST} description " + repr("A" * 60) + " is not a text of at most 500 characters.",
        ",Bread,",
        f",{'A' * 200_000},",
    ),
    "a cell that never ends in a row cut off": raw(
        "{file} line 3: 9 fields where the header has 20.",
        ",Bread,GROCERY,1,12.60,,12.60,STD,2.10,,,,",
        f",{'A' * 200_000}",
    ),
    # Amounts and numbers
    "an amount of nine digits": cell("LINE", f"{FIRST} gross '123456789.00' {AMOUNT}", gross="123456789.00"),
    "an amount with three decimals": cell("LINE", f"{FIRST} gross '12.600' {AMOUNT}", gross="12.600"),
    "an amount with an exponent": cell("LINE", f"{FIRST} gross '1e3' {AMOUNT}", gross="1e3"),
    "an amount with a plus": cell("LINE", f"{FIRST} gross '+5' {AMOUNT}", gross="+5"),
    "an amount with a blank": cell("LINE", f"{FIRST} gross ' 5' {AMOUNT}", gross=" 5"),
    "an amount in full-width digits": cell("LINE", f"{FIRST} gross '１２.６０' {AMOUNT}", gross="１２.６０"),
    "an amount with a comma": cell("LINE", f"{FIRST} gross '1,200.00' {AMOUNT}", gross="1,200.00"),
    "an amount that is no number": cell("LINE", f"{FIRST} tax 'NaN' {AMOUNT}", tax="NaN"),
    "an amount cut short": cell("LINE", f"{FIRST} gross '12.' {AMOUNT}", gross="12."),
    "a quantity with four decimals": cell(
        "LINE", f"{FIRST} quantity '0.7345' is not a quantity with up to 3 decimals.", quantity="0.7345"
    ),
    "a receipt without an amount": cell(
        "RECEIPT", "{file} line 5 receipt 000002 of till 01: gross is empty and must be an amount with up to 8 digits "
        "and 2 decimals.", nth=1, gross="",
    ),
    "a tender without an amount": cell(
        "TENDER", "{file} line 4 receipt 000001 of till 01: amount is empty and must be an amount with up to 8 digits "
        "and 2 decimals.", amount="",
    ),
    "a line without a category": cell(
        "LINE", f"{FIRST} category is empty and must be a code of at most 64 characters.", category=""
    ),
    "a receipt number that is none": cell(
        "RECEIPT", "{file} line 2 receipt 00000A of till 01: receipt '00000A' is not a running number in digits.",
        receipt="00000A",
    ),
    # What they mean
    "a nonsense kind": cell(
        "RECEIPT", "{file} line 2 receipt 000001 of till 01: kind 'gift' is not one of sale, refund, void, training, "
        "no_sale.", kind="gift",
    ),
    "money on a void": cell(
        "RECEIPT", "{file} line 8 receipt 000003 of till 01: a receipt of kind void carries money.", nth=2, gross="4.00"
    ),
    "an unknown record": cell(
        "TENDER", "{file} line 4 receipt 000001 of till 01: record 'PAYMENT' is none of RECEIPT, LINE, TENDER, Z, "
        "ZTENDER, COUNT.", record="PAYMENT",
    ),
    "an unknown record that never ends": cell(
        "TENDER", f"{{file}} line 4 receipt 000001 of till 01: record '{'P' * 60}' is none of RECEIPT, LINE, TENDER, "
        "Z, ZTENDER, COUNT.", record="P" * 1_000,
    ),
    "a line of no receipt": cell(
        "LINE", "{file} line 3 receipt 000009 of till 01: the file has no RECEIPT row for this row.", receipt="000009"
    ),
    "a refund above zero": cell(
        "RECEIPT", "{file} line 2 receipt 000001 of till 01: a refund is above zero: what is given back is written "
        "with a minus.", kind="refund",
    ),
    "the 31st of February": cell(
        "RECEIPT", "{file} line 2 receipt 000001 of till 01: at '2026-02-31T09:00:00+00:00' is not a time like "
        "2026-11-22T14:06:31+00:00.", at="2026-02-31T09:00:00+00:00",
    ),
    "a time without an offset": cell(
        "RECEIPT", "{file} line 2 receipt 000001 of till 01: at '2026-11-22T09:00:00' is not a time like "
        "2026-11-22T14:06:31+00:00.", at="2026-11-22T09:00:00",
    ),
    "a time outside the slice": cell(
        "RECEIPT", "{file} line 5 receipt 000002 of till 01: its time 22 Nov 2026 06:01 is outside the file's slice, "
        "22 Nov 2026 {start} to {end}, by more than 5 minutes.", nth=1, at="2026-11-22T06:01:00+00:00",
    ),
    "a row of another store": cell(
        "LINE", "{file} line 6 receipt 000002 of till 01: a row of another store: 'S09', not REJECTS.", nth=1,
        store="S09",
    ),
}  # fmt: skip
