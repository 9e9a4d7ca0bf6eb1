"""Times the virtual trial: a thousand steps for 100,000 people, and the same survey with one, two and four workers.

``.venv/bin/python benchmarks/trial.py``. The first line is plain integration of the lab's tumours, with a peer beside
it in ``benchmarks/ode.py``. The others are whole surveys, the last over a local cluster where the extra `scale` is
installed; results must be the same bit for bit, or the run ends with an error. Workers can't be faster than the cores
at hand let them: their number is printed. Memory is the most that this process and its workers took.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

import numpy as np

from mesosim import immune, trial

PEOPLE, STEPS, SURVEY = 100_000, 1_000, 40_000
ARM, SEED = trial.Arm(dose=4), 11
CHUNK = 4096


def integration() -> float:
    """Return the seconds that a thousand steps of the untreated tumours of 100,000 people take."""
    start = time.perf_counter()
    for first in range(0, PEOPLE, CHUNK):
        some = trial.draw(first, min(CHUNK, PEOPLE - first), seed=SEED)
        times = np.linspace(0, 30, 11)
        immune.simulate(some.system, some.start, times, steps=STEPS // 10, tolerance=np.inf)
    return time.perf_counter() - start


@contextmanager
def cluster(workers: int) -> Iterator[Executor | None]:
    """Yield the executor of a local cluster, or nothing where the extra isn't installed."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        yield None
        return
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as made,
        Client(made) as client,
    ):
        yield client.get_executor()


def survey(executor: Executor | None) -> tuple[float, trial.Survey]:
    """Return the seconds of a survey, and its result."""
    start = time.perf_counter()
    found = trial.survey(ARM, SURVEY, seed=SEED, executor=executor, chunk=CHUNK // 2)
    return time.perf_counter() - start, found


def main() -> None:
    """Print one line a way."""
    print(f"{PEOPLE:,} people, {STEPS:,} steps each, one process: {integration():.1f} s; cores: {os.cpu_count()}")
    base, alone = survey(None)
    print(f"{'way':28}{'people':>10}{'seconds':>10}{'people/s':>10}{'speed-up':>10}")
    print(f"{'this process':28}{SURVEY:>10,}{base:>10.1f}{SURVEY / base:>10.0f}{1:>10.2f}")
    for workers in (1, 2, 4):
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(abs, range(workers)))
            report(f"pool of {workers}", survey(pool), base, alone)
    with cluster(2) as executor:
        if executor is not None:
            report("local cluster of 2", survey(executor), base, alone)
    most = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"most memory: {most[0]:.0f} MB here, {most[1]:.0f} MB in a worker")


def report(way: str, done: tuple[float, trial.Survey], base: float, alone: trial.Survey) -> None:
    """Print a line, or end the run when the result is not the same."""
    seconds, found = done
    if not (np.array_equal(found.alive, alone.alive) and np.array_equal(found.free, alone.free)):
        sys.exit(f"{way}: the result is not that of one process")
    print(f"{way:28}{SURVEY:>10,}{seconds:>10.1f}{SURVEY / seconds:>10.0f}{base / seconds:>10.2f}")


if __name__ == "__main__":
    main()
