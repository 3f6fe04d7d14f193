"""Sessions of the tenants' own roles, obtained as their users obtain them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from infra import naming
from infra.operations.cloud import CloudAccess
from infra.spec import PlatformSpec, TenantSpec
from infra.tags import TENANT_TAG

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import CredentialsTypeDef


def deploy_session(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec, token: str) -> boto3.Session:
    """The tenant's CI: assumes the deploy role with its OIDC token."""
    sts = boto3.client("sts", region_name=cloud.region, endpoint_url=cloud.endpoint_url, **_NOBODY)
    answer = sts.assume_role_with_web_identity(
        RoleArn=naming.role_arn(platform, tenant, "deploy"), RoleSessionName="demo-ci", WebIdentityToken=token
    )
    return _session(cloud, answer["Credentials"])


def invoke_session(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec) -> boto3.Session:
    """The gateway on behalf of the tenant: assumes the invoke role with the tenant's session tag."""
    gateway = cloud.session().client("sts", endpoint_url=cloud.endpoint_url)
    as_gateway = _session(
        cloud,
        gateway.assume_role(RoleArn=naming.platform_role_arn(platform, "gateway"), RoleSessionName="demo-gateway")[
            "Credentials"
        ],
    )
    answer = as_gateway.client("sts", endpoint_url=cloud.endpoint_url).assume_role(
        RoleArn=naming.role_arn(platform, tenant, "invoke"),
        RoleSessionName=f"demo-{tenant.id}",
        Tags=[{"Key": TENANT_TAG, "Value": tenant.id}],
    )
    return _session(cloud, answer["Credentials"])


#: AssumeRoleWithWebIdentity takes no credentials, but boto3 wants some to be there.
_NOBODY = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}


def _session(cloud: CloudAccess, credentials: CredentialsTypeDef) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=cloud.region,
    )
