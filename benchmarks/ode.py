"""Times ten thousand virtual patients in one call against a loop of scipy's ``solve_ivp`` with LSODA.

``.venv/bin/python benchmarks/ode.py``. Both run the same patients of the tumour-immune model to the same time, in turn,
in one run. The loop runs over some of the patients, and its time is scaled up; it is as plain as a user would write
it, with rates that take numbers. Both results are compared, patient by patient, with a third that is far more exact
(DOP853 at a relative tolerance of 1e-12). Ends with an error when ours is not 30 times as fast, or errs more.
"""

from __future__ import annotations

import statistics
import sys

import numpy as np
from numpy.typing import NDArray
from paired import seconds
from scipy.integrate import solve_ivp

from mesosim import immune

PATIENTS = 10_000
LOOPED = 300
END = 50.0
START = (0.3155, 1.0)
RUNS = 5
LEAST_RATIO = 30.0


def loop(rows: NDArray[np.float64], method: str, rtol: float, atol: float) -> NDArray[np.float64]:
    """Return the last state of each patient, shape (2, patients), integrated one by one."""
    found = []
    for sigma, rho, eta, mu, delta, alpha, beta in rows:

        def rates(_, state, s=sigma, r=rho, h=eta, m=mu, d=delta, a=alpha, b=beta):
            x, y = state
            return [s + x * (r * y / (h + y) - m * y - d), y * (a * (1 - b * y) - x)]

        found.append(solve_ivp(rates, (0, END), START, method=method, rtol=rtol, atol=atol).y[:, -1])
    return np.transpose(found)


def main() -> None:
    """Compare, and hold ours to its promise."""
    many = immune.patients(immune.KuznetsovParams(), PATIENTS, 0.2, np.random.default_rng(1))
    rows = np.transpose([getattr(many, name) for name in immune.NAMES])[:LOOPED]
    exact = loop(rows, "DOP853", 1e-12, 1e-13)
    jobs = (
        lambda: immune.simulate(many, START, np.linspace(0, END, 6), steps=60, tolerance=8e-6),
        lambda: loop(rows, "LSODA", 1e-6, 1e-9),
    )
    run, looped = (job() for job in jobs)
    errors = [np.abs(found / exact - 1).max(axis=0) for found in (run.values[-1, :, :LOOPED], looped)]
    times = np.array([[seconds(job) for job in jobs] for _ in range(RUNS)]) * (1, PATIENTS / LOOPED)
    ratio = statistics.median(times[:, 1] / times[:, 0])
    print(f"estimated worst error of ours, all {PATIENTS} patients: {run.worst:.1e}")
    for name, row, error in zip(("one call of mesosim", "loop of LSODA"), times.T, errors, strict=True):
        print(
            f"{name:20}: {np.median(row):6.2f} s for {PATIENTS} patients; relative error against the reference in "
            f"{LOOPED} of them: median {np.median(error):.1e}, worst {error.max():.1e}"
        )
    print(f"LSODA / ours: {ratio:.1f}")
    worse = errors[0].max() > errors[1].max() or np.median(errors[0]) > np.median(errors[1])
    if ratio < LEAST_RATIO or worse:
        sys.exit(f"promised {LEAST_RATIO:.0f} times as fast and no more error, at worst and in the median")


if __name__ == "__main__":
    main()
