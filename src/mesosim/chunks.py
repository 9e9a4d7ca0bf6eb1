"""Work in pieces over any `concurrent.futures.Executor`: results add up alike whoever does them, and none is lost.

A task takes the number of its first item and how many there are, and returns whole numbers. Whole numbers add up to
the same sum in any order, so the result is the same bit for bit with one worker or with many.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Counts = dict[str, NDArray[np.int64]]
Task = Callable[[int, int], Counts]
Progress = Callable[[int, int], None]
WAITING = 3
"""Pieces handed out at once for each worker: enough to keep it busy, few enough to bound what lies in memory."""
UNKNOWN_WORKERS = 8
"""Taken for executors that don't say how many workers they have."""


@dataclass
class Tally:
    """What is counted so far, and which pieces it holds.

    Attributes
    ----------
    items, chunk : int
        Items in all, and in one piece; the last piece may be shorter.
    job : str
        What is counted, so that a file is not continued with another job.
    done : ndarray of bool, shape (pieces,)
    counts : dict of ndarray of int
    """

    items: int
    chunk: int
    job: str
    done: NDArray[np.bool_]
    counts: Counts

    @classmethod
    def empty(cls, items: int, chunk: int, job: str = "") -> Tally:
        """Return a tally in which nothing is counted yet.

        Raises
        ------
        ValueError
            When there is no item or a piece would be empty.
        """
        for name, value in {"items": items, "chunk": chunk}.items():
            if not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
        return cls(int(items), int(chunk), job, np.zeros(-(-int(items) // int(chunk)), dtype=bool), {})

    @property
    def complete(self) -> bool:
        """Whether every piece is counted."""
        return bool(self.done.all())

    def span(self, piece: int) -> tuple[int, int]:
        """Return the first item of a piece, and how many it has."""
        first = piece * self.chunk
        return first, min(self.chunk, self.items - first)

    def add(self, piece: int, counts: Counts) -> None:
        """Add what was counted in one piece.

        Raises
        ------
        ValueError
            When the piece is counted already, or the counts are no whole numbers or don't fit the earlier ones.
        """
        if self.done[piece]:
            raise ValueError(f"piece {piece} is counted already")
        counts = {name: np.asarray(value) for name, value in counts.items()}
        for name, value in counts.items():
            if not np.issubdtype(value.dtype, np.integer):
                raise ValueError(f"{name}: counts must be whole numbers, got {value.dtype}")
        if self.counts and {n: v.shape for n, v in counts.items()} != {n: v.shape for n, v in self.counts.items()}:
            raise ValueError(f"piece {piece} counted {sorted(counts)}, which does not fit {sorted(self.counts)}")
        base = self.counts or {name: np.zeros_like(value, dtype=np.int64) for name, value in counts.items()}
        self.counts = {name: base[name] + value for name, value in counts.items()}
        self.done[piece] = True

    def save(self, path: Path | str) -> None:
        """Write the tally to a file, whole or not at all."""
        path = Path(path)
        body = {
            "items": self.items, "chunk": self.chunk, "job": self.job, "done": np.flatnonzero(self.done).tolist(),
            "counts": {name: value.tolist() for name, value in self.counts.items()},
        }  # fmt: skip
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(body), encoding="utf-8")
        os.replace(part, path)

    @classmethod
    def load(cls, path: Path | str) -> Tally:
        """Read a tally from a file.

        Raises
        ------
        ValueError
            When the file holds no tally.
        """
        try:
            body = json.loads(Path(path).read_text(encoding="utf-8"))
            tally = cls.empty(body["items"], body["chunk"], body["job"])
            tally.done[body["done"]] = True
            tally.counts = {name: np.array(value, dtype=np.int64) for name, value in body["counts"].items()}
        except (json.JSONDecodeError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"{path} holds no tally ({error!r}): delete it to begin anew") from error
        return tally


class Interrupted(RuntimeError):
    """Raised when the workers are gone before all is counted; `tally` holds what they had finished."""

    def __init__(self, tally: Tally, cause: BaseException) -> None:
        self.tally = tally
        super().__init__(
            f"the workers broke off ({cause!r}) after {int(tally.done.sum())} of {tally.done.size} pieces; nothing "
            "counted is lost: call again with a new executor and tally=error.tally"
        )


def count(
    task: Task, tally: Tally, *, executor: Executor | None = None, progress: Progress | None = None,
    save: Path | str | None = None,
) -> Tally:  # fmt: skip
    """Count the pieces that a tally still lacks, and return it.

    Parameters
    ----------
    task : callable
        ``task(first, number)`` returns counts of the items from `first` on. Workers in other processes need it at the
        top level of a module, or a `functools.partial` of such.
    tally : Tally
        Changed in place.
    executor : concurrent.futures.Executor, optional
        Such as a `ProcessPoolExecutor` or a dask client's ``get_executor()``; without it this process does the work.
    progress : callable, optional
        Told how many pieces are done, and of how many, after each.
    save : path, optional
        File to which the tally is written after each piece.

    Raises
    ------
    Interrupted
        When the executor can no longer work. A dask scheduler gives a lost worker's pieces to others by itself.
    Exception
        Whatever the task raises, with the piece named in a note; what was counted before stays in the tally.
    """
    todo = iter(np.flatnonzero(~tally.done).tolist())

    def counted(piece: int, counts: Counts) -> None:
        tally.add(piece, counts)
        if save is not None:
            tally.save(save)
        if progress is not None:
            progress(int(tally.done.sum()), tally.done.size)

    if executor is None:
        for piece in todo:
            with _named(tally, piece):
                counted(piece, task(*tally.span(piece)))
        return tally
    running: dict[Future[Counts], int] = {}
    try:
        _keep_busy(task, tally, executor, todo, running, counted)
    except (BrokenProcessPool, CancelledError) as error:
        raise Interrupted(tally, error) from error
    finally:
        for future in running:
            future.cancel()
    return tally


def _keep_busy(
    task: Task, tally: Tally, executor: Executor, todo: Iterator[int], running: dict[Future[Counts], int],
    counted: Callable[[int, Counts], None],
) -> None:  # fmt: skip
    """Hand out pieces, a few ahead of the workers, until none is left."""
    ahead = WAITING * (getattr(executor, "_max_workers", None) or UNKNOWN_WORKERS)
    while True:
        while len(running) < ahead and (piece := next(todo, None)) is not None:
            running[executor.submit(task, *tally.span(piece))] = piece
        if not running:
            return
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        failed = None
        for future in ended:
            piece = running.pop(future)
            try:
                with _named(tally, piece):
                    counted(piece, future.result())
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed


@contextmanager
def _named(tally: Tally, piece: int) -> Iterator[None]:
    """Name the piece in a note of whatever is raised."""
    try:
        yield
    except Exception as error:
        first, number = tally.span(piece)
        error.add_note(f"in the piece of {number} items from {first} on")
        raise


def print_progress(done: int, pieces: int) -> None:
    """Print how far the work is, on one line that is written anew."""
    print(f"\r{done} of {pieces} pieces", end="\n" if done == pieces else "", flush=True)
