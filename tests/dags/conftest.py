"""An Airflow for tests of the DAG files: a home of its own, and the project's folders on the path."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An Airflow of the tests' own, before it is first imported; the root logger is given back as it was."""
    home = tmp_path_factory.mktemp("airflow")
    ours = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(DAGS.with_name("plugins")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ours.items():
            patch.setenv(name, value)
        patch.delenv("STOREDAY_CONFIG", raising=False)
        patch.syspath_prepend(DAGS)
        patch.syspath_prepend(DAGS.with_name("plugins"))
        yield ours
    root.setLevel(before[0])
    root.handlers[:] = before[1]
