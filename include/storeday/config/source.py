"""Where files come from: an SFTP server, or a folder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storeday.config.strict import Strict


class SftpSource(Strict):
    """Files come over SFTP; host, login, key and host key live in an Airflow connection."""

    kind: Literal["sftp"]
    connection: str
    folder: str = "."
    dated_folders: bool = False  # files lie in folders named by their day, 20261122, as Toast's do


class FolderSource(Strict):
    """Files come from a folder that every worker can read: of its machine, or a share mounted on it."""

    kind: Literal["folder"]
    path: str
    dated_folders: bool = False


Source = Annotated[SftpSource | FolderSource, Field(discriminator="kind")]
