"""The figures of the jobs for Prometheus, read from the database when they are asked for: those of all workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from typing_extensions import override

from infra.jobs import figures
from infra.store.database import reading


class JobMetrics(Collector):
    """The figures of the jobs of one database.

    Args:
        store: The database.
        now: Tells the time.
    """

    def __init__(self, store: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now

    @override
    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        with reading(self._store) as connection:
            found = figures.read(connection, self._now())
        present = GaugeMetricFamily("bulkhead_jobs", "Operations that are not over.", labels=["kind", "doing"])
        for (kind, doing), count in found.present.items():
            present.add_metric([kind, doing], count)
        labels = ["kind", "status", "failure_class"]
        ended = CounterMetricFamily("bulkhead_jobs_ended", "Operations that are over.", labels=labels)
        for key, count in found.ended.items():
            ended.add_metric(list(key), count)
        steps = HistogramMetricFamily(
            "bulkhead_job_step_duration_seconds", "How long attempts at steps took.", labels=["kind", "step"]
        )
        bounds = [*map(str, figures.BUCKETS), "+Inf"]
        for key, times in found.steps.items():
            steps.add_metric(list(key), list(zip(bounds, times.buckets, strict=True)), times.seconds)
        yield from (present, ended, steps)

    def describe(self) -> Iterator[Metric]:
        """Nothing: names are known without asking the database."""
        return iter(())
