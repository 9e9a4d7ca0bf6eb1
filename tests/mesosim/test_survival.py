"""Survival: equal to lifelines on random people with ties and heavy censoring; properties; and what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test
from lifelines.utils import restricted_mean_survival_time

from mesosim import cox, survival
from mesosim.datasets import load_tcga, months_seen

# lifelines calls pandas in ways that pandas will change.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
seeds, sizes, seen = st.integers(0, 2**32 - 1), st.integers(12, 150), st.floats(0.15, 1)
quickly = settings(max_examples=25, deadline=None)


def crowd(seed, size, share, whole=True):
    """Return times with many ties, deaths of which many are censored, and two covariates."""
    rng = np.random.default_rng(seed)
    times = rng.exponential(8, size)
    times = np.ceil(times) if whole else times
    events = (rng.random(size) < share).astype(int)
    x = np.column_stack([rng.integers(0, 2, size), rng.normal(size=size)])
    return times, events, x


def usable(seed, size, share):
    """Return such a crowd if enough of its people died in both groups."""
    times, events, x = crowd(seed, size, share)
    assume(events.sum() >= 5)
    assume(0 < x[:, 0].mean() < 1)
    return times, events, x


@given(seeds, sizes, seen)
@quickly
def test_kaplan_meier_equals_lifelines(seed, size, share):
    times, events, _ = usable(seed, size, share)
    curve, peer = survival.kaplan_meier(times, events), KaplanMeierFitter().fit(times, events)
    theirs = peer.survival_function_.iloc[:, 0].loc[curve.times].to_numpy()
    assert np.allclose(curve.alive, theirs, rtol=0, atol=1e-12)
    bounds = peer.confidence_interval_.loc[curve.times].to_numpy()
    known = curve.alive > 0
    assert np.allclose(np.column_stack(curve.interval())[known], bounds[known], rtol=0, atol=1e-12)
    half = curve.times[np.abs(curve.alive - 0.5) < 1e-12]
    # lifelines takes a share that rounding leaves just above one half for more than one half.
    assert curve.quantile() == (half[0] if half.size else peer.median_survival_time_)
    until = curve.last / 2
    assert curve.restricted_mean(until)[0] == pytest.approx(restricted_mean_survival_time(peer, t=until), abs=1e-9)


@given(seeds, sizes, seen, st.integers(2, 4))
@quickly
def test_the_logrank_test_equals_lifelines(seed, size, share, groups):
    times, events, _ = usable(seed, size, share)
    member = np.random.default_rng(seed).integers(0, groups, size)
    assume(all((times[member == k].max(initial=-1) >= times[events == 1].min()) for k in np.unique(member)))
    assume(np.unique(member).size > 1)
    ours, theirs = survival.logrank(times, events, member), multivariate_logrank_test(times, member, events)
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=0, abs=1e-10)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-8, abs=1e-12)
    assert ours.observed.sum() == events.sum()
    assert ours.expected.sum() == pytest.approx(events.sum())


@given(seeds, st.integers(60, 200), st.floats(0.2, 1), st.booleans())
@settings(max_examples=15, deadline=None)
def test_cox_equals_lifelines_with_and_without_ties(seed, size, share, whole):
    times, events, x = crowd(seed, size, share, whole)
    # Fewer deaths may leave the ratio without a maximum: that has a test of its own.
    assume(all(events[x[:, 0] == side].sum() >= 5 for side in (0, 1)))
    table = pd.DataFrame({"time": times, "event": events, "a": x[:, 0], "b": x[:, 1]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # At its default precision lifelines may stop more than 1e-7 before the maximum.
        peer = CoxPHFitter().fit(table, "time", "event", fit_options={"precision": 1e-14})
        theirs = proportional_hazard_test(peer, table, time_transform="log")
    ours = cox.cox(times, events, x)
    assert np.allclose(ours.beta, peer.params_, atol=1e-7)
    assert np.allclose(ours.covariance, peer.variance_matrix_, atol=1e-7)
    assert ours.log_likelihood == pytest.approx(peer.log_likelihood_, abs=1e-8)
    assert np.allclose(ours.interval().T, np.exp(peer.confidence_intervals_), rtol=1e-6)
    statistic, p = ours.proportional()
    assert np.allclose(statistic, theirs.test_statistic, atol=1e-6)
    assert np.allclose(p, theirs.p_value, atol=1e-6)


def test_the_atlas_agrees_with_lifelines_and_with_its_own_readme():
    table = load_tcga().dropna(subset=["os_days"])
    months = months_seen(table)
    curve = survival.kaplan_meier(months, table["os_event"])
    assert curve.quantile() == KaplanMeierFitter().fit(months, table["os_event"]).median_survival_time_
    assert curve.quantile() == pytest.approx(17.9, abs=0.05)
    assert survival.logrank(months, table["os_event"], table["histology"]).p == pytest.approx(0.016, abs=0.0005)
    for kind, median in (("epithelioid", 23.3), ("biphasic", 13.6)):
        part = table["histology"] == kind
        assert survival.kaplan_meier(months[part], table["os_event"][part]).quantile() == pytest.approx(
            median, abs=0.05
        )


@given(seeds, sizes, seen, st.floats(0.01, 100))
@quickly
def test_a_curve_falls_and_does_not_depend_on_unit_or_order(seed, size, share, factor):
    times, events, _ = usable(seed, size, share)
    curve = survival.kaplan_meier(times, events)
    assert (np.diff(curve.alive) < 0).all()
    low, high = curve.interval()
    assert ((low <= curve.alive) & (curve.alive <= high)).all()
    order = np.random.default_rng(seed).permutation(size)
    scaled = survival.kaplan_meier(factor * times[order], events[order])
    assert np.allclose(scaled.alive, curve.alive)
    assert np.allclose(scaled.times, factor * curve.times)


@given(seeds, sizes, seen, st.floats(0.01, 100))
@quickly
def test_a_hazard_ratio_turns_with_its_arms_and_ignores_the_unit(seed, size, share, factor):
    times, events, x = usable(seed, size, share)
    arm = x[:, 0]
    assume(all(events[arm == side].sum() > 1 for side in (0, 1)))
    try:
        fit = cox.cox(times, events, arm)
    except ValueError as error:  # one arm may have died out before the other began
        assume("no ratio exists" not in str(error))
        raise
    assert np.allclose(cox.cox(times, events, 1 - arm).beta, -fit.beta, atol=1e-7)
    assert np.allclose(cox.cox(factor * times, events, arm).beta, fit.beta, atol=1e-7)
    assert np.allclose(fit.residuals.sum(axis=0), 0, atol=1e-6)


def test_without_censoring_the_curve_is_the_share_still_alive():
    times = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    curve = survival.kaplan_meier(times, np.ones(8))
    for moment in (0, 1, 2.5, 5, 8.9, 9, 50):
        assert curve.at(moment) == pytest.approx((times > moment).mean())
    assert curve.restricted_mean(20)[0] == pytest.approx(times.mean())


def test_after_the_last_person_was_seen_nothing_is_known():
    curve = survival.kaplan_meier([1, 2, 3], [1, 1, 0])
    assert np.isnan(curve.at(3.1))
    assert curve.quantile(0.2) == np.inf
    with pytest.raises(ValueError, match="at most at 3, where follow-up ends; got 4"):
        curve.restricted_mean(4)


def test_the_error_of_a_restricted_mean_covers_what_repeated_studies_give():
    rng, means, errors = np.random.default_rng(5), [], []
    for _ in range(400):
        times, leave = rng.exponential(12, 150), rng.uniform(6, 40, 150)
        mean, error = survival.kaplan_meier(np.minimum(times, leave), times <= leave).restricted_mean(18)
        means.append(mean)
        errors.append(error)
    assert np.mean(means) == pytest.approx(12 * (1 - np.exp(-1.5)), abs=0.15)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.1)


def test_a_large_ratio_needs_few_deaths_and_a_late_effect_needs_more():
    assert survival.events_needed(0.5) < survival.events_needed(0.7) < survival.events_needed(0.9)
    assert survival.events_needed(0.73) == pytest.approx(survival.events_needed(1 / 0.73))
    early, late = (survival.events_needed_late(0.73, start, 14.1, 60) for start in (0, 6))
    assert early == pytest.approx(survival.events_needed(0.73))
    assert late > early


def test_the_rule_for_late_effects_gives_about_the_power_it_promises():
    median, until, start, ratio = 14.1, 48.0, 4.0, 0.6
    hazard = np.log(2) / median
    deaths = survival.events_needed_late(ratio, start, median, until, power=0.8)
    share = 1 - (np.exp(-hazard * until) + np.exp(-hazard * (start + ratio * (until - start)))) / 2
    each, rng, found = round(deaths / share / 2), np.random.default_rng(11), 0
    for _ in range(400):
        old, new = rng.exponential(1 / hazard, (2, each))
        new = np.where(new > start, start + (new - start) / ratio, new)
        times = np.concatenate([new, old])
        test = survival.logrank(np.minimum(times, until), times <= until, np.repeat([1, 0], each))
        found += test.p < 0.05
    assert found / 400 == pytest.approx(0.8, abs=0.08)


@pytest.mark.parametrize("check", [*survival.checks(), *cox.checks()], ids=lambda check: check.name)
def test_every_check_of_the_lab_passes(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


def test_what_the_checks_expect_is_what_lifelines_says():
    table = load_tcga().dropna(subset=["os_days"]).assign(months=months_seen)
    for kind, median in ({None: survival.ATLAS_MEDIAN} | survival.ATLAS_MEDIANS).items():
        part = table if kind is None else table[table["histology"] == kind]
        peer = KaplanMeierFitter().fit(part["months"], part["os_event"])
        assert peer.median_survival_time_ == pytest.approx(median, abs=1e-8)
    peer = multivariate_logrank_test(table["months"], table["histology"], table["os_event"])
    assert peer.test_statistic == pytest.approx(survival.ATLAS_LOGRANK, abs=1e-8)
    two = table[table["histology"].isin(["epithelioid", "biphasic"])]
    two = two.assign(biphasic=(two["histology"] == "biphasic").astype(float))[["months", "os_event", "biphasic"]]
    peer = CoxPHFitter().fit(two, "months", "os_event", fit_options={"precision": 1e-12})
    assert peer.params_["biphasic"] == pytest.approx(cox.ATLAS_BETA, abs=1e-8)
    trend = proportional_hazard_test(peer, two, time_transform="log")
    assert float(trend.p_value[0]) == pytest.approx(cox.ATLAS_P, abs=1e-7)


@given(seeds, sizes, seen)
@quickly
def test_for_two_groups_without_ties_the_logrank_test_is_the_score_test_of_cox(seed, size, share):
    times, events, x = crowd(seed, size, share, whole=False)
    arm = x[:, 0]
    assume(events.sum() >= 5)
    assume(all(times[arm == side].max(initial=-1) >= times[events == 1].min() for side in (0, 1)))
    people = cox._sort(times, events.astype(bool), arm[:, None])
    _, _, score, information = cox._evaluate(people, np.zeros(1))
    expected = float(score[0] ** 2 / information[0, 0])
    assert survival.logrank(times, events, arm).statistic == pytest.approx(expected, rel=1e-9)


RISING = (np.arange(1.0, 9), np.ones(8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: survival.kaplan_meier([], []), "there is nobody in this group"),
        (lambda: survival.kaplan_meier([1, -2], [1, 1]), "times must not be negative, the smallest is -2"),
        (lambda: survival.kaplan_meier([1, float("nan")], [1, 1]), "1 times are missing or infinite"),
        (lambda: survival.kaplan_meier([1, 2], [0, 0]), "nobody died among 2"),
        (lambda: survival.kaplan_meier([1, 2], [1, 2]), "events must be 0 or 1"),
        (lambda: survival.kaplan_meier([1, 2], [1]), "two lists of the same length"),
        (lambda: survival.logrank([1, 2], [1, 1], ["a", "a"]), "at least two groups"),
        (lambda: survival.logrank([1, 2], [0, 0], ["a", "b"]), "nobody died"),
        (lambda: survival.logrank([1, 2, 3], [1, 1, 1], ["a", "b", None]), "somebody's group is missing"),
        (lambda: survival.logrank([1, 2, 3], [1, 1, 1], [0, 1, float("nan")]), "somebody's group is missing"),
        (lambda: survival.logrank([1, 2, 3], [0, 1, 1], ["a", "b", "b"]), "group 'a' had nobody left when the first"),
        (lambda: survival.kaplan_meier(*RISING).at(-1), "time must be 0 or later"),
        (lambda: survival.kaplan_meier(*RISING).at(float("nan")), "time must be 0 or later"),
        (lambda: survival.kaplan_meier(*RISING).restricted_mean(0), "until must lie above 0"),
        (lambda: survival.events_needed(1), "ratio must be above 0 and not 1"),
        (lambda: survival.events_needed(0.7, power=1), "power must lie between 0 and 1"),
        (lambda: survival.events_needed_late(0.7, 70, 14, 60), "need 0 <= start < until"),
        (lambda: survival.kaplan_meier(*RISING).interval(95), "level must lie between 0 and 1"),
        (lambda: survival.kaplan_meier(*RISING).quantile(50), "alive must lie between 0 and 1"),
        (lambda: cox.cox(*RISING, np.ones(8)), "covariate 0 is the same for everybody"),
        (lambda: cox.cox(*RISING, [1, 2]), "covariates need one row for each of 8 people"),
        (lambda: cox.cox(*RISING, [float("nan")] * 8), "covariates are missing for somebody"),
        (lambda: cox.cox([1, 2], [0, 0], [0, 1]), "nobody died"),
        (lambda: cox.cox(*RISING, np.repeat([1, 0], 4)), "no ratio exists"),
        (lambda: cox.cox(RISING[0], [1, 0] * 4, [1, 0] * 4), "no ratio exists"),
        (lambda: cox.cox(*RISING, np.outer([0, 1, 3, 2, 4, 1, 0, 2], [1, 2])), "covariates say the same|no maximum"),
        (lambda: cox.cox([0, 1, 2, 3], [1] * 4, [0, 1, 1, 0]).proportional(), "a death at time 0 has no logarithm"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
