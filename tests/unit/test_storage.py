"""Files appear whole or not at all, in a folder and behind an fsspec URL alike."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import pytest
from storeday.model import storage
from storeday.model.errors import StorageRefused, StorageUnreachable
from storeday.model.object_store import forget_connections
from storeday.model.storage import (
    MANIFEST,
    exists,
    files_below,
    join,
    names_in,
    publish_folder,
    published_in,
    read_all,
    read_bytes,
    read_there,
    remove_folder,
    replace_folder,
    replace_with,
    write_all,
    write_from,
    write_whole,
)

BATCH = {"transactions.csv": b"BR,1235\r\n", "sheet.html": b"<p>", MANIFEST: b"{}"}


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@pytest.fixture(params=["folder", "file://", "memory://", "s3://"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty place, as a path, as a file URL, in fsspec's memory and on an S3-compatible server."""
    if request.param == "s3://":
        yield request.getfixturevalue("bucket")
        return
    if request.param != "memory://":
        yield f"{request.param.replace('folder', '')}{tmp_path}"
        return
    place = f"memory://{uuid.uuid4().hex}"
    yield place
    remove_folder(place)


@pytest.fixture
def memory() -> Iterator[str]:
    place = f"memory://{uuid.uuid4().hex}"
    yield place
    remove_folder(place)


def on_disk(folder: Path) -> list[str]:
    """Everything below a folder, hidden files too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def killing(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: int = 0) -> None:
    """Let a call of ``owner`` end the process, once it was made so many times."""
    real: Callable[..., Any] = getattr(owner, name)
    made = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal made
        made += 1
        if made > after:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, call)


# One file


def test_a_file_is_read_as_it_was_written_and_replaced_whole(home: str) -> None:
    url = join(home, "landing", "S01", "a" * 64)

    write_whole(url, b"first")
    write_whole(url, b"second\r\n\x00")

    assert read_bytes(url) == b"second\r\n\x00"
    assert exists(url)
    assert names_in(join(home, "landing", "S01")) == ["a" * 64]


def test_a_file_that_is_not_there_is_not_made_up(home: str) -> None:
    url = join(home, "landing", "nothing")

    assert not exists(url)
    assert names_in(join(home, "landing")) == []
    with pytest.raises(FileNotFoundError):
        read_bytes(url)


@pytest.mark.parametrize(("owner", "name"), [(Path, "replace"), (os, "fsync")])
def test_a_file_killed_before_its_name_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    killing(monkeypatch, owner, name)

    with pytest.raises(Killed):
        write_whole(str(tmp_path / "landing" / "digest"), b"content")

    assert on_disk(tmp_path) == ["landing"]


@pytest.mark.parametrize(("owner", "name"), [(Path, "replace"), (os, "fsync")])
def test_several_files_killed_before_the_first_name_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    killing(monkeypatch, owner, name)

    with pytest.raises(Killed):
        write_all({str(tmp_path / "landing" / digest): b"content" for digest in ("one", "two", "three")})

    assert on_disk(tmp_path) == ["landing"]


def test_several_files_are_all_flushed_before_the_first_has_its_name_and_their_folder_once_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("flushed"), real_fsync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (order.append("named"), real_replace(self, to))[1])

    write_all({str(tmp_path / "landing" / digest): b"content" for digest in ("one", "two")})

    assert order == ["flushed", "flushed", "named", "named", "flushed"]


def test_a_file_killed_while_it_is_replaced_stays_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(tmp_path / "file")
    write_whole(url, b"old")
    killing(monkeypatch, Path, "replace")

    with pytest.raises(Killed):
        write_whole(url, b"new")

    assert read_bytes(url) == b"old"
    assert on_disk(tmp_path) == ["file"]


def test_a_file_is_flushed_to_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("flushed"), real_fsync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (order.append("named"), real_replace(self, to))[1])

    write_whole(str(tmp_path / "file"), b"content")

    assert order == ["flushed", "named", "flushed"]  # the bytes, the name, the folder that holds the name


# A folder of files


def test_a_folder_appears_with_all_its_files(home: str) -> None:
    url = join(home, "outbox", "batch")

    publish_folder(url, BATCH)

    assert names_in(url) == sorted(BATCH)
    assert {name: read_bytes(join(url, name)) for name in BATCH} == BATCH
    assert names_in(join(home, "outbox")) == ["batch"]


def test_a_folder_published_twice_is_published_once(home: str) -> None:
    url = join(home, "outbox", "batch")
    publish_folder(url, BATCH)

    publish_folder(url, {**BATCH, "transactions.csv": b"another", "more.csv": b""})

    assert {name: read_bytes(join(url, name)) for name in names_in(url)} == BATCH


def test_a_folder_published_by_several_at_once_is_published_once(home: str) -> None:
    start = threading.Barrier(4)

    def publish(url: str) -> None:
        start.wait(timeout=30)
        publish_folder(url, BATCH)

    with ThreadPoolExecutor(4) as threads:
        for n in range(10):
            for done in [threads.submit(publish, join(home, f"batch-{n}")) for _ in range(4)]:
                done.result(timeout=30)

    assert names_in(home) == [f"batch-{n}" for n in range(10)]
    assert all(names_in(join(home, f"batch-{n}")) == sorted(BATCH) for n in range(10))


@pytest.mark.parametrize("after", range(len(BATCH)))
def test_a_folder_killed_at_any_file_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    killing(monkeypatch, os, "fsync", after)

    with pytest.raises(Killed):
        publish_folder(str(tmp_path / "batch"), BATCH)

    assert on_disk(tmp_path) == []


def test_a_folder_killed_before_its_name_leaves_nothing_and_is_published_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(tmp_path / "outbox" / "batch")
    with monkeypatch.context() as patch:
        killing(patch, Path, "replace")
        with pytest.raises(Killed):
            publish_folder(url, BATCH)
    assert on_disk(tmp_path) == ["outbox"]

    publish_folder(url, BATCH)

    assert names_in(url) == sorted(BATCH)


@pytest.mark.parametrize("after", range(len(BATCH)))
def test_a_folder_killed_on_an_object_store_is_not_there_until_its_manifest_is(
    memory: str, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    url = join(memory, "batch")
    with monkeypatch.context() as patch:
        killing(patch, type(fsspec.filesystem("memory")), "pipe_file", after)
        with pytest.raises(Killed):
            publish_folder(url, BATCH)
    assert not exists(join(url, MANIFEST))

    publish_folder(url, BATCH)

    assert {name: read_bytes(join(url, name)) for name in names_in(url)} == BATCH


def test_a_process_that_is_killed_for_good_leaves_nothing_to_be_seen(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from storeday.model.storage import publish_folder, write_whole\n"
        "Path.replace = lambda *_: os._exit(9)\n"
        "(publish_folder(sys.argv[1] + '/batch', {'manifest.json': b''}) if sys.argv[2] == 'folder'"
        " else write_whole(sys.argv[1] + '/file', b''))"
    )

    ends = [
        subprocess.run([sys.executable, "-c", script, str(tmp_path), what], check=False, timeout=60).returncode
        for what in ("file", "folder")
    ]

    assert ends == [9, 9]
    assert len(on_disk(tmp_path)) > 0  # it was in the middle of it
    assert names_in(str(tmp_path)) == []


def test_a_folder_without_a_manifest_is_refused(home: str) -> None:
    with pytest.raises(ValueError, match=r"a published folder has a manifest\.json"):
        publish_folder(join(home, "batch"), {"transactions.csv": b""})

    assert names_in(home) == []


# Names


@pytest.mark.parametrize("name", ["", ".", "..", "../outbox", "a/b", "a\\b", "a\0b"])
def test_a_name_that_would_leave_the_folder_is_refused(home: str, name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a file or folder of ours"):
        join(home, "landing", name)

    with pytest.raises(ValueError, match="is no name of a file or folder of ours"):
        publish_folder(join(home, "batch"), {MANIFEST: b"{}", name: b""})
    assert names_in(home) == []


def test_an_absolute_name_is_refused(home: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")  # of the test's own: a broken product must harm nothing else

    with pytest.raises(ValueError, match="is no name of a file or folder of ours"):
        publish_folder(join(home, "batch"), {MANIFEST: b"{}", str(elsewhere / "file"): b""})

    assert on_disk(elsewhere) == []


def test_a_name_below_a_folder_is_its_path(home: str) -> None:
    assert join(home + "/", "landing", "S01") == f"{home}/landing/S01"
    assert join("s3://bucket/storeday", "..hidden") == "s3://bucket/storeday/..hidden"


def test_files_that_are_being_written_are_not_listed(home: str) -> None:
    write_whole(join(home, ".file.1234"), b"")
    write_whole(join(home, "file"), b"")
    write_whole(join(home, "below", "file"), b"")

    assert names_in(home) == ["below", "file"]


# Folders that may change


def test_a_folder_is_replaced_by_another(home: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    url = join(home, "data_docs", "S01")
    for number in ("first", "second"):
        source = tmp_path_factory.mktemp("site") / "site"
        (source / "pages").mkdir(parents=True)
        (source / f"{number}.html").write_text(number)
        (source / "pages" / "one.html").write_text(number)

        replace_folder(source, url)

    assert names_in(url) == ["pages", "second.html"]
    assert read_bytes(join(url, "pages", "one.html")) == b"second"
    assert names_in(join(home, "data_docs")) == ["S01"]


def test_a_folder_is_removed_with_all_in_it_and_may_be_gone_already(home: str) -> None:
    publish_folder(join(home, "batch"), BATCH)

    remove_folder(join(home, "batch"))
    remove_folder(join(home, "batch"))

    assert not exists(join(home, "batch", MANIFEST))
    assert names_in(home) == []


def test_only_folders_with_their_manifest_are_published(home: str) -> None:
    publish_folder(join(home, "whole"), BATCH)
    write_whole(join(home, "begun", "transactions.csv"), b"BR")
    write_whole(join(home, "a file"), b"")

    assert published_in(home) == ["whole"]
    assert names_in(home) == ["a file", "begun", "whole"]


def test_the_files_below_a_folder_are_listed_at_any_depth_but_for_those_that_are_being_written(home: str) -> None:
    for names in (["page.html"], ["figures", "lines.csv"], [".aside", "page.html"], ["figures", "deeper", "x"]):
        write_whole(join(home, *names), b"")

    assert files_below(home) == ["figures/deeper/x", "figures/lines.csv", "page.html"]
    assert files_below(join(home, "nothing")) == []


def test_several_files_are_written_and_read_together(home: str) -> None:
    files = {join(home, "many", str(n)): str(n).encode() for n in range(40)}
    missing = join(home, "many", "missing")

    write_all(files)

    assert read_all(files) == files
    assert read_there([*files, missing]) == files
    with pytest.raises(FileNotFoundError, match="missing"):
        read_all([*files, missing])
    write_all({})
    assert read_all([]) == {}


# An object store


def test_what_a_killed_publish_left_and_the_next_has_not_is_gone(memory: str) -> None:
    url = join(memory, "batch")
    write_whole(join(url, "transactions-1.csv"), b"of another cut")

    publish_folder(url, BATCH)

    assert names_in(url) == sorted(BATCH)


@pytest.mark.parametrize("how", [remove_folder, lambda url: replace_with(url, {**BATCH, "sheet.html": b"<i>"})])
def test_a_folder_is_not_there_any_more_as_soon_as_it_begins_to_be_removed(
    memory: str, monkeypatch: pytest.MonkeyPatch, how: Callable[[str], None]
) -> None:
    url = join(memory, "batch")
    publish_folder(url, BATCH)

    with monkeypatch.context() as patch:
        killing(patch, type(fsspec.filesystem("memory")), "rm_file", after=1)
        with pytest.raises(Killed):
            how(url)

    assert not exists(join(url, MANIFEST))
    assert len(names_in(url)) == len(BATCH) - 1
    how(url)
    assert names_in(url) in ([], sorted(BATCH))


def test_pages_that_are_replaced_on_an_object_store_are_never_gone(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = join(memory, "data_docs")
    write_all({join(url, "index.html"): b"old", join(url, "old.html"): b"old"})
    (tmp_path / "site" / "pages").mkdir(parents=True)
    for name in ("index.html", "pages/new.html"):
        (tmp_path / "site" / name).write_text("new")

    with monkeypatch.context() as patch:
        killing(patch, type(fsspec.filesystem("memory")), "pipe_file", after=1)
        with pytest.raises(Killed):
            replace_folder(tmp_path / "site", url)
    halfway = {name: read_bytes(join(url, *name.split("/"))) for name in files_below(url)}
    replace_folder(tmp_path / "site", url)

    assert halfway == {"index.html": b"old", "old.html": b"old", "pages/new.html": b"new"}
    assert files_below(url) == ["index.html", "pages/new.html"]


def test_a_long_stream_is_put_in_parts_and_is_whole(bucket: str) -> None:
    content = b"0123456789abcdef" * (40 << 16)  # 40 MB

    write_from(join(bucket, "long"), io.BytesIO(content))

    assert hashlib.sha256(read_bytes(join(bucket, "long"))).digest() == hashlib.sha256(content).digest()


def test_a_stream_that_breaks_off_leaves_no_part_of_a_file(bucket: str) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 20 << 20:
                raise Killed
            return super().read(size)

    with pytest.raises(Killed):
        write_from(join(bucket, "long"), Broken(bytes(40 << 20)))

    assert names_in(bucket) == []


def test_a_bucket_that_is_not_there_is_said_to_be_missing(bucket: str) -> None:
    other = "s3://no-such-bucket/storeday"

    with pytest.raises(StorageRefused, match=r"make the bucket of s3://no-such-bucket first"):
        write_whole(join(other, "file"), b"")


def test_a_store_that_does_not_answer_is_said_to_be_away_and_one_without_credentials_to_refuse(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    forget_connections()
    with pytest.raises(StorageRefused, match="no credentials are known"):
        names_in(bucket)

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-tests")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget_connections()
    with pytest.raises(StorageUnreachable, match="does not answer"):
        exists(join(bucket, "file"))


# Several machines


def test_what_another_process_wrote_meanwhile_is_seen_at_once(bucket: str) -> None:
    folder = join(bucket, "outbox")
    publish_folder(join(folder, "first"), BATCH)
    assert names_in(folder) == ["first"]
    assert not exists(join(folder, "second", MANIFEST))

    script = "import sys; from storeday.model.storage import write_whole; write_whole(sys.argv[1], b'{}')"
    subprocess.run([sys.executable, "-c", script, join(folder, "second", MANIFEST)], check=True, timeout=60)

    assert names_in(folder) == ["first", "second"]
    assert exists(join(folder, "second", MANIFEST))


def test_a_forked_process_reads_and_writes_though_its_parent_did_before(bucket: str) -> None:
    write_whole(join(bucket, "of-parent"), b"parent")

    child = os.fork()
    if child == 0:  # as Airflow forks a task's process; pytest must not go on in it
        try:
            write_whole(join(bucket, "of-child"), read_bytes(join(bucket, "of-parent")))
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert read_bytes(join(bucket, "of-child")) == b"parent"


def test_only_what_has_no_scheme_or_says_file_is_of_this_machine() -> None:
    kinds = {url: storage.is_local(url) for url in ("/a/b", "a", "file:///a", "s3://a", "memory://a")}

    assert kinds == {"/a/b": True, "a": True, "file:///a": True, "s3://a": False, "memory://a": False}


def test_a_folder_is_replaced_whole_with_what_lies_in_folders_below_it(home: str) -> None:
    folder = join(home, "audit")

    replace_with(folder, {MANIFEST: b"1", "figures/old.csv": b"old"})
    replace_with(folder, {MANIFEST: b"2", "figures/new.csv": b"new"})

    assert names_in(folder) == ["figures", MANIFEST]
    assert names_in(join(folder, "figures")) == ["new.csv"]
    assert read_bytes(join(folder, MANIFEST)) == b"2"
    assert names_in(home) == ["audit"]


@pytest.mark.parametrize("name", ["../stray.csv", "figures/../../stray.csv", "figures//stray.csv", "/stray.csv"])
def test_a_folder_that_is_replaced_holds_no_file_outside_it(home: str, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a file or folder of ours"):
        replace_with(join(home, "audit"), {MANIFEST: b"1", name: b""})

    assert names_in(home) == []
