"""Interactive figures: the picture that the lab left, with the chart's data beside it for the script.

MyST-NB offers a picture and HTML for one output, and each builder chooses one of them.
So the data move out of the choice, into the figure around it: every builder takes the picture, and pages have both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from mesosim.interactive import VEGA_LITE

logger = logging.getLogger(__name__)
MARK = 'class="vega-spec"'
BUNDLE = "vega-bundle.js"
SNIPPET = "window.bookVegaEmbed = vegaEmbed;"


class JoinPictureAndData(SphinxTransform):
    """Moves the data of each chart into the figure that shows its picture."""

    default_priority = 450

    def apply(self, **kwargs: object) -> None:
        for raw in [node for node in self.document.findall(nodes.raw) if MARK in node.astext()]:
            holder = raw.parent
            bundle = holder.parent
            figure = bundle.parent
            if not isinstance(figure, nodes.figure):
                logger.error(
                    "an interactive figure needs a caption and a name: write them under mystnb: figure: in its cell",
                    location=raw, type="web", subtype="interactive",
                )  # fmt: skip
                return
            bundle.remove(holder)
            figure["classes"].append("interactive")
            figure.insert(figure.index(bundle) + 1, nodes.raw("", raw.astext(), format="html"))


def load_scripts(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script on pages that have an interactive figure; it fetches the bundle when one comes into view."""
    if doctree is not None and MARK in context.get("body", ""):
        app.add_js_file("interactive.js", loading_method="defer")


def write_bundle(app: Sphinx, failure: Exception | None) -> None:
    """Write Vega, Vega-Lite and Vega-Embed as one local file."""
    if failure is not None or app.builder.name != "html":
        return
    target = Path(app.outdir) / "_static" / BUNDLE
    if not target.is_file():
        # One function, not a module: browsers refuse modules from the file system, where the offline copy lives.
        body = vl_convert.javascript_bundle(SNIPPET, vl_version=VEGA_LITE)
        target.write_text(f"(() => {{{body}\n}})();\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the figures."""
    app.add_transform(JoinPictureAndData)
    app.connect("html-page-context", load_scripts)
    app.connect("build-finished", write_bundle)
