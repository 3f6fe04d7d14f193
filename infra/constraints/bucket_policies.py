"""Statements of bucket policies that AWS takes and that then stop the wrong writers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import conditions, documents, strings
from infra.constraints.rule import Finding, Rule

_POLICY = frozenset({"aws:s3/bucketPolicy:BucketPolicy"})
_HEADERS = frozenset(
    {
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-server-side-encryption-customer-algorithm",
    }
)
#: Operators that are true when the header is not sent at all.
_TRUE_WHEN_ABSENT = frozenset(
    {"StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"}
)


def _encryption_header(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, statement in document.statements():
            if statement.get("Effect") != "Deny":
                continue
            given = _headers_that_must_be_sent(statement)
            for operator, key, _ in conditions(statement):
                if key in _HEADERS and operator in _TRUE_WHEN_ABSENT and key not in given:
                    message = (
                        f"{operator} on {key} is true without the header: writers that rely on the bucket's default"
                    )
                    yield Finding(property=path, message=f"{message} are denied", remedy=f"write {operator}IfExists")


def _headers_that_must_be_sent(statement: Mapping[str, Any]) -> set[str]:
    return {key for operator, key, values in conditions(statement) if operator == "Null" and values == ["false"]}


def _bucket_and_objects(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, statement in document.statements():
            resources = strings(statement.get("Resource"))
            actions = {action.lower() for action in strings(statement.get("Action"))}
            if not resources or "*" in resources or statement.get("Effect") != "Deny" or "s3:*" not in actions:
                continue
            if all("/" in arn for arn in resources) or all("/" not in arn for arn in resources):
                message = "the bucket's ARN is not its objects': a Deny of s3:* that names one spares the other"
                yield Finding(property=path, message=message)


RULES = (
    Rule(
        id="s3-encryption-header",
        title="A Deny on an encryption header spares the writers that send none.",
        types=_POLICY,
        source="Amazon S3 User Guide, Using server-side encryption with AWS KMS keys (SSE-KMS)",
        remedy="use the IfExists form, and let the bucket's default encrypt",
        check=_encryption_header,
    ),
    Rule(
        id="s3-bucket-and-objects",
        title="A Deny of every action names the bucket and its objects.",
        types=_POLICY,
        source="Amazon S3 User Guide, Policy resources for Amazon S3",
        remedy="name both arn:aws:s3:::bucket and arn:aws:s3:::bucket/*",
        check=_bucket_and_objects,
    ),
)
