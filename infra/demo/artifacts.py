"""Train what the tenants' specs name and upload it to their own buckets, unless it is there already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra import naming
from infra.demo.ci_token import ci_token
from infra.demo.credentials import deploy_session
from infra.demo.training import train
from infra.operations.workspace import Workspace
from serving_containers.sklearn.packaging import package

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def upload_missing(workspace: Workspace, tenants: Sequence[str]) -> Iterator[str]:
    """Upload each served model that its tenant's bucket does not have yet; yields a line a model."""
    platform = workspace.estate.platform
    for tenant in (workspace.estate.tenants[name] for name in tenants):
        session = deploy_session(workspace.cloud, platform, tenant, ci_token(tenant))
        s3 = session.client("s3", endpoint_url=workspace.cloud.endpoint_url)
        bucket = naming.bucket(platform, tenant, "models")
        for model in tenant.served_models:
            uri = f"s3://{bucket}/{model.artifact.key}"
            if _is_there(s3, bucket, model.artifact.key):
                yield f"{tenant.id}: {model.name} is there already: {uri}"
                continue
            trained = train(model.name)
            with TemporaryDirectory() as folder:
                packaged = package(trained.estimator, trained.features, Path(folder) / "model.tar.gz")
                s3.put_object(
                    Bucket=bucket,
                    Key=model.artifact.key,
                    Body=packaged.path.read_bytes(),
                    ChecksumAlgorithm="SHA256",
                    Metadata={"bulkhead-sha256": packaged.sha256},
                )
            yield f"{tenant.id}: {model.name} trained on {len(trained.features)} features, uploaded to {uri}"


def _is_there(s3: S3Client, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound"):
            return False
        raise
    return True
