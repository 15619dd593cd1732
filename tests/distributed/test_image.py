"""The image's steps taken in a clean virtual environment, where no container engine is; then what its services call.

The steps are docker/Dockerfile's own. Left out are Debian's packages and the user, which want an image; the pins are
installed by this Python, and pip may use its cache.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from composed import OURS, ROOT, STEPS, environment_of, filled, without_airflow

pytestmark = [pytest.mark.live, pytest.mark.timeout(1800)]

OF_AN_IMAGE = ("apt-get", "useradd")
"""Commands that only an image takes."""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a command in what the Dockerfile's steps made: its folder, its programs, no environment of ours."""
    folder = tmp_path_factory.mktemp("image")
    programs, workdir = folder / "venv" / "bin", folder / "opt" / "storeday"
    workdir.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    inherited = {name: value for name, value in without_airflow().items() if not name.startswith("PYTHON")}
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = {**inherited, "PATH": path, "AIRFLOW_HOME": str(folder / "airflow"), "HOME": str(folder)}
    environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CACHE_DIR": _pip_cache()}

    def run(*words: str | Path, **said: str) -> subprocess.CompletedProcess[str]:
        given = {**environment, **said}
        return subprocess.run(words, cwd=workdir, env=given, capture_output=True, text=True, check=False)

    for step, words in STEPS:
        if step == "COPY":
            *sources, _ = words.split()
            for source in sources:
                _copy(ROOT / source, workdir / source)
        if step == "RUN" and not any(each in words for each in OF_AN_IMAGE):
            began = time.monotonic()
            taken = run("sh", "-ec", words.replace("--no-cache-dir ", ""))
            assert taken.returncode == 0, f"{words}\n{taken.stdout[-1500:]}\n{taken.stderr[-3000:]}"
            print(f"  {time.monotonic() - began:5.0f} s  {re.sub(' +', ' ', words)}")
    return run


@pytest.mark.parametrize(
    "command", ["storeday --help", "storeday check-config", "airflow version", "python -m pip check"]
)
def test_what_a_person_calls_first_works(image: Run, command: str) -> None:
    said = image(*command.split())

    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-2000:]


def test_the_package_is_the_images_own_and_has_its_board_and_templates(image: Run) -> None:
    code = "import storeday.board as b, pathlib; p = pathlib.Path(b.__file__).parent; print(p, *p.glob('templates/*'))"

    said = image("python", "-c", code)

    assert "/opt/storeday/include/storeday/board" in said.stdout, said.stderr
    assert "board.html" in said.stdout


@pytest.mark.parametrize("service", sorted(OURS))
def test_a_service_finds_its_program_its_classes_and_what_its_check_calls(image: Run, service: str) -> None:
    """The command and the health check, as far as they go with nothing else up: everything that they import."""
    said = environment_of(service, filled())
    check = OURS[service].get("healthcheck", {"test": []})["test"]
    words = shlex.split(check[1].replace("$$", "")) if check[:1] == ["CMD-SHELL"] else list(map(str, check[1:]))
    programs = {str(command[0]) for command in (OURS[service]["command"], words) if command}
    wanted = [f"import {name.rpartition('.')[0]}" for name in words if name.startswith("airflow.")]
    wanted += [found[0] for text in words for found in re.finditer(r"(from \S+ )?import \w+", text)]
    wanted += [f"import {said['AIRFLOW__CORE__AUTH_MANAGER'].rpartition('.')[0]}"] if service == "api-server" else []
    wanted += ["import storeday.demo.sftp_server"] if service == "sftp" else ["import s3fs", "import psycopg"]

    for program in programs:
        assert image("sh", "-c", f"command -v {program}").returncode == 0, f"{program} is not in the image"
    found = image("python", "-c", "\n".join(wanted))

    assert found.returncode == 0, found.stderr[-2000:]


def _copy(source: Path, target: Path) -> None:
    """As COPY does with .dockerignore's rules."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    if source.is_dir():
        shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def _pip_cache() -> str:
    asked = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()
