"""How a company's Sage is read back, and what of its Sage matters when it is compared (docs/reconcile.md)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from storeday.config.strict import Strict

ExportKind = Literal["import_layout", "audit_trail"]


class _Readback(Strict):
    """What is the same however Sage is read."""

    own_nominals: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")], ...] = ()
    """Nominals that nobody but storeday posts to, beside the till control, over/short and rounding."""
    import_within_days: int = Field(default=1, ge=0, le=60)  # a batch younger than that may still be imported
    window_days: int = Field(default=40, ge=1, le=800)  # how far back a daily run compares
    cleared_to: date | None = None  # Sage's audit trail was cleared up to that day


class FolderReadback(_Readback):
    """The newest .csv file of a folder, or of another place that this machine can read."""

    kind: Literal["folder"]
    folder: str
    export: ExportKind = "import_layout"


class SftpReadback(_Readback):
    """The newest .csv file of an SFTP server's folder; host, login, key and host key live in an Airflow connection."""

    kind: Literal["sftp"]
    connection: str
    folder: str = "."
    export: ExportKind = "import_layout"


class OdbcReadback(_Readback):
    """Sage's ODBC tables; driver or data source, login and password live in an Airflow connection."""

    kind: Literal["odbc"]
    connection: str


Readback = Annotated[FolderReadback | SftpReadback | OdbcReadback, Field(discriminator="kind")]
