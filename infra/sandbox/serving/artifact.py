"""Fetches and unpacks a model's artifact as SageMaker does: with the model's execution role, and nobody else's rights.

Sources: SageMaker developer guide, "SageMaker AI Roles" (CreateModel API, execution role permissions), "Custom
Inference Code with Hosting Services" and "Give SageMaker AI Hosted Endpoints Access to Resources in Your Amazon VPC";
Python documentation, "tarfile", extraction filters.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError

from infra.sandbox.enforcement.callers import ServiceCall
from infra.sandbox.enforcement.deployed.endpoints import ENDPOINT_HEADER
from infra.sandbox.enforcement.deployed.network import route
from infra.sandbox.service_roles import ServiceRoles
from infra.sandbox.serving.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

DIGEST_VARIABLE = "BULKHEAD_MODEL_SHA256"
MAX_ARCHIVE_BYTES = 2 * 1024**3
MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_MEMBERS = 1000

_CHUNK = 1024 * 1024
_S3_URL = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)")


class ArtifactRefused(Exception):
    """The artifact cannot be read, is not the one that was deployed, or must not be unpacked."""


class ArtifactStore:
    """The embedded cloud's S3, seen by the roles of models.

    Args:
        roles: By which SageMaker becomes the models' roles.
    """

    def __init__(self, roles: ServiceRoles) -> None:
        self._roles = roles

    def fetch(self, deployment: Deployment, folder: Path) -> None:
        """Puts the content of a deployment's artifact into a folder.

        Args:
            deployment: Whose `model_data_url` to fetch, with whose `role_arn`.
            folder: An empty folder.

        Raises:
            ArtifactRefused: Says why.
        """
        if deployment.model_data_url is None:
            return
        address = _S3_URL.fullmatch(deployment.model_data_url)
        if address is None:
            raise ArtifactRefused(f"ModelDataUrl {deployment.model_data_url!r} is not s3://bucket/key")
        archive = folder.with_suffix(".tar.gz")
        try:
            found = self._download(deployment, address["bucket"], address["key"], archive)
            _check_digest(dict(deployment.environment).get(DIGEST_VARIABLE), found, deployment.model_data_url)
            unpack(archive, folder)
        except (ClientError, BotoCoreError) as error:
            raise ArtifactRefused(
                f"{deployment.model_data_url} cannot be read with the role {deployment.role_arn}: {error}"
            ) from None
        finally:
            archive.unlink(missing_ok=True)

    def _download(self, deployment: Deployment, bucket: str, key: str, target: Path) -> str:
        """Stores the object; its SHA-256 in hex."""
        s3 = self._roles.client("s3", deployment.region, self._assume(deployment))
        _take_own_way(s3, deployment)
        answer = cast("GetObjectOutputTypeDef", s3.get_object(Bucket=bucket, Key=key))
        if answer["ContentLength"] > MAX_ARCHIVE_BYTES:
            raise ArtifactRefused(f"{deployment.model_data_url} is larger than {MAX_ARCHIVE_BYTES} bytes")
        digest = hashlib.sha256()
        with target.open("wb") as file:
            for chunk in answer["Body"].iter_chunks(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def _assume(self, deployment: Deployment) -> CredentialsTypeDef:
        """SageMaker becomes the model's role for the endpoint."""
        source = f"arn:aws:sagemaker:{deployment.region}:{deployment.account}:endpoint/{deployment.endpoint}"
        acting = ServiceCall(service="sagemaker.amazonaws.com", source_account=deployment.account, source_arn=source)
        return self._roles.assume(acting, deployment.role_arn, region=deployment.region, session_name="SageMaker")


def _take_own_way(s3: S3Client, deployment: Deployment) -> None:
    """Lets the calls for a model in a VPC come through the endpoint that its subnets use, as SageMaker's do."""
    way = next((found for subnet in deployment.subnets if (found := route(subnet, "s3"))), None)
    if way is None:
        return

    def name_endpoint(request: AWSRequest, **_: object) -> None:
        request.headers[ENDPOINT_HEADER] = way.endpoint

    s3.meta.events.register("before-sign", name_endpoint)


def _check_digest(deployed: str | None, found: str, url: str) -> None:
    """Refuses another archive than the deployed one; a missing digest is for the container to refuse."""
    if deployed is not None and not hmac.compare_digest(deployed.encode(), found.encode()):
        raise ArtifactRefused(f"{url} has SHA-256 {found}, but {deployed} was deployed: nothing of it was unpacked")


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a `.tar.gz` into a folder: plain files and folders inside of it only, and not without limit.

    Raises:
        ArtifactRefused: It is no such archive, holds anything else (links, devices, paths that lead out), or too much.
    """
    total = 0
    try:
        with tarfile.open(archive, mode="r:gz") as opened:
            for count, member in enumerate(opened, start=1):
                total += member.size
                if count > MAX_MEMBERS or total > MAX_UNPACKED_BYTES:
                    raise ArtifactRefused(
                        f"the archive holds more than {MAX_MEMBERS} files or {MAX_UNPACKED_BYTES} bytes"
                    )
                _extract(opened, member, folder.resolve())
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ArtifactRefused(f"the archive cannot be unpacked: {error}") from None


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Writes one file or folder; `tarfile`'s own filter for this came with Python 3.11.4, and Debian 12 has 3.11.2."""
    if not (member.isfile() or member.isdir()):
        raise ArtifactRefused(f"the archive holds {member.name!r}, which is neither a file nor a folder")
    target = (folder / member.name).resolve()
    if not target.is_relative_to(folder):
        raise ArtifactRefused(f"the archive holds {member.name!r}, which leads out of its folder")
    content = archive.extractfile(member)
    if content is None:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
