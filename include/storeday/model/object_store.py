"""Objects behind any fsspec URL that is no folder of this machine: S3, and whatever speaks as it does.

An object appears whole by itself. A folder is no more than a part of the objects' names: it can't be renamed, so its
manifest is put last and taken away first, and a folder without one is not there. Each request is a round trip, so what
may be asked for together is. What the store says is told in its own words, as StorageUnreachable or StorageRefused.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, Final

import fsspec

from storeday.model.errors import StorageRefused, StorageUnreachable

_CHUNK: Final = 1 << 20
_AT_ONCE: Final = 16 << 20
"""So many bytes are put with one request; more come in parts of as many."""
_SDKS: Final = {"botocore", "aiobotocore", "aiohttp"}
"""The packages below s3fs whose errors come through as they are."""
_NO_CREDENTIALS: Final = {"NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError", "SSOTokenLoadError"}

_opened: dict[tuple[int, str], Any] = {}
_opening = threading.Lock()


def read(url: str) -> bytes:
    """A whole object. Raises: FileNotFoundError."""
    filesystem, path = _at(url)
    with _in_plain_words(url):
        return bytes(filesystem.cat_file(path))


def read_there(urls: Iterable[str]) -> dict[str, bytes]:
    """Whole objects of one store, asked for together, by their URLs; those that are not there are left out."""
    paths = {url: _at(url)[1] for url in urls}
    if not paths:
        return {}
    first = next(iter(paths))
    filesystem, _ = _at(first)
    with _in_plain_words(first):
        found = filesystem.cat(list(paths.values()), on_error="return")
    there = {}
    for url, path in paths.items():
        with _in_plain_words(url), suppress(FileNotFoundError):
            if isinstance(found[path], Exception):
                raise found[path]
            there[url] = bytes(found[path])
    return there


def exists(url: str) -> bool:
    """Whether an object, or one below it, is there."""
    filesystem, path = _at(url)
    with _in_plain_words(url):
        return bool(filesystem.exists(path))


def write(url: str, content: bytes) -> None:
    """Put an object."""
    filesystem, path = _at(url)
    with _in_plain_words(url, writes=True):
        filesystem.pipe_file(path, content)


def write_all(files: Mapping[str, bytes]) -> None:
    """Put objects of one store together, in no order."""
    if not files:
        return
    first = next(iter(files))
    filesystem, _ = _at(first)
    with _in_plain_words(first, writes=True):
        filesystem.pipe({_at(url)[1]: content for url, content in files.items()})


def write_from(url: str, stream: IO[bytes]) -> None:
    """Put an object from a stream. Where that breaks off there is no object, nor a part of one under its name."""
    head = stream.read(_AT_ONCE)
    if len(head) < _AT_ONCE:
        write(url, head)
        return
    filesystem, path = _at(url)
    with _in_plain_words(url, writes=True):
        file = filesystem.open(path, "wb", block_size=_AT_ONCE, autocommit=False)
        try:
            file.write(head)
            shutil.copyfileobj(stream, file, _CHUNK)
            file.close()
        except BaseException:
            file.discard()
            file.closed = True  # or it would try to put the rest when it is forgotten
            raise
        file.commit()


def names_in(url: str) -> list[str]:
    """The names of objects and folders directly below a folder, in no order; none where it isn't there."""
    filesystem, path = _at(url)
    with _in_plain_words(url):
        try:
            inside = [str(each).rstrip("/") for each in filesystem.ls(path, detail=False)]
        except FileNotFoundError:
            return []
    return [each.rpartition("/")[2] for each in inside if each != path.rstrip("/")]


def below(url: str) -> list[str]:
    """The objects below a folder, at any depth, by their names from there on; in no order."""
    filesystem, path = _at(url)
    start = path.rstrip("/") + "/"
    with _in_plain_words(url):
        found = [str(each) for each in filesystem.find(path)]
    return [each.removeprefix(start) for each in found if each.startswith(start) and each != start]


def publish(folder: str, files: Mapping[str, bytes], last: str) -> None:
    """Put a folder's files, the one named ``last`` after all others; what else a killed run left there goes before."""
    remove(folder, [name for name in below(folder) if name not in files])
    write_all({_below(folder, name): content for name, content in files.items() if name != last})
    write(_below(folder, last), files[last])


def replace(folder: str, files: Mapping[str, bytes], last: str) -> None:
    """Put a folder's files over those that are there, one named ``last`` after all others; old ones go then.

    Whoever reads meanwhile finds old files and new ones, and never none.
    """
    old = below(folder)
    write_all({_below(folder, name): content for name, content in files.items() if name != last})
    write_all({_below(folder, name): content for name, content in files.items() if name == last})
    remove(folder, [name for name in old if name not in files])


def remove_folder(folder: str, first: str) -> None:
    """Remove all objects below a folder, the one named ``first`` before all others."""
    there = below(folder)
    if first in there:
        filesystem, path = _at(_below(folder, first))
        with _in_plain_words(folder, writes=True), suppress(FileNotFoundError):  # another worker was faster
            filesystem.rm_file(path)
    remove(folder, [name for name in there if name != first])


def remove(folder: str, names: Iterable[str]) -> None:
    """Remove objects below a folder by their names."""
    filesystem, _ = _at(folder)
    paths = [_at(_below(folder, name))[1] for name in names]
    if paths:
        with _in_plain_words(folder, writes=True), suppress(FileNotFoundError):  # another worker was faster
            filesystem.rm(paths)


def forget_connections() -> None:
    """Ask the environment anew at the next call: for tests, whose object stores come and go."""
    with _opening:
        _opened.clear()


def _below(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def _at(url: str) -> tuple[Any, str]:
    """The filesystem of a URL, and the path on it.

    One filesystem a process serves all its threads, for making a client takes a tenth of a second and more; fsspec runs
    its requests in one thread, which a fork does not take along, so a forked process makes its own. It keeps no
    listings: another worker may have written meanwhile.
    """
    scheme, _, rest = url.partition("://")
    root = f"{scheme}://{rest.partition('/')[0]}"
    key = (os.getpid(), root)
    if key not in _opened:
        with _opening:
            if key not in _opened:
                options = {"use_listings_cache": False, "skip_instance_cache": True}
                _opened[key], _ = fsspec.core.url_to_fs(root, **options)
    filesystem = _opened[key]
    return filesystem, str(filesystem._strip_protocol(url))  # the one way that fsspec has to say it


@contextmanager
def _in_plain_words(url: str, *, writes: bool = False) -> Iterator[None]:
    """Raises: StorageRefused where nothing changes until somebody does something; StorageUnreachable else."""
    bucket = "/".join(url.split("/", 3)[:3])
    try:
        yield
    except FileNotFoundError as error:
        if not writes:
            raise
        raise StorageRefused(f"{url} can't be written ({error}): make the bucket of {bucket} first") from error
    except PermissionError as error:
        raise StorageRefused(
            f"{bucket} refuses us ({error}): see that the credentials of this machine may list, read, write and remove "
            "there (docs/object-storage.md)"
        ) from error
    except Exception as error:
        packages = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
        if not isinstance(error, OSError) and not packages & _SDKS:
            raise
        if type(error).__name__ in _NO_CREDENTIALS:
            raise StorageRefused(
                f"{bucket}: no credentials are known ({error}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                "(docs/object-storage.md)"
            ) from error
        raise StorageUnreachable(
            f"{url} does not answer ({error}); run again once it is back: nothing is lost and nothing done twice"
        ) from error
