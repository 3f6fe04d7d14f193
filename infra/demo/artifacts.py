"""Train what the tenants' specs name and upload it to their own buckets, unless it is there already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from infra import naming
from infra.demo.training import train
from infra.operations.ci_token import ci_token
from infra.operations.preflight import object_exists
from infra.operations.tenant_sessions import deploy_session
from infra.operations.workspace import Workspace
from infra.sandbox.token_issuer import issuer_key
from serving_containers.sklearn.packaging import package, upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def upload_missing(workspace: Workspace, tenants: Sequence[str]) -> Iterator[str]:
    """Upload each served model that its tenant's bucket does not have yet; yields a line a model."""
    platform, key = workspace.estate.platform, issuer_key(workspace.settings.home / "sandbox")
    for tenant in (workspace.estate.tenants[name] for name in tenants):
        session = deploy_session(workspace.cloud, platform, tenant, ci_token(tenant, key))
        s3: S3Client = workspace.cloud.client("s3", session)
        bucket = naming.bucket(platform, tenant, "models")
        for model in tenant.served_models:
            uri = f"s3://{bucket}/{model.artifact.key}"
            if object_exists(s3, bucket, model.artifact.key):
                yield f"{tenant.id}: {model.name} is there already: {uri}"
                continue
            trained = train(model.name)
            packed = package(trained.estimator, trained.features)
            upload(s3, packed, bucket=bucket, key=model.artifact.key)
            yield f"{tenant.id}: {model.name} trained on {len(trained.features)} features, uploaded to {uri}"
