"""Formulas on pages as MathML, written at build time: no script, no fonts from elsewhere, read by screen readers."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from lxml import etree
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from bookkit.mathml import MathError, to_mathml


def _markup(node: nodes.Element, *, display: bool) -> str:
    try:
        return etree.tostring(to_mathml(node.astext(), display=display), encoding="unicode")
    except MathError as error:
        raise ExtensionError(f"{node.source or node.document['source']}:{node.line}: {error}") from error


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    self.body.append(self.starttag(node, "span", "", CLASS="math"))
    self.body.append(f"{_markup(node, display=False)}</span>")
    raise nodes.SkipNode


def visit_displaymath(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number and a link to it."""
    self.body.append(self.starttag(node, "div", "", CLASS="math display-math", tabindex="0"))
    self.body.append(_markup(node, display=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def add_font(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page that holds a formula the style sheet that loads the font."""
    if "<math" in context.get("body", ""):
        app.add_css_file("mathematics.css")


def setup(app: Sphinx) -> None:
    """Offer the renderer; ``html_math_renderer = "mathml"`` chooses it."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.connect("html-page-context", add_font, priority=600)
