"""The source that a store's settings ask for."""

from __future__ import annotations

from storeday.config.settings import FolderSource, Store
from storeday.sources.base import Source
from storeday.sources.folder import Folder
from storeday.sources.sftp import Sftp


def source_of(store: Store) -> Source:
    """Where a store's files come from."""
    if isinstance(store.source, FolderSource):
        return Folder(store.source.path, dated_folders=store.source.dated_folders)
    return Sftp(store.source.connection, store.source.folder, dated_folders=store.source.dated_folders)
