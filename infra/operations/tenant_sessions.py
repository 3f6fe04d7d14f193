"""Sessions of the tenants' own roles, obtained as their users obtain them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from infra import naming
from infra.aws_models import core_session
from infra.operations.cloud import CloudAccess
from infra.spec import PlatformSpec, TenantSpec
from infra.spec.platform import Verification
from infra.tags import TENANT_TAG

#: The shortest session that STS gives, in seconds. Source: AWS STS API Reference, "AssumeRole" (DurationSeconds).
_SHORTEST = 900

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef


def deploy_session(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec, token: str) -> boto3.Session:
    """The tenant's CI: assumes the deploy role with its OIDC token."""
    # The call is not signed, but boto3 wants credentials to be there.
    nobody = boto3.Session("none", "none", region_name=cloud.region, botocore_session=core_session())
    sts: STSClient = cloud.client("sts", nobody)
    answer = sts.assume_role_with_web_identity(
        RoleArn=naming.role_arn(platform, tenant, "deploy"), RoleSessionName="bulkhead-ci", WebIdentityToken=token
    )
    return _session(cloud, answer["Credentials"])


def invoke_session(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec) -> boto3.Session:
    """The gateway, a task of ECS, on behalf of the tenant: assumes the invoke role with the tenant's session tag."""
    task = f"arn:aws:ecs:{platform.region}:{platform.account}:task/gateway/bulkhead"
    gateway = cloud.workload_session(naming.platform_role_arn(platform, "gateway"), task)
    sts: STSClient = cloud.client("sts", gateway)
    answer = sts.assume_role(
        RoleArn=naming.role_arn(platform, tenant, "invoke"),
        RoleSessionName=f"bulkhead-{tenant.id}",
        Tags=[{"Key": TENANT_TAG, "Value": tenant.id}],
    )
    return _session(cloud, answer["Credentials"])


def verification_session(
    cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec, verification: Verification
) -> boto3.Session:
    """A worker of the service: assumes the tenant's verification role with the tenant's session tag.

    Raises:
        botocore.exceptions.ClientError: the credentials at hand are not the workers', or the tenant has no such role.
    """
    sts: STSClient = cloud.client("sts", cloud.worker_session(verification.worker_role_arn))
    answer = sts.assume_role(
        RoleArn=naming.role_arn(platform, tenant, "verification"),
        RoleSessionName=f"bulkhead-{tenant.id}",
        Tags=[{"Key": TENANT_TAG, "Value": tenant.id}],
        DurationSeconds=_SHORTEST,
    )
    return _session(cloud, answer["Credentials"])


def anonymous_session(cloud: CloudAccess) -> boto3.Session:
    """Somebody whose calls are not signed at all."""
    core = core_session()
    core.set_default_client_config(Config(signature_version=UNSIGNED))  # pyright: ignore[reportUnknownMemberType]
    return boto3.Session(botocore_session=core, region_name=cloud.region)


def _session(cloud: CloudAccess, credentials: CredentialsTypeDef) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=cloud.region,
        botocore_session=core_session(),
    )
