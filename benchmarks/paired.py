"""What the benchmarks share: two ways to do one job, run in turn in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

Job = Callable[[], object]


def seconds(job: Job, calls: int = 1) -> float:
    """Return the seconds of a call, in a row of several."""
    start = time.perf_counter()
    for _ in range(calls):
        job()
    return (time.perf_counter() - start) / calls


def race(ours: Job, theirs: Job, runs: int, calls: int = 1) -> tuple[float, float, float]:
    """Run both in turn; return the medians of their milliseconds, and of the ratios, theirs over ours."""
    pairs = [(seconds(ours, calls), seconds(theirs, calls)) for _ in range(runs)]
    our, their = (1000 * statistics.median(column) for column in zip(*pairs, strict=True))
    return our, their, statistics.median(their / our for our, their in pairs)
