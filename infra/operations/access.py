"""A tenant's access, closed or opened in seconds: its permission boundary is made what its spec says, past the engine.

Every role of a tenant has the boundary, and AWS asks it at each request, of sessions that exist too. The document is
the one that the engine's next update writes by itself, so the two never disagree.

Sources: IAM User Guide, "Permissions boundaries for IAM entities", "Versioning IAM policies" (five versions at most).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from infra import naming
from infra.operations.cloud import CloudAccess
from infra.policies.boundary import tenant_boundary
from infra.spec import PlatformSpec, TenantSpec

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_MOST_VERSIONS = 5


def agree(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec) -> bool:
    """Make a tenant's boundary say what its spec says; returns whether it said something else.

    Args:
        cloud: Where the tenant is.
        platform: The platform's spec.
        tenant: The tenant's: while ``lifecycle.state`` is suspended, the boundary denies everything.

    Raises:
        botocore.exceptions.ClientError: AWS refused.
    """
    iam: IAMClient = cloud.client("iam", cloud.provisioning_session())
    arn = naming.boundary_arn(platform, tenant)
    wanted = tenant_boundary(platform, tenant)
    try:
        default = iam.get_policy(PolicyArn=arn)["Policy"].get("DefaultVersionId", "")
    except iam.exceptions.NoSuchEntityException:
        return False  # not deployed: there are no roles either
    document = iam.get_policy_version(PolicyArn=arn, VersionId=default)["PolicyVersion"].get("Document")
    if cast("Any", document) == wanted.to_json():
        return False
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) >= _MOST_VERSIONS:
        oldest = min((each for each in versions if not each.get("IsDefaultVersion")), key=_made)
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest.get("VersionId", ""))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=wanted.render(), SetAsDefault=True)
    return True


def _made(version: Any) -> int:
    """The number of a version: ``v12`` is the twelfth that was made."""
    return int(str(version["VersionId"]).removeprefix("v"))
