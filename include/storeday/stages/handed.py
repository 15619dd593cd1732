"""What was handed over, read from the outbox: the files that a bookkeeper imports, held to the ledger's digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.ledger.facts import BatchKind
from storeday.ledger.readings import DeliveredDay
from storeday.model.errors import CannotCompare
from storeday.model.money import minor_of
from storeday.model.storage import MANIFEST, exists, join, read_bytes
from storeday.model.store_day import State
from storeday.reconcile.handed import Handed, Posting, base_reference
from storeday.sage50.readback.import_layout import read_import_layout
from storeday.sage50.readback.texts import columns_of
from storeday.sage50.readback.trail import frame_of
from storeday.sage50.stock_batch import STOCK_FILE
from storeday.sage50.transaction_files import transaction_files
from storeday.sage50.uk_stock import STOCK_HEADER
from storeday.stages.workplace import Workplace


class OutboxChanged(CannotCompare):
    """A delivered batch's files are not in the outbox as they were delivered."""


def handed_over(work: Workplace, company_code: str, first: date, last: date) -> Handed:
    """All that was delivered of a company's trading days, takings and stock.

    Raises: OutboxChanged naming the batch whose files are gone or are others than those that were delivered.
    """
    company = work.settings.company(company_code)
    known = work.ledger.delivered_days(company_code)
    asked = [day for day in known if first <= day.trading_day <= last]
    manifests = {day.batch: _manifest(work, company_code, day) for day in {d.batch: d for d in asked}.values()}
    takings = [day for day in asked if day.kind is BatchKind.TAKINGS]
    postings = _postings(work, company_code, takings, manifests)
    return Handed(
        company=company_code,
        first=first,
        last=last,
        postings=postings,
        rows=_rows(work, company_code, takings, manifests, postings),
        stock=_stock(work, company_code, [day for day in asked if day.kind is BatchKind.STOCK], manifests),
        known=frozenset((_reference(day), day.batch) for day in known if day.kind is BatchKind.TAKINGS),
        stores=tuple((store.code, store.department) for store in company.stores),
    )


def _reference(day: DeliveredDay) -> str:
    again = f"-{day.revision}" if day.revision > 1 else ""
    return f"{day.store}-{day.trading_day:%y%m%d}{again}"


def _postings(
    work: Workplace, company: str, takings: Iterable[DeliveredDay], manifests: dict[str, dict[str, Any]]
) -> tuple[Posting, ...]:
    again = work.ledger.imported_again(company)
    days = [day.trading_day for day in takings]
    known = work.ledger.store_days(min(days), max(days)) if days else []
    confirmed = {(fact.store, fact.trading_day) for fact in known if fact.state is State.CONFIRMED}
    said = {(batch, each["store"]): each for batch, manifest in manifests.items() for each in manifest["store_days"]}
    return tuple(
        Posting(
            batch=day.batch,
            store=day.store,
            trading_day=day.trading_day,
            reference=said[day.batch, day.store]["reference"],
            posted_on=date.fromisoformat(said[day.batch, day.store]["posted_on"]),
            sales_minor=minor_of(said[day.batch, day.store]["staged_gross"]),
            boxes=tuple((int(box), minor_of(text)) for box, text in said[day.batch, day.store]["vat_boxes"].items()),
            imports=1 + again.get((day.batch, day.store, day.trading_day), 0),
            was_confirmed=(day.store, day.trading_day) in confirmed,
        )
        for day in takings
    )


def _rows(
    work: Workplace,
    company: str,
    takings: Iterable[DeliveredDay],
    manifests: dict[str, dict[str, Any]],
    postings: tuple[Posting, ...],
) -> pd.DataFrame:
    """The rows of all files as one trail: read at once, since each row carries its batch."""
    parts: list[bytes] = []
    for day in {d.batch: d for d in takings}.values():
        folder = work.places.delivered(company, day.trading_day, day.batch)
        for name in transaction_files(manifests[day.batch]):
            heading, _, rows = _file(folder, name, manifests[day.batch]).partition(b"\n")
            parts += [rows] if parts else [heading + b"\n" + rows]
    trail = read_import_layout("the outbox", b"".join(parts)).rows
    places = {posting.reference: place for place, posting in enumerate(postings)}
    return trail.assign(posting=base_reference(trail["reference"]).map(places).astype("int64"))


def _stock(
    work: Workplace, company: str, days: Iterable[DeliveredDay], manifests: dict[str, dict[str, Any]]
) -> pd.DataFrame:
    """The lines of all stock files, each with the store and day that its Details name."""
    tables = []
    for day in {d.batch: d for d in days}.values():
        folder = work.places.delivered(company, day.trading_day, day.batch)
        found = columns_of(STOCK_FILE, _file(folder, STOCK_FILE, manifests[day.batch]), list(STOCK_HEADER), 2)
        details = found.text("Details")
        stores = pc.struct_field(pc.extract_regex(details, r" (?P<store>[A-Z0-9]{1,8}) \d\d/\d\d/\d{4} "), "store")
        tables.append(
            pa.table(
                {
                    "batch": pa.array([day.batch] * len(found.table), pa.string()),
                    "store": stores,
                    "trading_day": pa.array([day.trading_day] * len(found.table), pa.date32()),
                    "type": found.text(STOCK_HEADER[0]),
                    "code": found.text("Stock Code"),
                    "date": found.day("Date"),
                    "reference": found.text("Reference"),
                    "details": details,
                    "hundredths": found.minor("Quantity"),
                }
            )
        )
    return frame_of(pa.concat_tables(tables or [_NO_STOCK]))


_TEXTS = ("batch", "store", "type", "code", "reference", "details")
_NO_STOCK = pa.table(
    {
        **{name: pa.array([], pa.string()) for name in _TEXTS},
        **{name: pa.array([], pa.date32()) for name in ("trading_day", "date")},
        "hundredths": pa.array([], pa.int64()),
    }
).select(["batch", "store", "trading_day", "type", "code", "date", "reference", "details", "hundredths"])


def _manifest(work: Workplace, company: str, day: DeliveredDay) -> dict[str, Any]:
    place = join(work.places.delivered(company, day.trading_day, day.batch), MANIFEST)
    if not exists(place):
        raise OutboxChanged(
            f"batch {day.batch} is delivered and its files are not in the outbox ({place}); put them there again: "
            f"storeday deliver --company {company} --day {day.trading_day.isoformat()}"
        )
    content = read_bytes(place)
    if hashlib.sha256(content).hexdigest() != day.digest:
        raise OutboxChanged(f"{place}: it is not the manifest that was delivered; restore the outbox from a backup")
    manifest: dict[str, Any] = json.loads(content)
    return manifest


def _file(folder: str, name: str, manifest: dict[str, Any]) -> bytes:
    content = read_bytes(join(folder, name))
    if hashlib.sha256(content).hexdigest() != manifest["files"][name]["sha256"]:
        raise OutboxChanged(f"{folder}/{name}: it is not the file that was delivered; restore it from a backup")
    return content
