"""Many patients at once: exact where it can be checked, of the promised order, never negative, clear about errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mesosim import ensemble, immune


def logistic(rate, capacity):
    return lambda time, state: rate * (1 - state / capacity)


@given(st.floats(0.05, 2), st.floats(1, 100), st.lists(st.floats(0.01, 5), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_logistic_growth_is_the_closed_form(rate, capacity, start):
    start = np.array([start])
    run = ensemble.integrate(logistic(rate, capacity), start, 5, 800)
    exact = capacity / (1 + (capacity / start - 1) * np.exp(-rate * 5))
    assert np.allclose(run.states[-1], exact, rtol=1e-6)


def test_halving_the_step_divides_the_error_by_sixteen():
    exact = 10 / (1 + 9 * np.exp(-3.0))
    errors = [
        abs(ensemble.integrate(logistic(1, 10), [[1.0]], 3, steps, saved=2).states[-1, 0, 0] / exact - 1)
        for steps in (8, 16)
    ]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.25)


def test_the_estimated_error_is_about_the_true_one():
    exact = 10 / (1 + 9 * np.exp(-3.0))
    run = ensemble.integrate(logistic(1, 10), [[1.0]], 3, 12, saved=2)
    assert run.error[0, 0] == pytest.approx(abs(run.states[-1, 0, 0] / exact - 1), rel=0.6)


def test_it_agrees_with_a_tight_reference_for_every_patient():
    p, rng = immune.KuznetsovParams(), np.random.default_rng(4)
    over = {name: getattr(p, name).value * rng.uniform(0.8, 1.2, 12) for name in ("sigma", "rho", "alpha", "delta")}
    start = np.stack([np.full(12, 0.3), rng.uniform(1, 300, 12)])
    run = ensemble.integrate(p.rates(over), start, 60, 3000)
    for patient in range(12):
        alone = p.rates({name: values[patient] for name, values in over.items()})
        exact = solve_ivp(
            lambda t, z, alone=alone: alone(t, np.exp(z)), (0, 60), np.log(start[:, patient]), method="DOP853",
            rtol=1e-11, atol=1e-11,
        )  # fmt: skip
        assert np.allclose(np.log(run.states[-1, :, patient]), exact.y[:, -1], atol=2e-5)
    assert run.error.max() < 1e-4


@given(st.floats(0.01, 3), st.floats(0.001, 500))
@settings(max_examples=15, deadline=None)
def test_cells_never_become_negative(immune_cells, tumour):
    run = ensemble.integrate(immune.KuznetsovParams().rates(), [[immune_cells], [tumour]], 40, 1000)
    assert (run.states > 0).all()


def test_patients_do_not_touch_each_other():
    p = immune.KuznetsovParams()
    start = np.array([[0.3, 0.3, 1.0], [1.0, 200.0, 50.0]])
    together = ensemble.integrate(p.rates(), start, 30, 600).states
    for patient in range(3):
        alone = ensemble.integrate(p.rates(), start[:, [patient]], 30, 600).states
        assert np.array_equal(together[:, :, [patient]], alone)


def rising(time, state):
    return np.exp(state)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ensemble.integrate(rising, [1.0], 1, 10, saved=5), "start needs states and patients"),
        (lambda: ensemble.integrate(rising, [[0.0]], 1, 10, saved=5), "start must be finite and above zero"),
        (lambda: ensemble.integrate(rising, [[1.0]], 0, 10, saved=5), "until must be finite and above zero"),
        (lambda: ensemble.integrate(rising, [[1.0]], 1, 11, saved=1), "steps must be even and a multiple of saved"),
        (lambda: ensemble.integrate(rising, [[1.0]], 1, 10, saved=3), "steps must be even and a multiple of saved"),
        (lambda: ensemble.integrate(rising, [[1.0]], 50, 10, saved=5), "a state left the range of numbers"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
