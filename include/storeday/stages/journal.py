"""The journal: what only the ledger knows, kept beside landing, so that a lost ledger can be made again.

Landing has the tills' bytes under their digest and the outbox what was delivered; neither knows the names that files
came under, what became of them, and what persons decided. These are kept here, as the ledger has them:

    journal/files/{store}/{month}/{n}-{file}.jsonl     a line a file; an object a visit that brought something
    journal/store_days/{store}/{day}.json             how a store-day stands, its decisions and events
    journal/companies/{company}/{day}.json            answers about batches, and who was told
    journal/companies/{company}/accepted.json         mappings and trials that were accepted, files imported twice

A file of the journal is written after the ledger's transaction, whole. A task that is killed in between leaves it
behind by that: files come along with the next visit that brings any, and a person's command puts it right when it is
said again.
Source: docs/architecture.md, "The journal".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from storeday.config.places import Places
from storeday.ledger.images import Image
from storeday.model.days import day_of
from storeday.model.storage import files_below, join, names_in, read_all, read_there, write_all, write_whole
from storeday.stages.workplace import Workplace


def keep_files(work: Workplace, store: str, names: Iterable[str]) -> None:
    """Keep what became of files of these names, and of all that were written down since something was last kept."""
    if not work.keeps_journal:
        return
    place = work.places.kept_files(store)
    months = names_in(place)
    kept = names_in(join(place, months[-1])) if months else []
    serial, _, last = (kept[-1] if kept else "0-0").partition(".")[0].partition("-")
    images = work.ledger.file_images(store, int(last), names)
    if not images:
        return
    newest = max(images, key=lambda image: int(image["id"]))
    # Never an earlier month than the last, whatever a clock says: the newest object is looked for there.
    month = max([str(newest["at"])[:7], *months[-1:]])
    lines = "".join(json.dumps(image, ensure_ascii=False) + "\n" for image in images)
    name = f"{int(serial) + 1:08d}-{max(int(last), newest['id'])}.jsonl"
    write_whole(join(place, month, name), lines.encode())


def keep_store_days(work: Workplace, store_days: Iterable[tuple[str, date]]) -> None:
    """Keep how store-days stand, with all that was decided about them and happened."""
    if work.keeps_journal:
        days = dict.fromkeys(store_days)
        _keep({work.places.kept_store_day(*day): work.ledger.store_day_image(*day) for day in days})


@contextmanager
def keeping(work: Workplace, store: str, day: date) -> Iterator[None]:
    """Keep a store-day afterwards, also where what was asked for was done before or can't be done."""
    try:
        yield
    finally:
        if work.ledger.store_day(store, day) is not None:
            keep_store_days(work, [(store, day)])


def keep_company_day(work: Workplace, company: str, day: date) -> None:
    """Keep what was answered about a company's batches of a day, and who was told."""
    if work.keeps_journal:
        _keep({work.places.kept_company_day(company, day): work.ledger.company_day_image(company, day)})


def keep_company(work: Workplace, company: str) -> None:
    """Keep what persons accepted of a company as a whole."""
    if work.keeps_journal:
        _keep({work.places.kept_company(company): work.ledger.company_image(company)})


def kept_files(places: Places, store: str) -> list[Image]:
    """A store's files as they were last kept, in the order in which they were written down."""
    place = places.kept_files(store)
    newest: dict[tuple[str, str], Image] = {}
    kept = read_all(join(place, *name.split("/")) for name in files_below(place))
    for content in kept.values():
        for line in content.decode().splitlines():
            image: Image = json.loads(line)
            newest[image["name"], image["sha256"]] = image
    return sorted(newest.values(), key=lambda image: int(image["id"]))


def kept_store_days(places: Places, store: str) -> dict[date, dict[str, Any]]:
    """A store's days as they were last kept."""
    folder = join(places.home, "journal", "store_days", store)
    kept = read_all(join(folder, name) for name in names_in(folder))
    return {day_of(place.rpartition("/")[2].partition(".")[0]): json.loads(said) for place, said in kept.items()}


def kept_of_company(places: Places, company: str) -> list[dict[str, Any]]:
    """What was answered and told of a company's days and accepted as a whole, as last kept."""
    folder = join(places.home, "journal", "companies", company)
    kept = read_all(join(folder, name) for name in names_in(folder))
    return [json.loads(said) for said in kept.values()]


def _keep(images: dict[str, dict[str, Any]]) -> None:
    """Write images to their places, but for those that say so already."""
    content = {
        place: (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode() for place, said in images.items()
    }
    before = read_there(content)
    write_all({place: said for place, said in content.items() if before.get(place) != said})
