"""Tumour and immunity: fixed points are roots, folds are folds, the extension can be off, and bad input is named."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mesosim import ensemble, immune
from mesosim.params import with_values

P = immune.KuznetsovParams()
params = st.builds(
    lambda s, r, m, d, a: with_values(P, sigma=s, rho=r, mu=m, delta=d, alpha=a),
    st.floats(0.01, 0.5), st.floats(0.1, 2), st.floats(0.0005, 0.02), st.floats(0.05, 1), st.floats(0.5, 3),
)  # fmt: skip


def change(x, y, p):
    return p.rates()(0, np.array([[x], [y]]))[:, 0] * [x, y]


@pytest.mark.parametrize("check", immune.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(params)
@settings(max_examples=80, deadline=None)
def test_nothing_changes_at_a_fixed_point(p):
    for point in immune.fixed_points(p):
        rates = change(point.x, max(point.y, 1e-300), p)
        assert np.abs(rates).max() < 1e-7 * (1 + point.y)


@given(params, st.floats(0.1, 400), st.floats(0.05, 3))
@settings(max_examples=60, deadline=None)
def test_the_jacobian_is_the_derivative_of_the_rates(p, y, x):
    step = 1e-6
    numeric = np.stack(
        [(change(x + step, y, p) - change(x - step, y, p)), (change(x, y + step, p) - change(x, y - step, p))], axis=1
    ) / (2 * step)
    assert np.allclose(immune.jacobian(x, y, p), numeric, rtol=1e-4, atol=1e-5)


@given(params)
@settings(max_examples=12, deadline=None)
def test_what_is_called_stable_attracts(p):
    for point in immune.fixed_points(p)[1:]:
        if point.kind.startswith("stable"):
            assume(np.abs(point.eigenvalues.real).min() > 0.02)
            near = np.array([[point.x * 1.001], [point.y * 1.001]])
            run = ensemble.integrate(p.rates(), near, 200, 4000)
            assert np.abs(np.log(run.states[-1, :, 0] / [point.x, point.y])).max() < 1e-3


def test_the_saddle_parts_what_lies_on_either_side_of_it():
    saddle = next(point for point in immune.fixed_points()[1:] if point.kind == "saddle")
    start = np.array([[saddle.x, saddle.x], [0.98 * saddle.y, 1.02 * saddle.y]])
    smaller, larger = ensemble.integrate(P.rates(), start, 60, 3000).states[-1, 1]
    assert smaller < 30
    assert larger > 400


@given(params, st.floats(1, 400))
@settings(max_examples=60, deadline=None)
def test_on_its_nullcline_a_population_rests(p, y):
    immune_line, tumour_line = (float(line) for line in immune.nullclines(y, p))
    if np.isfinite(immune_line):
        assert abs(change(immune_line, y, p)[0]) < 1e-9 * (1 + immune_line)
    assert abs(change(tumour_line, y, p)[1]) < 1e-9 * (1 + y)


def test_two_points_meet_at_a_fold():
    (fold,) = immune.folds("sigma")
    before, after = (len(immune.fixed_points(with_values(P, sigma=fold + shift))) for shift in (-1e-4, 1e-4))
    assert abs(before - after) == 2


def test_a_small_tumour_starts_only_below_the_transcritical_inflow():
    for shift, kind in ((-0.01, "saddle"), (0.01, "stable node")):
        assert immune.fixed_points(with_values(P, sigma=immune.transcritical() + shift))[0].kind == kind


def test_smaller_capacity_loses_the_large_tumour():
    sizes = [immune.fixed_points(with_values(P, beta=beta))[-1].y for beta in (0.002, 0.01)]
    assert sizes[1] < 0.1 * sizes[0]


def test_the_extension_is_off_without_a_checkpoint():
    off = immune.block(P, 0, 0.4)
    assert off.kill.value == P.kill.value
    assert off.mu.value == P.mu.value
    assert off.kill.assumed


@given(st.floats(0, 0.9), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_more_blocking_never_kills_less(strength, one, other):
    low, high = sorted((one, other))
    assert immune.block(P, strength, low).kill.value <= immune.block(P, strength, high).kill.value + 1e-12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: immune.fixed_points(with_values(P, sigma=0)), "sigma and kill must be above zero"),
        (lambda: immune.folds("gamma"), "gamma is not a parameter; choose among sigma, rho"),
        (lambda: immune.block(P, 1.0, 0.5), "need 0 <= strength < 1"),
        (lambda: immune.block(P, 0.5, -0.1), "and 0 <= occupancy <= 1"),
        (lambda: with_values(P, alpha=float("inf")), "α: value inf is not a finite number"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
