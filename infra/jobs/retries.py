"""Whether a failed step is tried again, and when: decided by the failure's class alone."""

from __future__ import annotations

from infra.jobs.model import JobFailure, JobStep
from infra.lifecycle.failures import RETRIED

_LONGEST_PAUSE = 300.0


def pause_before_retry(step: JobStep, failure: JobFailure, attempt: int) -> float | None:
    """How long to wait before the next attempt, in seconds; None where there is none.

    Args:
        step: The step that failed.
        failure: How it failed.
        attempt: Which attempt it was, from 1.
    """
    if failure.failure_class not in RETRIED or attempt >= step.attempts:
        return None
    return min(step.backoff * 2 ** (attempt - 1), _LONGEST_PAUSE)
