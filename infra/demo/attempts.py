"""Each tenant's own credentials tried live on what is its own and on what is its neighbours'."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from botocore.exceptions import ClientError
from joserfc.jwk import RSAKey

from infra import naming
from infra.demo.training import train
from infra.operations.ci_token import ci_token
from infra.operations.cloud import CloudAccess
from infra.operations.tenant_sessions import anonymous_session, deploy_session, invoke_session
from infra.operations.workspace import Workspace
from infra.sandbox.token_issuer import issuer_key
from infra.spec import PlatformSpec, TenantSpec

Outcome = Literal["allowed", "denied", "failed"]

#: The actor that has no credentials at all.
ANYONE = "anyone"

#: The codes by which services deny, and by which they turn away who has not signed.
_DENIALS = ("AccessDenied", "MissingAuthenticationToken")

_SCRATCH = "isolation-matrix.txt"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call of one actor on one owner's resource.

    Args:
        actor: A tenant's id, or `ANYONE`.
        owner: The id of the tenant whose resource it is.
        what: What was tried.
        outcome: Whether the cloud let it through; ``failed`` is any other end, which shows nothing.
        reason: The cloud's answer where it did not.
    """

    actor: str
    owner: str
    what: str
    outcome: Outcome
    reason: str = ""

    @property
    def as_it_should_be(self) -> bool:
        """Allowed on what is one's own, denied on everything else."""
        return self.outcome == ("allowed" if self.actor == self.owner else "denied")


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The names of an owner's resources."""

    models: str
    artifact: str
    key: str
    group: str
    repository: str
    endpoint: str
    row: str
    deploy_role: str


_Call: TypeAlias = Callable[["_Actor", _Target], object]


@dataclass(frozen=True, kw_only=True)
class _Actor:
    cloud: CloudAccess
    sessions: Mapping[str, Any]
    token: str

    def client(self, service: str, role: str = "deploy") -> Any:
        return self.cloud.client(service, self.sessions[role])


def try_all(workspace: Workspace, tenants: Sequence[str]) -> Iterator[Attempt]:
    """Every call of the table below, of each tenant and of anyone, on each tenant's resources.

    Args:
        workspace: Where the tenants are up.
        tenants: Their ids; each serves at least one model.
    """
    platform, cloud = workspace.estate.platform, workspace.cloud
    specs = [workspace.estate.tenants[name] for name in tenants]
    key = issuer_key(workspace.settings.home / "sandbox")
    targets = {tenant.id: _target(cloud, platform, tenant) for tenant in specs}
    actors = {tenant.id: _actor(cloud, platform, tenant, key) for tenant in specs}
    for name, actor in {**actors, ANYONE: _anyone(cloud, specs[0], key)}.items():
        for owner, target in targets.items():
            for what, call in _CALLS.items():
                outcome, reason = _outcome(call, actor, target)
                yield Attempt(actor=name, owner=owner, what=what, outcome=outcome, reason=reason)


def _actor(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec, key: RSAKey) -> _Actor:
    token = ci_token(tenant, key)
    sessions = {
        "deploy": deploy_session(cloud, platform, tenant, token),
        "invoke": invoke_session(cloud, platform, tenant),
    }
    return _Actor(cloud=cloud, sessions=sessions, token=token)


def _anyone(cloud: CloudAccess, example: TenantSpec, key: RSAKey) -> _Actor:
    """Somebody without credentials, whose CI job has a good token of the same provider, for its own repository."""
    deploy = example.identity.deploy.model_copy(update={"repository": "somebody/else"})
    identity = example.identity.model_copy(update={"deploy": deploy})
    nobody = anonymous_session(cloud)
    return _Actor(
        cloud=cloud,
        sessions={"deploy": nobody, "invoke": nobody},
        token=ci_token(example.model_copy(update={"identity": identity}), key),
    )


def _target(cloud: CloudAccess, platform: PlatformSpec, tenant: TenantSpec) -> _Target:
    model = tenant.served_models[0]
    key = cloud.client("kms").describe_key(KeyId=naming.key_alias(platform, tenant))["KeyMetadata"]["Arn"]
    return _Target(
        models=naming.bucket(platform, tenant, "models"),
        artifact=model.artifact.key,
        key=key,
        group=naming.model_package_group(platform, tenant, model.name),
        repository=naming.repository(platform, tenant),
        endpoint=naming.endpoint(platform, tenant, model.name),
        row=json.dumps({"instances": train(model.name).held_out[:1].tolist()}),
        deploy_role=naming.role_arn(platform, tenant, "deploy"),
    )


def _outcome(call: _Call, actor: _Actor, target: _Target) -> tuple[Outcome, str]:
    try:
        call(actor, target)
    except ClientError as error:
        details = error.response.get("Error", {})
        code, message = details.get("Code", ""), details.get("Message", "")
        return "denied" if code.startswith(_DENIALS) else "failed", f"{code}: {message}"
    return "allowed", ""


def _put(actor: _Actor, target: _Target) -> None:
    s3 = actor.client("s3")
    s3.put_object(
        Bucket=target.models,
        Key=_SCRATCH,
        Body=b"tried live",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=target.key,
    )


#: What is tried, by what it is called in the matrix.
_CALLS: Mapping[str, _Call] = {
    "list the models": lambda actor, to: actor.client("s3").list_objects_v2(Bucket=to.models),
    "read a model": lambda actor, to: actor.client("s3").get_object(Bucket=to.models, Key=to.artifact)["Body"].read(),
    "write with the key": _put,
    "see the model packages": lambda actor, to: actor.client("sagemaker").list_model_packages(
        ModelPackageGroupName=to.group
    ),
    "read the repository": lambda actor, to: actor.client("ecr").batch_check_layer_availability(
        repositoryName=to.repository, layerDigests=["sha256:" + "0" * 64]
    ),
    "see the endpoint": lambda actor, to: actor.client("sagemaker").describe_endpoint(EndpointName=to.endpoint),
    "invoke the endpoint": lambda actor, to: actor.client("sagemaker-runtime", "invoke").invoke_endpoint(
        EndpointName=to.endpoint, ContentType="application/json", Body=to.row
    ),
    "assume the deploy role": lambda actor, to: actor.client("sts").assume_role_with_web_identity(
        RoleArn=to.deploy_role, RoleSessionName="tried-live", WebIdentityToken=actor.token
    ),
}
