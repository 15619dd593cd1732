"""A report of going live, as a page for people and JSON for programs: sentences, and tables of text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache

from jinja2 import Template

from storeday.model.pages import page_environment
from storeday.sage50.sheet_tables import Table


@dataclass(frozen=True)
class Report:
    """What was looked at and what came of it.

    Amounts are money as text. Nothing says when it was made, so that the same facts make the same bytes.
    """

    kind: str  # acceptance, parallel, first days
    title: str
    said: str  # what it is of: company, period, environment
    good: tuple[str, ...]
    bad: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to be put right."""
        return not self.bad

    def json(self) -> bytes:
        """All of it, for programs."""
        return (json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @property
    def digest(self) -> str:
        """SHA-256 of its JSON: what a person signs."""
        return hashlib.sha256(self.json()).hexdigest()

    def page(self) -> bytes:
        """The page, with everything of the JSON on it."""
        return _template().render(report=self).encode()


@cache
def _template() -> Template:
    # The sheet's style, so that all that a bookkeeper prints looks alike.
    return page_environment("storeday.reconcile.golive", "storeday.sage50").get_template("report.html.j2")
