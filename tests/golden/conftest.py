"""Golden files: bytes that somebody checked by hand, and one command that writes them anew after a change.

pytest tests/golden --regenerate-golden
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Golden = Callable[[Path, bytes], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-golden", action="store_true", help="write the golden files instead of comparing")


def pytest_configure(config: pytest.Config) -> None:
    if _regenerates(config) and os.environ.get("CI"):
        raise pytest.UsageError("golden files are written by a person who looks at them, never in CI")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """A function that holds bytes to the golden file of that path."""

    def compare(path: Path, content: bytes) -> None:
        if _regenerates(request.config):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            pytest.skip(f"wrote {path.name}: check it by hand, with the sums beside it")
        assert path.exists(), f"no golden file {path.name}; write it with: pytest tests/golden --regenerate-golden"
        expected = path.read_bytes()
        assert content.splitlines() == expected.splitlines()  # says which line is another
        assert content == expected

    return compare


def _regenerates(config: pytest.Config) -> bool:
    # Not there when this file was loaded too late to add it: a run over all tests only compares.
    return bool(config.getoption("regenerate_golden", default=False))
