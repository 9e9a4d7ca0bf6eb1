"""Cox's proportional hazards with Efron's ties, and a test of whether hazards are proportional."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm

from mesosim.datasets import load_tcga, months_seen
from mesosim.params import Check
from mesosim.survival import PEER, checked

STEPS, HALVINGS, ENOUGH = 50, 20, 1e-9
"""Newton steps, halvings of one step, and the gain of the log-likelihood below which it stops."""
FARTHEST = 10
"""A coefficient beyond this, per standard deviation, means that one group's deaths all come before the other's."""
APART = "no ratio exists: all deaths of one group come before those of the other, or it has none"
ATLAS_BETA, ATLAS_P = 0.67517731, 0.13461225
"""Biphasic against epithelioid in the atlas, by lifelines 0.30.3: logarithm of the ratio, and P of the trend."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    beta : ndarray, shape (covariates,)
        Logarithms of the hazard ratios.
    covariance : ndarray, shape (covariates, covariates)
    log_likelihood : float
        The partial one.
    times : ndarray, shape (deaths,)
        Of each death, rising.
    residuals : ndarray, shape (deaths, covariates)
        Schoenfeld's: covariates of who died, less their mean among those at risk.
    """

    beta: Values
    covariance: Values
    log_likelihood: float
    times: Values
    residuals: Values

    @property
    def ratio(self) -> Values:
        """Hazard ratios, shape (covariates,)."""
        return np.exp(self.beta)

    def interval(self, level: float = 0.95) -> Values:
        """Return the intervals of the hazard ratios, shape (2, covariates)."""
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, got {level}")
        spread = norm.ppf((1 + level) / 2) * np.sqrt(np.diag(self.covariance))
        return np.exp(np.stack([self.beta - spread, self.beta + spread]))

    def proportional(self) -> tuple[Values, Values]:
        """Test each covariate for a trend of its residuals over the logarithm of time (Grambsch and Therneau).

        Returns
        -------
        statistic, p : ndarray, shape (covariates,)
            A small p speaks against proportional hazards; a large one does not prove them.
        """
        if (self.times <= 0).any():
            raise ValueError("a death at time 0 has no logarithm: move it, or test without it")
        scaled = self.times.size * self.residuals @ self.covariance
        trend = np.log(self.times) - np.log(self.times).mean()
        statistic = (trend @ scaled) ** 2 / (self.times.size * (trend @ trend) * np.diag(self.covariance))
        return statistic, chi2.sf(statistic, 1)


@dataclass(frozen=True)
class _Sorted:
    """People by falling time, and for each death where its risk set ends, its ties and its turn among them."""

    x: Values
    died: NDArray[np.int_]
    risk_end: NDArray[np.int_]
    tie: NDArray[np.int_]
    turn: Values
    times: Values


def _sort(times: Values, events: NDArray[np.bool_], x: Values) -> _Sorted:
    order = np.argsort(-times, kind="stable")
    times, events, x = times[order], events[order], x[order]
    died = np.flatnonzero(events)
    moments, tie, count = np.unique(-times[died], return_inverse=True, return_counts=True)
    risk_end = np.searchsorted(-times, moments, side="right")[tie] - 1
    turn = (np.arange(died.size) - np.searchsorted(tie, np.arange(moments.size))[tie]) / count[tie]
    return _Sorted(x, died, risk_end, tie, turn, times[died])


def _sums(people: _Sorted, weights: Values, values: Values) -> Values:
    """Return, for each death, a weighted sum over its risk set, less its turn's part of the tied deaths (Efron)."""
    weighted = values * weights.reshape(-1, *[1] * (values.ndim - 1))
    risk = np.cumsum(weighted, axis=0)[people.risk_end]
    starts = np.flatnonzero(np.diff(people.tie, prepend=-1))
    tied = np.add.reduceat(weighted[people.died], starts, axis=0)[people.tie]
    return risk - people.turn.reshape(-1, *[1] * (values.ndim - 1)) * tied


def _evaluate(people: _Sorted, beta: Values) -> tuple[float, Values, Values, Values]:
    """Return log-likelihood, residuals, score and information at `beta`."""
    linear = people.x @ beta
    top = linear.max()
    weights = np.exp(linear - top)
    total = _sums(people, weights, np.ones(len(weights)))
    mean = _sums(people, weights, people.x) / total[:, None]
    square = _sums(people, weights, people.x[:, :, None] * people.x[:, None, :]) / total[:, None, None]
    residuals = people.x[people.died] - mean
    likelihood = float((linear[people.died] - top - np.log(total)).sum())
    return likelihood, residuals, residuals.sum(axis=0), (square - mean[:, :, None] * mean[:, None, :]).sum(axis=0)


def cox(times: ArrayLike, events: ArrayLike, covariates: ArrayLike) -> Fit:
    """Fit hazards that are in proportion to exp(beta · covariates).

    Parameters
    ----------
    times, events : array_like, shape (people,)
    covariates : array_like, shape (people,) or (people, covariates)
        For two groups: 0 for those compared with, 1 for the others.

    Raises
    ------
    ValueError
        See `mesosim.survival.checked`; also when nobody died, a covariate is missing or the same for everybody, or
        groups are separated so far that no ratio exists.
    """
    times, events = checked(times, events)
    x = np.asarray(covariates, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != times.size:
        raise ValueError(f"covariates need one row for each of {times.size} people, got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("covariates are missing for somebody: drop those people, and say how many")
    if not events.any():
        raise ValueError("nobody died: there is no hazard to compare")
    spread = x.std(axis=0)
    if (spread == 0).any():
        raise ValueError(f"covariate {int(np.argmin(spread))} is the same for everybody, so it has no ratio")
    people = _sort(times, events, (x - x.mean(axis=0)) / spread)
    beta = _climb(people)
    likelihood, residuals, _, information = _evaluate(people, beta)
    covariance = np.linalg.inv(information) / np.outer(spread, spread)
    # Deaths come by falling time out of the sorting; Schoenfeld's residuals are kept by rising time.
    return Fit(beta / spread, covariance, likelihood, people.times[::-1], (residuals * spread)[::-1])


def _climb(people: _Sorted) -> Values:
    """Return the coefficients at which the partial likelihood is largest, by Newton's method."""
    beta = np.zeros(people.x.shape[1])
    likelihood, _, score, information = _evaluate(people, beta)
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            if np.abs(beta).max() > FARTHEST / 2:
                raise ValueError(APART) from None
            raise ValueError("covariates say the same as one another: leave one out") from None
        for _ in range(HALVINGS):
            trial = _evaluate(people, beta + step)
            if trial[0] >= likelihood - 1e-12 * abs(likelihood):
                break
            step = step / 2
        beta, gain = beta + step, trial[0] - likelihood
        likelihood, _, score, information = trial
        if np.abs(beta).max() > FARTHEST:
            raise ValueError(APART)
        if abs(gain) <= ENOUGH * (1 + abs(likelihood)) and np.abs(step).max() < 1e-9:
            return beta
    raise ValueError(f"no maximum was found in {STEPS} steps: look at the covariates for outliers")


def checks() -> list[Check]:
    """Return the validation table: what lifelines says of two histological types in the atlas."""
    atlas = load_tcga().dropna(subset=["os_days"])
    two = atlas[atlas["histology"].isin(["epithelioid", "biphasic"])]
    fit = cox(months_seen(two), two["os_event"], two["histology"] == "biphasic")
    rows = [
        ("logarithm of the hazard ratio, biphasic", fit.beta[0], ATLAS_BETA),
        ("P of a trend in that ratio", fit.proportional()[1][0], ATLAS_P),
    ]
    return [Check(name, float(got), want, 1e-7, PEER, "identity") for name, got, want in rows]
