"""Our own estate as it was deployed: the platform, a tenant in a cell, one in a VPC of its own; and what breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, cast

from infra.proof.facts import Estate, Record, assemble, read_deployment
from tests.proof.recorded.exports import recorded

ACCOUNT = "123456789012"
STACKS = ("platform", "acme", "globex")
_CONFIG_ROLE = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
#: What the recorder's role has of AWS, by the actions that decide about what it sees of tenants.
#: Source: AWS Managed Policy Reference Guide, "AWS_ConfigRole".
MANAGED = {
    _CONFIG_ROLE: json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [
                        "s3:GetBucketAcl",
                        "s3:GetBucketPolicy",
                        "s3:GetEncryptionConfiguration",
                        "kms:DescribeKey",
                    ],
                    "Resource": "*",
                }
            ],
        }
    )
}

#: A change of a policy document.
Change = Callable[[dict[str, Any]], None]


@cache
def records() -> tuple[Record, ...]:
    """The resources of all stacks."""
    return tuple(one for name in STACKS for one in read_deployment(recorded()[name], name))


def estate_of(those: Iterable[Record]) -> Estate:
    """The estate that records make up."""
    return assemble(those, managed=MANAGED)


def with_policy(
    which: str, key: str, change: Change, *, token: str = "", those: tuple[Record, ...] | None = None
) -> tuple[Record, ...]:
    """All records, one document of one of them changed.

    Args:
        which: The record as ``STACK NAME``: ``acme buckets-data``.
        key: The property that holds the document.
        change: Changes the document in its place.
        token: Its type, where others have the same name.
        those: The records; those of our own estate where it is None.
    """

    def changed(properties: Mapping[str, Any]) -> Mapping[str, Any]:
        document = cast("dict[str, Any]", json.loads(properties[key]))
        change(document)
        return {**properties, key: json.dumps(document)}

    return with_properties(which, changed, token=token, those=those)


def with_properties(
    which: str,
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    token: str = "",
    those: tuple[Record, ...] | None = None,
) -> tuple[Record, ...]:
    """All records, one of them changed.

    Args:
        which: The record as ``STACK NAME``.
        change: Its new properties.
        token: Its type, where others have the same name.
        those: The records; those of our own estate where it is None.
    """
    every = records() if those is None else those
    (found,) = [one for one in every if is_record(one, which) and one.type.endswith(token)]
    return tuple(replace(one, properties=change(one.properties)) if one is found else one for one in every)


def is_record(record: Record, which: str) -> bool:
    """Whether a record is ``STACK NAME``."""
    stack, _, name = which.partition(" ")
    return record.source.urn.startswith(f"urn:pulumi:{stack}::") and record.source.urn.endswith(f"::{name}")
