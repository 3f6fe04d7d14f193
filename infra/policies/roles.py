"""What each of a tenant's roles may do: the identity policy of each kind, which names the tenant's own resources only.

KMS is absent: the key's policy names the roles itself (`infra.policies.key`). So are the network interfaces of jobs and
endpoints, whose subnets AWS names (`infra.policies.interfaces`). The boundary bounds all of it once more.

Sources: SageMaker AI Developer Guide, "How to use SageMaker AI execution roles"; Service Authorization Reference,
"Actions, resources, and condition keys for Amazon SageMaker".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from infra import naming
from infra.naming import JobKind, TenantBucketKind, TenantRoleKind
from infra.policies import actions
from infra.policies.document import Conditions, PolicyDocument, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: The most characters of all inline policies of a role together.
MAX_SIZE = 10_240

#: The kinds of jobs that tenants run, by their log group and metric namespace ``/aws/sagemaker/<kind>``.
JOB_KINDS: tuple[JobKind, ...] = ("TrainingJobs", "ProcessingJobs")

#: Every job runs in a VPC and writes only encrypted volumes and results: where a key is absent the request is refused.
#: Keys of one operator are joined by AND.
_PRIVATE_AND_ENCRYPTED = {
    "sagemaker:OutputKmsKey": "false",
    "sagemaker:VolumeKmsKey": "false",
    "sagemaker:VpcSecurityGroupIds": "false",
    "sagemaker:VpcSubnets": "false",
}


def identity(platform: PlatformSpec, tenant: TenantSpec, kind: TenantRoleKind) -> PolicyDocument:
    """The inline policy of a tenant's role."""
    return PolicyDocument(tuple(_STATEMENTS[kind](platform, tenant)))


def _training(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield _list(platform, tenant, "data", "models")
    yield _objects("ReadDataAndModels", actions.OBJECTS_READ, platform, tenant, "data", "models")
    yield _objects("WriteDataAndModels", actions.OBJECTS_WRITE, platform, tenant, "data", "models")
    yield from _pull(platform, tenant)
    # All tenants' jobs write to one group a kind: its list of streams would name them, so it is not to be had.
    yield Statement(
        sid="WriteLogsOfOwnJobs",
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=tuple(naming.job_log_streams_arn(platform, tenant, kind) for kind in JOB_KINDS),
    )
    yield Statement(
        sid="MakeLogGroupsOfAllJobs",
        actions=("logs:CreateLogGroup",),
        resources=tuple(naming.log_group_arn(platform, f"/aws/sagemaker/{kind}:*") for kind in JOB_KINDS),
    )
    namespaces = (*(f"/aws/sagemaker/{kind}" for kind in JOB_KINDS), naming.metric_namespace(platform, tenant))
    yield _publish("MetricsOfJobs", *namespaces)


def _serving(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield _list(platform, tenant, "models")
    yield _objects("ReadModels", actions.OBJECTS_READ, platform, tenant, "models")
    yield _objects("CaptureRequests", ("s3:AbortMultipartUpload", "s3:PutObject"), platform, tenant, "capture")
    yield from _pull(platform, tenant)
    groups = naming.log_group_arn(platform, naming.endpoint_log_group(platform, tenant, "*"))
    yield Statement(
        sid="WriteLogsOfOwnEndpoints", actions=(*actions.LOGS_WRITE, "logs:CreateLogGroup"), resources=(groups,)
    )
    yield _publish("MetricsOfEndpoints", "/aws/sagemaker/Endpoints")


def _invoke(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield _invoke_endpoints(platform, tenant)


def _data_scientist(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield _list(platform, tenant, "data", "models", "capture")
    yield _objects("ReadAll", actions.OBJECTS_READ, platform, tenant, "data", "models", "capture")
    yield _objects("WriteDataAndModels", actions.OBJECTS_WRITE, platform, tenant, "data", "models")
    jobs = _own(platform, tenant, "processing-job", "training-job")
    own_tag: Conditions = {"StringEquals": {f"aws:RequestTag/{TENANT_TAG}": tenant.id}}
    yield Statement(
        sid="StartPrivateEncryptedJobs",
        actions=actions.JOBS_CREATE,
        resources=jobs,
        conditions={**own_tag, "Null": _PRIVATE_AND_ENCRYPTED},
    )
    yield Statement(sid="TagJobsAsOwn", actions=("sagemaker:AddTags",), resources=jobs, conditions=own_tag)
    yield Statement(sid="FollowOwnJobs", actions=actions.JOBS_LOOK, resources=jobs)
    yield Statement(
        sid="PassOwnTrainingRole",
        actions=("iam:PassRole",),
        resources=(naming.role_arn(platform, tenant, "training"),),
        conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )
    yield _registry("RegisterModels", actions.REGISTRY_REGISTER, platform, tenant)
    yield _look_at_endpoints(platform, tenant)
    yield _invoke_endpoints(platform, tenant)
    own_groups = (naming.log_group(platform, tenant, "*"), naming.endpoint_log_group(platform, tenant, "*"))
    yield Statement(
        sid="ReadOwnLogs",
        actions=actions.LOGS_READ,
        resources=tuple(naming.log_group_arn(platform, group) for group in own_groups),
    )
    yield Statement(
        sid="ReadLogsOfOwnJobs",
        actions=("logs:GetLogEvents",),
        resources=tuple(naming.job_log_streams_arn(platform, tenant, kind) for kind in JOB_KINDS),
    )


def _deploy(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield _list(platform, tenant, "models")
    yield _objects("UploadModels", (*actions.OBJECTS_READ, *actions.OBJECTS_WRITE), platform, tenant, "models")
    yield _login()
    yield Statement(
        sid="PushOwnImages",
        actions=(*actions.IMAGES_PULL, *actions.IMAGES_PUSH),
        resources=(naming.repository_arn(platform, naming.repository(platform, tenant)),),
    )
    registry = (*actions.REGISTRY_REGISTER, *actions.REGISTRY_APPROVE)
    yield _registry("RegisterAndApproveModels", registry, platform, tenant)
    yield _look_at_endpoints(platform, tenant)


def _verification(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    objects = (naming.verification_objects_arn(platform, tenant),)
    yield Statement(sid="PutGetAndRemove", actions=actions.VERIFICATION_OBJECTS, resources=objects)
    yield _invoke_endpoints(platform, tenant)


_STATEMENTS: Mapping[TenantRoleKind, Callable[[PlatformSpec, TenantSpec], Iterator[Statement]]] = {
    "training": _training,
    "serving": _serving,
    "invoke": _invoke,
    "data-scientist": _data_scientist,
    "deploy": _deploy,
    "verification": _verification,
}


# The statements that roles share


def _list(platform: PlatformSpec, tenant: TenantSpec, *kinds: TenantBucketKind) -> Statement:
    return Statement(
        sid="ListBuckets",
        actions=actions.BUCKET_LIST,
        resources=tuple(naming.bucket_arn(naming.bucket(platform, tenant, kind)) for kind in kinds),
    )


def _objects(
    sid: str, allowed: tuple[str, ...], platform: PlatformSpec, tenant: TenantSpec, *kinds: TenantBucketKind
) -> Statement:
    objects = tuple(naming.bucket_arn(naming.bucket(platform, tenant, kind)) + "/*" for kind in kinds)
    return Statement(sid=sid, actions=allowed, resources=objects)


def _own(platform: PlatformSpec, tenant: TenantSpec, *kinds: str) -> tuple[str, ...]:
    """The patterns of the tenant's SageMaker resources of some kinds."""
    return tuple(naming.sagemaker_arn(platform, kind, naming.names_of(platform, tenant)) for kind in kinds)


def _login() -> Statement:
    # The action has no resource level; the token opens what the other statements allow, and no more.
    return Statement(sid="RegistryLogin", actions=("ecr:GetAuthorizationToken",), resources=("*",))


def _pull(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield _login()
    yield Statement(sid="PullImages", actions=actions.IMAGES_PULL, resources=image_repositories(platform, tenant))


def image_repositories(platform: PlatformSpec, tenant: TenantSpec) -> tuple[str, ...]:
    """The repositories that a tenant pulls from: its own, and the platform's serving images."""
    serving = (naming.serving_repository(platform, image.framework) for image in platform.serving_images)
    return tuple(naming.repository_arn(platform, name) for name in (naming.repository(platform, tenant), *serving))


def _publish(sid: str, *namespaces: str) -> Statement:
    # The action has no resource level; the namespace is what can be bound.
    return Statement(
        sid=sid,
        actions=("cloudwatch:PutMetricData",),
        resources=("*",),
        conditions={"StringEquals": {"cloudwatch:namespace": namespaces}},
    )


def _registry(sid: str, allowed: tuple[str, ...], platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    return Statement(
        sid=sid,
        actions=allowed,
        resources=_own(platform, tenant, "model-package-group", "model-package"),
    )


def _look_at_endpoints(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    return Statement(
        sid="LookAtOwnEndpoints",
        actions=actions.ENDPOINTS_LOOK,
        resources=_own(platform, tenant, "endpoint", "endpoint-config", "model"),
    )


def _invoke_endpoints(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    return Statement(
        sid="InvokeOwnEndpoints",
        actions=actions.INVOKE,
        resources=_own(platform, tenant, "endpoint"),
        # Our endpoints hold one model each. On one with several, the target would choose among all of them.
        conditions={"Null": {"sagemaker:TargetModel": "true"}},
    )
