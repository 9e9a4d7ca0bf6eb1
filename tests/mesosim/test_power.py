"""Many trials at once: one trial's test again, errors of both kinds at their level, and bad input is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import power, survival, trial
from mesosim.params import with_values


@pytest.mark.parametrize("check", power.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(st.integers(20, 200), st.integers(0, 10_000), st.floats(0.2, 0.9))
@settings(max_examples=40, deadline=None)
def test_many_at_once_is_one_after_another(people, seed, censored):
    rng = np.random.default_rng(seed)
    months, died = rng.exponential(10, (3, people)), rng.random((3, people)) > censored
    died[:, 0] = True
    new = np.tile([False, True], (3, people))[:, :people]
    new[:, months.argmax(axis=1)] = True
    rows = [row for row in range(3) if new[row, months[row] >= months[row][died[row]].min()].any()
            and not new[row, months[row] >= months[row][died[row]].min()].all()]  # fmt: skip
    found = power.logrank(months[rows], died[rows], new[rows]) if rows else None
    for at, row in enumerate(rows):
        alone = survival.logrank(months[row], died[row], new[row])
        assert found.z[at] ** 2 == pytest.approx(alone.statistic, rel=1e-9, abs=1e-12)


@given(st.integers(0, 10_000), st.integers(5, 60))
@settings(max_examples=30, deadline=None)
def test_a_cut_counts_its_deaths_and_looks_at_nothing_later(seed, deaths):
    rng = np.random.default_rng(seed)
    entry, months = rng.uniform(0, 24, (2, 100)), rng.exponential(14, (2, 100))
    died = months < 60
    at = power.cut(entry, months, died, deaths)
    assert (at.died.sum(axis=1) == deaths).all()
    assert (entry + at.months <= at.date[:, None] + 1e-9).all()
    assert (at.months[at.died] == months[at.died]).all()


def test_people_who_had_not_entered_are_not_counted():
    entry, months = np.array([[0.0, 0, 0, 50, 50]]), np.array([[5.0, 10, 20, 1, 1]])
    at = power.cut(entry, months, np.ones((1, 5)), 2)
    new = np.array([[True, False, True, True, False]])
    inside = power.logrank(at.months[:, :3], at.died[:, :3], new[:, :3])
    late = survival.logrank(at.months[0, :3], at.died[0, :3], new[0, :3])
    whole = at.months[0] >= 0
    assert whole.tolist() == [True, True, True, False, False]
    assert power.logrank(at.months, at.died, new).z == pytest.approx(inside.z)
    assert inside.z[0] ** 2 == pytest.approx(late.statistic)


def test_power_is_near_its_plan_at_the_planned_deaths_and_errors_of_the_first_kind_at_their_level():
    design = power.DesignParams()
    assert design.deaths == 425
    rng = np.random.default_rng(4)
    at, tests = power.trials(power.planted_pool(design.ratio.value, 60_000, rng=rng), 4000, rng=rng)
    assert (at.died.sum(axis=1) == 425).all()
    assert power.chance(tests.found())[0] == pytest.approx(0.9, abs=0.025)
    assert np.exp(np.median(tests.log_ratio)) == pytest.approx(design.ratio.value, abs=0.02)
    _, none = power.trials(power.planted_pool(1.0, 60_000, rng=rng), 4000, rng=rng)
    assert np.mean(np.abs(none.z) > 1.959964) == pytest.approx(0.05, abs=0.014)
    assert abs(none.z.mean()) < 4 / np.sqrt(4000)


def test_cells_that_do_nothing_leave_both_fates_alike():
    idle = with_values(trial.PeopleParams(), potency=0)
    both = power.pool(trial.Arm(dose=10), 200, idle, seed=3)
    assert np.array_equal(both.months[0], both.months[1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: power.cut([1.0], [1.0, 2.0], [True, True], 1), "one shape"),
        (lambda: power.cut([1.0], [1.0], [True], 0), "deaths"),
        (lambda: power.cut([1.0], [1.0], [False], 1), "no death"),
        (lambda: power.logrank([1.0, 2.0], [True, True], [True, True]), "trial 0"),
        (lambda: power.planted_pool(0, 5, rng=np.random.default_rng(1)), "ratio"),
        (
            lambda: power.trials(
                power.planted_pool(1, 50, rng=np.random.default_rng(1)), 1, rng=np.random.default_rng(1)
            ),
            "605 people in the pool",
        ),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
