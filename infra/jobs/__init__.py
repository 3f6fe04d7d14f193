"""Durable execution of long-running operations: one a tenant at a time, in fair order, through kills and restarts.

`Tickets` is the side of whoever orders an operation; `Worker` runs them. Knows no tenant stacks, no engine runs and no
cloud: the steps of a kind of operation are given to the worker as names of functions.
"""

from infra.jobs.database import open_database
from infra.jobs.model import (
    Cancelled,
    ErrorClass,
    Failure,
    OperationRecord,
    OperationRequest,
    OperationStatus,
    Step,
    StepFailed,
)
from infra.jobs.settings import JobSettings
from infra.jobs.tickets import Tickets
from infra.jobs.worker import Worker

__all__ = [
    "Cancelled",
    "ErrorClass",
    "Failure",
    "JobSettings",
    "OperationRecord",
    "OperationRequest",
    "OperationStatus",
    "Step",
    "StepFailed",
    "Tickets",
    "Worker",
    "open_database",
]
