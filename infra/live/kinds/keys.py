"""KMS keys with their policies and grants, and their aliases.

Sources: AWS KMS API Reference, "DescribeKey", "GetKeyPolicy", "ListGrants", "GetKeyRotationStatus", "ListAliases".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.live.entry import Found, Item, Kind, Part, Properties, given, tags_part

KEY = "aws:kms/key:Key"
GRANT = "aws:kms/grant:Grant"
ALIAS = "aws:kms/alias:Alias"
_THIS = {"KeyId": "{KeyId}"}


def _key(item: Item) -> Iterator[Found]:
    yield Found(KEY, item["KeyId"], {"arn": item["KeyArn"], "keyId": item["KeyId"]})


def _metadata(answer: Item) -> dict[str, Any]:
    metadata: Item = answer["KeyMetadata"]
    return {
        "isEnabled": bool(metadata["Enabled"]),
        "keyManager": metadata.get("KeyManager", "CUSTOMER"),
        "keyState": metadata.get("KeyState", ""),
        "customerMasterKeySpec": metadata.get("KeySpec"),
        "keyUsage": metadata.get("KeyUsage"),
    }


def _skips(properties: Properties) -> str | None:
    if properties.get("keyManager") == "AWS":
        return "keys that AWS manages: their policies are AWS's, and open them to one service's callers of this account"
    if properties.get("keyState") in ("PendingDeletion", "PendingReplicaDeletion"):
        return "keys that are scheduled for deletion: AWS refuses their use"
    return None


def _grants(key: Item, answer: Item) -> Iterator[Found]:
    for grant in answer["Grants"]:
        constraints: Item = grant.get("Constraints") or {}
        constraint = given(
            {
                "encryptionContextEquals": constraints.get("EncryptionContextEquals"),
                "encryptionContextSubset": constraints.get("EncryptionContextSubset"),
            }
        )
        properties = {
            "keyId": key["KeyArn"],
            "grantId": grant["GrantId"],
            "name": grant.get("Name") or None,
            "granteePrincipal": grant.get("GranteePrincipal"),
            "retiringPrincipal": grant.get("RetiringPrincipal") or None,
            "operations": sorted(grant.get("Operations") or ()),
            "constraints": [constraint] if constraint else [],
        }
        yield Found(GRANT, f"{key['KeyId']}:{grant['GrantId']}", given(properties))


def _alias(item: Item) -> Iterator[Found]:
    if item.get("TargetKeyId"):
        yield Found(
            ALIAS,
            item["AliasName"],
            {"arn": item["AliasArn"], "name": item["AliasName"], "targetKeyId": item["TargetKeyId"]},
        )


def _aliases_skip(properties: Properties) -> str | None:
    return "aliases of keys that AWS manages" if str(properties["name"]).startswith("alias/aws/") else None


KINDS = (
    Kind(
        token=KEY,
        service="kms",
        lists="list_keys",
        at="Keys",
        action="kms:ListKeys",
        made=_key,
        skips=_skips,
        parts=(
            Part(
                operation="describe_key",
                request=_THIS,
                action="kms:DescribeKey",
                take=_metadata,
                gives=("isEnabled",),
                essential=True,
            ),
            Part(
                operation="get_key_policy",
                request={**_THIS, "PolicyName": "default"},
                action="kms:GetKeyPolicy",
                take=lambda answer: {"policy": answer["Policy"]},
                gives=("policy",),
            ),
            Part(
                operation="get_key_rotation_status",
                request=_THIS,
                action="kms:GetKeyRotationStatus",
                take=lambda answer: {"enableKeyRotation": bool(answer["KeyRotationEnabled"])},
                gives=("enableKeyRotation",),
                # keys that AWS cannot rotate, and keys without material
                nothing=("UnsupportedOperationException", "KMSInvalidStateException"),
            ),
            tags_part("kms:ListResourceTags", "list_resource_tags", _THIS),
            Part(operation="list_grants", request=_THIS, action="kms:ListGrants", found=_grants, token=GRANT),
        ),
    ),
    Kind(
        token=ALIAS,
        service="kms",
        lists="list_aliases",
        at="Aliases",
        action="kms:ListAliases",
        made=_alias,
        skips=_aliases_skip,
    ),
)
