"""Contract cases of CloudWatch Logs."""

from __future__ import annotations

from .case import Case, Clients, Needs, Outputs
from .keys import key_for, key_policy

_LOGS = "logs.eu-central-1.amazonaws.com"


def _key(name: str) -> Needs:
    return {"key": key_for(f"{name}-key", _LOGS)}


def _encrypt(boto: Clients, group: Outputs) -> None:
    key = boto("kms").create_key(Policy=key_policy(_LOGS))["KeyMetadata"]
    boto("logs").put_retention_policy(logGroupName=group["name"], retentionInDays=90)
    boto("logs").associate_kms_key(logGroupName=group["name"], kmsKeyId=key["Arn"])
    boto("kms").schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)


CASES = (
    Case(
        type="aws:cloudwatch/logGroup:LogGroup",
        needs=_key,
        inputs=lambda _: {"name": "/contract/one", "retention_in_days": 7, "tags": {"owner": "one"}},
        update=lambda needs: {"retention_in_days": 30, "kms_key_id": needs["key"].arn, "tags": {"team": "two"}},
        replace=lambda _: {"name": "/contract/two", "kms_key_id": None},
        tamper=_encrypt,
        tampered="kmsKeyId",
        left=lambda boto: {group["logGroupName"] for group in boto("logs").describe_log_groups()["logGroups"]},
    ),
)
