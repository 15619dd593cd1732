"""docker-compose.yaml and docker/Dockerfile, taken apart for tests: services, secrets, the steps of the image."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
VARIABLES = dict(line.split("=", 1) for line in EXAMPLE.splitlines() if re.match(r"\w+=", line))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("storeday:")}
AIRFLOW = {name: service for name, service in OURS.items() if name != "sftp"}

REFERENCE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?:(?P<how>:[?-])(?P<word>[^}]*))?\}")


@cache
def filled() -> dict[str, str]:
    """The variables of an .env, each with a value that tells it from all others."""
    return {name: f"{name.lower().replace('_', '-')}-of-the-test" for name in VARIABLES} | {"AIRFLOW_PORT": "8080"}


def interpolated(text: object, env: Mapping[str, str]) -> str:
    """Text of the compose file as Compose would hand it on."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        assert found["how"] != ":?" or env.get(found["name"]), f"{found['name']} is not set: {found['word']}"
        return env.get(found["name"]) or found["word"]

    return REFERENCE.sub(value, str(text))


def environment_of(service: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """A service's environment, interpolated."""
    said = SERVICES[service].get("environment", {})
    return {name: interpolated(value, filled() if env is None else env) for name, value in said.items()}


def strings(value: object) -> Iterator[str]:
    """Every text in a piece of the compose file."""
    if isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    else:
        yield str(value)


def variables(value: object) -> set[str]:
    """The variables that a piece of the compose file takes from .env."""
    return {found["name"] for text in strings(value) for found in REFERENCE.finditer(text) if found["name"]}


def read_env(path: Path) -> dict[str, str]:
    """The variables of an .env."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def without_airflow() -> dict[str, str]:
    """This process's environment without an Airflow or storeday of the caller's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "STOREDAY"))}


DOCKERFILE = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STEPS = [line.split(None, 1) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
"""The image's steps: instruction and words."""


def in_project(path: str) -> Path:
    """Where a path of the image lies in the project: the Dockerfile copies folders as they are."""
    workdir = next(words for step, words in STEPS if step == "WORKDIR")
    return ROOT / Path(path).relative_to(workdir)
