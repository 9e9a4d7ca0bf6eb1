"""The epidemic model: what it keeps, what it reproduces, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import epi
from mesosim.params import Param

START = epi.EpidemicParams()
YEARS = np.arange(1968, 2051)
exposures = st.lists(st.floats(0, 1e3), min_size=101, max_size=101).map(np.array)


def with_values(**values):
    return replace(START, **{name: Param(value, "1", "assumed", name) for name, value in values.items()})


@given(exposures, exposures)
@settings(max_examples=25, deadline=None)
def test_deaths_add_up_over_exposures(one, other):
    both = epi.convolve(START, one + other, YEARS)
    assert np.allclose(both, epi.convolve(START, one, YEARS) + epi.convolve(START, other, YEARS), rtol=1e-9)


@given(exposures, st.floats(0, 100))
@settings(max_examples=25, deadline=None)
def test_deaths_are_proportional_to_exposure(exposed, factor):
    scaled = epi.convolve(START, factor * exposed, YEARS)
    assert np.allclose(scaled, factor * epi.convolve(START, exposed, YEARS), rtol=1e-9)


@given(st.integers(0, 100), st.floats(0, 30))
@settings(max_examples=40, deadline=None)
def test_nobody_dies_before_the_lag_is_over(position, lag):
    exposed = np.zeros(101)
    exposed[position] = 1
    years = np.arange(1900, 2101)
    deaths = epi.convolve(with_values(lag=lag), exposed, years)
    assert (deaths >= 0).all()
    assert deaths[years <= epi.EXPOSURE_YEARS[position] + lag].max() < 1e-12 * max(deaths.max(), 1)


@given(st.floats(20, 80), st.floats(0, 40), st.floats(0, 20), st.floats(0, 40))
@settings(deadline=None)
def test_brief_exposures_add_up_to_a_longer_one(elapsed, first, lag, second):
    whole = epi.brief_exposure_sum(first + second, elapsed, lag)
    later = epi.brief_exposure_sum(second, max(elapsed - first, 0), lag)
    assert whole == pytest.approx(epi.brief_exposure_sum(first, elapsed, lag) + later, rel=1e-9, abs=1e-6)


def test_the_cubic_identity_has_its_value():
    assert epi.brief_exposure_sum(7, 45, 10) == pytest.approx(20923, rel=1e-10)


def test_the_exposure_peaks_where_it_was_published():
    curve = epi.exposure(START)
    assert epi.EXPOSURE_YEARS[curve.argmax()] == 1963
    assert (np.diff(curve[:64]) >= 0).all()
    assert (np.diff(curve[63:]) <= 0).all()


def test_deaths_by_birth_year_add_up_to_the_epidemic():
    births = np.arange(1830, 1990)
    by_birth = epi.deaths_by_birth_year(START, births, YEARS)
    assert np.allclose(by_birth.sum(axis=0), epi.epidemic(START).deaths, rtol=1e-9)


def test_the_fit_reaches_the_published_projection():
    found = epi.epidemic(epi.fit(START))
    assert found.peak_year == pytest.approx(2016, abs=0.5)
    assert epi.share_from_2007(found) == pytest.approx(61 / 91, abs=0.005)


def test_the_shipped_widths_are_those_of_the_fit():
    fitted = epi.fit(START)
    assert fitted.years_before.value == pytest.approx(START.years_before.value, rel=0.02)
    assert fitted.years_after.value == pytest.approx(START.years_after.value, rel=0.02)


@pytest.mark.parametrize("check", epi.checks(), ids=lambda check: check.name)
def test_every_check_of_the_lab_passes(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


def test_the_held_out_counts_were_not_used_by_the_fit():
    held_out = [check for check in epi.checks() if check.kind == "held out"]
    assert {check.name for check in held_out} == {"male deaths in 2006", "male deaths in 2022"}


@given(st.integers(1930, 2000), st.integers(0, 30))
@settings(max_examples=25, deadline=None)
def test_a_later_ban_never_saves_lives(year, delay):
    early, late = (epi.epidemic(START, banned_from=ban).deaths for ban in (year, year + delay))
    assert (early <= late + 1e-9).all()


def test_survival_falls_with_age_and_starts_at_one():
    ages = np.arange(0, 110)
    alive = epi.survival(START, ages)
    assert alive[0] == pytest.approx(1)
    assert (np.diff(alive) < 0).all()
    assert epi.survival(START, 60, 60) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: epi.response(START, [-1]), "lags: negative"),
        (lambda: epi.response(with_values(exponent=-1), [1]), "need exponent > 0"),
        (lambda: epi.convolve(START, np.ones(5), YEARS), "shape"),
        (lambda: epi.convolve(START, np.full(101, np.nan), YEARS), "not finite"),
        (lambda: epi.convolve(START, -np.ones(101), YEARS), "negative"),
        (lambda: epi.convolve(START, np.ones(101), []), "years: empty"),
        (lambda: epi.brief_exposure_sum(-1, 45, 10), "negative"),
        (lambda: epi.epidemic(START).in_year(1900), "1900 was not computed"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_impossible_target_is_an_error_and_not_a_poor_fit():
    with pytest.raises(RuntimeError, match="no exposure curve gives a peak in 1950"):
        epi.fit(START, epi.Targets(peak_year=1950.0))
