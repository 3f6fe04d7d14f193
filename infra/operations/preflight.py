"""What is checked before the engine starts, so that a mistake changes nothing: the platform, orphans, artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra import naming
from infra.errors import UserError
from infra.spec import Estate, PlatformSpec, TenantSpec

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from infra.operations.workspace import Workspace


def require_platform(deployed: bool) -> None:
    """Raise a `UserError` unless the platform's stack is there."""
    if not deployed:
        raise UserError("the platform is not deployed yet", remedy="bring it up first with: bulkhead up platform")


def require_specs(estate: Estate, deployed: Sequence[str], specs_folder: str) -> None:
    """Raise a `UserError` for a tenant whose stack exists while its spec was deleted."""
    orphans = sorted(set(deployed) - set(estate.tenants))
    if orphans:
        names = ", ".join(orphans)
        raise UserError(
            f"the spec of {names} was deleted while its stack exists",
            remedy=f"restore {orphans[0]}.yaml from version control, or: bulkhead destroy {orphans[0]}",
            where=specs_folder,
        )


def require_artifacts(platform: PlatformSpec, tenants: Iterable[TenantSpec], s3: S3Client) -> None:
    """Raise a `UserError` that lists every served model whose artifact is not in its tenant's bucket."""
    missing = [
        (tenant, model.name, f"s3://{naming.bucket(platform, tenant, 'models')}/{model.artifact.key}")
        for tenant in tenants
        for model in tenant.served_models
        if not object_exists(s3, naming.bucket(platform, tenant, "models"), model.artifact.key)
    ]
    if missing:
        listed = "".join(f"\n  {tenant.id}: model {model}: {uri}" for tenant, model, uri in missing)
        tenant = missing[0][0]
        raise UserError(
            f"the artifact of a served model is missing:{listed}",
            remedy="upload it and run this again; for a tenant without buckets yet, first run: "
            f"bulkhead up {tenant.id} --no-models",
            where=f"{tenant.id}.yaml, models[].artifact.key",
        )


def lacks_artifacts(workspace: Workspace, tenant: str) -> bool:
    """Whether a tenant serves models, by its spec, whose artifacts are not all uploaded."""
    spec = workspace.estate.tenants.get(tenant)
    if spec is None or not spec.served_models:
        return False
    s3 = workspace.cloud.client("s3", workspace.cloud.provisioning_session())
    try:
        require_artifacts(workspace.estate.platform, [spec], s3)
    except UserError:
        return True
    return False


def object_exists(s3: S3Client, bucket: str, key: str) -> bool:
    """Whether the bucket is there and has the object."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchBucket", "NoSuchKey", "NotFound"):
            return False
        raise
    return True
