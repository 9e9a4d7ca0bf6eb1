"""Times Sobol' indices of the Ishigami function against SALib: the same points in number, in one run.

``.venv/bin/python -m pip install -e '.[bench]'``, then ``.venv/bin/python benchmarks/sobol.py``. Ours are SciPy's with
names and intervals put round it. Both draw the points, run the function and give first-order and total indices. SALib
always draws intervals by a bootstrap, a hundred times unless told otherwise; so it is timed as it comes, with ours
beside it without intervals and with as many, and told to draw only two, which is as near to none as it goes.
Errors are the largest distance from the closed form; the run ends with an error when either exceeds `ERROR`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import numpy as np
from paired import race

from mesosim import sobol

POINTS, RUNS, ERROR = 2**14, 7, 0.01
RANGES = dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi))
LEAST = {"no intervals, SALib as it comes": 10.0}

Answer = tuple[np.ndarray, np.ndarray]


def ours(resamples: int) -> Callable[[], Answer]:
    """Return a job that gives our indices."""

    def job() -> Answer:
        found = sobol.indices(sobol.ishigami, RANGES, POINTS, rng=np.random.default_rng(1), resamples=resamples)
        return found.first, found.total

    return job


def theirs(resamples: int) -> Callable[[], Answer]:
    """Return a job that gives SALib's indices."""
    try:
        from SALib.analyze import sobol as analyse
        from SALib.sample import sobol as sample
    except ImportError:
        sys.exit("SALib is not installed: .venv/bin/python -m pip install -e '.[bench]'")
    problem = {"num_vars": 3, "names": list(RANGES), "bounds": [list(pair) for pair in RANGES.values()]}

    def job() -> Answer:
        points = sample.sample(problem, POINTS, calc_second_order=False, seed=1)
        answers = sobol.ishigami(*points.T)
        found = analyse.analyze(
            problem, answers, calc_second_order=False, num_resamples=resamples, print_to_console=False, seed=1
        )
        return np.asarray(found["S1"]), np.asarray(found["ST"])

    return job


def main() -> None:
    """Print one line a comparison."""
    warnings.simplefilter("ignore")
    exact = sobol.ishigami_exact()
    pairs = {
        "no intervals, SALib as it comes": (ours(0), theirs(100)),
        "a hundred resamples each": (ours(100), theirs(100)),
        "next to none each": (ours(0), theirs(2)),
    }
    print(f"{'task':34}{'ours (ms)':>11}{'SALib (ms)':>12}{'ratio':>8}{'error':>9}{'theirs':>9}")
    slow = []
    for task, (our, their) in pairs.items():
        errors = [max(np.abs(got - want).max() for got, want in zip(job(), exact, strict=True)) for job in (our, their)]
        if max(errors) > ERROR:
            sys.exit(f"{task}: an error of {max(errors):.2g}, more than {ERROR}")
        mine, other, ratio = race(our, their, RUNS)
        print(f"{task:34}{mine:>11.3g}{other:>12.4g}{ratio:>8.1f}{errors[0]:>9.1g}{errors[1]:>9.1g}")
        slow += [task] * (ratio < LEAST.get(task, 0))
    if slow:
        sys.exit(f"slower than promised: {', '.join(slow)}")


if __name__ == "__main__":
    main()
