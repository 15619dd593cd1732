"""The CSV of a bank or card acquirer, read as the settings declare its columns.

Packing, encoding, delimiter and decimal mark are found out as with tills' exports; what is no such file is refused
with its line. Rows that move no money are left out. Source: docs/bank.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.bank import BankSettings, Statement
from storeday.feeds.columns import TextRows, typed
from storeday.feeds.csv_bytes import read_columns
from storeday.feeds.dates import midnights
from storeday.feeds.export_bytes import plain_text
from storeday.feeds.money_text import FINE, decimals_of, fine_or_nothing, shown_fine
from storeday.model.errors import FileRejected

LINES: Final = ("file", "line", "day", "amount_minor", "fee_minor", "has_fee", "text", "merchant")
"""A statement's lines: where each stands, the day on which money moved (days since 1970), into the bank or out of
it (negative), what was kept back where it says so, and what people read."""

_PENNY: Final = FINE // 100
_NO_SIGN: Final = r"[\x00-\x20\x7f-\x{a0}]+"


def read_statement(files: Mapping[str, bytes], said: Statement, code: str) -> pd.DataFrame:
    """The lines of a statement, LINES, in order of day, file and line; ``files`` are its parts by their names.

    Parts may overlap: a line that stands in two of them counts once, and as often as it stands in one.
    Raises: FileRejected naming file, line and what to do.
    """
    parts = []
    for name, content in files.items():
        try:
            parts.append(_lines(name, content, said))
        except FileRejected as wrong:
            wrong.what_now = f"Export it again, or say in bank.yaml how it is written (statements.{code})."
            raise
    lines = pd.concat(parts, ignore_index=True)
    same = ["day", "amount_minor", "fee_minor", "has_fee", "text", "merchant"]
    lines["nth"] = lines.groupby([*same, "file"]).cumcount()
    lines = lines.drop_duplicates([*same, "nth"]).drop(columns="nth")
    return lines.sort_values(["day", "file", "line"], kind="stable", ignore_index=True)


def statements_of(name: str, content: bytes, bank: BankSettings) -> list[str]:
    """The statements of the settings whose columns a file has."""
    found = []
    for code, said in bank.statements.items():
        try:
            plain_text(name, content, said.columns, encoding=said.encoding, largest_mb=said.largest_mb)
        except FileRejected:
            continue
        found.append(code)
    return found


def _lines(name: str, content: bytes, said: Statement) -> pd.DataFrame:
    plain = plain_text(name, content, said.columns, encoding=said.encoding, largest_mb=said.largest_mb)
    table, at = read_columns(name, plain.content, said.columns, plain.delimiter)
    rows = TextRows(name, table, at, receipt="", till="")
    decimals = _decimals(rows, said)
    money = {column: _money(rows, column, decimals) for column in said.money}
    amount = money[said.amount] if said.amount else _in_and_out(rows, said, money)
    day = typed(rows, said.date, None, f"a date as {said.dates}", _midnights(said), required=True)
    fee = money[said.fee] if said.fee else np.zeros(len(rows), dtype=np.int64)
    lines = pd.DataFrame(
        {
            "file": name,
            "line": rows.lines,
            "day": day.cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64),
            "amount_minor": amount,
            "fee_minor": np.abs(fee),  # written below zero by some, as it is taken off
            "has_fee": _is_filled(rows, said.fee) if said.fee else False,
            "text": _joined(rows, said.text),
            "merchant": _joined(rows, (said.merchant,) if said.merchant else ()),
        }
    )
    return lines.loc[lines["amount_minor"] != 0]


def _midnights(said: Statement) -> Any:
    return lambda texts: midnights(pc.utf8_trim_whitespace(texts), said.dates)


def _decimals(rows: TextRows, said: Statement) -> str:
    if said.decimals != "detect":
        return said.decimals
    found = decimals_of([pc.drop_null(rows.text(column).dictionary) for column in said.money])
    if found is None:
        raise FileRejected(rows.name, "its amounts can be read with decimal points and with decimal commas.")
    return found


def _money(rows: TextRows, column: str, decimals: str) -> Any:
    """Minor units; 0 for an empty cell."""
    fine = typed(rows, column, None, "an amount", lambda texts: fine_or_nothing(texts, decimals), required=False)
    fine = fine.to_numpy()
    beyond = np.flatnonzero(fine % _PENNY)
    if len(beyond):
        row = int(beyond[0])
        raise rows.refuse(row, f"{column} {shown_fine(int(fine[row]))} has a part of a penny.")
    return fine // _PENNY


def _in_and_out(rows: TextRows, said: Statement, money: dict[str, Any]) -> Any:
    """What was paid in less what was paid out; some write the second below zero."""
    nothing = np.zeros(len(rows), dtype=np.int64)
    paid_in = money[said.paid_in] if said.paid_in else nothing
    paid_out = np.abs(money[said.paid_out]) if said.paid_out else nothing
    both = np.flatnonzero((paid_in != 0) & (paid_out != 0))
    if len(both):
        raise rows.refuse(int(both[0]), f"the row has an amount under {said.paid_in} and under {said.paid_out}.")
    return paid_in - paid_out


def _is_filled(rows: TextRows, column: str) -> Any:
    return pc.not_equal(pc.utf8_trim_whitespace(_texts(rows, column)), "").to_numpy(zero_copy_only=False)


def _joined(rows: TextRows, columns: tuple[str, ...]) -> Any:
    """Some columns as one text a row; blanks, and what a terminal would obey, are one blank."""
    if not columns:
        return ""
    whole = pc.binary_join_element_wise(*(_texts(rows, column) for column in columns), " ")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(whole, _NO_SIGN, " ")).to_pandas()


def _texts(rows: TextRows, column: str) -> Any:
    return pc.fill_null(rows.text(column).cast(pa.string()), "")
