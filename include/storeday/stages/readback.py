"""Fetch what Sage shows and read it into a trail: the newest export of a folder or server, a file, or the tables."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from storeday.config.readback import ExportKind, FolderReadback, OdbcReadback, SftpReadback
from storeday.config.settings import Company
from storeday.model.differences import Reading
from storeday.model.errors import CannotCompare, SettingsError
from storeday.sage50.readback.audit_trail import read_audit_trail
from storeday.sage50.readback.import_layout import read_import_layout
from storeday.sage50.readback.odbc import read_odbc
from storeday.sage50.readback.trail import Trail
from storeday.sage50.sandbox.company import sandbox_there
from storeday.sources.base import OpenSource, RemoteFile, Source, fetch
from storeday.sources.folder import Folder
from storeday.sources.odbc import connected
from storeday.sources.sftp import Sftp
from storeday.stages.workplace import Workplace

_BEFORE_DAYS: Final = 366
"""How much older than the first day a transaction may be dated and still be looked at: a date that was mistyped."""


class NoExport(CannotCompare):
    """Nothing was exported from Sage yet."""


def read_file(company: Company, path: Path, export: ExportKind = "import_layout") -> Trail:
    """A file that a person exported. Raises: FileNotFoundError; ReadbackRefused."""
    return _read(company, path.name, path.read_bytes(), export)


def read_sandbox(work: Workplace, company: Company, first: date) -> Trail:
    """The company's sandbox, by the tables of Sage's ODBC driver. Raises: NoExport where there is none."""
    there = sandbox_there(work.places.sandbox(company.code))
    if there is None:
        raise NoExport(f"{company.code} has no sandbox; storeday sandbox import makes one")
    with there.reading() as connection:
        return read_odbc("the sandbox", connection, _since(first))


def read_sage(company: Company, first: date) -> Trail:
    """What the company's ``readback`` setting names.

    Raises: SettingsError without one; NoExport; ReadbackRefused; SourceUnreachable; SourceRefused.
    """
    match company.readback:
        case None:
            raise SettingsError(
                [f"{company.code}: company.yaml says no readback: say how Sage is read, or hand over a --file"]
            )
        case OdbcReadback(connection=named):
            engine = connected(named)
            with engine.connect() as connection:
                return read_odbc(f"connection {named}", connection, _since(first))
        case FolderReadback(folder=folder, export=export):
            return _newest(company, Folder(folder), folder, export)
        case SftpReadback(connection=named, folder=folder, export=export):
            return _newest(company, Sftp(named, folder), f"{named} {folder}", export)


def reading_of(company: str, trail: Trail) -> Reading:
    """What is written down of a trail; its digest is of what it showed, not of the file's bytes."""
    seen = hashlib.sha256()
    for table in (trail.rows, trail.boxes, trail.legs, trail.stock):
        if table is not None:
            seen.update(pd.util.hash_pandas_object(table.astype("string"), index=False).to_numpy().tobytes())
            seen.update(b"|")
    first, last = trail.days
    return Reading(company, trail.export, trail.name[:255], seen.hexdigest(), len(trail.rows), first, last)


def _since(first: date) -> date:
    return date.fromordinal(first.toordinal() - _BEFORE_DAYS)


def _newest(company: Company, source: Source, where: str, export: ExportKind) -> Trail:
    with source.open() as there:
        file = _newest_file(there, where)
        with fetch(there, file) as content:
            return _read(company, file.name, content.whole(), export)


def _newest_file(there: OpenSource, where: str) -> RemoteFile:
    files = [f for f in there.listing() if f.has_safe_name and f.name.lower().endswith(".csv")]
    if not files:
        raise NoExport(f"{where}: no .csv file there; export the audit trail from Sage to it")
    return max(files, key=lambda file: (file.modified, file.name))


def _read(company: Company, name: str, content: bytes, export: ExportKind) -> Trail:
    if export == "audit_trail":
        return read_audit_trail(name, content, sales_tax=company.accounts.sales_tax)
    return read_import_layout(name, content)
