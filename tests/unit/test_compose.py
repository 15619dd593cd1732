"""docker-compose.yaml, its image and its .env, as far as that goes without an engine.

The file is taken apart rather than started: its shape, what waits for what, that every secret comes from .env,
that every setting, command and address is one that the installed Airflow and storeday know. The shell scripts
and the SFTP server are run for real.
"""

from __future__ import annotations

import graphlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from composed import (
    AIRFLOW,
    COMPOSE,
    DOCKERFILE,
    EXAMPLE,
    OURS,
    REFERENCE,
    ROOT,
    SERVICES,
    STEPS,
    VARIABLES,
    environment_of,
    filled,
    in_project,
    interpolated,
    read_env,
    strings,
    variables,
    without_airflow,
)
from cryptography.fernet import Fernet
from servers import ObjectStore
from sqlalchemy import make_url
from storeday.config.load import load_settings
from storeday.config.source import SftpSource

BIN = Path(sys.executable).parent
SECRET_NAME = re.compile(r"PASSWORD$|SECRET|_KEY|FERNET|TOKEN|REDISCLI_AUTH")


# --- The file's shape ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not find_spec("check_jsonschema"), reason="check-jsonschema, which brings the schema, is missing")
def test_the_compose_specification_has_nothing_against_it() -> None:
    import jsonschema

    (package,) = find_spec("check_jsonschema").submodule_search_locations  # type: ignore[union-attr, misc]
    schema = json.loads(Path(package, "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8"))
    wrong = [f"{e.json_path}: {e.message}" for e in jsonschema.Draft202012Validator(schema).iter_errors(COMPOSE)]
    assert not wrong


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_reads_it(env_file: Path) -> None:
    command = ["docker-compose", "--file", ROOT / "docker-compose.yaml", "--env-file", env_file, "config"]
    read = subprocess.run(command, cwd=env_file.parent, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    assert yaml.safe_load(read.stdout)["services"].keys() == SERVICES.keys()


def test_it_has_airflows_services_and_what_they_stand_on() -> None:
    roles = {" ".join(service["command"][:3]) for service in OURS.values()}
    assert {"airflow scheduler", "airflow dag-processor", "airflow triggerer", "airflow celery worker"} <= roles
    assert SERVICES.keys() >= {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "sftp"}
    assert SERVICES["postgres"]["image"].startswith("postgres:16.")
    assert SERVICES["redis"]["image"].startswith("redis:7.2.")
    assert environment_of("worker")["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "2"


def test_what_is_waited_for_can_come() -> None:
    order = graphlib.TopologicalSorter[str]()
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            order.add(name, other)
            if wait["condition"] == "service_healthy":
                assert SERVICES[other]["healthcheck"]["test"], f"{name} waits for {other}, which says nothing"
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] == "no", f"{name} waits for {other}, which never ends"
    list(order.static_order())  # raises where services wait for each other
    for name in AIRFLOW.keys() - {"init"}:
        assert SERVICES[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_that_runs_on_comes_back_and_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    if name == "init":
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert check["test"][0] == "CMD" or len(check["test"]) == 2
    assert _seconds(check["timeout"]) <= _seconds(check["interval"])
    assert _seconds(check["start_period"]) > 0
    assert check["retries"] >= 3


def test_volumes_are_declared_and_mounts_are_there() -> None:
    named = set()
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source, target, *mode = mount.split(":")
            assert target.startswith("/")
            if source.startswith("."):
                assert (ROOT / source).exists(), f"{source} is not there"
                assert mode == ["ro"], f"{source} can be written to from a container"
            else:
                named.add(source)
    assert named == COMPOSE["volumes"].keys()


def test_only_the_web_ui_is_published_and_only_on_this_machine() -> None:
    ports = {name: interpolated(port, filled()) for name, one in SERVICES.items() for port in one.get("ports", [])}
    assert ports == {"api-server": "127.0.0.1:8080:8080"}


def test_images_are_pinned_and_ours_is_made_once() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {service["image"] for service in OURS.values()} == {f"storeday:{version}"}
    for image in [*(s["image"] for s in SERVICES.values() if s not in OURS.values()), _base_image()]:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z-]+)?", image), f"{image} is not pinned to a release"
    # Two services that make one image race each other for its name.
    assert [name for name, service in SERVICES.items() if "build" in service] == ["init"]
    build = SERVICES["init"]["build"]
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()


# --- Secrets ------------------------------------------------------------------------------------------------------


def test_env_example_names_what_the_compose_file_takes_and_nothing_else() -> None:
    assert variables(COMPOSE) == VARIABLES.keys()


def test_env_example_holds_no_secret_and_says_how_to_make_one() -> None:
    assert {name: value for name, value in VARIABLES.items() if value} == {"AIRFLOW_PORT": "8080"}
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if line.endswith("=") and not line.startswith("#"):
            assert lines[number - 1].startswith("# $ "), f"{line} does not say how to make its value"
            assert re.match(r"# \w.*\.$", lines[number - 2]), f"{line} does not say what it is for"


def test_a_missing_secret_stops_compose_and_none_is_written_down() -> None:
    """A secret is a variable without default and nothing beside it, wherever it stands."""
    required = re.compile(r"\$\{\w+:\?[^}]+\}")
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            text = str(value)
            if SECRET_NAME.search(key) and not key.endswith("_FILE"):
                assert required.fullmatch(text), f"{name}: {key} is not a required variable"
            for password in re.findall(r"://[^:/@]*:(\S+)@|\"password\": \"(.*?)\"", text):
                assert required.fullmatch("".join(password)), f"{name}: {key} has a password written down"
    for text in strings(COMPOSE):
        for found in REFERENCE.finditer(text):
            assert found["how"] == ":?" or found["name"] == "AIRFLOW_PORT" or found[0] == "$$", text


def test_a_worker_knows_neither_the_metadata_database_nor_the_keys() -> None:
    worker, server = environment_of("worker"), environment_of("scheduler")
    for name in ("DATABASE__SQL_ALCHEMY_CONN", "CORE__FERNET_KEY", "API_AUTH__JWT_SECRET"):
        assert server[f"AIRFLOW__{name}"]
        assert f"AIRFLOW__{name}" not in worker
    assert variables(SERVICES["worker"]).isdisjoint({"AIRFLOW_DB_PASSWORD", "AIRFLOW_ADMIN_PASSWORD"})


@pytest.fixture(scope="module")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An .env as docker/make_env.sh makes it, by the commands in .env.example."""
    for program in ("openssl", "ssh-keygen"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    path = tmp_path_factory.mktemp("env") / ".env"
    subprocess.run(["sh", ROOT / "docker/make_env.sh", path], check=True)
    return path


@pytest.fixture(scope="module")
def env(env_file: Path) -> dict[str, str]:
    return read_env(env_file)


def test_make_env_makes_secrets_that_work(env: dict[str, str]) -> None:
    assert env.keys() == VARIABLES.keys()
    assert len(set(env.values())) == len(env)
    Fernet(env["AIRFLOW_FERNET_KEY"].encode())
    assert len(env["AIRFLOW_JWT_SECRET"]) >= 64  # HS512 wants as many
    for name, value in env.items():
        if name.endswith("PASSWORD"):
            assert re.fullmatch(r"[0-9a-f]{24,}", value), f"{name} can't stand in a URL, or can be guessed"
    for text in strings(COMPOSE):
        interpolated(text, env)


def test_make_env_keeps_its_file_to_its_owner_and_never_overwrites_it(env_file: Path) -> None:
    before = env_file.read_bytes()
    assert env_file.stat().st_mode & 0o777 == 0o600
    again = subprocess.run(["sh", ROOT / "docker/make_env.sh", env_file], capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert env_file.read_bytes() == before


# --- What Airflow and storeday make of it -------------------------------------------------------------------------

ASK_AIRFLOW = """
import json, sys
from importlib import import_module
asked = json.load(sys.stdin)
wrong = []
from airflow.configuration import conf
from airflow.providers_manager import ProvidersManager
ProvidersManager().initialize_providers_configuration()
known = {
    f"AIRFLOW__{section}__{option}".upper().replace(".", "_").replace("-", "_")
    for section, said in conf.configuration_description.items() for option in said["options"]
}
wrong += [f"{name} is no setting of this Airflow" for name in asked["settings"] if name not in known]
from airflow.cli import cli_parser
for words in asked["commands"]:
    try:
        cli_parser.get_parser().parse_args(words)
    except SystemExit:
        wrong.append("airflow does not know: airflow " + " ".join(words))
for name in asked["objects"]:
    module, _, attribute = name.rpartition(".")
    try:
        getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        wrong.append(f"{name}: {error}")
print(json.dumps(wrong))
"""


def test_airflow_knows_every_setting_command_and_class(tmp_path: Path, started: list[list[str]]) -> None:
    settings = {key for name in SERVICES for key in environment_of(name) if key.startswith("AIRFLOW__")}
    commands = [words[1:] for words in [*_commands(), *started] if words[0] == "airflow"]
    assert ["celery", "worker"] in commands
    assert ["db", "migrate"] in commands
    asked = {
        "settings": sorted(settings),
        "commands": commands,
        "objects": [
            environment_of("api-server")["AIRFLOW__CORE__AUTH_MANAGER"],
            "airflow.providers.celery.executors.celery_executor.CeleryExecutor",
            *(words[words.index("--app") + 1] for words in _commands() if words[0] == "celery"),
        ],
    }
    assert environment_of("worker")["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    answer = subprocess.run(
        [sys.executable, "-c", ASK_AIRFLOW],
        input=json.dumps(asked),
        env={**without_airflow(), "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1]) == []


def test_every_program_is_in_the_image(started: list[list[str]]) -> None:
    for words in [*_commands(), *started]:
        assert words[0] == "sh" or (BIN / words[0]).exists(), f"{words[0]} is not installed"
        if words[:2] == ["python", "-c"]:
            compile(words[2], words[2], "exec")
        if words[:2] == ["python", "-m"]:
            assert find_spec(words[2]), f"there is no module {words[2]}"
        if words[0] == "sh":
            script = in_project(words[1])
            assert script.is_file(), f"{words[1]} is not in the image"
            subprocess.run(["sh", "-n", script], check=True)


def test_storeday_knows_its_commands(started: list[list[str]]) -> None:
    from storeday.cli import app
    from typer.main import get_group

    ran = [words[1:] for words in started if words[0] == "storeday"]
    assert ["check-config"] in ran
    assert "sample" in [words[0] for words in ran]
    for command, *words in ran:
        get_group(app).commands[command].make_context(command, list(words))


def test_the_environment_is_the_one_storeday_reads() -> None:
    source = (ROOT / "include/storeday/config/environment.py").read_text(encoding="utf-8")
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", source))
    assert read >= {"STOREDAY_HOME", "STOREDAY_LEDGER"}
    for name in AIRFLOW:
        said = environment_of(name)
        assert {key for key in said if key.startswith("STOREDAY_")} == read, name
        assert in_project(said["STOREDAY_CONFIG"]) == ROOT / "include/config"
        assert in_project(said["STOREDAY_EXPECTATIONS"]) == ROOT / "include/expectations"
        assert in_project(said["AIRFLOW__CORE__DAGS_FOLDER"]) == ROOT / "dags"
        assert in_project(said["AIRFLOW__CORE__PLUGINS_FOLDER"]) == ROOT / "plugins"


def test_all_state_is_in_the_object_store_that_compose_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process that opens a workplace logs in to it as its root, over an address that its client makes rightly."""
    import boto3

    server = SERVICES["s3"]
    port = server["command"][server["command"].index("--port") + 1]
    region = server["command"][server["command"].index("--region") + 1]
    assert server["command"][-2:] == ["posix", server["volumes"][0].split(":")[1]]
    for name in AIRFLOW:
        said = environment_of(name)
        assert said["STOREDAY_HOME"].startswith("s3://")
        assert said["AWS_ENDPOINT_URL"] == f"http://s3{port}"
        assert said["AWS_DEFAULT_REGION"] == region
        assert said["AWS_ACCESS_KEY_ID"] == environment_of("s3")["ROOT_ACCESS_KEY"] == filled()["S3_ACCESS_KEY"]
        assert said["AWS_SECRET_ACCESS_KEY"] == environment_of("s3")["ROOT_SECRET_KEY"] == filled()["S3_SECRET_KEY"]
    assert SERVICES["init"]["depends_on"]["s3"]["condition"] == "service_healthy"  # it makes the bucket
    for key, value in environment_of("worker").items():
        if key.startswith("AWS_"):
            monkeypatch.setenv(key, value)
    bucket = urlsplit(environment_of("worker")["STOREDAY_HOME"]).netloc
    signed = boto3.client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    # By path: there is no host storeday.s3.
    assert signed.startswith(f"http://s3:7070/{bucket}/a?")


def test_the_events_of_lineage_are_a_file_of_a_volume_that_all_share() -> None:
    for name in AIRFLOW:
        transport = json.loads(environment_of(name)["AIRFLOW__OPENLINEAGE__TRANSPORT"])
        folder = str(Path(transport["log_file_path"]).parent)
        assert f"lineage:{folder}" in SERVICES[name]["volumes"]


def test_a_worker_that_died_is_noticed_by_both_sides_after_the_same_time() -> None:
    heartbeat = "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"
    assert {environment_of(name)[heartbeat] for name in AIRFLOW} == {"120"}
    # Longer than the API server may take to start again, by its own health check.
    check = SERVICES["api-server"]["healthcheck"]
    assert _seconds(check["start_period"]) <= 120


def test_addresses_are_services_ports_and_databases_that_are_there() -> None:
    worker, server = environment_of("worker"), environment_of("scheduler")
    databases = {
        "airflow": server["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"],
        "celery": worker["AIRFLOW__CELERY__RESULT_BACKEND"].removeprefix("db+"),
        "ledger": worker["STOREDAY_LEDGER"],
    }
    made = (ROOT / "docker/postgres_init.sh").read_text(encoding="utf-8")
    for name, text in databases.items():
        url = make_url(text)
        url.get_dialect().import_dbapi()  # the driver is installed
        assert (url.host, url.port) == ("postgres", 5432)
        assert (url.username, url.database) == (name, name)
        assert f"CREATE DATABASE {name} OWNER {name};" in made
        variable = f"{name.upper()}_DB_PASSWORD"
        assert url.password == filled()[variable] == environment_of("postgres")[variable]
        assert f"\\getenv {name}_password {variable}" in made
    broker = urlsplit(worker["AIRFLOW__CELERY__BROKER_URL"])
    assert (broker.scheme, broker.hostname, broker.port) == ("redis", "redis", 6379)
    assert broker.password == filled()["REDIS_PASSWORD"]
    assert interpolated(SERVICES["redis"]["command"][-1], filled()) == broker.password
    # Airflow fails every task where these three do not agree.
    execution = urlsplit(worker["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"])
    assert (execution.hostname, execution.port, execution.path) == ("api-server", 8080, "/execution/")
    assert interpolated(SERVICES["api-server"]["ports"][0], filled()).endswith(":8080")
    assert worker["AIRFLOW__API__BASE_URL"] == "http://localhost:8080"
    assert json.loads(worker["AIRFLOW__OPENLINEAGE__TRANSPORT"])["type"] == "file"


def test_every_sample_store_has_its_connection_with_the_servers_key(env: dict[str, str]) -> None:
    from airflow.sdk import Connection

    settings = load_settings(ROOT / "include/config")
    wanted = {s.source.connection: s.code for s in settings.stores() if isinstance(s.source, SftpSource)}
    worker = environment_of("worker", env)
    given = {name: value for name, value in worker.items() if name.startswith("AIRFLOW_CONN_")}
    assert given.keys() == {f"AIRFLOW_CONN_{name.upper()}" for name in wanted}
    for name, store in wanted.items():
        connection = Connection.from_json(given[f"AIRFLOW_CONN_{name.upper()}"], conn_id=name)
        assert connection.conn_type == "sftp"
        assert (connection.host, connection.port) == ("sftp", int(SERVICES["sftp"]["command"][-1]))
        assert connection.login == store.lower()
        assert connection.password == env["SFTP_PASSWORD"]
        assert connection.extra_dejson == {"host_key": env["SFTP_HOST_KEY"]}


# --- The scripts --------------------------------------------------------------------------------------------------

STAND_IN = f"""#!{sys.executable}
import json, os, runpy, sys
from pathlib import Path
name, words = Path(sys.argv[0]).name, sys.argv[1:]
with open(os.environ["STARTED"], "a") as file:
    file.write(json.dumps([name, *words]) + "\\n")
if words[:1] == ["-c"]:
    exec(words[1])
if "--out" in words:
    Path(words[words.index("--out") + 1]).mkdir(parents=True)
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> list[list[str]]:
    """What the services' scripts start: run for real, with stand-ins for the programs that they call."""
    folder = tmp_path_factory.mktemp("scripts")
    log = folder / "started"
    for program in ("airflow", "storeday", "python"):
        (folder / program).write_text(STAND_IN, encoding="utf-8")
        (folder / program).chmod(0o755)
    passwords = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
    for name, service in OURS.items():
        if service["command"][0] == "sh":
            words = ["sh", str(in_project(service["command"][1])), *service["command"][2:]]
            words = [str(folder / "sample") if word.startswith("/var/lib/") else word for word in words]
            said = {**environment_of(name, env), passwords: str(folder / "passwords.json"), "STARTED": str(log)}
            path = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(folder)}
            subprocess.run(words, env={**without_airflow(), **said, **path}, check=True)
    users = environment_of("api-server")["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
    assert json.loads((folder / "passwords.json").read_text()) == {users.split(":")[0]: env["AIRFLOW_ADMIN_PASSWORD"]}
    assert (folder / "passwords.json").stat().st_mode & 0o777 == 0o600
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_init_checks_the_settings_makes_the_bucket_and_migrates(started: list[list[str]]) -> None:
    settings, bucket, database = started[:3]
    assert settings == ["storeday", "check-config"]
    assert bucket == ["python", str(ROOT / "docker/make_bucket.py"), "s3://storeday"]
    assert database == ["airflow", "db", "migrate"]


def test_the_bucket_is_made_once_and_found_again(session_bucket: ObjectStore) -> None:
    import boto3

    command = [sys.executable, ROOT / "docker/make_bucket.py", "s3://of-compose"]
    said = session_bucket.environment
    for _ in range(2):
        subprocess.run(command, env={**without_airflow(), **said}, check=True)
    keys = {"aws_access_key_id": said["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": said["AWS_SECRET_ACCESS_KEY"]}
    client = boto3.client("s3", endpoint_url=session_bucket.endpoint, region_name=said["AWS_DEFAULT_REGION"], **keys)
    assert "of-compose" in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]


@pytest.mark.live
def test_the_sftp_service_serves_the_sample_stores_to_the_workers(env: dict[str, str], tmp_path: Path) -> None:
    """docker/sftp.sh for real, asked by the service's own health check and through a worker's connection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script, _, inside = SERVICES["sftp"]["command"][1:]
    path = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    check = [word.replace(inside, port) for word in SERVICES["sftp"]["healthcheck"]["test"][1:]]
    server = subprocess.Popen(
        ["sh", in_project(script), tmp_path / "sample", port],
        env={**without_airflow(), **environment_of("sftp", env), **path},
    )
    try:
        deadline = time.monotonic() + 60
        while subprocess.run([BIN / check[0], *check[1:]], stderr=subprocess.DEVNULL, check=False).returncode:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)
        worker = environment_of("worker", env)
        said = json.loads(worker["AIRFLOW_CONN_POS_S02"]) | {"host": "127.0.0.1", "port": int(port)}
        answer = subprocess.run(
            [sys.executable, "-c", ASK_SFTP, tmp_path / "names.json"],
            env={
                **without_airflow(),
                "AIRFLOW_HOME": str(tmp_path / "airflow"),
                "AIRFLOW_CONN_POS_S02": json.dumps(said),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        names = json.loads((tmp_path / "names.json").read_text())
        assert len(names) > 7 * 2
        assert all(name.startswith("S02_") for name in names)
    finally:
        server.terminate()
        server.wait(timeout=20)


ASK_SFTP = """
import json, sys
from pathlib import Path
from storeday.sources.sftp import Sftp
with Sftp("pos_s02", ".").open() as opened:
    Path(sys.argv[1]).write_text(json.dumps([file.name for file in opened.listing()]))
"""


# --- The image ----------------------------------------------------------------------------------------------------


def test_the_image_is_installed_from_the_files_that_make_installs_from() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    ran = [words for step, words in STEPS if step == "RUN"]
    for needed in ("--requirement requirements.txt", "--no-deps --editable ."):
        assert sum(needed in words for words in ran) == 1, f"not installed once: {needed}"
        assert re.search(rf"pip install .*{re.escape(needed)}", makefile), f"make does not install {needed}"
    for words in ran:
        for command in re.findall(r"pip install ([^&]*)", words):
            assert "requirements.txt" in command or "--no-deps" in command, f"unpinned: {command}"
    python = re.fullmatch(r"python:(\d+\.\d+)\..*", _base_image())
    assert python
    assert python[1] in {"3.11", "3.12", "3.13"}  # what requirements.txt is resolved for


def test_what_the_image_copies_is_there_and_reaches_the_build() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignore if line and not line.startswith("#")]
    assert rules[0] == "*"  # nothing that is not named: .env above all
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = set()
    for words in (words for step, words in STEPS if step == "COPY"):
        *sources, target = words.split()
        for source in sources:
            assert (ROOT / source).exists(), f"{source} is not there"
            assert target in {"./", source}  # below WORKDIR as it lies here
            copied.add(source.rstrip("/"))
    assert copied == let_in
    assert not any(fnmatch(".env", name) for name in let_in)


def test_the_image_runs_as_a_user_of_its_own_and_its_volumes_are_theirs() -> None:
    users = [words for step, words in STEPS if step == "USER"]
    assert users
    assert users[-1] not in {"root", "0"}
    assert STEPS[-1][0] == "USER"
    made = next(words for step, words in STEPS if step == "RUN" and "install --directory" in words)
    assert f"useradd --uid 50000 --create-home {users[-1]}" in made
    owned = set(made.partition(f"--owner={users[-1]}")[2].split())
    for service in OURS.values():
        for mount in service["volumes"]:
            source, target = mount.split(":")[:2]
            assert source.startswith(".") or target in owned, f"{target} can't be written to"
    home = re.search(r"AIRFLOW_HOME=(\S+)", DOCKERFILE)
    assert home
    assert home[1] in owned


def test_the_image_holds_no_secret() -> None:
    for step, words in STEPS:
        assert step in {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER"}  # no ARG to leak one, no ADD from elsewhere
        assert not SECRET_NAME.search(words), words


def _base_image() -> str:
    (image,) = [words for step, words in STEPS if step == "FROM"]
    return image


def _commands() -> list[list[str]]:
    """What services run and check themselves with, as words. A check through the shell is one simple command."""
    checks = [service["healthcheck"]["test"] for service in OURS.values() if "healthcheck" in service]
    said = [service["command"] for service in OURS.values()]
    said += [test[1:] if test[0] == "CMD" else shlex.split(test[1].replace("$$", "$")) for test in checks]
    return [[str(word) for word in words] for words in said]


def _seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60}[unit]
