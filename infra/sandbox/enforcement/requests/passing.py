"""Roles that a call hands to a service: each needs ``iam:PassRole`` for that service.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service", "IAM and AWS STS condition context
keys" (``iam:PassedToService``, ``iam:AssociatedResourceArn``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from infra.evaluator.catalogue import AccessLevel
from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.context import needed
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call, Needed
from infra.sandbox.enforcement.requests.plans import Target

#: Service of the call -> service principal that gets the role. KMS, STS and IAM name roles and pass none.
_RECEIVERS: Final[Mapping[str, str]] = {
    "application-autoscaling": "application-autoscaling.amazonaws.com",
    "budgets": "budgets.amazonaws.com",
    "cloudtrail": "cloudtrail.amazonaws.com",
    "cloudwatch": "streams.metrics.cloudwatch.amazonaws.com",
    "config": "config.amazonaws.com",
    "ec2": "ec2.amazonaws.com",
    "ecr": "ecr.amazonaws.com",
    "events": "events.amazonaws.com",
    "guardduty": "malware-protection-plan.guardduty.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "logs": "logs.amazonaws.com",
    "s3": "s3.amazonaws.com",
    "s3control": "batchoperations.s3.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "secretsmanager": "secretsmanager.amazonaws.com",
    "sns": "sns.amazonaws.com",
}
_OF_OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("ec2", "CreateFlowLogs"): "vpc-flow-logs.amazonaws.com",
    ("ec2", "ImportSnapshot"): "vmie.amazonaws.com",
    ("ec2", "ImportImage"): "vmie.amazonaws.com",
}
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
_PARAMETER = re.compile(r"role|permissionarn$", re.IGNORECASE)


def beside(call: Call, found: Sequence[Target]) -> Iterator[Needed]:
    """The roles that a call passes.

    Args:
        call: The call.
        found: Its own actions and resources.
    """
    service = call.operation.service
    receiver = _OF_OPERATIONS.get((service, call.operation.name)) or _RECEIVERS.get(service)
    if receiver is None or all(one.action.access_level in (AccessLevel.READ, AccessLevel.LIST) for one in found):
        return
    own: dict[str, Value] = {"iam:PassedToService": receiver}
    resource = found[0].resource
    if "*" not in resource:
        own["iam:AssociatedResourceArn"] = resource
    for role in dict.fromkeys(_roles(call.operation.parameters)):
        yield needed(call, target("iam:PassRole", role, "role"), own)


def _roles(value: object, *, named: bool = False) -> Iterator[str]:
    """The ARNs of roles in parameters whose names say that they hold a role."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            yield from _roles(inner, named=named or _PARAMETER.search(name) is not None)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _roles(inner, named=named)
    elif named and isinstance(value, str) and _ROLE.fullmatch(value):
        yield value
