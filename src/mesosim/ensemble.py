"""Many virtual patients in one call: fixed steps of Runge-Kutta, with an estimate of the error that they make.

Patients lie on the last axis, so one call of the model's rates serves all of them. States that must stay positive are
integrated as logarithms, which they then cannot leave. Every run is done twice, with the steps asked for and with half
as many; the difference between the two tells the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Rates = Callable[[Array, Array], "ArrayLike | Sequence[ArrayLike]"]
ORDER = 4
"""Halving the step divides the error by two to this power."""


@dataclass(frozen=True)
class Ensemble:
    """What became of the patients.

    Attributes
    ----------
    times : ndarray, shape (times,) or (times, patients)
    values : ndarray, shape (times, states, patients)
    error : ndarray, shape (times, states, patients)
        Estimated error of `values`: as a share of the value for states kept positive, in the state's unit otherwise.
    """

    times: Array
    values: Array
    error: Array

    @property
    def worst(self) -> float:
        """The largest estimated error of all."""
        return float(self.error.max())


def integrate(
    rates: Rates,
    start: ArrayLike,
    times: ArrayLike,
    *,
    steps: int,
    positive: bool | Sequence[bool] = True,
    tolerance: float = 1e-3,
) -> Ensemble:
    """Integrate the rates of many patients at once.

    Parameters
    ----------
    rates : callable
        ``rates(t, values)`` with the time, shape () or (patients,), and the states, shape (states, patients). It
        returns one row a state: the relative rate y'/y of a state kept positive, the plain rate y' of any other. A
        model's parameters may differ between patients: arrays of shape (patients,) inside `rates`.
    start : array_like, shape (states, patients)
        Or (states,) for one patient.
    times : array_like, shape (times,) or (times, patients)
        When values are wanted, the first being the start. They rise, or fall to run backwards. A column for each
        patient lets each have times of their own, such as the day on which a rate changes: end one call there and begin
        the next, for no step should reach across a jump of the rates.
    steps : int
        Steps between one time and the next; even, since every run is repeated with half of them.
    positive : bool or sequence of bool
        Which states are kept positive.
    tolerance : float
        The largest estimated error to accept; ``inf`` accepts any that is a number.

    Raises
    ------
    ValueError
        When an input is malformed, or the estimated error exceeds the tolerance or is not a number.
    """
    start = np.asarray(start, dtype=float)
    start = start[:, None] if start.ndim == 1 else start
    if start.ndim != 2 or not start.size:
        raise ValueError(f"start: need shape (states, patients), got {start.shape}")
    kept = np.broadcast_to(np.asarray(positive, dtype=bool), start.shape[:1])
    _check_start(start, kept)
    times = _check_times(np.asarray(times, dtype=float), start.shape[1])
    if not isinstance(steps, int | np.integer) or steps < 2 or steps % 2:
        raise ValueError(f"steps: need an even whole number of at least 2, got {steps!r}")
    if not tolerance > 0:
        raise ValueError(f"tolerance: need a positive number, got {tolerance}")
    inner = start.copy()
    inner[kept] = np.log(start[kept])
    with np.errstate(all="ignore"):  # what overflows is found below, and named
        fine = _run(rates, inner, times, int(steps), kept)
        coarse = _run(rates, inner, times, int(steps) // 2, kept)
        error = np.abs(fine - coarse) / (2**ORDER - 1)
        fine[:, kept] = np.exp(fine[:, kept])
    _check_error(error, fine, times, steps, tolerance)
    return Ensemble(times, fine, error)


def _run(rates: Rates, inner: Array, times: Array, steps: int, kept: NDArray[np.bool_]) -> Array:
    """Return the states, positive ones as logarithms, at each time."""
    found = np.empty((len(times), *inner.shape))
    found[0] = now = inner
    every = kept.all()
    outer = np.empty_like(inner)

    def slope(t: Array, y: Array) -> Array:
        if every:
            values = np.exp(y, out=outer)
        else:
            values = y.copy()
            values[kept] = np.exp(y[kept])
        rows = rates(t, values)
        result = np.empty_like(y)
        if len(rows) != len(y):
            raise ValueError(f"rates: returned {len(rows)} rows for {len(y)} states")
        for row, place in zip(rows, result, strict=True):
            place[...] = row
        return result

    for index in range(1, len(times)):
        h = (times[index] - times[index - 1]) / steps
        for step in range(steps):
            now = _step(slope, times[index - 1] + step * h, now, h)
        found[index] = now
    return found


def _step(slope: Callable[[Array, Array], Array], t: Array, y: Array, h: Array) -> Array:
    """Return the states one step of the classical Runge-Kutta method later."""
    first = slope(t, y)
    second = slope(t + h / 2, y + h / 2 * first)
    third = slope(t + h / 2, y + h / 2 * second)
    fourth = slope(t + h, y + h * third)
    second += third
    second *= 2
    second += first
    second += fourth
    second *= h / 6
    second += y
    return second


def _check_start(start: Array, kept: NDArray[np.bool_]) -> None:
    """Refuse a start that is not finite, or not positive where it has to be."""
    if not np.isfinite(start).all():
        state, patient = np.argwhere(~np.isfinite(start))[0]
        raise ValueError(f"start: state {state} of patient {patient} is {start[state, patient]}")
    if (start[kept] <= 0).any():
        state, patient = np.argwhere((start <= 0) & kept[:, None])[0]
        raise ValueError(
            f"start: state {state} of patient {patient} is {start[state, patient]:g}, and a state kept positive has to "
            "start above zero; say positive=False for it if zero is meant"
        )


def _check_times(times: Array, patients: int) -> Array:
    """Return the times, or refuse them."""
    if times.ndim not in (1, 2) or len(times) < 2 or (times.ndim == 2 and times.shape[1] != patients):
        raise ValueError(f"times: need shape (times,) or (times, {patients}) with two times or more, got {times.shape}")
    gaps = np.diff(times, axis=0)
    if not np.isfinite(times).all() or not ((gaps > 0).all() or (gaps < 0).all()):
        raise ValueError("times: need finite numbers that all rise, or all fall")
    return times


def _check_error(error: Array, values: Array, times: Array, steps: int, tolerance: float) -> None:
    """Refuse results that are not finite, or whose estimated error is too large."""
    sound = np.isfinite(error) & np.isfinite(values)
    good = sound & (error <= tolerance)
    if good.all():
        return
    patients = np.unique(np.argwhere(~good)[:, 2])
    index, state, patient = np.argwhere(~good)[0]
    when = times[index] if times.ndim == 1 else times[index, patient]
    size = f"reaches {error[~good].max():.2g}" if sound.all() else "is no longer a number"
    raise ValueError(
        f"the estimated error {size}, above the tolerance {tolerance:g}, in {len(patients)} of {values.shape[2]} "
        f"patients (first: patient {patient}, state {state}, time {when:g}); take more than {steps} steps between times"
    )
