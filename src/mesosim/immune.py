"""Tumour cells and the immune cells that kill them: the model of Kuznetsov and others, 1994 (model M3).

Fitted to a lymphoma of mice, not to mesothelioma. Two populations, effector cells x and tumour cells y, both in units
of a million cells; time in units of one over the rate at which a million effector cells kill. All of it is
dimensionless: `MouseParams` holds the same model in cells and days.

The blockade of a checkpoint is our extension. It has no source, and its two numbers are assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import root

from mesosim import ensemble
from mesosim.params import Check, Param

Array = NDArray[np.float64]
PAPER = "kuznetsov1994nonlinear"
NAMES = ("sigma", "rho", "eta", "mu", "delta", "alpha", "beta")
BOX = ((1e-3, 12.0), (1e-3, 1e3))
"""Effector and tumour cells within which a separatrix is followed."""


def _free(index: int, value: float, symbol: str, lo: float, hi: float, note: str) -> Param:
    """Return one of the seven dimensionless values."""
    return Param(value, "1", PAPER, symbol, f"kuznetsov-nondim[{index}]", lo, hi, note)


@dataclass(frozen=True)
class KuznetsovParams:
    """The dimensionless values, as public copies of the model hold them; the paper itself was not seen."""

    sigma: Param = field(default=_free(0, 0.1181, "σ", 0, 1, "effector cells that arrive anyway"))
    rho: Param = field(default=_free(1, 1.131, "ρ", 0.1, 3, "the tumour's call for effector cells, at most"))
    eta: Param = field(default=_free(2, 20.19, "η", 1, 100, "tumour size at half of that call"))
    mu: Param = field(default=_free(3, 0.00311, "μ", 0.0005, 0.05, "effector cells put out of action"))
    delta: Param = field(default=_free(4, 0.3743, "δ", 0.05, 1, "effector cells that die or leave"))
    alpha: Param = field(default=_free(5, 1.636, "α", 0.5, 4, "tumour growth"))
    beta: Param = field(default=_free(6, 0.002, "β", 0.0005, 0.02, "one over the largest tumour"))

    @property
    def system(self) -> System:
        """The values alone, for the functions of this module."""
        return System(**{item.name: getattr(self, item.name).value for item in fields(self)})


def _mouse(value: float, unit: str, symbol: str, note: str) -> Param:
    return Param(value, unit, PAPER, symbol, f"kuznetsov-{symbol}", note=note)


@dataclass(frozen=True)
class MouseParams:
    """The same model in cells and days."""

    influx: Param = field(default=_mouse(13000, "cells/day", "s", "effector cells that arrive anyway"))
    recruitment: Param = field(default=_mouse(0.1245, "1/day", "p", "the tumour's call, at most"))
    half_size: Param = field(default=_mouse(2.019e7, "cells", "g", "tumour size at half of that call"))
    inactivation: Param = field(default=_mouse(3.422e-10, "1/(day cell)", "m", "effector cells put out of action"))
    death: Param = field(default=_mouse(0.0412, "1/day", "d", "effector cells that die or leave"))
    growth: Param = field(default=_mouse(0.18, "1/day", "a", "tumour growth"))
    inverse_capacity: Param = field(default=_mouse(2e-9, "1/cell", "b", "one over the largest tumour"))
    kill: Param = field(default=_mouse(1.101e-7, "1/(day cell)", "n", "tumour cells killed"))

    @property
    def days(self) -> float:
        """Days in one unit of dimensionless time."""
        return 1 / (self.kill.value * MILLION)

    @property
    def system(self) -> System:
        """The dimensionless values that follow, with a million cells as unit of both populations."""
        return System(
            sigma=self.influx.value / MILLION * self.days,
            rho=self.recruitment.value * self.days,
            eta=self.half_size.value / MILLION,
            mu=self.inactivation.value / self.kill.value,
            delta=self.death.value * self.days,
            alpha=self.growth.value * self.days,
            beta=self.inverse_capacity.value * MILLION,
        )


MILLION = 1e6


@dataclass(frozen=True)
class BlockadeParams:
    """Our extension: a checkpoint as a brake on effector cells, which an antibody lifts. Nothing of it was measured."""

    brake: Param = field(default=Param(0.5, "1", "assumed", "h", None, 0, 0.7, "share of killing lost to the brake"))
    occupancy: Param = field(
        default=Param(0, "1", "assumed", "R", None, 0, 1, "share of receptors that the antibody occupies; explored")
    )


@dataclass(frozen=True)
class System:
    """Values of the equations: numbers, or arrays with one entry a virtual patient.

    `kill` is 1 by the choice of the unit of time; only the extension changes it.

    Raises
    ------
    ValueError
        When a value is not finite, `sigma` is negative or another is not positive.
    """

    sigma: float | Array
    rho: float | Array
    eta: float | Array
    mu: float | Array
    delta: float | Array
    alpha: float | Array
    beta: float | Array
    kill: float | Array = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            value = np.asarray(value)
            if not np.isfinite(value).all():
                raise ValueError(f"{name}: holds a value that is not finite")
            if (value < 0).any() or (name != "sigma" and (value == 0).any()):
                least = "zero or more" if name == "sigma" else "positive"
                raise ValueError(f"{name}: has to be {least}, got {value.min():g}")


@dataclass(frozen=True)
class FixedPoint:
    """A state in which nothing changes.

    Attributes
    ----------
    x, y : float
        Effector and tumour cells.
    eigenvalues : ndarray of complex, shape (2,)
        Of the linearised equations; both real parts below zero: stable.
    kind : str
        Such as "stable node", "stable spiral", "saddle".
    """

    x: float
    y: float
    eigenvalues: NDArray[np.complex128]
    kind: str

    @property
    def stable(self) -> bool:
        """Whether small pushes die out."""
        return bool(self.eigenvalues.real.max() < 0)


@dataclass(frozen=True)
class Branch:
    """States with a tumour in which nothing changes, as one value is changed.

    Attributes
    ----------
    values, x, y : ndarray
        In the order along the branch.
    stable : ndarray of bool
    folds : tuple of (float, float, float)
        Value, x and y where the branch turns back and two states meet.
    """

    values: Array
    x: Array
    y: Array
    stable: NDArray[np.bool_]
    folds: tuple[tuple[float, float, float], ...]


def braked(system: System, brake: ArrayLike, occupancy: ArrayLike) -> System:
    """Return the system with a checkpoint as a brake, in part lifted: our extension.

    The brake leaves the share f = 1 - brake * (1 - occupancy) of the killing, and the tumour puts effector cells out of
    action 1/f times as fast. Without a brake, or with every receptor occupied, the published model is left.

    Raises
    ------
    ValueError
        When the brake is not in [0, 1) or the occupancy not in [0, 1].
    """
    brake, occupancy = np.asarray(brake, dtype=float), np.asarray(occupancy, dtype=float)
    if not ((brake >= 0) & (brake < 1)).all():
        raise ValueError(f"brake: need a share from 0 to below 1, got {brake}")
    if not ((occupancy >= 0) & (occupancy <= 1)).all():
        raise ValueError(f"occupancy: need a share from 0 to 1, got {occupancy}")
    left = 1 - brake * (1 - occupancy)
    return replace(system, kill=system.kill * left, mu=system.mu / left)


def relative_rates(_: ArrayLike, state: ArrayLike, *values: ArrayLike) -> tuple[Array, Array]:
    """Return x'/x and y'/y of a state (x, y), the values in the order of `System`."""
    x, y = state
    sigma, rho, eta, mu, delta, alpha, beta, kill = values
    return sigma / x + (rho / (eta + y) - mu) * y - delta, alpha - alpha * beta * y - kill * x


def simulate(
    system: System, start: ArrayLike, times: ArrayLike, *, steps: int, tolerance: float = 1e-6
) -> ensemble.Ensemble:
    """Run one patient or many.

    Parameters
    ----------
    system : System
        With arrays for patients that differ.
    start : array_like, shape (2,) or (2, patients)
        Effector and tumour cells, both above zero.
    times : array_like
        When values are wanted, the first being the start.
    steps : int
        Even number of steps between one time and the next to begin with; patients who need more take more.
    tolerance : float
        Largest estimated relative error to accept.

    Returns
    -------
    ensemble.Ensemble
        ``values[:, 0]`` are effector cells, ``values[:, 1]`` tumour cells.

    Raises
    ------
    ValueError
        When an input is malformed or the steps are too few.
    """
    start = np.asarray(start, dtype=float)
    if start.ndim not in (1, 2) or len(start) != 2:
        raise ValueError(f"start: need effector and tumour cells, shape (2,) or (2, patients), got {start.shape}")
    start = start[:, None] if start.ndim == 1 else start
    try:
        (count,) = np.broadcast_shapes(start.shape[1:], *(np.shape(value) for value in vars(system).values()))
    except ValueError:
        raise ValueError("start and system: their arrays are for different numbers of patients") from None
    start, values = np.broadcast_to(start, (2, count)), tuple(vars(system).values())
    return ensemble.integrate(relative_rates, start, times, steps=steps, parameters=values, tolerance=tolerance)


def escaped(result: ensemble.Ensemble, system: System) -> NDArray[np.bool_]:
    """Return for each patient whether the tumour ends above half of the largest size."""
    return result.values[-1, 1] > 0.5 / np.asarray(system.beta)


def fixed_points(system: System) -> list[FixedPoint]:
    """Return the states without change that have no negative cells, the tumour-free one first, then by tumour size.

    Raises
    ------
    ValueError
        When the system holds more than one patient.
    """
    s = _single(system)
    sizes = np.roots(_cubic(s))
    real = np.sort(sizes.real[(np.abs(sizes.imag) <= 1e-7 * np.abs(sizes)) & (sizes.real > 0)])
    points = [(s.sigma / s.delta, 0.0)]
    for y in real:
        x = s.alpha * (1 - s.beta * y) / s.kill
        x, y = _polish(s, x, y)
        if x > -1e-12:
            points.append((x if x > 1e-12 else 0.0, y))  # without influx one root has no effector cells
    return [_fixed_point(s, x, y) for x, y in points]


def nullclines(system: System, y: ArrayLike) -> tuple[Array, Array]:
    """Return the effector cells at which, for each tumour size, effector cells and tumour cells don't change.

    Where no positive number of effector cells would do, the first is masked out as not a number.
    """
    s, y = _single(system), np.asarray(y, dtype=float)
    loss = s.delta + s.mu * y - s.rho * y / (s.eta + y)
    with np.errstate(divide="ignore"):
        still = np.where(loss > 0, s.sigma / loss, np.nan)
    return still, s.alpha * (1 - s.beta * y) / s.kill


def transcritical(system: System) -> dict[str, float]:
    """Return the values of sigma and delta at which a single tumour cell stops being able to grow.

    There the tumour-free state turns stable: sigma at the system's delta, and delta at its sigma.
    """
    s = _single(system)
    return {"sigma": s.alpha * s.delta / s.kill, "delta": s.sigma * s.kill / s.alpha}


def branches(system: System, name: str, low: float, high: float, *, step: float = 0.02) -> list[Branch]:
    """Follow every state with a tumour as one value of the system changes, round its folds.

    Pseudo-arclength continuation: from each fixed point of `system` both ways, in the logarithm of tumour size and
    the value as a share of `high`.

    Parameters
    ----------
    system : System
    name : str
        Of the value that changes.
    low, high : float
        Between which it is followed; the system's own value lies between.
    step : float
        Length of a step of the continuation.

    Raises
    ------
    ValueError
        When the name is unknown, or the system's value lies outside.
    """
    s = _single(system)
    if name not in vars(s):
        raise ValueError(f"{name} is not a value of the system; choose among {', '.join(vars(s))}")
    own = getattr(s, name)
    if not 0 <= low < own < high:
        raise ValueError(f"{name}: its value {own:g} has to lie between low {low:g} and high {high:g}")
    found: list[Branch] = []
    for point in fixed_points(s)[1:]:
        here = np.array([np.log(point.y), own / high])
        if any(np.hypot(np.log(b.y) - here[0], b.values / high - here[1]).min() < step for b in found):
            continue  # a branch that came round a fold has passed it already
        there = _trace(s, name, high, here, low / high, step, +1)
        back = _trace(s, name, high, here, low / high, step, -1)
        found.append(_branch(s, name, high, np.concatenate([back[:0:-1], there])))
    return found


def separatrix(system: System) -> tuple[Array, Array]:
    """Return the curve of starts from which a tumour comes to rest at the saddle: the border between two fates.

    Raises
    ------
    ValueError
        When the system has no saddle with a tumour, and so no border.
    """
    s = _single(system)
    saddles = [point for point in fixed_points(s) if point.kind == "saddle" and point.y > 0]
    if not saddles:
        raise ValueError("separatrix: with these values no saddle separates two fates")
    saddle = saddles[0]
    values, vectors = np.linalg.eig(_jacobian(s, saddle.x, saddle.y))
    along = vectors[:, np.argmin(values.real)].real / (saddle.x, saddle.y)
    low, high = np.log(np.transpose(BOX))

    def backwards(t: float, z: Array) -> list[float]:
        return [-rate for rate in relative_rates(t, np.exp(z), *vars(s).values())]

    def inside(_: float, z: Array) -> float:
        return float(min((z - low).min(), (high - z).min()))

    inside.terminal = True
    arms = []
    for sign in (1, -1):
        begin = np.log([saddle.x, saddle.y]) + sign * 1e-5 * along / np.linalg.norm(along)
        run = solve_ivp(backwards, (0, 200), begin, events=inside, rtol=1e-9, atol=1e-10, max_step=0.05)
        arms.append(np.exp(run.y))
    x, y = np.concatenate([arms[1][:, ::-1], arms[0]], axis=1)
    return x, y


def sneaks_from(system: System, name: str, low: float, high: float) -> float:
    """Return the value from which a few tumour cells, met by a resting immune system, grow past the dormant state.

    Parameters
    ----------
    system : System
    name : str
        Value that is searched.
    low, high : float
        At `low` the tumour is held, at `high` it escapes.

    Raises
    ------
    ValueError
        When both ends share one fate.
    """
    _single(system)
    for _ in range(4):
        grid = np.linspace(low, high, 41)
        many = replace(system, **{name: grid})
        start = np.stack([np.broadcast_to(many.sigma / many.delta, 41), np.full(41, 1e-3)])
        fate = escaped(simulate(many, start, [0, 150], steps=1000, tolerance=1e-4), many)
        if fate[0] or not fate[-1]:
            raise ValueError(f"{name}: from {low:g} to {high:g} the fate does not change from held to escaped")
        first = int(np.argmax(fate))
        low, high = grid[first - 1], grid[first]
    return float(low + high) / 2


def patients(params: KuznetsovParams, count: int, spread: float, rng: np.random.Generator) -> System:
    """Draw virtual patients: each of the seven values log-normal about the published one.

    Parameters
    ----------
    params : KuznetsovParams
    count : int
    spread : float
        Standard deviation of the logarithm; assumed, since nobody published one.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        When there is no patient or the spread is negative.
    """
    if count < 1 or not 0 <= spread < np.inf:
        raise ValueError(f"patients: need at least one and a spread of zero or more, got {count} and {spread}")
    return System(**{name: getattr(params, name).value * np.exp(rng.normal(0, spread, count)) for name in NAMES})


MICE = ((0, 5.692), (20, 7.298), (30, 8.195), (50, 8.535), (60, 8.652), (70, 8.704), (90, 8.836))
"""Days, and the decadic logarithm of tumour cells in the spleens of mice (kuznetsov-data), as digitised by others."""
FIRST_EFFECTORS = 320_000
"""Effector cells with which the curated copy of the model starts (kuznetsov-initial)."""

EXPECTED = (
    ("no tumour", 0, 0.315522308, 0.0),
    ("sleeping", 1, 1.609203280, 8.18970666),
    ("saddle", 2, 0.759765070, 267.79796146),
    ("escaped", 3, 0.172976803, 447.13422898),
)
"""Fixed points of the published values, by bisection of the cubic in exact fractions, apart from this code."""


def checks() -> list[Check]:
    """Return the validation table."""
    params = KuznetsovParams()
    s, points = params.system, fixed_points(params.system)
    found = []
    for name, place, x, y in EXPECTED:
        found.append(Check(f"{name}: effector cells", points[place].x, x, 1e-5 * x, "mathematics", "identity"))
        if y:
            found.append(Check(f"{name}: tumour cells", points[place].y, y, 1e-5 * y, "mathematics", "identity"))
    spiral = points[1].eigenvalues[0]
    for name, got, expected in (("damping", spiral.real, -0.0501), ("turning", abs(spiral.imag), 0.5763)):
        found.append(Check(f"sleeping: {name}", float(got), expected, 5e-5, "mathematics", "identity"))
    folds = [fold[0] for branch in branches(s, "sigma", 1e-4, 0.6) for fold in branch.folds]
    folds += sorted(fold[0] for branch in branches(s, "delta", 0.08, 0.9) for fold in branch.folds)
    for name, got, expected in zip(("σ", "δ, lower", "δ, upper"), folds, (0.1938, 0.1906, 0.7442), strict=True):
        found.append(Check(f"fold in {name}", float(got), expected, 2e-4, "mathematics", "identity"))
    for name, expected in (("sigma", 1.636 * 0.3743), ("delta", 0.1181 / 1.636)):
        level = replace(s, **{name: transcritical(s)[name]})
        least = np.abs(fixed_points(level)[0].eigenvalues.real).min()
        found.append(Check(f"transcritical {name}", transcritical(s)[name], expected, 1e-12, "mathematics", "identity"))
        found.append(Check(f"slowest rate there ({name})", float(least), 0, 1e-12, "mathematics", "identity"))
    mouse = MouseParams().system
    for name in NAMES:
        value = getattr(s, name)
        found.append(Check(f"{name} from cells and days", getattr(mouse, name), value, 1e-3 * value, PAPER, "identity"))
    run = simulate(s, [1, 5], [0, 20], steps=400)
    peer = _by_lsoda(s, [1, 5], 20)
    found.append(
        Check("tumour cells, ours by scipy's LSODA", run.values[-1, 1, 0] / peer[1], 1, 1e-5, "mathematics", "identity")
    )
    return found


def _by_lsoda(system: System, start: Sequence[float], end: float) -> Array:
    """Return the state at the end by another integrator, in plain variables."""
    run = solve_ivp(
        lambda t, z: z * relative_rates(t, z, *vars(system).values()),
        (0, end),
        start,
        method="LSODA",
        rtol=1e-10,
        atol=1e-12,
    )
    return run.y[:, -1]


def _single(system: System) -> System:
    """Return the system with plain numbers, or refuse one of many patients."""
    for name, value in vars(system).items():
        if np.size(value) != 1:
            raise ValueError(f"{name}: holds {np.size(value)} patients; this function takes one")
    return System(**{name: float(np.squeeze(value)) for name, value in vars(system).items()})


def _cubic(s: System) -> Array:
    """Return the polynomial, highest power first, whose roots are the sizes of tumours that stay as they are."""
    inner = np.array([-s.mu, s.rho - s.mu * s.eta - s.delta, -s.delta * s.eta])
    cubic = s.alpha * np.polymul([-s.beta, 1], inner)
    return np.polyadd(cubic, [s.sigma * s.kill, s.sigma * s.kill * s.eta])


def _polish(s: System, x: float, y: float) -> tuple[float, float]:
    """Return the root after Newton's method on the equations themselves."""
    for _ in range(3):
        jacobian = _jacobian(s, x, y)
        if abs(np.linalg.det(jacobian)) < 1e-9:
            break  # at a fold the root is double, and Newton's method would leave it
        x, y = (x, y) - np.linalg.solve(jacobian, _rates(s, x, y))
    return float(x), float(y)


def _rates(s: System, x: float, y: float) -> Array:
    """Return x' and y'."""
    gain = s.rho * y / (s.eta + y) - s.mu * y - s.delta
    return np.array([s.sigma + x * gain, y * (s.alpha * (1 - s.beta * y) - s.kill * x)])


def _jacobian(s: System, x: float, y: float) -> Array:
    """Return the derivatives of x' and y' by x and y."""
    gain = s.rho * y / (s.eta + y) - s.mu * y - s.delta
    turn = x * (s.rho * s.eta / (s.eta + y) ** 2 - s.mu)
    return np.array([[gain, turn], [-s.kill * y, s.alpha * (1 - 2 * s.beta * y) - s.kill * x]])


def _fixed_point(s: System, x: float, y: float) -> FixedPoint:
    """Return the state with what happens near it."""
    eigenvalues = np.linalg.eigvals(_jacobian(s, x, y)).astype(complex)
    real = np.sort(eigenvalues.real)
    if np.abs(real).min() < 1e-9:
        kind = "borderline"
    elif real[0] < 0 < real[1]:
        kind = "saddle"
    else:
        kind = f"{'stable' if real[1] < 0 else 'unstable'} {'spiral' if np.abs(eigenvalues.imag).max() else 'node'}"
    return FixedPoint(x, y, eigenvalues, kind)


def _balance(s: System, name: str, high: float, here: Array) -> complex:
    """Return the cubic at a point of a branch; also at complex points, for derivatives."""
    v = {**vars(s), name: here[1] * high}
    y = np.exp(here[0])
    inner = v["rho"] * y - (v["mu"] * y + v["delta"]) * (v["eta"] + y)
    return v["sigma"] * v["kill"] * (v["eta"] + y) + v["alpha"] * (1 - v["beta"] * y) * inner


def _gradient(s: System, name: str, high: float, here: Array) -> Array:
    """Return the derivatives of the balance, exact to rounding, by a small imaginary step."""
    return np.array([_balance(s, name, high, here + 1e-30j * unit).imag / 1e-30 for unit in np.eye(2)])


def _trace(s: System, name: str, high: float, here: Array, low: float, step: float, sign: int) -> Array:
    """Return points of the branch from `here` until the value or the size leaves its range."""
    points, last = [here], None
    while len(points) < 20_000:
        slope = _gradient(s, name, high, here)
        tangent = np.array([-slope[1], slope[0]]) / np.hypot(*slope)
        tangent *= sign if last is None else np.sign(tangent @ last) or 1
        guess = here + step * tangent
        for _ in range(8):
            slope = _gradient(s, name, high, guess)
            miss = np.array([_balance(s, name, high, guess).real, (guess - here) @ tangent - step])
            change = np.linalg.solve([slope, tangent], miss)
            guess = guess - change
            if np.abs(change).max() < 1e-13:
                break
        if not low <= guess[1] <= 1 or guess[0] < np.log(BOX[1][0]):
            break
        points.append(guess)
        here, last = guess, tangent
    return np.array(points)


def _branch(s: System, name: str, high: float, points: Array) -> Branch:
    """Return the branch through points, with its folds closed in on."""
    values, y = points[:, 1] * high, np.exp(points[:, 0])
    x, stable = np.empty_like(y), np.empty(len(y), dtype=bool)
    for index, (value, size) in enumerate(zip(values, y, strict=True)):
        there = replace(s, **{name: value})
        x[index] = there.alpha * (1 - there.beta * size) / there.kill
        stable[index] = np.linalg.eigvals(_jacobian(there, x[index], size)).real.max() < 0
    turns = np.diff(np.sign(np.diff(values))) != 0
    folds = []
    for begin in points[1:-1][turns]:
        both = root(
            lambda p: [_balance(s, name, high, p).real, _gradient(s, name, high, p)[0]], begin, options={"xtol": 1e-13}
        )
        at = replace(s, **{name: both.x[1] * high})
        size = float(np.exp(both.x[0]))
        folds.append((float(both.x[1] * high), float(at.alpha * (1 - at.beta * size) / at.kill), size))
    return Branch(values, x, y, stable, tuple(folds))
