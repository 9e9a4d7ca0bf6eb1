"""Heat and cold in tissue: how large a zone a probe destroys, and what that depends on.

Pennes' equation on rings round the needle: heat flows from ring to ring, blood carries it off, a probe brings it. Cells
die by Arrhenius' law, and where they are dead blood has stopped. How heat spreads over the rings in one step is worked
out once, exactly, so that steps may be long and no ring can overshoot; where conductivity rises with heat, short
explicit steps stand in. Every joule that tissue takes is accounted for; what boils away is not. Freezing follows heat
content instead of temperature, which holds temperature back until the latent heat is gone. Lengths are in millimetres,
times in seconds, temperatures in degrees Celsius.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq, least_squares
from scipy.special import erf, erfcx

from mesosim.params import Check, Param, with_values

Values = NDArray[np.float64]
GAS = 8.314462618
"""Gas constant in J/(mol K)."""
ZERO = 273.15
"""Kelvin at 0 °C."""
PIG, PORCINE, TABLE = "anon2022vivo", "bianchi2023temperature", "schooneveldt2019hyperthermia"
COMSOL, CODE, AGAR = "comsol60materials", "arrheniuscodepairs", "littrup2009lethal"
STEP = 2.0
"""Longest time step (s); shorter ones move the zone of ten minutes by a twentieth of a millimetre."""
TINY = 1e-280
"""Damage that is none."""
SAFETY = 0.95
"""Share of the longest stable step that is taken where conductivity changes, and steps are explicit."""
LIMITS = ((0.5, 150.0), (0.5, 20.0))
"""Between which power (W) and length (mm) of a probe are sought."""
PARTS = 8
"""Pieces of a ring, each way, from which the share of it inside a sphere is counted."""


@dataclass(frozen=True)
class TissueParams:
    """Lung as measured in a dish, with the perfusion of another tissue."""

    conductivity: Param = field(
        default=Param(
            0.208, "W/(m K)", PORCINE, "k", "lung-thermal-baseline[0]", 0.05, 3, "deflated, ex vivo pig; derived"
        )
    )
    capacity: Param = field(
        default=Param(1.34, "MJ/(m³ K)", PORCINE, "ρc", "lung-thermal-baseline[2]", 0.1, 5, "the same")
    )
    steepness: Param = field(
        default=Param(0, "1/K", "assumed", "β", None, 0, 0.1, "growth of k with each degree above the body's")
    )
    perfusion: Param = field(
        default=Param(22545, "W/(m³ K)", TABLE, "w", "tumour-thermal-constants[3]", 0, 2e5, "brain tumours: a stand-in")
    )
    body: Param = field(default=Param(37, "°C", "assumed", "T_b", None, 0, 45, "blood, and tissue far away"))


@dataclass(frozen=True)
class DeathParams:
    """How fast heat kills: Arrhenius' law, whose two numbers belong together."""

    frequency: Param = field(default=Param(7.39e39, "1/s", COMSOL, "A", "arrhenius-liver[0]", 1, 1e200, "liver"))
    energy: Param = field(default=Param(257_700, "J/mol", COMSOL, "E", "arrhenius-liver[1]", 1e3, 1e7, "liver"))


def _pair(tissue: str, source: str, fact: str, frequency: float, energy: float) -> DeathParams:
    return DeathParams(
        Param(frequency, "1/s", source, "A", f"{fact}[0]", 1, 1e200, tissue),
        Param(energy, "J/mol", source, "E", f"{fact}[1]", 1e3, 1e7, tissue),
    )


RULES = {
    "liver": DeathParams(),
    "skin": _pair("skin", CODE, "arrhenius-skin", 3.1e98, 628_000),
    "artery": _pair("artery", CODE, "arrhenius-artery", 5.6e63, 430_000),
    "fat": _pair("fat", COMSOL, "arrhenius-fat-prostate[0]", 4.43e16, 130_000),
    "prostate": _pair("prostate", COMSOL, "arrhenius-fat-prostate[1]", 1e91, 560_000),
}
"""Published pairs, by the tissue that they are quoted for. None was measured in lung or pleura."""


@dataclass(frozen=True)
class ProbeParams:
    """A microwave antenna: heat that falls off round a stretch of needle, and stops where water boils."""

    power: Param = field(default=Param(4.5, "W", "assumed", "P", None, 0, 200, "that heats tissue; fitted in the lab"))
    length: Param = field(default=Param(6.6, "mm", "assumed", "s_z", None, 0.2, 40, "spread along the needle; fitted"))
    width: Param = field(default=Param(4, "mm", "assumed", "s_r", None, 0.2, 40, "across the needle; chosen, see lab"))
    boiling: Param = field(
        default=Param(100, "°C", "assumed", "T_max", None, 40, 1000, "above it power goes into steam")
    )
    duration: Param = field(default=Param(120, "s", "assumed", "t_on", None, 0, 3600, "then it cools"))


@dataclass(frozen=True)
class IceParams:
    """A gel of water round a cold probe; the values are water's, as textbooks give them."""

    conductivity: Param = field(default=Param(0.6, "W/(m K)", "assumed", "k_u", None, 0.05, 3, "not frozen: water"))
    frozen_conductivity: Param = field(default=Param(2.2, "W/(m K)", "assumed", "k_f", None, 0.05, 5, "frozen: ice"))
    capacity: Param = field(default=Param(4.2, "MJ/(m³ K)", "assumed", "C_u", None, 0.1, 5, "not frozen: water"))
    frozen_capacity: Param = field(default=Param(1.9, "MJ/(m³ K)", "assumed", "C_f", None, 0.1, 5, "frozen: ice"))
    latent: Param = field(default=Param(306, "MJ/m³", "assumed", "Λ", None, 0, 400, "heat of freezing: ice"))
    freezing: Param = field(default=Param(-0.5, "°C", "assumed", "T_f", None, -20, 5, "middle of the range"))
    span: Param = field(default=Param(1, "K", "assumed", "ΔT", None, 0.1, 15, "range over which it freezes"))
    start: Param = field(default=Param(39, "°C", AGAR, "T_0", "cryo-lethal-setting[1]", -1, 45, "warm agar"))
    probe: Param = field(
        default=Param(-99, "°C", "assumed", "T_p", None, -200, 0, "at the probe; fitted to the bench study")
    )
    radius: Param = field(default=Param(1.2, "mm", AGAR, "a", None, 0.2, 5, "half of cryo-lethal-setting[0]"))
    length: Param = field(default=Param(30, "mm", "assumed", "ℓ", None, 1, 80, "of the part that is cold"))


@dataclass(frozen=True)
class Grid:
    """Rings round the needle, square in section, over half its length; the other half is the mirror image.

    Parameters
    ----------
    radius, half_length : float
        How far the rings reach, in mm, to the nearest whole ring; beyond them tissue has the body's temperature.
    h : float
        Side of a ring's section in mm.

    Raises
    ------
    ValueError
        When there is less than one ring either way.
    """

    radius: float = 33.0
    half_length: float = 36.0
    h: float = 0.75

    def __post_init__(self) -> None:
        if not (self.h > 0 and np.isfinite([self.radius, self.half_length]).all()):
            raise ValueError(f"grid: h must be above 0 and the lengths finite, got h = {self.h}")
        if min(self.shape) < 1:
            raise ValueError(f"grid: {self.radius} × {self.half_length} mm hold no ring of {self.h} mm")

    @property
    def shape(self) -> tuple[int, int]:
        """Rings across and along the needle."""
        return round(self.radius / self.h), round(self.half_length / self.h)

    @property
    def r(self) -> Values:
        """Middles of the rings across the needle (mm)."""
        return (np.arange(self.shape[0]) + 0.5) * self.h

    @property
    def z(self) -> Values:
        """Middles of the rings along the needle (mm), from the mirror on."""
        return (np.arange(self.shape[1]) + 0.5) * self.h

    @property
    def volume(self) -> Values:
        """Volume of each ring with its mirror image (m³)."""
        rings = 4 * np.pi * self.r * self.h**2 * 1e-9
        return np.repeat(rings[:, None], self.shape[1], axis=1)


@dataclass(frozen=True)
class Course:
    """What became of the tissue.

    Attributes
    ----------
    grid : Grid
    seconds : ndarray, shape (times,)
    temperature, omega, minutes : ndarray, shape (times, across, along)
        In °C; Arrhenius' damage, at 1 of which 63% are dead; and the thermal dose CEM43 in minutes.
    joules : dict of str to float
        Where heat went by the end: "given", "stored", "blood" and "edge"; the last three add up to the first.
    """

    grid: Grid
    seconds: Values
    temperature: Values
    omega: Values
    minutes: Values
    joules: dict[str, float]

    def zone(self, level: float = 1.0) -> Values:
        """Return the diameters across and along the needle (mm) of the zone with damage `level`, one row a time."""
        damage, level = self._damage(level)
        return np.array([_diameters(each, self.grid, level) for each in damage])

    def outline(self, level: float = 1.0) -> Values:
        """Return the radius of the zone (mm) at each place `grid.z` along the needle, one row a time."""
        damage, level = self._damage(level)
        return np.array([[_crossing(line, self.grid.r, level) for line in each.T] for each in damage])

    def _damage(self, level: float) -> tuple[Values, float]:
        """Return logarithms of the damage and of a level."""
        if not level > 0:
            raise ValueError(f"level must be above 0, got {level}")
        with np.errstate(divide="ignore"):
            return np.log(self.omega), float(np.log(level))


def _crossing(values: Values, places: Values, level: float) -> float:
    """Return the outermost place at which falling values pass a level; 0 when they never reach it."""
    above = np.flatnonzero(values >= level)
    if not above.size:
        return 0.0
    last = int(above[-1])
    if last + 1 == values.size:
        raise ValueError(f"the zone reaches the edge of the grid at {places[-1]:g} mm: take a larger one")
    if not np.isfinite(values[last + 1]):
        return float(places[last])
    share = (values[last] - level) / (values[last] - values[last + 1])
    return float(places[last] + share * (places[last + 1] - places[last]))


def _diameters(values: Values, grid: Grid, level: float) -> tuple[float, float]:
    return 2 * _crossing(values[:, 0], grid.r, level), 2 * _crossing(values[0], grid.z, level)


class _Rings:
    """Values in rings with a rim one ring wide, and what flows into each ring from its four neighbours."""

    def __init__(self, grid: Grid, start: float, insulated: bool) -> None:
        across, along = grid.shape
        self.padded = np.full((across + 2, along + 2), float(start))
        self.inside = self.padded[1:-1, 1:-1]
        self.insulated = insulated
        i = np.arange(across)[:, None]
        self.outer, self.inner = (i + 1) / (i + 0.5), i / (i + 0.5)  # faces against the ring's own radius
        self.net, self.part = np.empty(grid.shape), np.empty(grid.shape)
        self.face = np.empty(grid.shape)

    def neighbours(self, padded: Values) -> tuple[tuple[Values | float, Values], ...]:
        """Return the weight and the value of the neighbour on each side."""
        return (
            (self.outer, padded[2:, 1:-1]), (self.inner, padded[:-2, 1:-1]),
            (1.0, padded[1:-1, 2:]), (1.0, padded[1:-1, :-2]),
        )  # fmt: skip

    def fill_rim(self) -> None:
        """Set the rim: the mirror image along the needle; at the outer faces nothing flows, or the body is there."""
        self.padded[:, 0] = self.padded[:, 1]
        if self.insulated:
            self.padded[-1], self.padded[:, -1] = self.padded[-2], self.padded[:, -2]

    def inflow_by(self, conductivity: Values) -> Values:
        """Return what flows in, times h², with a conductivity in each ring and its rim; a face takes the mean."""
        net, part, face = self.net, self.part, self.face
        net[:] = 0
        for (weight, value), (_, k) in zip(self.neighbours(self.padded), self.neighbours(conductivity), strict=True):
            np.add(k, conductivity[1:-1, 1:-1], out=face)
            face *= 0.5 * weight
            np.subtract(value, self.inside, out=part)
            part *= face
            net += part
        return net


@lru_cache(maxsize=64)
def _modes(rings: int, around: bool, insulated: bool) -> tuple[Values, Values, Values]:
    """Return rates and shapes in which heat dies out along one direction, and the root of each ring's weight."""
    i = np.arange(rings)
    weight = i + 0.5 if around else np.ones(rings)
    face = i + 1.0 if around else np.ones(rings)  # between a ring and the next one out
    stays = face + np.concatenate([[0.0], face[:-1]])
    if insulated:
        stays[-1] -= face[-1]
    rates, shapes = eigh_tridiagonal(-stays / weight, face[:-1] / np.sqrt(weight[:-1] * weight[1:]))
    return rates, shapes, np.sqrt(weight)


def _kernel(rings: int, seconds: float, pace: float, around: bool, insulated: bool) -> Values:
    """Return with what weight each ring's temperature (column) enters that of each ring (row) after a time.

    The exact solution for rings along one direction: no entry is negative, and a row adds up to 1, or less where heat
    leaves by the edge.
    """
    rates, shapes, root = _modes(rings, around, insulated)
    return (shapes * np.exp(rates * pace * seconds)) @ shapes.T * (root / root[:, None])


def deposit(probe: ProbeParams, grid: Grid) -> Values:
    """Return the heat that a probe brings to each ring (W/m³); all of its power lies within the grid."""
    shape = np.exp(-0.5 * (grid.r[:, None] / probe.width.value) ** 2 - 0.5 * (grid.z / probe.length.value) ** 2)
    return probe.power.value * shape / (shape * grid.volume).sum()


def ball(radius: float, density: float, grid: Grid) -> Values:
    """Return a source of `density` (W/m³) inside a sphere (mm), thinned in the rings that its surface cuts.

    Raises
    ------
    ValueError
        When the sphere has no size, or is larger than the grid.
    """
    across, along = grid.shape
    fine = Grid(across * grid.h, along * grid.h, grid.h / PARTS)
    if not 0 < radius <= min(fine.radius, fine.half_length):
        raise ValueError(f"a sphere of {radius} mm does not fit into {fine.radius} × {fine.half_length} mm")
    inside = (np.hypot(fine.r[:, None], fine.z) < radius) * fine.r[:, None]
    counted = inside.reshape(across, PARTS, along, PARTS).sum(axis=(1, 3))
    weight = counted * fine.h**2 / (grid.r[:, None] * grid.h**2)
    exact = 4 / 3 * np.pi * (radius * 1e-3) ** 3 / (weight * grid.volume).sum()
    return density * exact * weight


def log_rate(celsius: Values | float, death: DeathParams) -> Values:
    """Return the logarithm of the rate at which damage grows (1/s)."""
    return np.log(death.frequency.value) - death.energy.value / (GAS * (np.asarray(celsius) + ZERO))


def seconds_to_die(celsius: ArrayLike, death: DeathParams) -> Values:
    """Return how long a steady temperature takes to bring damage to 1 (s)."""
    return np.exp(-log_rate(np.asarray(celsius, dtype=float), death))


def cem43(celsius: ArrayLike, seconds: float) -> Values:
    """Return the thermal dose of a steady temperature: minutes at 43 °C that are held to be worth as much.

    The rate doubles with each degree above 43 °C and falls to a quarter with each degree below.
    """
    above = np.asarray(celsius, dtype=float) - 43
    return np.exp2(np.minimum(above, 2 * above)) * seconds / 60


def _times(times: ArrayLike, *breaks: float) -> tuple[Values, list[float]]:
    wanted = np.atleast_1d(np.asarray(times, dtype=float))
    row = wanted.ndim == 1 and wanted.size and np.isfinite(wanted).all()
    if not row or wanted[0] < 0 or (np.diff(wanted) <= 0).any():
        raise ValueError(f"times must be a row of finite numbers that are not negative and rise, got {times}")
    return wanted, sorted({0.0, *wanted.tolist(), *(b for b in breaks if 0 < b < wanted[-1])})


def heat(
    times: ArrayLike, tissue: TissueParams | None = None, probe: ProbeParams | None = None,
    death: DeathParams | None = None, *, grid: Grid | None = None, source: Values | None = None,
    start: ArrayLike | None = None, insulated: bool = False, step: float = STEP,
) -> Course:  # fmt: skip
    """Heat tissue with a probe and follow its temperature, its damage and its thermal dose.

    Finite volumes; spreading, and what blood and probe do to each ring, take turns (Strang's splitting). Perfusion
    stops where damage reaches 1; the probe heats no ring that boils.

    Parameters
    ----------
    times : array_like
        Seconds at which the state is kept, in rising order; the last ends the run.
    tissue, probe, death : optional
    grid : Grid, optional
    source : ndarray, optional
        Heat brought to each ring (W/m³) in place of the probe's.
    start : array_like, optional
        Temperature at first, of all tissue or of each ring; the body's, unless it is given.
    insulated : bool
        Whether nothing flows through the outer faces, instead of the body being there.
    step : float
        Longest time step (s).

    Raises
    ------
    ValueError
        When times are not in order, the step is not above 0 and finite, or the start or the source does not fit the
        grid or is not finite, or the source is negative.
    """
    tissue, probe, death = tissue or TissueParams(), probe or ProbeParams(), death or DeathParams()
    grid = grid or Grid()
    source = deposit(probe, grid) if source is None else np.asarray(source, dtype=float)
    if source.shape != grid.shape or not np.isfinite(source).all() or (source < 0).any():
        raise ValueError(f"source must hold {grid.shape} finite numbers that are not negative, got {source.shape}")
    if not 0 < step < np.inf:
        raise ValueError(f"step must be above 0 s and finite, got {step}")
    wanted, marks = _times(times, probe.duration.value)
    body = tissue.body.value
    begun = np.asarray(body if start is None else start, dtype=float)
    if begun.shape not in {(), grid.shape} or not np.isfinite(begun).all():
        raise ValueError(f"start must be finite, and one number or {grid.shape} of them, got shape {begun.shape}")
    first = np.full(grid.shape, begun - body)
    state = _Heated(first, tissue, death, probe.boiling.value - body, grid, insulated)
    kept = [state.copy()] if wanted[0] == 0 else []
    for begin, end in pairwise(marks):
        steps = int(np.ceil((end - begin) / step))
        state.advance(steps, (end - begin) / steps, source if begin < probe.duration.value else None)
        if end in wanted:
            kept.append(state.copy())
    temperature, omega, minutes = (np.array(list(each)) for each in zip(*kept, strict=True))
    stored = tissue.capacity.value * 1e6 * float(((state.theta - first) * grid.volume).sum())
    joules = {"given": state.given, "stored": stored, "blood": state.blood, "edge": state.edge}
    return Course(grid, wanted, temperature + body, omega, minutes, joules)


class _Heated:
    """Tissue on its way: degrees above the body's, damage and dose, and where heat went."""

    def __init__(
        self, first: Values, tissue: TissueParams, death: DeathParams, boiling: float, grid: Grid, insulated: bool
    ) -> None:
        self.theta, self.tissue, self.boiling = first.copy(), tissue, boiling
        self.grid, self.insulated = grid, insulated
        self.capacity, self.body = tissue.capacity.value * 1e6, tissue.body.value
        self.joules_per_degree = self.capacity * grid.volume
        self.log_frequency, self.kelvin = np.log(death.frequency.value), death.energy.value / GAS
        self.omega, self.minutes, self.alive = np.zeros(grid.shape), np.zeros(grid.shape), np.ones(grid.shape)
        self.work, self.middle, self.warm = (np.empty(grid.shape) for _ in range(3))
        self.given = self.blood = self.edge = 0.0

    def copy(self) -> tuple[Values, Values, Values]:
        """Return copies of what is kept."""
        return self.theta.copy(), self.omega.copy(), self.minutes.copy()

    def advance(self, steps: int, dt: float, source: Values | None) -> None:
        """Take equal steps: half of the spreading, what blood and probe do and its harm, and the other half."""
        if self.tissue.steepness.value:
            half, whole = self._by_small_steps(dt / 2), self._by_small_steps(dt)
        else:
            half, whole = self._exactly(dt / 2), self._exactly(dt)
        heat = None if source is None else source * (dt / self.capacity)
        lost = -np.expm1(-self.tissue.perfusion.value * dt / self.capacity)  # share of the excess, exactly
        for number in range(steps):
            self._spread(whole if number else half)
            np.copyto(self.middle, self.theta)
            self._probe_and_blood(heat, lost)
            self._harm(dt)
        self._spread(half)

    def _spread(self, move: Callable[[], None]) -> None:
        before = float(np.vdot(self.theta, self.joules_per_degree))
        move()
        self.edge += before - float(np.vdot(self.theta, self.joules_per_degree))

    def _probe_and_blood(self, heat: Values | None, lost: float) -> None:
        """Bring heat, but to no ring more than takes it to boiling; blood takes its share, of new heat the half."""
        theta, work, warm = self.theta, self.work, self.warm
        if heat is None:
            np.copyto(warm, theta)
        else:
            np.subtract(self.boiling, theta, out=work)
            np.maximum(work, 0, out=work)
            np.minimum(work, heat, out=work)
            self.given += float(np.vdot(work, self.joules_per_degree))
            theta += work
            work *= 0.5
            np.subtract(theta, work, out=warm)
        warm *= self.alive
        warm *= lost
        self.blood += float(np.vdot(warm, self.joules_per_degree))
        theta -= warm

    def _exactly(self, dt: float) -> Callable[[], None]:
        pace = self.tissue.conductivity.value / self.capacity / (self.grid.h * 1e-3) ** 2
        across, along = self.grid.shape
        radial = _kernel(across, dt, pace, True, self.insulated)
        axial = np.ascontiguousarray(_kernel(along, dt, pace, False, self.insulated).T)

        def move() -> None:
            np.matmul(radial, self.theta, out=self.work)
            np.matmul(self.work, axial, out=self.theta)

        return move

    def _by_small_steps(self, dt: float) -> Callable[[], None]:
        rings = _Rings(self.grid, 0.0, self.insulated)
        base, steepness = self.tissue.conductivity.value, self.tissue.steepness.value
        hottest = max(self.boiling, float(self.theta.max()), 0.0)
        pace = base * np.exp(steepness * hottest) / self.capacity / (self.grid.h * 1e-3) ** 2
        steps = int(np.ceil(dt * 4 * pace / SAFETY))
        factor = dt / steps / self.capacity / (self.grid.h * 1e-3) ** 2

        def move() -> None:
            rings.inside[:] = self.theta
            for _ in range(steps):
                rings.fill_rim()
                flow = rings.inflow_by(base * np.exp(steepness * np.clip(rings.padded, 0, hottest)))
                flow *= factor
                rings.inside += flow
            self.theta[:] = rings.inside

        return move

    def _harm(self, dt: float) -> None:
        """Add damage and dose by the temperature in mid-step, and see for how much of the next step blood lasts."""
        work, middle = self.work, self.middle
        middle += self.theta
        middle *= 0.5
        np.add(middle, self.body + ZERO, out=work)
        np.divide(-self.kelvin, work, out=work)
        work += self.log_frequency + np.log(dt)
        np.exp(work, out=work)
        self.omega += work
        work += TINY
        np.subtract(1, self.omega, out=self.alive)
        self.alive /= work
        np.maximum(self.alive, 0, out=self.alive)
        np.minimum(self.alive, 1, out=self.alive)
        middle += self.body - 43
        np.multiply(middle, 2, out=work)
        np.minimum(work, middle, out=work)
        work *= np.log(2)
        np.exp(work, out=work)
        work *= dt / 60
        self.minutes += work


def sphere_steady(r: ArrayLike, radius: float, density: float, tissue: TissueParams) -> Values:
    """Return the steady rise (K) at distances `r` (mm) from the middle of a heated sphere in endless living tissue.

    Raises
    ------
    ValueError
        When the sphere has no size, or no blood perfuses the tissue.
    """
    w = tissue.perfusion.value
    if not (w > 0 and radius > 0):
        raise ValueError(f"perfusion and radius must be above 0, got {w} W/(m³ K) and {radius} mm")
    reach = 1e3 * np.sqrt(tissue.conductivity.value / w)
    x, a = np.maximum(np.asarray(r, dtype=float), 1e-9) / reach, radius / reach
    inside = 1 - (1 + a) * np.exp(-a) * np.sinh(np.minimum(x, a)) / np.minimum(x, a)
    outside = (a * np.cosh(a) - np.sinh(a)) * np.exp(-np.maximum(x, a)) / np.maximum(x, a)
    return density / w * np.where(x < a, inside, outside)


SWINE = {60: (14.1, 22.0), 120: (20.2, 27.6), 180: (21.2, 29.2)}
"""Zones in the lung of living pigs (mm, across and along), by seconds at 100 W; fact swine-mwa-zones."""
SWINE_VOLUMES = {120: 3.4, 600: 8.9}
"""Volumes of zones (cm³) in other pigs' lungs, by seconds at 100 W; fact swine-mwa-duration."""
REST = 60.0
"""Seconds of cooling after which a zone is read; damage still grows in them."""


def zone_after(
    seconds: float, tissue: TissueParams | None = None, probe: ProbeParams | None = None,
    death: DeathParams | None = None, *, grid: Grid | None = None,
) -> Values:  # fmt: skip
    """Return the diameters (mm) across and along the needle of what is dead after so long a heating and some rest."""
    probe = with_values(probe or ProbeParams(), duration=seconds)
    return heat([seconds + REST], tissue, probe, death, grid=grid).zone()[0]


def calibrate(
    zone: tuple[float, float], seconds: float, tissue: TissueParams | None = None, probe: ProbeParams | None = None,
    death: DeathParams | None = None, *, grid: Grid | None = None,
) -> ProbeParams:  # fmt: skip
    """Return the probe whose power and length give a measured zone.

    Parameters
    ----------
    zone : tuple of float
        Diameters across and along the needle in mm.
    seconds : float
        How long it was heated.
    tissue, probe, death, grid : optional
        The probe's width and its boiling point stay as they are.

    Raises
    ------
    ValueError
        When the zone is not two diameters, or no power and length within `LIMITS` give it.
    """
    probe = probe or ProbeParams()
    if np.shape(zone) != (2,) or not (np.isfinite(zone).all() and min(zone) > 0):
        raise ValueError(f"zone must be two diameters above 0 mm, got {zone}")

    def misses(logs: Values) -> Values:
        tried = with_values(probe, power=np.exp(logs[0]), length=np.exp(logs[1]))
        return zone_after(seconds, tissue, tried, death, grid=grid) - zone

    limits = np.log(LIMITS).T
    first = np.clip(np.log([probe.power.value, probe.length.value]), limits[0] + 0.01, limits[1] - 0.01)
    found = least_squares(misses, first, bounds=limits, diff_step=0.02, xtol=1e-4, ftol=1e-5, max_nfev=30)
    if np.abs(found.fun).max() > 0.1:
        miss = ", ".join(f"{value:+.1f}" for value in found.fun)
        raise ValueError(f"no power and length give a zone of {zone[0]} × {zone[1]} mm: the best misses by {miss} mm")
    return with_values(probe, power=np.exp(found.x[0]), length=np.exp(found.x[1]), duration=seconds)


@dataclass(frozen=True)
class IceCourse:
    """What became of the ice.

    Attributes
    ----------
    grid : Grid
    seconds : ndarray, shape (times,)
    temperature : ndarray, shape (times, across, along)
    """

    grid: Grid
    seconds: Values
    temperature: Values

    def zone(self, below: float) -> Values:
        """Return the diameters across and along the probe (mm) of what is at most so warm, one row a time."""
        return np.array([_diameters(-each, self.grid, -below) for each in self.temperature])


class _Water:
    """Temperature and conductivity of water by its heat content (J/m³), which is 0 where freezing begins."""

    def __init__(self, ice: IceParams) -> None:
        low, high = ice.freezing.value - ice.span.value / 2, ice.freezing.value + ice.span.value / 2
        thawed, frozen = ice.capacity.value * 1e6, ice.frozen_capacity.value * 1e6
        self.latent = ice.latent.value * 1e6 + ice.span.value * (thawed + frozen) / 2
        self.heats = np.array([-self.latent - 300 * frozen, -self.latent, 0, 300 * thawed])
        self.degrees = np.array([low - 300, low, high, high + 300])
        self.conductivities = np.array([ice.frozen_conductivity.value, ice.conductivity.value])
        fastest = max(self.conductivities)
        self.pace = fastest / min(thawed, frozen, self.latent / ice.span.value)

    def content(self, celsius: ArrayLike) -> Values:
        """Return the heat content at a temperature."""
        return np.interp(celsius, self.degrees, self.heats)

    def temperature(self, heat: Values) -> Values:
        """Return the temperature at a heat content."""
        return np.interp(heat, self.heats, self.degrees)

    def conductivity(self, heat: Values) -> Values:
        """Return the conductivity, between ice and water where part is frozen."""
        return np.interp(heat, [-self.latent, 0], self.conductivities)


def freeze(
    times: ArrayLike, ice: IceParams | None = None, *, grid: Grid | None = None, held: NDArray[np.bool_] | None = None,
    insulated: bool = False,
) -> IceCourse:  # fmt: skip
    """Freeze a gel round a probe that is held at one temperature.

    What moves is heat content, so that no latent heat is skipped however long the step; its slope against temperature
    is the effective heat capacity.

    Parameters
    ----------
    times : array_like
        Seconds, in rising order.
    ice : IceParams, optional
    grid : Grid, optional
    held : ndarray of bool, optional
        Rings that have the probe's temperature; those of a rod on the axis, unless they are given.
    insulated : bool
        Whether nothing flows through the outer faces, instead of the start temperature being there.

    Raises
    ------
    ValueError
        When times are not in order, or no ring is held.
    """
    ice, grid = ice or IceParams(), grid or Grid(36, 36, 0.6)
    wanted, marks = _times(times)
    if held is None:
        held = (grid.r[:, None] < ice.radius.value) & (grid.z < ice.length.value / 2)
    if held.shape != grid.shape or not held.any():
        raise ValueError(f"held must mark at least one of {grid.shape} rings: is the grid finer than the probe?")
    water, h2 = _Water(ice), (grid.h * 1e-3) ** 2
    content = _Rings(grid, float(water.content(ice.start.value)), insulated)
    content.inside[held] = water.content(ice.probe.value)
    rings = _Rings(grid, ice.start.value, insulated)
    kept = [water.temperature(content.inside)] if wanted[0] == 0 else []
    for begin, end in pairwise(marks):
        steps = int(np.ceil((end - begin) / (SAFETY * h2 / (4 * water.pace))))
        for _ in range(steps):
            content.fill_rim()
            rings.padded[:] = water.temperature(content.padded)
            flow = rings.inflow_by(water.conductivity(content.padded))
            flow *= (end - begin) / steps / h2
            flow[held] = 0
            content.inside += flow
        if end in wanted:
            kept.append(water.temperature(content.inside))
    return IceCourse(grid, wanted, np.array(kept))


def stefan_root(ice: IceParams) -> float:
    """Return the root λ of Neumann's solution: a cold wall freezes endless water up to 2 λ √(α t) (ice's α).

    Raises
    ------
    ValueError
        When the probe is not colder than freezing, or the water is colder.
    """
    k_f, k_u = ice.frozen_conductivity.value, ice.conductivity.value
    c_f, c_u = ice.frozen_capacity.value * 1e6, ice.capacity.value * 1e6
    slow = np.sqrt((k_f / c_f) / (k_u / c_u))
    cold, warm = ice.freezing.value - ice.probe.value, ice.start.value - ice.freezing.value
    if not (cold > 0 and warm >= 0):
        raise ValueError(f"freezing must lie above the probe's {ice.probe.value} °C and not above {ice.start.value} °C")
    latent = np.sqrt(np.pi) * ice.latent.value * 1e6 / (c_f * cold)

    def short(root: float) -> float:
        given = np.exp(-(root**2)) / erf(root)
        taken = k_u / k_f * slow * warm / cold / erfcx(root * slow)
        return given - taken - latent * root

    return float(brentq(short, 1e-9, 5))


def stefan_front(seconds: float, ice: IceParams, h: float = 0.4) -> tuple[float, float]:
    """Return how far a wall has frozen water after some time (mm), by layers of thickness `h` and by Neumann."""
    diffusivity = ice.frozen_conductivity.value / (ice.frozen_capacity.value * 1e6)
    exact = 2e3 * stefan_root(ice) * np.sqrt(diffusivity * seconds)
    grid = Grid(h, h * round(8 * exact / h), h)
    held = np.zeros(grid.shape, dtype=bool)
    held[0, 0] = True
    last = freeze([seconds], ice, grid=grid, held=held, insulated=True).temperature[0]
    frozen = np.clip((ice.freezing.value - last[0]) / ice.span.value + 0.5, 0, 1)
    return h * float(frozen.sum() - 0.5), float(exact)  # the wall is the middle of the first layer


def checks() -> list[Check]:
    """Return the validation table: closed forms, where heat went, and zones in pigs with the middle one fitted."""
    rows = [*_identities(), *_swine()]
    return [Check(name, *map(float, numbers), source, kind) for name, *numbers, source, kind in rows]


def sphere_centre(h: float) -> tuple[float, float]:
    """Return the rise (K) in the innermost ring of a heated sphere at rest, by rings of side `h` (mm) and exactly."""
    tissue = with_values(TissueParams(), conductivity=0.5, perfusion=1e4)
    never, endless = with_values(DeathParams(), frequency=1), with_values(ProbeParams(), boiling=1000, duration=3600)
    grid = Grid(36, 36, h)
    last = heat([1500], tissue, endless, never, grid=grid, source=ball(6, 2e6, grid), step=1).temperature[0]
    return float(last[0, 0] - tissue.body.value), float(sphere_steady(h / np.sqrt(2), 6, 2e6, tissue))


def _identities() -> list[tuple]:
    centre, exact = sphere_centre(1.0)
    tissue, off = TissueParams(), with_values(ProbeParams(), power=0)
    warm = heat([300], tissue, off, grid=Grid(3, 3, 0.75), start=42, insulated=True)
    decay = 5 * np.exp(-tissue.perfusion.value * 300 / (tissue.capacity.value * 1e6))
    joules = heat([180], tissue).joules
    spent = sum(joules[name] for name in ("stored", "blood", "edge"))
    ice, neumann = stefan_front(300, IceParams())
    rows = [
        ("sphere at rest: rise in the middle (K)", centre, exact, 0.003 * exact),
        ("joules given, against those found again", spent / joules["given"], 1, 1e-10),
        ("warm tissue left to its blood (K)", float(warm.temperature[-1, 1, 1]) - 37, decay, 1e-9),
        ("minutes of 45 °C as minutes of 43 °C", float(cem43(45, 60)), 4, 1e-12),
        ("ice on a wall after 5 min (mm)", ice, neumann, 0.01 * neumann),
    ]
    return [(*row, "mathematics", "identity") for row in rows]


def _swine() -> list[tuple]:
    probe, rows = calibrate(SWINE[120], 120), []
    for seconds, seen in SWINE.items():
        got, fitted = zone_after(seconds, probe=probe), seconds == 120
        for side, value, expected in zip(("across", "along"), got, seen, strict=True):
            name = f"pigs' lung, {seconds // 60} min: zone {side} (mm)"
            rows.append((name, value, expected, 0.1 if fitted else 3.5, PIG, "fitted" if fitted else "held out"))
    return rows
