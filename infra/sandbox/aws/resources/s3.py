"""S3 buckets. Source: Pulumi registry, "aws.s3.Bucket"; Amazon S3 API Reference."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Read, Resource, Step
from infra.sandbox.aws.errors import ProviderError, code
from infra.sandbox.aws.shapes import tag_map
from infra.sandbox.aws.wire import UNKNOWN, Properties


def _bucket_name(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon S3 User Guide, "General purpose bucket naming rules"."""
    name = inputs.get("bucket", "")
    if name == UNKNOWN:
        return
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or ".." in name:
        yield "bucket", f"must be 3 to 63 characters of lower-case letters, digits, dots and hyphens; got {name!r}"
    elif name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(("-s3alias", "--ol-s3", "--x-s3")):
        yield "bucket", f"has a prefix or suffix that S3 keeps for itself; got {name!r}"
    elif _is_address(name):
        yield "bucket", f"must not look like an IP address; got {name!r}"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _create(action: Action) -> Mapping[str, Any]:
    request: dict[str, Any] = {"Bucket": action.props["bucket"]}
    if action.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": action.region}
    if action.props.get("objectLockEnabled"):
        request["ObjectLockEnabledForBucket"] = True
    return action.api("create_bucket", **request)


def _write_tags(action: Action) -> None:
    tags: dict[str, str] = action.props.get("tags") or {}
    if tags:
        tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
        action.api("put_bucket_tagging", Bucket=action.id, Tagging={"TagSet": tag_set})
    else:
        action.api("delete_bucket_tagging", Bucket=action.id)


def _complete(action: Action, _: Properties) -> Properties:
    try:
        tags = tag_map(action.api("get_bucket_tagging", Bucket=action.id)["TagSet"])
    except ClientError as error:
        if code(error) != "NoSuchTagSet":
            raise
        tags = {}
    try:
        lock: Properties = action.api("get_object_lock_configuration", Bucket=action.id)["ObjectLockConfiguration"]
    except ClientError as error:
        if code(error) != "ObjectLockConfigurationNotFoundError":
            raise
        lock = {}
    return {"tags": tags, "objectLockEnabled": lock.get("ObjectLockEnabled") == "Enabled"}


def _delete(action: Action) -> None:
    if action.props.get("forceDestroy"):
        _empty(action)
    action.api("delete_bucket", Bucket=action.id)


def _empty(action: Action) -> None:
    """Delete every version and delete marker; only with forceDestroy, as the official provider does."""
    pages = action.aws.client("s3", action.region).get_paginator("list_object_versions").paginate(Bucket=action.id)
    bypass: dict[str, Any] = {"BypassGovernanceRetention": True} if action.props.get("objectLockEnabled") else {}
    for page in pages:
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            answer = action.api(
                "delete_objects", Bucket=action.id, Delete={"Objects": objects, "Quiet": True}, **bypass
            )
            for error in answer.get("Errors", []):
                raise ProviderError(f"{error['Code']}: {error['Message']} (object {error['Key']} of {action.id})")


RESOURCES = (
    Resource(
        type="aws:s3/bucket:Bucket",
        service="s3",
        id="{bucket}",
        identity={"Bucket": "{bucket}"},
        create=_create,
        reads=(Read("head_bucket", names={"arn": "BucketArn"}),),
        updates=(Step(("tags",), _write_tags),),
        delete=_delete,
        missing=("NoSuchBucket", "404"),
        local=("forceDestroy",),
        replace=("objectLockEnabled",),
        autoname=Autoname("bucket", longest=63, lower=True),
        defaults={"forceDestroy": False},
        templates={
            "arn": "arn:{partition}:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.{suffix}",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
            "bucketRegion": "{region}",
            "bucketNamespace": "global",
        },
        complete=_complete,
        # Names are given or automatic here; the hosted zone of website endpoints is a constant that no API answers.
        absent=("bucketPrefix", "hostedZoneId"),
        rules=(_bucket_name,),
    ),
)
"""S3 entries of the table: the bucket itself."""
