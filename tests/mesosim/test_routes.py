"""Roads to a tumour: no cell is lost, shares stay shares, closed forms hold, and bad input is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import routes
from mesosim.params import with_values

bodies = st.builds(
    lambda e, r, life, lung, organs: with_values(
        routes.BodyParams(), extraction=e, retention=r, life=life, to_lung=lung, to_organs=organs
    ),
    st.floats(1e-5, 0.9), st.floats(0.01, 0.99), st.floats(0.2, 100), st.floats(0, 0.99), st.floats(0, 0.1),
)  # fmt: skip


@pytest.mark.parametrize("check", routes.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(bodies)
@settings(max_examples=60, deadline=None)
def test_every_cell_is_somewhere_and_no_time_is_negative(body):
    rates = routes.matrix(body)
    assert np.abs(rates.sum(axis=0)).max() < 1e-12
    assert (rates - np.diag(np.diag(rates)) >= 0).all()
    assert (routes.residence(body) >= -1e-9).all()


@given(bodies, st.sampled_from(routes.ROUTES))
@settings(max_examples=60, deadline=None)
def test_what_is_captured_is_a_share_and_where_the_course_ends(body, route):
    share = routes.captured(route, body)
    assert -1e-12 <= share <= 1 + 1e-9
    assert routes.start(route, body).sum() == pytest.approx(1)
    assert routes.course(route, [1e8], body)[0, 4] == pytest.approx(share, abs=1e-6)


@given(bodies)
@settings(max_examples=40, deadline=None)
def test_a_tumour_that_keeps_more_gets_more_by_every_road(body):
    greedy = with_values(body, extraction=min(0.9, 2 * body.extraction.value))
    for route in routes.ROUTES:
        assert routes.captured(route, greedy) >= routes.captured(route, body) - 1e-12


@given(bodies)
@settings(max_examples=40, deadline=None)
def test_the_artery_gains_one_pass_over_the_vein(body):
    vein, artery, keep = routes.captured("vein", body), routes.captured("artery", body), body.extraction.value
    assert artery == pytest.approx(keep + (1 - keep) * vein)


def test_without_death_every_cell_ends_in_the_tumour():
    body = with_values(routes.BodyParams(), life=1000, extraction=0.5)
    for route in routes.ROUTES:
        assert routes.captured(route, body) > 0.99


@given(st.floats(1.1, 1000), st.floats(0.01, 1))
@settings(max_examples=60, deadline=None)
def test_an_advantage_turned_round_gives_the_advantage_back(advantage, retention):
    capture = routes.implied_capture(advantage, retention)
    assert (retention + (1 - retention) * capture) / capture == pytest.approx(advantage)


def test_a_sweep_is_repeatable_and_its_bodies_are_those_one_by_one():
    one, same = (routes.sweep(5, rng=np.random.default_rng(2)) for _ in range(2))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    body = with_values(
        routes.BodyParams(), **{name: one[name][3] for name in ("extraction", "perfusion", "retention", "life")}
    )
    assert one["vein"][3] == routes.captured("vein", body)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: routes.start("mouth"), "route must be one of vein, artery, pleural space, tumour, got 'mouth'"),
        (lambda: routes.course("vein", [-1]), "minutes must be finite and not negative"),
        (lambda: routes.implied_capture(1, 0.5), "advantage must be finite and above 1"),
        (lambda: routes.implied_capture(30, 0), "retention must lie above 0"),
        (lambda: routes.capture("vein", extraction=2, flow=1, retention=0), "extraction must lie between 0 and 1"),
        (lambda: routes.capture("vein", extraction=0.1, flow=-1, retention=0), "flow must be finite and not negative"),
        (lambda: routes.sweep(0, rng=np.random.default_rng(0)), "number must be at least 1"),
        (lambda: with_values(routes.BodyParams(), extraction=0), "E: value 0.0 lies outside its range"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(bodies, st.sampled_from(routes.ROUTES))
@settings(max_examples=60, deadline=None)
def test_the_closed_form_is_the_matrix(body, route):
    own = {"extraction": body.extraction.value, "flow": body.flow, "retention": body.retention.value}
    assert routes.capture(route, body=body, **own) == pytest.approx(routes.captured(route, body), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extraction": [0.1, 1.2]}, "extraction"),
        ({"retention": -0.1}, "retention"),
        ({"flow": np.nan}, "flow"),
        ({"route": "mouth"}, "route"),
    ],
)
def test_the_closed_form_refuses_what_cannot_be(change, message):
    with pytest.raises(ValueError, match=message):
        routes.capture(**({"route": "vein", "extraction": 0.1, "flow": 300, "retention": 0.5} | change))
