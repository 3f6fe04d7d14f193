"""Smoke tests of a tenant with its own credentials: what is its own works, and what is a neighbour's is denied.

Its CI puts and gets an object with its key, and its gateway asks its endpoints. The same sessions then try a
neighbour's bucket, key and endpoint; only reads are tried there, so that a hole shows and nothing is changed by it.

The object is deleted after. Of it stays what nobody of the platform or the tenant may delete: a version of some bytes,
encrypted, which the bucket's lifecycle rules expire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra import naming
from infra.operations.ci_token import ci_token
from infra.operations.cloud import CloudAccess
from infra.operations.tenant_sessions import deploy_session, invoke_session
from infra.operations.workspace import Workspace
from infra.sandbox.token_issuer import issuer_key
from infra.spec import PlatformSpec, TenantSpec

_KEY = "bulkhead/verification"
_DENIED = ("AccessDenied",)
#: No row: a model that answers says that there is nothing to predict, which shows that it was asked.
_EMPTY = b'{"instances": []}'
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One thing that was tried.

    Args:
        what: What it was.
        owner: Whose resource it was tried on.
        good: Whether it ended as it must: allowed on one's own, denied on a neighbour's.
        transient: Whether another try may end otherwise: not allowed yet, or no answer.
        answer: The cloud's answer where it did not.
    """

    what: str
    owner: str
    good: bool
    transient: bool = False
    answer: str = ""


def try_tenant(workspace: Workspace, tenant: TenantSpec, neighbour: TenantSpec | None) -> Iterator[Tried]:
    """Try what a tenant must be able to do, and what it must not.

    Args:
        workspace: Where both are deployed, in the embedded cloud, which hands out the credentials.
        tenant: The tenant.
        neighbour: Another one; None where there is none.

    Raises:
        botocore.exceptions.ClientError: a session could not be had.
    """
    platform, cloud = workspace.platform, workspace.cloud
    token = ci_token(tenant, issuer_key(workspace.settings.home / "sandbox"))
    ci = deploy_session(cloud, platform, tenant, token)
    gateway = invoke_session(cloud, platform, tenant)
    key = _key_arn(cloud, platform, tenant)
    s3, kms, runtime = cloud.client("s3", ci), cloud.client("kms", ci), cloud.client("sagemaker-runtime", gateway)
    bucket = naming.bucket(platform, tenant, "models")
    content = f"smoke test of {tenant.id}".encode()
    encrypted: Mapping[str, Any] = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    put = _allowed(
        "put with its key", tenant, lambda: s3.put_object(Bucket=bucket, Key=_KEY, Body=content, **encrypted)
    )
    yield put
    if put.good:
        try:
            yield _read_back(s3, bucket, content, tenant)
        finally:
            s3.delete_object(Bucket=bucket, Key=_KEY)
    for name in _served(workspace, tenant):
        yield _invoked(runtime, name, tenant)
    if neighbour is None:
        return
    other = naming.bucket(platform, neighbour, "models")
    yield _refused("list the bucket", neighbour, lambda: s3.list_objects_v2(Bucket=other))
    yield _refused("get an object", neighbour, lambda: s3.get_object(Bucket=other, Key=_KEY))
    there = _key_arn(cloud, platform, neighbour)
    yield _refused("use the key", neighbour, lambda: kms.generate_data_key(KeyId=there, KeySpec="AES_256"))
    served = _served(workspace, neighbour)
    if served:
        yield _refused("invoke the endpoint", neighbour, lambda: _invoke(runtime, served[0]))


def _read_back(s3: Any, bucket: str, content: bytes, tenant: TenantSpec) -> Tried:
    found: list[bytes] = []
    got = _allowed("get it", tenant, lambda: found.append(s3.get_object(Bucket=bucket, Key=_KEY)["Body"].read()))
    if got.good and found != [content]:
        return Tried(what="get it", owner=tenant.id, good=False, answer="it is not what was put")
    return got


def _invoked(runtime: Any, endpoint: str, tenant: TenantSpec) -> Tried:
    """Any answer of the model itself is one, also that it wants other input."""
    what = f"invoke {endpoint}"
    try:
        _invoke(runtime, endpoint)
    except ClientError as error:
        status = error.response.get("OriginalStatusCode")
        if isinstance(status, int) and status in _CLIENT_ERRORS:
            return Tried(what=what, owner=tenant.id, good=True)
        return Tried(what=what, owner=tenant.id, good=False, transient=True, answer=str(error))
    return Tried(what=what, owner=tenant.id, good=True)


def _invoke(runtime: Any, endpoint: str) -> None:
    runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="application/json", Accept="application/json", Body=_EMPTY
    )


def _allowed(what: str, owner: TenantSpec, call: Callable[[], object]) -> Tried:
    try:
        call()
    except ClientError as error:
        # A role that was made seconds ago may not be known everywhere at AWS yet.
        return Tried(what=what, owner=owner.id, good=False, transient=True, answer=str(error))
    return Tried(what=what, owner=owner.id, good=True)


def _refused(what: str, owner: TenantSpec, call: Callable[[], object]) -> Tried:
    try:
        call()
    except ClientError as error:
        denied = error.response.get("Error", {}).get("Code", "").startswith(_DENIED)
        return Tried(what=what, owner=owner.id, good=denied, transient=not denied, answer=str(error))
    return Tried(what=what, owner=owner.id, good=False, answer="it was allowed")


def _key_arn(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec) -> str:
    kms = cloud.client("kms", cloud.provisioning_session())
    return kms.describe_key(KeyId=naming.key_alias(platform, tenant))["KeyMetadata"]["Arn"]


def _served(workspace: Workspace, tenant: TenantSpec) -> list[str]:
    """The endpoints of a tenant that are in service."""
    cloud = workspace.cloud
    sagemaker = cloud.client("sagemaker", cloud.provisioning_session())
    names = [naming.endpoint(workspace.platform, tenant, model.name) for model in tenant.served_models]
    return [name for name in names if _is_there(sagemaker, name)]


def _is_there(sagemaker: Any, name: str) -> bool:
    try:
        sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ValidationException":
            return False
        raise
    return True
