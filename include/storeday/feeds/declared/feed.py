"""One reader for every declared feed: a slice's files in, canonical tables out, whole columns at a time.

Every line and tender finds its receipt by the receipt's key; one without a receipt rejects the slice. Rows
of other stores and of what is no sale yet are left out, counted and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.base import Marker, ReadFile, ReadingRules
from storeday.feeds.declared.children import Found, lines_table, tenders_table
from storeday.feeds.declared.receipts import Owners, hold_to_tax_setting, once_each, read_receipts, undated
from storeday.feeds.declared.rows import Column, Reading, Rows, open_export
from storeday.feeds.declared.says import Says
from storeday.feeds.declared.settings import SAID_BY, FeedSettings
from storeday.feeds.declared.shape import ExportFile, Lines, Receipts, TaxProof, Tenders
from storeday.feeds.export_bytes import plain_text
from storeday.feeds.marker import parse_marker
from storeday.model.errors import FileRejected
from storeday.model.guarantees import Guarantees
from storeday.model.tables import Tables, empty_tables

_A_DAY: Final = re.compile(r"(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])")


class DeclaredFeed:
    """A feed that is a page of declarations; the class of each says what its export means."""

    name: str
    guarantees: Guarantees
    settings: ClassVar[type[FeedSettings]] = FeedSettings
    main: ClassVar[ExportFile]
    companions: ClassVar[tuple[ExportFile, ...]] = ()
    receipts: ClassVar[Receipts]
    lines: ClassVar[tuple[Lines, ...]]
    tenders: ClassVar[tuple[Tenders, ...]]
    tax_proof: ClassVar[TaxProof | None] = None
    undated_refunds: ClassVar[Says | None] = None  # money given back of a receipt, on a day that the export hides

    def __init_subclass__(cls) -> None:
        """Raises: TypeError where a declaration needs a setting that the feed's settings don't have."""
        super().__init_subclass__()
        for name in cls._asks():
            if name not in cls.settings.model_fields:
                raise TypeError(
                    f"{cls.__name__} needs the setting {name}: let its settings be a {SAID_BY[name].__name__}"
                )

    @classmethod
    def _asks(cls) -> Iterator[str]:
        """The settings that the declarations need."""
        receipts: Receipts | None = getattr(cls, "receipts", None)
        if receipts:
            yield from receipts.at.asks
            if receipts.currency:
                yield "currency"
        if cls.tax_proof:
            yield "tax"
        if cls.undated_refunds:
            yield "undated_refunds"

    def is_mine(self, name: str) -> bool:
        """Whether the name is that of the main file of a slice, packed or not."""
        return self.main.slice_of(name) is not None and not any(file.slice_of(name) for file in self.companions)

    def companions_of(self, name: str) -> tuple[str, ...]:
        """The names of the slice's other files, packed as the main one is."""
        part = self.main.slice_of(name)
        return tuple(file.name_of(part) for file in self.companions) if part else ()

    def marker_of(self, name: str) -> str | None:  # noqa: ARG002
        """None: exports have no marker."""
        return None

    def read_marker(self, name: str, content: bytes) -> Marker:
        """A marker in the form of storeday-csv's."""
        return parse_marker(name, content)

    def day_hint(self, name: str, content: bytes, rules: ReadingRules) -> date | None:  # noqa: ARG002
        """The first date in the name, as 2026-11-22 or 20261122."""
        found = _A_DAY.search(name)
        try:
            return date(*map(int, found.groups())) if found else None
        except ValueError:
            return None

    def columns_of(self, role: str) -> Iterator[Column]:
        """The columns that the declarations read of a file; the role of the main one is empty."""
        if not role:
            yield from self.receipts.columns()
            for word in (self.tax_proof, self.undated_refunds):
                yield from word.columns() if word else ()
        for declared in self._of(role):
            yield from declared.columns()

    def read(self, name: str, content: bytes, rules: ReadingRules) -> ReadFile:
        """A slice of one file."""
        return self.read_together({name: content}, rules)

    def read_together(self, parts: Mapping[str, bytes], rules: ReadingRules) -> ReadFile:
        """A whole slice, or FileRejected with file and line."""
        reading = Reading(rules, rules.settings)
        rows = self.prepared(self.open(parts, reading))
        owners = self.read_owners(rows)
        if self.tax_proof:
            hold_to_tax_setting(self.tax_proof, rows[""])
        found: Found = {}
        lines = lines_table((*self.lines, *self._held_refunds(rows[""], owners)), rows, owners, found)
        receipts = self.totalled(owners.receipts, lines)
        tables = Tables(
            receipts=receipts,
            lines=lines,
            tenders=tenders_table(self.tenders, rows, owners, found),
            z=empty_tables().z,
            ztenders=empty_tables().ztenders,
            counts=empty_tables().counts,
        )
        return ReadFile(
            tables,
            records=sum(len(part) for part in rows.values()),
            receipts=receipts.num_rows,
            gross_minor=pc.sum(receipts.column("gross_minor")).as_py() or 0,
            notes=tuple(reading.notes),
            form=tuple(reading.form),
        )

    def open(self, parts: Mapping[str, bytes], reading: Reading) -> dict[str, Rows]:
        """The slice's files as rows, by role. Raises: FileRejected where one is missing or no such export."""
        main = next(iter(parts))
        part = self.main.slice_of(main)
        if part is None:
            raise FileRejected(main, f"the name is not {self.main.name}.")
        files = (self.main, *self.companions)
        names = {file.role: file.name_of(part) for file in files}
        if missing := [name for name in names.values() if name not in parts]:
            raise FileRejected(main, f"it is read together with {', '.join(missing)}, which is not there.")
        return {
            file.role: open_export(
                names[file.role],
                parts[names[file.role]],
                self.columns_of(file.role),
                file.also,
                reading,
                self.key_of(file.role),
            )
            for file in files
        }

    def role_by_header(self, name: str, content: bytes, largest_mb: int = 512) -> ExportFile | None:
        """Which of the feed's files this is by its header, whatever its name; None where it is none of them."""
        for file in (self.main, *self.companions):
            needed = [c.name for c in self.columns_of(file.role) if not c.optional and c.name not in file.also]
            try:
                plain_text(name, content, needed, largest_mb=largest_mb)
            except FileRejected:
                continue
            return file
        return None

    def columns_not_read(self, parts: Mapping[str, bytes], rules: ReadingRules) -> dict[str, tuple[str, ...]]:
        """By file: the columns of a slice that nothing asks for."""
        reading = Reading(rules, rules.settings)
        self.open(parts, reading)
        return reading.not_read

    def key_of(self, role: str) -> str:
        """The column that names a row's receipt in a file, for messages."""
        receipt = next(self._of(role)).receipt if role else self.receipts.receipt
        return next(receipt.columns()).name

    def _of(self, role: str) -> Iterator[Lines | Tenders]:
        declared: tuple[Lines | Tenders, ...] = (*self.lines, *self.tenders)
        yield from (each for each in declared if each.of == role)

    def prepared(self, rows: dict[str, Rows]) -> dict[str, Rows]:
        """The rows as they count; a feed whose rows say something only together overrides this."""
        return {**rows, "": once_each(self.receipts, rows[""])}

    def _held_refunds(self, rows: Rows, owners: Owners) -> tuple[Lines, ...]:
        """A line of no amount for each receipt with an undated refund, whose category no mapping knows: it holds."""
        if self.undated_refunds is None:
            return ()
        held = undated(self.undated_refunds, self.receipts, rows, owners)
        return (held,) if rows.reading.settings.undated_refunds == "hold" else ()

    def totalled(self, receipts: pa.Table, lines: pa.Table) -> pa.Table:  # noqa: ARG002
        """The receipts as the export says them; where it says no totals they are those of the lines."""
        return receipts

    def read_owners(self, rows: dict[str, Rows]) -> Owners:
        """The slice's receipts; what is odd about a format's receipts is a method of its own here."""
        return read_receipts(self.receipts, rows[""])
