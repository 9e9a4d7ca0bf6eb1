"""Times Kaplan-Meier and Cox against lifelines: the same people, both ways in turn, in one run.

``.venv/bin/python -m pip install -e '.[bench]'``, then ``.venv/bin/python benchmarks/survival.py``; readers never need
lifelines. Both ways must give the same numbers, or the run ends with an error; so it does when ours is not as many
times as fast as `LEAST` says. At 605 people lifelines spends its time on tables, which we don't make; at 100,000 both
spend it on sorting, which alone takes a twentieth of lifelines' time, so that no way could be 50 times as fast there.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from paired import race

from mesosim import cox, survival

RUNS = {605: (9, 20), 100_000: (5, 1)}
"""People, as many as in CheckMate 743 and as in a virtual cohort: how many runs, and calls in a row in each."""
LEAST = {("Kaplan-Meier", 605): 50.0, ("Kaplan-Meier", 100_000): 5.0, ("Cox", 605): 4.0, ("Cox", 100_000): 4.0}
SAME = 1e-6


def people(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times without ties, deaths of which three in ten are censored, and arms."""
    rng = np.random.default_rng(number)
    return rng.exponential(14, number), rng.random(number) < 0.7, rng.integers(0, 2, number)


def jobs(number: int) -> dict[str, tuple[Callable[[], np.ndarray], Callable[[], np.ndarray]]]:
    """Return both ways to do each task, with what they must agree in."""
    try:
        from lifelines import CoxPHFitter, KaplanMeierFitter
    except ImportError:
        sys.exit("lifelines is not installed: .venv/bin/python -m pip install -e '.[bench]'")
    times, events, arm = people(number)
    table = pd.DataFrame({"time": times, "event": events, "arm": arm})
    month = np.arange(1.0, 40)
    return {
        "Kaplan-Meier": (
            lambda: survival.kaplan_meier(times, events).at(month),
            lambda: KaplanMeierFitter().fit(times, events).survival_function_at_times(month).to_numpy(),
        ),
        "Cox": (
            lambda: cox.cox(times, events, arm).beta,
            lambda: CoxPHFitter().fit(table, "time", "event").params_.to_numpy(),
        ),
    }


def main() -> None:
    """Print one line a comparison."""
    warnings.simplefilter("ignore")
    print(f"{'task':14}{'people':>9}{'ours (ms)':>12}{'lifelines (ms)':>16}{'ratio':>8}{'at least':>10}")
    slow = []
    for number, (runs, calls) in RUNS.items():
        for task, (ours, theirs) in jobs(number).items():
            apart = float(np.abs(ours() - theirs()).max())
            if apart > SAME:
                sys.exit(f"{task}, {number} people: the two ways differ by {apart:.2g}")
            our, their, ratio = race(ours, theirs, runs, calls)
            least = LEAST[task, number]
            print(f"{task:14}{number:>9}{our:>12.3g}{their:>16.4g}{ratio:>8.1f}{least:>10.0f}")
            slow += [task] * (ratio < least)
    if slow:
        sys.exit(f"slower than promised: {', '.join(slow)}")


if __name__ == "__main__":
    main()
