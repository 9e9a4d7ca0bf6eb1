"""Sphinx extension: the PDF edition through Typst, accessible (PDF/UA-1) and without a TeX system."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

import bookkit
from bookkit.typst.builder import TypstBuilder

_MIMES = (("image/svg+xml", 10), ("image/png", 20), ("image/jpeg", 30), ("text/html", 40), ("text/markdown", 50),
          ("text/latex", None), ("text/plain", 60))  # fmt: skip


def _choose_outputs(app: Sphinx, config: Config) -> None:
    """Tell MyST-NB which output of a cell to print; without this it drops them all for a builder it does not know."""
    ours = [("typst", mime, priority) for mime, priority in _MIMES]
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, *ours]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the builder and its settings."""
    app.add_builder(TypstBuilder)
    app.add_config_value("typst_online_url", "", "", [str])
    app.add_config_value("typst_solutions", "omit", "", [str])
    app.add_config_value("typst_key", "end", "", [str])
    app.add_config_value("typst_paper", "a4", "", [str])
    app.add_config_value("typst_editions", {"handouts": {}}, "", [dict])
    app.add_config_value("typst_answer_book", "", "", [str])
    app.add_config_value("typst_handout_exclude", [], "", [list])
    app.add_config_value("typst_subtitle", "", "", [str])
    app.add_config_value("typst_version", "", "", [str])
    app.add_config_value("typst_date", "2026-01-01", "", [str])
    if "nb_mime_priority_overrides" in app.config:
        app.connect("config-inited", _choose_outputs, priority=900)
    return {"version": bookkit.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
