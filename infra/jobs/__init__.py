"""Durable execution of long-running jobs: one a tenant at a time, in fair order, through kills and restarts.

`infra.jobs.tickets` is the side of whoever asks for a job; `Worker` runs them, and tells an `Observer`. Knows no tenant
stacks, no engine runs and no cloud: the steps of a kind of job are given to the worker as names of functions.
"""

from infra.jobs.model import JobFailure, JobPlan, JobRecord, JobRequest, JobStatus, JobStep, StepFailed
from infra.jobs.observer import JobEnd, Observer
from infra.jobs.processes.call import StepCall
from infra.jobs.settings import JobSettings
from infra.jobs.worker import Worker

__all__ = [
    "JobEnd",
    "JobFailure",
    "JobPlan",
    "JobRecord",
    "JobRequest",
    "JobSettings",
    "JobStatus",
    "JobStep",
    "Observer",
    "StepCall",
    "StepFailed",
    "Worker",
]
