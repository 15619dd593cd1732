"""Where settings and state are: the one place that reads the environment.

STOREDAY_CONFIG       folder of settings; default: the sample company, include/config of the project
STOREDAY_HOME         all state: landing, canonical, staging, outbox, Data Docs, and the ledger unless told otherwise
STOREDAY_LEDGER       SQLAlchemy URL of the ledger; default: SQLite below STOREDAY_HOME
STOREDAY_EXPECTATIONS folder of Great Expectations suites; default: include/expectations of the project
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from storeday.config.load import load_settings
from storeday.config.settings import Settings
from storeday.model.errors import SettingsError

_INCLUDE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Environment:
    """One installation: its settings' folder, its state, its ledger."""

    config: Path
    home: str  # a folder, or an fsspec URL such as s3://bucket/storeday
    ledger_url: str
    expectations: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that name this installation, for a program that is to work on it."""
        return {
            "STOREDAY_CONFIG": str(self.config),
            "STOREDAY_HOME": self.home,
            "STOREDAY_LEDGER": self.ledger_url,
            "STOREDAY_EXPECTATIONS": str(self.expectations),
        }

    def settings(self) -> Settings:
        """The settings, read now. Raises: SettingsError listing all that is wrong."""
        return load_settings(self.config)


def environment() -> Environment:
    """What the environment variables say. Raises: SettingsError where one is missing."""
    home = os.environ.get("STOREDAY_HOME", "")
    if not home:
        raise SettingsError(["STOREDAY_HOME is not set: say which folder keeps landing, canonical, ledger and outbox"])
    ledger = os.environ.get("STOREDAY_LEDGER", "")
    if not ledger and "://" in home:
        raise SettingsError([f"STOREDAY_LEDGER is not set, and {home} can't hold a SQLite file: name a database URL"])
    return Environment(
        config=config_folder(),
        home=home if "://" in home else str(Path(home).resolve()),
        ledger_url=ledger or f"sqlite:///{Path(home).resolve() / 'ledger.sqlite'}",
        expectations=expectations_folder(),
    )


def config_folder() -> Path:
    """The folder of settings, which needs no STOREDAY_HOME to be read and checked."""
    return Path(os.environ.get("STOREDAY_CONFIG") or _INCLUDE / "config")


def expectations_folder() -> Path:
    """The folder of Great Expectations suites."""
    return Path(os.environ.get("STOREDAY_EXPECTATIONS") or _INCLUDE / "expectations")


def keep_airflow_quiet() -> None:
    """Only Airflow's warnings, unless the caller asked for more: its SFTP hook brings its whole logging along."""
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
