"""The pages that go with a batch: how their templates are found and read."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def page_environment() -> Environment:
    """Templates of this room: everything is escaped, a name that is not there is an error."""
    return Environment(
        loader=PackageLoader("storeday.sage50"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
