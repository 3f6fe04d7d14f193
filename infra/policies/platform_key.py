"""The policy of the platform's key: the audit trail, the record of configurations, the platform's logs and topic.

The account administers it by its identity policies, as whoever brings up the platform does so before any role of the
platform exists; no role of the blueprint administers it, whatever its policies say. Nobody uses it but the services
that write under it, and the account's auditors who read what was written.

Sources: CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail"; AWS Config Developer Guide,
"Permissions for the KMS Key for the AWS Config Delivery Channel".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies import key_services
from infra.policies.document import Conditions, PolicyDocument, Principal, Statement
from infra.policies.key import ADMINISTRATION, THIS_KEY
from infra.spec.platform import PlatformSpec


def platform_key(platform: PlatformSpec) -> PolicyDocument:
    """The policy of the platform's key."""
    return PolicyDocument((*_administration(platform), *_audit(platform), *_services(platform)))


def _administration(platform: PlatformSpec) -> Iterator[Statement]:
    account = Principal(aws=(naming.account_root_arn(platform),))
    yield Statement(
        sid="AccountAdministers",
        principal=account,
        actions=ADMINISTRATION,
        resources=THIS_KEY,
        conditions=_not_ours(platform),
    )
    yield from key_services.resource_grants(platform, "AccountEncryptsImages", account, "ecr")


def _audit(platform: PlatformSpec) -> Iterator[Statement]:
    via_s3 = {"kms:ViaService": f"s3.{platform.region}.amazonaws.com"}
    account = Principal(aws=(naming.account_root_arn(platform),))
    trail = Principal(service=("cloudtrail.amazonaws.com",))
    trails = f"arn:aws:cloudtrail:*:{platform.account}:trail/*"
    of_the_trail = {"aws:SourceArn": naming.trail_arn(platform)}
    yield Statement(
        sid="TrailEncrypts",
        principal=trail,
        actions=("kms:GenerateDataKey*",),
        resources=THIS_KEY,
        conditions={
            "StringEquals": of_the_trail,
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails},
        },
    )
    # A bucket with a bucket key needs Decrypt too, for the digest files.
    yield Statement(
        sid="TrailChecksTheKey",
        principal=trail,
        actions=("kms:Decrypt", "kms:DescribeKey"),
        resources=THIS_KEY,
        conditions={"StringEquals": of_the_trail},
    )
    yield Statement(
        sid="ConfigEncrypts",
        principal=account,
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=THIS_KEY,
        conditions={
            "ArnEquals": {"aws:PrincipalArn": naming.platform_role_arn(platform, "config")},
            "StringEquals": via_s3,
        },
    )
    yield Statement(
        sid="AuditorsRead",
        principal=account,
        actions=("kms:Decrypt",),
        resources=THIS_KEY,
        conditions={"StringEquals": via_s3, **_not_ours(platform)},
    )


def _services(platform: PlatformSpec) -> Iterator[Statement]:
    yield key_services.logs(platform, naming.log_group(platform, None, "*"))
    yield key_services.alarms(platform, None)
    yield key_services.budgets(platform)


def _not_ours(platform: PlatformSpec) -> Conditions:
    """Anybody of the account but the roles of the blueprint: those of tenants and of the platform."""
    return {"ArnNotLike": {"aws:PrincipalArn": naming.any_role_arn(platform)}}
