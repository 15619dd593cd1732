"""The house's floors: a room imports only from the rooms below it. Source: docs/architecture.md.

Read from the syntax trees, so that an import inside a function counts as well, and one that never runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "include" / "storeday"

GROUND = {"model", "config"}
WORKSHOPS = {"feeds", "sources", "ledger", "checks", "postings", "sage50"}

MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "config": {"model"},
    "ledger": {"model"},
    "sample": {"model"},
    "feeds": GROUND,
    "sources": GROUND,
    "checks": GROUND,
    "postings": GROUND,
    "sage50": GROUND,
    "reconcile": GROUND | WORKSHOPS,
    "stages": GROUND | WORKSHOPS | {"reconcile"},
    "cli": GROUND | {"sage50", "stages", "sample"},
    "board": GROUND | WORKSHOPS | {"reconcile", "stages"},
    "demo": GROUND | WORKSHOPS | {"reconcile", "stages", "sample", "cli"},
}
"""Each room, a folder or a module of the package, with the rooms it may import besides itself."""

AIRFLOW_INSIDE_FUNCTIONS = {"sources/connections.py", "sources/odbc.py"}
AIRFLOW_ANYWHERE = {"demo"}

READERS = {"environ", "environb", "getenv"}
READS_ENVIRONMENT = {"config/environment.py", "demo"}
READS_ONE_VARIABLE = {"cli/options.py": "USER"}

SLOW_TO_IMPORT = {"pandas", "great_expectations", "pyarrow"}
"""Not at the top of a DAG file or plugin: Airflow imports those every half minute."""


@dataclass(frozen=True)
class Import:
    """One import of a module: what, on which line, and whether it runs as soon as its file is imported."""

    module: str
    line: int
    at_once: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def imports_of(path: Path, package: str = "") -> Iterator[Import]:
    """Every import of a module, relative ones spelt out; those in functions or for the type checker only come later."""
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")), package, at_once=True)


def _imports(node: ast.AST, package: str, *, at_once: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - child.level + 1] if child.level else []
            module = ".".join([*parts, *filter(None, [child.module])])
            yield from (Import(f"{module}.{alias.name}", child.lineno, at_once) for alias in child.names)
        elif isinstance(child, ast.Call) and _name(child.func) in {"__import__", "import_module"} and child.args:
            named = child.args[0]
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield Import(named.value, child.lineno, at_once)
        yield from _imports(child, package, at_once=at_once and not _waits(child))


def _waits(node: ast.AST) -> bool:
    """Whether what is below doesn't run when the file is imported."""
    is_for_types = isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING"
    return is_for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def modules_of(root: Path) -> Iterator[tuple[str, str, Path]]:
    """The modules of a package: room, path below it, file. What stands at its top is a room of its own."""
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        if inside.as_posix() != "__init__.py":
            yield inside.parts[0].removesuffix(".py"), inside.as_posix(), path


def steps_up(root: Path) -> list[str]:
    """Imports of ours that a room may not make, as "file line n imports room"."""
    found = []
    for room, name, path in modules_of(root):
        if room not in MAY_IMPORT:
            found.append(f"{name}: no room {room} in the plan of the house")
            continue
        package = ".".join([root.name, *path.relative_to(root).parts[:-1]])
        for each in imports_of(path, package):
            if each.top == root.name:
                target = each.module.split(".")[1]
                if target not in MAY_IMPORT[room] | {room}:
                    found.append(f"{name} line {each.line}: {room} imports {target}")
    return found


def airflow_in(root: Path) -> list[str]:
    """Imports of Airflow where the package must do without it."""
    return [
        f"{name} line {each.line}: imports {each.module}"
        for room, name, path in modules_of(root)
        for each in imports_of(path, root.name)
        if each.top == "airflow"
        and room not in AIRFLOW_ANYWHERE
        and not (name in AIRFLOW_INSIDE_FUNCTIONS and not each.at_once)
    ]


def environment_readers(root: Path) -> list[str]:
    """Where the environment is read though its place is config/environment.py."""
    found = []
    for room, name, path in modules_of(root):
        if not {room, name} & READS_ENVIRONMENT:
            found += [
                f"{name} line {line}: reads {variable or 'the environment'}"
                for line, variable in environment_reads(path)
                if variable is None or READS_ONE_VARIABLE.get(name) != variable
            ]
    return found


def environment_reads(path: Path) -> Iterator[tuple[int, str | None]]:
    """Lines that read the environment, with the variable where it is one that is named."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named: dict[int, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=reader, attr="get"), args=[ast.Constant(value=str(name)), *_]):
                named[id(reader)] = name
            case ast.Call(func=reader, args=[ast.Constant(value=str(name)), *_]):
                named[id(reader)] = name
            case ast.Subscript(value=reader, slice=ast.Constant(value=str(name))):
                named[id(reader)] = name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and _name(node) in READERS:
            yield node.lineno, named.get(id(node))
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from ((node.lineno, None) for alias in node.names if alias.name in READERS)


def slow_at_the_top(folder: Path) -> list[str]:
    """Imports that make each parse of a DAG file or plugin slow."""
    return [
        f"{path.relative_to(folder)} line {each.line}: imports {each.module}"
        for path in sorted(folder.rglob("*.py"))
        for each in imports_of(path)
        if each.top in SLOW_TO_IMPORT and each.at_once
    ]


def test_no_import_runs_up_the_floors() -> None:
    rooms = {room for room, _, _ in modules_of(PACKAGE)}

    steps = steps_up(PACKAGE)

    assert steps == []
    assert rooms >= {"model", "config", "feeds", "ledger", "stages"}  # it looked at the house


def test_the_work_itself_knows_no_airflow() -> None:
    connecting = [each.module for each in imports_of(PACKAGE / "sources" / "connections.py") if each.top == "airflow"]

    found = airflow_in(PACKAGE)

    assert found == []
    assert connecting  # the one exception is needed


def test_only_config_reads_the_environment() -> None:
    allowed = {variable for _, variable in environment_reads(PACKAGE / "config" / "environment.py")}

    found = environment_readers(PACKAGE)

    assert found == []
    assert "STOREDAY_HOME" in allowed  # it sees a read where there is one


@pytest.mark.parametrize("folder", ["dags", "plugins"])
def test_no_dag_file_or_plugin_imports_pandas_at_its_top(folder: str) -> None:
    files = list((PROJECT / folder).rglob("*.py"))

    found = slow_at_the_top(PROJECT / folder)

    assert found == []
    assert files


# That it can fail: a small house with one fault in each corner.


@pytest.fixture
def house(tmp_path: Path) -> Path:
    root = tmp_path / "storeday"
    for name, text in {
        "__init__.py": "",
        "model/money.py": "import decimal\n",
        "model/peek.py": "from storeday.config import settings\n",
        "feeds/square.py": "def read():\n    from storeday.checks.validation import run_suites\n",
        "ledger/relative.py": "from ..sage50 import rows\nfrom .facts import Fate\nfrom ..model import money\n",
        "postings/whole.py": "import storeday.stages.run\nimport storeday.model.money\n",
        "sample/files.py": "from storeday import config\n",
        "stages/close.py": "from storeday import cli\nfrom storeday.feeds import square\nimport airflow.sdk\n",
        "sources/connections.py": "import airflow\ndef open_one():\n    from airflow.providers import sftp\n",
        "sources/hidden.py": "import importlib\ndef late():\n    importlib.import_module('airflow.sdk')\n",
        "demo/run.py": "import airflow\nimport os\nimport storeday.cli\nos.environ['HOME']\n",
        "config/environment.py": "import os\nhome = os.environ['STOREDAY_HOME']\n",
        "config/load.py": "import os\nhome = os.getenv('HOME')\n",
        "checks/shy.py": "from os import environ\n",
        "cli/options.py": (
            "import os\nos.environ.get('USER', '')\nhome = os.environ['HOME']\nall_of_it = dict(os.environ)\n"
        ),
        "cli/commands.py": "import json\n",
        "attic/trunk.py": "import json\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_each_step_up_is_seen(house: Path) -> None:
    steps = steps_up(house)

    assert steps == [
        "attic/trunk.py: no room attic in the plan of the house",
        "feeds/square.py line 2: feeds imports checks",
        "ledger/relative.py line 1: ledger imports sage50",
        "model/peek.py line 1: model imports config",
        "postings/whole.py line 1: postings imports stages",
        "sample/files.py line 1: sample imports config",
        "stages/close.py line 1: stages imports cli",
    ]


def test_each_import_of_airflow_is_seen(house: Path) -> None:
    found = airflow_in(house)

    assert found == [
        "sources/connections.py line 1: imports airflow",
        "sources/hidden.py line 3: imports airflow.sdk",
        "stages/close.py line 3: imports airflow.sdk",
    ]


def test_each_read_of_the_environment_is_seen(house: Path) -> None:
    found = environment_readers(house)

    assert found == [
        "checks/shy.py line 1: reads the environment",
        "cli/options.py line 3: reads HOME",
        "cli/options.py line 4: reads the environment",
        "config/load.py line 2: reads HOME",
    ]


def test_each_slow_import_at_the_top_is_seen(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import pandas as pd\ntry:\n    from pyarrow import csv\nexcept ImportError:\n    pass\n"
        "def task():\n    import great_expectations\n    import pandas\n"
        "if TYPE_CHECKING:\n    import pyarrow\n"
    )

    found = slow_at_the_top(tmp_path)

    assert found == ["slow.py line 1: imports pandas", "slow.py line 3: imports pyarrow.csv"]
