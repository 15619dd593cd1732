"""The source that the settings ask for."""

from __future__ import annotations

from storeday.config.settings import Store
from storeday.config.source import FolderSource, SftpSource
from storeday.sources.base import Source
from storeday.sources.connections import Connections
from storeday.sources.folder import Folder
from storeday.sources.sftp import Sftp


def source_of(store: Store, connections: Connections | None = None) -> Source:
    """Where a store's files come from; over one of ``connections``, where it may stay open for the next store."""
    return source_at(store.source, connections)


def source_at(said: SftpSource | FolderSource, connections: Connections | None = None) -> Source:
    """Where files come from, as the settings say it."""
    if isinstance(said, FolderSource):
        return Folder(said.path, dated_folders=said.dated_folders)
    return Sftp(said.connection, said.folder, dated_folders=said.dated_folders, connections=connections)
