"""Drawing: what a grid of numbers shows, and that a table of another shape is refused."""

import matplotlib.pyplot as plt
import pytest

from mesosim import plots


def test_a_grid_prints_each_number_in_its_square_and_the_first_row_at_the_bottom():
    _, ax = plt.subplots()
    plots.number_grid(ax, [[0, 49.6], [3, 100]], [0.2, 0.95], [2, 60])
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (0.5, 0.5): "0", (1.5, 0.5): "50", (0.5, 1.5): "3", (1.5, 1.5): "100",
    }  # fmt: skip
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.2", "0.95"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2", "60"]
    plt.close()


def test_a_table_of_another_shape_is_refused():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"values must have shape \(2, 1\), got \(1, 2\)"):
        plots.number_grid(ax, [[1, 2]], [0.5], [1, 2])
    plt.close()
