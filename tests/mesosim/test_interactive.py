"""Interactive figures: what they refuse, and what each reader gets."""

from __future__ import annotations

import base64
import io
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mesosim import interactive


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr(interactive, "display", lambda data, raw: found.append(data))
    return found


def chart(rows: int = 3) -> alt.Chart:
    return alt.Chart(pd.DataFrame({"x": range(rows), "y": range(rows)})).mark_line().encode(x="x", y="y")


def test_a_lab_shows_the_chart_itself(shown, monkeypatch):
    monkeypatch.delenv(interactive.IN_BOOK, raising=False)
    interactive.show(chart(), "A line that rises.")
    assert shown[0][interactive.MIME]["description"] == "A line that rises."
    assert shown[0]["text/plain"] == "A line that rises."


def test_the_book_gets_a_picture_and_the_data(shown, monkeypatch):
    pytest.importorskip("vl_convert")
    monkeypatch.setenv(interactive.IN_BOOK, "1")
    interactive.show(chart().properties(title="</script>"), "A line that rises.")
    assert shown[0]["image/svg+xml"].startswith("<svg")
    text = shown[0]["text/html"]
    assert text.count("</script>") == 1
    assert json.loads(text.split(">", 1)[1].rsplit("<", 1)[0])["title"] == "</script>"


def test_a_chart_without_a_description_is_refused(shown):
    with pytest.raises(ValueError, match="say in `description` what is seen"):
        interactive.show(chart(), "  ")


def test_a_chart_that_carries_too_much_is_refused(shown):
    alt.data_transformers.disable_max_rows()
    with pytest.raises(ValueError, match="carries 20001 rows"):
        interactive.show(chart(interactive.MAX_VALUES + 1), "Too much.")


@pytest.mark.parametrize("values", [[1], [1, 1, 1], [3, 2, 1], [1, 2, 4]])
def test_a_slider_needs_equal_steps(values):
    with pytest.raises(ValueError, match="slider s: values must be equally spaced"):
        interactive.slider("s", "Size", values, values[0])


def test_a_slider_starts_on_its_grid():
    made = interactive.slider("s", "Size, mm", [0.1, 0.2, 0.3], 0.2)
    assert made.param.bind.step == pytest.approx(0.1)
    with pytest.raises(ValueError, match=r"start 0.25 is not one of its values"):
        interactive.slider("s", "Size", [0.1, 0.2, 0.3], 0.25)


def test_a_picture_holds_its_grey_values_with_the_first_row_on_top():
    address = interactive.picture([[-200, 0], [50, 300]], -100, 100)
    kind, _, data = address.partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert np.asarray(image).tolist() == [[0, 128], [191, 255]]


@pytest.mark.parametrize(
    ("values", "low", "high", "message"),
    [
        ([1, 2], 0, 1, "rows and columns"),
        ([[float("nan")]], 0, 1, "finite"),
        ([[1.0]], 1, 1, "must be below white"),
    ],
)
def test_what_is_no_picture_is_refused(values, low, high, message):
    with pytest.raises(ValueError, match=message):
        interactive.picture(values, low, high)
