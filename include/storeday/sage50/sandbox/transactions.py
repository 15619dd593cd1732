"""The import of audit trail transactions. Sources: sage50-uk reference, 1.8 (grouped or not), 1.10, 1.11."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from storeday.sage50.rows import HEADER
from storeday.sage50.sandbox.company import Imported, Sandbox
from storeday.sage50.sandbox.entries import write_entries
from storeday.sage50.sandbox.file_text import FieldRefused, FileText, Layout, Refusal, read_text
from storeday.sage50.sandbox.groups import unbalanced_journals
from storeday.sage50.sandbox.masters import CompanyMasters, read_masters
from storeday.sage50.sandbox.tables import SPLITS
from storeday.sage50.sandbox.trail_rows import ImportRules, TrailRow, trail_row

LAYOUT: Final = Layout(HEADER, least=10, first_headings=frozenset(HEADER), has_known_headings=True)
"""A to J are the "Transaction CSV" layout, K to O the extended one (1.1)."""


def import_transactions(sandbox: Sandbox, content: bytes, rules: ImportRules) -> Imported:
    """Import a file. The same file twice is booked twice, unless the company's Sage refuses references it has."""
    with sandbox.writing() as connection:
        masters = read_masters(connection)
        rows, refused = _rows_of(read_text(content, LAYOUT, rules.facts), masters, rules)
        if rules.facts.duplicate_reference == "refuse":
            rows, refused = _without(rows, refused, _known_references(connection, rows))
        rows, refused = _without(rows, refused, unbalanced_journals(rows, rules.facts))
        refused.sort()
        if refused and rules.facts.all_or_nothing:
            return Imported(0, tuple(refused), kept_out=len(rows))
        headers = write_entries(connection, rows, masters, rules)
        return Imported(len(rows), tuple(refused), headers=headers)


def _rows_of(text: FileText, masters: CompanyMasters, rules: ImportRules) -> tuple[list[TrailRow], list[Refusal]]:
    rows, refused = [], list(text.refused)
    for line, fields in text.rows:
        try:
            rows.append(trail_row(line, fields, masters, rules))
        except FieldRefused as error:
            refused.append(Refusal(line, fields[5], str(error)))
    return rows, refused


def _without(rows: list[TrailRow], refused: list[Refusal], more: list[Refusal]) -> tuple[list[TrailRow], list[Refusal]]:
    lines = {refusal.line for refusal in more}
    return [row for row in rows if row.line not in lines], [*refused, *more]


def _known_references(connection: Connection, rows: list[TrailRow]) -> list[Refusal]:
    """Rows whose type, account, date and reference are there from an earlier import."""
    c = SPLITS.c
    known = {tuple(row) for row in connection.execute(select(c.TYPE, c.ACCOUNT_REF, c.DATE, c.INV_REF).distinct())}
    return [
        Refusal(row.line, row.reference, f"reference {row.reference} of {row.type} {row.day:%d/%m/%Y} is there already")
        for row in rows
        if (row.type, row.account, row.day, row.reference) in known
    ]
