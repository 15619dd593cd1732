"""The receipts of a declared feed: from rows to canonical receipts, and who owns which line.

Left out are the rows of other stores and of what the feed says is no receipt; their lines go with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.columns import local_naive, one_line, shown
from storeday.feeds.declared.rows import Rows, no_codes
from storeday.feeds.declared.says import Constant, Says, Text
from storeday.feeds.declared.settings import NONE
from storeday.feeds.declared.shape import Lines, Receipts, TaxProof
from storeday.feeds.declared.sums import Nothing, NotZero
from storeday.model.money import money
from storeday.model.tables import CODE, RECEIPTS, REFUND

NOT_WANTED: Final = -1
UNKNOWN: Final = -2
_TILL: Final = r"^[A-Za-z0-9_-]{1,12}$"


@dataclass(frozen=True)
class Owners:
    """The receipts of a slice, and for the key of any row: its receipt's place, or that it is not wanted."""

    receipts: pa.Table  # canonical
    keys: Any  # distinct keys of all rows that say a receipt, left out or not
    place: Any  # for each key: the row of ``receipts``; NOT_WANTED where it is left out or carries no money
    name: str  # the file that says the receipts

    def places(self, keys: Any) -> Any:
        """For each row's key: its receipt's row, NOT_WANTED for one that is left out, UNKNOWN for one of no receipt."""
        coded = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
        found = pc.fill_null(pc.index_in(coded.dictionary, self.keys), -1).to_numpy(zero_copy_only=False)
        if not len(found):
            return np.full(len(coded), UNKNOWN)
        by_key = np.where(found < 0, UNKNOWN, self.place[found]) if len(self.place) else np.full(len(found), UNKNOWN)
        known = np.asarray(pc.fill_null(coded.indices, -1))
        return np.where(known < 0, UNKNOWN, by_key[known])


def read_receipts(declared: Receipts, rows: Rows) -> Owners:
    """Receipts from the rows that say one each. Raises: FileRejected."""
    if declared.rows is not None:
        rows = rows.where(declared.rows.of(rows))
    wanted = rows_wanted(declared, rows)
    kept = rows.where(wanted)
    kept_keys = declared.receipt.of(kept)
    is_void = _void(declared, kept)
    table = receipts_table(declared, kept, kept_keys, is_void)
    all_keys = declared.receipt.of(rows)
    keys = pc.unique(all_keys.cast(pa.string()))
    place = _first_places(keys, kept_keys)
    if len(table):
        place = np.where((place >= 0) & is_void[np.maximum(place, 0)], NOT_WANTED, place)
    return Owners(table, keys, place, rows.text.name)


def undated(amount: Says, declared: Receipts, rows: Rows, owners: Owners) -> Lines:
    """Money given back on a day that the export does not tell: a note, and the line that holds its receipt's day."""
    wanted = NotZero(amount, declared.rows)
    mine = rows.where(wanted.of(rows))
    place = owners.places(declared.receipt.of(mine))
    mine = mine.where(place >= 0)
    if len(mine):
        rows.reading.notes.append(
            told(mine, declared, "receipts with money given back on a day that is not told", amount.of(mine))
        )
    return Lines(receipt=declared.receipt, category=Constant("UNDATED REFUND"), gross=Nothing(), rows=wanted)


def told(rows: Rows, declared: Receipts, what: str, amounts: Any) -> str:
    """Some receipts as one sentence: how many, how much, the first three."""
    first = [one_line(receipt) for receipt in declared.receipt.of(rows).slice(0, 3).to_pylist()]
    more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
    return f"{rows.text.name}: {what}: {len(rows):,}, {money(int(amounts.sum()))} in all ({', '.join(first)}{more})"


def once_each(declared: Receipts, rows: Rows) -> Rows:
    """The rows without those that say word for word what a row before said of the same receipt.

    Only where each row is a receipt: two lines of one receipt may well be the same.
    """
    keys = pd.Series(np.asarray(declared.receipt.of(rows).indices))
    if declared.rows is not None or not keys.duplicated().any():
        return rows
    codes = {name: np.asarray(rows.text.text(name).indices) for name in rows.text.table.column_names}
    again = pd.DataFrame(codes).duplicated().to_numpy()
    if again.any():
        rows.reading.notes.append(f"{rows.text.name}: rows that say again what one before said: {again.sum():,}")
    return rows.where(~again)


def receipts_table(declared: Receipts, rows: Rows, keys: Any, is_void: Any) -> pa.Table:
    """Canonical receipts of rows that are all wanted."""
    at = declared.at.of(rows)
    hold_to_currency(declared, rows)
    kind = declared.kind.of(rows).cast(pa.string())
    gross = np.where(is_void, 0, declared.gross.of(rows))
    hold_to_signs(rows, kind, gross)
    kind = pc.if_else(pa.array(is_void), "void", kind).dictionary_encode()
    columns = {
        "till": till_of(declared, rows),
        "receipt": keys,
        "trading_day": trading_days(at, rows),
        "at": at,
        "kind": kind,
        "gross_minor": pa.array(gross),
        "tax_minor": pa.array(np.where(is_void, 0, declared.tax.of(rows))),
        "customer": declared.customer.of(rows) if declared.customer else no_codes(len(rows)),
        "original": declared.original.of(rows) if declared.original else no_codes(len(rows)),
        "file_line": pa.array(rows.lines, pa.int32()),
    }
    return pa.table([columns[field.name].cast(field.type) for field in RECEIPTS], schema=RECEIPTS)


def hold_to_signs(rows: Rows, kind: Any, gross: Any) -> None:
    """Raises: FileRejected for a refund above zero: what is given back is below zero in every canonical table."""
    wrong = pc.equal(kind, REFUND).to_numpy(zero_copy_only=False) & (gross > 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise rows.refuse(row, f"a refund is above zero, {money(int(gross[row]))}: what is given back has a minus.")


def hold_to_currency(declared: Receipts, rows: Rows) -> None:
    """Raises: FileRejected for a row in another currency than the store's."""
    if declared.currency is None:
        return
    ours = rows.reading.settings.currency
    wrong = pc.not_equal(declared.currency.of(rows).cast(pa.string()), ours).to_numpy(zero_copy_only=False)
    if wrong.any():
        row = int(np.argmax(wrong))
        said = one_line(declared.currency.of(rows)[row].as_py() or NONE)
        raise rows.refuse(row, f"an amount in {said}, and feed_settings.currency of the store says {ours}.")


def rows_wanted(declared: Receipts, rows: Rows) -> Any:
    """Which rows are receipts of this store that count; what is left out is told."""
    wanted = np.ones(len(rows), dtype=bool) if declared.location is None else of_this_store(declared.location, rows)
    for left in declared.left_out:
        mask = left.where.of(rows) & wanted
        if mask.any():
            these = rows.where(mask)
            rows.reading.notes.append(told(these, declared, f"{left.why}, left out", declared.gross.of(these)))
        wanted &= ~mask
    return wanted


def till_of(declared: Receipts, rows: Rows) -> Any:
    """Each receipt's till: as the settings name it. Raises: FileRejected for a name that is no till's code."""
    coded = declared.till.of(rows)
    names = pc.if_else(pc.equal(coded.dictionary, ""), rows.reading.common.till, coded.dictionary)
    fits = pc.match_substring_regex(names, _TILL).to_numpy(zero_copy_only=False)
    indices = coded.indices.to_numpy()
    if len(rows) and not fits[indices].all():
        row = int(np.argmin(fits[indices]))
        raise rows.refuse(row, f"{shown(coded[row])} is no till's code: set feed_settings.till_names of the store.")
    return names.dictionary_encode().take(coded.indices).cast(CODE)


def trading_days(at: Any, rows: Rows) -> Any:
    """The trading day of each moment, by the store's zone and the start of its day."""
    rules = rows.reading.rules
    local = local_naive(at, rules.timezone) - pd.Timedelta(minutes=rules.day_starts_minutes)
    return pa.array(local.to_numpy().astype("datetime64[D]"))


def hold_to_tax_setting(proof: TaxProof, rows: Rows) -> None:
    """Raises: FileRejected where the export's own totals say otherwise than the setting ``tax``."""
    total, net, tax = (word.of(rows) for word in (proof.total, proof.net, proof.tax))
    taxed = tax != 0
    fits = {"included": taxed & (net == total), "added": taxed & (net + tax == total)}
    told = rows.reading.settings.tax
    other = "added" if told == "included" else "included"
    if fits[told].sum() < fits[other].sum():
        row = int(np.argmax(fits[other]))
        raise rows.refuse(
            row,
            f"feed_settings.tax of the store says {told}, but {int(fits[other].sum()):,} rows add up only with the tax "
            f"{other}: {money(int(net[row]))} and tax {money(int(tax[row]))} make {money(int(total[row]))}.",
        )


def of_this_store(location: Text, rows: Rows) -> Any:
    """Which rows are this store's; those of others that the settings name are counted and left out.

    Raises: FileRejected for a row of a store that the settings do not name.
    """
    if not rows.has(location.column):
        return np.ones(len(rows), dtype=bool)
    settings, rules = rows.reading.common, rows.reading.rules
    ours = settings.locations or (rules.pos_store_id or rules.store,)
    coded = location.of(rows)
    names = pc.fill_null(coded.dictionary, NONE)
    is_ours, is_others = (
        pc.is_in(names, pa.array(list(which), pa.string())).to_numpy(zero_copy_only=False)[coded.indices.to_numpy()]
        for which in (ours, settings.other_locations)
    )
    strange = ~(is_ours | is_others)
    if strange.any():
        row = int(np.argmax(strange))
        raise rows.refuse(
            row,
            f"a row of another store: {shown(coded[row])}, not {' or '.join(map(repr, ours))}; if it is one, name "
            "it in feed_settings.other_locations of the store.",
        )
    if is_others.any():
        rows.reading.form.append(f"{rows.text.name}: rows of other stores, left out: {is_others.sum():,}")
    return is_ours


def _void(declared: Receipts, rows: Rows) -> Any:
    return declared.is_void.of(rows) if declared.is_void else np.zeros(len(rows), dtype=bool)


def _first_places(keys: Any, kept_keys: Any) -> Any:
    """For each key the first row that has it, NOT_WANTED where none does."""
    found = pc.fill_null(pc.index_in(kept_keys.cast(pa.string()), keys), -1).to_numpy(zero_copy_only=False)
    place = np.full(len(keys), NOT_WANTED, dtype=np.int64)
    place[found[::-1]] = np.arange(len(found) - 1, -1, -1)
    return place
