"""How deep cells get into a rind that they enter from its surface: a random walk with loss.

Cells stand at the surface of a slab, walk at random into it and are lost at a steady rate. One number, the length
that a cell covers before it is lost, decides how deep they get. Lengths are in micrometres and times in days, but
motility is per minute, as microscopes measure it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_banded
from scipy.special import erfcx

from mesosim.params import Check, Param, with_values

MINUTES = 1440
"""Minutes in a day."""
HALVINGS = 60
"""Halvings with which `depth` closes in: beyond double precision."""
START = 2
"""Time steps that are replaced by two half steps of backward Euler each (Rannacher), since the start has a jump."""
WALKERS = 4000
"""Single cells that `checks` lets run; their mean square must lie within four standard errors."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class WalkParams:
    """How a T cell walks where it was watched: in the resting lymph node of a mouse."""

    speed: Param = field(
        default=Param(
            18, "µm/min", "textor2011defining", "v", "naive-t-cell-3d-speed", 1, 30, "naive cells, mouse lymph node"
        )
    )
    persistence: Param = field(
        default=Param(0.6, "min", "assumed", "P", None, 0.1, 5, "mean time between turns; not in the work that we read")
    )

    @property
    def motility(self) -> float:
        """Motility in µm²/min that follows: a walk's diffusion coefficient."""
        return motility(self.speed.value, self.persistence.value)


@dataclass(frozen=True)
class RindParams:
    """A rind with cells on its surface; nothing of it was measured in mesothelioma."""

    motility: Param = field(
        default=Param(10, "µm²/min", "assumed", "M", None, 1, 67, "dense stroma slows cells; upper end: lymph node")
    )
    loss: Param = field(default=Param(0.5, "1/d", "assumed", "k", None, 0.1, 2, "death, arrest and leaving together"))
    thickness: Param = field(default=Param(5, "mm", "assumed", "L", None, 0.5, 20))

    @property
    def reach(self) -> float:
        """Length in µm over which the steady number of cells falls e-fold."""
        return float(reach(self.motility.value, self.loss.value))

    @property
    def modulus(self) -> float:
        """Thickness in units of the reach, a pure number."""
        return 1000 * self.thickness.value / self.reach


def _positive(**values: ArrayLike) -> list[Values]:
    arrays = []
    for name, value in values.items():
        array = np.asarray(value, dtype=float)
        if not np.isfinite(array).all() or (array <= 0).any():
            raise ValueError(f"{name} must be finite and above zero, got {value}")
        arrays.append(array)
    return arrays


def motility(speed: float, persistence: float) -> float:
    """Return the motility (µm²/min) of a walk in space with a speed (µm/min) and a mean time between turns (min).

    Raises
    ------
    ValueError
        When one of them is not above zero.
    """
    _positive(speed=speed, persistence=persistence)
    return speed**2 * persistence / 3


def reach(motility: ArrayLike, loss: ArrayLike) -> Values:
    """Return the length (µm) that cells of a motility (µm²/min) cover before they are lost at a rate (1/d).

    Raises
    ------
    ValueError
        When a value is not above zero.
    """
    motility, loss = _positive(motility=motility, loss=loss)
    return np.sqrt(motility * MINUTES / loss)


def steady(x: ArrayLike, rind: RindParams) -> Values:
    """Return the number of cells at depths `x` (µm) once nothing changes, as a share of the number at the surface.

    Parameters
    ----------
    x : array_like
        Between 0 and the thickness of the rind.
    rind : RindParams

    Returns
    -------
    ndarray
        Shape of `x`, between 0 and 1.

    Raises
    ------
    ValueError
        When a depth lies outside the rind.
    """
    x, thickness = np.asarray(x, dtype=float), 1000 * rind.thickness.value
    if not np.isfinite(x).all() or (x < 0).any() or (x > thickness).any():
        raise ValueError(f"depths must lie between 0 and the rind's {thickness:g} µm, got {x.min():g} to {x.max():g}")
    gone = x / rind.reach
    # cosh(φ(1 − x/L)) / cosh φ, without its overflow in thick rinds.
    return np.exp(-gone) * (1 + np.exp(-2 * (rind.modulus - gone))) / (1 + np.exp(-2 * rind.modulus))


def share_reached(rind: RindParams) -> float:
    """Return the mean of the steady profile: cells in the rind, against as many everywhere as at the surface."""
    return float(mean_profile(rind.modulus))


def mean_profile(modulus: ArrayLike) -> Values:
    """Return what `share_reached` does for rinds of many thicknesses, in units of the reach.

    Raises
    ------
    ValueError
        When a thickness is not above zero.
    """
    (modulus,) = _positive(modulus=modulus)
    return np.tanh(modulus) / modulus


def half_space(x: ArrayLike, days: ArrayLike, motility: ArrayLike, loss: ArrayLike) -> Values:
    """Return the number of cells at depth `x` (µm) after some days in a rind without an end.

    Parameters
    ----------
    x, days, motility, loss : array_like
        They broadcast together. The surface holds one from the first moment.

    Returns
    -------
    ndarray
        Broadcast shape, between 0 and 1.

    Raises
    ------
    ValueError
        When time, motility or loss is not above zero, or a depth is negative.
    """
    days, motility, loss = _positive(days=days, motility=motility, loss=loss)
    x = np.asarray(x, dtype=float)
    if not np.isfinite(x).all() or (x < 0).any():
        raise ValueError(f"depths must be finite and not negative, got {x}")
    gone, spread, age = x / reach(motility, loss), x / (2 * np.sqrt(motility * MINUTES * days)), np.sqrt(loss * days)
    # e^(±gone) erfc(spread ± age), written with erfcx so that nothing overflows.
    outer = np.exp(gone - (spread + age) ** 2) * erfcx(spread + age)
    tail = np.exp(-gone - (spread - age) ** 2) * erfcx(np.abs(spread - age))
    inner = np.where(spread >= age, tail, 2 * np.exp(-gone) - tail)
    return (inner + outer) / 2


def depth(level: float, days: ArrayLike, motility: ArrayLike, loss: ArrayLike) -> Values:
    """Return the depth (µm) to which cells number at least `level` of those at the surface, in a rind without an end.

    Parameters
    ----------
    level : float
        Between 0 and 1.
    days, motility, loss : array_like
        They broadcast together; thousands at a time take a fraction of a second.

    Raises
    ------
    ValueError
        When the level is not between 0 and 1, or a value is not above zero.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    low = np.zeros(np.broadcast(days, motility, loss).shape)
    high = low + reach(motility, loss) * np.log(1 / level)  # the steady depth, never passed
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = half_space(middle, days, motility, loss) >= level
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return (low + high) / 2


@dataclass(frozen=True)
class Course:
    """How the cells in a rind came about.

    Attributes
    ----------
    x : ndarray, shape (depths,)
        Middles of the layers (µm).
    days : ndarray, shape (times,)
    cells : ndarray, shape (times, depths)
        As a share of the number at the surface when it began.
    """

    x: Values
    days: Values
    cells: Values


def simulate(
    rind: RindParams,
    days: float = 7,
    *,
    layers: int = 200,
    steps: int = 400,
    surface: Callable[[float], float] = lambda day: 1.0,
) -> Course:
    """Solve the walk with loss in layers of equal thickness (finite volumes, Crank-Nicolson with a Rannacher start).

    Parameters
    ----------
    rind : RindParams
    days : float
        How long.
    layers, steps : int
        In space and in time.
    surface : callable
        Number of cells at the surface on a day, with one as the unit.

    Raises
    ------
    ValueError
        When time, layers or steps are too few, or the surface gives a number that is negative or not finite.
    """
    _positive(days=days)
    if layers < 2 or steps < 2 * START:
        raise ValueError(f"need at least 2 layers and {2 * START} steps, got {layers} and {steps}")
    wide, dt = 1000 * rind.thickness.value / layers, days / steps
    moved = rind.motility.value * MINUTES / wide**2
    bands = np.zeros((3, layers))  # superdiagonal, diagonal, subdiagonal of the change per day
    bands[0, 1:] = bands[2, :-1] = moved
    bands[1] = -2 * moved - rind.loss.value
    bands[1, 0] -= moved  # the surface is half a layer away, so its pull is double
    bands[1, -1] += moved  # nothing leaves through the far side
    times = np.linspace(0, days, steps + 1)
    given = np.array([surface(time) for time in times], dtype=float)
    if not np.isfinite(given).all() or (given < 0).any():
        raise ValueError("surface must give finite numbers that are not negative")
    cells = np.zeros((steps + 1, layers))
    for step in range(steps):
        now, after = 2 * moved * given[step : step + 2]
        if step < START:
            half = _implicit(bands, cells[step], surface((times[step] + times[step + 1]) / 2) * 2 * moved, dt / 2, 1)
            cells[step + 1] = _implicit(bands, half, after, dt / 2, 1)
        else:
            explicit = cells[step] + dt / 2 * _change(bands, cells[step], now)
            cells[step + 1] = _implicit(bands, explicit, after, dt, 0.5)
    return Course((np.arange(layers) + 0.5) * wide, times, cells)


def _change(bands: Values, cells: Values, entering: float) -> Values:
    change = bands[1] * cells
    change[:-1] += bands[0, 1:] * cells[1:]
    change[1:] += bands[2, :-1] * cells[:-1]
    change[0] += entering
    return change


def _implicit(bands: Values, right: Values, entering: float, dt: float, share: float) -> Values:
    matrix = -share * dt * bands
    matrix[1] += 1
    right = right.copy()
    right[0] += share * dt * entering
    return solve_banded((1, 1), matrix, right)


def walk(
    walkers: int, minutes: float, params: WalkParams | None = None, *, rng: np.random.Generator, steps: int = 400
) -> Values:
    """Let cells run straight and turn at random, in space; return where they are along one direction.

    Parameters
    ----------
    walkers : int
    minutes : float
    params : WalkParams, optional
    rng : numpy.random.Generator
    steps : int
        Equal pieces of the time; must be short against the time between turns.

    Returns
    -------
    ndarray, shape (steps + 1, walkers)
        Micrometres from the start.

    Raises
    ------
    ValueError
        When there is no walker or no time, or the steps are longer than a tenth of the time between turns.
    """
    params = params or WalkParams()
    _positive(walkers=walkers, minutes=minutes, steps=steps)
    dt = minutes / steps
    if dt > params.persistence.value / 10:
        least = int(np.ceil(10 * minutes / params.persistence.value))
        raise ValueError(f"steps of {dt:.3g} min are too long for turns each {params.persistence.value:g} min: {least}")
    turning = 1 - np.exp(-dt / params.persistence.value)
    along = rng.uniform(-1, 1, walkers)  # one coordinate of a direction in space is uniform (Archimedes)
    place = np.zeros((steps + 1, walkers))
    for step in range(steps):
        place[step + 1] = place[step] + params.speed.value * dt * along
        turned = rng.random(walkers) < turning
        along = np.where(turned, rng.uniform(-1, 1, walkers), along)
    return place


def mean_square(minutes: ArrayLike, params: WalkParams | None = None) -> Values:
    """Return the mean square of the distance (µm²) that `walk` covers along one direction."""
    params = params or WalkParams()
    minutes, persistence = np.asarray(minutes, dtype=float), params.persistence.value
    return 2 * params.motility * (minutes - persistence * (1 - np.exp(-minutes / persistence)))


def order_of_convergence(rind: RindParams, layers: int = 50, days: float = 40) -> float:
    """Return by which power of the layer thickness the error of `simulate` falls, once nothing changes any more."""
    errors = []
    for count in (layers, 2 * layers):
        course = simulate(rind, days, layers=count, steps=800)
        errors.append(np.abs(course.cells[-1] - steady(course.x, rind)).max())
    return float(np.log2(errors[0] / errors[1]))


def checks(seed: int = 8) -> list[Check]:
    """Return the validation table: closed forms, and a crowd of single walkers."""
    rind, deep = with_values(RindParams(), thickness=1), RindParams()
    late, week = simulate(rind, 40, steps=800), simulate(deep, 7, layers=1000, steps=800)
    exact = half_space(week.x, 7, deep.motility.value, deep.loss.value)
    walked, expected = walk(WALKERS, 30, rng=np.random.default_rng(seed), steps=600)[-1], mean_square(30)
    near = 4 * np.sqrt(2 / WALKERS)
    rows = [
        ("largest error of the steady profile", np.abs(late.cells[-1] - steady(late.x, rind)).max(), 0, 5e-4),
        ("order of convergence in space", order_of_convergence(rind), 2, 0.1),
        ("share reached, layers against tanh φ / φ", late.cells[-1].mean(), share_reached(rind), 5e-4),
        ("largest error after a week", np.abs(week.cells[-1] - exact).max(), 0, 5e-4),
        (f"mean square of {WALKERS:,} walkers (µm²)", np.mean(walked**2), expected, near * expected),
    ]
    return [Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in rows]
