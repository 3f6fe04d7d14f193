"""Promises about the sessions that end a tenant: an erasure removes one tenant's things, an export reads one's objects.

An erasure is a session of the provisioning role under a policy of its own. Here that policy alone stands for what the
session is allowed, as if the role were allowed everything; what the role is allowed has its own promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from infra import naming
from infra.naming import JobKind, TenantBucketKind
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, EXPORT_ENDS, GLOBEX, PLATFORM
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.requesting import named
from tests.isolation.broken.things import Thing

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

ERASES = people.erasure(ACME)
EXPORTS = people.export(ACME)
_READ = "s3: GetObject GetObjectTagging"
_LIST = "s3: ListBucket ListBucketVersions"
_IN_TIME = {"aws:CurrentTime": EXPORT_ENDS.replace(hour=EXPORT_ENDS.hour - 1).strftime("%Y-%m-%dT%H:%M:%SZ")}
_LATE = {"aws:CurrentTime": EXPORT_ENDS.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _known_by_name(owner: TenantSpec) -> Iterator[tuple[str, Thing]]:
    """Removals, each with something of the owner that only its name tells apart, and no policy of its own."""
    flat = naming.prefix(PLATFORM, owner)
    budget = named(f"{owner.id}'s budget", f"arn:aws:budgets::{PLATFORM.account}:budget/{flat}-monthly")
    bucket = named(f"{owner.id}'s bucket without policy", things.bucket(owner, "data").arn)
    role = things.role(owner, "training").without_tags()
    yield "budgets: ModifyBudget", budget
    yield "cloudwatch: DeleteAlarms", things.alarm(owner).without_tags()
    dashboard = f"arn:aws:cloudwatch::{PLATFORM.account}:dashboard/{flat}-left"
    yield "cloudwatch: DeleteDashboards", named(f"{owner.id}'s dashboard", dashboard)
    images = replace(things.repository(owner).without_tags(), policy=None)
    yield "ecr: BatchDeleteImage DeleteRepository DeleteRepositoryPolicy", images
    yield "iam: CreatePolicyVersion DeletePolicyVersion DeletePolicy", things.boundary(owner).without_tags()
    yield "iam: DetachRolePolicy DeleteRole DeleteRolePolicy PutRolePolicy UpdateAssumeRolePolicy", role
    for group in (things.log_group(owner), things.endpoint_log_group(owner)):
        yield "logs: DeleteLogGroup DeleteLogStream", group.without_tags()
    for kind in get_args(JobKind):
        yield "logs: DeleteLogStream", things.job_log_stream(owner, kind)
    yield "s3: DeleteBucket DeleteBucketPolicy PutBucketPolicy", bucket
    yield "s3: AbortMultipartUpload DeleteObject DeleteObjectVersion", things.in_bucket(bucket)
    for kind in ("endpoint", "endpoint-config", "model"):
        title = "".join(part.title() for part in kind.split("-"))
        yield f"sagemaker: Delete{title}", things.sagemaker(owner, kind).without_tags()
    yield "sagemaker: StopTrainingJob", things.sagemaker(owner, "training-job").without_tags()
    path = naming.path(PLATFORM, owner)
    vault = things.any_arn("backup", f"backup-vault:{flat}-left", f"{owner.id}'s vault")
    yield "backup: DeleteBackupVault", vault
    secret = things.any_arn("secretsmanager", f"secret:{path[1:]}left-AbCdEf", f"{owner.id}'s untagged secret")
    yield "secretsmanager: DeleteSecret", secret
    yield "ssm: DeleteParameter", things.any_arn("ssm", f"parameter{path}left", f"{owner.id}'s untagged parameter")
    yield "sns: DeleteTopic", replace(things.topic(owner).without_tags(), policy=None)


def _known_by_tag(owner: TenantSpec) -> Iterator[tuple[str, Thing]]:
    """Removals, each with something of the owner whose name does not say whose it is."""
    for kind in ("volume", "vpc", "subnet", "security-group"):
        title = "".join(part.title() for part in kind.split("-"))
        yield f"ec2: Delete{title}", things.network(owner, kind)
    yield "kms: ScheduleKeyDeletion", things.key(owner)
    secret = things.any_arn("secretsmanager", "secret:one-AbCdEf", f"{owner.id}'s secret")
    yield "secretsmanager: DeleteSecret", replace(secret, tags=things.tags(owner))


@never
def an_erasure_removes_nothing_of_another_tenant() -> Iterator[Attempt]:
    """Not of one whose id extends the erased tenant's, by its names or by its tags."""
    for owner in (ACMEEU, GLOBEX):
        for actions, thing in (*_known_by_name(owner), *_known_by_tag(owner)):
            yield from tries(ERASES, actions, thing)


@always
def an_erasure_removes_what_is_its_tenants() -> Iterator[Attempt]:
    """By its names and by its tags; and what lists over all of the account is asked."""
    for actions, thing in (*_known_by_name(ACME), *_known_by_tag(ACME)):
        yield from tries(ERASES, actions, thing)
    yield from tries(ERASES, "tag: GetResources", things.NOTHING)
    yield from tries(ERASES, "sagemaker: ListTrainingJobs", things.NOTHING)


@never
def an_export_reads_its_tenants_buckets_only() -> Iterator[Attempt]:
    """And changes nothing in them."""
    for kind in get_args(TenantBucketKind):
        own = things.bucket(ACME, kind)
        others = (things.bucket(ACMEEU, kind), *things.in_other_stages(own), things.namesake(own))
        yield from tries(EXPORTS, _LIST, others, _IN_TIME)
        yield from tries(EXPORTS, _READ, tuple(map(things.in_bucket, others)), _IN_TIME)
        yield from tries(EXPORTS, "s3: PutObject DeleteObject", things.in_bucket(own), _IN_TIME)
    yield from tries(EXPORTS, "kms: ScheduleKeyDeletion", things.key(ACME), _IN_TIME)


@never
def an_export_ends_by_the_clock() -> Iterator[Attempt]:
    """Also where its tenant was never closed to it again."""
    for kind in get_args(TenantBucketKind):
        opened = named(f"an opened {kind} bucket", things.bucket(ACME, kind).arn)
        yield from tries(EXPORTS, _LIST, opened, _LATE)
        yield from tries(EXPORTS, _READ, things.in_bucket(opened), _LATE)


@always
def an_export_reads_an_opened_tenants_objects() -> Iterator[Attempt]:
    """Where the bucket's policy does not keep it out."""
    for kind in get_args(TenantBucketKind):
        opened = named(f"an opened {kind} bucket", things.bucket(ACME, kind).arn)
        yield from tries(EXPORTS, _LIST, opened, _IN_TIME)
        yield from tries(EXPORTS, _READ, things.in_bucket(opened), _IN_TIME)
