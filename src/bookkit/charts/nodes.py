"""The node that a chart leaves beside its picture: the values that were drawn, as text."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

TITLE = "Values and sources of this figure"


class chart_values(nodes.General, nodes.Element):
    """Every value of a chart with its citation, for who can't see the picture or wants to check it."""


def visit_chart_values(self: HTML5Translator, node: chart_values) -> None:
    """Fold the list away, with the browser's own means."""
    self.body.append(self.starttag(node, "details", "", CLASS="chart-values"))
    self.body.append(f"<summary>{TITLE}</summary>")


def depart_chart_values(self: HTML5Translator, node: chart_values) -> None:
    """Close the list."""
    self.body.append("</details>")


def setup(app: Sphinx) -> None:
    """Register the node."""
    app.add_node(chart_values, html=(visit_chart_values, depart_chart_values))
