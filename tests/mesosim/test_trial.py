"""A virtual trial: published landmarks, the same people everywhere, and what must hold whatever the parameters are."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import chunks, immune, routes, trial
from mesosim.params import with_values

arms = st.builds(
    trial.Arm, dose=st.floats(0, 20), road=st.sampled_from(trial.ROADS), occupancy=st.floats(0, 1), ablate=st.booleans()
)
SMALL = 48


def alike(a, b):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in trial.Outcomes.__annotations__)


@pytest.mark.parametrize("check", trial.checks(8000), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@pytest.mark.parametrize(("first", "number", "chunk"), [(0, 40, 40), (7, 40, 13), (4095, 33, 32), (10**8, 12, 5)])
def test_a_person_is_the_same_wherever_the_line_is_cut(first, number, chunk):
    arm = trial.Arm(dose=2, ablate=True)
    whole = trial.outcomes(arm, number, seed=3, first=first)
    assert alike(whole, trial.outcomes(arm, number, seed=3, first=first, chunk=chunk))
    last = trial.outcomes(arm, 1, seed=3, first=first + number - 1)
    assert whole.months[-1] == last.months[0]


@given(st.sampled_from(trial.ROADS), st.integers(0, 99))
@settings(max_examples=6, deadline=None)
def test_dose_zero_is_control_bit_for_bit(road, seed):
    assert alike(
        trial.outcomes(trial.Arm(road=road), SMALL, seed=seed), trial.outcomes(trial.CONTROL, SMALL, seed=seed)
    )


@given(arms)
@settings(max_examples=5, deadline=None)
def test_without_a_link_no_treatment_moves_a_death(arm):
    blind = with_values(trial.PeopleParams(), link=0)
    treated, not_ = (trial.outcomes(each, SMALL, blind, seed=5) for each in (arm, trial.CONTROL))
    assert np.array_equal(treated.months, not_.months)


@given(st.sampled_from(trial.ROADS), st.floats(0.1, 5), st.floats(1.1, 4))
@settings(max_examples=5, deadline=None)
def test_more_cells_never_leave_more_tumour(road, dose, times):
    less, more = (
        trial.burden(trial.draw(0, SMALL, seed=2), trial.Arm(dose=d, road=road)) for d in (dose, dose * times)
    )
    assert (more.treated.min(axis=0) <= less.treated.min(axis=0) * (1 + 3 * trial.TOLERANCE)).all()


@given(arms)
@settings(max_examples=15, deadline=None)
def test_shares_are_shares_and_no_more_acts_than_arrives(arm):
    sent = trial.deliver(trial.draw(0, 500, seed=1), arm.road)
    assert ((sent.acting >= 0) & (sent.acting <= sent.arrived + 1e-12) & (sent.arrived <= 1)).all()


@pytest.mark.parametrize("road", trial.ROADS)
def test_as_many_arrive_as_in_the_body_of_the_roads(road):
    people = trial.draw(0, 500, seed=1)
    expected = routes.capture(road, extraction=people.extraction, flow=people.flow, retention=people.retention)
    sent = trial.deliver(people, road)
    assert sent.arrived[people.hit] == pytest.approx(expected[people.hit], rel=1e-12)
    if road == "tumour":
        missed, space = ~people.hit, trial.deliver(people, "pleural space")
        assert np.array_equal(sent.arrived[missed], space.arrived[missed])
        assert np.array_equal(sent.acting[missed], space.acting[missed])


@pytest.mark.parametrize("retention", [0.2, 0.8])
def test_what_comes_round_by_the_blood_acts_even_if_no_cell_walks(retention):
    people = trial.draw(0, 500, with_values(trial.PeopleParams(), retention=retention), seed=1)
    body = routes.BodyParams()
    rates = np.log(2) / body.space_half.value, np.log(2) / (1440 * body.life.value)
    left = (1 - retention) * rates[0] / sum(rates)
    # From the pleural space cells come to the blood without the lung's first pass.
    blood = routes.capture(
        "vein", extraction=people.extraction, flow=people.flow, retention=0.5, body=with_values(body, to_lung=0)
    )
    still = trial.deliver(replace(people, reach=np.full(500, 1e-6)), "pleural space")
    assert still.acting == pytest.approx(left * blood, rel=1e-5)
    far = trial.deliver(replace(people, reach=np.full(500, 1e9)), "pleural space")
    assert far.acting == pytest.approx(far.arrived, rel=1e-9)


@pytest.mark.parametrize("brake", [0.0, 0.3, 0.7])
def test_immunity_offsets_the_same_share_of_growth_under_any_brake(brake):
    people = replace(trial.typical(2), brake=np.full(2, brake))
    held = immune.braked(people.system, people.brake, 0.0)
    free = people.system.alpha * (1 - people.present)
    growth = immune.relative_rates(0, people.start, *vars(held).values())[1]
    assert growth == pytest.approx(free * (1 - people.offset), rel=1e-12)


def test_the_unseen_part_of_a_tumour_outlives_any_dose():
    people = trial.draw(0, SMALL, seed=4)
    left = trial.burden(people, trial.Arm(dose=1e6, road="tumour"))
    assert (left.treated[-1] >= (1 - people.antigen) * left.untreated[-1] * (1 - 1e-9)).all()


def test_a_thicker_rind_is_hit_more_often_and_reached_less():
    people = trial.draw(0, 4000, with_values(trial.PeopleParams(), retention=0.99), seed=1)
    thick = people.thickness > np.median(people.thickness)
    sent = trial.deliver(people, "pleural space")
    assert people.hit[thick].mean() > people.hit[~thick].mean()
    assert sent.acting[thick].mean() < sent.acting[~thick].mean()


@pytest.mark.parametrize("frailty", [0.0, 1.5])
def test_the_control_arm_keeps_its_landmarks_whatever_the_spread_between_people(frailty):
    found = trial.survey(trial.CONTROL, 8000, with_values(trial.PeopleParams(), frailty=frailty), seed=8)
    assert [100 * found.at(month) for month in (12, 24, 36)] == pytest.approx([58, 27, 15], abs=2)
    assert found.median == pytest.approx(14.1, abs=0.5)


def test_a_planted_ratio_is_found_again():
    equal = with_values(trial.PeopleParams(), frailty=0)
    people = trial.draw(0, 20_000, equal, seed=1)
    same = np.ones((trial.GRID.size, 20_000))
    months = [trial.death_months(people, same, trial.Arm(ratio=ratio)) for ratio in (1, 0.5)]
    alive = [(each[:, None] > np.array([12, 24, 36])).mean(axis=0) for each in months]
    assert alive[1] == pytest.approx(np.sqrt(alive[0]), abs=0.012)


def test_nobody_responds_or_progresses_after_death():
    found = trial.outcomes(trial.Arm(dose=10, road="vein"), 2000, seed=6)
    assert (found.free_months <= np.maximum(found.months, 0) + 1e-9)[found.failed].all()
    assert not found.responded[found.months < 2 * trial.SCAN_MONTHS].any()


def test_survey_counts_what_outcomes_list():
    arm = trial.Arm(dose=5, occupancy=0.5)
    listed, counted = trial.outcomes(arm, 300, seed=9), trial.survey(arm, 300, seed=9, chunk=70)
    assert counted.people == 300
    assert counted.responded == pytest.approx(listed.responded.mean())
    for month in (6, 24, 48):
        assert counted.at(month) == pytest.approx((listed.months >= month).mean())
    assert counted.free[-1] == pytest.approx(1 - listed.failed.mean())


def counts_and_leave(first, number, *, flag, **kwargs):
    if first >= 100:
        raise ArithmeticError(flag)
    return trial.counts(first, number, **kwargs)


def test_workers_change_nothing_and_a_tally_goes_on_where_it_stopped():
    arm, p = trial.Arm(dose=5), trial.PeopleParams()
    alone = trial.survey(arm, 200, seed=9)
    with ProcessPoolExecutor(2) as executor:
        together = trial.survey(arm, 200, seed=9, chunk=64, executor=executor)
    assert np.array_equal(alone.alive, together.alive)
    assert np.array_equal(alone.free, together.free)
    tally = chunks.Tally.empty(200, 50, repr((arm, 9, p)))
    with pytest.raises(ArithmeticError):
        chunks.count(partial(counts_and_leave, flag="stop", arm=arm, params=p, seed=9), tally)
    assert tally.done.tolist() == [True, True, False, False]
    assert np.array_equal(trial.survey(arm, 200, seed=9, tally=tally).alive, alone.alive)
    with pytest.raises(ValueError, match="another survey"):
        trial.survey(arm, 200, seed=10, tally=tally)


def test_a_cluster_changes_nothing():
    distributed = pytest.importorskip("distributed", reason="pip install 'mesosim[scale]'")
    arm = trial.Arm(dose=5, road="vein")
    alone = trial.survey(arm, 200, seed=2)
    for workers in (1, 4):
        with (
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            found = trial.survey(arm, 200, seed=2, chunk=50, executor=client.get_executor())
        assert np.array_equal(found.alive, alone.alive)
        assert np.array_equal(found.free, alone.free)
        assert found.responded == alone.responded


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: trial.Arm(road="mouth"), "road must be one of vein"),
        (lambda: trial.Arm(dose=-1), "dose"),
        (lambda: trial.Arm(occupancy=1.1), "occupancy"),
        (lambda: trial.Arm(ratio=0), "ratio"),
        (lambda: trial.draw(0, 0, seed=1), "at least one person"),
        (lambda: trial.draw(-1, 5, seed=1), "no negative place"),
        (lambda: trial.outcomes(trial.CONTROL, 5, seed=1, chunk=0), "chunk"),
        (lambda: trial.survey(trial.CONTROL, 50, seed=1).at(61), "month"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_expected_is_the_mean_of_what_happens():
    arm = trial.Arm(ratio=0.8)
    people = trial.draw(0, 20_000, seed=12)
    least = np.random.default_rng(12).uniform(0.05, 1, 20_000)
    ratio = 1 + (least - 1) * np.sin(np.linspace(0, np.pi, trial.GRID.size))[:, None] ** 2
    months = np.minimum(trial.death_months(people, ratio, arm), 36)
    expected = trial.expected_months(people, ratio, arm, 36)
    assert months.mean() == pytest.approx(expected.mean(), abs=4 * months.std() / np.sqrt(months.size))


def test_typical_people_are_alike_and_what_is_replaced_differs():
    same = trial.typical(3)
    assert np.ptp(same.thickness) == 0
    p = trial.PeopleParams()
    assert same.thickness[0] == pytest.approx(10 * p.volume.value / p.area.value)
    arm = trial.Arm(dose=1, road="vein")
    people = replace(same, extraction=np.array([1e-5, 1e-3, 1e-1]))
    found = trial.burden(people, arm)
    gained = trial.expected_months(people, found.treated / found.untreated, arm, 36)
    assert (np.diff(gained) > 0).all()


def test_an_end_off_the_grid_is_refused():
    people = trial.typical(1)
    with pytest.raises(ValueError, match=r"multiple of 0\.5 months"):
        trial.expected_months(people, np.ones((trial.GRID.size, 1)), trial.CONTROL, 36.2)
