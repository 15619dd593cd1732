"""The tills' files again: names and fates as they were kept, and what they hold, read from landing once more."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from storeday.config.settings import Store
from storeday.feeds.base import JoinedFeed, ReadTogether, read_slice
from storeday.ledger.facts import Fate, FileDay
from storeday.ledger.images import Image
from storeday.ledger.restoring import RebuiltLedger
from storeday.model.content import Content
from storeday.model.errors import FileRejected
from storeday.model.money import money
from storeday.model.storage import join, names_in, read_bytes
from storeday.stages.collect import READERS
from storeday.stages.file_days import keep_pieces
from storeday.stages.journal import kept_files
from storeday.stages.workplace import Workplace, feed_and_rules

_HOLDS_DAYS = {Fate.ACCEPTED, Fate.SUPERSEDED}


@dataclass(frozen=True)
class _Again:
    """One file read again; ``note`` is what was otherwise than it was kept."""

    days: tuple[FileDay, ...] = ()
    landed: tuple[str, ...] = ()  # the digests in landing that it is made of
    note: str = ""


def restore_files(work: Workplace, ledger: RebuiltLedger) -> tuple[int, list[str]]:
    """Put every kept file back; how many, and what could not be read again or is not as it was."""
    many, notes = 0, []
    of_settings = {store.code: store for store in work.settings.stores()}
    for code in sorted({*of_settings, *names_in(join(work.places.home, "journal", "files"))}):
        images = kept_files(work.places, code)
        if code not in of_settings:
            notes.append(f"{code}: the settings have this store no more; its {len(images):,} files were not read again")
            again = [_Again() for _ in images]
        else:
            with ThreadPoolExecutor(READERS) as readers:
                again = list(readers.map(lambda image, s=of_settings[code]: _read_again(work, s, image), images))
        company = work.settings.company_of(code)[0].company.code if code in of_settings else ""
        ledger.restore_files(code, company, zip(images, (each.days for each in again), strict=True))
        many += len(images)
        notes += [f"{code}: {each.note}" for each in again if each.note]
        notes += _nameless(work, code, {digest for each in again for digest in each.landed})
    return many, notes


def _read_again(work: Workplace, store: Store, image: Image) -> _Again:
    feed, rules = feed_and_rules(store)
    try:
        parts = _parts(work, store.code, image, is_joined=isinstance(feed, JoinedFeed))
    except (FileNotFoundError, ValueError) as error:
        lost = "its receipts are lost" if image["fate"] in _HOLDS_DAYS else "it was not counted anyway"
        return _Again(note=f"{image['name']} in landing: {error}; {lost}")
    with ExitStack() as kept:
        for content in parts.values():
            kept.enter_context(content)
        landed = (image["sha256"], *(content.sha256 for content in parts.values()))
        if image["fate"] not in _HOLDS_DAYS:
            return _Again(landed=landed)
        try:
            read = read_slice(feed, parts, rules)
        except FileRejected as rejected:
            return _Again(landed=landed, note=f"it was {image['fate']}, and is not read any more: {rejected}")
    one = ReadTogether.of([read])
    [days] = keep_pieces(work.places, store.code, [image["sha256"]], one, feed.guarantees, anew=False)
    if (read.receipts, read.gross_minor) == (image["receipts"], image["gross_minor"]):
        return _Again(days, landed)
    return _Again(
        days,
        landed,
        f"{image['name']}: {read.receipts:,} receipts of {money(read.gross_minor)} are read now, "
        f"{image['receipts']:,} of {money(image['gross_minor'])} when it came: the settings read it otherwise",
    )


def _parts(work: Workplace, store: str, image: Image, *, is_joined: bool) -> dict[str, Content]:
    """The bytes of a file, or of each file of its slice, by name. Raises: FileNotFoundError; ValueError if changed."""
    whole = _landed(work, store, image["sha256"])
    if not is_joined or not whole.lstrip().startswith(b'{\n "files"'):
        return {image["name"]: Content(whole)}
    said = json.loads(whole)["files"]
    return {each["name"]: Content(_landed(work, store, each["sha256"])) for each in said}


def _landed(work: Workplace, store: str, sha256: str) -> bytes:
    try:
        content = read_bytes(work.places.landed(store, sha256))
    except FileNotFoundError:
        raise FileNotFoundError(f"{sha256[:12]} is gone") from None
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise ValueError(f"{sha256[:12]} has other bytes now ({found[:12]})")
    return content


def _nameless(work: Workplace, store: str, named: set[str]) -> list[str]:
    """Bytes in landing that no kept name belongs to: a visit was killed before it kept them."""
    found = [name for name in names_in(work.places.landing(store)) if name not in named]
    if not found:
        return []
    return [
        f"{store}: {len(found):,} files in landing have no name in the journal ({Path(found[0]).name[:12]} first); "
        "the next visit fetches them again, while the store's server has them"
    ]
