"""Great Expectations at work: the suites held against frames.

The one room of the package that needs Great Expectations, which takes seconds to import: it is imported here, at the
moment it is first needed.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from storeday.checks.frames import NOT_ALWAYS, Frames
from storeday.checks.suites import Asserted, CheckCrashed, Finding, Held, Suites


def run_suites(frames: Frames, suites: Suites, parameters: dict[str, int]) -> Held:
    """Validate every frame that has a suite.

    Raises: CheckCrashed where a rule could not be evaluated.
    """
    batches = _batches()
    held, results = [], {}
    for name, frame in frames.items():
        if name in suites:
            one, results[name] = _validated(batches, name, frame, suites[name], parameters)
            held.append(one)
    return Held(
        asserted=tuple(each for one in held for each in one.asserted),
        findings=tuple(each for one in held for each in one.findings),
        results=results,
    )


def _batches() -> Any:
    """What frames are handed to Great Expectations through; its context is in memory and has no Data Docs of its own.

    One asset for all frames: the context writes itself down anew with each that is added.
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False))
    context: Any = gx.get_context(project_config=config, mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("store_day")
    return asset.add_batch_definition_whole_dataframe("whole")


def _validated(
    batches: Any, name: str, frame: pd.DataFrame, said: list[dict[str, Any]], parameters: dict[str, int]
) -> tuple[Held, Any]:
    """What a frame's suite came to, and Great Expectations' own result."""
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    there = [e for e in said if _has_column(name, e["kwargs"].get("column"), frame)]
    try:
        expectations = [ExpectationConfiguration(**expectation).to_domain_obj() for expectation in there]
        batch = batches.get_batch(batch_parameters={"dataframe": frame})
        result = batch.validate(
            gx.ExpectationSuite(name, expectations=expectations),
            expectation_parameters=parameters,
            result_format="BASIC",
        )
    except Exception as error:
        raise CheckCrashed(f"suite {name} could not be run: {error}") from error
    asserted, found = [], []
    for one in result.results:
        _refuse_crash(name, one)
        asserted.append(_asserted(name, one))
        if not one.success:
            found.append(_finding(asserted[-1], one, _failing_rows(batch, one, parameters), len(frame)))
    return Held(tuple(asserted), tuple(found)), result


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
