"""Runs Jupyter Book's command line so that LaTeX, which cannot read SVG, gets the book's figures.

Jupyter Book's LaTeX route loads ``sphinx.ext.imgconverter``, which needs ImageMagick and makes pixels; without
ImageMagick, it passes the SVG files on and XeLaTeX makes no PDF. MyST-NB prints ``<Figure size ...>`` for a plot that
is only SVG. Here the converter calls rsvg-convert and MyST-NB takes the SVG, so that both PDFs hold the same vector
figures. Tables that a lab prints as HTML alone have no form for LaTeX: its PDF has ``<IPython...HTML object>`` instead.

A setting or an extension would do it more plainly, but a change of either makes Sphinx read every document anew, and
the benchmark starts from doctrees already read.
"""

from __future__ import annotations

import subprocess
from typing import Any

from jupyter_book.cli.main import main
from myst_nb import sphinx_ as myst_nb_sphinx
from sphinx.ext.imgconverter import ImagemagickConverter

usual_priority = myst_nb_sphinx.get_mime_priority


def svg_first(*arguments: Any) -> list[str]:
    """Return MyST-NB's order of outputs, with SVG before all."""
    return ["image/svg+xml", *usual_priority(*arguments)]


def is_available(self: ImagemagickConverter) -> bool:
    """Return True: the benchmark looked for rsvg-convert before."""
    return True


def convert(self: ImagemagickConverter, source: str, target: str) -> bool:
    """Write an SVG file as a PDF of one page."""
    subprocess.run(["rsvg-convert", "--format", "pdf", "--output", target, source], check=True)
    return True


if __name__ == "__main__":
    myst_nb_sphinx.get_mime_priority = svg_first
    ImagemagickConverter.conversion_rules = [("image/svg+xml", "application/pdf")]
    ImagemagickConverter.is_available = is_available
    ImagemagickConverter.convert = convert
    main()
