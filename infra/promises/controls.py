"""The positive controls of a proof: every promise to a tenant's roles as requests that must be allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra import endpoint_services, naming
from infra.evaluator.request import ContextValue
from infra.policies.principals import role_kinds
from infra.promises.deployed import Deployed, read_deployed
from infra.promises.roles import PROMISES, Promise, for_a_service
from infra.proof.theorem.inputs import Control
from infra.spec import PlatformSpec, TenantSpec

#: A call that somebody makes as AWS wants it: with TLS, and not by a service for somebody else.
_DIRECTLY: Mapping[str, ContextValue] = {"aws:SecureTransport": True, "aws:ViaAWSService": False}
#: What a service learns of the endpoint that a call came through.
_WAY = ("aws:SourceVpce", "aws:SourceVpc")


def controls(platform: PlatformSpec, tenant: TenantSpec, export: bytes) -> tuple[Control, ...]:
    """What a tenant's roles must be able to do; nothing while the tenant is suspended.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        export: What ``pulumi stack export`` writes of the tenant's stack.

    Raises:
        msgspec.DecodeError: it is no export.
    """
    if tenant.lifecycle.state == "suspended":
        return ()
    deployed = read_deployed(platform, tenant, export)
    return tuple(
        Control(
            owner=tenant.id,
            principal_arn=naming.role_arn(platform, tenant, kind),
            action=action,
            resource=arn,
            context=_context(platform, promise, deployed),
        )
        for kind in role_kinds(platform)
        for promise in PROMISES[kind]
        for arn in _resources(promise, deployed)
        for action in promise.actions
    )


def _resources(promise: Promise, deployed: Deployed) -> Iterator[str]:
    """What the promise is about: every resource of its kind, one example of those in another."""
    for arn in deployed.arns.get(promise.on, ()):
        if promise.only in arn:
            bucket, _, name = arn.partition("/")
            yield f"{bucket}/{promise.below}{name}" if promise.below else arn


def _context(platform: PlatformSpec, promise: Promise, deployed: Deployed) -> Mapping[str, ContextValue]:
    """The context of the requests, but for what their maker chooses; a way that is not there is one from nowhere."""
    asked: Mapping[str, ContextValue] = for_a_service(platform) if promise.asking == "for a service" else {}
    service = None if promise.through is None else _endpoint_service(promise.through)
    endpoint = deployed.endpoints.get(service) if service else None
    way: Mapping[str, ContextValue] = {} if endpoint is None else dict(zip(_WAY, endpoint, strict=True))
    return {**_DIRECTLY, **asked, **way}


def _endpoint_service(service: str) -> str:
    """The name of a service's VPC endpoint, by botocore's name of the service."""
    names = {name.lower().replace("_", "-"): entry for entry, name in endpoint_services.SDK_NAMES.items()}
    return names.get(service, service)
