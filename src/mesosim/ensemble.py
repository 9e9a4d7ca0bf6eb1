"""Integrates many virtual patients at once: one array operation moves them all, and none can become negative.

States are positive numbers, such as cells, and are integrated as logarithms. The last axis is the patient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
Rates = Callable[[float, Values], Values]
"""Takes time and states, shape (states, patients); returns the rate of each state as a share of itself."""
ORDER = 4


@dataclass(frozen=True)
class Run:
    """What became of the patients.

    Attributes
    ----------
    times : ndarray, shape (saved,)
    states : ndarray, shape (saved, states, patients)
    error : ndarray, shape (states, patients)
        Estimated relative error at the end: two runs, one with half as many steps, compared (step doubling).
    """

    times: Values
    states: Values
    error: Values


def integrate(rates: Rates, start: ArrayLike, until: float, steps: int, *, saved: int = 50) -> Run:
    """Move all patients from 0 to a time by the classical Runge-Kutta method.

    Parameters
    ----------
    rates : callable
        See `Rates`.
    start : array_like, shape (states, patients)
        Above zero.
    until : float
    steps : int
        Even; `saved` must divide it.
    saved : int
        How many times are kept beside the start.

    Raises
    ------
    ValueError
        When a start is not above zero, the steps do not fit, or a state leaves the range of numbers.
    """
    start = np.asarray(start, dtype=float)
    if start.ndim != 2 or not start.size:
        raise ValueError(f"start needs states and patients, got shape {start.shape}")
    if not np.isfinite(start).all() or (start <= 0).any():
        raise ValueError("start must be finite and above zero: a state that is empty stays so and needs no equation")
    if not (np.isfinite(until) and until > 0):
        raise ValueError(f"until must be finite and above zero, got {until}")
    if steps < 2 or steps % 2 or saved < 1 or steps % saved:
        raise ValueError(f"steps must be even and a multiple of saved, got {steps} and {saved}")
    kept = _march(rates, np.log(start), until, steps, steps // saved)
    coarse = _march(rates, np.log(start), until, steps // 2, steps // 2)[-1]
    if not (np.isfinite(kept).all() and np.isfinite(coarse).all()):
        raise ValueError("a state left the range of numbers: take more steps, or look at the rates")
    error = np.abs(np.expm1(kept[-1] - coarse)) / (2**ORDER - 1)
    return Run(np.linspace(0, until, saved + 1), np.exp(kept), error)


def _march(rates: Rates, log: Values, until: float, steps: int, every: int) -> Values:
    """Return logarithms of the states at the start and after each `every` steps."""
    dt, kept = until / steps, [log]
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            time = step * dt
            first = rates(time, np.exp(log))
            second = rates(time + dt / 2, np.exp(log + dt / 2 * first))
            third = rates(time + dt / 2, np.exp(log + dt / 2 * second))
            fourth = rates(time + dt, np.exp(log + dt * third))
            log = log + dt / 6 * (first + 2 * (second + third) + fourth)
            if (step + 1) % every == 0:
                kept.append(log)
    return np.array(kept)
