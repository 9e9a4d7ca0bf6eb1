"""The one way in which labs show an interactive figure: a Vega-Altair chart over values computed beforehand.

No kernel is needed to move it. In JupyterLab the chart itself is shown. While the book is built it also leaves a
picture, which paper and readers without scripts get, and which stands until the script has drawn the chart.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import os

import altair as alt
import numpy as np
from IPython.display import display
from numpy.typing import ArrayLike
from PIL import Image  # comes with matplotlib

from mesosim.plots import COLOURS

IN_BOOK = "BOOK_BUILD"
"""Environment variable that the book's build sets."""
VEGA_LITE = "v5.20"
MIME = "application/vnd.vegalite.v5+json"
MAX_VALUES = 20_000


def theme(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """Return the chart in the book's colours and type sizes; the page sets ink and background to its theme."""
    return (
        chart.configure(background="transparent", font="sans-serif", padding=5)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridOpacity=0.35)
        .configure_legend(labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .configure_view(stroke=None)
        .configure_range(category=list(COLOURS))
        .configure_line(strokeWidth=2.5, color=COLOURS[0])
        .configure_point(color=COLOURS[0], filled=True, size=60)
        .configure_bar(color=COLOURS[0])
    )


def slider(name: str, label: str, values: list[float], start: float) -> alt.Parameter:
    """Return a parameter that the reader moves over a grid of values with a native, keyboard-usable slider.

    Parameters
    ----------
    name : str
        Name in expressions.
    label : str
        What the reader sees beside the slider, with its unit.
    values : list of float
        Equally spaced, in rising order.
    start : float
        One of them, shown first and on paper.

    Raises
    ------
    ValueError
        When the values are not equally spaced or don't hold `start`.
    """
    steps = [b - a for a, b in itertools.pairwise(values)]
    if not steps or min(steps) <= 0 or max(steps) - min(steps) > 1e-9 * max(map(abs, values)):
        raise ValueError(f"slider {name}: values must be equally spaced and rise, got {values}")
    if start not in values:
        raise ValueError(f"slider {name}: start {start} is not one of its values")
    bind = alt.binding_range(min=values[0], max=values[-1], step=steps[0], name=f"{label} ")
    return alt.param(name=name, value=start, bind=bind)


def picture(values: ArrayLike, low: float, high: float) -> str:
    """Return an image as an address that holds it, for the `url` of `mark_image`.

    Parameters
    ----------
    values : array_like, shape (rows, columns)
        The first row is the upper one.
    low, high : float
        Black and white; beyond them nothing is told apart.

    Raises
    ------
    ValueError
        When the values are no image, one is not finite, or `low` is not below `high`.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"picture: need rows and columns of finite numbers, got shape {values.shape}")
    if not low < high:
        raise ValueError(f"picture: black {low} must be below white {high}")
    grey = np.uint8(np.round(255 * np.clip((values - low) / (high - low), 0, 1)))
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def show(chart: alt.TopLevelMixin, description: str) -> None:
    """Show an interactive figure.

    Parameters
    ----------
    chart : altair chart
        Its values come from the model; not more than `MAX_VALUES` rows, since they travel with the page.
    description : str
        What is seen and what moving the controls changes, for readers who don't see it.

    Raises
    ------
    ValueError
        When the description is missing or the chart carries too many rows.
    """
    if not description.strip():
        raise ValueError("show: say in `description` what is seen and what the controls change")
    spec = theme(chart).properties(description=description).to_dict()
    rows = sum(len(values) for values in spec.get("datasets", {}).values())
    if rows > MAX_VALUES:
        raise ValueError(f"show: the chart carries {rows} rows; compute a coarser grid, at most {MAX_VALUES}")
    if os.environ.get(IN_BOOK):
        display({"image/svg+xml": _picture(spec), "text/html": _embedded(spec)}, raw=True)
    else:
        display({MIME: spec, "text/plain": description}, raw=True)


def _picture(spec: dict) -> str:
    """Return the chart as it stands before anyone moves it."""
    import vl_convert  # needed where the book is built, not where a reader runs the lab

    white = {**spec, "config": {**spec["config"], "background": "white"}}
    return vl_convert.vegalite_to_svg(white, vl_version=VEGA_LITE)


def _embedded(spec: dict) -> str:
    """Return the chart as data that the page's script finds beside the picture."""
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/json" class="vega-spec">{text}</script>'
