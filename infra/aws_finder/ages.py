"""When a resource was made, by AWS's clock: of types whose names are ours to choose, and may be in use already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from infra.aws_finder.lookup import Aws


def _bucket(aws: Aws, bucket: str) -> datetime:
    """Source: Amazon S3 API Reference, "ListBuckets"."""
    found = {each["Name"]: each["CreationDate"] for each in aws.items("s3", "list_buckets", "Buckets")}
    if bucket not in found:
        raise LookupError(f"the bucket {bucket} is not among those of the account")
    return found[bucket]


def _role(aws: Aws, role: str) -> datetime:
    return _only(aws, "iam", "get_role", RoleName=role)["Role"]["CreateDate"]


def _policy(aws: Aws, arn: str) -> datetime:
    return _only(aws, "iam", "get_policy", PolicyArn=arn)["Policy"]["CreateDate"]


def _key(aws: Aws, key: str) -> datetime:
    return _only(aws, "kms", "describe_key", KeyId=key)["KeyMetadata"]["CreationDate"]


def _only(aws: Aws, service: str, operation: str, **request: str) -> Mapping[str, Any]:
    found = list(aws.pages(service, operation, **request))
    if not found:
        raise LookupError(f"{', '.join(request.values())} is gone again")
    return found[0]


#: A type token to how a resource's age is read by its id.
TABLE: Mapping[str, Callable[[Aws, str], datetime]] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:iam/role:Role": _role,
    "aws:iam/policy:Policy": _policy,
    "aws:kms/key:Key": _key,
}
