"""Promises about what a tenant's work leaves: the provisioning role removes what is named or tagged as a tenant's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra import naming
from infra.naming import JobKind
from tests.isolation.broken import things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, PLATFORM
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.requesting import NOT_A_TENANTS, WHO, bounded_by, named, with_tags
from tests.isolation.broken.things import Thing

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

#: How SageMaker's work is ended and deleted, by the kind in its ARN.
WORK = {
    "compilation-job": "StopCompilationJob DeleteCompilationJob",
    "experiment": "DeleteExperiment",
    "experiment-trial": "DeleteTrial",
    "experiment-trial-component": "DeleteTrialComponent",
    "feature-group": "DeleteFeatureGroup",
    "hyper-parameter-tuning-job": "StopHyperParameterTuningJob DeleteHyperParameterTuningJob",
    "model-package": "DeleteModelPackage",
    "model-package-group": "ListModelPackages",
    "monitoring-schedule": "StopMonitoringSchedule DeleteMonitoringSchedule",
    "notebook-instance": "StopNotebookInstance DeleteNotebookInstance",
    "pipeline": "StopPipelineExecution DeletePipeline",
    "processing-job": "StopProcessingJob DeleteProcessingJob",
    "training-job": "StopTrainingJob DeleteTrainingJob",
    "transform-job": "StopTransformJob",
}
_IMAGES = "ecr: BatchDeleteImage ListImages"
_NAMED_STREAMS = "logs: DeleteLogStream"
#: What nobody has tagged, and is of no stage by its name.
_VOLUME = things.any_arn("ec2", "volume/vol-0123456789abcdef0", "a volume")
_SNAPSHOT = named("a snapshot", f"arn:aws:ec2:{PLATFORM.region}::snapshot/snap-0123456789abcdef0")
_SECRET = things.any_arn("secretsmanager", "secret:one-AbCdEf", "a secret")
_PARAMETER = things.any_arn("ssm", "parameter/one", "a parameter")
_RECOVERY_POINT = things.any_arn("backup", "recovery-point:0123", "a recovery point")
#: What is told by its tags, with the action that removes it.
TAGGED = (
    ("ec2: DeleteVolume", _VOLUME),
    ("ec2: DeleteSnapshot", _SNAPSHOT),
    ("secretsmanager: DeleteSecret", _SECRET),
    ("ssm: DeleteParameter", _PARAMETER),
    ("backup: DeleteRecoveryPoint", _RECOVERY_POINT),
)


def _work(kind: str) -> Thing:
    """A tenant's piece of work, which nobody has tagged."""
    return things.sagemaker(ACME, kind, "tumour/1" if kind == "model-package" else "tumour").without_tags()


def _by_name() -> tuple[tuple[str, Thing], ...]:
    """What is told by its name alone, with the actions that remove it."""
    flat, path = f"{naming.prefix(PLATFORM, ACME)}-left", f"{naming.path(PLATFORM, ACME)}left"
    dashboard = things.any_arn("cloudwatch", f"dashboard/{flat}", "acme's dashboard", regional=False)
    return (
        ("backup: DeleteBackupVault", things.any_arn("backup", f"backup-vault:{flat}", "acme's vault")),
        ("cloudwatch: DeleteDashboards", dashboard),
        (
            "secretsmanager: DeleteSecret",
            things.any_arn("secretsmanager", f"secret:{path[1:]}-AbCdEf", "acme's secret"),
        ),
        ("ssm: DeleteParameter", things.any_arn("ssm", f"parameter{path}", "acme's parameter")),
    )


def _elsewhere(thing: Thing) -> tuple[Thing, ...]:
    """The thing under names of other stages, and under a name that is nobody's."""
    stage = PLATFORM.stage
    prod = thing.arn.replace(f"/{stage}/", "/prod/").replace(f"bh-{stage}-", "bh-prod-")
    start, found, _ = thing.arn.partition(f"bulkhead/{stage}/")
    if not found:
        start, _, _ = thing.arn.partition(f"bh-{stage}-")
    others = (named(f"{thing.name} of prod", prod), named(f"not {thing.name}", f"{start}anything"))
    return (*things.in_other_stages(thing), *others)


@never
def it_removes_no_work_but_the_stages() -> Iterator[Attempt]:
    """Jobs, versions, schedules and the rest of SageMaker are by the stage's names."""
    for kind, actions in WORK.items():
        yield from tries(WHO, f"sagemaker: {actions}", _elsewhere(_work(kind)))


@never
def it_removes_no_leftovers_but_the_stages() -> Iterator[Attempt]:
    """Uploads, images, vaults, dashboards, secrets and parameters are in or under the stage's names."""
    for kind in ("data", "models", "capture"):
        bucket = things.bucket(ACME, kind)
        buckets = (*_elsewhere(bucket), things.namesake(bucket))
        yield from tries(WHO, "s3: ListBucketMultipartUploads", buckets)
        yield from tries(WHO, "s3: AbortMultipartUpload", tuple(map(things.in_bucket, buckets)))
    images = things.repository(ACME).without_tags()
    yield from tries(WHO, _IMAGES, (*_elsewhere(images), things.namesake(images), things.repository(None)))
    for actions, thing in _by_name():
        yield from tries(WHO, actions, _elsewhere(thing))


@never
def it_lists_no_streams_but_of_jobs() -> Iterator[Attempt]:
    """The groups that all jobs share, and no group of a tenant, the platform or the account."""
    groups = (
        things.log_group(ACME),
        things.log_group(None),
        things.endpoint_log_group(ACME),
        *(named(f"{kind}2", naming.log_group_arn(PLATFORM, f"/aws/sagemaker/{kind}2")) for kind in get_args(JobKind)),
        things.any_arn("logs", "log-group:/anything", "a group"),
    )
    yield from tries(WHO, "logs: DescribeLogStreams", (*groups, *map(things.log_stream, groups)))


@never
def it_removes_no_streams_but_of_the_stages_jobs() -> Iterator[Attempt]:
    """In the groups that the jobs of the account share."""
    for kind in get_args(JobKind):
        yield from tries(WHO, _NAMED_STREAMS, _elsewhere(things.job_log_stream(ACME, kind)))


@never
def it_detaches_from_tenants_roles_only() -> Iterator[Attempt]:
    """What somebody attached to a role of the account or of another stage stays."""
    role = things.role(ACME, "training")
    in_path = tuple(other for other in things.in_other_stages(role) if f"/{PLATFORM.stage}2/" in other.arn)
    others = (*in_path, things.other_role("Administrator"), things.other_role("bh-dev-acme-training"))
    yield from tries(WHO, "iam: DetachRolePolicy", others, bounded_by(things.boundary(ACME)))


@never
def it_removes_nothing_by_tags_that_are_not_a_tenants() -> Iterator[Attempt]:
    """The platform's, another stage's, somebody's by hand, and what has no owner stay."""
    for changes in NOT_A_TENANTS:
        for actions, thing in TAGGED:
            yield from tries(WHO, actions, thing, with_tags(ACME, changes, "aws:ResourceTag"))
    for actions, thing in TAGGED:
        yield from tries(WHO, actions, thing)


@never
def it_reads_nothing_of_what_it_removes() -> Iterator[Attempt]:
    """Neither a secret's value, a parameter's, a snapshot's blocks, nor what a backup would bring back."""
    tags = with_tags(ACME, where="aws:ResourceTag")
    (_, _), (_, _), (_, secret), (_, parameter) = _by_name()
    yield from tries(WHO, "secretsmanager: GetSecretValue BatchGetSecretValue PutSecretValue", (secret, _SECRET), tags)
    yield from tries(WHO, "ssm: GetParameter GetParameters GetParameterHistory PutParameter", (parameter, _PARAMETER))
    yield from tries(WHO, "ebs: GetSnapshotBlock ListSnapshotBlocks", _SNAPSHOT, tags)
    yield from tries(WHO, "backup: StartRestoreJob StartCopyJob", _RECOVERY_POINT, tags)


@always
def it_removes_what_work_left() -> Iterator[Attempt]:
    """Each kind of what is named or tagged as a tenant's."""
    for kind, actions in WORK.items():
        yield from tries(WHO, f"sagemaker: {actions}", _work(kind))
    bucket = things.bucket(ACME, "data")
    emptied = named("a bucket without policy", bucket.arn)
    yield from tries(WHO, "s3: ListBucketMultipartUploads", emptied)
    yield from tries(WHO, "s3: AbortMultipartUpload", things.in_bucket(emptied))
    yield from tries(WHO, _IMAGES, named("a repository without policy", things.repository(ACME).arn))
    for kind in get_args(JobKind):
        group = named(f"group of {kind}", naming.log_group_arn(PLATFORM, f"/aws/sagemaker/{kind}"))
        yield from tries(WHO, "logs: DescribeLogStreams", (group, things.log_stream(group)))
        yield from tries(WHO, _NAMED_STREAMS, things.job_log_stream(ACME, kind))
    yield from tries(WHO, "iam: DetachRolePolicy", things.role(ACME, "training"))
    for actions, thing in _by_name():
        yield from tries(WHO, actions, thing)
    for actions, thing in TAGGED:
        yield from tries(WHO, actions, thing, with_tags(ACME, where="aws:ResourceTag"))
    yield from tries(WHO, "secretsmanager: ListSecrets", things.NOTHING)
    yield from tries(WHO, "sagemaker: ListTrainingJobs ListModels", things.NOTHING)
