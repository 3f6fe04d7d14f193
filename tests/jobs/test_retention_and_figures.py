"""What is forgotten of jobs and when, and the figures that stay."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from infra.api.job_metrics import JobMetrics
from infra.errors import UserError
from infra.jobs import JobFailure, JobSettings, JobStatus, figures
from infra.jobs.model import JobMissing
from infra.jobs.retention import forget
from infra.lifecycle.failures import FailureClass
from infra.store import idempotency
from infra.store.database import sqlite_url, transaction
from infra.store.idempotency import KEPT
from tests.jobs.job_bench import Bench, wait_for

KEEP = timedelta(days=30)


def _end(bench: Bench, name: str, status: JobStatus, failure: JobFailure | None = None) -> None:
    bench.tickets.enqueue(bench.request(name, tenant=name))
    bench.tickets.admit(99)
    bench.tickets.finish(name, status, failure)


def test_jobs_that_ended_long_ago_are_forgotten_with_what_was_recorded(bench: Bench) -> None:
    _end(bench, "old", JobStatus.SUCCEEDED)
    bench.tickets.enqueue(bench.request("open", tenant="other"))
    deleted: list[str] = []

    def delete(names: Sequence[str]) -> None:
        assert bench.tickets.get("old"), "its ticket is there until what was recorded of it is gone"
        deleted.extend(names)

    now = datetime.now(UTC)
    forget(bench.database, KEEP, now + KEEP - timedelta(minutes=10), delete)
    assert deleted == []
    with transaction(bench.database) as connection:
        idempotency.begin(connection, "ann", "key", "digest", now)
    forget(bench.database, KEEP, now + KEEP, delete)
    assert deleted == ["old.0"]
    with pytest.raises(JobMissing):
        bench.tickets.get("old")
    assert bench.tickets.get("open").status is JobStatus.WAITING
    with transaction(bench.database) as connection:
        assert idempotency.forget_expired(connection, now + KEEP) == 0, "expired keys are forgotten as well"


def test_figures_stay_when_jobs_are_forgotten(bench: Bench) -> None:
    _end(bench, "good", JobStatus.SUCCEEDED)
    _end(bench, "bad", JobStatus.FAILED, JobFailure(FailureClass.QUOTA, "too many", "ask for more"))
    bench.tickets.enqueue(bench.request("waits", tenant="w"))
    bench.tickets.enqueue(bench.request("cancelled", tenant="c"))
    bench.tickets.cancel("cancelled")
    with transaction(bench.database) as connection:
        for seconds in (0.5, 4.0, 4000.0):
            figures.count_attempt(connection, "onboard", "apply", seconds)
    forget(bench.database, KEEP, datetime.now(UTC) + 2 * KEEP, lambda _: None)
    registry = CollectorRegistry()
    registry.register(JobMetrics(bench.database))
    shown = generate_latest(registry).decode().splitlines()
    for line in (
        'bulkhead_jobs{doing="waiting",kind="onboard"} 1.0',
        'bulkhead_jobs_ended_total{failure_class="",kind="onboard",status="succeeded"} 1.0',
        'bulkhead_jobs_ended_total{failure_class="quota",kind="onboard",status="failed"} 1.0',
        'bulkhead_jobs_ended_total{failure_class="",kind="onboard",status="cancelled"} 1.0',
        'bulkhead_job_step_duration_seconds_bucket{kind="onboard",le="2.5",step="apply"} 1.0',
        'bulkhead_job_step_duration_seconds_bucket{kind="onboard",le="5.0",step="apply"} 2.0',
        'bulkhead_job_step_duration_seconds_bucket{kind="onboard",le="+Inf",step="apply"} 3.0',
        'bulkhead_job_step_duration_seconds_sum{kind="onboard",step="apply"} 4004.5',
    ):
        assert line in shown


def test_a_worker_forgets_by_itself(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.settings = dataclasses.replace(bench.settings, tidy_seconds=0.2)
    _end(bench, "old", JobStatus.SUCCEEDED)
    bench.age("old", KEEP)
    bench.tickets.enqueue(bench.request("new", tenant="new", kind="short"))
    bench.start_worker()
    bench.wait_until_ended("new")
    wait_for(lambda: [record.request.id for record in bench.tickets.list()] == ["new"], "the old job to be forgotten")


def test_jobs_are_kept_as_long_as_a_request_may_be_repeated(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="jobs are kept for 6 days"):
        JobSettings(tmp_path, sqlite_url(tmp_path / "s.sqlite"), keep=KEPT - timedelta(days=1))
