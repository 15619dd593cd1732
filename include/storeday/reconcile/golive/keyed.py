"""Figures that people key by hand until a store's cutover, and how they stand beside ours.

A file is a CSV with a row a store, day, nominal and tax code: ``store,day,nominal,tax_code,net,tax``. Sales are
positive, with their tax; everything else is positive where it is debited, and T9.
Source: docs/cutover.md, "Parallel run".
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from storeday.model.days import day_of
from storeday.model.errors import StoredayError
from storeday.model.money import minor_of
from storeday.model.postings import Lines, Role
from storeday.sage50.sandbox.masters import OFF_THE_RETURN, Controls

KEY: Final = ["store", "day", "nominal", "tax_code"]
AMOUNTS: Final = ["net", "tax"]
_LISTED: Final = 10


class KeyedFiguresWrong(StoredayError):
    """A file of figures keyed by hand can't be read; it says which line and why."""


def read_keyed(files: Mapping[str, bytes]) -> pd.DataFrame:
    """The rows of all files: KEY as text, AMOUNTS in minor units.

    Raises: KeyedFiguresWrong naming file and line of all that is wrong.
    """
    wrong: list[str] = []
    frames = [_read(name, content, wrong) for name, content in sorted(files.items())]
    if wrong:
        more = f"\n  and {len(wrong) - _LISTED} more" if len(wrong) > _LISTED else ""
        raise KeyedFiguresWrong("figures keyed by hand:\n  " + "\n  ".join(wrong[:_LISTED]) + more)
    return pd.concat([figures([]), *frames], ignore_index=True)


def figures(rows: Iterable[tuple[str, str, str, str, int, int]]) -> pd.DataFrame:
    """Rows of KEY and AMOUNTS as a table."""
    frame = pd.DataFrame(list(rows), columns=[*KEY, *AMOUNTS])
    return frame.astype({**dict.fromkeys(KEY, "str"), **dict.fromkeys(AMOUNTS, "int64")})


def figures_of(store: str, day: str, lines: Lines, controls: Controls) -> pd.DataFrame:
    """What a store-day's posting lines come to, as somebody would key it: a sale on account on the debtors."""
    return figures(
        (
            store,
            day,
            controls.debtors if key.role is Role.ACCOUNT else key.nominal,
            key.tax_code if key.role.is_sale else OFF_THE_RETURN,
            amount.net,
            amount.tax,
        )
        for key, amount in lines.items()
    )


def beside(keyed: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Both, a row a KEY in its order: net and tax, each with ``_keyed``, ``_ours`` and ``_off`` after it.

    What is off is ours less keyed. A figure that only one side has is 0 on the other; what is 0 on both is left out.
    """
    sides = [_side(keyed, "keyed", "ours"), _side(ours, "ours", "keyed")]
    both = pd.concat(sides, ignore_index=True).groupby(KEY, as_index=False).sum()  # never a join: its gaps are floats
    amounts = [f"{name}_{side}" for name in AMOUNTS for side in ("keyed", "ours")]
    for name in AMOUNTS:
        both[f"{name}_off"] = both[f"{name}_ours"] - both[f"{name}_keyed"]
    return both[(both[amounts] != 0).any(axis=1)].sort_values(KEY, ignore_index=True)


def _side(frame: pd.DataFrame, side: str, other: str) -> pd.DataFrame:
    """One side's amounts under its name, and 0 under the other's."""
    named = frame.rename(columns={name: f"{name}_{side}" for name in AMOUNTS})
    return named[[*KEY, *(f"{name}_{side}" for name in AMOUNTS)]].assign(**{f"{name}_{other}": 0 for name in AMOUNTS})


def _read(name: str, content: bytes, wrong: list[str]) -> pd.DataFrame:
    try:
        said = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, pd.errors.ParserError) as error:
        wrong.append(f"{name}: is no CSV file: {str(error).splitlines()[0]}")
        return figures([])
    said.columns = [str(column).strip().casefold() for column in said.columns]
    if missing := [column for column in (*KEY, *AMOUNTS) if column not in said.columns]:
        wrong.append(f"{name}: line 1: no column {', '.join(missing)}; wanted are {','.join((*KEY, *AMOUNTS))}")
        return figures([])
    said = said[[*KEY, *AMOUNTS]].apply(lambda column: column.str.strip())
    before = len(wrong)
    for column, pattern, what in (
        ("store", r"[A-Z0-9]{1,8}", "no code of a store"),
        ("nominal", r"\d{1,8}", "no nominal"),
        ("tax_code", r"(?:T\d{1,2})?", "no tax code of Sage's"),
    ):
        _hold_to(name, said, column, said[column].str.fullmatch(pattern), what, wrong)
    parsed = {
        "day": said["day"].map(_day),
        "net": said["net"].map(_minor),
        "tax": said["tax"].map(lambda text: _minor(text or "0")),
    }
    for column, what in (("day", "no day, say 2026-11-22"), ("net", "no amount"), ("tax", "no amount")):
        _hold_to(name, said, column, parsed[column].notna(), what, wrong)
    if len(wrong) > before:
        return figures([])
    said["tax_code"] = said["tax_code"].where(said["tax_code"] != "", OFF_THE_RETURN)
    read: pd.DataFrame = said.assign(**parsed).astype({**dict.fromkeys(KEY, "str"), **dict.fromkeys(AMOUNTS, "int64")})
    return read


def _hold_to(name: str, said: pd.DataFrame, column: str, is_right: Any, what: str, wrong: list[str]) -> None:
    """Name each line whose cell is not right; the header is line 1."""
    for row, cell in said.loc[~is_right.astype("bool"), column].items():
        wrong.append(f"{name}: line {int(str(row)) + 2}: {column}: {cell!r} is {what}")


def _day(text: str) -> str | None:
    try:
        return day_of(text).isoformat()
    except ValueError:
        return None


def _minor(text: str) -> int | None:
    try:
        return minor_of(text)
    except ValueError:
        return None
