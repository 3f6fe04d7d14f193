"""Opens a suspended tenant's data to the one role that exports it, and closes it again; both may be cut off anywhere.

The changes are the provisioning role's, held to the tenant; what they are is in `infra.policies.export`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, cast, get_args

from infra import naming
from infra.erasure.account import ErasableAccount
from infra.live import WayIn
from infra.live.account import Absent, Unread
from infra.naming import TenantBucketKind
from infra.operations.access import agree
from infra.operations.cloud import CloudAccess
from infra.policies import export, provisioning
from infra.spec import PlatformSpec, TenantSpec
from infra.tags import tenant_tags

_POLICY = "access"
#: How long IAM may take until what was just made is known everywhere, in seconds, and how often it is asked.
_SETTLES, _ASKED_EVERY = 60.0, 3.0


@contextmanager
def opened(
    cloud: CloudAccess, account: ErasableAccount, platform: PlatformSpec, tenant: TenantSpec, until: datetime
) -> Generator[ErasableAccount]:
    """The account as the role sees it that exports a tenant's data, opened for as long as the context lasts.

    Args:
        cloud: The cloud.
        account: The account by the credentials that erase the tenant.
        platform: The platform's spec.
        tenant: The tenant, suspended.
        until: When the role's rights end, whatever happens to this process.

    Raises:
        Unread: AWS refuses.
    """
    _make_role(account, platform, tenant, until)
    try:
        _change_policies(account, platform, tenant, opening=True)
        reader = ErasableAccount(
            (WayIn("the role that exports", cloud.trusting_session(naming.export_role_arn(platform, tenant))),),
            cloud.endpoint_url,
        )
        _wait_until_seen(reader, platform, tenant)
        yield reader
    finally:
        close(cloud, account, platform, tenant)


def close(cloud: CloudAccess, account: ErasableAccount, platform: PlatformSpec, tenant: TenantSpec) -> None:
    """Close a tenant's data again; what is closed stays so.

    Args:
        cloud: The cloud.
        account: As for `opened`.
        platform: The platform's spec.
        tenant: The tenant.
    """
    _change_policies(account, platform, tenant, opening=False)
    agree(cloud, platform, tenant)
    role = naming.export_role(platform, tenant)
    with suppress(Absent):
        account.change("iam", "delete_role_policy", RoleName=role, PolicyName=_POLICY)
    with suppress(Absent):
        account.change("iam", "delete_role", RoleName=role)


def _make_role(account: ErasableAccount, platform: PlatformSpec, tenant: TenantSpec, until: datetime) -> None:
    role = naming.export_role(platform, tenant)
    tags = [{"Key": name, "Value": value} for name, value in tenant_tags(platform, tenant).items()]
    try:
        account.change(
            "iam", "create_role", RoleName=role, Path=naming.path(platform, tenant), Tags=tags,
            AssumeRolePolicyDocument=provisioning.trust(platform).render(),
            PermissionsBoundary=naming.boundary_arn(platform, tenant),
            Description="Reads the tenant's data for its export; it is removed when that is made.",
        )  # fmt: skip
    except Unread as refusal:
        if refusal.code != "EntityAlreadyExists":
            raise
    allowed = export.identity(platform, tenant, until).render()
    account.change("iam", "put_role_policy", RoleName=role, PolicyName=_POLICY, PolicyDocument=allowed)


def _change_policies(account: ErasableAccount, platform: PlatformSpec, tenant: TenantSpec, *, opening: bool) -> None:
    role = naming.export_role_arn(platform, tenant)
    change: Callable[[Mapping[str, Any], str], dict[str, Any]] = export.opened if opening else export.closed
    if opening:
        _change_boundary(account, naming.boundary_arn(platform, tenant), lambda document: change(document, role))
    for kind in get_args(TenantBucketKind):
        bucket = naming.bucket(platform, tenant, kind)
        with suppress(Absent):
            before = json.loads(account.read("s3", "get_bucket_policy", Bucket=bucket)["Policy"])
            if (after := change(before, role)) != before:
                account.change("s3", "put_bucket_policy", Bucket=bucket, Policy=json.dumps(after))
    with suppress(Absent):
        alias = naming.key_alias(platform, tenant)
        key = account.read("kms", "describe_key", KeyId=alias)["KeyMetadata"]["KeyId"]
        before = json.loads(account.read("kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"])
        after = export.opened_key(before, platform, role) if opening else export.closed_key(before)
        if after != before:
            account.change("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=json.dumps(after))


def _change_boundary(account: ErasableAccount, arn: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    versions = cast("list[Any]", account.read("iam", "list_policy_versions", PolicyArn=arn)["Versions"])
    (default,) = (each["VersionId"] for each in versions if each["IsDefaultVersion"])
    before = account.read("iam", "get_policy_version", PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"]
    if (after := change(before)) == before:
        return
    for each in versions:
        if not each["IsDefaultVersion"]:
            account.change("iam", "delete_policy_version", PolicyArn=arn, VersionId=each["VersionId"])
    document = json.dumps(after, separators=(",", ":"))
    account.change("iam", "create_policy_version", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)


def _wait_until_seen(reader: ErasableAccount, platform: PlatformSpec, tenant: TenantSpec) -> None:
    """Source: IAM User Guide, "Troubleshoot IAM", changes that are not always immediately visible."""
    given_up = time.monotonic() + _SETTLES
    while True:
        try:
            reader.read("s3", "list_object_versions", Bucket=naming.bucket(platform, tenant, "data"), MaxKeys=1)
        except Absent:
            return
        except Unread:
            if time.monotonic() > given_up:
                raise
            time.sleep(_ASKED_EVERY)
        else:
            return
