"""What becomes of files once they are fetched: landed under their digests, held to their markers, read, kept.

Several files go one way in one go. Whenever anything is to be refused, each file is read by itself, so that what is
said of a file does not hang on those beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from storeday.config.settings import Store
from storeday.feeds.base import Feed, FeedOfMany, Marker, ReadingRules, ReadTogether, read_slice
from storeday.ledger.facts import Fate, FileFact
from storeday.model.content import IN_MEMORY, Content
from storeday.model.errors import FileRejected
from storeday.model.money import money
from storeday.model.storage import exists, write_all, write_from
from storeday.stages.file_days import keep_pieces
from storeday.stages.visit import Fetched, list_of
from storeday.stages.workplace import Workplace, feed_and_rules

log = logging.getLogger(__name__)

_Open = dict[int, tuple[Fetched, Marker | None]]
"""Files that nothing was found wrong with so far, by their place, with what their markers say."""


def take_in(work: Workplace, store: Store, files: Sequence[Fetched], twins: Mapping[str, FileFact]) -> list[FileFact]:
    """Take some files in: landed under their digests, read, their pieces kept. What became of each, in their order.

    ``twins`` are accepted files of the same bytes, by digest. A file that can't be taken in is rejected by itself.
    """
    with ExitStack() as kept:
        for fetched in files:
            kept.callback(fetched.close)
        _land(work, store, files)
        feed, rules = feed_and_rules(store)
        facts = [_arrived(store, feed, rules, fetched) for fetched in files]
        still_open: _Open = {}
        for place, fetched in enumerate(files):
            try:
                marker = _marker(feed, fetched)
            except FileRejected as rejected:
                facts[place] = replace(facts[place], fate=Fate.REJECTED, why=str(rejected))
                continue
            twin = twins.get(fetched.sha256)
            if twin is not None and twin.name != fetched.name:
                why = f"{fetched.name}: the same bytes came as {twin.name}"
                facts[place] = replace(facts[place], fate=Fate.DUPLICATE, why=why)
                continue
            still_open[place] = fetched, marker
        _read(work, store, feed, rules, still_open, facts)
    return facts


def _land(work: Workplace, store: Store, files: Sequence[Fetched]) -> None:
    """Keep the bytes as they came, each file under its digest, and of several of a slice the list that says which."""
    few: dict[str, bytes] = {}
    for fetched in files:
        lists = [Content(list_of(fetched.parts))] if len(fetched.parts) > 1 else []
        for content in [*fetched.parts.values(), *lists]:
            place = work.places.landed(store.code, content.sha256)
            if place in few or exists(place):
                continue
            if content.size > IN_MEMORY:
                write_from(place, content.opened())
            else:
                few[place] = content.whole()
    write_all(few)


def _arrived(store: Store, feed: Feed, rules: ReadingRules, fetched: Fetched) -> FileFact:
    return FileFact(
        store=store.code,
        name=fetched.name,
        sha256=fetched.sha256,
        size=fetched.size,
        fate=Fate.ACCEPTED,
        stamp=fetched.stamp,
        day_hint=feed.day_hint(fetched.name, fetched.parts[fetched.name].head(), rules),
    )


def _marker(feed: Feed, fetched: Fetched) -> Marker | None:
    if not fetched.marker_name or fetched.marker is None:
        return None
    marker = feed.read_marker(fetched.marker_name, fetched.marker)
    if marker.file != fetched.name:
        raise FileRejected(fetched.name, f"its marker is for another file, {marker.file!r}.")
    if marker.sha256 != fetched.sha256:
        said = f"its SHA-256 is {fetched.sha256[:12]}…, the marker says {str(marker.sha256)[:12]}…"
        raise FileRejected(fetched.name, said)
    return marker


def _read(
    work: Workplace, store: Store, feed: Feed, rules: ReadingRules, still_open: _Open, facts: list[FileFact]
) -> None:
    """Read files and keep their pieces; ``facts`` say afterwards what was in them, or why they were refused."""
    read = _at_once(feed, rules, still_open) or _one_by_one(store, feed, rules, still_open, facts)
    if read is None:
        return
    places = list(still_open)
    digests = [facts[place].sha256 for place in places]
    days = keep_pieces(work.places, store.code, digests, read, feed.guarantees)
    totals = zip(places, read.records, read.receipts, read.gross_minor, days, strict=True)
    for place, records, receipts, gross, of_file in totals:
        facts[place] = replace(facts[place], records=records, receipts=receipts, gross_minor=gross, days=of_file)


def _at_once(feed: Feed, rules: ReadingRules, still_open: _Open) -> ReadTogether | None:
    """Files read in one go; None where that can't be, or anything is to be refused."""
    if len(still_open) < 2 or not isinstance(feed, FeedOfMany):
        return None
    try:
        read = feed.read_many({each.name: each.parts[each.name].whole() for each, _ in still_open.values()}, rules)
        totals = zip(still_open.values(), read.records, read.receipts, read.gross_minor, strict=True)
        for (fetched, marker), *found in totals:
            _hold_to_totals(fetched.name, marker, *found)
    except FileRejected:
        return None
    return read


def _one_by_one(
    store: Store, feed: Feed, rules: ReadingRules, still_open: _Open, facts: list[FileFact]
) -> ReadTogether | None:
    """Files read each by itself; one that is refused is open no more. None where all are."""
    reads = []
    for place, (fetched, marker) in list(still_open.items()):
        try:
            read = read_slice(feed, fetched.parts, rules)
            _hold_to_totals(fetched.name, marker, read.records, read.receipts, read.gross_minor)
        except FileRejected as rejected:
            facts[place] = replace(facts[place], fate=Fate.REJECTED, why=str(rejected))
            del still_open[place]
            continue
        for found in read.form:
            log.info("%s: read as it came: %s", store.code, found)
        facts[place] = replace(facts[place], why="; ".join(read.notes))
        reads.append(read)
    return ReadTogether.of(reads) if reads else None


def _hold_to_totals(name: str, marker: Marker | None, records: int, receipts: int, gross_minor: int) -> None:
    if marker is None:
        return
    for word, got, said in (("records", records, marker.records), ("receipts", receipts, marker.receipts)):
        if said is not None and said != got:
            raise FileRejected(name, f"it holds {got:,} {word}, the marker says {said:,}.")
    if marker.gross_minor is not None and marker.gross_minor != gross_minor:
        raise FileRejected(name, f"its gross is {money(gross_minor)}, the marker says {money(marker.gross_minor)}.")
