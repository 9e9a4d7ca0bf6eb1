"""A needle and a target that breathes: closed forms hold, what must rise rises, and bad input is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import maxwell, rice

from mesosim import targeting
from mesosim.params import with_values

lengths = st.floats(0.1, 30)


@pytest.mark.parametrize("check", targeting.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(lengths, lengths)
@settings(max_examples=60, deadline=None)
def test_without_offset_a_miss_follows_maxwells_distribution(slack, sigma):
    assert targeting.covered(slack, sigma) == pytest.approx(maxwell.cdf(slack, scale=sigma), abs=1e-9)


@given(lengths, lengths, st.floats(0, 30), st.floats(1.01, 3))
@settings(max_examples=60, deadline=None)
def test_more_slack_helps_and_a_larger_offset_harms(slack, sigma, offset, times):
    base = targeting.covered(slack, sigma, offset)
    assert targeting.covered(slack * times, sigma, offset) >= base - 1e-9
    assert targeting.covered(slack, sigma, offset * times) <= base + 1e-9


def test_a_needle_without_spread_covers_when_its_offset_is_within_the_slack():
    assert targeting.covered(5, 0, [0, 5, 5.1]).tolist() == [1, 1, 0]
    assert targeting.covered(-1, 2) == 0


@given(st.floats(0, 30))
@settings(max_examples=40, deadline=None)
def test_moments_across_the_needle_are_those_of_scipys_rice_distribution(ratio):
    assert targeting.across_moments(ratio) == pytest.approx([float(rice.mean(ratio)), float(rice.std(ratio))], rel=1e-6)


@given(st.floats(0.2, 10), st.floats(0, 200))
@settings(max_examples=60, deadline=None)
def test_mean_and_deviation_across_the_needle_are_given_back(sigma, ratio):
    mean, deviation = (sigma * moment for moment in targeting.across_moments(ratio))
    spread, offset = targeting.spread_across(mean, deviation)
    again = [spread * moment for moment in targeting.across_moments(offset / spread)]
    assert again == pytest.approx([mean, deviation], rel=1e-6)


def test_both_arms_of_the_trial_have_a_spread_and_an_offset():
    n = targeting.NeedleParams()
    for mean, deviation in ((n.freehand_across, n.freehand_across_sd), (n.robot_across, n.robot_across_sd)):
        sigma, offset = targeting.spread_across(mean.value, deviation.value)
        assert float(rice.mean(offset / sigma, scale=sigma)) == pytest.approx(mean.value)
        assert float(rice.std(offset / sigma, scale=sigma)) == pytest.approx(deviation.value)


@given(st.floats(0, 30), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_the_target_rests_where_it_is_breathed_out_and_goes_as_far_as_its_excursion(excursion, order):
    breath = with_values(targeting.BreathParams(), excursion=excursion, order=order)
    where = targeting.position(np.linspace(0, 1, 201), breath)
    assert where[[0, 100]] == pytest.approx([excursion, 0], abs=1e-9)
    assert (where >= 0).all()
    assert where.max() <= excursion + 1e-9
    assert targeting.mean_position(breath) == pytest.approx(where[:-1].mean(), abs=1e-9)


@given(st.floats(1, 10), st.floats(0, 2))
@settings(max_examples=40, deadline=None)
def test_orders_between_whole_numbers_have_a_place_in_both_halves_of_the_breath(order, phase):
    breath = with_values(targeting.BreathParams(), order=order)
    assert 0 <= targeting.position(phase, breath) <= breath.excursion.value
    assert targeting.position(1 - phase, breath) == pytest.approx(targeting.position(phase, breath), abs=1e-9)


@given(st.floats(3, 12), st.floats(0.5, 4), st.floats(5, 25))
@settings(max_examples=40, deadline=None)
def test_a_gate_covers_no_less_than_a_free_breath(slack, sigma, excursion):
    breath = with_values(targeting.BreathParams(), excursion=excursion, window=0.2)
    free, gated = (targeting.covered_breathing(slack, sigma, breath, gated=gate) for gate in (False, True))
    assert gated >= free - 1e-9
    assert gated <= targeting.covered(slack, sigma) + 1e-9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: targeting.covered(5, -1), "sigma must be finite and not negative, got -1"),
        (lambda: targeting.covered(5, 1, np.nan), "offset must be finite and not negative"),
        (lambda: targeting.covered(np.inf, 1), "slack must be finite"),
        (lambda: targeting.spread_across(2, 1.9), "the needles are a mixture"),
        (lambda: targeting.spread_across(0, 1), "must be finite and above 0"),
        (lambda: targeting.position(np.nan, targeting.BreathParams()), "phase must be finite"),
        (lambda: targeting.sigma_needed(0, 0.9), "need a slack above 0"),
        (lambda: targeting.simulate(5, 1, 0, rng=np.random.default_rng(0)), "needles must be at least 1"),
        (lambda: with_values(targeting.BreathParams(), window=0), "g: value 0.0 lies outside its range"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
