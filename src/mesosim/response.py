"""What a reader's error does to response and progression by modified RECIST, and what blur does to PET of a thin rind.

A rind is measured at six sites, the six are added, and the sum is compared with an earlier sum. Errors are relative.
A part of each error is common to all six sites of one reading, such as where the reader sees the edge that day; the
rest belongs to the site. Lengths are in millimetres. The last axis of an array holds readings or patients.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf
from scipy.stats import norm

from mesosim.params import Check, Param, with_values

SITES = 6
"""Two sites on each of three levels (byrne2004-method)."""
RANGE_OF_SIX = 2.534413
"""Mean range of six draws from a standard normal distribution, in standard deviations."""
FWHM = 2 * np.sqrt(2 * np.log(2))
"""Full width at half maximum of a Gaussian blur, in standard deviations."""
PROGRESSION, STABLE, RESPONSE = "progression", "stable", "response"
DRAWS = 200_000
"""Pairs of readings that `checks` draws; it must come within four standard errors of the closed forms."""
EXACTLY = 1e-9
"""A sum within this share of a bound has reached it, so that a fall from 90 to 63 mm is one of 30 %."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class ReaderParams:
    """How far apart readers of the same scan are."""

    spread: Param = field(
        default=Param(
            15.1, "%", "armato2014observer", "R", "armato2014-variation[0]", 0, 40,
            "mean range of six readers at one site, as a share of their mean",
        )
    )  # fmt: skip
    shared: Param = field(
        default=Param(0.5, "1", "assumed", "ρ", None, 0, 1, "share of the variance that all six sites have in common")
    )

    @property
    def sigma(self) -> float:
        """Standard deviation of one reading of one site, as a share of its thickness."""
        return self.spread.value / 100 / RANGE_OF_SIX

    def of_sum(self, thickness: ArrayLike | None = None) -> float:
        """Return the standard deviation of one reading of the sum, as a share of the sum.

        Parameters
        ----------
        thickness : array_like, shape (6,), optional
            Of the sites, in mm; all alike when left out.
        """
        weights = _sites(np.ones(SITES) if thickness is None else thickness)
        weights = weights / weights.sum()
        own = float((weights**2).sum())
        return self.sigma * float(np.sqrt(self.shared.value + (1 - self.shared.value) * own))


@dataclass(frozen=True)
class Criteria:
    """Where modified RECIST draws its lines."""

    fall: Param = field(default=Param(30, "%", "byrne2004modified", "", "byrne2004-thresholds[0]", 1, 99, "response"))
    rise: Param = field(
        default=Param(20, "%", "byrne2004modified", "", "byrne2004-thresholds[1]", 1, 200, "progression, over nadir")
    )


@dataclass(frozen=True)
class PetParams:
    """The blur of a PET scanner."""

    fwhm: Param = field(default=Param(7, "mm", "assumed", "w", None, 2, 15, "full width at half maximum"))

    @property
    def sigma(self) -> float:
        """Standard deviation of the blur in mm."""
        return self.fwhm.value / FWHM


def _sites(thickness: ArrayLike) -> Values:
    thickness = np.asarray(thickness, dtype=float)
    if thickness.shape[:1] != (SITES,):
        raise ValueError(f"thickness needs {SITES} sites along its first axis, got shape {thickness.shape}")
    if not np.isfinite(thickness).all() or (thickness < 0).any():
        raise ValueError(f"thickness must be finite and not negative, got {thickness}")
    if (thickness.sum(axis=0) == 0).any():
        raise ValueError("thickness: all six sites are zero, so there is no sum to compare with")
    return thickness


def measure(thickness: ArrayLike, reader: ReaderParams, readings: int, *, rng: np.random.Generator) -> Values:
    """Return sums of six thicknesses as a reader measures them, again and again.

    Parameters
    ----------
    thickness : array_like, shape (6,)
        True thicknesses in mm.
    reader : ReaderParams
    readings : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (readings,)
        In mm; no site is measured below zero.

    Raises
    ------
    ValueError
        When there are not six sites, one is negative or not finite, or there is no reading.
    """
    return site_readings(thickness, reader, readings, rng=rng).sum(axis=0)


def site_readings(thickness: ArrayLike, reader: ReaderParams, readings: int, *, rng: np.random.Generator) -> Values:
    """Return readings of each site, shape (6, readings); see `measure`."""
    if readings < 1:
        raise ValueError(f"readings must be at least 1, got {readings}")
    thickness = _sites(thickness)
    common = np.sqrt(reader.shared.value) * rng.standard_normal(readings)
    own = np.sqrt(1 - reader.shared.value) * rng.standard_normal((SITES, readings))
    return np.maximum(thickness[:, None] * (1 + reader.sigma * (common + own)), 0)


def change_at_least(ratio: float, true_ratio: float, error: float) -> float:
    """Return the probability that the second of two sums, each read once, is at least `ratio` times the first.

    Exact for normal errors: a ratio above a bound is a difference above zero.

    Parameters
    ----------
    ratio : float
        Bound on second over first, for example 1.2.
    true_ratio : float
        What second over first really is.
    error : float
        Standard deviation of one reading, as a share of the true sum (`ReaderParams.of_sum`).

    Raises
    ------
    ValueError
        When a value is negative or not finite.
    """
    for name, value in {"ratio": ratio, "true_ratio": true_ratio, "error": error}.items():
        if not np.isfinite(value) or value < 0:
            raise ValueError(f"{name} must be finite and not negative, got {value}")
    if error == 0:
        return float(true_ratio >= ratio)
    return float(norm.sf((ratio - true_ratio) / (error * np.hypot(true_ratio, ratio))))


def probabilities(true_change: float, reader: ReaderParams, rules: Criteria | None = None) -> dict[str, float]:
    """Return how likely one follow-up scan is called response, stable or progression.

    Parameters
    ----------
    true_change : float
        Per cent of the sum at baseline, which is also the nadir.
    reader : ReaderParams
    rules : Criteria, optional
    """
    rules, error, true = rules or Criteria(), reader.of_sum(), 1 + true_change / 100
    up = change_at_least(1 + rules.rise.value / 100, true, error)
    fallen = 1 - change_at_least(1 - rules.fall.value / 100, true, error)
    return {RESPONSE: fallen, STABLE: 1 - up - fallen, PROGRESSION: up}


def limits_of_agreement(error: float) -> tuple[float, float]:
    """Return between which changes (%) 95 of 100 pairs of readings of one scan lie, the first being the base."""
    z = norm.ppf(0.975)
    # Fieller: bounds of a ratio of two normal readings with equal mean and error.
    if not 0 <= z * error < 1:
        raise ValueError(f"error must be at least 0 and below {1 / z:.3f}, got {error}")
    centre, half = 1 / (1 - (z * error) ** 2), z * error * np.sqrt(2 - (z * error) ** 2) / (1 - (z * error) ** 2)
    return float(100 * (centre - half - 1)), float(100 * (centre + half - 1))


@dataclass(frozen=True)
class Course:
    """What a series of sums is called.

    Attributes
    ----------
    first_progression : ndarray of int, shape (patients,)
        Scan at which progression was called first, 0 for never; the baseline is scan 0.
    responded : ndarray of bool, shape (patients,)
        Whether a response was called before progression.
    """

    first_progression: NDArray[np.int_]
    responded: NDArray[np.bool_]


def follow(sums: ArrayLike, rules: Criteria | None = None, *, confirm: bool = True) -> Course:
    """Call response and progression over a series of sums.

    Parameters
    ----------
    sums : array_like, shape (scans, patients)
        The first scan is the baseline. Scans lie at least four weeks apart.
    rules : Criteria, optional
    confirm : bool
        Whether a response needs two scans in a row.

    Raises
    ------
    ValueError
        When there is no follow-up scan, or a sum is negative, not finite, or zero at baseline.
    """
    rules, sums = rules or Criteria(), np.asarray(sums, dtype=float)
    if sums.ndim != 2 or sums.shape[0] < 2:
        raise ValueError(f"sums needs a baseline and at least one more scan, got shape {sums.shape}")
    if not np.isfinite(sums).all() or (sums < 0).any() or (sums[0] == 0).any():
        raise ValueError("sums must be finite and not negative, and the baseline above zero")
    nadir = np.minimum.accumulate(sums, axis=0)[:-1]
    # From nothing, any growth is progression.
    worse = (sums[1:] >= (1 + rules.rise.value / 100) * nadir * (1 - EXACTLY)) & (sums[1:] > nadir)
    better = sums[1:] <= (1 - rules.fall.value / 100) * sums[0] * (1 + EXACTLY)
    progressed = worse.any(axis=0)
    first = np.where(progressed, worse.argmax(axis=0) + 1, 0)
    before = np.cumsum(worse, axis=0) == 0
    better &= before
    if confirm:
        better = better[1:] & better[:-1]
    return Course(first, better.any(axis=0))


def slab_recovery(thickness: ArrayLike, pet: PetParams | None = None) -> Values:
    """Return which share of its activity PET shows in the middle of a flat rind of a thickness (mm).

    Raises
    ------
    ValueError
        When a thickness is negative or not finite.
    """
    return erf(_length(thickness) / (2 * np.sqrt(2) * (pet or PetParams()).sigma))


def sphere_recovery(diameter: ArrayLike, pet: PetParams | None = None) -> Values:
    """Return which share of its activity PET shows in the middle of a ball of a diameter (mm); see `slab_recovery`."""
    radius = _length(diameter) / 2 / (pet or PetParams()).sigma
    return erf(radius / np.sqrt(2)) - np.sqrt(2 / np.pi) * radius * np.exp(-(radius**2) / 2)


def _length(value: ArrayLike) -> Values:
    value = np.asarray(value, dtype=float)
    if not np.isfinite(value).all() or (value < 0).any():
        raise ValueError(f"lengths must be finite and not negative, got {value}")
    return value


def checks(seed: int = 3) -> list[Check]:
    """Return the validation table: closed forms against draws and sums, and one published range."""
    rng, rind, rows = np.random.default_rng(seed), np.full(SITES, 12.0), []
    six = site_readings(rind, ReaderParams(), 6 * (DRAWS // 6), rng=rng)[0].reshape(6, -1)
    span = 100 * (six.max(axis=0) - six.min(axis=0)) / six.mean(axis=0)
    for shared in (0.5, 1):
        reader = with_values(ReaderParams(), shared=shared)
        one, two = (measure(rind, reader, DRAWS, rng=rng) for _ in range(2))
        exact = change_at_least(1.2, 1, reader.of_sum())
        near = 4 * np.sqrt(exact * (1 - exact) / DRAWS)
        rows.append((f"false progression, shared part {shared:g}", (two >= 1.2 * one).mean(), exact, near))
    above = [change_at_least(1 + bound / 100, 1, 0.06) for bound in limits_of_agreement(0.06)]
    rows.append(("pairs of readings within the limits of agreement", above[0] - above[1], 0.95, 1e-9))
    slab, ball = _blurred()
    rows.append(("PET recovery of a rind of 5 mm", slab_recovery(5), slab, 1e-3))
    rows.append(("PET recovery of a ball of 10 mm", sphere_recovery(10), ball, 1e-3))
    found = [Check("mean range of six readers (%)", float(span.mean()), 15.1, 0.1, "armato2014observer", "fitted")]
    return found + [Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in rows]


def _blurred() -> tuple[float, float]:
    """Return the recovery of a rind of 5 mm and a ball of 10 mm, added up over the blur in small steps."""
    sigma, step = PetParams().sigma, 0.001
    x = (np.arange(5000) + 0.5) * step
    blur = np.exp(-(x**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
    shells = 4 * np.pi * x**2 * np.exp(-(x**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma) ** 3
    return 2 * float(blur[x <= 2.5].sum()) * step, float(shells.sum()) * step
