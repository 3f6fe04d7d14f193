"""The buckets that AWS services write the platform's records into, and the role by which AWS Config records.

Only the services write, nobody deletes, and no role of the blueprint reads: neither a tenant's nor the one that
provisions tenants.

Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"; AWS Config Developer Guide, "Permissions for
the Amazon S3 Bucket for the AWS Config Delivery Channel", "Permissions for the IAM Role Assigned to AWS Config"; Amazon
S3 User Guide, "Enabling Amazon S3 server access logging".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.naming import PlatformBucketKind
from infra.policies.bucket import encrypted_transport, encryption
from infra.policies.document import ANYONE, Conditions, PolicyDocument, Principal, Statement
from infra.policies.trust import service_trust
from infra.spec.platform import PlatformSpec
from infra.tags import TENANT_TAG

#: What a service that delivers into a bucket must give up: the object is the bucket owner's.
_OWNER_HAS_IT = {"s3:x-amz-acl": "bucket-owner-full-control"}

#: AWS's own policy for the recorder's role: it describes resources of every service, and reads no data.
CONFIG_MANAGED_POLICY = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"


def audit_bucket(platform: PlatformSpec, *, key_arn: str) -> PolicyDocument:
    """The trail's bucket: CloudTrail writes for this trail only.

    Args:
        platform: The platform's spec.
        key_arn: The ARN of the platform's key.
    """
    bucket = _arn(platform, "audit")
    trail = Principal(service=("cloudtrail.amazonaws.com",))
    of_the_trail = {"aws:SourceArn": naming.trail_arn(platform)}
    return PolicyDocument(
        (
            *encrypted_transport(bucket),
            Statement(
                sid="TrailChecksTheBucket",
                principal=trail,
                actions=("s3:GetBucketAcl",),
                resources=(bucket,),
                conditions={"StringEquals": of_the_trail},
            ),
            Statement(
                sid="TrailWrites",
                principal=trail,
                actions=("s3:PutObject",),
                resources=(f"{bucket}/AWSLogs/{platform.account}/*",),
                conditions={"StringEquals": {**of_the_trail, **_OWNER_HAS_IT}},
            ),
            *encryption(bucket, key_arn),
            *_kept(platform, bucket),
        )
    )


def config_bucket(platform: PlatformSpec, *, key_arn: str) -> PolicyDocument:
    """The bucket of AWS Config, which writes as its role, and as the service where the role is not let in.

    Args:
        platform: The platform's spec.
        key_arn: The ARN of the platform's key.
    """
    bucket = _arn(platform, "config")
    config = Principal(service=("config.amazonaws.com",))
    own_account = {"aws:SourceAccount": platform.account}
    return PolicyDocument(
        (
            *encrypted_transport(bucket),
            Statement(
                sid="ConfigChecksTheBucket",
                principal=config,
                actions=("s3:GetBucketAcl", "s3:ListBucket"),
                resources=(bucket,),
                conditions={"StringEquals": own_account},
            ),
            Statement(
                sid="ConfigWrites",
                principal=config,
                actions=("s3:PutObject",),
                resources=(_config_objects(platform, bucket),),
                conditions={"StringEquals": {**own_account, **_OWNER_HAS_IT}},
            ),
            *encryption(bucket, key_arn),
            *_kept(platform, bucket),
        )
    )


def access_logs_bucket(platform: PlatformSpec) -> PolicyDocument:
    """The bucket of the access logs of the stage's buckets. S3 delivers only into buckets under S3's own keys."""
    bucket = _arn(platform, "access-logs")
    return PolicyDocument(
        (
            Statement(
                sid="LogsOfOurBuckets",
                principal=Principal(service=("logging.s3.amazonaws.com",)),
                actions=("s3:PutObject",),
                resources=(f"{bucket}/*",),
                conditions={
                    "StringEquals": {"aws:SourceAccount": platform.account},
                    "ArnLike": {"aws:SourceArn": naming.bucket_arn(f"bh-{platform.stage}-*")},
                },
            ),
            *encrypted_transport(bucket),
            *_kept(platform, bucket),
        )
    )


def config_trust(platform: PlatformSpec) -> PolicyDocument:
    """AWS Config assumes its role for this account."""
    return PolicyDocument((service_trust("ConfigRecords", "config.amazonaws.com", platform.account),))


def config_delivery(platform: PlatformSpec) -> PolicyDocument:
    """What the recorder's role needs besides AWS's own policy: to deliver, encrypted by the platform's key."""
    bucket = _arn(platform, "config")
    return PolicyDocument(
        (
            Statement(sid="CheckTheBucket", actions=("s3:GetBucketAcl", "s3:ListBucket"), resources=(bucket,)),
            Statement(
                sid="Deliver",
                actions=("s3:PutObject",),
                resources=(_config_objects(platform, bucket),),
                conditions={"StringEquals": _OWNER_HAS_IT},
            ),
            Statement(
                sid="EncryptWithThePlatformKey",
                actions=("kms:Decrypt", "kms:GenerateDataKey"),
                resources=(naming.any_key_arn(platform),),
                conditions={"StringEquals": {f"aws:ResourceTag/{TENANT_TAG}": naming.PLATFORM}},
            ),
        )
    )


def _kept(platform: PlatformSpec, bucket: str) -> Iterator[Statement]:
    """Nobody deletes a record, and no role of the blueprint touches the bucket, but Config to deliver and to look."""
    everything = (bucket, f"{bucket}/*")
    ours: Conditions = {
        "ArnLike": {"aws:PrincipalArn": naming.any_role_arn(platform)},
        "ArnNotEquals": {"aws:PrincipalArn": naming.platform_role_arn(platform, "config")},
    }
    yield Statement(
        sid="NoRoleOfTheBlueprint",
        effect="Deny",
        principal=ANYONE,
        actions=("s3:*",),
        resources=everything,
        conditions=ours,
    )
    yield Statement(
        sid="RecordsStay",
        effect="Deny",
        principal=ANYONE,
        actions=("s3:DeleteObject", "s3:DeleteObjectVersion"),
        resources=(f"{bucket}/*",),
    )


def _arn(platform: PlatformSpec, kind: PlatformBucketKind) -> str:
    return naming.bucket_arn(naming.platform_bucket(platform, kind))


def _config_objects(platform: PlatformSpec, bucket: str) -> str:
    return f"{bucket}/AWSLogs/{platform.account}/Config/*"
