"""Policies of VPC endpoints: only a tenant's principals pass, and only to that tenant's resources.

An endpoint policy grants nothing. It bounds what a request that comes this way may be, whatever the caller's
credentials allow: neither another tenant's resources nor another account's can be reached through it.

A tenant's own endpoint names the tenant. An endpoint that the tenants of a cell share has the same statements with the
caller's tag in the place of the tenant's id, and holds them to the path of the caller's role, so that a session which
carries another tenant's tag matches nothing.

Sources: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies" (a gateway endpoint names its
principals by ``aws:PrincipalArn`` only; 20,480 characters); IAM User Guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from infra import endpoint_services, naming
from infra.policies import actions
from infra.policies.any_tenant import CALLER
from infra.policies.document import ANYONE, Conditions, PolicyDocument, Statement
from infra.policies.roles import JOB_KINDS, image_repositories
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: The most characters that AWS takes.
MAX_SIZE = 20_480


def tenant_endpoint(platform: PlatformSpec, tenant: TenantSpec, service: str) -> PolicyDocument:
    """The policy of an endpoint that one tenant has for itself.

    Args:
        platform: The platform's spec.
        tenant: The endpoint's owner.
        service: A service of `infra.endpoint_services`, for example ``kms``.
    """
    return PolicyDocument(tuple(_STATEMENTS[service](platform, tenant)))


def shared_endpoint(platform: PlatformSpec, service: str) -> PolicyDocument:
    """The policy of an interface endpoint that the tenants of a cell share."""
    return PolicyDocument(tuple(_STATEMENTS[service](platform, CALLER)))


def _allow(
    platform: PlatformSpec,
    tenant: TenantSpec,
    sid: str,
    allowed: tuple[str, ...],
    resources: tuple[str, ...],
    equals: Mapping[str, str] | None = None,
) -> Statement:
    """Let the tenant's principals do what is `allowed` on resources, where the keys `equals` match.

    The ARNs of resources name the account; where they cannot, `equals` must.
    """
    return Statement(
        sid=sid,
        principal=ANYONE,
        actions=allowed,
        resources=resources,
        conditions=_principals(platform, tenant, equals or {}),
    )


def _allow_without_resource(
    platform: PlatformSpec, tenant: TenantSpec, sid: str, action: str, equals: Mapping[str, str] | None = None
) -> Statement:
    """Let the tenant's principals do an action that has no resource: ``*`` is all that its statement can name."""
    return Statement(
        sid=sid,
        principal=ANYONE,
        actions=(action,),
        resources=("*",),
        conditions=_principals(platform, tenant, equals or {}),
    )


def _principals(platform: PlatformSpec, tenant: TenantSpec, equals: Mapping[str, str]) -> Conditions:
    roles = {"ArnLike": {"aws:PrincipalArn": naming.tenant_roles_arn(platform, tenant)}}
    return {**roles, "StringEquals": equals} if equals else roles


def _s3(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    buckets = naming.bucket_arns(platform, tenant)
    # The name of a bucket that was given up may be another account's tomorrow.
    own = {"aws:ResourceAccount": platform.account}
    yield _allow(platform, tenant, "Buckets", actions.BUCKET_LIST, buckets, own)
    objects = tuple(f"{arn}/*" for arn in buckets)
    yield _allow(platform, tenant, "Objects", (*actions.OBJECTS_READ, *actions.OBJECTS_WRITE), objects, own)
    # The layers of an image are fetched by URLs that an account of ECR's has signed: no condition on the tenant's
    # principals or on the account can match them, and every pull fails with 403 where one is set. The bucket is AWS's,
    # holds only what ECR gave a signed URL for, and is named exactly.
    yield Statement(
        sid="ImageLayers",
        principal=ANYONE,
        actions=("s3:GetObject",),
        resources=(f"{naming.layer_bucket_arn(platform)}/*",),
    )


def _kms(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    # AWS assigns a key's id, so the key is known by its owner's tag, which only the provisioning role can set.
    yield _allow(
        platform,
        tenant,
        "Key",
        (*actions.KEY_USE, "kms:DescribeKey"),
        (naming.any_key_arn(platform),),
        {f"aws:ResourceTag/{TENANT_TAG}": tenant.id},
    )


def _sagemaker_runtime(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    yield _allow(platform, tenant, "Endpoints", actions.INVOKE, _sagemaker(platform, tenant, "endpoint"))


def _sagemaker_api(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    jobs = _sagemaker(platform, tenant, "processing-job", "training-job")
    yield _allow(platform, tenant, "Jobs", (*actions.JOBS_CREATE, *actions.JOBS_LOOK, "sagemaker:AddTags"), jobs)
    registry = _sagemaker(platform, tenant, "model-package-group", "model-package")
    versions = (*actions.REGISTRY_REGISTER, *actions.REGISTRY_APPROVE)
    yield _allow(platform, tenant, "Registry", versions, registry)
    served = _sagemaker(platform, tenant, "endpoint", "endpoint-config", "model")
    yield _allow(platform, tenant, "Served", actions.ENDPOINTS_LOOK, served)


def _sagemaker(platform: PlatformSpec, tenant: TenantSpec, *kinds: str) -> tuple[str, ...]:
    return tuple(naming.sagemaker_arn(platform, kind, naming.names_of(platform, tenant)) for kind in kinds)


def _sts(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    own = (naming.tenant_roles_arn(platform, tenant),)
    yield _allow(platform, tenant, "Roles", ("sts:AssumeRole", "sts:TagSession"), own)
    yield _allow_without_resource(platform, tenant, "WhoAmI", "sts:GetCallerIdentity")


def _logs(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    groups = (naming.log_group(platform, tenant, "*"), naming.endpoint_log_group(platform, tenant, "*"))
    streams = (naming.job_log_streams_arn(platform, tenant, kind) for kind in JOB_KINDS)
    yield _allow(
        platform,
        tenant,
        "Logs",
        tuple(sorted({*actions.LOGS_READ, *actions.LOGS_WRITE})),
        (*(naming.log_group_arn(platform, group) for group in groups), *streams),
    )


def _monitoring(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    own = {"cloudwatch:namespace": naming.metric_namespace(platform, tenant)}
    yield _allow_without_resource(platform, tenant, "Metrics", "cloudwatch:PutMetricData", own)


def _ecr(platform: PlatformSpec, tenant: TenantSpec) -> Iterable[Statement]:
    own = (naming.repository_arn(platform, naming.repository(platform, tenant)),)
    yield _allow_without_resource(platform, tenant, "Login", "ecr:GetAuthorizationToken")
    yield _allow(platform, tenant, "Push", actions.IMAGES_PUSH, own)
    yield _allow(platform, tenant, "Pull", actions.IMAGES_PULL, image_repositories(platform, tenant))


_STATEMENTS: dict[str, Callable[[PlatformSpec, TenantSpec], Iterable[Statement]]] = {
    endpoint_services.GATEWAY: _s3,
    "kms": _kms,
    "sagemaker.runtime": _sagemaker_runtime,
    "sagemaker.api": _sagemaker_api,
    "sts": _sts,
    "logs": _logs,
    "monitoring": _monitoring,
    "ecr.api": _ecr,
    "ecr.dkr": _ecr,
}
