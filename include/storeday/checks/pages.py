"""The pages of Data Docs: Great Expectations' own, one a frame.

Great Expectations' own site builder copies four megabytes of pictures and fonts beside each set of pages, of which they
show a favicon; at a set a store-day that would be all that is written. So its renderer and its view are asked for the
pages alone. Nothing in them says when they were made: the same results make the same bytes.

Templates are compiled once a process and not at each store-day, and a process that tasks are forked from may do it
beforehand.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any, Final

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, PackageLoader

_ROOM: Final = "storeday.checks"


class _View(DefaultJinjaPageView):
    """A page of results, with a head of ours, that holds nothing of the moment it was made in."""

    def __init__(self) -> None:
        super().__init__()
        theirs = [self.env.loader] if self.env.loader else []
        self.env.loader = ChoiceLoader([PackageLoader(_ROOM), *theirs])
        self.env.filters["generate_html_element_uuid"] = self._numbered
        self._numbers = count(1)

    def render(self, document: Any, template: Any = None, **said: Any) -> str:
        self._numbers = count(1)
        page: str = super().render(document, template, **said)  # type: ignore[no-untyped-call]
        return page

    def _numbered(self, prefix: str = "") -> str:
        return f"{prefix}{next(self._numbers)}"


def page_of(result: Any, title: str) -> bytes:
    """The page of what a frame's suite came to."""
    # When a frame was handed to Great Expectations, and a fingerprint of it, are of no use to who reads the page.
    result.meta.pop("batch_markers", None)
    document = ValidationResultsPageRenderer().render(result)
    return _view().render(document, docs_title=title, show_how_to_buttons=False).encode()


def compile_templates() -> None:
    """Compile every template of a page."""
    templates = _view().env
    for name in templates.list_templates(extensions=["j2"]):
        templates.get_template(name)


@cache
def _view() -> _View:
    return _View()
