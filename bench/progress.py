"""What a long run has cost at any time of it: samples of CPU, and the times at which its parts ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from bench.measure import Cost, cpu_below

_EVERY_SECONDS = 0.5


class Meter:
    """Samples, as long as the block lasts, what everything below this process has cost.

    Attributes:
        samples: When (seconds since 1970), and CPU-seconds until then.
    """

    def __init__(self) -> None:
        self.samples: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def sample(self) -> None:
        """Take one now."""
        self.samples.append((time.time(), cpu_below()))

    def __enter__(self) -> Self:
        self.sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            self.sample()


@dataclass(frozen=True, kw_only=True)
class Course:
    """How many like parts, some of them at a time, were done.

    Args:
        total: What all cost.
        ended: When each ended, in order.
        samples: When, and CPU-seconds until then.
    """

    total: Cost
    ended: Sequence[float]
    samples: Sequence[tuple[float, float]]

    def ends(self) -> tuple[Cost, Cost]:
        """What one part cost among the first fifth of all, and among the last.

        The very first and last tenth count for neither: then fewer are at work at a time, and some are begun already.
        """
        count = len(self.ended)
        edge, size = count // 10, max(1, count // 5)
        return self._between(edge, edge + size), self._between(count - 1 - edge - size, count - 1 - edge)

    def _between(self, first: int, last: int) -> Cost:
        times = [self.ended[first], self.ended[last]]
        worked = np.interp(times, [when for when, _ in self.samples], [cpu for _, cpu in self.samples])
        parts = last - first
        return Cost(wall=(times[1] - times[0]) / parts, cpu=float(worked[1] - worked[0]) / parts)
