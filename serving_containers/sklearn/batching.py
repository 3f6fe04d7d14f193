"""Micro-batching without a timer: what queued while the model was busy is its next batch.

A lone request never waits for company, and under load a batch grows by itself. The model runs in one thread of its
own, so that the event loop stays free to answer /ping.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import threadpoolctl

from serving_containers.sklearn.errors import Overloaded

Rows = npt.NDArray[np.float64]
Predictions = npt.NDArray[Any]
Predict = Callable[[Rows], Predictions]


class Batcher:
    """Runs a model on the rows of many requests at a time.

    Args:
        predict: The model: shape (rows, features) -> (rows,) or (rows, outputs). Called in one thread only.
        max_batch_rows: Rows of several requests in one call; a larger request is a batch of its own.
        max_queued_rows: Rows that may wait.
    """

    def __init__(self, predict: Predict, *, max_batch_rows: int, max_queued_rows: int) -> None:
        self._predict = predict
        self._max_batch_rows = max_batch_rows
        self._max_queued_rows = max_queued_rows
        self._queue: deque[tuple[Rows, asyncio.Future[Predictions]]] = deque()
        self._queued_rows = 0
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "model", initializer=_compute_alone)

    async def predict(self, rows: Rows) -> Predictions:
        """The predictions for these rows.

        Raises:
            Overloaded: Too many rows wait already.
            Exception: Whatever the model raised for these rows, and only for these.
        """
        if self._queued_rows + len(rows) > self._max_queued_rows and self._queue:
            raise Overloaded(f"{self._queued_rows} rows wait already")
        future: asyncio.Future[Predictions] = asyncio.get_running_loop().create_future()
        self._queue.append((rows, future))
        self._queued_rows += len(rows)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    def close(self) -> None:
        """Ends the thread once it has finished what it does."""
        self._thread.shutdown()

    async def _work(self) -> None:
        while self._queue:
            batch = self._take()
            if batch and not await self._answer(batch) and len(batch) > 1:
                # Some request's rows are at fault: none but its own sender is to see that.
                for request in batch:
                    await self._answer([request])

    def _take(self) -> list[tuple[Rows, asyncio.Future[Predictions]]]:
        batch: list[tuple[Rows, asyncio.Future[Predictions]]] = []
        size = 0
        while self._queue and (not batch or size + len(self._queue[0][0]) <= self._max_batch_rows):
            rows, future = self._queue.popleft()
            self._queued_rows -= len(rows)
            if not future.done():  # else its client has gone
                batch.append((rows, future))
                size += len(rows)
        return batch

    async def _answer(self, batch: list[tuple[Rows, asyncio.Future[Predictions]]]) -> bool:
        """Runs the model on a batch; whether it worked. A failure is told to a batch of one only."""
        rows = batch[0][0] if len(batch) == 1 else np.concatenate([rows for rows, _ in batch])
        try:
            predictions = await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, rows)
            if len(predictions) != len(rows):
                raise ValueError(f"the model gave {len(predictions)} predictions for {len(rows)} rows")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - passed on to who asked
            if len(batch) == 1 and not batch[0][1].done():
                batch[0][1].set_exception(error)
            return False
        start = 0
        for part, future in batch:
            if not future.done():
                future.set_result(predictions[start : start + len(part)])
            start += len(part)
        return True


def _compute_alone() -> None:
    """Keeps numeric libraries to this thread: for a few rows more threads cost more than they bring."""
    threadpoolctl.threadpool_limits(1)
