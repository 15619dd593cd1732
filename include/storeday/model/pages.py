"""How the templates of pages are found and read: the sheet's, the board's, those of reports."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape


def page_environment(*rooms: str) -> Environment:
    """Templates of packages ("storeday.board"), the first that has one: all is escaped, an unknown name is an error."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in rooms]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
