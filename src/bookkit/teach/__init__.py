"""Sphinx extension: what turns pages into a course."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

import bookkit
from bookkit.teach import boxes, downloads, exercises, glossary, head, html, inventory, objectives, quiz, state


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; safe for parallel reading and writing."""
    app.setup_extension("bookkit.evidence")
    app.connect("env-purge-doc", state.purge)
    app.connect("env-merge-info", state.merge)
    for part in (head, quiz, boxes, exercises, glossary, downloads, objectives, html, inventory):
        part.setup(app)
    return {"version": bookkit.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
