"""S3 buckets and what is set on them, and access points.

Sources: Amazon S3 API Reference, the pages of the operations; Service Authorization Reference, "Amazon S3" (the actions
are called otherwise than the operations).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from infra.live.entry import Found, Item, Kind, Part, camel, given, tags_part

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ACL = "aws:s3/bucketAcl:BucketAcl"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
_FLAGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _bucket(item: Item) -> Iterator[Found]:
    yield Found(BUCKET, item["Name"], {"arn": f"arn:aws:s3:::{item['Name']}", "bucket": item["Name"]})


def _setting(operation: str, action: str, token: str, read: Callable[[Item], Mapping[str, Any]]) -> Part:
    """What is set on a bucket, as the resource that the provider makes of it; none where nothing is set."""

    def found(bucket: Item, answer: Item) -> Iterator[Found]:
        properties = given(read(answer))
        if properties:
            yield Found(token, bucket["Name"], {"bucket": bucket["Name"], **properties})

    return Part(operation=operation, request={"Bucket": "{Name}"}, action=action, found=found, token=token)


def _rules(answer: Item) -> dict[str, Any]:
    listed: list[Item] = answer["ServerSideEncryptionConfiguration"].get("Rules") or []
    return {"rules": [_rule(rule) for rule in listed]}


def _rule(rule: Item) -> dict[str, Any]:
    default: Item = rule.get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = {"sseAlgorithm": default.get("SSEAlgorithm"), "kmsMasterKeyId": default.get("KMSMasterKeyID")}
    return given(
        {"applyServerSideEncryptionByDefault": given(algorithm), "bucketKeyEnabled": rule.get("BucketKeyEnabled")}
    )


def _ownership(answer: Item) -> dict[str, Any]:
    rules: list[Item] = answer["OwnershipControls"].get("Rules") or []
    return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}} if rules else {}


def _versioning(answer: Item) -> dict[str, Any]:
    return {"versioningConfiguration": {"status": answer["Status"]}} if answer.get("Status") else {}


def _acl(answer: Item) -> dict[str, Any]:
    """Grants to others than the bucket's owner; the owner's own is what every bucket has."""
    owner = cast("Mapping[str, str]", answer.get("Owner") or {}).get("ID")
    listed = cast("list[Mapping[str, Any]]", answer.get("Grants") or [])
    grants = [
        {
            "grantee": given({"id": grant["Grantee"].get("ID"), "uri": grant["Grantee"].get("URI")}),
            "permission": grant["Permission"],
        }
        for grant in listed
        if grant["Grantee"].get("ID") != owner
    ]
    return {"accessControlPolicy": {"grants": grants}} if grants else {}


def _access_point(item: Item) -> Iterator[Found]:
    properties = {"arn": item["AccessPointArn"], "name": item["Name"], "bucket": item["Bucket"]}
    yield Found(ACCESS_POINT, item["AccessPointArn"], properties)


KINDS = (
    Kind(
        token=BUCKET,
        service="s3",
        lists="list_buckets",
        at="Buckets",
        action="s3:ListAllMyBuckets",
        made=_bucket,
        parts=(
            tags_part("s3:GetBucketTagging", "get_bucket_tagging", {"Bucket": "{Name}"}, at="TagSet"),
            _setting(
                "get_bucket_policy",
                "s3:GetBucketPolicy",
                BUCKET_POLICY,
                lambda answer: {"policy": answer["Policy"]},
            ),
            _setting(
                "get_public_access_block",
                "s3:GetBucketPublicAccessBlock",
                PUBLIC_ACCESS,
                lambda answer: camel(answer["PublicAccessBlockConfiguration"], _FLAGS),
            ),
            _setting("get_bucket_encryption", "s3:GetEncryptionConfiguration", ENCRYPTION, _rules),
            _setting("get_bucket_ownership_controls", "s3:GetBucketOwnershipControls", OWNERSHIP, _ownership),
            _setting("get_bucket_versioning", "s3:GetBucketVersioning", VERSIONING, _versioning),
            _setting("get_bucket_acl", "s3:GetBucketAcl", ACL, _acl),
        ),
    ),
    Kind(
        token=ACCESS_POINT,
        service="s3control",
        lists="list_access_points",
        parameters={"AccountId": "{account}"},
        at="AccessPointList",
        action="s3:ListAccessPoints",
        made=_access_point,
        parts=(
            Part(
                operation="get_access_point_policy",
                request={"AccountId": "{account}", "Name": "{Name}"},
                action="s3:GetAccessPointPolicy",
                take=lambda answer: {"policy": answer["Policy"]},
                gives=("policy",),
            ),
        ),
    ),
)
