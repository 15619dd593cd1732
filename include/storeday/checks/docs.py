"""Where Data Docs lie and what they are called; what makes their pages is in pages.py.

A store-day that was checked by itself has all its pages in its own folder. One that was checked together with others
shares theirs: its folder then says where they are, and which stores they are of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INDEX: Final = "index.html"
"""The first page of a folder of Data Docs."""


@dataclass(frozen=True)
class DocsPage:
    """A page that the first page leads to."""

    frame: str
    href: str  # seen from the first page
    is_met: bool


@dataclass(frozen=True)
class DataDocs:
    """A folder of Data Docs that is to be written."""

    url: str
    title: str
    said: str = ""  # below the title of the first page
    beside: tuple[DocsPage, ...] = ()  # pages that lie elsewhere


def page_name(frame: str) -> str:
    """The name of a frame's page below its folder."""
    return f"validations/{frame}/{INDEX}"
