"""Smoke tests of a tenant with its own credentials: what is its own works, and what is a neighbour's is denied.

Where the platform's spec names the role of the service's workers (``verification``), they act as the tenant's
verification role, at AWS as in the embedded cloud: it puts, gets and removes an object with the tenant's key, and asks
the tenant's endpoints. In an embedded cloud without it, the tenant's CI and its gateway do, with credentials that AWS
would hand to nobody else; they may delete no version, so that one of some bytes stays until a lifecycle rule ends it.

The same sessions then try a neighbour's bucket, key and endpoint; only reads are tried there, so that a hole shows and
nothing is changed by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra import naming
from infra.operations.ci_token import ci_token
from infra.operations.tenant_sessions import deploy_session, invoke_session, verification_session
from infra.operations.workspace import Workspace
from infra.sandbox.token_issuer import issuer_key
from infra.spec import PlatformSpec, TenantSpec

_KEY = f"{naming.VERIFICATION_PREFIX}smoke-test"
_DENIED = ("AccessDenied",)
#: No row: a model that answers says that there is nothing to predict, which shows that it was asked.
_EMPTY = b'{"instances": []}'
_CLIENT_ERRORS = range(400, 500)
#: How SageMaker says that an endpoint is not there; it has no code of its own for it.
#: Source: Amazon SageMaker Runtime API Reference, "InvokeEndpoint" (ValidationError).
_NO_ENDPOINT = ("ValidationError", "not found")


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


@dataclass(frozen=True, kw_only=True)
class _Hands:
    """By whose credentials a tenant is tried.

    Args:
        data: Whose bucket and key are used.
        models: Who asks endpoints.
        removes: Whether the version that was put may be removed.
    """

    data: boto3.Session
    models: boto3.Session
    removes: bool


def why_not(workspace: Workspace) -> str:
    """Why no smoke tests can run, and what makes them run; empty where they can.

    Args:
        workspace: Where the tenants are deployed.
    """
    if workspace.cloud.sandbox is not None or workspace.platform.verification is not None:
        return ""
    return (
        "no smoke tests: no credentials of tenants are to be had here; name the role of the workers in "
        "verification.worker_role_arn of the platform's spec, and bring the tenants up"
    )


def try_tenant(workspace: Workspace, tenant: TenantSpec, neighbour: TenantSpec | None) -> Iterator[Tried]:
    """Try what a tenant must be able to do, and what it must not.

    Args:
        workspace: Where both are deployed; smoke tests can run there (`why_not`).
        tenant: The tenant.
        neighbour: Another one; None where there is none.
    """
    platform, cloud = workspace.platform, workspace.cloud
    try:
        hands = _hands(workspace, tenant)
        s3, kms, runtime = (
            cloud.client("s3", hands.data),
            cloud.client("kms", hands.data),
            cloud.client("sagemaker-runtime", hands.models),
        )
        key = kms.describe_key(KeyId=naming.key_alias(platform, tenant))["KeyMetadata"]["Arn"]
    except ClientError as error:
        # A role that was made seconds ago may not be known everywhere at AWS yet.
        yield Tried(what="act for it", owner=tenant.id, good=False, transient=True, answer=str(error))
        return
    yield from _stored(s3, platform, tenant, key, removes=hands.removes)
    for model in tenant.served_models:
        yield from _invoked(runtime, naming.endpoint(platform, tenant, model.name), tenant)
    if neighbour is None:
        return
    other = naming.bucket(platform, neighbour, "models")
    yield _refused("list the bucket", neighbour, lambda: s3.list_objects_v2(Bucket=other))
    yield _refused("get an object", neighbour, lambda: s3.get_object(Bucket=other, Key=_KEY))
    there = naming.key_alias(platform, neighbour)
    yield _refused("use the key", neighbour, lambda: kms.generate_data_key(KeyId=there, KeySpec="AES_256"))
    if neighbour.served_models:
        served = naming.endpoint(platform, neighbour, neighbour.served_models[0].name)
        yield _refused("invoke the endpoint", neighbour, lambda: _invoke(runtime, served))


def _hands(workspace: Workspace, tenant: TenantSpec) -> _Hands:
    platform, cloud = workspace.platform, workspace.cloud
    if platform.verification is not None:
        session = verification_session(cloud, platform, tenant, platform.verification)
        return _Hands(data=session, models=session, removes=True)
    token = ci_token(tenant, issuer_key(workspace.settings.home / "sandbox"))
    return _Hands(
        data=deploy_session(cloud, platform, tenant, token),
        models=invoke_session(cloud, platform, tenant),
        removes=False,
    )


def _stored(s3: Any, platform: PlatformSpec, tenant: TenantSpec, key: str, *, removes: bool) -> Iterator[Tried]:
    """An object is put under the tenant's key, read and removed."""
    bucket = naming.bucket(platform, tenant, "models")
    content = f"smoke test of {tenant.id}".encode()
    encrypted: Mapping[str, Any] = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    versions: list[str] = []
    put = _allowed(
        "put with its key",
        tenant,
        lambda: versions.append(s3.put_object(Bucket=bucket, Key=_KEY, Body=content, **encrypted)["VersionId"]),
    )
    yield put
    if not put.good:
        return
    yield _read_back(s3, bucket, content, tenant)
    if removes:
        yield _allowed("remove it", tenant, lambda: _remove(s3, bucket, versions[0]))
    else:
        s3.delete_object(Bucket=bucket, Key=_KEY)


def _remove(s3: Any, bucket: str, version: str | None) -> None:
    """Remove a version, and then each that it uncovers: what smoke tests that were killed had put."""
    while version is not None:
        s3.delete_object(Bucket=bucket, Key=_KEY, VersionId=version)
        version = _current(s3, bucket)


def _current(s3: Any, bucket: str) -> str | None:
    try:
        return s3.head_object(Bucket=bucket, Key=_KEY)["VersionId"]
    except ClientError:
        # Who may not list a bucket is denied what is not there.
        return None


def _read_back(s3: Any, bucket: str, content: bytes, tenant: TenantSpec) -> Tried:
    found: list[bytes] = []
    got = _allowed("get it", tenant, lambda: found.append(s3.get_object(Bucket=bucket, Key=_KEY)["Body"].read()))
    if got.good and found != [content]:
        return Tried(what="get it", owner=tenant.id, good=False, answer="it is not what was put")
    return got


def _invoked(runtime: Any, endpoint: str, tenant: TenantSpec) -> Iterator[Tried]:
    """Any answer of the model itself is one, also that it wants other input; what is not served yet is not tried."""
    what = f"invoke {endpoint}"
    try:
        _invoke(runtime, endpoint)
    except ClientError as error:
        told = error.response.get("Error", {})
        code, words = _NO_ENDPOINT
        if told.get("Code") == code and words in told.get("Message", ""):
            return
        status = error.response.get("OriginalStatusCode")
        if not (isinstance(status, int) and status in _CLIENT_ERRORS):
            yield Tried(what=what, owner=tenant.id, good=False, transient=True, answer=str(error))
            return
    yield Tried(what=what, owner=tenant.id, good=True)


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
