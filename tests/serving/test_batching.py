"""Batches form from what waits, nothing else; and one request's failure is its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, cast

import numpy as np
import pytest
import threadpoolctl

from serving_containers.sklearn.batching import Batcher, Rows
from serving_containers.sklearn.errors import Overloaded


class Model:
    """Doubles its input; holds its first call until it is released, so that others queue."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.release = threading.Event()
        self.started = threading.Event()

    def __call__(self, rows: Rows) -> Any:
        self.batches.append(len(rows))
        self.started.set()
        assert self.release.wait(30)
        if (rows < 0).any():
            raise ValueError("negative")
        return rows[:, 0] * 2


def _rows(*values: float) -> Rows:
    return np.array([[value] for value in values])


def _run(work: Callable[[Model, Batcher], Any], **limits: int) -> Model:
    model = Model()

    async def main() -> None:
        batcher = Batcher(model, **({"max_batch_rows": 100, "max_queued_rows": 1000} | limits))
        try:
            await work(model, batcher)
        finally:
            model.release.set()
            await asyncio.to_thread(batcher.close)

    asyncio.run(main())
    return model


async def _with_first_held(model: Model, batcher: Batcher, *others: Rows) -> list[Any]:
    """Sends one row, and the others while the model is busy with it; the answers."""
    first = asyncio.create_task(batcher.predict(_rows(0)))
    await asyncio.to_thread(model.started.wait, 30)
    rest = [asyncio.create_task(batcher.predict(rows)) for rows in others]
    await asyncio.sleep(0)
    model.release.set()
    return [await task for task in [first]] + await asyncio.gather(*rest, return_exceptions=True)


def test_what_queued_is_one_batch_and_each_gets_its_own_rows() -> None:
    async def work(model: Model, batcher: Batcher) -> None:
        answers = await _with_first_held(model, batcher, _rows(1, 2), _rows(3), _rows(4, 5, 6))
        assert [list(answer) for answer in answers] == [[0], [2, 4], [6], [8, 10, 12]]

    assert _run(work).batches == [1, 6]


def test_a_batch_stays_within_its_limit_but_a_large_request_is_served() -> None:
    async def work(model: Model, batcher: Batcher) -> None:
        await _with_first_held(model, batcher, _rows(1, 2), _rows(3, 4), _rows(*range(9)), _rows(5))

    assert _run(work, max_batch_rows=4).batches == [1, 4, 9, 1]


def test_a_failure_is_told_to_its_own_sender_only() -> None:
    async def work(model: Model, batcher: Batcher) -> None:
        _, good, bad, fine = await _with_first_held(model, batcher, _rows(1), _rows(-1), _rows(2))
        assert list(good) == [2]
        assert isinstance(bad, ValueError)
        assert list(fine) == [4]

    assert _run(work).batches == [1, 3, 1, 1, 1]


def test_too_much_waiting_is_refused_at_once() -> None:
    async def work(model: Model, batcher: Batcher) -> None:
        answers = await _with_first_held(model, batcher, _rows(1, 2), _rows(3), _rows(4, 5))
        assert list(answers[1]) == [2, 4]
        assert list(answers[2]) == [6]
        assert isinstance(answers[3], Overloaded)

    _run(work, max_queued_rows=3)


def test_a_client_that_left_costs_nothing() -> None:
    async def work(model: Model, batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(_rows(0)))
        await asyncio.to_thread(model.started.wait, 30)
        gone = asyncio.create_task(batcher.predict(_rows(*range(50))))
        stays = asyncio.create_task(batcher.predict(_rows(1)))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        model.release.set()
        await first
        assert list(await stays) == [2]

    assert _run(work).batches == [1, 1]


def test_the_event_loop_stays_free_while_the_model_works() -> None:
    async def work(model: Model, batcher: Batcher) -> None:
        busy = asyncio.create_task(batcher.predict(_rows(0)))
        await asyncio.to_thread(model.started.wait, 30)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not busy.done()
        model.release.set()
        await busy

    _run(work)


def test_a_model_that_loses_rows_is_an_error() -> None:
    async def main() -> None:
        batcher = Batcher(lambda rows: rows[:-1, 0], max_batch_rows=9, max_queued_rows=9)
        with pytest.raises(ValueError, match="1 predictions for 2 rows"):
            await batcher.predict(_rows(1, 2))
        batcher.close()

    asyncio.run(main())


def _pool_sizes() -> list[int]:
    pools = cast("list[dict[str, Any]]", threadpoolctl.threadpool_info())
    return [pool["num_threads"] for pool in pools]


def test_numeric_libraries_use_one_thread() -> None:
    """The control: in a thread that is told to use two, the same libraries have two."""
    seen: list[int] = []

    def model(rows: Rows) -> Any:
        seen.extend(_pool_sizes())
        return rows[:, 0]

    async def main() -> None:
        batcher = Batcher(model, max_batch_rows=9, max_queued_rows=9)
        await batcher.predict(_rows(1))
        batcher.close()

    import_module("sklearn.ensemble")  # brings its OpenMP runtime
    asyncio.run(main())
    assert seen
    assert set(seen) == {1}
    with ThreadPoolExecutor(1, initializer=threadpoolctl.threadpool_limits, initargs=(2, "openmp")) as control:
        assert 2 in control.submit(_pool_sizes).result()
