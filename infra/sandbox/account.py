"""What the embedded cloud's account has before any stack: the roles of people and pipelines that specs name.

On AWS the account's owners make them. A policy that names a role which does not exist is refused there, and here too.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

ACCOUNT = "123456789012"
"""The account of the embedded cloud."""

_ROLE = re.compile(rf"arn:aws:iam::{ACCOUNT}:role(?P<path>/(?:.+/)?)(?P<name>[^/]+)")


def entry_role(arns: Iterable[str]) -> str | None:
    """The first of the principals that `ensure_roles` makes, by which the account's own key acts; None without any.

    Args:
        arns: The principals that must exist.
    """
    return next(_own_roles(arns), None)


def ensure_roles(iam: IAMClient, arns: Iterable[str]) -> None:
    """Makes the roles that are not there yet; ARNs of other accounts and of other principals are left alone.

    Args:
        iam: A client of the embedded cloud.
        arns: The principals that must exist.
    """
    owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    for arn in _own_roles(arns):
        found = cast("re.Match[str]", _ROLE.fullmatch(arn))
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(
                RoleName=found["name"],
                Path=found["path"],
                AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [owner]}),
                Description="Made with the account, not by a stack",
            )


def _own_roles(arns: Iterable[str]) -> Iterator[str]:
    return (arn for arn in arns if _ROLE.fullmatch(arn))
