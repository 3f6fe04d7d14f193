"""The estate that this platform's own policies make: the platform and some tenants, as facts, without an engine."""

from __future__ import annotations

from collections.abc import Iterable

from infra import naming
from infra.evaluator.kinds import PolicyKind
from infra.naming import PlatformRoleKind, TenantBucketKind
from infra.policies import (
    audit,
    boundary,
    bucket,
    endpoint,
    flow_logs,
    gateway,
    interfaces,
    key,
    model_package_group,
    platform_boundary,
    platform_key,
    provisioning,
    repository,
    roles,
    topic,
    trust,
)
from infra.policies.document import PolicyDocument
from infra.policies.principals import EXECUTION_ROLES, role_kinds
from infra.proof.facts import Document, Estate, Principal, PrincipalKind, Resource, Route, RouteKind, Source
from infra.proof.facts.families import Families
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM, tenant

_SAML = {"federation": PLATFORM.federation.model_copy(update={"saml_metadata": "<EntityDescriptor/>"})}
OWN_PLATFORM: PlatformSpec = PLATFORM.model_copy(update=_SAML)
_FAMILIES = Families()
_KINDS: tuple[TenantBucketKind, ...] = ("data", "models", "capture")


def own_estate(*ids: str) -> Estate:
    """The platform with tenants of some ids."""
    specs = [tenant(one) for one in ids]
    return Estate(
        principals=(*_platform_roles(), *(one for spec in specs for one in _roles(spec))),
        resources=(*_platform_things(), *(one for spec in specs for one in _things(spec))),
        routes=tuple(_route(spec) for spec in specs),
    )


def _document(policy: PolicyDocument, kind: PolicyKind, where: str, service: str | None = None) -> Document:
    arn = where if where.startswith("arn:") else None
    return Document(policy.render(), kind, Source("own", where), "policy", service, arn)


def _role(
    arn: str, owner: str, identity: Iterable[PolicyDocument], limit: Document, trusted: PolicyDocument
) -> Principal:
    return Principal(
        arn=arn,
        kind=PrincipalKind.ROLE,
        owner=owner,
        account=OWN_PLATFORM.account,
        identity=tuple(_document(one, PolicyKind.IDENTITY, f"{arn}/{place}") for place, one in enumerate(identity)),
        boundary=limit,
        trust=_document(trusted, PolicyKind.TRUST, f"{arn.rpartition('/')[2]}/trust"),
        tags={"tenant": owner},
        source=Source("own", arn),
    )


def _platform_roles() -> Iterable[Principal]:
    limit_arn = naming.boundary_arn(OWN_PLATFORM)
    limit = _document(platform_boundary.platform_boundary(OWN_PLATFORM), PolicyKind.BOUNDARY, limit_arn)
    made: tuple[tuple[PlatformRoleKind, tuple[PolicyDocument, ...], PolicyDocument], ...] = (
        ("provisioning", tuple(provisioning.policies(OWN_PLATFORM).values()), provisioning.trust(OWN_PLATFORM)),
        ("gateway", (gateway.identity(OWN_PLATFORM),), gateway.trust(OWN_PLATFORM)),
        ("flow-logs", (flow_logs.write(OWN_PLATFORM),), flow_logs.trust(OWN_PLATFORM)),
        ("config", (audit.config_delivery(OWN_PLATFORM),), audit.config_trust(OWN_PLATFORM)),
    )
    for kind, identity, trusted in made:
        arn = naming.platform_role_arn(OWN_PLATFORM, kind)
        yield _role(arn, "platform", identity, limit, trusted)


def _roles(spec: TenantSpec) -> Iterable[Principal]:
    limit_arn = naming.boundary_arn(OWN_PLATFORM, spec)
    limit = _document(boundary.tenant_boundary(OWN_PLATFORM, spec), PolicyKind.BOUNDARY, limit_arn)
    for kind in role_kinds(OWN_PLATFORM):
        identity = [roles.identity(OWN_PLATFORM, spec, kind)]
        if kind in EXECUTION_ROLES:
            identity.append(interfaces.network_interfaces(OWN_PLATFORM, spec, [f"subnet-{spec.id}"]))
        arn = naming.role_arn(OWN_PLATFORM, spec, kind)
        yield _role(arn, spec.id, identity, limit, trust.trust(OWN_PLATFORM, spec, kind))


def _thing(arn: str, owner: str, policy: PolicyDocument | None = None, runs_as: tuple[str, ...] = ()) -> Resource:
    service = arn.split(":")[2]
    return Resource(
        arn=arn,
        token=f"aws:{service}/thing:Thing",
        families=_FAMILIES.of(arn, f"aws:{service}/thing:Thing"),
        owner=owner,
        account=OWN_PLATFORM.account,
        policies=() if policy is None else (_document(policy, PolicyKind.RESOURCE, f"{arn}#policy"[4:], service),),
        tags={"tenant": owner},
        runs_as=runs_as,
        keys=(),
        settings={},
        source=Source("own", arn),
    )


def key_arn(owner: str) -> str:
    """The ARN of an owner's key."""
    return naming.any_key_arn(OWN_PLATFORM).replace("*", f"of-{owner}")


def _platform_things() -> Iterable[Resource]:
    yield _thing(key_arn("platform"), "platform", platform_key.platform_key(OWN_PLATFORM))
    yield _thing(naming.boundary_arn(OWN_PLATFORM), "platform")
    name = naming.serving_repository(OWN_PLATFORM, "sklearn")
    yield _thing(naming.repository_arn(OWN_PLATFORM, name), "platform", repository.serving_repository(OWN_PLATFORM))
    yield _thing(
        naming.bucket_arn(naming.platform_bucket(OWN_PLATFORM, "audit")),
        "platform",
        audit.audit_bucket(OWN_PLATFORM, key_arn=key_arn("platform")),
    )


def _things(spec: TenantSpec) -> Iterable[Resource]:
    platform, owner = OWN_PLATFORM, spec.id
    yield _thing(key_arn(owner), owner, key.tenant_key(platform, spec))
    yield _thing(naming.boundary_arn(platform, spec), owner)
    for kind in _KINDS:
        policy = bucket.tenant_bucket(platform, spec, kind, key_arn=key_arn(owner), s3_endpoint_ids=[f"vpce-{owner}"])
        yield _thing(naming.bucket_arn(naming.bucket(platform, spec, kind)), owner, policy)
    repository_arn = naming.repository_arn(platform, naming.repository(platform, spec))
    yield _thing(repository_arn, owner, repository.model_repository(platform, spec))
    alerts = naming.topic_arn(platform, naming.alerts_topic(platform, spec))
    yield _thing(alerts, owner, topic.alerts_topic(platform, spec))
    group = naming.sagemaker_arn(platform, "model-package-group", naming.model_package_group(platform, spec, "tumour"))
    yield _thing(group, owner, model_package_group.model_package_group(platform, spec, "tumour"))
    serving = naming.role_arn(platform, spec, "serving")
    yield _thing(
        naming.sagemaker_arn(platform, "model", naming.sagemaker_model(platform, spec, "tumour", "1")),
        owner,
        runs_as=(serving,),
    )
    yield _thing(naming.sagemaker_arn(platform, "endpoint", naming.endpoint(platform, spec, "tumour")), owner)
    yield _thing(naming.log_group_arn(platform, naming.log_group(platform, spec, "flow-logs")), owner)
    yield _thing(naming.alarm_arn(platform, naming.alarm(platform, spec, "tumour", "errors")), owner)


def _route(spec: TenantSpec) -> Route:
    return Route(
        id=f"vpce-{spec.id}",
        kind=RouteKind.GATEWAY,
        service="s3",
        policy=_document(endpoint.tenant_endpoint(OWN_PLATFORM, spec, "s3"), PolicyKind.ENDPOINT, f"vpce-{spec.id}"),
        vpc=f"vpc-{spec.id}",
        owner=spec.id,
        account=OWN_PLATFORM.account,
        tables=(),
        subnets=(),
        groups=(),
        private_names=False,
        source=Source("own", f"vpce-{spec.id}"),
    )
