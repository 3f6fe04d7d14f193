"""Flow logs: the name of the log group that a flow log was given by its ARN.

Source: Amazon EC2 API Reference, "CreateFlowLogs" (LogDestination) and "FlowLog" (LogGroupName).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.flow_logs import FlowLogsBackend

from infra.sandbox.moto_extensions.registry import wrap


def apply() -> None:
    """Changes moto."""
    wrap(FlowLogsBackend, "create_flow_logs", _create)


def _create(original: Callable[..., Any], backend: EC2Backend, **given: Any) -> Any:
    destination: str = given.get("log_destination") or ""
    if ":log-group:" in destination and not given.get("log_group_name"):
        given["log_group_name"] = destination.partition(":log-group:")[2].removesuffix(":*")
    return original(backend, **given)
