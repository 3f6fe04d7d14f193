"""A sound document of each kind of policy, and small changes to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.evaluator.kinds import PolicyKind

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bulkhead/dev/acme/serving"

_OBJECTS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
_OF_ROLE = {**_OBJECTS, "Principal": {"AWS": ROLE}}

#: Kind and service to a statement that AWS takes.
SOUND: Mapping[tuple[PolicyKind, str | None], Mapping[str, Any]] = {
    (PolicyKind.IDENTITY, None): _OBJECTS,
    (PolicyKind.BOUNDARY, None): _OBJECTS,
    (PolicyKind.SESSION, None): _OBJECTS,
    (PolicyKind.TRUST, None): {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    },
    (PolicyKind.RESOURCE, None): _OF_ROLE,
    (PolicyKind.RESOURCE, "s3"): _OF_ROLE,
    (PolicyKind.RESOURCE, "kms"): {**_OF_ROLE, "Action": "kms:*", "Resource": "*"},
    (PolicyKind.RESOURCE, "sns"): {**_OF_ROLE, "Action": "SNS:Publish", "Resource": "*"},
    (PolicyKind.RESOURCE, "sqs"): {**_OF_ROLE, "Action": "sqs:*", "Resource": "*"},
    (PolicyKind.RESOURCE, "ecr"): {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"},
    (PolicyKind.ENDPOINT, None): {**_OBJECTS, "Principal": "*"},
    (PolicyKind.SCP, None): {"Effect": "Allow", "Action": "*", "Resource": "*"},
    (PolicyKind.RCP, None): {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"},
}


def document(*statements: Mapping[str, Any], **outermost: Any) -> dict[str, Any]:
    """A document of statements; None removes an outermost element."""
    elements: dict[str, Any] = {"Version": "2012-10-17", "Statement": list(statements), **outermost}
    return {name: value for name, value in elements.items() if value is not None}


def changed(kind: PolicyKind, service: str | None = None, **changes: Any) -> dict[str, Any]:
    """The sound document of a kind with elements of its statement changed; ``...`` removes one."""
    statement = {**SOUND[kind, service], **changes}
    return document({name: value for name, value in statement.items() if value is not ...})
