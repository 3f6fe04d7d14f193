"""Whether a failed step is tried again, and when: decided by the error's class alone."""

from __future__ import annotations

from infra.jobs.model import ErrorClass, Failure, Step

#: What may pass by itself. The other classes need somebody to change something first.
RETRIED = frozenset({ErrorClass.TRANSIENT, ErrorClass.CONFLICT, ErrorClass.CAPACITY})

_LONGEST_PAUSE = 300.0


def pause_before_retry(step: Step, failure: Failure, attempt: int) -> float | None:
    """How long to wait before the next attempt, in seconds; None where there is none.

    Args:
        step: The step that failed.
        failure: How it failed.
        attempt: Which attempt it was, from 1.
    """
    if failure.error_class not in RETRIED or attempt >= step.attempts:
        return None
    return min(step.backoff * 2 ** (attempt - 1), _LONGEST_PAUSE)
