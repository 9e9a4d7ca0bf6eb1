"""One look for all figures: readable in both themes of the pages, in print and in grey."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from cycler import cycler
from IPython import get_ipython
from matplotlib.axes import Axes
from matplotlib_inline.backend_inline import set_matplotlib_formats
from numpy.typing import ArrayLike

COLOURS = ("#0b3c5d", "#b5452c", "#3d7a4f", "#7a5195", "#8a6d1d")
"""Distinct for colour-blind readers, and of falling lightness in grey."""

DARK_COLOURS = ("#8cc4ea", "#f0a58f", "#93cfa5", "#cfb0e3", "#dcc37a")
"""The same colours, one for one, as dark pages show them."""

STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
"""Line styles, so that no curve is told by colour alone."""


def use_style() -> None:
    """Apply the book's style to all figures that follow, as vector graphics with repeatable bytes."""
    mpl.rcParams.update(
        {
            "figure.figsize": (6.4, 3.7),
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "font.size": 10.5,
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=STYLES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 10.5,
            "axes.titlelocation": "left",
            "axes.grid": True,
            "grid.alpha": 0.25,
            "lines.linewidth": 2,
            "legend.frameon": False,
            "svg.hashsalt": "mesosim",
        }
    )
    _use_vector_graphics()


def number_grid(ax: Axes, values: ArrayLike, columns: Sequence[float], rows: Sequence[float]) -> None:
    """Draw a grid of squares from 0 to 100, each with its number, so that none is told by its shade alone.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : array_like, shape (rows, columns)
        The first row is drawn at the bottom.
    columns, rows : sequence of float
        What the squares stand for.

    Raises
    ------
    ValueError
        When the values don't have the shape of rows and columns.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"values must have shape {(len(rows), len(columns))}, got {values.shape}")
    number_squares(ax, values, np.arange(len(columns) + 1), np.arange(len(rows) + 1))
    ax.set_xticks(np.arange(len(columns)) + 0.5, [f"{value:g}" for value in columns])
    ax.set_yticks(np.arange(len(rows)) + 0.5, [f"{value:g}" for value in rows])


def number_squares(ax: Axes, values: ArrayLike, across: ArrayLike, up: ArrayLike) -> None:
    """Do what `number_grid` does between edges on axes with a scale of their own.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : array_like, shape (rows, columns)
    across, up : array_like, shape (columns + 1,) and (rows + 1,)
        Edges of the squares.
    """
    values, across, up = (np.asarray(each, dtype=float) for each in (values, across, up))
    # The darkest shade stays light enough for the numbers on it.
    ax.pcolormesh(across, up, values, cmap="Blues", vmin=0, vmax=200)
    x, y = (across[1:] + across[:-1]) / 2, (up[1:] + up[:-1]) / 2
    for row, column in np.ndindex(values.shape):
        ax.text(x[column], y[row], f"{values[row, column]:.0f}", ha="center", va="center", color="#101010")
    ax.grid(visible=False)


def _use_vector_graphics() -> None:
    """Have notebooks print SVG; outside a notebook there is nothing to set."""
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None})
