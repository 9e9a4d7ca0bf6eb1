"""Sphinx extension: the book's own pages over sphinx-book-theme: look, weight, figures, search, addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import bookkit
from bookkit.web import a11y, addresses, dimensions, interactive, mathematics, metadata, plots, synonyms, terms, weight

STATIC = Path(__file__).parent / "static"


def _add_static(app: Sphinx) -> None:
    app.config.html_static_path.append(str(STATIC))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add style sheet and evidence cards to every page."""
    for part in (mathematics, interactive, plots, dimensions, metadata, terms, addresses, synonyms, weight, a11y):
        part.setup(app)
    app.connect("builder-inited", _add_static)
    app.add_css_file("theme.css")
    app.add_css_file("book.css")
    app.add_css_file("teach.css")
    app.add_css_file("interactive.css")
    app.add_js_file("cards.js", loading_method="defer")
    app.add_js_file("quiz.js", loading_method="defer")
    app.add_js_file("progress.js", loading_method="defer")
    return {"version": bookkit.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
