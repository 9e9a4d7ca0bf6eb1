"""A dose of CAR T cells: closed forms, published half-lives, chance, the switch, fits, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import cart
from mesosim.params import with_values

TYPICAL = cart.SteinParams().values
DAYS = np.array([1, 3, 5, 7, 9, 11, 14, 18, 22, 28, 45, 60, 90, 180, 270, 360.0])
RANGES = ((5, 1e5), (3, 20), (100, 1e6), (0.05, 1), (1e-4, 0.3), (1e-4, 0.02))
values = st.tuples(*(st.floats(low, high) for low, high in RANGES)).map(np.array)


@pytest.mark.parametrize("check", cart.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(values)
@settings(max_examples=80, deadline=None)
def test_the_curve_is_continuous_peaks_once_and_ends_slowly(six):
    fold, tmax, cmax, alpha, _, beta = six
    at = cart.concentration([0, tmax * (1 - 1e-12), tmax, tmax * (1 + 1e-12)], six)
    assert at[0] == pytest.approx(cmax / fold)
    assert at[1:] == pytest.approx([cmax] * 3, rel=1e-6)
    days = np.linspace(0, 400, 4001)
    copies = cart.concentration(days, six)
    assert copies.max() <= cmax * (1 + 1e-9)
    assert (np.diff(copies[days >= tmax]) <= 0).all()
    late = cart.concentration([tmax + 2000, tmax + 2001], six)
    assert np.log(late[0] / late[1]) == pytest.approx(min(alpha, beta), rel=1e-3)


@given(st.lists(values, min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_patients_together_are_patients_alone(six):
    together = cart.concentration(DAYS, np.array(six).T)
    for patient, alone in enumerate(six):
        assert np.array_equal(together[:, patient], cart.concentration(DAYS, alone))


def test_a_fit_to_clean_samples_gives_the_values_back():
    start = with_values(cart.SteinParams(), fold=2000, tmax=8, cmax=30000, alpha=0.2, fb=0.01, beta=0.004)
    found = cart.fit(DAYS, cart.concentration(DAYS, TYPICAL), start)
    assert found == pytest.approx(TYPICAL, rel=1e-4)


def test_the_slow_decline_is_hardly_to_be_had_from_a_year_of_noisy_samples():
    rng, found = np.random.default_rng(1), []
    for _ in range(60):
        found.append(cart.fit(DAYS, cart.concentration(DAYS, TYPICAL) * np.exp(cart.NOISE * rng.standard_normal(16))))
    spread = dict(zip(cart.NAMES, np.log(found).std(axis=0), strict=True))
    assert spread["tmax"] < 0.15
    assert spread["beta"] > 3 * spread["tmax"]


def test_the_walk_agrees_with_itself_and_is_repeatable():
    copies = cart.concentration(DAYS, TYPICAL) * np.exp(cart.NOISE * np.random.default_rng(0).standard_normal(16))
    one, same = (cart.sample(DAYS, copies, rng=np.random.default_rng(2), draws=3000) for _ in range(2))
    assert np.array_equal(one.values, same.values)
    assert 0.1 < one.accepted < 0.6
    assert (one.r_hat < 1.1).all()
    centre = one.values.reshape(-1, 6).mean(axis=0)
    assert centre[1] == pytest.approx(np.log(9.3), abs=0.3)


def test_variances_and_standard_deviations_are_two_readings_of_one_table():
    wide, other = (cart.patients(4000, rng=np.random.default_rng(3), squared=flag) for flag in (True, False))
    for drawn, factor in ((wide, 0.5), (other, 1)):
        assert np.log(drawn[0]).std() == pytest.approx(2.4**factor, rel=0.05)
        assert np.log(drawn[2]).std() == pytest.approx(0.65**factor, rel=0.05)
        assert ((drawn[4] > 0) & (drawn[4] < 1)).all()
        assert np.median(drawn[4]) == pytest.approx(TYPICAL[4], rel=0.1)


def test_the_lymphoma_model_passes_the_medians_that_it_was_fitted_to():
    run = cart.KimmelParams().course(90, steps=3600, saved=900)
    for day, published, factor in ((7, 27.5, 1.25), (14, 9.1, 1.25), (28, 2.1, 1.25), (90, 0.1, 4)):
        cells = np.interp(day, run.times, run.states[:, 1, 0])
        assert 1 / factor < cells / published < factor
    assert run.error.max() < 1e-4


@given(st.integers(0, 60), st.floats(0.1, 3), st.floats(0.1, 3))
@settings(max_examples=60, deadline=None)
def test_more_cells_die_out_less_often(cells, birth, death):
    one, more = cart.extinction([cells, cells + 1], birth, death)
    assert 0 <= more <= one <= 1
    assert cart.extinction(0, birth, death) == 1


@pytest.mark.parametrize(("cells", "birth", "death"), [(1, 2.0, 1.0), (5, 1.5, 1.0), (20, 1.1, 1.0)])
def test_simulated_crowds_die_out_as_often_as_the_formula_says(cells, birth, death):
    expected = float(cart.extinction(cells, birth, death))
    got = cart.die_out(cells, birth, death, 8000, rng=np.random.default_rng(5))
    assert got == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 8000))


def test_the_switch_takes_what_it_is_said_to_take_and_the_deaf_come_back():
    p = cart.SwitchParams()
    assert cart.switched(30, with_values(p, regrowth=0)) == pytest.approx(0.1)
    assert cart.switched(0) == pytest.approx(1)
    left = cart.switched(np.array([60, 1440, 14_400]))
    assert left[0] < left[1] < left[2]
    sensitive = cart.switched([600, 6000], with_values(p, deaf=0, regrowth=0))
    assert (np.diff(sensitive) <= 0).all()


def test_carrgo_rests_where_it_says():
    tumour, cells = cart.carrgo(0.06, 1e9, 6e-9, 3e-11, 1e-6)
    assert 0.06 * tumour * (1 - tumour / 1e9) == pytest.approx(6e-9 * tumour * cells)
    assert 3e-11 * tumour * cells == pytest.approx(1e-6 * cells)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cart.concentration([-1], TYPICAL), "days must be finite and not negative"),
        (lambda: cart.concentration([1], TYPICAL[:5]), "values need 6 rows, fold, tmax"),
        (lambda: cart.concentration([1], -TYPICAL), "values must be finite and above zero"),
        (lambda: cart.fit([1, 2], [1, 2]), "need at least 6 measurements"),
        (lambda: cart.fit(DAYS, np.zeros(16)), "copies must be above zero: leave out samples below"),
        (lambda: cart.sample(DAYS, np.ones(16), rng=np.random.default_rng(0), chains=1), "at least 2 chains"),
        (lambda: cart.patients(0, rng=np.random.default_rng(0), squared=True), "number must be at least 1"),
        (lambda: cart.extinction(-1, 1, 1), "cells must be finite and not negative"),
        (lambda: cart.extinction(1, 0, 0), "birth and death must not be negative nor both zero"),
        (lambda: cart.switched(-1), "minutes must be finite and not negative"),
        (lambda: with_values(cart.SwitchParams(), removed=90, deaf=20).rate, "90% can't be removed when 20%"),
        (lambda: cart.carrgo(0.1, 10, 1, 0.001, 1), "CAR T cells die out: they need a tumour of 1000"),
        (lambda: cart.carrgo(0, 10, 1, 1, 1), "all values must be above zero"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
