"""Fixtures for all tests: a shop is a whole installation in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from shops import OpenShop, Shop, place, settle
from storeday.stages.workplace import Workplace

EXAMPLES = 500 if os.environ.get("CI") else 100
settings.register_profile(
    "storeday", deadline=None, print_blob=True, max_examples=EXAMPLES
)  # a slow machine fails none
settings.load_profile("storeday")


@pytest.fixture(scope="session")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenShop]:
    """A function that opens a company: ``open_shop("S01", "S02")``, or ``open_shop(S01="tills: ['01', '02']")``.

    A store is a code, or a code with the lines of its settings that are not the usual ones.
    """
    with ExitStack() as opened:

        def open_one(*codes: str, company: str = "", mappings: str = "", skus: str = "", **stores: str) -> Shop:
            folder: Path = tmp_path_factory.mktemp("shop")
            said = {name: text for name, text in (("company", company), ("mappings", mappings), ("skus", skus)) if text}
            settle(folder, {**dict.fromkeys(codes, ""), **stores}, **said)
            work = opened.enter_context(Workplace.open("tests", place(folder)))
            return Shop(work, folder / "sources", folder / "home")

        yield open_one
