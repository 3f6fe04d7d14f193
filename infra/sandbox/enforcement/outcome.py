"""Everything that is known of a request when it is passed on or answered."""

from __future__ import annotations

from dataclasses import dataclass

from infra.sandbox.enforcement.callers import Identified
from infra.sandbox.enforcement.deciding import Check
from infra.sandbox.enforcement.deployed.endpoints import EndpointRoute
from infra.sandbox.enforcement.requests.operation import Operation
from infra.sandbox.error_shapes import AwsError


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is known of a request when it is passed on or answered.

    Args:
        identified: Who made it; None where the credentials were refused.
        operation: What it calls; None where it could not be read.
        route: The VPC endpoint that it came through.
        checks: What it needs, and the decisions.
        unmapped: Why it is not known what it needs, if it is not.
        error: What it is answered with; None if it is passed on.
    """

    identified: Identified | None = None
    operation: Operation | None = None
    route: EndpointRoute | None = None
    checks: tuple[Check, ...] = ()
    unmapped: str | None = None
    error: AwsError | None = None
