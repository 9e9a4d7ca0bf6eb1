"""Survival of groups: Kaplan-Meier with its intervals, log-rank test, restricted mean, and the deaths a trial needs.

Times are in any one unit. An event is a death; without one, a time says how long somebody was seen alive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm

from mesosim.datasets import load_tcga, months_seen
from mesosim.params import Check

Values = NDArray[np.float64]
PEER = "lifelines"
ATLAS_MEDIAN, ATLAS_LOGRANK = 17.93839836, 10.32760924
ATLAS_MEDIANS = {"epithelioid": 23.29363450, "biphasic": 13.60164271}
"""What lifelines 0.30.3 says of the atlas's people; the tests ask it again."""


def checked(times: ArrayLike, events: ArrayLike) -> tuple[Values, NDArray[np.bool_]]:
    """Return times and events as arrays that every function here can use.

    Parameters
    ----------
    times : array_like, shape (people,)
        Not negative, none missing.
    events : array_like, shape (people,)
        1 or true for a death, 0 or false for somebody last seen alive.

    Raises
    ------
    ValueError
        When there is nobody, the shapes differ, a time is negative or missing, or an event is neither 0 nor 1.
    """
    times, events = np.asarray(times, dtype=float), np.asarray(events)
    if times.ndim != 1 or times.shape != events.shape:
        raise ValueError(f"times and events must be two lists of the same length, got {times.shape} and {events.shape}")
    if not times.size:
        raise ValueError("there is nobody in this group: check how it was selected")
    if not np.isfinite(times).all():
        raise ValueError(f"{(~np.isfinite(times)).sum()} times are missing or infinite: drop them, and say how many")
    if (times < 0).any():
        raise ValueError(f"times must not be negative, the smallest is {times.min():g}")
    if events.dtype != bool and not ((events == 0) | (events == 1)).all():
        raise ValueError(f"events must be 0 or 1, got {np.unique(events)[:5].tolist()}")
    return times, events.astype(bool)


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: one entry for each time at which somebody died.

    Attributes
    ----------
    times : ndarray, shape (deaths,)
        Different times of death, rising.
    at_risk, deaths : ndarray, shape (deaths,)
        People seen alive just before, and who died then.
    alive : ndarray, shape (deaths,)
        Share alive just after.
    greenwood : ndarray, shape (deaths,)
        Greenwood's sum, the variance of the logarithm of `alive`.
    last : float
        Last time at which anybody was seen.
    """

    times: Values
    at_risk: NDArray[np.int_]
    deaths: NDArray[np.int_]
    alive: Values
    greenwood: Values
    last: float

    def at(self, time: ArrayLike) -> Values:
        """Return the share alive at a time; missing after the last person was seen, unless nobody is left.

        Raises
        ------
        ValueError
            When a time is negative or missing.
        """
        time = np.asarray(time, dtype=float)
        if not (time >= 0).all():
            raise ValueError("time must be 0 or later: drop what is negative or missing")
        share = np.concatenate(([1.0], self.alive))[np.searchsorted(self.times, time, side="right")]
        return np.where((time > self.last) & (share > 0), np.nan, share)

    def interval(self, level: float = 0.95) -> tuple[Values, Values]:
        """Return the pointwise interval of `alive`, made on the scale log(-log) so that it stays between 0 and 1."""
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, got {level}")
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.log(self.alive)
            spread = norm.ppf((1 + level) / 2) * np.sqrt(self.greenwood) / np.abs(log)
            low, high = self.alive ** np.exp(spread), self.alive ** np.exp(-spread)
        none = self.alive == 0
        return np.where(none, 0, low), np.where(none, 0, high)

    def quantile(self, alive: float = 0.5) -> float:
        """Return the first time at which no more than a share is alive, infinite if never: the median for 0.5."""
        if not 0 < alive < 1:
            raise ValueError(f"alive must lie between 0 and 1, got {alive}")
        reached = self.alive <= alive + 1e-12
        return float(self.times[reached.argmax()]) if reached.any() else np.inf

    def restricted_mean(self, until: float) -> tuple[float, float]:
        """Return the mean time alive up to a time, and its standard error.

        Raises
        ------
        ValueError
            When nobody was followed that long, so that the area isn't known.
        """
        known = self.last if self.alive[-1] > 0 else np.inf
        if not 0 < until <= known:
            raise ValueError(f"until must lie above 0 and at most at {known:g}, where follow-up ends; got {until:g}")
        within = self.times < until
        edges = np.concatenate(([0.0], self.times[within], [until]))
        areas = np.diff(edges) * np.concatenate(([1.0], self.alive[within]))
        left = areas[::-1].cumsum()[::-1][1:]
        at_risk, deaths = self.at_risk[within], self.deaths[within]
        with np.errstate(divide="ignore", invalid="ignore"):
            jumps = np.where(at_risk > deaths, deaths / (at_risk * (at_risk - deaths)), 0)
        return float(areas.sum()), float(np.sqrt((left**2 * jumps).sum()))


def kaplan_meier(times: ArrayLike, events: ArrayLike) -> Curve:
    """Return the Kaplan-Meier curve of a group.

    Raises
    ------
    ValueError
        See `checked`; also when nobody died, since there is no curve then.
    """
    times, events = checked(times, events)
    died, left = np.sort(times[events]), np.sort(times[~events])
    if not died.size:
        raise ValueError(f"nobody died among {times.size}: a curve needs at least one death")
    where = np.flatnonzero(np.concatenate(([True], died[1:] != died[:-1])))
    deaths = np.diff(np.concatenate((where, [died.size])))
    moments = died[where]
    # Whoever neither died nor left before: two short sorts cost less than one of everybody.
    at_risk = times.size - where - np.searchsorted(left, moments, side="left")
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(deaths / (at_risk * (at_risk - deaths.astype(float))))
    return Curve(moments, at_risk, deaths, np.cumprod(1 - deaths / at_risk), greenwood, float(times.max()))


@dataclass(frozen=True)
class LogRank:
    """A log-rank test.

    Attributes
    ----------
    statistic : float
        Chi-squared with `freedom` degrees.
    freedom : int
        Groups less one.
    p : float
    observed, expected : ndarray, shape (groups,)
        Deaths, and those to be expected if all groups had the same hazard, in the order of the sorted groups.
    """

    statistic: float
    freedom: int
    p: float
    observed: Values
    expected: Values


def logrank(times: ArrayLike, events: ArrayLike, groups: ArrayLike) -> LogRank:
    """Test whether groups share one hazard, with the hypergeometric variance.

    Parameters
    ----------
    times, events : array_like, shape (people,)
    groups : array_like, shape (people,)
        Which group each belongs to.

    Raises
    ------
    ValueError
        See `checked`; also when there are fewer than two groups, somebody's group is missing, nobody died, or a group
        had nobody left when the first person died.
    """
    times, events = checked(times, events)
    groups = np.asarray(groups)
    if any(name is None or name != name for name in groups.ravel().tolist()):
        raise ValueError("somebody's group is missing: drop those people, or give them a group of their own")
    names, member = np.unique(groups, return_inverse=True)
    if member.shape != times.shape or names.size < 2:
        raise ValueError(f"groups must name one of at least two groups for each of {times.size} people")
    if not events.any():
        raise ValueError("nobody died: there is nothing to compare")
    moments, moment = np.unique(times[events], return_inverse=True)
    deaths = np.zeros((names.size, moments.size))
    np.add.at(deaths, (member[events], moment), 1)
    at_risk = np.stack(
        [(member == k).sum() - np.searchsorted(np.sort(times[member == k]), moments) for k in range(names.size)]
    ).astype(float)
    if not at_risk[:, 0].all():
        gone = names[np.argmin(at_risk[:, 0])]
        raise ValueError(f"group '{gone}' had nobody left when the first person died: leave it out")
    all_deaths, all_risk = deaths.sum(axis=0), at_risk.sum(axis=0)
    expected = at_risk / all_risk * all_deaths
    spread = np.where(all_risk > 1, all_deaths * (all_risk - all_deaths) / np.maximum(all_risk - 1, 1), 0)
    share = at_risk / all_risk
    variance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    excess = (deaths - expected).sum(axis=1)[:-1]
    statistic = float(excess @ np.linalg.pinv(variance[:-1, :-1]) @ excess)
    freedom = names.size - 1
    p = float(chi2.sf(statistic, freedom))
    return LogRank(statistic, freedom, p, deaths.sum(axis=1), expected.sum(axis=1))


def events_needed(ratio: float, power: float = 0.9, alpha: float = 0.05, share: float = 0.5) -> float:
    """Return how many deaths a trial needs to find a hazard ratio (Schoenfeld), two-sided.

    Parameters
    ----------
    ratio : float
        Hazard ratio, above zero and not 1.
    power, alpha : float
    share : float
        Of the people in one arm.

    Raises
    ------
    ValueError
        When an input is out of its range.
    """
    if not (np.isfinite(ratio) and ratio > 0 and ratio != 1):
        raise ValueError(f"ratio must be above 0 and not 1, got {ratio}")
    for name, value in {"power": power, "alpha": alpha, "share": share}.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {value}")
    return float((norm.ppf(1 - alpha / 2) + norm.ppf(power)) ** 2 / (share * (1 - share) * np.log(ratio) ** 2))


def events_needed_late(
    ratio: float, start: float, control_median: float, until: float, power: float = 0.9, alpha: float = 0.05
) -> float:
    """Return how many deaths a trial needs when the hazard ratio is 1 before a time and `ratio` after it.

    Deaths before that time say nothing of the difference and still count, so the mean logarithm of the ratio over all
    deaths takes the place of its value in `events_needed`. Control hazard is constant and arms are equal: a rule of
    thumb for planning, tested against simulation.

    Parameters
    ----------
    ratio : float
    start : float
        Time at which the effect begins.
    control_median, until : float
        Median of the control arm, and the time at which everybody's follow-up ends.

    Raises
    ------
    ValueError
        When a time is negative or not finite, or the effect starts after the follow-up ends.
    """
    if not (0 <= start < until and control_median > 0 and np.isfinite([start, until, control_median]).all()):
        raise ValueError(f"need 0 <= start < until and a median above 0, got {start}, {until}, {control_median}")
    hazard, left = np.log(2) / control_median, until - start
    before = 1 - np.exp(-hazard * start)
    after = np.exp(-hazard * start) * (2 - np.exp(-hazard * left) - np.exp(-ratio * hazard * left))
    share = after / (2 * before + after)
    return events_needed(float(ratio**share), power, alpha)


def checks() -> list[Check]:
    """Return the validation table: what lifelines says of the atlas's people, and numbers known by other ways."""
    atlas = load_tcga().dropna(subset=["os_days"])
    months, died, kind = months_seen(atlas), atlas["os_event"], atlas["histology"]
    medians = {name: kaplan_meier(months[kind == name], died[kind == name]).quantile() for name in ATLAS_MEDIANS}
    found = [
        Check("median of the atlas's people (months)", kaplan_meier(months, died).quantile(), ATLAS_MEDIAN, 1e-7, PEER,
              "identity"),
        *(Check(f"median, {name} (months)", medians[name], ATLAS_MEDIANS[name], 1e-7, PEER, "identity")
          for name in ATLAS_MEDIANS),
        Check("log-rank statistic over its types", logrank(months, died, kind).statistic, ATLAS_LOGRANK, 1e-7, PEER,
              "identity"),
        Check("share alive of five people, by hand", kaplan_meier([1, 2, 2, 3, 5], [1, 1, 0, 1, 0]).alive[-1], 0.3,
              1e-12, "mathematics", "identity"),
        Check("deaths for a ratio of 0.73 at a power of 90%", events_needed(0.73), 424.4, 0.1, "mathematics",
              "identity"),
    ]  # fmt: skip
    return found
