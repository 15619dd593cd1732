"""Tell OpenLineage what a task read and made, beside what the provider tells of every task.

A run's events are START, this one (RUNNING) and COMPLETE: what they say is to be merged by the run's id. Lineage that
can't be told is a warning in the log and never fails a task. Source: docs/lineage.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storeday.stages.datasets import Dataset, Measured, Origin, Outcome, Passage

log = logging.getLogger(__name__)


def tell_lineage(told: Callable[[], Passage | None]) -> None:
    """Emit what ``told`` says that this task read and made; nothing where OpenLineage is switched off."""
    from airflow.providers.openlineage.api import emit_dataset_lineage, is_openlineage_active

    if not is_openlineage_active():
        return
    try:
        if passage := told():
            emit_dataset_lineage(
                inputs=[_input(dataset) for dataset in passage.inputs],
                outputs=[_output(dataset) for dataset in passage.outputs],
                raise_on_error=True,
            )
    except Exception as error:
        log.warning("the lineage of this task could not be told: %s", error, exc_info=True)


def _input(dataset: Dataset) -> Any:
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    facets: dict[str, Any] = {}
    if dataset.outcomes:
        facets["dataQualityAssertions"] = quality.DataQualityAssertionsDatasetFacet(
            assertions=[_assertion(outcome) for outcome in dataset.outcomes]
        )
    return InputDataset(*dataset.named, facets=_facets(dataset), inputFacets=facets)


def _output(dataset: Dataset) -> Any:
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    facets: dict[str, Any] = {}
    if known := dataset.measured:
        facets["outputStatistics"] = statistics.OutputStatisticsOutputDatasetFacet(
            rowCount=known.rows, size=known.size, fileCount=known.files
        )
    return OutputDataset(*dataset.named, facets=_facets(dataset), outputFacets=facets)


def _facets(dataset: Dataset) -> dict[str, Any]:
    from openlineage.client.facet_v2 import schema_dataset as schema

    facets: dict[str, Any] = {}
    if dataset.columns:
        fields = [schema.SchemaDatasetFacetFields(name, type=kind, fields=None) for name, kind in dataset.columns]
        facets["schema"] = schema.SchemaDatasetFacet(fields=fields)
    if dataset.measured:
        facets["dataQualityMetrics"] = _metrics(dataset.measured)
    if dataset.origin:
        facets["columnLineage"] = _column_lineage(dataset.origin)
    return facets


def _metrics(known: Measured) -> Any:
    from openlineage.client.facet_v2 import data_quality_metrics_dataset as quality

    sums = {column: quality.ColumnMetrics(sum=minor, quantiles=None) for column, minor in known.sums_minor}
    return quality.DataQualityMetricsDatasetFacet(
        columnMetrics=sums, rowCount=known.rows, bytes=known.size, fileCount=known.files
    )


def _column_lineage(origin: Origin) -> Any:
    from openlineage.client.facet_v2 import column_lineage_dataset as columns

    def fields(names: tuple[str, ...], kind: str, subtype: str) -> list[Any]:
        how = [columns.Transformation(kind, subtype)]
        return [columns.InputField(*each, name, how) for each in origin.inputs for name in names]

    return columns.ColumnLineageDatasetFacet(
        fields={
            each.column: columns.Fields(fields(each.of, "DIRECT", each.change), each.how)
            for each in origin.derivation.columns
        },
        dataset=fields(origin.derivation.steered_by, "INDIRECT", "GROUP_BY"),
    )


def _assertion(outcome: Outcome) -> Any:
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    said = outcome.asserted
    blocks = outcome.holds if not said.is_met else not said.is_warning
    return quality.Assertion(
        assertion=said.rule,
        success=said.is_met,
        severity="error" if blocks else "warn",
        name=said.check,
        actual=outcome.found or None,
        params={"frame": said.frame, "column": said.column},
    )
