"""The marker beside a till's file: one JSON object that says the upload is complete and what it holds.

Source: docs/feeds/storeday-csv.md, Files.
"""

from __future__ import annotations

import json
import re
from typing import Any

from storeday.feeds.base import Marker
from storeday.model.errors import FileRejected
from storeday.model.money import minor_of

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_KEYS = {"file", "sha256", "records", "receipts", "gross"}


def parse_marker(name: str, content: bytes) -> Marker:
    """The marker ``name`` from its bytes.

    ``file`` and ``sha256`` must be there; ``records``, ``receipts`` and ``gross`` where the feed has them.
    Raises: FileRejected naming the key that is wrong.
    """
    try:
        said: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # the second for brackets nested without end
        raise FileRejected(name, "the marker is not a JSON object.") from None
    if not isinstance(said, dict):
        raise FileRejected(name, "the marker is not a JSON object.")
    if unknown := sorted(set(said) - _KEYS):
        raise FileRejected(name, f"the marker has a key that is not agreed: {', '.join(unknown)}.")
    if not isinstance(said.get("file"), str):
        raise FileRejected(name, "the marker does not say which file it is for (key file).")
    if not isinstance(said.get("sha256"), str) or not _SHA256.match(said["sha256"]):
        raise FileRejected(name, "the marker has no SHA-256 of the file (key sha256).")
    return Marker(
        file=said["file"],
        sha256=said["sha256"],
        records=_count(name, said, "records"),
        receipts=_count(name, said, "receipts"),
        gross_minor=_gross(name, said),
    )


def _count(name: str, said: dict[str, Any], key: str) -> int | None:
    count = said.get(key)
    if count is None:
        return None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise FileRejected(name, f"the marker's {key} is not a whole number: {count!r}.")
    return count


def _gross(name: str, said: dict[str, Any]) -> int | None:
    gross = said.get("gross")
    if gross is None:
        return None
    try:
        return minor_of(gross if isinstance(gross, str) else "?")
    except ValueError:
        raise FileRejected(name, f'the marker\'s gross is not an amount in quotes: {gross!r}; say "12.50".') from None
