"""The ledger's rows into facts, and facts into rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from storeday.ledger.facts import BatchFact, Fate, FileDay, FileFact, StoreDayFact
from storeday.ledger.schema import (
    BatchRow,
    DecisionRow,
    FileDayRow,
    FileRow,
    HoldRow,
    StagedRow,
    StoreDayRow,
    TillDayRow,
    WantedRow,
)
from storeday.model.decisions import Decided, Kind
from storeday.model.postings import Amount, PostingKey, Role
from storeday.model.store_day import Ends, Example, Hold, Snippet, State, Warned


def moment() -> datetime:
    """When something is written down: UTC, in columns that have no zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def file_fact(row: FileRow, held: FileDayRow | None = None) -> FileFact:
    """A file; ``held`` is what it holds of the trading day that was asked for."""
    days: tuple[FileDay, ...] = ()
    if held:
        tables = tuple(held.tables.split(","))
        days = (FileDay(held.trading_day, held.receipts, held.gross_minor, tables, bundle=held.bundle),)
    return FileFact(
        days=days,
        store=row.store,
        name=row.name,
        sha256=row.sha256,
        size=row.size,
        fate=Fate(row.fate),
        why=row.why,
        stamp=row.stamp,
        records=row.records,
        receipts=row.receipts,
        gross_minor=row.gross_minor,
        day_hint=row.day_hint,
    )


def day_rows(file_id: int, store: str, days: Iterable[FileDay]) -> list[Any]:
    """The rows of a file's trading days and of their tills."""
    rows: list[Any] = []
    for day in days:
        rows.append(
            FileDayRow(
                file_id=file_id,
                trading_day=day.trading_day,
                store=store,
                receipts=day.receipts,
                gross_minor=day.gross_minor,
                tables=",".join(day.tables),
                bundle=day.bundle,
            )
        )
        of_day = {"file_id": file_id, "trading_day": day.trading_day, "store": store}
        rows.extend(TillDayRow(**of_day, **vars(till)) for till in day.tills)
    return rows


def store_day_fact(row: StoreDayRow) -> StoreDayFact:
    """A store-day as it stands."""
    return StoreDayFact(
        store=row.store,
        trading_day=row.trading_day,
        company=row.company,
        state=State(row.state),
        basis=row.basis,
        receipts=row.receipts,
        gross_minor=row.gross_minor,
        tax_minor=row.tax_minor,
        summary=json.loads(row.summary),
        receipt_log=row.receipt_log,
    )


def hold_of(row: HoldRow) -> Hold:
    """A reason why a store-day waits, or what is worth a look."""
    said: dict[str, Any] = json.loads(row.said)
    said["examples"] = tuple(Example(**example) for example in said["examples"])
    said["snippets"] = tuple(Snippet(**snippet) for snippet in said.get("snippets", ()))
    said["ends_by"], said["about"] = Ends(said.get("ends_by", Ends.CORRECTION)), tuple(said.get("about", ()))
    return Warned(**said) if row.is_warning else Hold(**said)


def decided(row: DecisionRow) -> Decided:
    """A person's decision."""
    return Decided(
        kind=Kind(row.kind),
        check=row.check,
        about=tuple(json.loads(row.about)),
        why=row.why,
        by=row.by,
        number=row.id,
        store=row.store,
        trading_day=row.trading_day,
        at=row.at,
        withdrawn=row.withdrawn,
    )


def batch_row(batch: BatchFact) -> BatchRow:
    """The row of a batch, written down now."""
    return BatchRow(
        id=batch.id,
        company=batch.company,
        trading_day=batch.trading_day,
        kind=batch.kind,
        state=batch.state,
        environment=batch.environment,
        digest=batch.digest,
        rows=batch.rows,
        gross_minor=batch.gross_minor,
        at=moment(),
    )


def line_columns(key: PostingKey, amount: Amount) -> dict[str, Any]:
    """The columns of a posting line."""
    return {**key._asdict(), "net_minor": amount.net, "tax_minor": amount.tax}


def key_of(row: WantedRow | StagedRow) -> PostingKey:
    """The key of a posting line."""
    return PostingKey(Role(row.role), row.nominal, row.department, row.tax_code, row.account, row.detail)
