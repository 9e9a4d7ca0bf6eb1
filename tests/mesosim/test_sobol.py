"""Sobol' indices: known functions get their known shares, SALib agrees, and bad input is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import sobol


@pytest.mark.parametrize("check", sobol.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(st.lists(st.floats(0.2, 5), min_size=2, max_size=5), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_sum_shares_its_variance_by_the_squares_of_its_weights(weights, seed):
    ranges = {f"x{i}": (0.0, 1.0) for i in range(len(weights))}

    def model(**x):
        return sum(weight * x[f"x{i}"] for i, weight in enumerate(weights))

    found = sobol.indices(model, ranges, 1024, rng=np.random.default_rng(seed))
    exact = np.square(weights) / np.square(weights).sum()
    assert found.first == pytest.approx(exact, abs=0.03)
    assert found.total == pytest.approx(exact, abs=0.03)
    assert found.evaluations == 1024 * (len(weights) + 2)


def test_an_input_that_does_nothing_has_no_share_and_one_on_a_logarithm_is_drawn_there():
    seen = {}

    def model(dose, idle):
        seen["dose"] = dose
        return np.log(dose)

    found = sobol.indices(
        model, {"dose": (0.01, 100), "idle": (0, 1)}, 512, rng=np.random.default_rng(1), logarithmic=("dose",)
    )
    assert found.first == pytest.approx([1, 0], abs=0.02)
    assert np.median(seen["dose"]) == pytest.approx(1, rel=0.1)


def test_intervals_hold_the_exact_values_and_the_table_begins_with_the_largest():
    ranges = dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi))
    found = sobol.indices(sobol.ishigami, ranges, 4096, rng=np.random.default_rng(2), resamples=200)
    first, total = sobol.ishigami_exact()
    assert (found.first_interval[0] - 0.01 <= first).all()
    assert (first <= found.first_interval[1] + 0.01).all()
    assert (found.total_interval[0] - 0.01 <= total).all()
    assert (total <= found.total_interval[1] + 0.01).all()
    assert found.table()["Input"].tolist() == ["x1", "x2", "x3"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": 1000}, "power of two"),
        ({"ranges": {"a": (0, 1)}}, "at least two inputs"),
        ({"ranges": {"a": (1, 1), "b": (0, 1)}}, "a: the range"),
        ({"logarithmic": ("a",)}, "not above zero"),
        ({"logarithmic": ("c",)}, "c"),
        ({"model": lambda a, b: np.ones_like(a)}, "always the same"),
        ({"model": lambda a, b: np.where(a > 0.9, np.nan, a)}, "nan"),
        ({"model": lambda a, b: a[:3]}, "shape"),
    ],
)
def test_bad_input_is_named(change, message):
    given_ = {"model": lambda a, b: a, "ranges": {"a": (0, 1), "b": (0, 1)}, "points": 64, "logarithmic": ()} | change
    with pytest.raises(ValueError, match=message):
        sobol.indices(
            given_["model"], given_["ranges"], given_["points"], rng=np.random.default_rng(0),
            logarithmic=given_["logarithmic"],
        )  # fmt: skip
