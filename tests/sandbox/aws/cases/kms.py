"""Contract cases of KMS."""

from __future__ import annotations

import pulumi_aws as aws

from .case import Case, Clients, Needs, Outputs


def _keys(boto: Clients) -> set[str]:
    kms = boto("kms")
    ids = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    return {key for key in ids if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion"}


def _two_keys(name: str) -> Needs:
    return {
        "one": aws.kms.Key(f"{name}-one", deletion_window_in_days=7),
        "two": aws.kms.Key(f"{name}-two", deletion_window_in_days=7),
    }


def _disable(boto: Clients, key: Outputs) -> None:
    boto("kms").disable_key_rotation(KeyId=key["id"])


def _retarget(boto: Clients, alias: Outputs) -> None:
    other = boto("kms").create_key()["KeyMetadata"]["KeyId"]
    boto("kms").update_alias(AliasName=alias["name"], TargetKeyId=other)
    boto("kms").schedule_key_deletion(KeyId=other, PendingWindowInDays=7)


CASES = (
    Case(
        type="aws:kms/key:Key",
        inputs=lambda _: {
            "description": "one",
            "enable_key_rotation": True,
            "deletion_window_in_days": 7,
            "tags": {"owner": "one"},
        },
        update=lambda _: {"description": "two", "rotation_period_in_days": 180, "tags": {"team": "two"}},
        replace=lambda _: {"multi_region": True},
        tamper=_disable,
        tampered="enableKeyRotation",
        left=_keys,
    ),
    Case(
        type="aws:kms/alias:Alias",
        needs=_two_keys,
        inputs=lambda needs: {"target_key_id": needs["one"].key_id, "name": "alias/contract-one"},
        update=lambda needs: {"target_key_id": needs["two"].arn},
        replace=lambda _: {"name": "alias/contract-two"},
        tamper=_retarget,
        tampered="targetKeyId",
        left=lambda boto: {alias["AliasName"] for alias in boto("kms").list_aliases()["Aliases"]},
    ),
)
