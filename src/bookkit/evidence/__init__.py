"""Sphinx extension: facts, claims and citations from the ledger, and the gate against numbers without a source."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

import bookkit
from bookkit.evidence import citation_style, counts, directives, gate, html, index, roles, state


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; safe for parallel reading and writing."""
    app.setup_extension("sphinxcontrib.bibtex")
    citation_style.register()
    app.add_config_value("evidence_folder", "evidence", "env", [str])
    app.connect("builder-inited", state.load)
    app.connect("env-purge-doc", state.purge)
    app.connect("env-merge-info", state.merge)
    for part in (roles, counts, directives, index, html, gate):
        part.setup(app)
    return {"version": bookkit.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
