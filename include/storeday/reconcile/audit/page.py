"""The audit as a page that stands by itself: no script, nothing of another place, light and dark."""

from __future__ import annotations

from functools import cache

from jinja2 import Template
from markupsafe import Markup

from storeday.model.pages import page_environment
from storeday.reconcile.audit.charts import svg_of
from storeday.reconcile.audit.palette import DARK, LIGHT
from storeday.reconcile.audit.view import Shown


def page_of(said: Shown) -> str:
    """The page."""
    charts = [(chart, Markup(svg_of(chart, n))) for n, chart in enumerate(said.charts)]  # noqa: S704  # reportlab escapes
    return _template().render(a=said, charts=charts, light=LIGHT, dark=DARK)


@cache
def _template() -> Template:
    return page_environment("storeday.reconcile.audit").get_template("audit.html.j2")
