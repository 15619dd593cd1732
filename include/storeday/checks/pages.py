"""The templates of Data Docs, compiled once a process and not at each store-day.

Great Expectations makes a Jinja environment a section, each of which compiles some thirty templates anew: a fifth of a
check's time. Here they share what one has compiled, and a process that tasks are forked from may do it beforehand.
"""

from __future__ import annotations

from typing import Any, Final

from great_expectations.render.view.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _Compiled(BytecodeCache):
    """Compiled templates in memory; Jinja's key holds a template's name, and it compares a digest of its source."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()


class Page(DefaultJinjaPageView):
    """A page of results."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.env.bytecode_cache = _COMPILED


class IndexPage(DefaultJinjaIndexPageView):
    """The page that leads to the others."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.env.bytecode_cache = _COMPILED


def compile_templates() -> None:
    """Compile every template of a page."""
    templates = Page().env
    for name in templates.list_templates(extensions=["j2"]):
        templates.get_template(name)
