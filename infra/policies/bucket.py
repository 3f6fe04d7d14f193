"""The policy of a tenant's bucket: denials only, so that no identity policy of the account opens it to anybody else.

Who may do what is said by the roles' own policies. This one holds, whatever those say:

- Nobody but the tenant's roles, and of the platform the provisioning and the Config role, which see no content. Where
  pull requests are previewed, their role too, of the models bucket alone.
- Training and serving come through the tenant's VPC endpoint: their code runs in the tenant's subnets. SageMaker's
  documentation says that in a VPC with network isolation "the download and upload of customer data and model artifacts
  are routed through your VPC subnet". One exception: SageMaker itself reads a model's artifact when the model is made,
  before there is an instance in the subnet, with the serving role. So serving may read the models bucket from outside;
  its credentials never leave SageMaker, as only SageMaker can assume it and isolated containers get none.
- Data scientists and the CI come from outside of the VPC, and are bound by role and TLS. So do smoke tests, where the
  platform has them: their role is held to its own prefix of the models bucket, and it alone deletes versions, of that.
- Every object is encrypted by the tenant's key. A request that says nothing gets it by default. Such a request has no
  encryption key to compare, and a negated operator, with or without ``IfExists``, is true then: each denial says with
  ``Null`` that there is a header.

Sources: SageMaker AI Developer Guide, "Run Training and Inference Containers in Internet-Free Mode", "Give SageMaker AI
Hosted Endpoints Access to Resources in Your Amazon VPC"; IAM User Guide, "IAM JSON policy elements: Condition
operators"; Amazon S3 User Guide, "Bucket policy examples using condition keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from infra import naming
from infra.naming import TenantBucketKind, TenantRoleKind
from infra.policies.document import ANYONE, Conditions, PolicyDocument, Statement
from infra.policies.principals import role_arns
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: The most characters of a bucket's policy.
MAX_SIZE = 20_480

#: Who must come through the tenant's endpoint, by bucket.
WORKLOADS: Final[Mapping[TenantBucketKind, tuple[TenantRoleKind, ...]]] = {
    "data": ("training", "serving"),
    "models": ("training",),
    "capture": ("training", "serving"),
}

#: What shows or changes an object. The platform's roles are denied it.
_OBJECTS = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject*",
    "s3:GetObject*",
    "s3:ListMultipartUploadParts",
    "s3:PutObject*",
    "s3:ReplicateObject",
    "s3:RestoreObject",
)
#: The same without an object's metadata, which the provisioning role reads to know what it deploys: a model's digest.
#: The content is not to be had by it, as the key is not.
_OBJECTS_BUT_METADATA = (
    *(action for action in _OBJECTS if action != "s3:GetObject*"),
    "s3:GetObjectAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersion*",
)

_CONFIGURATION = (
    "s3:DeleteBucket*",
    "s3:PutAccelerateConfiguration",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:PutReplicationConfiguration",
)


def tenant_bucket(
    platform: PlatformSpec, tenant: TenantSpec, kind: TenantBucketKind, *, key_arn: str, s3_endpoint_ids: Sequence[str]
) -> PolicyDocument:
    """The policy of one of a tenant's buckets.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        kind: Which bucket.
        key_arn: The ARN of the tenant's key.
        s3_endpoint_ids: The S3 gateway endpoints (``vpce-...``) of the tenant's networks: one, and two in the middle of
            a move from one to the other.
    """
    bucket = naming.bucket_arn(naming.bucket(platform, tenant, kind))
    verification = role_arns(platform, tenant, "verification") if kind == "models" else ()
    return PolicyDocument(
        (
            *encrypted_transport(bucket),
            *_principals(platform, tenant, kind, bucket),
            _endpoint(platform, tenant, kind, bucket, s3_endpoint_ids),
            *encryption(bucket, key_arn),
            _versions(bucket, verification),
            *_verification(platform, tenant, verification),
        )
    )


def _versions(bucket: str, verification: Sequence[str]) -> Statement:
    """Nobody deletes a version, but `verification` (ARNs of roles, or none) those of smoke tests."""
    but: Conditions = {"ArnNotEquals": {"aws:PrincipalArn": tuple(verification)}} if verification else {}
    return _deny("VersionsGoByLifecycleOnly", ("s3:DeleteObjectVersion",), (f"{bucket}/*",), but)


def _verification(platform: PlatformSpec, tenant: TenantSpec, verification: Sequence[str]) -> Iterator[Statement]:
    if verification:
        yield Statement(
            sid="VerificationInItsPlaceOnly",
            effect="Deny",
            principal=ANYONE,
            actions=("s3:*",),
            not_resources=(naming.verification_objects_arn(platform, tenant),),
            conditions={"ArnEquals": {"aws:PrincipalArn": tuple(verification)}},
        )


def encrypted_transport(bucket: str) -> Iterator[Statement]:
    """Deny whatever comes without TLS 1.2; `bucket` is the bucket's ARN."""
    everything = (bucket, f"{bucket}/*")
    yield _deny("EncryptedTransportOnly", ("s3:*",), everything, {"Bool": {"aws:SecureTransport": "false"}})
    yield _deny("Tls12OrNewer", ("s3:*",), everything, {"NumericLessThan": {"s3:TlsVersion": "1.2"}})


def encryption(bucket: str, key_arn: str) -> Iterator[Statement]:
    """Deny writes that ask for another encryption than by `key_arn`; `bucket` is the bucket's ARN."""
    header = "s3:x-amz-server-side-encryption"
    for sid, key, wanted in (
        ("KmsOnly", header, "aws:kms"),
        ("OwnKeyOnly", f"{header}-aws-kms-key-id", key_arn),
    ):
        other: Conditions = {"StringNotEquals": {key: wanted}, "Null": {key: "false"}}
        yield _deny(sid, ("s3:PutObject",), (f"{bucket}/*",), other)
    by_customer: Conditions = {"Null": {f"{header}-customer-algorithm": "false"}}
    yield _deny("NoKeysFromTheCaller", ("s3:PutObject",), (f"{bucket}/*",), by_customer)


def _principals(platform: PlatformSpec, tenant: TenantSpec, kind: TenantBucketKind, bucket: str) -> Iterator[Statement]:
    objects = (f"{bucket}/*",)
    provisioning = naming.platform_role_arn(platform, "provisioning")
    config = naming.platform_role_arn(platform, "config")
    preview = (naming.platform_role_arn(platform, "preview"),) if platform.preview and kind == "models" else ()
    of_the_tenant = role_arns(platform, tenant, "training", "serving", "data-scientist", "deploy")
    of_the_tenant += role_arns(platform, tenant, "verification") if kind == "models" else ()
    yield _deny(
        "NobodyElse",
        ("s3:*",),
        (bucket, *objects),
        {"ArnNotEquals": {"aws:PrincipalArn": (*of_the_tenant, provisioning, config, *preview)}},
    )
    seen = _OBJECTS_BUT_METADATA if kind == "models" else _OBJECTS
    yield _deny("ProvisioningSeesNoContent", seen, objects, {"ArnEquals": {"aws:PrincipalArn": provisioning}})
    if preview:
        yield _deny(
            "PreviewSeesNoContent", _OBJECTS_BUT_METADATA, objects, {"ArnEquals": {"aws:PrincipalArn": preview}}
        )
    yield _deny("ConfigSeesNoObjects", _OBJECTS, objects, {"ArnEquals": {"aws:PrincipalArn": config}})
    yield _deny(
        "OnlyProvisioningConfigures",
        _CONFIGURATION,
        (bucket,),
        {"ArnNotEquals": {"aws:PrincipalArn": provisioning}},
    )


def _endpoint(
    platform: PlatformSpec, tenant: TenantSpec, kind: TenantBucketKind, bucket: str, s3_endpoint_ids: Sequence[str]
) -> Statement:
    return _deny(
        "WorkloadsThroughOwnEndpoint",
        ("s3:*",),
        (bucket, f"{bucket}/*"),
        {
            "ArnEquals": {"aws:PrincipalArn": role_arns(platform, tenant, *WORKLOADS[kind])},
            # Without an endpoint the key is missing, for which the negated operator is true: denied.
            "StringNotEquals": {"aws:SourceVpce": tuple(s3_endpoint_ids)},
            "BoolIfExists": {"aws:ViaAWSService": "false"},
        },
    )


def _deny(sid: str, denied: tuple[str, ...], resources: tuple[str, ...], conditions: Conditions) -> Statement:
    return Statement(
        sid=sid, effect="Deny", principal=ANYONE, actions=denied, resources=resources, conditions=conditions
    )
