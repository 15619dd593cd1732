"""Fixtures for all tests: a shop is a whole installation in a folder of its own."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from servers import ObjectStore, object_store
from shops import EXPECTATIONS, OpenShop, Shop, Typed, place, settle
from storeday import cli
from storeday.model.object_store import forget_connections
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


@pytest.fixture(scope="session")
def session_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """One object store for all tests of this process, which each take a prefix of their own."""
    with object_store(tmp_path_factory.mktemp("objects")) as store:
        yield store


@pytest.fixture
def bucket(session_bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place on an object store, ``s3://bucket/prefix``, that this process and its children can reach."""
    for name, said in session_bucket.environment.items():
        monkeypatch.setenv(name, said)
    forget_connections()
    return f"{session_bucket.url}/{uuid.uuid4().hex}"


@pytest.fixture
def typed(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types a command: its exit code, and all that was said."""
    monkeypatch.setenv("STOREDAY_CONFIG", str(shop.home.parent / "config"))
    monkeypatch.setenv("STOREDAY_HOME", str(shop.home))
    monkeypatch.setenv("STOREDAY_EXPECTATIONS", str(EXPECTATIONS))
    monkeypatch.delenv("STOREDAY_LEDGER", raising=False)

    def type_it(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["storeday", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return type_it
