"""Which input moves the answer: Sobol' indices with named inputs and intervals, computed by SciPy.

A first-order index is the share of the answer's variance that goes when one input becomes known; a total index is the
share that stays when all the others are. Where they differ, the input acts together with others. SciPy's own bootstrap
corrects for bias by leaving out each point in turn, which takes minutes; ours takes plain quantiles of resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import qmc, sobol_indices

from mesosim.params import Check

Values = NDArray[np.float64]
POINTS = 2**14
"""Points that `checks` takes of the Ishigami function."""
ISHIGAMI = (7.0, 0.1)


@dataclass(frozen=True)
class Indices:
    """Indices of one answer, in the order of the inputs.

    Attributes
    ----------
    names : tuple of str
    first, total : ndarray, shape (inputs,)
        They are estimates, and may lie a little below 0 or above 1.
    first_interval, total_interval : ndarray, shape (2, inputs)
        95 % intervals, quantiles of the bootstrap, missing when none was asked for.
    evaluations : int
        How often the model was run.
    """

    names: tuple[str, ...]
    first: Values
    total: Values
    first_interval: Values
    total_interval: Values
    evaluations: int

    def table(self) -> pd.DataFrame:
        """Return the indices as a table, the largest total first."""
        rows = [
            (name, f"{one:.2f}", f"{low:.2f} to {high:.2f}", f"{all_:.2f}", f"{bottom:.2f} to {top:.2f}")
            for name, one, low, high, all_, bottom, top in zip(
                self.names, self.first, *self.first_interval, self.total, *self.total_interval, strict=True
            )
        ]
        heads = ["Input", "First order", "95 in 100", "Total", "95 in 100 (total)"]
        return pd.DataFrame([rows[i] for i in np.argsort(-self.total)], columns=heads)


def indices(
    model: Callable[..., ArrayLike], ranges: Mapping[str, tuple[float, float]], points: int, *,
    rng: np.random.Generator, resamples: int = 0, logarithmic: tuple[str, ...] = (),
) -> Indices:  # fmt: skip
    """Return the indices of a model whose inputs are drawn evenly, each by itself, over their ranges.

    Parameters
    ----------
    model : callable
        Called with one array of shape (n,) a named input, all at once; returns n answers.
    ranges : mapping of name to (low, high)
        At least two.
    points : int
        Power of two; the model is asked for ``points * (inputs + 2)`` answers.
    rng : numpy.random.Generator
    resamples : int
        Of the bootstrap; 0 for none.
    logarithmic : tuple of str
        Inputs that are drawn evenly on a logarithmic scale.

    Raises
    ------
    ValueError
        When there are fewer than two inputs, a range is empty or not finite, `points` is not a power of two, a
        logarithmic range does not lie above zero, or the model answers in the wrong number, with a value that is not
        finite, or always the same.
    """
    names = tuple(ranges)
    if len(names) < 2:
        raise ValueError(f"ranges must name at least two inputs, got {list(names)}: there is nothing to share out")
    unknown = set(logarithmic) - set(names)
    if unknown:
        raise ValueError(f"logarithmic names {sorted(unknown)}, which have no range")
    if not isinstance(points, int | np.integer) or points < 2 or points & (points - 1):
        raise ValueError(f"points must be a power of two of at least 2, got {points!r}")
    for name, (low, high) in ranges.items():
        if not (np.isfinite([low, high]).all() and low < high) or (name in logarithmic and low <= 0):
            raise ValueError(f"{name}: the range {low} to {high} is empty, not finite, or not above zero")

    def answers(x: Values) -> Values:
        given = {name: np.exp(row) if name in logarithmic else row for name, row in zip(names, x, strict=True)}
        found = np.asarray(model(**given), dtype=float)
        if found.shape != x.shape[1:]:
            raise ValueError(f"the model gave answers of shape {found.shape} to {x.shape[1]} sets of inputs")
        if not np.isfinite(found).all():
            worst = int(np.argmin(np.isfinite(found)))
            raise ValueError(f"the answer is {found[worst]} at { ({n: float(v[worst]) for n, v in given.items()}) }")
        if np.ptp(found) == 0:
            raise ValueError("the answer is always the same: no input moves it, and there is nothing to share out")
        return found

    ends = np.array([np.log(pair) if name in logarithmic else pair for name, pair in ranges.items()], dtype=float)
    x = _points(ends, int(points), rng)
    found = answers(x.reshape(len(names), -1)).reshape(len(names) + 2, int(points))
    first, total = _from(found)
    drawn = [_from(found[:, rng.integers(0, points, points)]) for _ in range(resamples)]
    missing = np.full((2, len(names)), np.nan)
    spans = [np.quantile(part, (0.025, 0.975), axis=0) for part in zip(*drawn, strict=True)] or [missing, missing]
    return Indices(names, first, total, *spans, points * (len(names) + 2))


def _points(ends: Values, points: int, rng: np.random.Generator) -> Values:
    """Return inputs, shape (inputs, inputs + 2, points): two designs, and the first with one input of the second."""
    drawn = qmc.scale(qmc.Sobol(2 * len(ends), bits=64, rng=rng).random(points), *np.tile(ends, (2, 1)).T).T
    one, two = drawn[: len(ends)], drawn[len(ends) :]
    mixed = np.repeat(one[:, None], len(ends), axis=1)
    every = np.arange(len(ends))
    mixed[every, every] = two
    return np.concatenate([one[:, None], two[:, None], mixed], axis=1)


def _from(answers: Values) -> tuple[Values, Values]:
    """Return first-order and total indices from answers of shape (inputs + 2, points)."""
    parts = {"f_A": answers[:1], "f_B": answers[1:2], "f_AB": answers[2:, None]}
    found = sobol_indices(func=parts, n=answers.shape[1])
    return np.ravel(found.first_order), np.ravel(found.total_order)


def ishigami(x1: ArrayLike, x2: ArrayLike, x3: ArrayLike) -> Values:
    """Return the Ishigami function, on which such methods are tried: the third input acts only with the first."""
    a, b = ISHIGAMI
    return np.sin(x1) + a * np.sin(x2) ** 2 + b * np.asarray(x3) ** 4 * np.sin(x1)


def ishigami_exact() -> tuple[Values, Values]:
    """Return the first-order and total indices of the Ishigami function for inputs from -pi to pi."""
    a, b = ISHIGAMI
    one, two, both = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    return np.array([one, two, 0]) / whole, np.array([one + both, two, both]) / whole


def checks(seed: int = 11) -> list[Check]:
    """Return the validation table: the Ishigami function's indices against their closed forms."""
    ranges = dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi))
    found = indices(ishigami, ranges, POINTS, rng=np.random.default_rng(seed))
    first, total = ishigami_exact()
    rows = []
    for kind, got, exact in (("first order", found.first, first), ("total", found.total, total)):
        rows += [
            Check(f"Ishigami, {kind}, input {i + 1}", float(got[i]), float(exact[i]), 0.005, "mathematics", "identity")
            for i in range(3)
        ]
    return rows
