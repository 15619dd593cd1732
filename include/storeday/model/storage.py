"""Files that appear whole or not at all, in a folder or behind any other fsspec URL.

A local file is written aside, flushed to the disk and renamed; an object store puts objects whole by
itself. A folder of files appears with one rename; on an object store its manifest is put last and a
folder without one is not there yet.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import fsspec

MANIFEST = "manifest.json"
_CHUNK = 1 << 20


def is_local(url: str) -> bool:
    """Whether a path is a plain folder or file of this machine."""
    return "://" not in url or url.startswith("file://")


def join(url: str, *parts: str) -> str:
    """A path below ``url``. Raises: ValueError for a part that would leave it."""
    for part in parts:
        if not part or part in {".", ".."} or "/" in part or "\\" in part or "\0" in part:
            raise ValueError(f"{part!r} is no name of a file or folder of ours")
    return "/".join([url.rstrip("/"), *parts])


def read_bytes(url: str) -> bytes:
    """A whole file. Raises: FileNotFoundError."""
    if is_local(url):
        return _local(url).read_bytes()
    filesystem, path = _remote(url)
    return bytes(filesystem.cat_file(path))


def exists(url: str) -> bool:
    """Whether a file is there."""
    if is_local(url):
        return _local(url).exists()
    filesystem, path = _remote(url)
    return bool(filesystem.exists(path))


def write_whole(url: str, content: bytes) -> None:
    """Write a file so that it appears whole, replacing one of the same name."""
    if not is_local(url):
        filesystem, path = _remote(url)
        filesystem.pipe_file(path, content)
        return
    with _appearing(_local(url)) as aside:
        _write_flushed(aside, content)


def write_from(url: str, stream: IO[bytes]) -> None:
    """Write a file from a stream, so that it appears whole; for files that are too large to be in memory."""
    if not is_local(url):
        filesystem, path = _remote(url)
        with filesystem.open(path, "wb") as file:
            shutil.copyfileobj(stream, file, _CHUNK)
        return
    with _appearing(_local(url)) as aside, aside.open("wb") as file:
        shutil.copyfileobj(stream, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file aside of ``target``, which takes its place in the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        yield aside
        aside.replace(target)
        _flush_folder(target.parent)
    finally:
        aside.unlink(missing_ok=True)


def publish_folder(url: str, files: dict[str, bytes]) -> None:
    """Make a folder of files appear whole at ``url``. One that is there already is taken as it is.

    ``files`` must hold a manifest. The folder's name must be a function of its content (a batch id), so
    that what is there can only be the same. Raises: ValueError for a name that would leave the folder.
    """
    if MANIFEST not in files:
        raise ValueError(f"{url}: a published folder has a {MANIFEST}")
    places = {name: join(url, name) for name in files}
    if exists(places[MANIFEST]):
        return
    if not is_local(url):
        _put_manifest_last(places, files)
        return
    with _folder_aside(_local(url), files) as aside:
        try:
            aside.replace(_local(url))
        except OSError:
            if not exists(places[MANIFEST]):
                raise
            return  # another worker was faster, with the same files
        _flush_folder(aside.parent)


def replace_folder(source: Path, url: str) -> None:
    """Put a local folder in place of the one at ``url``; for pages that may be written anew (Data Docs)."""
    if not is_local(url):
        filesystem, path = _remote(url)
        if filesystem.exists(path):
            filesystem.rm(path, recursive=True)
        filesystem.put(str(source), path, recursive=True)
        return
    target = _local(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    if target.exists():
        target.replace(old)
    shutil.move(source, target)
    shutil.rmtree(old, ignore_errors=True)


def replace_with(url: str, files: dict[str, bytes]) -> None:
    """Put a folder of files in place of what is at ``url``. A name may be of a file in a folder below it.

    ``files`` must hold a manifest. Killed in between, the folder is not there, and is put there by the next run.
    Raises: ValueError for a name that would leave the folder.
    """
    if MANIFEST not in files:
        raise ValueError(f"{url}: a published folder has a {MANIFEST}")
    places = {name: join(url, *name.split("/")) for name in files}
    if not is_local(url):
        remove_folder(url)
        _put_manifest_last(places, files)
        return
    with _folder_aside(_local(url), files) as aside:
        replace_folder(aside, url)
        _flush_folder(aside.parent)


def _put_manifest_last(places: dict[str, str], files: dict[str, bytes]) -> None:
    """Put files on an object store, where a folder without a manifest is not there yet."""
    for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
        write_whole(places[name], files[name])


@contextmanager
def _folder_aside(target: Path, files: dict[str, bytes]) -> Iterator[Path]:
    """A folder of these files aside of ``target``, flushed; gone in the end, if nobody moved it."""
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        for name, content in files.items():
            path = aside.joinpath(*name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_flushed(path, content)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def remove_folder(url: str) -> None:
    """Remove a folder and all in it; nothing happens where it isn't there."""
    if is_local(url):
        shutil.rmtree(_local(url), ignore_errors=True)
        return
    filesystem, path = _remote(url)
    if filesystem.exists(path):
        filesystem.rm(path, recursive=True)


def names_in(url: str) -> list[str]:
    """The names of files and folders directly below ``url``, sorted; hidden ones (being written) left out."""
    if is_local(url):
        folder = _local(url)
        found = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    else:
        filesystem, path = _remote(url)
        inside = filesystem.ls(path, detail=False) if filesystem.exists(path) else []
        found = [str(p).rstrip("/").rsplit("/", 1)[-1] for p in inside]
    return sorted(name for name in found if not name.startswith("."))


def _local(url: str) -> Path:
    return Path(url.removeprefix("file://"))


def _remote(url: str) -> tuple[Any, str]:
    """The filesystem of a URL, and the path on it.

    Asked anew for each call: fsspec keeps one a process and thread, and a forked process gets its own. It keeps no
    listings, for another worker may have written meanwhile.
    """
    filesystem, path = fsspec.core.url_to_fs(url, use_listings_cache=False)
    return filesystem, path


def _write_flushed(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
