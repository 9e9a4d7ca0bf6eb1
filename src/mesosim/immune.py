"""Tumour and immune cells that hold each other in check: the model of Kuznetsov and others (1994), without dimensions.

Two numbers change: immune cells x and tumour cells y, each in millions. The model was fitted to a lymphoma of mice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from mesosim.ensemble import Rates
from mesosim.params import Check, Param, with_values

Values = NDArray[np.float64]
WORK = "kuznetsov1994nonlinear"
PER_DAY = 0.1101
"""Units of the model's time in a day: killing rate times a million cells (kuznetsov-n)."""


@dataclass(frozen=True)
class KuznetsovParams:
    """The model's numbers, read through public code that quotes the paper."""

    sigma: Param = field(default=Param(0.1181, "1", WORK, "σ", "kuznetsov-nondim[0]", 0, 2, "inflow of immune cells"))
    rho: Param = field(default=Param(1.131, "1", WORK, "ρ", "kuznetsov-nondim[1]", 0, 5, "recruitment by the tumour"))
    eta: Param = field(default=Param(20.19, "1", WORK, "η", "kuznetsov-nondim[2]", 1, 100, "tumour for half of it"))
    mu: Param = field(default=Param(0.00311, "1", WORK, "μ", "kuznetsov-nondim[3]", 0, 0.1, "immune cells used up"))
    delta: Param = field(default=Param(0.3743, "1", WORK, "δ", "kuznetsov-nondim[4]", 0.01, 2, "immune cells dying"))
    alpha: Param = field(default=Param(1.636, "1", WORK, "α", "kuznetsov-nondim[5]", 0.1, 5, "growth of the tumour"))
    beta: Param = field(default=Param(0.002, "1", WORK, "β", "kuznetsov-nondim[6]", 1e-4, 0.1, "1 / largest size"))
    kill: Param = field(default=Param(1, "1", "assumed", "κ", None, 0, 2, "1 by choice of units; for our extension"))

    def rates(self, over: dict[str, ArrayLike] | None = None) -> Rates:
        """Return the rates for `mesosim.ensemble.integrate`; `over` gives parameters that differ between patients."""
        p = {item.name: getattr(self, item.name).value for item in fields(self)} | dict(over or {})

        def change(time: float, state: Values) -> Values:
            x, y = state
            immune = p["sigma"] / x + p["rho"] * y / (p["eta"] + y) - p["mu"] * y - p["delta"]
            return np.stack([immune, p["alpha"] * (1 - p["beta"] * y) - p["kill"] * x])

        return change


@dataclass(frozen=True)
class FixedPoint:
    """A place where nothing changes.

    Attributes
    ----------
    x, y : float
        Immune and tumour cells.
    eigenvalues : ndarray of complex, shape (2,)
    kind : str
        "stable node", "stable spiral", "saddle" or "unstable".
    """

    x: float
    y: float
    eigenvalues: NDArray[np.complex128]
    kind: str


def jacobian(x: float, y: float, p: KuznetsovParams) -> Values:
    """Return how the rates of change of x and y depend on x and y."""
    rho, eta, mu, delta = p.rho.value, p.eta.value, p.mu.value, p.delta.value
    alpha, beta, kill = p.alpha.value, p.beta.value, p.kill.value
    return np.array(
        [
            [rho * y / (eta + y) - mu * y - delta, rho * x * eta / (eta + y) ** 2 - mu * x],
            [-kill * y, alpha * (1 - 2 * beta * y) - kill * x],
        ]
    )


def _kind(eigenvalues: NDArray[np.complex128]) -> str:
    real = eigenvalues.real
    if real.min() < 0 < real.max():
        return "saddle"
    if real.max() > 0:
        return "unstable"
    return "stable spiral" if np.abs(eigenvalues.imag).max() > 0 else "stable node"


def _cubic(p: KuznetsovParams) -> Polynomial:
    """Return the polynomial in y whose roots are the fixed points with a tumour."""
    x = Polynomial([p.alpha.value, -p.alpha.value * p.beta.value]) / p.kill.value
    y, all_sites = Polynomial([0, 1]), Polynomial([p.eta.value, 1])
    gained = p.sigma.value * all_sites + p.rho.value * x * y
    return gained - (p.mu.value * y + p.delta.value) * x * all_sites


def fixed_points(p: KuznetsovParams | None = None) -> list[FixedPoint]:
    """Return all fixed points without negative cells, the smallest tumour first; the first has none.

    Raises
    ------
    ValueError
        When no immune cells flow in, or nothing is killed: then the points lie on the edges and need other formulas.
    """
    p = p or KuznetsovParams()
    if p.sigma.value == 0 or p.kill.value == 0:
        raise ValueError("sigma and kill must be above zero")
    places = [(p.sigma.value / p.delta.value, 0.0)]
    roots = _cubic(p).roots()
    for y in sorted(roots[np.abs(roots.imag) < 1e-9].real):
        x = p.alpha.value * (1 - p.beta.value * y) / p.kill.value
        if y > 0 and x >= 0:
            places.append((float(x), float(y)))
    found = []
    for x, y in places:
        values = np.linalg.eigvals(jacobian(x, y, p))
        found.append(FixedPoint(x, y, values.astype(complex), _kind(values)))
    return found


def nullclines(y: ArrayLike, p: KuznetsovParams | None = None) -> tuple[Values, Values]:
    """Return, for tumours `y`, the immune cells at which immune cells, and at which the tumour, do not change.

    Where no number of immune cells does the first, it is missing.
    """
    p, y = p or KuznetsovParams(), np.asarray(y, dtype=float)
    lost = p.delta.value + p.mu.value * y - p.rho.value * y / (p.eta.value + y)
    with np.errstate(divide="ignore"):
        immune = np.where(lost > 0, p.sigma.value / lost, np.nan)
    return immune, p.alpha.value * (1 - p.beta.value * y) / p.kill.value


def _discriminant(p: KuznetsovParams) -> float:
    d, c, b, a = _cubic(p).coef
    return float(18 * a * b * c * d - 4 * b**3 * d + b**2 * c**2 - 4 * a * c**3 - 27 * a**2 * d**2)


def folds(name: str, p: KuznetsovParams | None = None, *, points: int = 800) -> list[float]:
    """Return the values of a parameter at which two fixed points with a tumour meet and vanish, within its range.

    Raises
    ------
    ValueError
        When the parameter does not exist.
    """
    p = p or KuznetsovParams()
    if name not in {item.name for item in fields(p)}:
        raise ValueError(f"{name} is not a parameter; choose among {', '.join(item.name for item in fields(p))}")
    param = getattr(p, name)
    low = max(param.lo, 1e-6)
    grid = np.linspace(low, param.hi, points)
    signs = np.array([_discriminant(with_values(p, **{name: value})) for value in grid])
    turns = np.flatnonzero(np.sign(signs[1:]) != np.sign(signs[:-1]))
    found = [
        brentq(lambda value: _discriminant(with_values(p, **{name: value})), grid[at], grid[at + 1], xtol=1e-12)
        for at in turns
    ]
    return [value for value in found if _meets_above_zero(with_values(p, **{name: value}))]


def _meets_above_zero(p: KuznetsovParams) -> bool:
    """Whether the double root has a tumour above zero and immune cells that are not negative."""
    roots = _cubic(p).roots()
    order = np.argsort(roots.real)
    gaps = np.abs(np.diff(roots[order]))
    y = roots[order][int(np.argmin(gaps))].real
    return 0 < y < 1 / p.beta.value


def transcritical(p: KuznetsovParams | None = None) -> float:
    """Return the inflow of immune cells from which a small tumour can no longer start."""
    p = p or KuznetsovParams()
    return p.alpha.value * p.delta.value / p.kill.value


def block(p: KuznetsovParams, strength: float, occupancy: float) -> KuznetsovParams:
    """Return the model with a checkpoint of some strength, blocked to some degree: OUR extension, not the paper's.

    The checkpoint takes away a share `strength` of killing where it is not blocked, and blocking also spares immune
    cells that killing would use up.

    Parameters
    ----------
    strength, occupancy : float
        Between 0 and 1; a strength of 1 with no occupancy would leave no killing.

    Raises
    ------
    ValueError
        When one of them is outside its range.
    """
    if not (0 <= strength < 1 and 0 <= occupancy <= 1):
        raise ValueError(f"need 0 <= strength < 1 and 0 <= occupancy <= 1, got {strength} and {occupancy}")
    kill = p.kill.value * (1 - strength * (1 - occupancy))
    return with_values(p, kill=kill, mu=p.mu.value * (1 - strength * occupancy))


def checks() -> list[Check]:
    """Return the validation table: roots, folds and exact values of the equations."""
    p = KuznetsovParams()
    points = fixed_points(p)
    wanted = [(0.31552, 0), (1.60920, 8.1897), (0.75977, 267.798), (0.17298, 447.134)]
    rows = [
        (f"tumour at fixed point {number}", point.y, y, 1e-5 * max(y, 1))
        for number, (point, (_, y)) in enumerate(zip(points, wanted, strict=True), start=1)
    ]
    rows.append(("immune cells without a tumour", points[0].x, 0.1181 / 0.3743, 1e-12))
    rows.append(("slow part of the spiral", points[1].eigenvalues[0].real, -0.0501, 5e-5))
    rows.append(("inflow at the fold", folds("sigma", p)[-1], 0.1938, 2e-4))
    rows += [
        (f"immune death at fold {number}", got, want, 2e-4)
        for number, (got, want) in enumerate(zip(folds("delta", p), (0.1906, 0.7442), strict=True), start=1)
    ]
    rows.append(("inflow at which no small tumour starts", transcritical(p), 1.636 * 0.3743, 1e-12))
    return [Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in rows]
