"""Draws rows of values with intervals, landmarks of survival, and rows of dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from bookkit.evidence.typography import MINUS
from mesosim.plots import COLOURS, use_style

WIDTH, ROW, LINE = 5.2, 0.34, 0.17
"""Inches: width of a chart, height of a row, and of each line of its label."""
LETTERS = 57
"""Letters of a label that fit on a line."""
INK, FAINT, PAPER = "#262626", "#666666", "#ffffff"
MARKERS = ("o", "s", "^", "D", "v")


@dataclass(frozen=True)
class Row:
    """One value to draw.

    Attributes
    ----------
    label, group : str
        What it is, and the heading above it ("" for none).
    value : float
        Where its dot stands, in the units of the axis.
    low, high : float or None
        Ends of its interval.
    text : str
        The value as it is printed beside the label.
    time : float or None
        For landmarks: the time at which it was measured, or None where the value is itself a time.
    """

    label: str
    group: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    time: float | None = None


@dataclass(frozen=True)
class Axis:
    """What the horizontal axis says: its label, scale, line of no difference and the words on either side of it."""

    label: str
    log: bool = False
    reference: float | None = None
    left: str = ""
    right: str = ""


def save(draw: Callable[[], Figure], path: Path) -> None:
    """Draw in the book's style and write the picture, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context():
        use_style()
        figure = draw()
        half = path.with_suffix(".part")
        figure.savefig(half, format="svg", metadata={"Date": None})
    half.replace(path)


def intervals(rows: Sequence[Row], axis: Axis) -> Figure:
    """Return rows of dots with their intervals, each below its label; a forest plot where `axis` has a reference."""
    figure, ax, heights = _rows(rows)
    for row, height in zip(rows, heights, strict=True):
        known = row.low is not None and row.high is not None
        if known:
            ax.plot([row.low, row.high], [height, height], color=COLOURS[0], linewidth=2, linestyle="-")
        fill = COLOURS[0] if known else PAPER
        ax.plot(row.value, height, marker="s", markersize=6, color=COLOURS[0], markerfacecolor=fill, linestyle="")
    if axis.log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", MINUS)))
        ax.xaxis.set_minor_formatter(NullFormatter())
    if axis.reference is not None:
        ax.axvline(axis.reference, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    ax.margins(x=0.06)
    _name_sides(ax, axis)
    bare = any(row.low is None or row.high is None for row in rows)
    ax.set_xlabel(axis.label + (", open mark: no interval" if bare else ""))
    return figure


def _name_sides(ax: Axes, axis: Axis) -> None:
    """Write under the axis which side speaks for what."""
    for words, place, align in ((f"← {axis.left}", 0, "left"), (f"{axis.right} →", 1, "right")):
        if words.strip("← →"):
            ax.annotate(
                words, (place, 0), (0, -40), xycoords="axes fraction", textcoords="offset points", ha=align,
                fontsize=9, color=FAINT, annotation_clip=False,
            )  # fmt: skip


def timeline(rows: Sequence[Row], axis: Axis) -> Figure:
    """Return rows of dates, each below its label."""
    figure, ax, heights = _rows(rows)
    for row, height in zip(rows, heights, strict=True):
        ax.plot(row.value, height, marker="D", markersize=6, color=COLOURS[0], linestyle="")
    ax.margins(x=0.06)
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.set_xlabel(axis.label)
    return figure


def _rows(rows: Sequence[Row]) -> tuple[Figure, Axes, list[float]]:
    """Lay out rows from top to bottom, labels above what is drawn; return the height of each row's middle."""
    heights, depth, groups = [], 0.0, set()
    labels: list[tuple[float, str, str]] = []
    for row in rows:
        if row.group and row.group not in groups:
            groups.add(row.group)
            depth += LINE * 1.6
            labels.append((depth - LINE * 0.3, row.group, "group"))
        lines = wrap(row.label, LETTERS - len(row.text))
        for line in lines:
            depth += LINE
            labels.append((depth, line, "label"))
        labels.append((depth, row.text, "text"))
        heights.append(-(depth + ROW * 0.42))
        depth += ROW
    figure = Figure(figsize=(WIDTH, depth + 0.75))
    ax = figure.add_subplot()
    ax.set(ylim=(-depth, 0), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y", visible=False)
    across = ax.get_yaxis_transform()
    for height, text, kind in labels:
        right, bold = kind == "text", "bold" if kind == "group" else "normal"
        ax.text(
            float(right), -height, text, transform=across, ha="right" if right else "left", va="baseline",
            fontsize=9.5, weight=bold, color=INK, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    return figure, ax, heights


def landmarks(rows: Sequence[Row], axis: Axis, time: str) -> Figure:
    """Return, for each group, the published points of its survival and a thin line that joins them."""
    figure = Figure(figsize=(WIDTH, 3.6))
    ax = figure.add_subplot()
    groups = list(dict.fromkeys(row.group for row in rows))
    for position, group in enumerate(groups):
        points = sorted(_point(row) for row in rows if row.group == group)
        colour, marker = COLOURS[position % len(COLOURS)], MARKERS[position % len(MARKERS)]
        along, up = zip((0.0, 100.0), *points, strict=True)
        ax.plot(along, up, linestyle=(0, (1, 2)), linewidth=1, color=colour)
        ax.plot(along[1:], up[1:], linestyle="", marker=marker, markersize=7, color=colour, label=group)
        for row in (row for row in rows if row.group == group and row.low is not None):
            ax.plot([row.time, row.time], [row.low, row.high], color=colour, linewidth=1.2, linestyle="-")
    ax.set(ylim=(0, 103), xlabel=time, ylabel=axis.label)
    ax.set_xlim(left=0)
    ax.legend(loc="upper right")
    return figure


def _point(row: Row) -> tuple[float, float]:
    """Return where a landmark stands; a median is the time at which half are alive."""
    return (row.value, 50.0) if row.time is None else (row.time, row.value)


def years(year: int, month: int = 7, day: int = 1) -> float:
    """Return a date as years, with its part of the year."""
    from datetime import date

    start = date2num(date(year, 1, 1))
    return year + float((date2num(date(year, month, day)) - start) / (date2num(date(year + 1, 1, 1)) - start))
