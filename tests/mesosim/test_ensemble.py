"""The integrator of many patients: its order, its estimate of its own error, and what it refuses."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import ensemble

rate = st.floats(0.1, 3)


def logistic(t, values, growth, capacity):
    """Relative rate of logistic growth, for which a closed form exists."""
    return [growth * (1 - values[0] / capacity)]


def closed_form(t, start, growth, capacity):
    return capacity / (1 + (capacity / start - 1) * np.exp(-growth * t))


@given(rate, st.floats(0.5, 100), st.floats(0.01, 0.4))
@settings(max_examples=40, deadline=None)
def test_halving_the_step_divides_the_error_by_sixteen(growth, capacity, share):
    errors = []
    for steps in (16, 32):
        parameters = (growth, capacity)
        run = ensemble.integrate(
            logistic, [share * capacity], [0, 3 / growth], steps=steps, parameters=parameters, tolerance=np.inf
        )
        exact = closed_form(3 / growth, share * capacity, growth, capacity)
        errors.append(abs(run.values[-1, 0, 0] / exact - 1))
    # Where the error happens to change its sign between the two, no power is seen.
    assert errors[1] < 1e-10 or 10 < errors[0] / errors[1] < 24


@given(rate, st.floats(0.5, 100), st.floats(0.01, 0.4))
@settings(max_examples=40, deadline=None)
def test_the_estimated_error_is_the_error(growth, capacity, share):
    times = np.linspace(0, 6 / growth, 5)
    run = ensemble.integrate(
        logistic, [share * capacity], times, steps=8, parameters=(growth, capacity), tolerance=np.inf
    )
    exact = closed_form(times, share * capacity, growth, capacity)
    actual = np.abs(np.log(run.values[:, 0, 0] / exact))
    assert actual[1:] == pytest.approx(run.error[1:, 0, 0], rel=0.5, abs=3e-8)


def test_patients_who_need_shorter_steps_take_them_and_the_others_do_not():
    growth = np.array([0.1, 0.1, 20.0])
    run = ensemble.integrate(
        logistic, np.full((1, 3), 0.01), [0, 10], steps=8, parameters=(growth, 1.0), tolerance=1e-7, halvings=12
    )
    assert run.steps[0] == run.steps[1] < run.steps[2]
    assert run.values[-1, 0] == pytest.approx(closed_form(10, 0.01, growth, 1), rel=2e-7)
    assert run.worst <= 1e-7


@given(st.integers(1, 5), st.integers(0, 4))
@settings(max_examples=20, deadline=None)
def test_a_patient_is_the_same_alone_and_in_a_crowd(count, seed):
    rng = np.random.default_rng(seed)
    growth, start = rng.uniform(0.1, 5, count), rng.uniform(0.01, 2, (1, count))
    together = ensemble.integrate(logistic, start, [0, 1, 4], steps=10, parameters=(growth, 1.0))
    for i in range(count):
        alone = ensemble.integrate(logistic, start[:, i], [0, 1, 4], steps=10, parameters=(growth[i], 1.0))
        assert alone.values[..., 0] == pytest.approx(together.values[..., i], rel=1e-12)
        assert alone.steps[0] == together.steps[i]


@given(st.floats(0.1, 50), st.floats(1e-6, 1e6))
@settings(max_examples=30, deadline=None)
def test_a_state_kept_positive_stays_positive_whatever_the_step(decay, start):
    run = ensemble.integrate(lambda t, y: [-decay * np.ones_like(y[0])], [start], [0, 10], steps=2)
    assert 0 < run.values[-1, 0, 0] <= start
    assert np.log(run.values[-1, 0, 0] / start) == pytest.approx(-10 * decay)


def test_states_may_cross_zero_when_they_are_not_kept_positive():
    run = ensemble.integrate(
        lambda t, y: [y[1], -y[0]], [1, 0], [0, np.pi / 2, np.pi], steps=100, positive=False, tolerance=1e-8
    )
    assert run.values[:, 0, 0] == pytest.approx([1, 0, -1], abs=1e-7)


def test_a_positive_and_a_plain_state_go_together_in_cells_that_expand_and_then_die():
    """The first kind of state grows as a cell does, the second one counts divisions; both have a closed form."""
    run = ensemble.integrate(
        lambda t, y: [np.full_like(y[0], 0.5), 0.5 * y[0]], [2, -1], [0, 4], steps=40, positive=(True, False)
    )
    assert run.values[-1, :, 0] == pytest.approx([2 * np.exp(2), -1 + 2 * (np.exp(2) - 1)], rel=1e-6)


def test_each_patient_may_have_times_of_their_own():
    """Growth that ends on another day in each patient: two calls, the first to each one's day."""
    days, start = np.array([3.0, 9.0]), np.array([[1.0, 2.0]])
    first = ensemble.integrate(lambda t, y: [0.3 * np.ones_like(y[0])], start, [0 * days, days], steps=10)
    then = ensemble.integrate(
        lambda t, y: [-0.1 * np.ones_like(y[0])], first.values[-1], [days, np.full(2, 20.0)], steps=10
    )
    assert then.values[-1, 0] == pytest.approx(start[0] * np.exp(0.3 * days - 0.1 * (20 - days)))


def test_a_rate_that_depends_on_time_sees_each_patients_clock():
    days = np.array([2.0, 5.0])
    run = ensemble.integrate(lambda t, y: [t * np.ones_like(y[0])], [[1, 1]], [0 * days, days], steps=10)
    assert run.values[-1, 0] == pytest.approx(np.exp(days**2 / 2))


def test_running_backwards_returns_to_the_start():
    forth = ensemble.integrate(logistic, [0.1], [0, 3], steps=200, parameters=(1.0, 1.0), tolerance=1e-9)
    back = ensemble.integrate(logistic, forth.values[-1], [3, 0], steps=200, parameters=(1.0, 1.0), tolerance=1e-9)
    assert back.values[-1, 0, 0] == pytest.approx(0.1, rel=1e-7)


GROW = {"rates": lambda t, y: [np.ones_like(y[0])], "start": [1.0], "times": [0, 1], "steps": 4}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": []}, "start: need shape"),
        ({"start": [[[1.0]]]}, "start: need shape"),
        ({"start": [np.nan]}, "state 0 of patient 0 is nan"),
        ({"start": [[1.0, 0.0]]}, "state 0 of patient 1 is 0, and a state kept positive has to start above zero"),
        ({"times": [0]}, "times: need shape"),
        ({"times": [0, 1, 1]}, "all rise, or all fall"),
        ({"times": [0, np.inf]}, "finite"),
        ({"times": np.zeros((2, 3))}, "times: need shape"),
        ({"steps": 3}, "even whole number"),
        ({"steps": 0}, "even whole number"),
        ({"steps": 2.5}, "even whole number"),
        ({"tolerance": 0}, "positive tolerance"),
        ({"tolerance": float("nan")}, "positive tolerance"),
        ({"halvings": -1}, "no negative halvings"),
        ({"parameters": [[1.0, 2.0]]}, "arrays of 1 patients"),
        ({"rates": lambda t, y: [y[0], y[0]]}, "returned 2 rows for 1 states"),
        ({"rates": lambda t, y: [np.nan * y[0]]}, "is no longer a number"),
        ({"rates": lambda t, y: [y[0]], "times": [0, 5]}, "is no longer a number"),
        ({"rates": lambda t, y: [np.cos(1e4 * t) * 1e3 + 0 * y[0]], "halvings": 0}, "take more than 4 steps"),
    ],
)
def test_bad_input_is_named_and_nothing_ends_in_silence(change, message):
    with pytest.raises(ValueError, match=message):
        ensemble.integrate(**{**GROW, **change})


def test_no_sound_run_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ensemble.integrate(**GROW)
