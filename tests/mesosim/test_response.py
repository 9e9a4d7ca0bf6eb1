"""Readers and rulers: what no error may do, closed forms, rules of the criteria, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mesosim import response
from mesosim.params import with_values

shares, spreads = st.floats(0, 1), st.floats(0.5, 40)
readers = st.builds(lambda r, s: with_values(response.ReaderParams(), spread=s, shared=r), shares, spreads)
rinds = st.lists(st.floats(0.5, 60), min_size=6, max_size=6).map(np.array)
series = st.integers(2, 7).flatmap(
    lambda scans: st.lists(st.lists(st.floats(0.1, 100), min_size=4, max_size=4), min_size=scans, max_size=scans)
)


@pytest.mark.parametrize("check", response.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


def test_the_mean_range_of_six_normal_draws_is_the_integral():
    z = np.linspace(-8, 8, 160_001)
    exact = np.trapezoid(1 - norm.cdf(z) ** 6 - norm.sf(z) ** 6, z)
    assert pytest.approx(exact, abs=1e-6) == response.RANGE_OF_SIX


@given(rinds, readers, st.floats(0.1, 10), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_larger_units_change_nothing_but_the_unit(rind, reader, factor, seed):
    small = response.measure(rind, reader, 20, rng=np.random.default_rng(seed))
    large = response.measure(factor * rind, reader, 20, rng=np.random.default_rng(seed))
    assert np.allclose(large, factor * small, rtol=1e-9)
    assert reader.of_sum(rind) == pytest.approx(reader.of_sum(factor * rind))


@given(rinds, readers)
@settings(max_examples=60, deadline=None)
def test_a_sum_errs_less_than_a_site_and_never_less_than_its_shared_part(rind, reader):
    assert reader.of_sum(rind) <= reader.sigma * (1 + 1e-12)
    assert reader.of_sum(rind) >= reader.sigma * np.sqrt(reader.shared.value) * (1 - 1e-12)
    assert reader.of_sum() <= reader.of_sum(rind) * (1 + 1e-12)


def test_drawn_sums_spread_as_the_formula_says():
    rind, reader = np.array([5, 8, 12, 12, 20, 30.0]), response.ReaderParams()
    sums = response.measure(rind, reader, 100_000, rng=np.random.default_rng(1))
    assert sums.mean() == pytest.approx(rind.sum(), rel=1e-3)
    assert sums.std() / rind.sum() == pytest.approx(reader.of_sum(rind), rel=0.02)


@given(st.floats(0.1, 3), st.floats(0, 3), st.floats(0.001, 0.3))
@settings(max_examples=100, deadline=None)
def test_chances_rise_with_the_truth_and_fall_with_the_bound(bound, true, error):
    chance = response.change_at_least(bound, true, error)
    assert 0 <= chance <= 1
    assert response.change_at_least(1.1 * bound, true, error) <= chance + 1e-12
    assert response.change_at_least(bound, 1.1 * true, error) >= chance - 1e-12


@given(st.floats(-99, 300), readers)
@settings(max_examples=100, deadline=None)
def test_a_scan_is_one_of_three_and_never_both_better_and_worse(change, reader):
    chances = response.probabilities(change, reader)
    assert sum(chances.values()) == pytest.approx(1)
    assert min(chances.values()) >= -1e-12


@given(series)
@settings(max_examples=100, deadline=None)
def test_series_follow_the_rules_written_out(sums):
    sums = np.array(sums)
    for confirm in (False, True):
        course = response.follow(sums, confirm=confirm)
        for patient in range(sums.shape[1]):
            first, better, responded = 0, False, False
            for scan in range(1, len(sums)):
                past = sums[:scan, patient].min()
                now = sums[scan, patient]
                if now >= 1.2 * past:
                    first = scan
                    break
                again = now <= 0.7 * sums[0, patient]
                responded |= again and (better or not confirm)
                better = again
            assert course.first_progression[patient] == first
            assert course.responded[patient] == responded


@given(series, st.floats(0.01, 100))
@settings(max_examples=50, deadline=None)
def test_calls_do_not_depend_on_the_unit(sums, factor):
    one, other = response.follow(np.array(sums)), response.follow(factor * np.array(sums))
    near = np.isclose(np.array(sums)[1:] / np.minimum.accumulate(np.array(sums))[:-1], 1.2).any()
    near |= np.isclose(np.array(sums)[1:] / np.array(sums)[0], 0.7).any()
    if not near:
        assert np.array_equal(one.first_progression, other.first_progression)
        assert np.array_equal(one.responded, other.responded)


def test_confirmation_takes_responses_away_and_adds_none():
    rng = np.random.default_rng(4)
    sums = np.abs(60 * (1 + 0.3 * rng.standard_normal((6, 5000))))
    once, twice = response.follow(sums, confirm=False).responded, response.follow(sums).responded
    assert (twice <= once).all()
    assert twice.sum() < once.sum()


def test_growth_after_a_rind_that_was_gone_is_progression():
    course = response.follow([[60.0, 60.0], [0.0, 0.0], [0.0, 3.0]])
    assert course.first_progression.tolist() == [0, 2]
    assert course.responded.tolist() == [True, False]


@given(st.floats(0.01, 60), st.floats(2, 15))
@settings(max_examples=100, deadline=None)
def test_recovery_is_a_share_that_grows_with_size_and_falls_with_blur(size, fwhm):
    pet, worse = (with_values(response.PetParams(), fwhm=w) for w in (fwhm, min(15, 1.2 * fwhm)))
    for recovery in (response.slab_recovery, response.sphere_recovery):
        assert 0 <= recovery(size, pet) <= 1 + 1e-12
        assert recovery(1.1 * size, pet) >= recovery(size, pet) - 1e-12
        assert recovery(size, worse) <= recovery(size, pet) + 1e-12
    assert response.sphere_recovery(size, pet) <= response.slab_recovery(size, pet) + 1e-12


def test_limits_hold_the_share_that_they_promise():
    reader = response.ReaderParams()
    low, high = response.limits_of_agreement(reader.of_sum())
    rng = np.random.default_rng(2)
    one, two = (response.measure(np.full(6, 12.0), reader, 100_000, rng=rng) for _ in range(2))
    change = 100 * (two / one - 1)
    assert np.mean((change > low) & (change < high)) == pytest.approx(0.95, abs=0.004)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: response.measure(np.ones(5), response.ReaderParams(), 3, rng=RNG), "thickness needs 6 sites"),
        (lambda: response.measure(-np.ones(6), response.ReaderParams(), 3, rng=RNG), "finite and not negative"),
        (lambda: response.measure(np.zeros(6), response.ReaderParams(), 3, rng=RNG), "all six sites are zero"),
        (lambda: response.measure(np.ones(6), response.ReaderParams(), 0, rng=RNG), "readings must be at least 1"),
        (lambda: response.change_at_least(1.2, 1, -0.1), "error must be finite and not negative"),
        (lambda: response.change_at_least(float("nan"), 1, 0.1), "ratio must be finite"),
        (lambda: response.limits_of_agreement(0.6), "error must be at least 0 and below 0.510"),
        (lambda: response.follow([[1.0, 2.0]]), "needs a baseline and at least one more scan"),
        (lambda: response.follow([[0.0], [1.0]]), "the baseline above zero"),
        (lambda: response.follow([[1.0], [float("nan")]]), "sums must be finite"),
        (lambda: response.slab_recovery(-1), "lengths must be finite and not negative"),
        (lambda: with_values(response.ReaderParams(), shared=1.1), "ρ: value 1.1 lies outside its range"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("baseline", [90, 170, 180, 10, 35])
def test_a_sum_exactly_on_a_bound_counts(baseline):
    fallen, risen = 7 * baseline / 10, 6 * baseline / 5
    assert response.follow([[baseline], [fallen]], confirm=False).responded.all()
    assert not response.follow([[baseline], [fallen + 0.01]], confirm=False).responded.any()
    assert response.follow([[baseline], [risen]]).first_progression.tolist() == [1]
