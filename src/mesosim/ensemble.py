"""Many virtual patients in one call: fixed steps of Runge-Kutta, halved until the error that they make is small.

Patients lie on the last axis, so one call of the model's rates serves all of them. States that must stay positive are
integrated as logarithms, which they then cannot leave. Every run is done twice, once with steps twice as long; the
difference tells the error. Patients in whom it is too large are run again with shorter steps, the others are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Rates = Callable[..., Sequence[ArrayLike]]
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
    steps : ndarray of int, shape (patients,)
        Steps that each patient took between one time and the next.
    """

    times: Array
    values: Array
    error: Array
    steps: NDArray[np.int64]

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
    parameters: Sequence[ArrayLike] = (),
    positive: bool | Sequence[bool] = True,
    tolerance: float = 1e-6,
    halvings: int = 6,
) -> Ensemble:
    """Integrate the rates of many patients at once.

    Parameters
    ----------
    rates : callable
        ``rates(t, values, *parameters)`` with the time, shape () or (patients,), and the states, shape (states,
        patients). It returns one row a state: the relative rate y'/y of a state kept positive, the plain rate y' of
        any other. It treats each patient alone, for it is called with all of them or with some.
    start : array_like, shape (states, patients)
        Or (states,) for one patient.
    times : array_like, shape (times,) or (times, patients)
        When values are wanted, the first being the start. They rise, or fall to run backwards. A column for each
        patient lets each have times of their own, such as the day on which a rate changes: end one call there and
        begin the next, for no step should reach across a jump of the rates.
    steps : int
        Steps between one time and the next to begin with; even, since every run is compared with one of half as many.
    parameters : sequence of array_like, shape () or (patients,)
        What differs between patients, handed to `rates`.
    positive : bool or sequence of bool
        Which states are kept positive.
    tolerance : float
        The largest estimated error to accept; ``inf`` accepts the first run if it holds numbers. The error is judged
        at the times asked for, and at a single one the two runs may agree by chance: ask for a few.
    halvings : int
        How often the steps of a patient may be halved to reach it.

    Raises
    ------
    ValueError
        When an input is malformed, or the shortest steps leave an error that exceeds the tolerance or is no number.
    """
    start = np.asarray(start, dtype=float)
    start = start[:, None] if start.ndim == 1 else start
    if start.ndim != 2 or not start.size:
        raise ValueError(f"start: need shape (states, patients), got {start.shape}")
    kept = np.broadcast_to(np.asarray(positive, dtype=bool), start.shape[:1])
    _check_start(start, kept)
    times = _check_times(np.asarray(times, dtype=float), start.shape[1])
    shared = [np.asarray(value, dtype=float) for value in parameters]
    if any(value.shape not in ((), (1,), start.shape[1:]) for value in shared):
        raise ValueError(
            f"parameters: need numbers or arrays of {start.shape[1]} patients, got {[v.shape for v in shared]}"
        )
    if not isinstance(steps, int | np.integer) or steps < 2 or steps % 2:
        raise ValueError(f"steps: need an even whole number of at least 2, got {steps!r}")
    if not tolerance > 0 or halvings < 0:
        raise ValueError(f"need a positive tolerance and no negative halvings, got {tolerance} and {halvings}")
    inner = start.copy()
    inner[kept] = np.log(start[kept])

    def run(who: NDArray[np.int64], count: int) -> Array:
        some = [value[who] if value.shape == start.shape[1:] else value for value in shared]
        return _run(rates, some, inner[:, who], times if times.ndim == 1 else times[:, who], count, kept)

    everyone = np.arange(start.shape[1])
    taken = np.full(start.shape[1], int(steps))
    with np.errstate(all="ignore"):  # what overflows is found below, and named
        before, values = run(everyone, steps // 2), run(everyone, int(steps))
        error = np.abs(values - before) / (2**ORDER - 1)
        for _ in range(halvings):
            again = np.flatnonzero(~(_per_patient(error) <= tolerance))
            if not again.size:
                break
            taken[again] *= 2
            finer = run(again, int(taken[again[0]]))
            error[..., again] = np.abs(finer - values[..., again]) / (2**ORDER - 1)
            values[..., again] = finer
        values[:, kept] = np.exp(values[:, kept])
    _check_error(error, values, times, taken, tolerance)
    return Ensemble(times, values, error, taken)


def _per_patient(error: Array) -> Array:
    """Return the largest error of each patient; not a number where any is none."""
    return error.max(axis=(0, 1))


def _run(
    rates: Rates, parameters: list[Array], inner: Array, times: Array, steps: int, kept: NDArray[np.bool_]
) -> Array:
    """Return the states, positive ones as logarithms, at each time: the classical Runge-Kutta method.

    Arrays are written in place, for with many patients it is memory that costs time.
    """
    found = np.empty((len(times), *inner.shape))
    found[0] = inner
    now, point, total, values = inner.copy(), np.empty_like(inner), np.empty_like(inner), np.empty_like(inner)
    every = kept.all()

    def slopes(t: Array, at: Array) -> Sequence[ArrayLike]:
        if every:
            np.exp(at, out=values)
        else:
            values[:] = at
            values[kept] = np.exp(at[kept])
        rows = rates(t, values, *parameters)
        if len(rows) != len(inner):
            raise ValueError(f"rates: returned {len(rows)} rows for {len(inner)} states")
        return rows

    for index in range(1, len(times)):
        h = (times[index] - times[index - 1]) / steps
        for step in range(steps):
            t = times[index - 1] + step * h
            for row, place in zip(slopes(t, now), total, strict=True):
                place[...] = row
            np.multiply(total, h / 2, out=point)
            point += now
            for share, reach in ((0.5, 0.5), (0.5, 1.0)):
                rows = slopes(t + share * h, point)
                for row, place, sum_, base in zip(rows, point, total, now, strict=True):
                    np.multiply(row, 2, out=place)
                    sum_ += place
                    place *= reach / 2 * h
                    place += base
            for row, sum_ in zip(slopes(t + h, point), total, strict=True):
                sum_ += row
            total *= h / 6
            now += total
        found[index] = now
    return found


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


def _check_error(error: Array, values: Array, times: Array, taken: NDArray[np.int64], tolerance: float) -> None:
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
        f"patients (first: patient {patient}, state {state}, time {when:g}); take more than {taken[patient]} steps "
        "between times"
    )
