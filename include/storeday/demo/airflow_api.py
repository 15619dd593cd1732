"""What the demo and the live tests ask of Airflow over its REST interface: backfill days, see what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from types import TracebackType
from typing import Any

import httpx

from storeday.demo.airflow_answers import (
    AirflowRefused,
    AssetEvent,
    Reprocess,
    Run,
    TaskInstance,
    backfill_of,
    json_of,
    lines_of,
    path_of,
    run_of,
)
from storeday.demo.patient_transport import PatientTransport

__all__ = ["AirflowApi", "AirflowRefused", "AssetEvent", "Reprocess", "Run", "TaskInstance"]

PAGE = 100


class AirflowApi:
    """A client of one Airflow, logged in as one user; a context manager.

    Every method raises AirflowRefused with Airflow's own words, and httpx.HTTPError when it can't be reached.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        patient = PatientTransport(httpx.HTTPTransport(trust_env=False))
        self._http = httpx.Client(base_url=url, timeout=120, trust_env=False, transport=patient)
        token = self._ask("POST", "/auth/token", {"username": user, "password": password})["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> AirflowApi:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def import_errors(self) -> dict[str, str]:
        """The DAG files that do not load: file name to traceback."""
        return {each["filename"]: each["stack_trace"] for each in self._all("importErrors", "import_errors")}

    def wait_for_dag(self, dag_id: str, *, timeout_seconds: float = 120) -> None:
        """Wait until the DAG processor has read this DAG.

        Raises: AirflowRefused with the import errors when a file does not load, or with the DAGs there are.
        """
        deadline = time.monotonic() + timeout_seconds
        patience = time.monotonic() + 10  # an error of the last start stays until the file has been read again
        while dag_id not in (there := {each["dag_id"] for each in self._all("dags", "dags")}):
            if time.monotonic() > patience and (broken := self.import_errors()):
                raise AirflowRefused("\n".join(f"{file} does not load:\n{why}" for file, why in broken.items()))
            if time.monotonic() > deadline:
                names = ", ".join(sorted(there)) or "none"
                raise AirflowRefused(f"No DAG {dag_id!r} within {timeout_seconds:.0f} s; the DAGs there are: {names}.")
            time.sleep(0.25)

    def task_ids(self, dag_id: str) -> set[str]:
        """The tasks that the DAG has as it was last read."""
        return {each["task_id"] for each in self._ask("GET", f"/api/v2/dags/{dag_id}/tasks")["tasks"]}

    def unpause(self, dag_id: str) -> None:
        """Let the DAG's runs start: a new DAG is paused, and its backfill waits with it."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def trigger(self, dag_id: str, *, day: date | None = None, **form: object) -> Run:
        """Start one run by hand, of a trading day where the DAG is partitioned by day; ``form`` fills in its form."""
        body = {"logical_date": None, "partition_key": day and day.isoformat(), "conf": form}
        return run_of(self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", body))

    def days_torun_of(self, dag_id: str, first: date, last: date, *, reprocess: Reprocess = "none") -> list[str]:
        """The days that a backfill over this range would run, both ends counted; nothing is started."""
        answer = self._ask("POST", "/api/v2/backfills/dry_run", backfill_of(dag_id, first, last, reprocess))
        return [each["partition_key"] for each in answer["backfills"]]

    def wait_until_no_backfill_is_open(self, dag_id: str, *, timeout_seconds: float = 120) -> None:
        """Wait until the scheduler has closed every backfill of a DAG: until then it takes no other.

        Raises: AirflowRefused when the time is up.
        """
        deadline = time.monotonic() + timeout_seconds
        while open_ones := [
            each["id"] for each in self._all("backfills", "backfills", dag_id=dag_id) if not each["completed_at"]
        ]:
            if time.monotonic() > deadline:
                raise AirflowRefused(f"backfills {open_ones} of {dag_id} were not closed in {timeout_seconds:.0f} s")
            time.sleep(1)

    def backfill(
        self,
        dag_id: str,
        first: date,
        last: date,
        *,
        reprocess: Reprocess = "none",
        max_active_runs: int = 4,
        timeout_seconds: float = 120,
    ) -> list[Run]:
        """Backfill a range of trading days, both ends counted, and return the runs that were made for it.

        None are made for days that have a run already, unless `reprocess` says so; days skipped can't be
        told from the list. While an earlier backfill of the DAG isn't closed (the scheduler does it every
        30 s) this waits.
        """
        before = {run.run_id for run in self.runs(dag_id)}
        if not self.days_torun_of(dag_id, first, last, reprocess=reprocess):
            return []  # an empty backfill would only be in the next one's way
        body = backfill_of(dag_id, first, last, reprocess) | {"max_active_runs": max_active_runs}
        deadline = time.monotonic() + timeout_seconds
        while (answer := self._http.post("/api/v2/backfills", json=body)).status_code == httpx.codes.CONFLICT:
            if time.monotonic() > deadline:
                break
            time.sleep(1)
        json_of(answer)
        return [run for run in self.runs(dag_id) if run.run_id not in before]

    def runs(self, dag_id: str) -> list[Run]:
        """Every run of the DAG, the oldest first."""
        return [run_of(each) for each in self._all(f"dags/{dag_id}/dagRuns", "dag_runs", order_by="id")]

    def tasks(self, run: Run) -> list[TaskInstance]:
        """Every task of the run, mapped ones once an index."""
        return [
            TaskInstance(
                run=run,
                task_id=each["task_id"],
                map_index=each["map_index"],
                label=each["rendered_map_index"],
                state=each["state"],
                try_number=each["try_number"],
                pid=each["pid"],
            )
            for each in self._all(f"{path_of(run)}/taskInstances", "task_instances", order_by="map_index")
        ]

    def clear(self, task: TaskInstance) -> None:
        """Have a task and all that come after it run again, as the web UI's button does."""
        one = [task.task_id, task.map_index] if task.map_index >= 0 else task.task_id
        body = {"dry_run": False, "dag_run_id": task.run.run_id, "task_ids": [one], "include_downstream": True}
        self._ask("POST", f"/api/v2/dags/{task.run.dag_id}/clearTaskInstances", body | {"only_failed": False})

    def log_of(self, task: TaskInstance) -> str:
        """The log of a task's last try, a line an event and a line an exception; says why a test failed."""
        path = f"/api/v2/{path_of(task.run)}/taskInstances/{task.task_id}/logs/{max(task.try_number, 1)}"
        answer = self._ask("GET", f"{path}?map_index={task.map_index}&full_content=true")
        return "\n".join(line for each in answer["content"] for line in lines_of(each))

    def asset_events(self) -> list[AssetEvent]:
        """Every event of every asset, oldest first."""
        return [
            AssetEvent(each["name"], each["source_task_id"], each["partition_key"], each["extra"])
            for each in self._all("assets/events", "asset_events", order_by="timestamp")
        ]

    def asset_id(self, asset: str) -> int:
        """The number that Airflow knows an asset by."""
        [found] = [each["id"] for each in self._all("assets", "assets") if each["name"] == asset]
        return int(found)

    def asset_graph(self, asset: str) -> set[tuple[str, str]]:
        """Who makes and who reads: the arrows of the picture that the web UI draws of an asset, by name."""
        node = f"asset:{self.asset_id(asset)}"
        answer = self._http.get("/ui/dependencies", params={"node_id": node, "dependency_type": "data"})
        graph = json_of(answer)
        names = {node["id"]: node["label"] for node in graph["nodes"]}
        return {(names[edge["source_id"]], names[edge["target_id"]]) for edge in graph["edges"]}

    def wait_for_task(
        self, run: Run, task_id: str, label: str, state: str, *, timeout_seconds: float = 300
    ) -> TaskInstance:
        """Wait until a mapped task is in a state, awaiting_input say.

        Raises: AirflowRefused when the run ends before or the time is up, with the task's log.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            [now] = [each for each in self.runs(run.dag_id) if each.run_id == run.run_id]
            found = [task for task in self.tasks(run) if (task.task_id, task.label) == (task_id, label)]
            if found and found[0].state == state:
                return found[0]
            if now.is_finished or time.monotonic() > deadline:
                said = f"{found[0].state}:\n{self.log_of(found[0])}" if found else "not there"
                raise AirflowRefused(f"{run.run_id} is {now.state}, and {task_id} {label} is not {state} but {said}")
            time.sleep(0.5)

    def pool(self, name: str) -> dict[str, Any]:
        """A pool: its slots, and how many are taken."""
        return self._ask("GET", f"/api/v2/pools/{name}")

    def links_of(self, task: TaskInstance) -> dict[str, str | None]:
        """The buttons of a task: name to address."""
        path = f"/api/v2/{path_of(task.run)}/taskInstances/{task.task_id}/links?map_index={task.map_index}"
        links: dict[str, str | None] = self._ask("GET", path)["extra_links"]
        return links

    def question_of(self, task: TaskInstance) -> dict[str, Any]:
        """What a task that waits for a person asks: subject, body, options, and the fields of its form."""
        return self._ask(
            "GET", f"/api/v2/{path_of(task.run)}/taskInstances/{task.task_id}/{task.map_index}/hitlDetails"
        )

    def answer(self, task: TaskInstance, option: str, **fields: str | None) -> None:
        """Answer a task that waits for a person, as the logged-in user."""
        path = f"/api/v2/{path_of(task.run)}/taskInstances/{task.task_id}/{task.map_index}/hitlDetails"
        self._ask("PATCH", path, {"chosen_options": [option], "params_input": fields})

    def wait_for_runs(
        self, runs: Sequence[Run], *, on_progress: Callable[[Sequence[Run]], None], timeout_seconds: float = 600
    ) -> list[Run]:
        """Wait until these runs of one DAG are finished, and return them as they ended.

        Parameters: on_progress is called at each look, about one a second, with the runs as they are then;
        what it raises ends the wait.
        Raises: AirflowRefused when the time is up, naming the runs that are still going.
        """
        deadline = time.monotonic() + timeout_seconds
        wanted = {run.run_id for run in runs}
        while True:
            now = [run for dag_id in sorted({each.dag_id for each in runs}) for run in self.runs(dag_id)]
            now = [run for run in now if run.run_id in wanted]
            on_progress(now)
            going = [run for run in now if not run.is_finished]
            if not going:
                return now
            if time.monotonic() > deadline:
                names = ", ".join(f"{run.run_id} ({run.state})" for run in going)
                raise AirflowRefused(f"Not finished after {timeout_seconds:.0f} s: {names}.")
            time.sleep(1)

    def _all(self, path: str, key: str, **params: str) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            answer = self._http.get(f"/api/v2/{path}", params={**params, "limit": PAGE, "offset": seen})
            page = json_of(answer)[key]
            yield from page
            seen += len(page)
            if len(page) < PAGE:
                return

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return json_of(self._http.request(method, path, json=body))
