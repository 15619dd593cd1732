"""Files that appear whole or not at all, in a folder or behind any other fsspec URL.

A local file is written aside, flushed to the disk and renamed; an object store puts objects whole by
itself. A folder of files appears with one rename; on an object store its manifest is put last and a
folder without one is not there yet (object_store.py).
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from storeday.model import object_store

MANIFEST = "manifest.json"
DOCS_INDEX = "index.html"
"""The page of Data Docs that leads to all others."""
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
    return object_store.read(url)


def read_there(urls: Iterable[str]) -> dict[str, bytes]:
    """Whole files of one place, by their paths; those that are not there are left out.

    An object store is asked for all of them together.
    """
    wanted = list(dict.fromkeys(urls))
    if wanted and not is_local(wanted[0]):
        return object_store.read_there(wanted)
    found = {}
    for url in wanted:
        with suppress(FileNotFoundError):
            found[url] = read_bytes(url)
    return found


def read_all(urls: Iterable[str]) -> dict[str, bytes]:
    """The same where all must be there. Raises: FileNotFoundError."""
    wanted = list(urls)
    found = read_there(wanted)
    for url in wanted:
        if url not in found:
            raise FileNotFoundError(url)
    return found


def exists(url: str) -> bool:
    """Whether a file is there."""
    if is_local(url):
        return _local(url).exists()
    return object_store.exists(url)


def write_whole(url: str, content: bytes) -> None:
    """Write a file so that it appears whole, replacing one of the same name."""
    if not is_local(url):
        object_store.write(url, content)
        return
    with _appearing(_local(url)) as aside:
        _write_flushed(aside, content)


def write_all(files: Mapping[str, bytes]) -> None:
    """Write files of one place, each so that it appears whole; all are there for good once this returns.

    On an object store together, in no order; in a folder each flushed, and the folder once, whatever their number.
    """
    if files and not is_local(next(iter(files))):
        object_store.write_all(files)
        return
    local = {_local(url): content for url, content in files.items()}
    folders = sorted({target.parent for target in local})
    asides: dict[Path, Path] = {}
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        for target, content in local.items():
            asides[target] = _aside(target)
            _write_flushed(asides[target], content)
        for target, aside in asides.items():
            aside.replace(target)
        for folder in folders:
            _flush_folder(folder)
    finally:
        for aside in asides.values():
            aside.unlink(missing_ok=True)


def write_from(url: str, stream: IO[bytes]) -> None:
    """Write a file from a stream, so that it appears whole; for files that are too large to be in memory."""
    if not is_local(url):
        object_store.write_from(url, stream)
        return
    with _appearing(_local(url)) as aside, aside.open("wb") as file:
        shutil.copyfileobj(stream, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file aside of ``target``, which takes its place in the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(target)
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
    for name in files:
        join(url, name)
    if exists(join(url, MANIFEST)):
        return
    if not is_local(url):
        object_store.publish(url, files, last=MANIFEST)
        return
    with _folder_aside(_local(url), files) as aside:
        try:
            aside.replace(_local(url))
        except OSError:
            if not exists(join(url, MANIFEST)):
                raise
            return  # another worker was faster, with the same files
        _flush_folder(aside.parent)


def replace_folder(source: Path, url: str) -> None:
    """Put a local folder in place of the one at ``url``; for pages that may be written anew (Data Docs).

    On an object store the pages go over the old ones, the first page last, and old ones that are none any more go in
    the end: whoever reads meanwhile finds old pages and new ones.
    """
    if not is_local(url):
        pages = {path.relative_to(source).as_posix(): path for path in source.rglob("*") if path.is_file()}
        object_store.replace(url, {name: path.read_bytes() for name, path in pages.items()}, last=DOCS_INDEX)
        return
    _put_in_place(source, _local(url))


def _put_in_place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    old = _aside(target)
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
    for name in files:
        join(url, *name.split("/"))
    if not is_local(url):
        remove_folder(url)
        object_store.publish(url, files, last=MANIFEST)
        return
    with _folder_aside(_local(url), files) as aside:
        _put_in_place(aside, _local(url))
        _flush_folder(aside.parent)


@contextmanager
def _folder_aside(target: Path, files: dict[str, bytes]) -> Iterator[Path]:
    """A folder of these files aside of ``target``, flushed; gone in the end, if nobody moved it."""
    aside = _aside(target)
    try:
        for name, content in files.items():
            path = aside.joinpath(*name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_flushed(path, content)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def remove_file(url: str) -> None:
    """Remove a file; nothing happens where it isn't there."""
    if is_local(url):
        _local(url).unlink(missing_ok=True)
        return
    folder, _, name = url.rpartition("/")
    object_store.remove(folder, [name])


def remove_folder(url: str) -> None:
    """Remove a folder and all in it; nothing happens where it isn't there."""
    if is_local(url):
        shutil.rmtree(_local(url), ignore_errors=True)
        return
    object_store.remove_folder(url, first=MANIFEST)


def names_in(url: str) -> list[str]:
    """The names of files and folders directly below ``url``, sorted; hidden ones (being written) left out."""
    if is_local(url):
        folder = _local(url)
        found = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    else:
        found = object_store.names_in(url)
    return sorted(name for name in found if not name.startswith("."))


def files_below(url: str) -> list[str]:
    """The files below ``url`` at any depth, by their names from there on (``figures/lines.csv``), sorted.

    What is in a hidden folder (being written) is left out.
    """
    if is_local(url):
        folder = _local(url)
        found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    else:
        found = object_store.below(url)
    return sorted(name for name in found if not any(part.startswith(".") for part in name.split("/")))


def published_in(url: str) -> list[str]:
    """The names of folders directly below ``url`` that are there, with their manifest, sorted."""
    if is_local(url):
        return [name for name in names_in(url) if exists(join(url, name, MANIFEST))]
    found = (name.split("/") for name in files_below(url))
    return [parts[0] for parts in found if parts[1:] == [MANIFEST]]


def _aside(target: Path) -> Path:
    """A name beside a file or folder that nobody else takes."""
    return target.with_name(f".{target.name}.{uuid.uuid4().hex}")


def _local(url: str) -> Path:
    return Path(url.removeprefix("file://"))


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
