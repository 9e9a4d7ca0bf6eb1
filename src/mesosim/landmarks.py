"""What can be had from the few points of a survival curve that a report prints, and what cannot.

Between two landmarks the hazard is taken as constant. That is an assumption: any curve through the points would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesosim import cox, survival
from mesosim.params import Check, Param

Values = NDArray[np.float64]
Landmarks = Sequence[tuple[float, float]]
"""Pairs of time and share alive."""
FIRST, THREE = "baas2021first", "peters2022first"
RELAY = "conferencecorrespondent2021checkmate"
MARS = "lim2024extended"


@dataclass(frozen=True)
class CheckMate743:
    """Landmarks of overall survival in CheckMate 743, by arm."""

    new_people: Param = field(default=Param(303, "people", FIRST, "", "cm743-design[0]"))
    old_people: Param = field(default=Param(302, "people", FIRST, "", "cm743-design[1]"))
    new_12: Param = field(default=Param(68, "%", RELAY, "", "cm743-1yr-os[0]", note="alive at 12 months"))
    old_12: Param = field(default=Param(58, "%", RELAY, "", "cm743-1yr-os[1]", note="alive at 12 months"))
    new_median: Param = field(default=Param(18.1, "months", FIRST, "", "cm743-os-median-nivo-ipi"))
    old_median: Param = field(default=Param(14.1, "months", FIRST, "", "cm743-os-median-chemo"))
    new_24: Param = field(default=Param(41, "%", FIRST, "", "cm743-landmark-2y[0]", note="alive at 24 months"))
    old_24: Param = field(default=Param(27, "%", FIRST, "", "cm743-landmark-2y[1]", note="alive at 24 months"))
    new_36: Param = field(default=Param(23, "%", THREE, "", "cm743-3yr-os[0]", note="alive at 36 months"))
    old_36: Param = field(default=Param(15, "%", THREE, "", "cm743-3yr-os[1]", note="alive at 36 months"))
    ratio: Param = field(
        default=Param(0.73, "1", THREE, "", "cm743-3yr-os-hr", note="published hazard ratio, three years")
    )


@dataclass(frozen=True)
class Epithelioid743:
    """Landmarks of people with epithelioid tumours in CheckMate 743; a subgroup, read in congress news."""

    new_people: Param = field(default=Param(225, "people", "assumed", note="about three quarters of the arm"))
    old_people: Param = field(default=Param(225, "people", "assumed", note="about three quarters of the arm"))
    new_median: Param = field(default=Param(18.2, "months", THREE, "", "cm743-3yr-epithelioid[0]"))
    old_median: Param = field(default=Param(16.7, "months", THREE, "", "cm743-3yr-epithelioid[1]"))
    new_36: Param = field(default=Param(24, "%", THREE, "", "cm743-3yr-epithelioid-os36[0]"))
    old_36: Param = field(default=Param(19, "%", THREE, "", "cm743-3yr-epithelioid-os36[1]"))


@dataclass(frozen=True)
class Mars2:
    """What reports print of overall survival in MARS 2: surgery is the new arm."""

    new_people: Param = field(default=Param(169, "people", MARS, "", "mars2-screening[1]"))
    old_people: Param = field(default=Param(166, "people", MARS, "", "mars2-screening[2]"))
    new_median: Param = field(default=Param(19.3, "months", MARS, "", "mars2-os[0]"))
    old_median: Param = field(default=Param(24.8, "months", MARS, "", "mars2-os[1]"))
    ratio: Param = field(default=Param(1.28, "1", MARS, "", "mars2-hr", note="up to 42 months; not proportional"))
    mean_difference: Param = field(default=Param(-1.9, "months", MARS, "", "mars2-rmst", note="at 24 months"))


@dataclass(frozen=True)
class Progression743:
    """Landmarks of growth or death in CheckMate 743; medians as a review prints them, shares from the later paper."""

    new_people: Param = field(default=Param(303, "people", FIRST, "", "cm743-design[0]"))
    old_people: Param = field(default=Param(302, "people", FIRST, "", "cm743-design[1]"))
    new_median: Param = field(default=Param(6.8, "months", FIRST, "", "cm743-pfs-median[0]"))
    old_median: Param = field(default=Param(7.2, "months", FIRST, "", "cm743-pfs-median[1]"))
    new_36: Param = field(default=Param(14, "%", THREE, "", "cm743-3yr-pfs[0]", note="without growth at 36 months"))
    old_36: Param = field(default=Param(1, "%", THREE, "", "cm743-3yr-pfs[1]", note="without growth at 36 months"))
    ratio: Param = field(default=Param(1, "1", FIRST, "", "cm743-pfs-hr", note="published hazard ratio, interim"))


Trial = CheckMate743 | Epithelioid743 | Progression743 | Mars2


def points(trial: Trial, arm: str) -> list[tuple[float, float]]:
    """Return the landmarks of one arm, "new" or "old", as months and share alive, by time."""
    found = []
    for item in fields(trial):
        side, _, what = item.name.partition("_")
        value = getattr(trial, item.name).value
        if side == arm and what == "median":
            found.append((value, 0.5))
        elif side == arm and what.isdigit():
            found.append((float(what), value / 100))
    if not found:
        raise ValueError(f"arm must be 'new' or 'old', got '{arm}'")
    return sorted(found)


def knots(landmarks: Landmarks) -> tuple[Values, Values]:
    """Return times and the logarithm of the share alive there, from time 0 on, at which everybody is.

    Raises
    ------
    ValueError
        When there are no landmarks, or they are not finite or out of order.
    """
    pairs = np.array([(0.0, 1.0), *landmarks], dtype=float)
    times, alive = pairs.T
    if len(pairs) < 2 or not np.isfinite(pairs).all():
        raise ValueError("landmarks: give at least one finite pair of time and share alive")
    if (np.diff(times) <= 0).any() or (np.diff(alive) > 0).any() or alive[-1] <= 0:
        raise ValueError(
            f"landmarks must rise in time and not in the share alive, which stays above 0: got {list(landmarks)}"
        )
    return times, np.log(alive)


def alive_at(time: ArrayLike, landmarks: Landmarks) -> Values:
    """Return the share alive at times up to the last landmark, with a constant hazard between landmarks.

    Parameters
    ----------
    time : array_like
    landmarks : sequence of (time, share alive)
        Rising in time, falling in the share, from 1 at time 0.

    Raises
    ------
    ValueError
        When the landmarks are out of order, or a time lies outside them.
    """
    times, log = knots(landmarks)
    time = np.asarray(time, dtype=float)
    if not ((time >= 0) & (time <= times[-1])).all():
        raise ValueError(f"time must lie between 0 and the last landmark at {times[-1]:g}")
    return np.exp(np.interp(time, times, log))


def people(landmarks: Landmarks, number: int) -> tuple[Values, NDArray[np.bool_]]:
    """Return times and deaths of as many people as would have made these landmarks, seen until the last one.

    They are evenly spread over the quantiles, so that nothing is drawn at random. Whoever outlives the last landmark
    is last seen there; nobody drops out earlier, which is the assumption of no censoring.

    Raises
    ------
    ValueError
        See `alive_at`; also when there is nobody.
    """
    if number < 1:
        raise ValueError(f"number must be at least 1, got {number}")
    times, log = knots(landmarks)
    quantile = np.log(1 - (np.arange(number) + 0.5) / number)
    died = quantile >= log[-1]
    # np.interp wants rising abscissae; the logarithm of the share alive falls.
    return np.where(died, np.interp(-quantile, -log, times), times[-1]), died


@dataclass(frozen=True)
class Comparison:
    """Two arms made from landmarks, compared.

    Attributes
    ----------
    ratio, low, high : float
        Hazard ratio, new against old, with its 95 % interval.
    mean_difference : float
        Restricted mean of the new arm less that of the old one, up to `until`.
    until : float
    """

    ratio: float
    low: float
    high: float
    mean_difference: float
    until: float


def compare(new: Landmarks, old: Landmarks, numbers: tuple[int, int], until: float | None = None) -> Comparison:
    """Make people from the landmarks of two arms and compare them as a trial would.

    Parameters
    ----------
    new, old : sequence of (time, share alive)
    numbers : tuple of int
        People in each arm.
    until : float, optional
        Time at which the trial stops looking; without it, the last landmark that both arms have.

    Raises
    ------
    ValueError
        See `people`; also when `until` is not above 0, or later than the last landmark of an arm.
    """
    arms = [people(marks, number) for marks, number in zip((new, old), numbers, strict=True)]
    last = float(min(new[-1][0], old[-1][0]))
    until = last if until is None else float(until)
    if not 0 < until <= last:
        raise ValueError(f"until must lie above 0 and at most at the last landmark, {last:g}; got {until:g}")
    times, events = (np.concatenate(part) for part in zip(*arms, strict=True))
    events &= times <= until
    fit = cox.cox(np.minimum(times, until), events, np.repeat([1, 0], numbers))
    low, high = fit.interval()[:, 0]
    means = [survival.kaplan_meier(*arm).restricted_mean(until)[0] for arm in arms]
    return Comparison(float(fit.ratio[0]), float(low), float(high), means[0] - means[1], until)


def reconstruct(trial: Trial) -> Comparison:
    """Compare the arms of a trial from its published landmarks."""
    return compare(points(trial, "new"), points(trial, "old"), sizes(trial))


def sizes(trial: Trial) -> tuple[int, int]:
    """Return how many people were assigned to the new arm and to the old one."""
    return int(trial.new_people.value), int(trial.old_people.value)


def exponential(median: float, until: float) -> list[tuple[float, float]]:
    """Return landmarks of a constant hazard with a median, up to a time."""
    if not (median > 0 and until > 0):
        raise ValueError(f"median and until must be above 0, got {median} and {until}")
    return [(until, float(0.5 ** (until / median)))]


def checks() -> list[Check]:
    """Return the validation table: published results that were not used."""
    whole, part, mars = CheckMate743(), Epithelioid743(), Mars2()
    arms = [exponential(median.value, 24) for median in (mars.new_median, mars.old_median)]
    rows = [
        ("hazard ratio of CheckMate 743", reconstruct(whole).ratio, whole.ratio.value, 0.05, THREE, "held out"),
        ("hazard ratio, epithelioid", reconstruct(part).ratio, 0.85, 0.05, THREE, "held out"),
        ("restricted mean difference, MARS 2 (months)", compare(*arms, sizes(mars)).mean_difference,
         mars.mean_difference.value, 1.5, MARS, "held out"),
    ]  # fmt: skip
    return [Check(name, float(got), want, near, source, kind) for name, got, want, near, source, kind in rows]
