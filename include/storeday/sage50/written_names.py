"""The names that stand otherwise in Sage than with us: spelt in ASCII, or cut to what a field holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storeday.sage50.plain_text import plain_letters
from storeday.sage50.proof import ProvenDay


def changed_names(days: Iterable[ProvenDay]) -> list[dict[str, str]]:
    """Each name that a row changed, as ``name`` and ``written``, once, sorted.

    Names of stores, and of the tenders and categories that Details mention. Where a name was cut in some rows,
    ``written`` is the shortest of it.
    """
    written = {name: as_written for day in days for name, as_written in _written(day) if name != as_written}
    return [{"name": name, "written": written[name]} for name in sorted(written)]


def _written(day: ProvenDay) -> Iterator[tuple[str, str]]:
    code, name = day.staged.store.code, day.staged.store.name
    ends = [f" {row.details}".partition(f" {code} ")[2] for row in day.rows]
    yield name, min([plain_letters(name), *ends], key=len)
    for detail in {key.detail for key in day.staged.lines if key.detail}:
        yield detail, plain_letters(detail)
