"""Cells that walk into a rind: bounds, closed forms, single walkers, and what is refused."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import slab
from mesosim.params import with_values

motilities, losses, days, levels = st.floats(1, 67), st.floats(0.1, 2), st.floats(0.01, 60), st.floats(0.001, 0.9)
rinds = st.builds(
    lambda m, k, mm: with_values(slab.RindParams(), motility=m, loss=k, thickness=mm),
    motilities, losses, st.floats(0.5, 20),
)  # fmt: skip


@pytest.mark.parametrize("check", slab.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(rinds, days)
@settings(max_examples=30, deadline=None)
def test_there_are_nowhere_more_cells_than_at_the_surface_nor_fewer_than_none(rind, time):
    cells = slab.simulate(rind, time, layers=60, steps=80).cells
    assert cells.min() >= -1e-9
    assert cells.max() <= 1 + 1e-9


@given(rinds)
@settings(max_examples=50, deadline=None)
def test_the_steady_profile_falls_and_solves_its_equation(rind):
    x = np.linspace(0, 1000 * rind.thickness.value, 401)
    profile = slab.steady(x, rind)
    assert profile[0] == pytest.approx(1)
    assert (np.diff(profile) <= 1e-15).all()
    step = 1e-3 * rind.reach
    middle = np.linspace(2 * step, 1000 * rind.thickness.value - 2 * step, 9)
    left, mid, right = (slab.steady(middle + shift, rind) for shift in (-step, 0, step))
    assert np.allclose((left - 2 * mid + right) / step**2, mid / rind.reach**2, rtol=1e-3, atol=1e-12)


@given(rinds)
@settings(max_examples=50, deadline=None)
def test_the_share_reached_is_the_mean_of_the_profile(rind):
    x = (np.arange(20_000) + 0.5) / 20_000 * 1000 * rind.thickness.value
    assert slab.share_reached(rind) == pytest.approx(slab.steady(x, rind).mean(), rel=1e-4)


@given(st.floats(0, 3000), days, motilities, losses)
@settings(max_examples=100, deadline=None)
def test_cells_in_an_endless_rind_grow_towards_the_exponential(x, time, motility, loss):
    early, later = slab.half_space(x, [time, 2 * time], motility, loss)
    assert -1e-12 <= early <= later + 1e-12
    assert later <= np.exp(-x / slab.reach(motility, loss)) + 1e-12
    late = slab.half_space(x, 1000 / loss, motility, loss)
    assert late == pytest.approx(np.exp(-x / slab.reach(motility, loss)), abs=1e-9)


@given(levels, days, motilities, losses)
@settings(max_examples=100, deadline=None)
def test_at_the_depth_stands_the_level(level, time, motility, loss):
    found = slab.depth(level, time, motility, loss)
    assert slab.half_space(found, time, motility, loss) == pytest.approx(level, rel=1e-6)


@given(levels, motilities, losses)
@settings(max_examples=50, deadline=None)
def test_more_cells_at_the_surface_buy_depth_by_the_logarithm_alone(level, motility, loss):
    once, doubled = (slab.depth(share, 1e5, motility, loss) for share in (level, level / 2))
    assert doubled - once == pytest.approx(np.log(2) * slab.reach(motility, loss), rel=1e-6)


def test_ten_thousand_rinds_at_once_are_those_one_by_one():
    rng = np.random.default_rng(0)
    motility, loss = rng.uniform(1, 67, 10_000), rng.uniform(0.1, 2, 10_000)
    together = slab.depth(0.1, 7, motility, loss)
    assert together[:5] == pytest.approx(
        [float(slab.depth(0.1, 7, *pair)) for pair in zip(motility[:5], loss[:5], strict=True)]
    )


def test_layers_agree_with_the_closed_form_before_the_steady_state():
    rind = with_values(slab.RindParams(), thickness=6)
    for time in (0.5, 2, 7):
        course = slab.simulate(rind, time, layers=1200, steps=600)
        exact = slab.half_space(course.x, time, rind.motility.value, rind.loss.value)
        assert np.abs(course.cells[-1] - exact).max() < 1e-3


def test_cells_on_a_surface_that_empties_are_fewer_everywhere():
    rind = slab.RindParams()
    full, fading = slab.simulate(rind), slab.simulate(rind, surface=lambda day: np.exp(-day))
    assert (fading.cells <= full.cells + 1e-12).all()
    assert fading.cells[-1].sum() < 0.7 * full.cells[-1].sum()


def test_walkers_forget_their_direction():
    params, rng = slab.WalkParams(), np.random.default_rng(3)
    place = slab.walk(4000, 6, params, rng=rng, steps=400)
    minutes = np.linspace(0, 6, 401)
    for step in (20, 100, 400):
        expected = slab.mean_square(minutes[step], params)
        assert np.mean(place[step] ** 2) == pytest.approx(expected, rel=4 * np.sqrt(2 / 4000) + 0.03)
    assert abs(place[-1].mean()) < 4 * np.sqrt(slab.mean_square(6, params) / 4000)


def test_a_walk_is_repeatable_and_needs_a_generator():
    one, same = (slab.walk(5, 3, rng=np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(one, same)
    with pytest.raises(TypeError):
        slab.walk(5, 3)


def test_nothing_overflows_in_thick_rinds():
    thick = with_values(slab.RindParams(), motility=1, loss=2, thickness=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert slab.steady([0, 20_000], thick)[0] == 1
        assert np.isfinite(slab.half_space([0, 1e5], 1e-3, 1, 2)).all()
        assert 0 < slab.share_reached(thick) < 0.01


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: slab.steady([6000], slab.RindParams()), "depths must lie between 0 and the rind's 5000 µm"),
        (lambda: slab.half_space(-1, 1, 1, 1), "depths must be finite and not negative"),
        (lambda: slab.half_space(1, 0, 1, 1), "days must be finite and above zero"),
        (lambda: slab.reach(1, 0), "loss must be finite and above zero"),
        (lambda: slab.reach(float("nan"), 1), "motility must be finite"),
        (lambda: slab.depth(1.2, 1, 1, 1), "level must lie between 0 and 1"),
        (lambda: slab.simulate(slab.RindParams(), layers=1), "need at least 2 layers"),
        (lambda: slab.simulate(slab.RindParams(), surface=lambda day: -day), "surface must give finite numbers"),
        (lambda: slab.simulate(slab.RindParams(), 0), "days must be finite and above zero"),
        (lambda: slab.walk(3, 100, rng=np.random.default_rng(0), steps=10), "too long for turns each 0.6 min: 1667"),
        (lambda: slab.motility(18, 0), "persistence must be finite and above zero"),
        (lambda: with_values(slab.RindParams(), thickness=0), "L: value 0.0 lies outside its range"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
