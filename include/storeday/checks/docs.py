"""Data Docs: a folder of pages, what was held against a store-day and what came of it.

A store-day that was checked by itself has all its pages in its own folder. One that was checked together with others
shares theirs: its folder has a first page that leads to them, and a file for programs that says the same.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Template

from storeday.model.pages import page_environment
from storeday.model.storage import join, read_bytes, remove_folder, replace_folder

INDEX: Final = "index.html"
"""The first page of a folder of Data Docs."""

SHARED: Final = "shared.json"
"""The file that says which pages lie in a folder shared with other store-days, where any do."""


@dataclass(frozen=True)
class Shared:
    """Pages of several store-days that were checked together."""

    folder: tuple[str, ...]  # where they lie, below the folder that has the stores'
    frames: tuple[str, ...]
    stores: tuple[str, ...]  # that were checked together


@dataclass(frozen=True)
class DataDocs:
    """A folder of Data Docs that is to be written."""

    url: str
    title: str
    said: str = ""  # below the title of the first page
    shared: Shared | None = None  # where the pages are that are not in it


def page_name(frame: str) -> str:
    """The name of a frame's page below its folder."""
    return f"validations/{frame}/{INDEX}"


def write_docs(docs: DataDocs, results: Mapping[str, Any]) -> None:
    """Put a folder of Data Docs in place of the one there is: a page for each frame's results, and the first page.

    ``results`` are Great Expectations', by frame; without any it is not needed.
    """
    with tempfile.TemporaryDirectory(prefix="storeday-docs-") as folder:
        site = Path(folder) / "site"
        for name, content in _files(docs, results).items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_bytes(content)
        replace_folder(site, docs.url)


def shared_pages(url: str) -> dict[str, str]:
    """The pages that a store-day's folder of Data Docs shares with others: where each lies, by its name."""
    shared = shared_by(url)
    if shared is None:
        return {}
    folder = join(url.rsplit("/", 2)[0], *shared.folder)
    return {page_name(frame): join(folder, *page_name(frame).split("/")) for frame in shared.frames}


def shared_by(url: str) -> Shared | None:
    """What a store-day's folder of Data Docs shares with others."""
    try:
        said = json.loads(read_bytes(join(url, SHARED)))
    except FileNotFoundError:
        return None
    return Shared(tuple(said["folder"]), tuple(said["frames"]), tuple(said["stores"]))


def remove_unshared(places: Iterable[tuple[str, Shared]]) -> None:
    """Remove pages that no store-day shares any more. Given are folders of store-days, with what they shared before."""
    for url, shared in {shared.folder: (url, shared) for url, shared in places}.values():
        root, _, day = url.rsplit("/", 2)
        now = (shared_by(join(root, store, day)) for store in shared.stores)
        if not any(each and each.folder == shared.folder for each in now):
            remove_folder(join(root, *shared.folder))


def _files(docs: DataDocs, results: Mapping[str, Any]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    pages = [(frame, page_name(frame), bool(result.success)) for frame, result in results.items()]
    if docs.shared:
        way = "/".join(["..", "..", *docs.shared.folder])
        pages += [(frame, f"{way}/{page_name(frame)}", True) for frame in docs.shared.frames]
        files[SHARED] = json.dumps(asdict(docs.shared)).encode()
    files[INDEX] = _first_page().render(title=docs.title, said=docs.said, pages=sorted(pages)).encode()
    if results:
        from storeday.checks.pages import page_of

        files |= {page_name(frame): page_of(result, docs.title) for frame, result in results.items()}
    return files


@cache
def _first_page() -> Template:
    return page_environment("storeday.checks").get_template("data_docs.html.j2")
