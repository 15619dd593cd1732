"""What a file holds of each trading day: its canonical pieces, and the running numbers of its tills."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.places import Places
from storeday.feeds.base import ReadFile
from storeday.feeds.pieces import Piece, split_by_day, write_piece
from storeday.ledger.facts import FileDay, TillDay
from storeday.model.guarantees import Guarantees
from storeday.model.storage import exists


def keep_pieces(
    places: Places, store: str, sha256: str, read: ReadFile, guarantees: Guarantees, *, anew: bool = True
) -> tuple[FileDay, ...]:
    """Write a file's canonical pieces; what it holds of each trading day, oldest first.

    Not ``anew``: only those that are not there.
    """
    pieces = split_by_day(read.tables)
    for piece in pieces:
        if anew or not _are_there(places, store, sha256, piece):
            write_piece(places, store, sha256, piece)
    return tuple(_file_day(piece, guarantees) for piece in pieces)


def _are_there(places: Places, store: str, sha256: str, piece: Piece) -> bool:
    return all(exists(places.canonical(store, piece.trading_day, table, sha256)) for table in piece.filled)


def _file_day(piece: Piece, guarantees: Guarantees) -> FileDay:
    receipts = piece.tables.receipts
    return FileDay(
        trading_day=piece.trading_day,
        receipts=receipts.num_rows,
        gross_minor=pc.sum(receipts.column("gross_minor")).as_py() or 0,
        tables=piece.filled,
        tills=_till_days(piece, guarantees),
    )


def _till_days(piece: Piece, guarantees: Guarantees) -> tuple[TillDay, ...]:
    """The first and last numbers of each till, by time and then by line; of receipts that run in sequence only."""
    receipts, closes = _ends(piece.tables.receipts, "receipt"), _ends(piece.tables.z, "z")
    found = []
    for till in sorted({*receipts, *closes}):
        mine, zs = receipts.get(till), closes.get(till)
        found.append(
            TillDay(
                till=till,
                first_receipt=mine[0] if mine and guarantees.sequence else None,
                last_receipt=mine[1] if mine and guarantees.sequence else None,
                last_z=zs[1] if zs else None,
                last_at=max(end[2] for end in (mine, zs) if end),
            )
        )
    return tuple(found)


def _ends(table: pa.Table, number: str) -> dict[str, tuple[str, str, datetime]]:
    """By till: the first and the last number, and when the last was."""
    ends = {}
    tills = table.column("till").combine_chunks()
    for till in tills.unique().to_pylist() if len(tills) else []:
        mine = table.select([number, "at", "file_line"]).filter(pc.equal(tills, till))
        order = pc.sort_indices(mine, sort_keys=[("at", "ascending"), ("file_line", "ascending")])
        first, last = (mine.slice(order[place].as_py(), 1).to_pylist()[0] for place in (0, len(order) - 1))
        ends[till] = (first[number], last[number], last["at"].replace(tzinfo=None))
    return ends
