"""STS: a role that does not exist cannot be assumed; moto lets everybody be anybody.

Source: AWS STS API Reference, "AssumeRole".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.exceptions import STSClientError
from moto.sts.models import AssumedRole, STSBackend

from infra.sandbox.moto_extensions.registry import wrap


class _AccessDenied(STSClientError):
    code = "AccessDenied"


def apply() -> None:
    """Changes moto."""
    wrap(STSBackend, "assume_role", _assume)


def _assume(original: Callable[..., AssumedRole], backend: STSBackend, **given: Any) -> AssumedRole:
    arn: str = given["role_arn"]
    account = arn.split(":")[4]
    if all(role.arn != arn for role in iam_backends[account]["aws"].roles.values()):
        caller = f"arn:aws:iam::{backend.account_id}:root"
        raise _AccessDenied(f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}")
    return original(backend, **given)
