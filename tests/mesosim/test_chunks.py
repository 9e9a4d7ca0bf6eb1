"""Pieces of work: the same sum whoever does them, nothing lost when workers die, and bad input is named."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import chunks


def squares(first, number):
    here = np.arange(first, first + number, dtype=np.int64)
    return {"sum": np.array([(here**2).sum()]), "by digit": np.bincount(here % 10, minlength=10)}


def fails_at(first, number, *, where):
    if first == where:
        raise ArithmeticError("this piece cannot be done")
    return squares(first, number)


def kills_its_worker_once(first, number, *, mark, where):
    if first == where and not os.path.exists(mark):
        open(mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(first, number)


def same(a, b):
    return a.counts.keys() == b.counts.keys() and all((a.counts[k] == b.counts[k]).all() for k in a.counts)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_any_chunk_and_any_number_of_workers_count_alike(items, chunk, workers):
    alone = chunks.count(squares, chunks.Tally.empty(items, items))
    with ThreadPoolExecutor(workers) as executor:
        together = chunks.count(squares, chunks.Tally.empty(items, chunk), executor=executor)
    assert together.complete
    assert same(alone, together)
    assert together.counts["sum"][0] == sum(i * i for i in range(items))


def test_progress_tells_each_piece_and_never_more_pieces_are_out_than_bounded():
    told, out, most = [], 0, 0

    class Counting(ThreadPoolExecutor):
        def submit(self, *args, **kwargs):
            nonlocal out, most
            out += 1
            most = max(most, out)
            return super().submit(*args, **kwargs)

    def progress(done, pieces):
        nonlocal out
        out -= 1
        told.append((done, pieces))

    with Counting(2) as executor:
        chunks.count(squares, chunks.Tally.empty(100, 1), executor=executor, progress=progress)
    assert told == [(i + 1, 100) for i in range(100)]
    assert most <= 2 * chunks.WAITING


@pytest.mark.parametrize("executor", [nullcontext(), ThreadPoolExecutor(1)], ids=["this process", "worker"])
def test_a_piece_that_fails_is_named_and_the_others_are_kept(executor):
    tally = chunks.Tally.empty(100, 10)
    with executor as each, pytest.raises(ArithmeticError) as caught:
        chunks.count(partial(fails_at, where=30), tally, executor=each)
    assert "10 items from 30 on" in caught.value.__notes__[0]
    assert tally.done[:3].all()
    assert not tally.done[3]
    assert same(chunks.count(squares, tally), chunks.count(squares, chunks.Tally.empty(100, 10)))


def test_a_killed_worker_of_a_pool_loses_nothing(tmp_path):
    task = partial(kills_its_worker_once, mark=str(tmp_path / "killed"), where=60)
    with ProcessPoolExecutor(2) as executor, pytest.raises(chunks.Interrupted, match=r"of 20 pieces.*tally=") as caught:
        chunks.count(task, chunks.Tally.empty(200, 10), executor=executor)
    kept = caught.value.tally
    assert 0 < kept.done.sum() < 20
    with ProcessPoolExecutor(2) as executor:
        assert same(chunks.count(task, kept, executor=executor), chunks.count(squares, chunks.Tally.empty(200, 200)))


def test_a_killed_worker_of_a_cluster_loses_nothing(tmp_path):
    distributed = pytest.importorskip("distributed", reason="pip install 'mesosim[scale]'")
    task = partial(kills_its_worker_once, mark=str(tmp_path / "killed"), where=60)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = chunks.count(task, chunks.Tally.empty(200, 10), executor=client.get_executor())
    assert (tmp_path / "killed").exists()
    assert same(found, chunks.count(squares, chunks.Tally.empty(200, 200)))


def test_a_tally_outlives_its_process(tmp_path):
    path = tmp_path / "tally.json"
    half = chunks.Tally.empty(40, 10, "squares")
    with pytest.raises(ArithmeticError):
        chunks.count(partial(fails_at, where=20), half, save=path)
    again = chunks.Tally.load(path)
    assert again.done.tolist() == [True, True, False, False]
    assert (again.items, again.chunk, again.job) == (40, 10, "squares")
    assert same(chunks.count(squares, again), chunks.count(squares, chunks.Tally.empty(40, 40)))
    assert not list(tmp_path.glob("*.part"))


def test_a_broken_file_is_named(tmp_path):
    path = tmp_path / "tally.json"
    for text in ("{", "[]", '{"items": 3}', '{"items": 3, "chunk": 1, "job": "", "done": [7], "counts": {}}',
                 '{"items": 3, "chunk": 1, "job": "", "done": [], "counts": []}'):  # fmt: skip
        path.write_text(text)
        with pytest.raises(ValueError, match=r"tally\.json holds no tally"):
            chunks.Tally.load(path)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="items"):
        chunks.Tally.empty(0, 1)
    with pytest.raises(ValueError, match="chunk"):
        chunks.Tally.empty(1, 0)
    tally = chunks.Tally.empty(20, 10)
    with pytest.raises(ValueError, match="whole numbers"):
        tally.add(0, {"sum": np.array([0.5])})
    tally.add(0, squares(0, 10))
    with pytest.raises(ValueError, match="already"):
        tally.add(0, squares(0, 10))
    with pytest.raises(ValueError, match="does not fit"):
        tally.add(1, {"other": np.array([1])})
