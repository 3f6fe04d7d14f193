"""Calls of steps as a worker makes them, without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.gitops import etag
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.provisioning.failures import failed


def call_of(step: str, tenant: str, arguments: Mapping[str, Any], results: Mapping[str, Any] | None = None) -> StepCall:
    """A first attempt."""
    return StepCall(
        operation="01890000-0000-7000-8000-000000000001",
        tenant=tenant,
        step=step,
        attempt=1,
        arguments=arguments,
        results=results or {},
        progress=_nowhere,
    )


def change_of(former: bytes, content: bytes) -> dict[str, Any]:
    """The arguments of a change of a spec."""
    return {"former": former.decode(), "content": content.decode(), "expected": etag(former)}


def failure_of(error: Exception) -> StepFailed:
    """The failure that a worker is told of an error; it must be a known one."""
    found = failed(error)
    assert found is not None, error
    assert found.message
    assert found.remedy
    return found


def _nowhere(done: int, total: int) -> None:
    del done, total
