"""What a randomised trial would find: when it is cut, what the log-rank test says, and how often it finds an effect.

Many trials are computed at once, one a row. Times are continuous, so that no two people die at the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from mesosim import landmarks, survival, trial
from mesosim.params import Check, Param

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class DesignParams:
    """A trial that is cut when enough people have died; sizes as in CheckMate 743."""

    people: Param = field(
        default=Param(605, "people", landmarks.FIRST, "", None, 20, 1e4, "both arms of CheckMate 743")
    )
    ratio: Param = field(
        default=Param(
            0.73, "1", landmarks.THREE, "HR", "cm743-3yr-os-hr", 0.1, 2, "planned for here: the one found there"
        )
    )
    power: Param = field(default=Param(0.9, "1", "assumed", "", None, 0.5, 0.99))
    alpha: Param = field(default=Param(0.05, "1", "assumed", "α", None, 0.001, 0.2, "two-sided"))
    accrual: Param = field(
        default=Param(24, "months", "assumed", "", None, 1, 120, "people join evenly over this time")
    )

    @property
    def deaths(self) -> int:
        """Deaths that are waited for (Schoenfeld)."""
        return int(np.ceil(survival.events_needed(self.ratio.value, self.power.value, self.alpha.value)))


@dataclass(frozen=True)
class Cut:
    """What is known when the trial is cut, shape (trials, people).

    Attributes
    ----------
    months : ndarray
        From entry to death or to the cut; negative for people who had not entered.
    died : ndarray of bool
        Whether the death was before the cut.
    date : ndarray, shape (trials,)
        Month of the cut, counted from the opening of the trial.
    """

    months: Values
    died: Flags
    date: Values


def cut(entry: ArrayLike, months: ArrayLike, died: ArrayLike, deaths: int) -> Cut:
    """Cut trials at their planned number of deaths, or at the last one if there are fewer.

    Parameters
    ----------
    entry, months : array_like, shape (trials, people)
        Month of entry, and months from entry to death or to the end of follow-up.
    died : array_like of bool, shape (trials, people)
    deaths : int

    Raises
    ------
    ValueError
        When shapes differ, no death is asked for, or a trial has none.
    """
    entry, months, died = np.atleast_2d(entry), np.atleast_2d(months), np.atleast_2d(np.asarray(died, dtype=bool))
    if not entry.shape == months.shape == died.shape:
        raise ValueError(f"entry, months and died must have one shape, got {entry.shape}, {months.shape}, {died.shape}")
    if deaths < 1:
        raise ValueError(f"deaths must be at least 1, got {deaths}")
    if not died.any(axis=1).all():
        raise ValueError("a trial has no death: nothing can be compared")
    when = np.sort(np.where(died, entry + months, np.inf), axis=1)
    last = np.minimum(deaths, died.sum(axis=1)) - 1
    date = np.take_along_axis(when, last[:, None], axis=1)
    seen = died & (entry + months <= date)
    return Cut(np.where(seen, months, np.minimum(months, date - entry)), seen, date[:, 0])


@dataclass(frozen=True)
class Tests:
    """Log-rank tests of many trials, shape (trials,).

    Attributes
    ----------
    z : ndarray
        Below zero when the new arm does better.
    log_ratio : ndarray
        Logarithm of the hazard ratio by Peto's one step, which is nearer to zero than Cox's when effects are large.
    """

    z: Values
    log_ratio: Values

    def found(self, alpha: float = 0.05) -> Flags:
        """Return whether each trial finds a difference in favour of the new arm, at a two-sided level."""
        return self.z <= norm.ppf(alpha / 2)


def logrank(months: ArrayLike, died: ArrayLike, new: ArrayLike) -> Tests:
    """Test many trials at once, for times without ties.

    Parameters
    ----------
    months : array_like, shape (trials, people)
        Negative for people who are not in the trial.
    died, new : array_like of bool, shape (trials, people)

    Raises
    ------
    ValueError
        When shapes differ, or an arm of a trial has nobody at risk at its first death.
    """
    months, died, new = np.atleast_2d(months), np.atleast_2d(died).astype(bool), np.atleast_2d(new).astype(bool)
    if not months.shape == died.shape == new.shape:
        raise ValueError(f"months, died and new must have one shape, got {months.shape}, {died.shape}, {new.shape}")
    order = np.argsort(months, axis=1)
    died, new = np.take_along_axis(died, order, axis=1), np.take_along_axis(new, order, axis=1)
    people = months.shape[1]
    left = np.arange(people, 0, -1, dtype=float)
    new_left = new[:, ::-1].cumsum(axis=1)[:, ::-1]
    share = new_left / left
    excess = np.where(died, new - share, 0).sum(axis=1)
    spread = np.where(died, share * (1 - share), 0).sum(axis=1)
    if not (spread > 0).all():
        raise ValueError(f"trial {int(np.argmin(spread))}: one arm has nobody at risk when somebody dies")
    return Tests(excess / np.sqrt(spread), excess / spread)


@dataclass(frozen=True)
class Pool:
    """Virtual people with both fates: in the new arm and in the old one.

    Attributes
    ----------
    months, died : ndarray, shape (2, people)
        Row 0 without, row 1 with the new treatment.
    """

    months: Values
    died: Flags


def pool(new: trial.Arm, people: int, params: trial.PeopleParams | None = None, *, seed: int) -> Pool:
    """Return virtual people with both fates, from which trials of an arm against the control arm are drawn."""
    fates = [trial.outcomes(arm, people, params, seed=seed) for arm in (trial.CONTROL, new)]
    return Pool(np.stack([fate.months for fate in fates]), np.stack([fate.died for fate in fates]))


def trials(
    source: Pool, number: int, design: DesignParams | None = None, *, rng: np.random.Generator
) -> tuple[Cut, Tests]:
    """Draw people from a pool, assign half of them by lot, and run as many trials as wanted.

    Parameters
    ----------
    source : Pool
        Nobody is in one trial twice, but trials share people: what they find on average still depends on the pool, and
        the less the larger it is.
    number : int
        Of trials.
    design : DesignParams, optional
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        When no trial is asked for, or the pool is smaller than a trial.
    """
    d = design or DesignParams()
    people, in_pool = int(d.people.value), source.months.shape[1]
    if number < 1 or people > in_pool:
        raise ValueError(f"need at least one trial and {people} people in the pool, got {number} and {in_pool}")
    who = np.stack([rng.choice(in_pool, people, replace=False) for _ in range(number)])
    new = np.zeros((number, people), dtype=bool)
    # Those drawn come in random order, so the first half is as good a lot as any.
    new[:, : people // 2] = True
    entry = rng.uniform(0, d.accrual.value, (number, people))
    months, died = source.months[new.astype(int), who], source.died[new.astype(int), who]
    at = cut(entry, months, died, d.deaths)
    return at, logrank(at.months, at.died, new)


def chance(found: Flags) -> tuple[float, float]:
    """Return the share of trials that found an effect, and its standard error."""
    share = float(np.mean(found))
    return share, float(np.sqrt(share * (1 - share) / len(found)))


def planted_pool(ratio: float, people: int, *, rng: np.random.Generator) -> Pool:
    """Return people with the published control arm's survival and, if treated, its hazard times a fixed ratio.

    Raises
    ------
    ValueError
        When the ratio is not above zero.
    """
    if not (np.isfinite(ratio) and ratio > 0):
        raise ValueError(f"ratio must be finite and above 0, got {ratio}")
    times, log = trial.baseline()
    due = np.stack([rng.exponential(size=people), rng.exponential(size=people) / ratio])
    inside = due < log[-1]
    return Pool(np.where(inside, np.interp(due, log, times), trial.HORIZON), inside)


def checks(seed: int = 11, number: int = 2000) -> list[Check]:
    """Return the validation table: error of the first kind, and power against a known effect."""
    rng, d, rows = np.random.default_rng(seed), DesignParams(), []
    level = d.alpha.value
    for name, ratio, expected in (("no effect", 1.0, level), ("the effect planned for", d.ratio.value, d.power.value)):
        _, tests = trials(planted_pool(ratio, 40_000, rng=rng), number, rng=rng)
        share = np.mean(2 * norm.sf(np.abs(tests.z)) <= level)
        near = 4 * np.sqrt(expected * (1 - expected) / number)
        rows.append((f"share of trials that find a difference, {name}", share, expected, near))
    one = np.random.default_rng(seed)
    months, died, new = one.exponential(14, 200), one.random(200) < 0.7, one.random(200) < 0.5
    whole = survival.logrank(months, died, new).statistic
    rows.append(("log-rank, many at once against one", logrank(months, died, new).z[0] ** 2, whole, 1e-9))
    return [Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in rows]
