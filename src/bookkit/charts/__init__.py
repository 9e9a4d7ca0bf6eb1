"""Sphinx extension: charts of published values, drawn from the ledger while the book is built."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

import bookkit
from bookkit.charts import directives, nodes


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives and the list of values that stands below each chart."""
    app.setup_extension("bookkit.evidence")
    nodes.setup(app)
    directives.setup(app)
    return {"version": bookkit.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
