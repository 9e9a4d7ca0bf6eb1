"""Hitting a moving target: needle errors, breathing, and how likely a zone of ablation covers a tumour.

A needle's tip misses its target by an error that is normal in each direction, with the same spread, round a fixed
offset. The zone is a ball round the tip and the tumour a ball round the target. So the tumour is covered with its
margin when the miss is no longer than the slack: zone radius less tumour radius less margin. Lengths are in mm.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import comb, i0e, i1e
from scipy.stats import ncx2

from mesosim.params import Check, Param, with_values

Values = NDArray[np.float64]
TRIAL, PHANTOM = "heerink2019robotic", "anon2023evaluation"
MAXWELL_MEAN = 2 * np.sqrt(2 / np.pi)
"""Mean length of a normal error in space, in standard deviations of one direction."""
RAYLEIGH_MEAN, RAYLEIGH_SD = np.sqrt(np.pi / 2), np.sqrt(2 - np.pi / 2)
"""Mean and standard deviation of the length of a normal error in a plane, likewise."""
PHASES = 256
"""Moments of a breath over which the probability is averaged; the average of a smooth cycle converges fast."""
DRAWS = 200_000
"""Needles that `checks` draws; they must come within four standard errors of the closed forms."""


@dataclass(frozen=True)
class NeedleParams:
    """Published errors: across the needle in a randomised trial, and of the tip in a phantom that does not breathe."""

    freehand_across: Param = field(
        default=Param(10.1, "mm", TRIAL, "", "rct-freehand-out-of-plane-error", 0.1, 40, "mean, across the needle")
    )
    freehand_across_sd: Param = field(
        default=Param(4, "mm", TRIAL, "", "rct-needle-deviations[0]", 0.1, 20, "standard deviation of that")
    )
    robot_across: Param = field(
        default=Param(5.9, "mm", TRIAL, "", "rct-robotic-out-of-plane-error", 0.1, 40, "mean, across the needle")
    )
    robot_across_sd: Param = field(
        default=Param(2.9, "mm", TRIAL, "", "rct-needle-deviations[1]", 0.1, 20, "standard deviation of that")
    )
    freehand_tip: Param = field(
        default=Param(4.6, "mm", PHANTOM, "", "phantom-robot-vs-freehand-error[1]", 0.1, 20, "mean, tip, phantom")
    )
    freehand_tip_sd: Param = field(
        default=Param(2.1, "mm", PHANTOM, "", "phantom-needle-deviations[1]", 0.1, 20, "standard deviation of that")
    )
    robot_tip: Param = field(
        default=Param(3.5, "mm", PHANTOM, "", "phantom-robot-vs-freehand-error[0]", 0.1, 20, "mean, tip, phantom")
    )
    robot_tip_sd: Param = field(
        default=Param(1.8, "mm", PHANTOM, "", "phantom-needle-deviations[0]", 0.1, 20, "standard deviation of that")
    )


@dataclass(frozen=True)
class ReportedParams:
    """What the works report besides, with which needles are counted, redrawn and tested; no model runs on it."""

    p_across: Param = field(default=Param(0.007, "1", TRIAL, "P", "rct-needle-p[0]", 0, 1, "out of plane"))
    freehand_within: Param = field(default=Param(6.2, "mm", TRIAL, "", "rct-in-plane-error-no-difference[0]"))
    freehand_within_sd: Param = field(default=Param(2.7, "mm", TRIAL, "", "rct-needle-deviations[2]"))
    robot_within: Param = field(default=Param(7.7, "mm", TRIAL, "", "rct-in-plane-error-no-difference[1]"))
    robot_within_sd: Param = field(default=Param(5.9, "mm", TRIAL, "", "rct-needle-deviations[3]"))
    p_within: Param = field(default=Param(0.51, "1", TRIAL, "P", "rct-needle-p[1]", 0, 1, "in plane"))
    placements: Param = field(default=Param(24, "1", PHANTOM, "", "phantom-robot-success[2]", note="with each"))
    freehand_successes: Param = field(default=Param(14, "1", PHANTOM, "", "phantom-robot-success[0]"))
    robot_successes: Param = field(default=Param(20, "1", PHANTOM, "", "phantom-robot-success[1]"))
    mean_excursion: Param = field(default=Param(4, "mm", "jan2015respiratory", "A", "lung-motion-mean-3d[0]", 0, 40))


@dataclass(frozen=True)
class TargetParams:
    """Zone, tumour and margin."""

    zone: Param = field(default=Param(15, "mm", "assumed", "R", None, 1, 40, "radius of the zone of ablation"))
    tumour: Param = field(default=Param(5, "mm", "assumed", "r", None, 0, 40, "radius of the tumour"))
    margin: Param = field(default=Param(5, "mm", "assumed", "m", None, 0, 20, "wanted beyond the tumour"))

    @property
    def slack(self) -> float:
        """How far the tip may miss in mm; negative when the zone is too small for any needle."""
        return self.zone.value - self.tumour.value - self.margin.value


@dataclass(frozen=True)
class BreathParams:
    """How the target moves with the breath."""

    excursion: Param = field(
        default=Param(13.5, "mm", "anon2013assessment", "A", "lung-motion-lower-lobe-si-max[0]", 0, 40, "basal")
    )
    order: Param = field(default=Param(3, "1", "assumed", "n", None, 1, 10, "larger: longer at rest"))
    window: Param = field(default=Param(0.3, "1", "assumed", "g", None, 0.01, 1, "of the breath, gate open"))


def _not_negative(**values: ArrayLike) -> None:
    for name, value in values.items():
        value = np.asarray(value, dtype=float)
        if not np.isfinite(value).all() or (value < 0).any():
            raise ValueError(f"{name} must be finite and not negative, got {value}")


def covered(slack: ArrayLike, sigma: ArrayLike, offset: ArrayLike = 0.0) -> Values:
    """Return the probability that a tip in space misses by no more than the slack.

    The squared miss over the squared spread follows a non-central chi-squared distribution with three degrees of
    freedom. Arguments broadcast.

    Parameters
    ----------
    slack : array_like
        In mm; below zero nothing is covered.
    sigma : array_like
        Standard deviation in each direction in mm; zero for a needle that always lands at the offset.
    offset : array_like
        Length of the fixed part of the miss in mm.

    Raises
    ------
    ValueError
        When `sigma` or `offset` is negative or not finite, or `slack` is not finite.
    """
    slack, sigma, offset = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (slack, sigma, offset)))
    _not_negative(sigma=sigma, offset=offset)
    if not np.isfinite(slack).all():
        raise ValueError(f"slack must be finite, got {slack}")
    spread = np.where(sigma > 0, sigma, 1.0)
    share = ncx2.cdf((np.maximum(slack, 0) / spread) ** 2, 3, (offset / spread) ** 2)
    return np.where(slack < 0, 0.0, np.where(sigma > 0, share, offset <= slack))


def sigma_of_tip(mean: float) -> float:
    """Return the spread in each direction that gives a mean miss in space, without offset."""
    _not_negative(mean=mean)
    return float(mean / MAXWELL_MEAN)


def across_moments(ratio: float) -> tuple[float, float]:
    """Return mean and standard deviation of a miss across the needle, for a spread of 1 and an offset of `ratio`.

    With scaled Bessel functions, since SciPy's Rice distribution overflows when the offset is 40 times the spread.
    """
    x = ratio**2 / 2
    mean = RAYLEIGH_MEAN * ((1 + x) * i0e(x / 2) + x * i1e(x / 2))
    return float(mean), float(np.sqrt(2 + ratio**2 - mean**2))


def spread_across(mean: float, deviation: float) -> tuple[float, float]:
    """Return spread in each direction and offset that give the mean and standard deviation of a miss across the needle.

    A miss across the needle is a length in a plane; with an offset it follows Rice's distribution.

    Parameters
    ----------
    mean, deviation : float
        In mm. Their ratio can be at most that of no offset, 0.523.

    Returns
    -------
    sigma, offset : float
        In mm.

    Raises
    ------
    ValueError
        When a value is not positive, or the deviation is too large for the mean: then the needles are a mixture.
    """
    if not (np.isfinite([mean, deviation]).all() and mean > 0 and deviation > 0):
        raise ValueError(f"mean and deviation must be finite and above 0, got {mean} and {deviation}")
    most = RAYLEIGH_SD / RAYLEIGH_MEAN
    if deviation / mean > most * (1 + 1e-9):
        raise ValueError(
            f"deviation {deviation:g} is more than {most:.3f} of the mean {mean:g}: no single spread and offset give "
            "it, the needles are a mixture"
        )

    def short(ratio: float) -> float:
        middle, width = across_moments(ratio)
        return width / middle - deviation / mean

    ratio = 0.0 if short(0.0) <= 0 else float(brentq(short, 0, 2 * mean / deviation + 2))
    sigma = mean / across_moments(ratio)[0]
    return sigma, ratio * sigma


def position(phase: ArrayLike, breath: BreathParams) -> Values:
    """Return how far the target is from its place at rest, in mm, at a share of the breath; rest is at one half.

    Raises
    ------
    ValueError
        When a phase is not finite.
    """
    phase = np.asarray(phase, dtype=float)
    if not np.isfinite(phase).all():
        raise ValueError("phase must be finite: 0 is breathed in, 0.5 breathed out, 1 the next breath")
    return breath.excursion.value * (np.cos(np.pi * phase) ** 2) ** breath.order.value


def mean_position(breath: BreathParams) -> float:
    """Return where the target is on average, in mm from rest: the closed form for whole orders."""
    order = breath.order.value
    if order != round(order):
        raise ValueError(f"order must be a whole number for the closed form, got {order:g}")
    return float(breath.excursion.value * comb(2 * order, order, exact=False) / 4**order)


def _window(breath: BreathParams, gated: bool) -> Values:
    """Return the moments at which the needle may be placed: the whole breath, or round the end of breathing out."""
    width = breath.window.value if gated else 1.0
    return 0.5 + width * ((np.arange(PHASES) + 0.5) / PHASES - 0.5)


def covered_breathing(slack: float, sigma: float, breath: BreathParams, *, gated: bool, offset: float = 0.0) -> float:
    """Return the probability of cover when the needle is aimed at the mean position and lands at a random moment.

    The offset lies across the movement. Zone and tumour move together once the needle is in.

    Parameters
    ----------
    slack, sigma, offset : float
        See `covered`.
    breath : BreathParams
    gated : bool
        Whether the needle is placed within the window only, and aimed at the mean position there.
    """
    where = position(_window(breath, gated), breath)
    return float(covered(slack, sigma, np.hypot(where - where.mean(), offset)).mean())


def simulate(
    slack: float, sigma: float, needles: int, *, rng: np.random.Generator, offset: float = 0.0,
    breath: BreathParams | None = None, gated: bool = False,
) -> float:  # fmt: skip
    """Return the share of drawn needles that cover: what the closed forms are compared with.

    Raises
    ------
    ValueError
        When there is no needle.
    """
    if needles < 1:
        raise ValueError(f"needles must be at least 1, got {needles}")
    miss = sigma * rng.standard_normal((3, needles))
    miss[0] += offset
    if breath is not None:
        width = breath.window.value if gated else 1.0
        where = position(0.5 + width * (rng.random(needles) - 0.5), breath)
        miss[2] += where - position(_window(breath, gated), breath).mean()
    return float(((miss**2).sum(axis=0) <= slack**2).mean()) if slack >= 0 else 0.0


def sigma_needed(slack: float, probability: float) -> float:
    """Return the largest spread in each direction in mm at which the tumour is covered with a probability.

    Raises
    ------
    ValueError
        When the slack is not above zero or the probability not between 0 and 1.
    """
    if not (np.isfinite(slack) and slack > 0 and 0 < probability < 1):
        raise ValueError(f"need a slack above 0 and a probability between 0 and 1, got {slack} and {probability}")
    return float(slack / np.sqrt(ncx2.ppf(probability, 3, 0)))


def checks(seed: int = 9) -> list[Check]:
    """Return the validation table: closed forms against drawn needles, integrals and special cases."""
    rng, rows = np.random.default_rng(seed), []
    for sigma, offset, slack in ((2.0, 0.0, 5.0), (3.0, 4.0, 10.0)):
        exact = float(covered(slack, sigma, offset))
        near = 4 * np.sqrt(exact * (1 - exact) / DRAWS)
        drawn = simulate(slack, sigma, DRAWS, rng=rng, offset=offset)
        rows.append((f"covered, spread {sigma:g}, offset {offset:g}, slack {slack:g}", drawn, exact, near))
    for gated in (False, True):
        exact = covered_breathing(8, 2, BreathParams(), gated=gated)
        near = 4 * np.sqrt(exact * (1 - exact) / DRAWS)
        drawn = simulate(8, 2, DRAWS, rng=rng, breath=BreathParams(), gated=gated)
        rows.append(("breathing, " + ("gated" if gated else "free"), drawn, exact, near))
    mean = quad(lambda phase: float(position(phase, BreathParams())), 0, 1)[0]
    rows.append(("mean position over a breath (mm)", mean, mean_position(BreathParams()), 1e-8))
    still = with_values(BreathParams(), excursion=0)
    rows.append(("no movement, as without breath", covered_breathing(8, 2, still, gated=False), covered(8, 2), 1e-12))
    rows.append(("spread of a plane without offset", spread_across(RAYLEIGH_MEAN, RAYLEIGH_SD)[0], 1, 1e-6))
    rows.append(("the spread needed gives its probability", covered(5, sigma_needed(5, 0.9)), 0.9, 1e-9))
    return [Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in rows]
