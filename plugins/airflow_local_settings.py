"""Import what is slow to import, Great Expectations above all, once where tasks are forked from, not in every task.

Airflow imports this module in each of its processes before anything else. It takes 6 to 10 s in a
fresh process and none in a process forked from one that has done it: LocalExecutor forks its workers from
the scheduler, Celery's pool forks from the worker. All others, the DAG processor and the API server above
all, go without.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Sequence

from airflow.configuration import conf

__all__: list[str] = []  # whatever stands here would become a setting of Airflow

FORKED_WITH = (
    "great_expectations",
    "great_expectations.render.renderer",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "airflow.providers.openlineage.api",
    "airflow.providers.sftp.hooks.sftp",
    "storeday.checks.verdict",
    "storeday.stages",
)


def _forks_tasks(command: Sequence[str], executor: str) -> bool:
    """Whether tasks are forked from the process that was started by this command line.

    >>> _forks_tasks(["airflow", "scheduler"], "LocalExecutor")
    True
    >>> _forks_tasks(["airflow", "scheduler"], "CeleryExecutor")
    False
    >>> _forks_tasks(["airflow", "celery", "worker", "--concurrency", "4"], "CeleryExecutor")
    True
    """
    words = list(command[1:3])
    return words == ["celery", "worker"] or (words[:1] == ["scheduler"] and "LocalExecutor" in executor)


if _forks_tasks(sys.argv, conf.get("core", "executor")):
    for each in FORKED_WITH:
        try:
            importlib.import_module(each)
        except Exception:
            # A module that can't be imported fails the tasks that need it, by name; never the scheduler.
            logging.getLogger(__name__).exception("%s is not preloaded", each)
    try:
        importlib.import_module("storeday.checks.pages").compile_templates()
    except Exception:
        logging.getLogger(__name__).exception("the templates of Data Docs are not compiled beforehand")
