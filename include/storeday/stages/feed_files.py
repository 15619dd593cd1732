"""A till's file looked at by itself, without a ledger: whose it is, what a feed reads from it, its golden output."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from storeday.config.mappings import Mapping
from storeday.config.settings import CompanySettings, Store
from storeday.config.strict import faults_of
from storeday.config.text import read_yaml
from storeday.feeds.base import ReadFile, companions_of, read_slice
from storeday.feeds.declared import DeclaredFeed
from storeday.feeds.golden import golden_text
from storeday.feeds.owners import owner_rows
from storeday.feeds.poslog.feed import Poslog
from storeday.feeds.registry import FEEDS
from storeday.model.content import Content
from storeday.model.errors import SettingsError
from storeday.model.money import money
from storeday.model.storage import write_whole
from storeday.model.sums import sum_by
from storeday.stages.workplace import feed_and_rules

SHOWN = 10
"""How many receipts a preview lists."""


@dataclass(frozen=True)
class OpenedFile:
    """A file read by a store's feed, with the other files of its slice."""

    path: Path
    store: Store
    read: ReadFile
    companions: tuple[str, ...]
    not_read: dict[str, tuple[str, ...]]  # by file: columns that nothing asks for


def store_from(file: Path) -> Store:
    """A store's settings from a YAML file of its own. Raises: SettingsError naming each key that is wrong."""
    try:
        return Store.model_validate(read_yaml(file.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        raise SettingsError([f"{file.name}: {what}" for what in faults_of(error)]) from None
    except (ValueError, OSError) as error:
        raise SettingsError([f"{file.name}: {error}"]) from None


def identify(path: Path) -> list[str]:
    """Which feeds a file may be of, by name and by header, a sentence each."""
    content = path.read_bytes()
    found = []
    for name, feed in FEEDS.items():
        by_name = feed.is_mine(path.name)
        by_header = feed.role_by_header(path.name, content) if isinstance(feed, DeclaredFeed) else None
        if by_header is not None:
            fits = [each for each in (path.name, _with_folder(path)) if by_header.slice_of(each)]
            told = "the name fits too" if fits else f"name it {by_header.name}"
            beside = [other for each in fits for other in companions_of(feed, each)]
            read_with = f"; read with {', '.join(beside)}" if beside else ""
            found.append(f"{name}: its header is that of {by_header.name}; {told}{read_with}")
        elif isinstance(feed, Poslog):
            if feed.is_like(content):
                found.append(f"{name}: its root and namespaces are those of the dialect")
        elif by_name and not isinstance(feed, DeclaredFeed):
            found.append(f"{name}: its name is that of the feed's files")
    return found


def open_file(path: Path, store: Store) -> OpenedFile:
    """A file as its store's feed reads it. Raises: FileRejected, also where a companion is missing; SettingsError."""
    feed, rules = feed_and_rules(store)
    folder, name = (path.parent, path.name) if feed.is_mine(path.name) else (path.parent.parent, _with_folder(path))
    companions = companions_of(feed, name)
    names = [name, *(other for other in companions if (folder / other).exists())]
    parts = {other: Content((folder / other).read_bytes()) for other in names}
    not_read = (
        feed.columns_not_read({other: content.whole() for other, content in parts.items()}, rules)
        if isinstance(feed, DeclaredFeed)
        else {}
    )
    return OpenedFile(path, store, read_slice(feed, parts, rules), companions, not_read)


def _with_folder(path: Path) -> str:
    """The name as sources give it whose files lie in a folder a day."""
    return f"{path.absolute().parent.name}/{path.name}"


def preview(opened: OpenedFile, company: CompanySettings | None) -> list[str]:
    """What a feed reads from a file, for a person: totals, receipts, what adds up, what is not mapped."""
    read, receipts = opened.read, opened.read.tables.receipts
    together = f", read with {', '.join(opened.companions)}" if opened.companions else ""
    said = [
        f"{opened.path.name}: feed {opened.store.feed}{together}",
        f"{read.records:,} rows, {read.receipts:,} receipts, takings {money(read.gross_minor)}, "
        f"tax {money(pc.sum(receipts.column('tax_minor')).as_py() or 0)}",
        *_days(receipts),
        *(f"as it came: {found}" for found in read.form),
        *(f"worth a look: {note}" for note in read.notes),
        *_adding_up(read),
        *_codes(read, company),
    ]
    for file, columns in opened.not_read.items():
        if columns:
            said.append(f"not read of {file}: {', '.join(columns)}")
    feed = FEEDS[opened.store.feed]
    if feed.guarantees.not_given():
        said.append(f"its files cannot prove: {'; '.join(feed.guarantees.not_given())}")
    return [*said, *_listed(read)]


def write_golden(opened: OpenedFile) -> Path:
    """Write what was read beside the file. Raises: FileExistsError where a golden file is there: it is never redone."""
    golden = opened.path.with_name(f"{opened.path.name}.golden.json")
    if golden.exists():
        raise FileExistsError(f"{golden} is there already; look at what changed, and remove it if it is right to")
    write_whole(str(golden), golden_text(opened.read))
    return golden


def _days(receipts: pa.Table) -> list[str]:
    by_day = receipts.group_by("trading_day").aggregate([("gross_minor", "sum"), ("gross_minor", "count")])
    return [
        f"trading day {row['trading_day'].isoformat()}: {row['gross_minor_count']:,} receipts, "
        f"{money(row['gross_minor_sum'])}"
        for row in by_day.sort_by("trading_day").to_pylist()
    ]


def _adding_up(read: ReadFile) -> list[str]:
    tables, size = read.tables, read.tables.receipts.num_rows
    gross, tax = (tables.receipts.column(name).to_numpy() for name in ("gross_minor", "tax_minor"))
    sums = {}
    for what, table, amount, against in (
        ("lines sum to the receipt", tables.lines, "gross_minor", gross),
        ("tax of the lines sums to the receipt's", tables.lines, "tax_minor", tax),
        ("tenders sum to the receipt", tables.tenders, "amount_minor", gross),
    ):
        owner = owner_rows(
            tables.receipts, "receipt", table.column("till"), table.column("receipt"), table.column("file_line")
        )
        sums[what] = sum_by(owner, table.column(amount).to_numpy(), size) - against
    return [
        f"{what}: {int((gap == 0).sum()):,} of {size:,}"
        + (f", out by {money(int(gap.sum()))} in all, first {_named(tables.receipts, gap)}" if gap.any() else "")
        for what, gap in sums.items()
    ]


def _named(receipts: pa.Table, gap: Any) -> str:
    row = int(np.flatnonzero(gap)[0])
    said = receipts.slice(row, 1).to_pylist()[0]
    return f"{said['receipt']} in line {said['file_line']} by {money(int(gap[row]))}"


def _codes(read: ReadFile, company: CompanySettings | None) -> list[str]:
    tables, said = read.tables, []
    mapping = _mapping(read, company)
    for kind, table, column, amount, known in (
        ("category", tables.lines, "category", "gross_minor", "categories"),
        ("tax class", tables.lines, "tax_class", "gross_minor", "tax_classes"),
        ("tender", tables.tenders, "tender", "amount_minor", "tenders"),
    ):
        used = table.group_by(column).aggregate([(amount, "sum"), (amount, "count")]).to_pylist()
        for row in sorted(used, key=lambda row: str(row[column])):
            is_mapped = mapping is None or row[column] in getattr(mapping, known)
            said.append(
                f"{kind} {row[column]}: {row[f'{amount}_count']:,} times, {money(row[f'{amount}_sum'])}"
                + ("" if is_mapped else "   NOT MAPPED")
            )
    return said


def _mapping(read: ReadFile, company: CompanySettings | None) -> Mapping | None:
    if company is None or not read.tables.receipts.num_rows:
        return None
    first: date = pc.min(read.tables.receipts.column("trading_day")).as_py()
    return company.mapping_on(first)


def _listed(read: ReadFile) -> list[str]:
    rows = read.tables.receipts.slice(0, SHOWN).to_pylist()
    said = [
        f"  till {row['till']} receipt {row['receipt']} {row['kind']} at {row['at']:%Y-%m-%d %H:%M} UTC "
        f"{money(row['gross_minor'])} tax {money(row['tax_minor'])}   line {row['file_line']}"
        for row in rows
    ]
    more = read.receipts - len(rows)
    return [*said, *([f"  and {more:,} more"] if more > 0 else [])]
