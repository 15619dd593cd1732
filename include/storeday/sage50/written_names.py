"""The names that stand otherwise in Sage than with us: spelt in ASCII, or cut to what a field holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storeday.sage50.plain_text import plain_letters
from storeday.sage50.proof import ProvenDay


def changed_names(names: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Each name that is written otherwise than it is, as ``name`` and ``written``, once, sorted."""
    return [{"name": name, "written": written} for name, written in sorted(set(names)) if name != written]


def names_in(day: ProvenDay) -> Iterator[tuple[str, str]]:
    """The names in a store-day's rows, each with how it is written: the store's, and tenders and categories in Details.

    Where a name was cut in some rows, it is the shortest of it.
    """
    code, name = day.staged.store.code, day.staged.store.name
    ends = [f" {row.details}".partition(f" {code} ")[2] for row in day.rows]
    yield name, min([plain_letters(name), *ends], key=len)
    for detail in {key.detail for key in day.staged.lines if key.detail}:
        yield detail, plain_letters(detail)
