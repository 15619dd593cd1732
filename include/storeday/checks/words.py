"""Findings in words: which receipt, at what time, in which file and line, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.checks.frames import Frames, Given
from storeday.checks.identity import about
from storeday.checks.snippets import snippets_for, times_and_amount
from storeday.checks.suites import Finding
from storeday.model.money import money
from storeday.model.store_day import Example, Hold, Warned

SHOWN = 5
"""How many examples a hold carries; the rest is in Data Docs and in the canonical tables."""


class Wording:
    """Turns findings of one store-day into holds and warnings."""

    def __init__(self, given: Given, frames: Frames, file_names: dict[str, str]) -> None:
        self.given = given
        self.frames = frames
        self.file_names = file_names
        self.zone = ZoneInfo(given.store.timezone)

    def hold(self, finding: Finding) -> Hold:
        """One finding as a Hold, or as Warned where it holds nothing."""
        frame = self.frames[finding.frame].iloc[list(finding.rows)]
        amount = finding.meta.get("amount")
        describe: Callable[[pd.Series[Any]], Example] = getattr(self, f"_{finding.frame}", self._plain)
        kind = Warned if finding.is_warning else Hold
        ends, what = about(finding, self.frames[finding.frame], self.given.once)
        return kind(
            check=finding.meta["check"],
            found=len(frame),
            of=finding.of,
            unit=finding.meta["unit"],
            out_by_minor=int(frame[amount].sum()) if amount in frame else None,
            examples=tuple(describe(row) for _, row in frame.head(SHOWN).iterrows()),
            what_now=finding.meta.get("what_now", "Look into it, then run the day again."),
            snippets=snippets_for(self.given, frame) if finding.frame == "codes" else (),
            ends_by=ends,
            about=what,
        )

    def _receipts(self, row: pd.Series[Any]) -> Example:
        position = int(str(row.name))
        receipts = self.given.once.tables.receipts
        said = receipts.slice(position, 1).to_pylist()[0]
        paid = self._of_receipt("tenders", position)
        tenders = "  ".join(f"{tender['tender']} {money(tender['amount_minor'])}" for tender in paid) or "none"
        local = said["at"].astimezone(self.zone)
        what = (
            f"till {said['till']} receipt {said['receipt']} at {local:%H:%M}   "
            f"receipt {money(said['gross_minor'])}   tenders {tenders}"
        )
        if row.get("lines_gap_minor", 0):
            what += f"   lines {money(said['gross_minor'] + int(row['lines_gap_minor']))}"
        if row.get("tax_gap_minor", 0):
            of_lines = said["tax_minor"] + int(row["tax_gap_minor"])
            what += f"   tax {money(said['tax_minor'])}, of its lines {money(of_lines)}"
        return self._at(what, said)

    def _lines(self, row: pd.Series[Any]) -> Example:
        return self._line(int(str(row.name)), f"out by {money(int(row['arithmetic_gap_minor']))}")

    def _tax(self, row: pd.Series[Any]) -> Example:
        expected = int(row["tax_minor"]) - int(row["tax_gap_minor"])
        said = (
            f"tax {money(int(row['tax_minor']))} on {money(int(row['gross_minor']))}, the rate gives {money(expected)}"
        )
        return self._line(int(row["first_line"]), said)

    def _tax_bias(self, row: pd.Series[Any]) -> Example:
        drift = money(int(row["drift_minor"]))
        a_year = money(int(row["a_year_minor"]))
        what = (
            f"{int(row['off']):,} of {int(row['groups']):,} are off, {drift} in all, {a_year} in a year at this pace; "
            "the first is"
        )
        return self._line(int(row["first"]), what)

    def _line(self, position: int, what: str) -> Example:
        line = self.given.once.tables.lines.slice(position, 1).to_pylist()[0]
        receipt = self.given.once.tables.receipts.column("receipt")[line["receipt_row"]].as_py()
        return self._at(f"till {line['till']} receipt {receipt} {line['sku']} {line['tax_class']}   {what}", line)

    def _codes(self, row: pd.Series[Any]) -> Example:
        return Example(f"{row['kind']} {row['code']}: {times_and_amount(row)}")

    def _tills(self, row: pd.Series[Any]) -> Example:
        parts = [f"till {row['till']}"]
        for count, numbers, word in (
            ("missing_receipts", "first_missing", "receipt"),
            ("missing_z", "first_missing_z", "Z"),
        ):
            if row[count]:
                more = f" and {int(row[count]) - 5:,} more" if row[count] > 5 else ""
                parts.append(f"{word} {row[numbers]}{more} missing")
        if row["after_last_z"]:
            parts.append(f"{int(row['after_last_z']):,} receipts after its last Z")
        return Example("   ".join(parts))

    def _closes(self, row: pd.Series[Any]) -> Example:
        amounts = f"{money(int(row['low_minor']))} and {money(int(row['high_minor']))}"
        return Example(f"till {row['till']} Z {row['z']} {row['total']}: {amounts}")

    def _z(self, row: pd.Series[Any]) -> Example:
        gaps = [
            f"{word} {money(int(row[name]))} less {money(int(row[name]) - int(row[gap]))} of its receipts"
            for word, name, gap in (("gross", "gross_minor", "gross_gap_minor"), ("tax", "tax_minor", "tax_gap_minor"))
            if row[gap]
        ]
        if row["receipts_gap"]:
            gaps.append(f"it counts {int(row['receipts_gap']):+,} receipts")
        return Example(f"till {row['till']} Z {row['z']}   {'   '.join(gaps)}")

    def _files(self, row: pd.Series[Any]) -> Example:
        return Example(str(row["why"]))

    def _store_day(self, row: pd.Series[Any]) -> Example:
        return Example(f"{int(row['rounded_receipts']):,} receipts rounded")

    def _plain(self, row: pd.Series[Any]) -> Example:
        return Example("   ".join(f"{name} {value}" for name, value in row.items()))

    def _of_receipt(self, table: str, position: int) -> list[dict[str, Any]]:
        rows: pa.Table = getattr(self.given.once.tables, table)
        found: list[dict[str, Any]] = rows.filter(pc.equal(rows.column("receipt_row"), position)).to_pylist()
        return found

    def _at(self, what: str, said: dict[str, Any]) -> Example:
        return Example(what, file=self.file_names.get(said["file"], said["file"]), line=int(said["file_line"]))
