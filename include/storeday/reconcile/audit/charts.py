"""Charts: drawn once, for the PDF as they are and for the page as SVG in its own colours."""

from __future__ import annotations

import re
from typing import Any, Final

from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor

from storeday.reconcile.audit.palette import DIM, INK, LINE, SERIES
from storeday.reconcile.audit.view import Chart

WIDTH: Final = 527  # points, between the margins of an A4 page
HEIGHT: Final = 150
_MANY: Final = 12  # categories whose labels do not fit beside each other unless they are short
_WIDEST: Final = 64  # points a category, so that a few bars are no walls
_VARIABLES: Final = {INK: "var(--ink)", DIM: "var(--dim)", LINE: "var(--line)"}


def drawing_of(chart: Chart) -> Drawing:
    """The chart as a drawing of A4's width."""
    drawing = Drawing(WIDTH, HEIGHT)
    has_long_names = len(chart.categories) > _MANY and max(map(len, chart.categories)) > 2
    drawing.add(_bars(chart, foot=44 if has_long_names else 20, is_slanted=has_long_names))
    drawing.add(_legend(chart))
    return drawing


def svg_of(chart: Chart, number: int) -> str:
    """The chart as SVG to stand in a page; ``number`` keeps its ids apart from those of other charts there."""
    text = str(renderSVG.drawToString(drawing_of(chart)))
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<(title|desc)>.*?</\1>", "", text)
    text = re.sub(r'id="(clip|group)"', rf'id="chart-{number}-\1"', text)
    text = text.replace("url(#clip)", f"url(#chart-{number}-clip)").replace(
        "font-family: Helvetica", "font-family: inherit"
    )
    for colour, variable in _VARIABLES.items():
        text = text.replace(_as_drawn(colour), variable)
    return re.sub(r'<svg width="\d+" height="\d+"', '<svg role="presentation"', text, count=1)


def _bars(chart: Chart, foot: int, *, is_slanted: bool) -> Any:
    bars = VerticalBarChart()
    bars.x, bars.y, bars.height = 46, foot, HEIGHT - foot - 24
    bars.width = min(WIDTH - 50, _WIDEST * len(chart.categories))
    bars.data = [list(amounts) for _, amounts in chart.series]
    bars.groupSpacing = 3
    categories, amounts = bars.categoryAxis, bars.valueAxis
    categories.style = "stacked"
    categories.categoryNames = list(chart.categories)
    categories.labelAxisMode = "low"
    categories.strokeColor, categories.tickDown = HexColor(DIM), 0
    categories.labels.fontSize, categories.labels.fillColor = 7, HexColor(DIM)
    if is_slanted:
        categories.labels.angle, categories.labels.boxAnchor, categories.labels.dy = 45, "ne", -2
    amounts.labelTextFormat = _whole
    amounts.labels.fontSize, amounts.labels.fillColor = 7, HexColor(DIM)
    amounts.strokeColor, amounts.gridStrokeColor, amounts.visibleGrid = None, HexColor(LINE), True
    amounts.visibleTicks = False
    for row, colour in enumerate(_colours(chart)):
        bars.bars[row].fillColor, bars.bars[row].strokeColor = HexColor(colour), None
    return bars


def _legend(chart: Chart) -> Any:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor = 46, HEIGHT - 2, "nw"
    legend.fontSize, legend.fillColor, legend.alignment = 8, HexColor(INK), "right"
    legend.columnMaximum, legend.deltax, legend.dx, legend.dy, legend.strokeColor = 1, 60, 8, 8, None
    legend.dxTextSpace, legend.swdx, legend.variColumn = 4, 0, 1
    legend.colorNamePairs = [
        (HexColor(colour), name) for colour, (name, _) in zip(_colours(chart), chart.series, strict=True)
    ]
    return legend


def _colours(chart: Chart) -> list[str]:
    names = [name for name, _ in chart.series]
    return [SERIES[-1] if name == "others" else SERIES[row % (len(SERIES) - 1)] for row, name in enumerate(names)]


def _whole(minor: float) -> str:
    """A mark of the axis, in whole units of money."""
    return f"{round(minor / 100):,}" if abs(minor) >= 100 or not minor else f"{minor / 100:.2f}"


def _as_drawn(colour: str) -> str:
    """The colour as reportlab's SVG writes it."""
    found: Any = HexColor(colour)
    return f"rgb({int(found.red * 100)}%,{int(found.green * 100)}%,{int(found.blue * 100)}%)"
