"""Readers of the API at a steady rate while the service works, and how long they wait for their answers."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

_ROUTES = ("/v1/tenants", "/v1/operations?open_only=true", "/v1/me", "/v1/tenants/{tenant}", "/v1/audit-log")


class Readers:
    """Callers that ask in turn for several documents, each in a thread of its own, as long as the block lasts.

    A wait counts from when its request was due: a caller whose last answer was slow is late with the next one.

    Args:
        clients: The callers.
        tenant: A tenant that exists.
        rate: Requests a second of all callers together.
        most: So many answers are enough: what is measured beside them should not pay for more.
    """

    def __init__(self, clients: Sequence[httpx.Client], tenant: str, *, rate: float, most: int) -> None:
        self._stop = threading.Event()
        self._seconds: list[float] = []
        self._failed: list[str] = []
        self._paths = [path.format(tenant=tenant) for path in _ROUTES]
        self._every, self._most = len(clients) / rate, most
        offsets = [number / rate for number in range(len(clients))]
        self._threads = [threading.Thread(target=self._read, args=each) for each in zip(clients, offsets, strict=True)]

    @property
    def seconds(self) -> Sequence[float]:
        """How long each answer took.

        Raises:
            RuntimeError: there were answers other than the documents.
        """
        if self._failed:
            raise RuntimeError(f"{len(self._failed)} requests failed: {self._failed[:3]}")
        return self._seconds

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, client: httpx.Client, offset: float) -> None:
        due = time.perf_counter() + offset
        for path in itertools.cycle(self._paths):
            if self._stop.wait(max(0.0, due - time.perf_counter())) or len(self._seconds) >= self._most:
                return
            answer = client.get(path)
            self._seconds.append(time.perf_counter() - due)
            if answer.status_code != HTTPStatus.OK:
                self._failed.append(f"{path}: {answer.status_code} {answer.text[:200]}")
            due += self._every
