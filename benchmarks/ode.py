"""Times ten thousand virtual patients in one call against a loop of SciPy's `solve_ivp` (LSODA), in one run.

``.venv/bin/python benchmarks/ode.py``. The peer does a part of the patients and is scaled to all of them. Errors of
both are taken against a tight reference for the same few patients. Ends with an error when ours is not `LEAST` times as
fast, or errs more.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from scipy.integrate import solve_ivp

from mesosim import ensemble, immune

PATIENTS, PART, TIGHT = 10_000, 100, 20
UNTIL, STEPS = 100.0, 2000
RUNS, LEAST = 3, 30.0
VARIED = ("sigma", "rho", "alpha", "delta")


def cohort() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return parameters that differ between patients, and where each begins."""
    rng, p = np.random.default_rng(1), immune.KuznetsovParams()
    over = {name: getattr(p, name).value * np.exp(rng.normal(0, 0.1, PATIENTS)) for name in VARIED}
    return over, np.stack([np.full(PATIENTS, 0.32), np.exp(rng.uniform(0, 5.5, PATIENTS))])


def alone(patient: int, method: str, tolerance: float) -> np.ndarray:
    """Return the logarithms of one patient's cells at the end, by SciPy."""
    over, start = cohort()
    rates = immune.KuznetsovParams().rates({name: values[patient] for name, values in over.items()})
    found = solve_ivp(
        lambda t, z: rates(t, np.exp(z)), (0, UNTIL), np.log(start[:, patient]), method=method, rtol=tolerance,
        atol=tolerance,
    )  # fmt: skip
    return found.y[:, -1]


def main() -> None:
    """Print times, errors and their ratio."""
    over, start = cohort()
    rates, ratios, theirs = immune.KuznetsovParams().rates(over), [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        run = ensemble.integrate(rates, start, UNTIL, STEPS)
        ours = time.perf_counter() - began
        began = time.perf_counter()
        theirs = [alone(patient, "LSODA", 1e-6) for patient in range(PART)]
        loop = (time.perf_counter() - began) * PATIENTS / PART
        ratios.append(loop / ours)
        print(f"{PATIENTS} patients: ours {ours:.2f} s, LSODA one by one {loop:.0f} s (scaled), ratio {ratios[-1]:.0f}")
    exact = [alone(patient, "DOP853", 1e-11) for patient in range(TIGHT)]
    errors = [
        max(np.abs(got - want).max() for got, want in zip(results, exact, strict=False))
        for results in (np.log(run.states[-1]).T[:TIGHT], theirs[:TIGHT])
    ]
    print(f"largest relative error in {TIGHT} patients: ours {errors[0]:.1e}, LSODA {errors[1]:.1e}")
    print(f"estimated by step doubling, all patients: {run.error.max():.1e}")
    if statistics.median(ratios) < LEAST or errors[0] > errors[1]:
        sys.exit(f"promised {LEAST:.0f} times as fast and no more error")


if __name__ == "__main__":
    main()
