"""Which deposits a line of a statement can be: by the pieces of text that it has, and by its merchant.

Lines that can be the same deposits are one pool. Source: docs/bank.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.bank import Deposit, Statement

Stream = tuple[str, str]
"""A deposit's name and the store; empty where it is one for all stores."""

NOBODYS: Final = -1
_UNNAMED: Final = -1


@dataclass(frozen=True)
class Pools:
    """``of_line`` is the pool of each line, NOBODYS for lines that the settings don't speak of; ``streams`` has, a
    pool, what its lines can be: nothing where they look like a deposit and are none."""

    of_line: Any
    streams: tuple[tuple[Stream, ...], ...]


def pools_of(
    lines: pd.DataFrame, said: Statement, deposits: tuple[Deposit, ...], stores: dict[str, tuple[str, ...]]
) -> Pools:
    """The pools of a statement's lines. ``stores`` has the stores that each deposit can be of."""
    texts = pa.array(lines["text"], pa.string())
    named = np.zeros(len(lines), dtype=np.int64)
    for place, deposit in enumerate(deposits):
        named |= _says(texts, deposit.says).astype(np.int64) << place
    merchants = sorted({each for deposit in deposits for found in deposit.merchants.values() for each in found})
    merchant = _merchant(pa.array(lines["merchant"], pa.string()) if said.merchant else texts, merchants, said)
    kinds, of_line = np.unique(np.stack([named, merchant]), axis=1, return_inverse=True)
    of_line = of_line.reshape(-1)
    streams: list[tuple[Stream, ...]] = []
    place_of = []
    for mask, number in kinds.T.tolist():
        meant = [d for place, d in enumerate(deposits) if mask >> place & 1] or [d for d in deposits if not d.says]
        known = merchants[number] if number != _UNNAMED else None
        found = [each for deposit in meant for each in _streams(deposit, known, said, stores[deposit.name])]
        place_of.append(len(streams) if meant else NOBODYS)
        if meant:
            streams.append(tuple(found))
    return Pools(np.array(place_of, dtype=np.int64)[of_line] if len(lines) else of_line, tuple(streams))


def _says(texts: Any, pieces: tuple[str, ...]) -> Any:
    """Which texts have one of some pieces, whatever their case."""
    hits = np.zeros(len(texts), dtype=bool)
    for piece in pieces:
        hits |= pc.match_substring(texts, piece, ignore_case=True).to_numpy(zero_copy_only=False)
    return hits


def _merchant(texts: Any, merchants: list[str], said: Statement) -> Any:
    """The place of each line's merchant: the whole cell where there is a column, else a word of the text."""
    if not merchants:
        return np.full(len(texts), _UNNAMED)
    if not said.merchant:
        longest_first = sorted(merchants, key=lambda each: (-len(each), each))
        words = "|".join(re.escape(each) for each in longest_first)
        found = pc.extract_regex(texts, rf"(?:^|[^0-9A-Za-z])(?P<merchant>{words})(?:$|[^0-9A-Za-z])")
        texts = pc.struct_field(found, "merchant")
    place = pc.fill_null(pc.index_in(texts, pa.array(merchants)), _UNNAMED)
    return place.to_numpy(zero_copy_only=False).astype(np.int64)


def _streams(deposit: Deposit, merchant: str | None, said: Statement, stores: tuple[str, ...]) -> list[Stream]:
    """What a line of a merchant can be of one deposit. In a text, a merchant may go unsaid; in a column it may not."""
    if not deposit.merchants or (merchant is None and not said.merchant):
        return [(deposit.name, store) for store in stores]
    owners = [store for store, found in deposit.merchants.items() if merchant in found]
    if deposit.paid == "company":
        return [(deposit.name, "")] if owners else []
    return [(deposit.name, store) for store in owners if store in stores]
