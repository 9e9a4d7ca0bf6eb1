"""Curves from a few points: they pass through them, and they say what they can't know."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import landmarks, survival

curves = st.lists(st.tuples(st.floats(0.5, 20), st.floats(0.05, 0.99)), min_size=1, max_size=5).map(
    lambda steps: list(zip(np.cumsum([s[0] for s in steps]), np.cumprod([s[1] for s in steps]), strict=True))
)


@pytest.mark.parametrize("check", landmarks.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


TRIALS = (landmarks.CheckMate743(), landmarks.Epithelioid743(), landmarks.Progression743(), landmarks.Mars2())
PARAMS = [getattr(trial, item.name) for trial in TRIALS for item in fields(trial)]


@pytest.mark.parametrize("param", [param for param in PARAMS if not param.assumed], ids=lambda param: param.fact)
def test_a_published_value_equals_the_ledger(facts, param):
    name, _, place = param.fact.rstrip("]").partition("[")
    value = facts[name]["value"]
    assert param.value == (value[int(place)] if place else value)
    assert param.source == facts[name]["source"]
    assert facts[name].get("use") != "background-only"
    assert facts[name].get("reread") != "not found"


def test_the_ratio_that_epithelioid_people_are_held_against_stands_in_the_ledger(facts):
    record = facts["cm743-3yr-epithelioid"]
    wanted = next(check.expected for check in landmarks.checks() if check.name == "hazard ratio, epithelioid")
    assert f"hazard ratio {wanted}" in record["statement"]


@given(curves)
@settings(max_examples=60, deadline=None)
def test_the_curve_passes_through_its_landmarks_and_never_rises(marks):
    times, alive = np.array(marks).T
    assert np.allclose(landmarks.alive_at(times, marks), alive)
    assert (np.diff(landmarks.alive_at(np.linspace(0, times[-1], 200), marks)) <= 1e-12).all()


@given(curves, st.integers(50, 400))
@settings(max_examples=60, deadline=None)
def test_people_made_from_landmarks_give_them_back(marks, number):
    curve_times, died = landmarks.people(marks, number)
    for time, alive in marks[:-1]:
        assert np.mean(curve_times > time) == pytest.approx(alive, abs=1 / number)
    assert 1 - died.mean() == pytest.approx(marks[-1][1], abs=1 / number)


@given(curves)
@settings(max_examples=30, deadline=None)
def test_an_arm_against_itself_differs_in_nothing(marks):
    found = landmarks.compare(marks, marks, (150, 150))
    assert found.ratio == pytest.approx(1, abs=1e-6)
    assert found.mean_difference == pytest.approx(0, abs=1e-9)


def test_swapping_arms_turns_the_ratio():
    trial = landmarks.CheckMate743()
    new, old = landmarks.points(trial, "new"), landmarks.points(trial, "old")
    one, other = landmarks.compare(new, old, (303, 302)), landmarks.compare(old, new, (302, 303))
    assert one.ratio * other.ratio == pytest.approx(1, rel=1e-6)
    assert one.mean_difference == pytest.approx(-other.mean_difference)


def test_the_hazard_ratio_published_for_growth_or_death_cannot_be_had_from_its_landmarks(facts):
    low, high = facts["cm743-pfs-hr"]["interval"]
    found = landmarks.reconstruct(landmarks.Progression743())
    assert low < landmarks.Progression743().ratio.value < high
    assert not low < found.ratio < high


def test_a_ratio_depends_on_where_the_trial_stops_when_hazards_are_not_proportional():
    trial = landmarks.Progression743()
    arms = [landmarks.points(trial, arm) for arm in ("new", "old")]
    ratios = [landmarks.compare(*arms, landmarks.sizes(trial), until).ratio for until in (7, 12, 24, 36)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] > 1 > ratios[-1]
    level = [landmarks.exponential(median, 36) for median in (20, 10)]
    steady = [landmarks.compare(*level, (4000, 4000), until).ratio for until in (7, 12, 24, 36)]
    assert steady == pytest.approx([0.5] * 4, rel=0.02)


def test_constant_hazards_give_the_ratio_of_medians_turned():
    arms = [landmarks.exponential(median, 400) for median in (20, 10)]
    assert landmarks.compare(*arms, (4000, 4000)).ratio == pytest.approx(0.5, rel=0.01)


def test_the_restricted_mean_is_the_area_under_the_curve():
    marks = landmarks.points(landmarks.CheckMate743(), "new")
    time = np.linspace(0, 36, 200_001)
    area = np.trapezoid(landmarks.alive_at(time, marks), time)
    mean, _ = survival.kaplan_meier(*landmarks.people(marks, 5000)).restricted_mean(36)
    assert mean == pytest.approx(area, abs=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: landmarks.alive_at(1, [(2, 0.5), (1, 0.4)]), "landmarks must rise in time"),
        (lambda: landmarks.alive_at(1, [(2, 0.5), (3, 0.6)]), "not in the share alive"),
        (lambda: landmarks.alive_at(1, [(2, 0.0)]), "stays above 0"),
        (lambda: landmarks.alive_at(9, [(2, 0.5)]), "between 0 and the last landmark at 2"),
        (lambda: landmarks.alive_at(1, []), "at least one finite pair"),
        (lambda: landmarks.people([(2, 0.5)], 0), "number must be at least 1"),
        (lambda: landmarks.points(landmarks.Mars2(), "both"), "arm must be 'new' or 'old'"),
        (lambda: landmarks.exponential(0, 5), "must be above 0"),
        (lambda: landmarks.compare([(9, 0.5)], [(8, 0.5)], (9, 9), 8.5), "at most at the last landmark, 8; got 8.5"),
        (lambda: landmarks.compare([(9, 0.5)], [(8, 0.5)], (9, 9), -1), "until must lie above 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
