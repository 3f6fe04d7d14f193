"""The statements of a key's policy that let AWS services use the key for its owner, each for the owner's things alone.

In a key's policy the resource ``*`` is the key itself.
"""

from __future__ import annotations

from infra import naming
from infra.policies.document import Principal, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

_THIS_KEY = ("*",)


def logs(platform: PlatformSpec, *groups: str) -> Statement:
    """CloudWatch Logs encrypts log groups; the encryption context holds the group's ARN and so the account.

    Args:
        platform: The platform's spec.
        groups: Names or patterns of the log groups.

    Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    arns = tuple(naming.log_group_arn(platform, group) for group in groups)
    return Statement(
        sid="LogsOfTheOwner",
        principal=Principal(service=(f"logs.{platform.region}.amazonaws.com",)),
        actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
        resources=_THIS_KEY,
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arns}},
    )


def alarms(platform: PlatformSpec, owner: TenantSpec | None) -> Statement:
    """The owner's CloudWatch alarms publish to the owner's encrypted topic.

    Source: Amazon SNS Developer Guide, "Enable compatibility between event sources from AWS services and encrypted
    topics".
    """
    source = naming.alarm_arn(platform, naming.names_of(platform, owner))
    return _publisher("AlarmsOfTheOwner", "cloudwatch.amazonaws.com", platform, source)


def budgets(platform: PlatformSpec) -> Statement:
    """The account's budgets publish to the owner's encrypted topic.

    Source: AWS Cost Management User Guide, "Creating an Amazon SNS topic for budget notifications".
    """
    source = f"arn:aws:budgets::{platform.account}:*"
    return _publisher("BudgetsOfTheAccount", "budgets.amazonaws.com", platform, source)


def _publisher(sid: str, service: str, platform: PlatformSpec, source: str) -> Statement:
    return Statement(
        sid=sid,
        principal=Principal(service=(service,)),
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=_THIS_KEY,
        conditions={
            "StringEquals": {"aws:SourceAccount": platform.account},
            "ArnLike": {"aws:SourceArn": source},
        },
    )


def resource_grants(platform: PlatformSpec, sid: str, principal: Principal, *services: str) -> tuple[Statement, ...]:
    """The principal makes grants for resources that it creates in AWS services, and for nobody else.

    Args:
        platform: The platform's spec.
        sid: What the grants are for; the start of the statements' names.
        principal: Who creates the resources.
        services: The services that ask for the grant, for example ``ecr``.

    Source: KMS Developer Guide, "AWS KMS condition keys" (``kms:GrantIsForAWSResource`` knows ``CreateGrant`` and not
    ``RetireGrant``); Amazon ECR User Guide, "Encryption at rest".
    """
    via = {"kms:ViaService": tuple(f"{service}.{platform.region}.amazonaws.com" for service in services)}
    return (
        Statement(
            sid=sid,
            principal=principal,
            actions=("kms:CreateGrant",),
            resources=_THIS_KEY,
            conditions={"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        Statement(
            sid=f"{sid}End",
            principal=principal,
            actions=("kms:RetireGrant",),
            resources=_THIS_KEY,
            conditions={"StringEquals": via},
        ),
    )
