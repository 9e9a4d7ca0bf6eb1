"""The tumour-immune model: its fixed points, folds and borders, and what it refuses."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from mesosim import immune
from mesosim.params import Param, with_values

MOUSE = immune.KuznetsovParams().system
systems = st.builds(
    immune.System,
    sigma=st.floats(0.01, 0.5),
    rho=st.floats(0.3, 2.5),
    eta=st.floats(3, 60),
    mu=st.floats(0.001, 0.02),
    delta=st.floats(0.1, 0.9),
    alpha=st.floats(0.5, 3),
    beta=st.floats(0.001, 0.02),
    kill=st.floats(0.4, 1.5),
)
cells = st.tuples(st.floats(0.01, 3), st.floats(0.01, 400))


@pytest.mark.parametrize("check", immune.checks(), ids=lambda check: check.name)
def test_every_check_of_the_lab_passes(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(systems)
@settings(max_examples=100, deadline=None)
def test_fixed_points_are_roots_of_the_equations(system):
    s = system
    for point in immune.fixed_points(system):
        x, y = point.x, point.y
        terms = [s.sigma, s.rho * x * y / (s.eta + y), s.mu * x * y, s.delta * x]
        assert abs(terms[0] + terms[1] - terms[2] - terms[3]) < 1e-9 * (1 + max(terms))
        growth, kill = s.alpha * y * (1 - s.beta * y), s.kill * x * y
        assert abs(growth - kill) < 1e-9 * (1 + growth + kill)


@given(systems)
@settings(max_examples=100, deadline=None)
def test_there_are_one_to_three_tumours_and_their_kinds_add_up(system):
    """Of states with a tumour, saddles are one fewer than the others where a cell can grow, else as many."""
    points = immune.fixed_points(system)
    assume(all(point.kind != "borderline" for point in points))
    free, *tumours = points
    assert len(tumours) <= 3
    saddles = sum(point.kind == "saddle" for point in tumours)
    assert len(tumours) - 2 * saddles == (0 if free.stable else 1)
    assert any(point.stable for point in points)


@given(systems, cells)
@settings(max_examples=40, deadline=None)
def test_cells_stay_positive_and_the_tumour_below_its_capacity(system, start):
    run = immune.simulate(system, start, np.linspace(0, 20, 6), steps=100, tolerance=1e-3)
    assert (run.values > 0).all()
    assert (run.values[:, 1] <= max(start[1], 1 / system.beta) * (1 + 1e-3)).all()


@given(systems)
@settings(max_examples=25, deadline=None)
def test_a_run_from_a_fixed_point_stays_there_for_a_while(system):
    for point in immune.fixed_points(system):
        if point.y > 1e-3 and point.x > 1e-3:
            run = immune.simulate(system, [point.x, point.y], [0, 0.5], steps=50)
            assert run.values[-1, :, 0] == pytest.approx([point.x, point.y], rel=1e-4)


@given(cells)
@settings(max_examples=30, deadline=None)
def test_ours_agrees_with_lsoda(start):
    assume(start[0] > 0.05)
    run = immune.simulate(MOUSE, start, np.linspace(0, 8, 5), steps=60, tolerance=1e-7)
    assert run.values[-1, :, 0] == pytest.approx(immune._by_lsoda(MOUSE, start, 8), rel=1e-4)


@given(systems, st.floats(0.001, 300))
@settings(max_examples=25, deadline=None)
def test_without_influx_no_effector_cells_come_from_nothing(system, size):
    """At sigma = 0 the axis without effector cells is never left: x' is a multiple of x."""
    none = replace(system, sigma=0.0)
    relative, _ = immune.relative_rates(0, [np.array(1e-200), np.array(size)], *vars(none).values())
    assert np.isfinite(relative)
    assert immune.fixed_points(none)[0].x == 0
    alone = [p for p in immune.fixed_points(none) if p.x == 0 and p.y > 0]
    assert alone[0].y == pytest.approx(1 / none.beta)


@given(systems, st.floats(0.1, 3), st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_without_killing_the_tumour_is_logistic(system, x, y):
    """With effector cells that hardly kill, growth has a closed form."""
    harmless = replace(system, kill=1e-12, delta=1.0, rho=0.3)
    run = immune.simulate(harmless, [x, y], np.linspace(0, 3, 4), steps=40, tolerance=1e-5)
    b, grown = system.beta, np.exp(3 * system.alpha)
    assert run.values[-1, 1, 0] == pytest.approx(y * grown / (1 + b * y * (grown - 1)), rel=1e-4)


def test_with_a_boundless_tumour_one_root_is_lost():
    """As beta goes to 0 the largest tumour goes to infinity, and two states with a tumour are left."""
    sizes = [immune.fixed_points(replace(MOUSE, beta=beta))[-1].y for beta in (2e-3, 2e-4, 2e-5)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 40_000
    small = [immune.fixed_points(replace(MOUSE, beta=beta))[1:3] for beta in (2e-5, 2e-6)]
    assert [p.y for p in small[0]] == pytest.approx([p.y for p in small[1]], rel=2e-2)


@pytest.mark.parametrize("name", ["sigma", "delta"])
def test_folds_are_the_extremes_of_the_value_that_each_size_needs(name):
    """Each size needs one value of sigma, or delta; where that turns back is a fold, found without continuation."""
    s = MOUSE

    def needed(y):
        x = s.alpha * (1 - s.beta * y)
        if name == "sigma":
            return x * (s.delta + s.mu * y - s.rho * y / (s.eta + y))
        return s.sigma / x + s.rho * y / (s.eta + y) - s.mu * y

    bounds = [(200, 490)] if name == "sigma" else [(200, 490), (10, 200)]
    signs = [-1] if name == "sigma" else [1, -1]
    expected = [
        sign * minimize_scalar(lambda y, f=sign: f * needed(y), bounds=b, method="bounded", options={"xatol": 1e-9}).fun
        for b, sign in zip(bounds, signs, strict=True)
    ]
    low, high = (1e-4, 0.6) if name == "sigma" else (0.08, 0.9)
    folds = [fold for branch in immune.branches(s, name, low, high) for fold in branch.folds]
    assert sorted(fold[0] for fold in folds) == pytest.approx(sorted(expected), rel=1e-7)
    for value, x, y in folds:
        eigenvalues = np.linalg.eigvals(immune._jacobian(replace(s, **{name: value}), x, y))
        assert np.abs(eigenvalues).min() < 1e-6


def test_a_branch_is_made_of_fixed_points_and_knows_which_are_stable():
    for branch in immune.branches(MOUSE, "delta", 0.08, 0.9, step=0.1):
        for value, x, y, stable in zip(branch.values, branch.x, branch.y, branch.stable, strict=True):
            near = min(immune.fixed_points(replace(MOUSE, delta=value)), key=lambda p: abs(p.y - y))
            assert (near.x, near.y) == pytest.approx((x, y), rel=1e-4)
            assert near.stable == stable


def test_no_branch_is_followed_twice():
    assert len(immune.branches(MOUSE, "delta", 0.08, 0.9)) == 1  # one curve with two folds holds all three states
    assert len(immune.branches(MOUSE, "sigma", 1e-4, 0.6)) == 2


def test_past_the_transcritical_value_no_tumour_cell_can_grow():
    for name, factor in (("sigma", 1.01), ("delta", 0.99)):
        beyond = replace(MOUSE, **{name: factor * immune.transcritical(MOUSE)[name]})
        assert immune.fixed_points(beyond)[0].stable
    assert not immune.fixed_points(MOUSE)[0].stable


def test_the_separatrix_separates():
    x, y = immune.separatrix(MOUSE)
    inside = (y > 20) & (y < 400)
    for at in np.flatnonzero(inside)[:: max(1, inside.sum() // 8)]:
        start = np.array([[1.03, 0.97], [1, 1]]) * [[x[at]], [y[at]]]
        ends = immune.escaped(immune.simulate(MOUSE, start, np.linspace(0, 60, 4), steps=200), MOUSE)
        assert list(ends) == [False, True]


def test_a_tumour_sneaks_through_when_it_is_small_or_large_but_not_between():
    weak = replace(MOUSE, delta=0.55)
    starts = np.array([[0.8] * 3, [0.01, 20, 300]])
    assert list(immune.escaped(immune.simulate(weak, starts, np.linspace(0, 100, 6), steps=200), weak)) == [
        True,
        False,
        True,
    ]


def test_the_value_from_which_few_cells_sneak_through_lies_between_held_and_escaped():
    found = immune.sneaks_from(MOUSE, "delta", 0.4, 0.6)
    for delta, fate in ((found - 0.002, False), (found + 0.002, True)):
        s = replace(MOUSE, delta=delta)
        run = immune.simulate(s, [s.sigma / delta, 1e-3], np.linspace(0, 150, 4), steps=600)
        assert immune.escaped(run, s)[0] == fate


def test_with_the_other_beta_there_is_nothing_to_escape_to():
    points = immune.fixed_points(replace(MOUSE, beta=0.01))
    assert [point.kind for point in points] == ["saddle", "stable spiral"]
    with pytest.raises(ValueError, match="no saddle separates"):
        immune.separatrix(replace(MOUSE, beta=0.01))


@given(st.floats(0, 0.7), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_the_extension_ends_at_the_published_model(brake, occupancy):
    assert vars(immune.braked(MOUSE, brake, 1)) == vars(MOUSE)
    assert vars(immune.braked(MOUSE, 0, occupancy)) == vars(MOUSE)
    part = immune.braked(MOUSE, brake, occupancy)
    assert part.kill <= MOUSE.kill
    assert part.mu >= MOUSE.mu


def test_nullclines_cross_in_the_fixed_points():
    for point in immune.fixed_points(MOUSE)[1:]:
        still, level = immune.nullclines(MOUSE, [point.y])
        assert (still[0], level[0]) == pytest.approx((point.x, point.x), rel=1e-6)


def test_virtual_patients_are_drawn_about_the_published_values_and_the_same_seed_draws_the_same():
    params = immune.KuznetsovParams()
    one, other = (immune.patients(params, 4000, 0.2, np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in immune.NAMES)
    for name in immune.NAMES:
        logs = np.log(getattr(one, name) / getattr(params, name).value)
        assert abs(logs.mean()) < 4 * 0.2 / np.sqrt(4000)
        assert logs.std() == pytest.approx(0.2, rel=0.06)


def test_a_crowd_of_patients_is_each_of_them_alone():
    many = immune.patients(immune.KuznetsovParams(), 3, 0.3, np.random.default_rng(4))
    together = immune.simulate(many, [0.3, 1], [0, 5, 10], steps=100)
    for i in range(3):
        alone = immune.System(**{k: (v[i] if np.ndim(v) else v) for k, v in vars(many).items()})
        assert immune.simulate(alone, [0.3, 1], [0, 5, 10], steps=100).values[..., 0] == pytest.approx(
            together.values[..., i], rel=1e-9
        )


def every_param():
    records = (immune.KuznetsovParams(), immune.MouseParams(), immune.BlockadeParams())
    return [getattr(record, item.name) for record in records for item in fields(record)]


@pytest.mark.parametrize("param", [p for p in every_param() if p.fact], ids=lambda param: param.fact)
def test_a_published_value_equals_the_ledger(facts, param):
    fact_id, *steps = re.findall(r"[^\[\]]+", param.fact)
    value = facts[fact_id]["value"]
    for step in steps:
        value = value[int(step)]
    assert param.value == float(value)
    assert param.source == facts[fact_id]["source"]


def test_the_mice_equal_the_ledger(facts):
    curve = facts["kuznetsov-data"]
    days = [int(day) for day in curve["unit"].split("days ")[1].split(",")]
    assert list(immune.MICE) == list(zip(days, curve["value"], strict=True))
    assert facts["kuznetsov-initial"]["value"][0] == immune.FIRST_EFFECTORS


def test_the_extension_claims_no_source():
    assert all(getattr(immune.BlockadeParams(), item.name).assumed for item in fields(immune.BlockadeParams))
    assert all(isinstance(p, Param) for p in every_param())


def test_a_changed_value_is_no_longer_called_published():
    assert with_values(immune.KuznetsovParams(), delta=0.5).delta.assumed


MANY = replace(MOUSE, delta=np.array([0.3, 0.4]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replace(MOUSE, delta=0.0), "delta: has to be positive"),
        (lambda: replace(MOUSE, sigma=-0.1), "sigma: has to be zero or more"),
        (lambda: replace(MOUSE, eta=float("nan")), "eta: holds a value that is not finite"),
        (lambda: replace(MOUSE, eta=np.array([1.0, np.inf])), "eta: holds a value that is not finite"),
        (lambda: immune.braked(MOUSE, 1, 0), "brake: need a share"),
        (lambda: immune.braked(MOUSE, 0.5, 1.2), "occupancy: need a share"),
        (lambda: immune.braked(MOUSE, 0.5, float("nan")), "occupancy: need a share"),
        (lambda: immune.simulate(MOUSE, [1, 0], [0, 1], steps=2), "state 1 of patient 0 is 0"),
        (lambda: immune.simulate(MOUSE, [1, 2, 3], [0, 1], steps=2), "effector and tumour cells"),
        (lambda: immune.simulate(MANY, np.ones((2, 3)), [0, 1], steps=2), "different numbers of patients"),
        (lambda: immune.fixed_points(MANY), "delta: holds 2 patients"),
        (lambda: immune.branches(MOUSE, "gamma", 0, 1), "gamma is not a value"),
        (lambda: immune.branches(MOUSE, "delta", 0.5, 1), "has to lie between"),
        (lambda: immune.sneaks_from(MOUSE, "delta", 0.3, 0.4), "the fate does not change"),
        (lambda: immune.patients(immune.KuznetsovParams(), 0, 0.1, np.random.default_rng(1)), "at least one"),
        (lambda: immune.patients(immune.KuznetsovParams(), 2, -1, np.random.default_rng(1)), "at least one"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
