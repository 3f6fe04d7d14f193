"""Roles and policies, and the keys: last of all, since without its key everything of a tenant that is left is noise.

Sources: IAM API Reference, "DeleteRole", "DeletePolicy"; AWS KMS Developer Guide, "Delete an AWS KMS key" (a key waits
7 to 30 days for its deletion, and cannot be used while it does); NIST SP 800-88, "Cryptographic erase".
"""

from __future__ import annotations

from infra.erasure.kinds.entry import Detail, Fields, Kind, Step, same

KEY = "kms:key"
PENDING = "PendingDeletion"


def _deletion(fields: Fields) -> str:
    if fields.get("KeyState") != PENDING:
        return ""
    return f"AWS deletes the key at {fields.get('DeletionDate')}; until then nobody can use it"


IDENTITIES = (
    Kind(
        name="iam:role", service="iam", lists="list_roles", at="Roles", id="{RoleName}", arn="{Arn}",
        removal=(Step("delete_role", same("RoleName")),),
    ),
    Kind(
        name="iam:inline-policy", service="iam", lists="list_role_policies", at="PolicyNames", within="iam:role",
        request=same("RoleName"), id="{RoleName}/{value}",
        removal=(Step("delete_role_policy", {"RoleName": "{RoleName}", "PolicyName": "{value}"}),),
    ),
    Kind(
        name="iam:attachment", service="iam", lists="list_attached_role_policies", at="AttachedPolicies",
        within="iam:role", request=same("RoleName"), id="{RoleName}/{PolicyArn}",
        removal=(Step("detach_role_policy", same("RoleName", "PolicyArn")),),
    ),
    Kind(
        name="iam:policy", service="iam", lists="list_policies", at="Policies", request={"Scope": "Local"},
        id="{PolicyName}", arn="{Arn}", removal=(Step("delete_policy", {"PolicyArn": "{Arn}"}),),
    ),
    Kind(
        name="iam:policy-version", service="iam", lists="list_policy_versions", at="Versions", within="iam:policy",
        request={"PolicyArn": "{Arn}"}, id="{Arn}/{VersionId}",
        skips=lambda fields: bool(fields["IsDefaultVersion"]),
        removal=(Step("delete_policy_version", {"PolicyArn": "{Arn}", "VersionId": "{VersionId}"}),),
    ),
)  # fmt: skip

KEYS = (
    Kind(
        name="kms:grant", service="kms", lists="list_grants", at="Grants", within=KEY, request=same("KeyId"),
        id="{KeyId}/{GrantId}", removal=(Step("revoke_grant", same("KeyId", "GrantId")),),
    ),
    Kind(
        name="kms:alias", service="kms", lists="list_aliases", at="Aliases", id="{AliasName}", arn="{AliasArn}",
        removal=(Step("delete_alias", same("AliasName")),),
    ),
    Kind(
        name=KEY, service="kms", lists="list_keys", at="Keys", id="{KeyId}", arn="{KeyArn}", tags="Tags",
        details=(
            Detail("describe_key", same("KeyId"), "KeyMetadata"),
            Detail("list_resource_tags", same("KeyId"), "Tags", into="Tags"),
        ),
        skips=lambda fields: fields.get("KeyManager") == "AWS",
        expires=_deletion,
        removal=(
            Step("schedule_key_deletion", {"KeyId": "{KeyId}", "PendingWindowInDays": "{Window}"}),
        ),
    ),
)  # fmt: skip
