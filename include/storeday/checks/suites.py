"""Great Expectations at work: the suites of include/expectations run over a store-day's frames.

One suite a frame, as a JSON file that a data engineer edits. What an expectation means to a shop manager
stands in its ``meta``: ``check`` (the sentence), ``unit`` (what is counted), ``amount`` (the column that
says how far out), ``what_now``, ``ends_by`` (what a person may do about it; release where it is not said).
A rule that crashed is an error of ours and never bad data.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from storeday.checks.frames import NOT_ALWAYS, Frames
from storeday.model.errors import SettingsError, StoredayError
from storeday.model.storage import replace_folder
from storeday.model.store_day import Ends


class CheckCrashed(StoredayError):
    """A rule could not be evaluated: ours to mend. The store-day is neither held nor let through."""


@dataclass(frozen=True)
class Finding:
    """What one expectation found wrong."""

    frame: str
    column: str | None  # None: the rule is about the whole frame
    meta: dict[str, Any]
    is_warning: bool
    rows: tuple[int, ...]  # of the frame
    of: int


@dataclass(frozen=True)
class Asserted:
    """One expectation that was held against a frame, and whether it was met."""

    frame: str
    column: str | None
    rule: str  # Great Expectations' name
    check: str
    is_warning: bool
    is_met: bool


@dataclass(frozen=True)
class Held:
    """What the suites came to: every expectation that was held against a frame, and what those not met found."""

    asserted: tuple[Asserted, ...]
    findings: tuple[Finding, ...]


ENDS_OF_COLUMNS: Final = {
    Ends.GAP: ("missing_receipts", "missing_z"),
    Ends.VERSION: ("versions",),
}
"""Columns whose findings a person can accept piece by piece."""

Suites = dict[str, list[dict[str, Any]]]


def read_suites(folder: Path) -> Suites:
    """The suites by frame. Raises: SettingsError naming the file that can't be read."""
    problems: list[str] = []
    suites: Suites = {}
    for file in sorted(folder.glob("*.json")):
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            suites[said["name"]] = list(said["expectations"])
            problems += [f"{file.name}: {fault}" for rule in said["expectations"] for fault in _faults(rule)]
        except (ValueError, KeyError, TypeError, OSError) as error:
            problems.append(f"{file.name}: not a suite of expectations ({error})")
    if not suites and not problems:
        problems.append(f"{folder}: no suite here; set STOREDAY_EXPECTATIONS to the folder of suites")
    if problems:
        raise SettingsError(problems)
    return suites


def _faults(rule: dict[str, Any]) -> list[str]:
    ends, column = rule.get("meta", {}).get("ends_by", Ends.RELEASE), rule.get("kwargs", {}).get("column")
    if ends not in list(Ends):
        return [f"ends_by: {ends!r} is none of {', '.join(Ends)}"]
    if ends in ENDS_OF_COLUMNS and column not in ENDS_OF_COLUMNS[ends]:
        return [f"ends_by: {ends} is for the columns {', '.join(ENDS_OF_COLUMNS[ends])}, not for {column}"]
    return []


def digest_of(suites: Suites) -> str:
    """SHA-256 of what the suites say."""
    return hashlib.sha256(json.dumps(suites, sort_keys=True).encode()).hexdigest()


def run_suites(frames: Frames, suites: Suites, parameters: dict[str, int], docs_url: str | None) -> Held:
    """Validate every frame that has a suite; write Data Docs to ``docs_url`` unless it is None.

    Raises: CheckCrashed where a rule could not be evaluated.
    """
    with tempfile.TemporaryDirectory(prefix="storeday-docs-") as folder:
        context = _context(Path(folder) / "site")
        # One asset for all frames: the context writes itself down anew with each that is added.
        asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("store_day")
        batches = asset.add_batch_definition_whole_dataframe("whole")
        held = [
            _validated(context, batches, name, frame, suites[name], parameters)
            for name, frame in frames.items()
            if name in suites
        ]
        if docs_url is not None:
            context.build_data_docs()
            replace_folder(Path(folder) / "site", docs_url)
    return Held(
        asserted=tuple(each for one in held for each in one.asserted),
        findings=tuple(each for one in held for each in one.findings),
    )


def _context(site: Path) -> Any:
    """A context in memory with one Data Docs site; left alone it would make a second one and build both."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False))
    context: Any = gx.get_context(project_config=config, mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    context.add_data_docs_site("store_day", _site(site))
    return context


def _validated(
    context: Any, batches: Any, name: str, frame: pd.DataFrame, said: list[dict[str, Any]], parameters: dict[str, int]
) -> Held:
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    there = [e for e in said if _has_column(name, e["kwargs"].get("column"), frame)]
    try:
        expectations = [ExpectationConfiguration(**expectation).to_domain_obj() for expectation in there]
        suite = context.suites.add(gx.ExpectationSuite(name, expectations=expectations))
        definition = gx.ValidationDefinition(name=name, data=batches, suite=suite)
        result = context.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frame}, expectation_parameters=parameters, result_format="BASIC"
        )
    except Exception as error:
        raise CheckCrashed(f"suite {name} could not be run: {error}") from error
    batch = batches.get_batch(batch_parameters={"dataframe": frame})
    asserted, found = [], []
    for one in result.results:
        _refuse_crash(name, one)
        asserted.append(_asserted(name, one))
        if not one.success:
            found.append(_finding(asserted[-1], one, _failing_rows(batch, one, parameters), len(frame)))
    return Held(tuple(asserted), tuple(found))


def _has_column(name: str, column: str | None, frame: pd.DataFrame) -> bool:
    """Whether a rule can be run: not where its column is one that the store's feed does not guarantee.

    Raises: CheckCrashed for a column that no frame of this name ever has.
    """
    if column is None or column in frame.columns:
        return True
    if column in NOT_ALWAYS.get(name, ()):
        return False
    raise CheckCrashed(f"suite {name} asks for a column {column!r}; there are {', '.join(map(str, frame.columns))}")


def _failing_rows(batch: Any, one: Any, parameters: dict[str, int]) -> tuple[int, ...]:
    """All rows that failed: asked for only once something did, since it is slow on a long frame."""
    shown = one.result.get("partial_unexpected_index_list")
    if shown is not None and one.result.get("unexpected_count") == len(shown):
        return tuple(int(row) for row in shown)
    again = batch.validate(
        one.expectation_config.to_domain_obj(), result_format="COMPLETE", expectation_parameters=parameters
    )
    return tuple(int(row) for row in again.result.get("unexpected_index_list") or ())


def _asserted(name: str, one: Any) -> Asserted:
    config = one.expectation_config
    column = config.kwargs.get("column")
    check = (config.meta or {}).get("check", f"{config.type} on {name}.{column or ''}")
    is_warning = str(config.severity).lower().endswith("warning")
    return Asserted(name, column, config.type, check, is_warning, is_met=bool(one.success))


def _finding(asserted: Asserted, one: Any, rows: tuple[int, ...], of: int) -> Finding:
    meta = {"unit": "rows", **(one.expectation_config.meta or {}), "check": asserted.check}
    return Finding(asserted.frame, asserted.column, meta, is_warning=asserted.is_warning, rows=rows, of=of)


def _refuse_crash(name: str, one: Any) -> None:
    """Great Expectations reports a rule that raised like bad data; its exception_info is flat or nested."""
    said = one.exception_info or {}
    nested = [said, *(part for part in said.values() if isinstance(part, dict))]
    for part in nested:
        if part.get("raised_exception"):
            kind = one.expectation_config.type
            raise CheckCrashed(f"rule {kind} of suite {name} crashed: {part.get('exception_message')}")


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": _view("IndexPage")},
        # Results only: the suites are in their files.
        "site_section_builders": {
            "expectations": "None",
            "profiling": "None",
            "validations": {"view": _view("Page")},
        },
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
    }


def _view(name: str) -> dict[str, str]:
    return {"module_name": "storeday.checks.pages", "class_name": name}
