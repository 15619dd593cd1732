"""The settings of an Airflow in a folder of its own: its `airflow.cfg`, its secrets and its processes' environment."""

from __future__ import annotations

import json
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import asdict, dataclass
from pathlib import Path

USER, READER = "admin", "reader"
"""The logins of the web UI: one that may do everything, and one that may look (Airflow's roles admin and viewer)."""


@dataclass(frozen=True)
class Secrets:
    """What an Airflow keeps to itself: the logins' passwords and the keys that sign and encrypt."""

    password: str
    reader_password: str
    fernet_key: str
    jwt_secret: str
    secret_key: str


def secrets_of(home: Path) -> Secrets:
    """The secrets of the Airflow in this folder: made on first use, then kept, readable by their owner alone."""
    kept = home / "secrets.json"
    if not kept.exists():
        made = Secrets(
            password=secrets.token_urlsafe(9),
            reader_password=secrets.token_urlsafe(9),
            fernet_key=urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            jwt_secret=secrets.token_urlsafe(64),
            secret_key=secrets.token_urlsafe(32),
        )
        write_private(kept, json.dumps(asdict(made)))
    said = json.loads(kept.read_text(encoding="utf-8"))
    said.setdefault("reader_password", said["password"][::-1])  # a folder from before there was a reader
    return Secrets(**said)


def write_settings(
    home: Path, *, dags: Path, plugins: Path, port: int, log_server_port: int, parallelism: int, on_schedule: bool
) -> None:
    """Write `airflow.cfg` and the password file that it names."""
    ours = secrets_of(home)
    write_private(_passwords(home), json.dumps({USER: ours.password, READER: ours.reader_password}))
    cfg = ConfigParser(interpolation=None)
    cfg.read_dict(_core(home, dags, plugins, f"http://127.0.0.1:{port}", ours, parallelism))
    cfg.read_dict(_servers(home, port, log_server_port, ours, on_schedule))
    lines = ["# Written by storeday.demo at each start; change it there."]
    for section in cfg.sections():
        lines.append(f"\n[{section}]")
        lines += [f"{key} = {value.replace('%', '%%')}" for key, value in cfg.items(section)]
    write_private(home / "airflow.cfg", "\n".join(lines) + "\n")


def environment_of(home: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of its processes: the caller's without any Airflow of theirs, and what was given.

    No proxy stands between them, colours stay out of the logs, and `python` means this Python.
    """
    callers = {key: value for key, value in os.environ.items() if not key.lstrip("_").startswith("AIRFLOW")}
    path = os.pathsep.join([str(Path(sys.executable).parent), callers.get("PATH", os.defpath)])
    direct = ",".join(filter(None, ["127.0.0.1,localhost", callers.get("NO_PROXY") or callers.get("no_proxy")]))
    ours = {"AIRFLOW_HOME": str(home), "PATH": path, "NO_PROXY": direct, "no_proxy": direct, "NO_COLOR": "1"}
    return callers | ours | dict(given)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: aside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _core(
    home: Path, dags: Path, plugins: Path, url: str, ours: Secrets, parallelism: int
) -> dict[str, dict[str, object]]:
    core = {
        "dags_folder": dags,
        "plugins_folder": plugins,
        "load_examples": False,
        "executor": "LocalExecutor",
        "parallelism": parallelism,
        "hostname_callable": "socket.gethostname",  # no DNS
        "execution_api_server_url": f"{url}/execution/",  # must agree with [api] or every task fails
        "fernet_key": ours.fernet_key,
        "auth_manager": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "simple_auth_manager_users": f"{USER}:admin,{READER}:viewer",
        "simple_auth_manager_passwords_file": _passwords(home),
    }
    logging = {
        "base_log_folder": home / "logs",
        "dag_processor_child_process_log_directory": home / "logs" / "dag_processor",
        "colored_console_log": False,
        "uvicorn_logging_level": "WARNING",
    }
    return {"core": core, "logging": logging, "usage_data_collection": {"enabled": False}}


def _servers(
    home: Path, port: int, log_server_port: int, ours: Secrets, on_schedule: bool
) -> dict[str, dict[str, object]]:
    lineage = {"type": "file", "log_file_path": str(home / "lineage.jsonl"), "append": True}
    return {
        # SQLite has one writer at a time: on a busy machine the others wait for it rather than fail after 5 s.
        "database": {"sql_alchemy_conn": f"sqlite:///{home / 'airflow.db'}?timeout=60"},
        "api": {
            "host": "127.0.0.1",
            "port": port,
            "base_url": f"http://127.0.0.1:{port}",
            "secret_key": ours.secret_key,
        },
        "api_auth": {"jwt_secret": ours.jwt_secret},
        "logging": {"worker_log_server_port": log_server_port},
        "scheduler": {"use_job_schedule": on_schedule, "scheduler_idle_sleep_time": 0.3},
        # A task that ended between two looks of its supervisor is noticed after the first of these (default 5 s).
        "workers": {"min_heartbeat_interval": 1, "execution_api_timeout": 60},
        # In a thread: by default every event forks the task's process once more.
        "openlineage": {"namespace": "storeday", "transport": json.dumps(lineage), "execute_in_thread": True},
    }


def _passwords(home: Path) -> Path:
    return home / "passwords.json"
