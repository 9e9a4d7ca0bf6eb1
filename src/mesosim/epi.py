"""Latency and incidence of mesothelioma: why deaths follow exposure by decades (model M1).

The death rate of someone exposed in year s grows with a power of the years since, after a lag, and in proportion to the
exposure; people die of other causes too. Deaths in a year are a sum over all exposure years and ages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.optimize import least_squares

from mesosim.params import Check, Observation, Param

EXPOSURE_YEARS = np.arange(1900, 2001)
OLDEST_LAG = 130


@dataclass(frozen=True)
class EpidemicParams:
    """Parameters of the model. Everything that no work was found for is marked assumed."""

    exponent: Param = field(
        default=Param(2, "1", "usepa1986airborne", "k", "usepa1986-model[0]", 1.5, 3.5, "after brief exposure")
    )
    lag: Param = field(default=Param(10, "yr", "usepa1986airborne", "L", "usepa1986-model[1]", 0, 20))
    peak_year: Param = field(
        default=Param(1963, "year", "tan2010projection", "s₀", "tan2010-exposure-peak", 1950, 1975, "British men")
    )
    years_before: Param = field(
        default=Param(10.6, "yr", "assumed", "σ₁", None, 2, 40, "width of exposure before its peak; fitted")
    )
    years_after: Param = field(
        default=Param(35.1, "yr", "assumed", "σ₂", None, 2, 60, "width of exposure after its peak; fitted")
    )
    first_age: Param = field(default=Param(15, "yr", "assumed", "", None, 14, 20, "no exposure at work before"))
    most_exposed_from: Param = field(default=Param(30, "yr", "tan2010projection", "", None, 16, 40))
    most_exposed_to: Param = field(default=Param(49, "yr", "tan2010projection", "", None, 40, 60))
    last_age: Param = field(default=Param(65, "yr", "assumed", "", None, 60, 70, "no exposure at work after"))
    other_death_rate: Param = field(
        default=Param(3.5e-5, "1/yr", "assumed", "A", None, 1e-5, 1e-4, "other causes, at age zero")
    )
    other_death_growth: Param = field(
        default=Param(0.095, "1/yr", "assumed", "B", None, 0.08, 0.11, "growth of that rate with age")
    )
    peak_deaths: Param = field(
        default=Param(2040, "deaths/yr", "tan2010projection", "D₀", "tan2010-peak", 1000, 4000, "sets the scale")
    )


@dataclass(frozen=True)
class Targets:
    """What the exposure curve is fitted to: the projection of Tan and others for British men."""

    peak_year: float = 2016.0
    peak_year_tolerance: float = 2.0
    share_from_2007: float = 61_000 / 91_000
    share_tolerance: float = 0.04


@dataclass(frozen=True)
class EpidemicResult:
    """Deaths a year.

    Attributes
    ----------
    years : ndarray, shape (n,)
    deaths : ndarray, shape (n,)
        Deaths of men in each year, scaled as the parameters say.
    exposure : ndarray, shape (101,)
        Relative exposure in each of `EXPOSURE_YEARS`.
    """

    years: NDArray[np.float64]
    deaths: NDArray[np.float64]
    exposure: NDArray[np.float64]

    @property
    def peak_year(self) -> float:
        """Year of the highest count, from a parabola through the three highest neighbours."""
        top = int(np.argmax(self.deaths))
        if top in (0, len(self.deaths) - 1):
            return float(self.years[top])
        before, at, after = self.deaths[top - 1 : top + 2]
        bend = before - 2 * at + after
        return float(self.years[top] + (0.5 * (before - after) / bend if bend else 0.0))

    def in_year(self, year: int) -> float:
        """Return the deaths of one year.

        Raises
        ------
        ValueError
            When the year was not computed.
        """
        found = np.flatnonzero(self.years == year)
        if not len(found):
            raise ValueError(f"year {year} was not computed: years run from {self.years[0]:g} to {self.years[-1]:g}")
        return float(self.deaths[found[0]])

    def total(self, first: int, last: int) -> float:
        """Return the deaths from `first` to `last`, both included."""
        chosen = (self.years >= first) & (self.years <= last)
        return float(self.deaths[chosen].sum())


MALE_DEATHS = (
    Observation(2005, 1749, "rake2009occupational", "rake2009-deaths-2005[0]"),
    Observation(2006, 1705, "tan2009projection", "tan2009-2006-male"),
    Observation(2008, 1865, "hsendannual", "gb-deaths-2008[1]"),
    Observation(2010, 1946, "hsendannual", "gb-deaths-2010-by-sex[0]"),
    Observation(2011, 1931, "hsendannual", "gb-deaths-2011[1]"),
    Observation(2012, 2126, "hsendannual", "gb-deaths-2012[1]"),
    Observation(2013, 2123, "hsendannual", "gb-deaths-2013[1]"),
    Observation(2015, 2135, "hsendannual", "gb-deaths-2015[1]"),
    Observation(2020, 2085, "hsendannual", "gb-deaths-2020[1]"),
    Observation(2021, 1867, "hsendannual", "gb-deaths-2021[1]"),
    Observation(2022, 1838, "hse2024mesothelioma", "gb-deaths-2022[1]"),
)
"""Deaths of men from mesothelioma in Great Britain, as first released."""

FORECAST_1995 = (2700, 3300)
"""Range of male deaths a year that Peto and others forecast for about 2020 (peto1995-male-peak)."""


def exposure(params: EpidemicParams, years: ArrayLike = EXPOSURE_YEARS) -> NDArray[np.float64]:
    """Return relative exposure: a bell with its own width on each side of the peak year.

    Parameters
    ----------
    params : EpidemicParams
    years : array_like, shape (n,)
        Calendar years.

    Returns
    -------
    ndarray, shape (n,)
        Between 0 and 1.
    """
    years = np.asarray(years, dtype=float)
    distance = years - params.peak_year.value
    width = np.where(distance < 0, params.years_before.value, params.years_after.value)
    return np.exp(-0.5 * (distance / width) ** 2)


def exposure_weight(params: EpidemicParams, ages: ArrayLike) -> NDArray[np.float64]:
    """Return how much men of each age were exposed, relative to the most exposed ages."""
    corners = [p.value for p in (params.first_age, params.most_exposed_from, params.most_exposed_to, params.last_age)]
    return np.interp(np.asarray(ages, dtype=float), corners, [0, 1, 1, 0], left=0, right=0)


def survival(params: EpidemicParams, age: ArrayLike, from_age: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Return the probability to be alive at `age` for someone alive at `from_age`, mesothelioma apart (Gompertz)."""
    rate, growth = params.other_death_rate.value, params.other_death_growth.value
    older, younger = np.asarray(age, dtype=float), np.asarray(from_age, dtype=float)
    return np.exp(-rate / growth * (np.exp(growth * older) - np.exp(growth * younger)))


def response(params: EpidemicParams, lags: ArrayLike) -> NDArray[np.float64]:
    """Return deaths a year, without scale, caused by one year of exposure after each lag.

    Parameters
    ----------
    params : EpidemicParams
    lags : array_like, shape (n,)
        Years since exposure, not negative.

    Raises
    ------
    ValueError
        When a lag is negative, or the exponent or the latent period makes no sense.
    """
    lags = np.asarray(lags, dtype=float)
    if (lags < 0).any():
        raise ValueError("lags: negative; deaths cannot precede exposure, give years since exposure")
    if params.exponent.value <= 0 or params.lag.value < 0:
        raise ValueError(f"exponent {params.exponent.value} and lag {params.lag.value}: need exponent > 0 and lag >= 0")
    ages = np.arange(params.first_age.value, params.last_age.value + 1)[:, None]
    alive = (exposure_weight(params, ages) * survival(params, ages + lags, ages)).sum(axis=0)
    return np.maximum(lags - params.lag.value, 0) ** params.exponent.value * alive


def convolve(params: EpidemicParams, exposed: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Return deaths a year, without scale: each year's exposure, followed by its response.

    Parameters
    ----------
    params : EpidemicParams
    exposed : array_like, shape (101,)
        Exposure in each of `EXPOSURE_YEARS`, not negative.
    years : array_like, shape (n,)
        Years to compute.

    Raises
    ------
    ValueError
        When exposure has the wrong length, is negative or not finite, or there is no year.
    """
    exposed, years = np.asarray(exposed, dtype=float), np.asarray(years, dtype=int)
    if exposed.shape != EXPOSURE_YEARS.shape:
        raise ValueError(f"exposed: shape {exposed.shape}, need one value for each of 1900 to 2000")
    if not np.isfinite(exposed).all() or (exposed < 0).any():
        raise ValueError("exposed: negative or not finite; exposure is zero or more")
    if not years.size:
        raise ValueError("years: empty; give at least one year")
    lags = years[:, None] - EXPOSURE_YEARS
    kernel = response(params, np.arange(OLDEST_LAG + 1))
    seen = (lags >= 0) & (lags <= OLDEST_LAG)
    return np.where(seen, kernel[np.clip(lags, 0, OLDEST_LAG)], 0.0) @ exposed


def epidemic(
    params: EpidemicParams, years: Sequence[int] | NDArray[np.int_] = range(1968, 2051), banned_from: int | None = None
) -> EpidemicResult:
    """Return deaths a year; with `banned_from`, exposure ends before that year and the scale stays as without it.

    Parameters
    ----------
    params : EpidemicParams
    years : sequence of int
        Years to compute.
    banned_from : int, optional
        First year without exposure.
    """
    years = np.asarray(years, dtype=int)
    usual = exposure(params)
    highest = convolve(params, usual, np.arange(1950, 2101)).max()
    actual = usual if banned_from is None else np.where(banned_from > EXPOSURE_YEARS, usual, 0.0)
    scale = params.peak_deaths.value / highest
    return EpidemicResult(years.astype(float), scale * convolve(params, actual, years), actual)


def deaths_by_birth_year(
    params: EpidemicParams, births: Sequence[int] | NDArray[np.int_], years: Sequence[int] | NDArray[np.int_]
) -> NDArray[np.float64]:
    """Return deaths a year of men born in each year, on the scale of `epidemic`.

    Returns
    -------
    ndarray, shape (births, years)
    """
    births, years = np.asarray(births, dtype=int), np.asarray(years, dtype=int)
    usual = exposure(params)
    scale = params.peak_deaths.value / convolve(params, usual, np.arange(1950, 2101)).max()
    ages_at_exposure = EXPOSURE_YEARS[None, :, None] - births[:, None, None]
    ages_at_death = years[None, None, :] - births[:, None, None]
    lags = years[None, None, :] - EXPOSURE_YEARS[None, :, None]
    growth = np.maximum(lags - params.lag.value, 0) ** params.exponent.value
    alive = survival(params, np.minimum(ages_at_death, OLDEST_LAG), np.clip(ages_at_exposure, 0, OLDEST_LAG))
    weight = exposure_weight(params, ages_at_exposure)
    return scale * (usual[None, :, None] * weight * alive * growth).sum(axis=1)


def fit(params: EpidemicParams, targets: Targets | None = None) -> EpidemicParams:
    """Return parameters whose exposure widths reproduce the targets.

    Parameters
    ----------
    params : EpidemicParams
        Everything but the two widths is kept.
    targets : Targets, optional

    Raises
    ------
    RuntimeError
        When no widths within their ranges reproduce the targets within the tolerances.
    """
    targets = targets or Targets()

    def with_widths(widths: NDArray[np.float64]) -> EpidemicParams:
        before, after = map(float, widths)
        return replace(
            params,
            years_before=replace(params.years_before, value=before),
            years_after=replace(params.years_after, value=after),
        )

    def misfit(widths: NDArray[np.float64]) -> NDArray[np.float64]:
        found = epidemic(with_widths(widths))
        return np.array(
            [
                (found.peak_year - targets.peak_year) / targets.peak_year_tolerance,
                (share_from_2007(found) - targets.share_from_2007) / targets.share_tolerance,
            ]
        )

    low = [params.years_before.lo, params.years_after.lo]
    high = [params.years_before.hi, params.years_after.hi]
    solution = least_squares(misfit, [12.0, 20.0], bounds=(low, high), x_scale=[5, 10], diff_step=1e-3)
    if np.abs(solution.fun).max() > 1:
        raise RuntimeError(
            f"no exposure curve gives a peak in {targets.peak_year:g} and a share of {targets.share_from_2007:.2f} "
            f"with exponent {params.exponent.value:g} and lag {params.lag.value:g}: change one of them"
        )
    return with_widths(solution.x)


def share_from_2007(result: EpidemicResult) -> float:
    """Return the share of the deaths of 1968 to 2050 that fall in 2007 or later."""
    return result.total(2007, 2050) / result.total(1968, 2050)


def brief_exposure_sum(duration: float, elapsed: float, lag: float) -> float:
    """Return (T-L)³ - (T-L-d)³: what a constant exposure of duration d amounts to, T years after its start, for k = 2.

    Raises
    ------
    ValueError
        When a time is negative.
    """
    if min(duration, elapsed, lag) < 0:
        raise ValueError("duration, elapsed and lag are times in years: none may be negative")
    since_start = max(elapsed - lag, 0.0)
    since_end = max(elapsed - lag - duration, 0.0)
    return since_start**3 - since_end**3


def checks(params: EpidemicParams | None = None) -> list[Check]:
    """Return the validation table: identities, fitted targets, and counts that no fit has seen."""
    params = params or EpidemicParams()
    found = epidemic(params)
    integral, _ = quad(lambda s: 3 * (45 - s - 10) ** 2, 0, 7)
    targets = Targets()
    held_out = {o.year: o for o in MALE_DEATHS if o.year in (2006, 2022)}
    return [
        Check(
            "brief exposure, T=45 d=7 L=10", brief_exposure_sum(7, 45, 10), integral, 1e-8, "mathematics", "identity"
        ),
        Check("rate after doubling the time, k=3.2", 2**3.2, 9.190, 5e-4, "mathematics", "identity"),
        Check("peak year", found.peak_year, targets.peak_year, 2, "tan2010projection", "fitted"),
        Check("deaths in the peak year", found.deaths.max(), 2040, 0.05 * 2040, "tan2010projection", "fitted"),
        Check("share of deaths from 2007", share_from_2007(found), 61 / 91, 0.04, "tan2010projection", "fitted"),
        *(
            Check(f"male deaths in {year}", found.in_year(year), seen.value, 0.1 * seen.value, seen.source, "held out")
            for year, seen in sorted(held_out.items())
        ),
    ]
