"""The life of a dose of CAR T cells: growth, decline and persistence, room to grow, chance, and a safety switch.

Both models were fitted to people with leukaemia or lymphoma whose cells saw CD19. None of their numbers is from
mesothelioma. Times are in days unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import OptimizeResult, least_squares

from mesosim import ensemble
from mesosim.params import Check, Param

Values = NDArray[np.float64]
STEIN, KIMMEL = "stein2019tisagenlecleucel", "kimmel2021roles"
NAMES = ("fold", "tmax", "cmax", "alpha", "fb", "beta")
SPREADS = (2.4, 0.38, 0.65, 0.91, 0.80, 0.86)
"""Spread between patients of the six, as a public table prints it (stein-iiv); variances or standard deviations."""
NOISE = 0.56
"""Residual error on the scale of natural logarithms (stein-iiv)."""


@dataclass(frozen=True)
class SteinParams:
    """Typical values of the model of Stein and others, children and young adults with leukaemia."""

    fold: Param = field(default=Param(3900, "1", STEIN, "fold", "stein-foldx", 2, 1e6, "expansion to the peak"))
    tmax: Param = field(default=Param(9.3, "d", STEIN, "T", "stein-tmax", 1, 40, "time of the peak"))
    cmax: Param = field(default=Param(24000, "copies/µg", STEIN, "C", "stein-cmax", 10, 1e6, "at the peak"))
    alpha: Param = field(default=Param(0.16, "1/d", STEIN, "α", "stein-alpha", 0.01, 2, "fast decline"))
    fb: Param = field(default=Param(0.0079, "1", STEIN, "F", "stein-fb", 1e-5, 0.9, "share of the peak that stays"))
    beta: Param = field(default=Param(0.0032, "1/d", STEIN, "β", "stein-beta", 1e-5, 0.1, "slow decline"))

    @property
    def values(self) -> Values:
        """The six numbers in the order of `NAMES`, shape (6,)."""
        return np.array([getattr(self, name).value for name in NAMES])


@dataclass(frozen=True)
class KimmelParams:
    """The model of Kimmel and others, adults with lymphoma; T cells in cells/µl of blood, tumour in ml."""

    r_n: Param = field(default=Param(0.17, "1/d", KIMMEL, "r_N", "kimmel-tcell[0]", 0.01, 1, "normal T cells"))
    k_n: Param = field(default=Param(500, "cells/µl", KIMMEL, "K_N", "kimmel-tcell[1]", 10, 2000, "room, normal cells"))
    k_c: Param = field(default=Param(139, "cells/µl", KIMMEL, "K_C", "kimmel-tcell[2]", 1, 2000, "room, CAR T cells"))
    rho_c: Param = field(default=Param(0.0251, "1/d", KIMMEL, "ρ_C", "kimmel-tcell[3]", 0, 1, "in full blood"))
    a: Param = field(default=Param(0.423, "1", KIMMEL, "a", "kimmel-tcell[4]", 0.01, 2))
    b: Param = field(default=Param(0.525, "1/d", KIMMEL, "b", "kimmel-tcell[5]", 0, 3, "in empty blood"))
    kill: Param = field(default=Param(1.15, "1/d", KIMMEL, "γ", "kimmel-kill[0]", 0, 5, "killing when cells abound"))
    half: Param = field(default=Param(4.05, "cells/µl", KIMMEL, "k", "kimmel-units[3]", 0.1, 100, "for half of it"))
    r_b: Param = field(default=Param(0.05, "1/d", "assumed", "r_B", None, 0.01, 0.5, "tumour; its range is published"))
    n0: Param = field(default=Param(6, "cells/µl", KIMMEL, "N(0)", "kimmel-units[0]", 0.1, 2000, "after conditioning"))
    c0: Param = field(default=Param(0.36, "cells/µl", KIMMEL, "C(0)", "kimmel-units[1]", 0.001, 100, "the dose"))
    b0: Param = field(default=Param(94.86, "ml", KIMMEL, "B(0)", "kimmel-units[2]", 0.001, 5000, "tumour at the start"))

    def rates(self) -> ensemble.Rates:
        """Return the rates for `mesosim.ensemble.integrate`; states are normal T cells, CAR T cells and tumour."""
        p = {item.name: getattr(self, item.name).value for item in fields(self)}

        def change(time: float, state: Values) -> Values:
            n, c, _ = state
            total = n + c
            empty = (total - p["k_n"]) ** 2
            r_c = p["rho_c"] + p["b"] * empty / (p["a"] * total**2 + empty)
            killed = p["kill"] * c / (p["half"] + c)
            return np.stack([-p["r_n"] * np.log(total / p["k_n"]), -r_c * np.log(total / p["k_c"]), p["r_b"] - killed])

        return change

    def course(self, days: float = 120, *, steps: int = 2400, saved: int = 240) -> ensemble.Run:
        """Return normal T cells, CAR T cells and tumour over time."""
        start = [[self.n0.value], [self.c0.value], [self.b0.value]]
        return ensemble.integrate(self.rates(), start, days, steps, saved=saved)


@dataclass(frozen=True)
class SwitchParams:
    """A switch with which CAR T cells can be killed, in two populations: those that obey and those that don't."""

    removed: Param = field(
        default=Param(90, "%", "assumed", "", None, 50, 99.9, "within half an hour; 85 to 95 were seen in blood")
    )
    deaf: Param = field(default=Param(9, "%", "assumed", "", None, 0, 49, "cells that do not obey"))
    regrowth: Param = field(default=Param(0.3, "1/d", "assumed", "", None, 0, 2, "of the cells that are left"))

    @property
    def rate(self) -> float:
        """Rate per minute at which obedient cells die."""
        deaf, left = self.deaf.value / 100, 1 - self.removed.value / 100
        if left <= deaf:
            raise ValueError(f"{self.removed.value:g}% can't be removed when {self.deaf.value:g}% do not obey")
        return float(-np.log((left - deaf) / (1 - deaf)) / 30)


def concentration(days: ArrayLike, values: ArrayLike) -> Values:
    """Return copies per µg by the model of Stein and others.

    Parameters
    ----------
    days : array_like, shape (times,)
        Since infusion, not negative.
    values : array_like, shape (6,) or (6, patients)
        In the order of `NAMES`, above zero; the share that stays below 1.

    Returns
    -------
    ndarray, shape (times,) or (times, patients)

    Raises
    ------
    ValueError
        When a value or a time is out of its range.
    """
    days, values = np.asarray(days, dtype=float), np.asarray(values, dtype=float)
    if values.shape[0] != len(NAMES):
        raise ValueError(f"values need {len(NAMES)} rows, {', '.join(NAMES)}; got shape {values.shape}")
    if not np.isfinite(days).all() or (days < 0).any():
        raise ValueError("days must be finite and not negative")
    fold, tmax, cmax, alpha, fb, beta = values
    if not np.isfinite(values).all() or (values <= 0).any() or (fb >= 1).any():
        raise ValueError("values must be finite and above zero, and the share that stays below 1")
    t = days.reshape(-1, *[1] * (values.ndim - 1))
    after = np.maximum(t - tmax, 0)
    rising = cmax * np.exp(np.log(fold) / tmax * (np.minimum(t, tmax) - tmax))
    falling = cmax * ((1 - fb) * np.exp(-alpha * after) + fb * np.exp(-beta * after))
    return np.where(t < tmax, rising, falling)


def by_ode(days: ArrayLike, p: SteinParams | None = None) -> Values:
    """Return the same by solving the equations of effector and memory cells; for checking the closed form."""
    p, days = p or SteinParams(), np.asarray(days, dtype=float)
    fold, tmax, cmax, alpha, fb, beta = p.values
    change = [
        lambda t, z: [np.log(fold) / tmax * z[0], 0],
        lambda t, z: [-alpha * z[0], fb * (alpha - beta) * z[0] - beta * z[1]],
    ]
    tight = {"rtol": 1e-11, "atol": 1e-12 * cmax, "dense_output": True}
    first = solve_ivp(change[0], (0, tmax), [cmax / fold, 0], **tight)
    second = solve_ivp(change[1], (tmax, max(days.max(), tmax + 1)), [cmax, 0], **tight)
    return np.where(days < tmax, first.sol(np.minimum(days, tmax)).sum(0), second.sol(np.maximum(days, tmax)).sum(0))


def half_lives(p: SteinParams | None = None) -> dict[str, float]:
    """Return doubling time, half-life of the fast decline, and of the slow one, in days."""
    p = p or SteinParams()
    return {
        "doubling": p.tmax.value * np.log(2) / np.log(p.fold.value),
        "fast": np.log(2) / p.alpha.value,
        "slow": np.log(2) / p.beta.value,
    }


def patients(number: int, *, rng: np.random.Generator, squared: bool, p: SteinParams | None = None) -> Values:
    """Return the six values of virtual patients, shape (6, number).

    Parameters
    ----------
    number : int
    rng : numpy.random.Generator
    squared : bool
        Whether the published spreads are taken as variances (True) or as standard deviations (False).

    Raises
    ------
    ValueError
        When there is no patient.
    """
    if number < 1:
        raise ValueError(f"number must be at least 1, got {number}")
    spread = np.sqrt(SPREADS) if squared else np.array(SPREADS)
    typical = (p or SteinParams()).values
    drawn = np.exp(spread[:, None] * rng.standard_normal((len(NAMES), number))) * typical[:, None]
    share = NAMES.index("fb")
    odds = drawn[share] / (1 - typical[share])
    drawn[share] = odds / (1 + odds)  # keeps the share that stays below 1
    return drawn


def _from_free(free: Values) -> Values:
    values = np.exp(np.clip(free, -50, 50))
    values[4] = values[4] / (1 + values[4])
    return values


def _to_free(values: Values) -> Values:
    free = np.log(values)
    free[4] = np.log(values[4] / (1 - values[4]))
    return free


def fit(days: ArrayLike, copies: ArrayLike, start: SteinParams | None = None) -> Values:
    """Return the six values that come closest to measured copies, by squared differences of logarithms.

    Raises
    ------
    ValueError
        When there are fewer measurements than values, or a copy number is not above zero.
    """
    return _from_free(_closest(days, copies, start).x)


def _closest(days: ArrayLike, copies: ArrayLike, start: SteinParams | None = None) -> OptimizeResult:
    days, copies = np.asarray(days, dtype=float), np.asarray(copies, dtype=float)
    if days.shape != copies.shape or days.size < len(NAMES):
        raise ValueError(f"need at least {len(NAMES)} measurements, each with its day, got {copies.shape}")
    if not np.isfinite(copies).all() or (copies <= 0).any():
        raise ValueError("copies must be above zero: leave out samples below the limit of detection, and say how many")

    def residuals(free: Values) -> Values:
        return np.log(concentration(days, _from_free(free))) - np.log(copies)

    return least_squares(residuals, _to_free((start or SteinParams()).values), max_nfev=400)


@dataclass(frozen=True)
class Sample:
    """A walk over values that fit, by Metropolis's rule.

    Attributes
    ----------
    values : ndarray, shape (chains, draws, 6)
        Natural logarithms; of the share that stays, of its odds.
    accepted : float
        Share of steps taken; between a tenth and a half is usual.
    r_hat : ndarray, shape (6,)
        Spread between chains against within; near 1 when they agree.
    """

    values: Values
    accepted: float
    r_hat: Values


def sample(
    days: ArrayLike, copies: ArrayLike, *, rng: np.random.Generator, chains: int = 8, draws: int = 4000
) -> Sample:
    """Walk over the six values, with weak priors as wide as the published spread between patients.

    Steps have the shape of the likelihood at its top. All chains move at once; the first half of each is thrown away.

    Raises
    ------
    ValueError
        When there are fewer than two chains or too few draws; see also `fit`.
    """
    if chains < 2 or draws < 100:
        raise ValueError(f"need at least 2 chains and 100 draws, got {chains} and {draws}")
    days, logs = np.asarray(days, dtype=float), np.log(np.asarray(copies, dtype=float))
    centre, spread = _to_free(SteinParams().values), np.sqrt(SPREADS)

    def score(free: Values) -> Values:
        values = np.exp(np.clip(free, -50, 50))
        values[4] = values[4] / (1 + values[4])
        with np.errstate(divide="ignore"):
            apart = np.log(concentration(days, values)) - logs[:, None]
        prior = ((free - centre[:, None]) / spread[:, None]) ** 2
        return -0.5 * ((apart / NOISE) ** 2).sum(axis=0) - 0.5 * prior.sum(axis=0)

    top = _closest(days, np.exp(logs))
    shape = np.linalg.cholesky(np.linalg.inv(top.jac.T @ top.jac / NOISE**2 + np.diag(spread**-2.0)))
    at = top.x[:, None] + 2 * shape @ rng.standard_normal((6, chains))
    height, kept, taken = score(at), np.empty((draws, 6, chains)), 0.0
    for draw in range(draws):
        trial = at + 2.38 / np.sqrt(6) * shape @ rng.standard_normal((6, chains))
        trial_height = score(trial)
        yes = np.log(rng.random(chains)) < trial_height - height
        at, height = np.where(yes, trial, at), np.where(yes, trial_height, height)
        kept[draw], taken = at, taken + yes.mean()
    values = np.moveaxis(kept[draws // 2 :], 2, 0)
    return Sample(values, taken / draws, _r_hat(values))


def _r_hat(values: Values) -> Values:
    """Return Gelman and Rubin's ratio for each value, chains split in halves."""
    half = values.shape[1] // 2
    split = np.concatenate([values[:, :half], values[:, half : 2 * half]])
    within = split.var(axis=1, ddof=1).mean(axis=0)
    between = half * split.mean(axis=1).var(axis=0, ddof=1)
    return np.sqrt(((half - 1) / half * within + between / half) / within)


def extinction(cells: ArrayLike, birth: float, death: float) -> Values:
    """Return the chance that some cells, each dividing and dying at constant rates, die out.

    Raises
    ------
    ValueError
        When a rate is negative or both are zero, or a number of cells is negative.
    """
    cells = np.asarray(cells, dtype=float)
    if not (np.isfinite([birth, death]).all() and birth >= 0 and death >= 0 and birth + death > 0):
        raise ValueError(f"birth and death must not be negative nor both zero, got {birth} and {death}")
    if not np.isfinite(cells).all() or (cells < 0).any():
        raise ValueError("cells must be finite and not negative")
    return np.ones_like(cells) if birth <= death else (death / birth) ** cells


def die_out(cells: int, birth: float, death: float, runs: int, *, rng: np.random.Generator, safe: int = 400) -> float:
    """Return how often a crowd of cells dies out in simulation; one that reaches `safe` is taken to have escaped."""
    extinction(cells, birth, death)
    size, up = np.full(runs, cells), birth / (birth + death)
    going = (size > 0) & (size < safe)
    while going.any():
        step = np.where(rng.random(going.sum()) < up, 1, -1)
        size[going] += step
        going = (size > 0) & (size < safe)
    return float((size <= 0).mean())


def switched(minutes: ArrayLike, p: SwitchParams | None = None) -> Values:
    """Return the share of cells left after the switch was thrown, with regrowth of those that are left.

    Raises
    ------
    ValueError
        When a time is negative.
    """
    p, minutes = p or SwitchParams(), np.asarray(minutes, dtype=float)
    if not np.isfinite(minutes).all() or (minutes < 0).any():
        raise ValueError("minutes must be finite and not negative")
    deaf = p.deaf.value / 100
    growth = np.exp(p.regrowth.value * minutes / 1440)
    return (1 - deaf) * np.exp(-p.rate * minutes) + deaf * growth


def carrgo(rho: float, capacity: float, kappa_1: float, kappa_2: float, theta: float) -> tuple[float, float]:
    """Return tumour and CAR T cells at which both rest in the model CARRGO (carrgo-equations).

    Raises
    ------
    ValueError
        When a value is not above zero, or CAR T cells can't hold out because the tumour is too small to feed them.
    """
    if not min(rho, capacity, kappa_1, kappa_2, theta) > 0:
        raise ValueError("all values must be above zero")
    tumour = theta / kappa_2
    if tumour >= capacity:
        raise ValueError(f"CAR T cells die out: they need a tumour of {tumour:g}, and it can't pass {capacity:g}")
    return tumour, rho / kappa_1 * (1 - tumour / capacity)


def checks(seed: int = 7) -> list[Check]:
    """Return the validation table: published half-lives, closed forms, and what the paper says of day 90."""
    p, rng, lives = SteinParams(), np.random.default_rng(seed), half_lives()
    days = np.array([1, 5, 9.2, 9.4, 20, 60, 200, 365.0])
    ode = float(np.abs(by_ode(days) / concentration(days, p.values) - 1).max())
    run = KimmelParams().course(90, steps=3600, saved=900)
    cells = run.states[:, 1, 0]
    expected = float(extinction(10, 1.2, 1.0))
    near = 4 * np.sqrt(expected * (1 - expected) / 20_000)
    rows = [
        ("doubling time (d)", lives["doubling"], 0.78, 0.016, STEIN, "held out"),
        ("half-life of the fast decline (d)", lives["fast"], 4.3, 0.09, STEIN, "held out"),
        ("half-life of the slow decline (d)", lives["slow"], 220, 4.4, STEIN, "held out"),
        ("closed form against equations, largest difference", ode, 0, 1e-8, "mathematics", "identity"),
        ("CAR T cells on day 90 over those infused", cells[-1] / cells[0], 1.0, 0.2, KIMMEL, "held out"),
        ("ten cells die out", die_out(10, 1.2, 1.0, 20_000, rng=rng), expected, near, "mathematics", "identity"),
    ]
    return [Check(name, float(got), want, near, source, kind) for name, got, want, near, source, kind in rows]
