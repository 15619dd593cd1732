"""The benchmarks still measure, what they measure is right, and the page says what was measured."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"
sys.path.append(str(BENCH))  # its modules import each other as scripts do

import page  # noqa: E402
import results  # noqa: E402
import stages  # noqa: E402
import storage  # noqa: E402
from measure_all import PAGE, SIZING  # noqa: E402
from measuring import in_a_process, machine, measured, watch  # noqa: E402
from sizing import Measured, sizes  # noqa: E402

MACHINE = {"processor": "a processor", "cores": 2, "memory_gb": 8, "system": "Linux 6", "python": "3.11.7"}
PLACES = "".join(f"## {name}\n\nprose\n\n<!-- measured: {name} -->\nold\n<!-- /measured -->\n" for name in page.TABLES)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store of few receipts."""
    return stages.laid_out(tmp_path_factory.mktemp("bench"), 1, 20)


def test_every_stage_and_the_whole_run_are_measured_and_held_to_the_truth(chain: Path) -> None:
    for step in stages.STEPS:
        took = stages.STEP[step](chain)

        assert took["cpu"] > 0, step
        assert took["peak_mb"] > 50, step
    assert took["suites_cpu"] > took["docs_cpu"] > 0


def test_what_is_kept_of_a_store_day_is_counted(chain: Path) -> None:
    stages.STEP["run"](chain)

    kept = {row["what"]: row for row in storage.measure(chain.parent, 1)}

    landed = [file.stat().st_size for file in (chain / "sources").glob("*/*.csv")]
    assert kept["landing"]["bytes"] == sum(landed)
    assert kept["landing"]["files"] == kept["ledger"]["rows"]["files"] == len(landed)


def test_figures_of_a_wrong_result_are_refused(chain: Path, tmp_path: Path) -> None:
    wrong = shutil.copytree(chain, tmp_path / "chain")
    truth = wrong / "sources" / "truth.json"
    truth.write_text(truth.read_text().replace('"gross_minor": ', '"gross_minor": 1'))

    for step in ("floor", "run"):
        with pytest.raises(SystemExit, match="should be"):
            stages.STEP[step](wrong)


def test_a_step_runs_in_a_process_of_its_own(chain: Path) -> None:
    told = in_a_process(BENCH / "stages.py", ["--step", "floor", "--in", chain])

    assert told["files"] == len(list((chain / "sources").glob("*/*.csv")))
    assert told["import_cpu"] > 0


def test_a_plain_script_makes_the_same_sums(chain: Path) -> None:
    assert in_a_process(BENCH / "plain_pandas.py", ["--in", chain])["cpu"] > 0


def test_what_is_watched_counts_once_however_deep_it_goes() -> None:
    class Steps:
        @staticmethod
        def down(depth: int) -> int:
            return sum(range(200_000)) and Steps.down(depth - 1) if depth else 0

    with measured() as took:
        watch(took, "down", Steps, "down")
        watch(took, "missing", Steps, "is_not_there")
        Steps.down(5)

    assert 0 < took.parts["down"] <= took.cpu
    assert took.parts["missing"] == 0


def test_the_page_shows_what_was_measured_beside_what_was_before_and_keeps_its_prose() -> None:
    now, before = _part(1.0), _part(3.0)

    written = page.with_figures(PLACES, {"stages": now}, {"stages": before})

    assert "| check, before | 3.00 s | 30 s | 1.00 (1 to 10) |" in written
    assert "| check, now | 1.00 s | 10 s | 1.00 (1 to 10) |" in written
    assert "| processor time, now | 10.0 | 10.0 |" in written
    assert written.count("prose") == len(page.TABLES)
    assert written.count("old") == sum(part != "stages" for part, _ in page.TABLES.values())
    assert page.with_figures(written, {"stages": now}, {"stages": before}) == written


def test_a_table_without_a_place_is_an_error() -> None:
    with pytest.raises(LookupError, match="no place"):
        page.with_figures("# Benchmarks\n", {"stages": _part(1.0)}, {})


def test_the_page_has_a_place_for_every_table() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert all(f"<!-- measured: {name} -->" in text for name in page.TABLES)


def test_a_figure_measured_again_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    results.keep(tmp_path, "stages", [{"step": "run", "cpu": 1}, {"step": "floor", "cpu": 1}], ("step",))
    results.keep(tmp_path, "stages", [{"step": "run", "cpu": 2}], ("step",))

    rows = results.read_parts(tmp_path)["stages"]["rows"]
    assert sorted((row["step"], row["cpu"]) for row in rows) == [("floor", 1), ("run", 2)]


def test_what_it_was_measured_on_says_versions_and_never_the_machines_name() -> None:
    import socket

    said = machine()

    assert said["libraries"]["pandas"]
    assert socket.gethostname() not in str(said)


def _part(seconds: float) -> results.Part:
    rows = [
        {
            "stores": stores,
            "step": step,
            "cpu": stores * seconds * (0.1 if step == "floor" else 1) + 5,
            "clock": stores * seconds + 5,
            "import_cpu": 5,
            "import_clock": 5,
            "peak_mb": 100,
            "suites_cpu": stores * seconds / 2,
            "docs_cpu": stores * seconds / 4,
        }
        for stores in (1, 10)
        for step in page.STEPS
    ]
    return {"machine": {**MACHINE, "libraries": {"pandas": "3"}}, "date": "2026-11-29", "rows": rows}


def test_sizes_are_what_was_measured_times_what_there_is_of_it() -> None:
    measured = Measured(
        stores=1000,
        cpu=0.5,
        batch_cpu=0.01,
        peak_mb=400,
        kept={"landing": 800_000.0, "receipts": 200_000.0},
        ledger=20_000.0,
        rows=100.0,
        task_cpu=0.2,
        task_seconds=0.2,
        metadata=2_000.0,
        file_seconds=0.01,
        files=32,
    )

    tables = {name: "\n".join(lines) for name, lines in sizes(measured, [1_000]).items()}

    # 1,000 stores: 500 s, and 10 s of one batch; 20 tasks at 0.2 s; 514 s in all, one core within an hour
    assert "| collect, check, post | 0.500 s a store-day | 8 min |" in tables["work"]
    assert "| stage and deliver | 0.0100 s a store-day | 10 s |" in tables["work"]
    assert "| tasks of a morning | 50 stores a task | 20 |" in tables["work"]
    assert "| in all | processor time | 9 min |" in tables["work"]
    assert "| cores, to be done in an hour | all / 3,600 s, rounded up | 1 |" in tables["work"]
    # 1 MB a store-day, 1 GB a day, 365 GB a year
    assert "| in all | 1.0 MB a store-day | 365 GB |" in tables["storage a year"]
    assert "| rows a year | × 365 | 36.5 million |" in tables["database"]
    assert "| Airflow's database a year | 2.0 kB a task, 50 stores a task | 15 MB |" in tables["database"]
    # 32,000 files at 10 ms: 320 s
    assert "| one connection | 10.0 ms a file | 5 min |" in tables["fetching"]
    assert "| eight connections | / 8 | 40 s |" in tables["fetching"]


def test_the_sizing_page_has_a_place_for_every_table() -> None:
    text = SIZING.read_text(encoding="utf-8")

    for name in ("work", "storage a year", "database", "fetching"):
        assert page.put(text, name, ["| a table |"]).count("| a table |") == 1
