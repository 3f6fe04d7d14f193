"""Promises about tenants' images, registries, models, endpoints and jobs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

from infra import naming
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, PLATFORM, PLATFORMEU, TENANTS
from tests.isolation.broken.promises.declared import Promises, tries

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

PAIRS = tuple(permutations(TENANTS, 2))

PULL = "ecr: BatchGetImage GetDownloadUrlForLayer"
PUSH = "ecr: CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart"
LOOK_AT_IMAGES = "ecr: BatchCheckLayerAvailability DescribeImages ListImages DescribeImageScanFindings"
KEEP_IMAGES = (
    "ecr: SetRepositoryPolicy DeleteRepositoryPolicy DeleteRepository BatchDeleteImage PutImageTagMutability "
    "PutLifecyclePolicy DeleteLifecyclePolicy TagResource"
)
INVOKE = "sagemaker: InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream"
SERVED = ("endpoint", "endpoint-config", "model")
JOBS = ("training-job", "processing-job")
PRIVATE = {
    "sagemaker:OutputKmsKey": "a key",
    "sagemaker:VolumeKmsKey": "a key",
    "sagemaker:VpcSecurityGroupIds": ["sg-1"],
    "sagemaker:VpcSubnets": ["subnet-1"],
}


def tagged(owner: TenantSpec) -> dict[str, str]:
    """The tag that a request puts on what it makes."""
    return {"aws:RequestTag/tenant": owner.id}


def endpoint_of(owner: TenantSpec, service: str) -> str:
    """The endpoint document through which a tenant reaches a service: its own, or the cell's."""
    shared = owner.tier == "pool" and service not in {"s3", "kms", "sagemaker.runtime"}
    return f"{naming.PLATFORM if shared else owner.id}.endpoint.{service}"


def ways_of(attacker: TenantSpec, service: str) -> tuple[str | None, ...]:
    """Without an endpoint, through the tenant's own, and through the cell's."""
    return (None, *{endpoint_of(attacker, service), f"{naming.PLATFORM}.endpoint.{service}"})


def with_and_without_tags(*found: things.Thing) -> tuple[things.Thing, ...]:
    """The things as they are, and where they have lost their tags."""
    return (*found, *(thing.without_tags() for thing in found))


# Images


@never
def no_tenant_pulls_or_pushes_another_tenants_images() -> Iterator[Attempt]:
    """Neither reading them nor putting others in their place, whichever way."""
    for attacker, victim in PAIRS:
        images = with_and_without_tags(things.repository(victim))
        for through in (*ways_of(attacker, "ecr.api"), *ways_of(attacker, "ecr.dkr")[1:]):
            yield from tries(people.roles(attacker), PULL, images, through=through)
            yield from tries(people.roles(attacker), PUSH, images, through=through)


@never
def no_tenant_looks_at_or_keeps_another_tenants_images() -> Iterator[Attempt]:
    """Its repository's list, policy and lifecycle are the owner's."""
    for attacker, victim in PAIRS:
        images = with_and_without_tags(things.repository(victim))
        yield from tries(people.roles(attacker), LOOK_AT_IMAGES, images)
        yield from tries(people.roles(attacker), KEEP_IMAGES, images)


@never
def nobody_else_pulls_or_pushes_a_tenants_images() -> Iterator[Attempt]:
    """No administrator of the account and no role of the platform."""
    others = (people.ADMINISTRATOR, people.ROOT_USER, people.PROVISIONING, people.GATEWAY)
    yield from tries(others, PULL, things.repository(ACME))
    yield from tries(others, PUSH, things.repository(ACME))


@never
def no_outsider_reaches_images() -> Iterator[Attempt]:
    """Neither a tenant's nor the platform's, to look, pull or push."""
    for owner in (ACME, None):
        for actions in (PULL, PUSH, LOOK_AT_IMAGES):
            yield from tries((people.OUTSIDER, people.ANONYMOUS), actions, things.repository(owner))
    other = people.stranger(naming.role_arn(PLATFORM, ACME, "serving").replace(PLATFORM.account, people.OUTSIDE))
    yield from tries(other, PULL, things.repository(None))


@never
def no_tenant_changes_the_platforms_images() -> Iterator[Attempt]:
    """They run with every tenant's data."""
    for owner in (ACME, PLATFORMEU):
        yield from tries(people.roles(owner), PUSH, things.repository(None))
        yield from tries(people.roles(owner), "ecr: BatchDeleteImage", things.repository(None))


@never
def no_tenant_keeps_the_platforms_images() -> Iterator[Attempt]:
    """Policy, lifecycle and repository are the platform's."""
    yield from tries(people.roles(ACME), KEEP_IMAGES, with_and_without_tags(things.repository(None)))


@never
def images_come_and_go_through_endpoints_by_their_owner_only() -> Iterator[Attempt]:
    """A shared endpoint knows the caller by its role's path and tag; a strange tag opens nothing."""
    login = "ecr: GetAuthorizationToken"
    for service in ("ecr.api", "ecr.dkr"):
        for owner, other in PAIRS:
            for through, tag in product(ways_of(owner, service)[1:], (owner.id, other.id, None, "*")):
                claims = {"aws:PrincipalTag/tenant": tag}
                for actions in (PULL, PUSH):
                    yield from tries(people.roles(other), actions, things.repository(owner), claims, through=through)
                yield from tries(people.roles(owner), PUSH, things.repository(other), claims, through=through)
                if tag != other.id:
                    yield from tries(people.roles(other), login, things.NOTHING, claims, through=through)
        strangers = (people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS, people.PROVISIONING)
        for owner in (ACME, GLOBEX):
            through, claims = endpoint_of(owner, service), {"aws:PrincipalTag/tenant": owner.id}
            for actions in (PULL, PUSH):
                yield from tries(strangers, actions, things.repository(owner), claims, through=through)
            yield from tries(strangers[:3], "ecr: GetAuthorizationToken", things.NOTHING, claims, through=through)


@never
def nobody_uses_a_repository_whose_name_extends_its_own() -> Iterator[Attempt]:
    """Neither of a tenant nor of the platform, directly or through an endpoint."""
    images = (things.namesake(things.repository(ACME)), things.namesake(things.repository(None)))
    ways = ("acme.endpoint.ecr.api", "acme.endpoint.ecr.dkr", "platform.endpoint.ecr.api", "platform.endpoint.ecr.dkr")
    for through in (None, *ways):
        yield from tries(people.roles(ACME), PULL, images, through=through)
        yield from tries(people.roles(ACME), PUSH, images, through=through)


# Registries


@never
def no_tenant_reads_or_writes_another_tenants_versions() -> Iterator[Attempt]:
    """A version of another tenant's is neither seen, added nor approved."""
    for attacker, victim in PAIRS:
        both = (*with_and_without_tags(things.registry(victim)), things.version(victim))
        for way in ways_of(attacker, "sagemaker.api"):
            yield from tries(
                people.roles(attacker), "sagemaker: CreateModelPackage DescribeModelPackage", both, through=way
            )
            yield from tries(people.roles(attacker), "sagemaker: UpdateModelPackage", both, through=way)


@never
def no_tenant_looks_at_or_keeps_another_tenants_registry() -> Iterator[Attempt]:
    """Nor its list, its policy or its life."""
    keep = (
        "sagemaker: DescribeModelPackageGroup ListModelPackages ListTags DeleteModelPackageGroup AddTags DeleteTags "
        "PutModelPackageGroupPolicy DeleteModelPackageGroupPolicy GetModelPackageGroupPolicy"
    )
    for attacker, victim in PAIRS:
        groups = with_and_without_tags(things.registry(victim))
        for way in ways_of(attacker, "sagemaker.api"):
            yield from tries(people.roles(attacker), keep, groups, through=way)
            yield from tries(
                people.roles(attacker), "sagemaker: DeleteModelPackage", things.version(victim), through=way
            )


@never
def nobody_else_reads_or_writes_a_tenants_versions() -> Iterator[Attempt]:
    """Neither an administrator nor an outsider, nor a role of the account whose name looks like the tenant's."""
    others = (
        people.ADMINISTRATOR,
        people.ROOT_USER,
        people.OUTSIDER,
        people.ANONYMOUS,
        people.stranger(f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/dev/acmeeu/bh-dev-acmeeu-deploy2"),
        people.stranger(f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/dev/platform2/bh-dev-platform2-provisioning"),
    )
    both = (things.registry(ACME), things.version(ACME))
    for who in others:
        yield from tries(who, "sagemaker: CreateModelPackage DescribeModelPackage UpdateModelPackage", both)


@never
def outsiders_do_not_even_look_at_a_registry() -> Iterator[Attempt]:
    """What a registry's policy allows it allows to the tenant's roles."""
    look = "sagemaker: DescribeModelPackageGroup ListModelPackages ListTags"
    yield from tries((people.OUTSIDER, people.ANONYMOUS), look, (things.registry(ACME), things.version(ACME)))


@never
def who_registers_a_version_does_not_approve_it() -> Iterator[Attempt]:
    """Approval is the CI's, whose review it is."""
    registering = tuple(people.role(ACME, kind) for kind in ("data-scientist", "training", "serving", "invoke"))
    yield from tries(registering, "sagemaker: UpdateModelPackage", things.version(ACME))


# Endpoints and models


@never
def no_tenant_calls_another_tenants_endpoint() -> Iterator[Attempt]:
    """Directly, through its own endpoint of the runtime, or through the victim's."""
    for attacker, victim in PAIRS:
        served = with_and_without_tags(things.sagemaker(victim, "endpoint"))
        ways = (None, f"{attacker.id}.endpoint.sagemaker.runtime", f"{victim.id}.endpoint.sagemaker.runtime")
        for through in ways:
            yield from tries(people.roles(attacker), INVOKE, served, through=through)


@never
def nobody_else_passes_a_tenants_runtime_endpoint() -> Iterator[Attempt]:
    """It is for the tenant's roles and the tenant's endpoints."""
    others = (people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS, people.GATEWAY)
    through = "acme.endpoint.sagemaker.runtime"
    yield from tries(others, INVOKE, things.sagemaker(ACME, "endpoint"), through=through)
    for other in (ACMEEU, GLOBEX):
        yield from tries(people.roles(other), INVOKE, things.sagemaker(ACME, "endpoint"), through=through)
        yield from tries(people.roles(other), INVOKE, things.sagemaker(other, "endpoint"), through=through)
    elsewhere = things.Thing(
        name="another account's endpoint",
        arn=f"arn:aws:sagemaker:{PLATFORM.region}:{people.OUTSIDE}:endpoint/bh-dev-acme-tumour",
        account=people.OUTSIDE,
    )
    yield from tries(people.roles(ACME), INVOKE, elsewhere, through=through)


@never
def no_tenant_sees_or_changes_what_another_tenant_serves() -> Iterator[Attempt]:
    """Neither endpoint, configuration nor model."""
    look = "sagemaker: DescribeEndpoint DescribeEndpointConfig DescribeModel ListTags"
    change = (
        "sagemaker: CreateEndpoint CreateEndpointConfig CreateModel UpdateEndpoint UpdateEndpointWeightsAndCapacities "
        "DeleteEndpoint DeleteEndpointConfig DeleteModel AddTags DeleteTags"
    )
    for attacker, victim in PAIRS:
        served = with_and_without_tags(*(things.sagemaker(victim, kind) for kind in SERVED))
        for way in ways_of(attacker, "sagemaker.api"):
            yield from tries(people.roles(attacker), look, served, through=way)
            yield from tries(people.roles(attacker), change, served, through=way)


@never
def no_role_of_a_tenant_changes_what_it_serves() -> Iterator[Attempt]:
    """What is served is what was deployed: the provisioning role deploys."""
    change = (
        "sagemaker: UpdateEndpoint UpdateEndpointWeightsAndCapacities DeleteEndpoint DeleteEndpointConfig DeleteModel"
    )
    served = tuple(things.sagemaker(ACME, kind) for kind in SERVED)
    yield from tries(people.roles(ACME), change, served)
    yield from tries(people.roles(ACME), change, served, through="acme.endpoint.sagemaker.api")
    yield from tries(
        people.roles(GLOBEX), change, things.sagemaker(GLOBEX, "endpoint"), through="platform.endpoint.sagemaker.api"
    )


@never
def only_invokers_invoke() -> Iterator[Attempt]:
    """Jobs, endpoints and the CI call no model."""
    others = tuple(people.role(ACME, kind) for kind in ("training", "serving", "deploy"))
    yield from tries(others, INVOKE, things.sagemaker(ACME, "endpoint"))


@never
def no_call_chooses_among_models() -> Iterator[Attempt]:
    """On an endpoint of several models the caller would name the target."""
    callers = tuple(people.role(ACME, kind) for kind in ("invoke", "data-scientist", "verification"))
    target = {"sagemaker:TargetModel": "other.tar.gz"}
    yield from tries(callers, INVOKE, things.sagemaker(ACME, "endpoint"), target)


# Jobs


@never
def no_tenant_starts_sees_or_stops_another_tenants_jobs() -> Iterator[Attempt]:
    """Nor does it take another's names for its own jobs."""
    for attacker, victim in PAIRS:
        jobs = with_and_without_tags(*(things.sagemaker(victim, kind) for kind in JOBS))
        actions = (
            "sagemaker: CreateProcessingJob CreateTrainingJob DescribeProcessingJob DescribeTrainingJob ListTags "
            "AddTags StopProcessingJob StopTrainingJob"
        )
        for way in ways_of(attacker, "sagemaker.api"):
            yield from tries(people.roles(attacker), actions, jobs, PRIVATE, tagged(attacker), through=way)


@never
def no_job_is_open_or_unencrypted() -> Iterator[Attempt]:
    """A job without subnets, security groups or keys is refused, and one without the tenant's tag."""
    scientist, jobs = people.role(ACME, "data-scientist"), tuple(things.sagemaker(ACME, kind) for kind in JOBS)
    create = "sagemaker: CreateTrainingJob CreateProcessingJob"
    for key in PRIVATE:
        yield from tries(scientist, create, jobs, tagged(ACME), {**PRIVATE, key: None})
    for tag in ({}, tagged(ACMEEU), {"aws:RequestTag/tenant": "platform"}):
        yield from tries(scientist, create, jobs, PRIVATE, tag)
        yield from tries(scientist, "sagemaker: AddTags", jobs, tag)


@never
def nobody_uses_the_sagemaker_api_endpoint_for_another_tenant() -> Iterator[Attempt]:
    """Neither by another tenant's tag, nor without a role of a tenant's path, nor in another account."""
    every = "sagemaker: DescribeEndpoint CreateTrainingJob DescribeTrainingJob CreateModelPackage"
    for through, owner, other in (
        ("acme.endpoint.sagemaker.api", ACME, ACMEEU),
        ("platform.endpoint.sagemaker.api", GLOBEX, ACME),
        ("platform.endpoint.sagemaker.api", ACME, ACMEEU),
    ):
        kinds = ("endpoint", "endpoint-config", "model", "training-job", "processing-job", "model-package-group")
        own = tuple(things.sagemaker(owner, kind) for kind in kinds)
        for tag in (owner.id, other.id, "*", None):
            claims = {"aws:PrincipalTag/tenant": tag}
            yield from tries(
                (*people.roles(other), people.ADMINISTRATOR, people.OUTSIDER), every, own, claims, through=through
            )
        yield from tries(people.roles(owner), every, tuple(map(things.of_another_account, own)), through=through)


@always
def tenants_work_with_their_models() -> Iterator[Attempt]:
    """Pull, push, register, approve, train, look and invoke: each role what it is for, in a VPC by the endpoints."""
    for owner in (ACME, GLOBEX):
        training, serving, invoke, scientist, deploy, _ = people.roles(owner)
        own, shared = things.repository(owner), things.repository(None)
        pull = f"{PULL} BatchCheckLayerAvailability DescribeImages"
        for service in ("ecr.api", "ecr.dkr"):
            through = endpoint_of(owner, service)
            yield from tries((training, serving), pull, (own, shared), through=through)
            yield from tries((training, serving), "ecr: GetAuthorizationToken", things.NOTHING, through=through)
            yield from tries(deploy, PUSH, own, through=through)
        yield from tries(deploy, pull, own)
        yield from tries(deploy, PUSH, own)
        yield from tries(deploy, "ecr: GetAuthorizationToken", things.NOTHING)
        group, version = things.registry(owner), things.version(owner)
        api = endpoint_of(owner, "sagemaker.api")
        for way in (None, api):
            look = "sagemaker: DescribeModelPackageGroup ListModelPackages ListTags"
            yield from tries((scientist, deploy), f"{look} CreateModelPackage", group, through=way)
            yield from tries((scientist, deploy), "sagemaker: DescribeModelPackage", version, through=way)
            yield from tries(deploy, "sagemaker: UpdateModelPackage", version, through=way)
            jobs = tuple(things.sagemaker(owner, kind).without_tags() for kind in JOBS)
            create = "sagemaker: CreateTrainingJob CreateProcessingJob AddTags"
            yield from tries(scientist, create, jobs, PRIVATE, tagged(owner), through=way)
            follow = "sagemaker: DescribeTrainingJob DescribeProcessingJob StopTrainingJob StopProcessingJob ListTags"
            yield from tries(scientist, follow, tuple(things.sagemaker(owner, kind) for kind in JOBS), through=way)
            served = "sagemaker: DescribeEndpoint DescribeEndpointConfig DescribeModel ListTags"
            yield from tries(
                (scientist, deploy), served, tuple(things.sagemaker(owner, kind) for kind in SERVED), through=way
            )
        endpoint = things.sagemaker(owner, "endpoint")
        yield from tries((scientist, invoke), INVOKE, endpoint)
        yield from tries((scientist, invoke), INVOKE, endpoint, through=f"{owner.id}.endpoint.sagemaker.runtime")


@always
def the_provisioning_role_deploys() -> Iterator[Attempt]:
    """Endpoints, configurations, models, registries, repositories and their policies."""
    served = tuple(things.sagemaker(ACME, kind) for kind in SERVED)
    actions = "sagemaker: CreateEndpoint CreateEndpointConfig UpdateEndpoint DeleteEndpoint AddTags ListTags"
    yield from tries(people.PROVISIONING, actions, served)
    isolated = {**PRIVATE, "sagemaker:NetworkIsolation": True}
    yield from tries(people.PROVISIONING, "sagemaker: CreateModel", served[2].without_tags(), isolated)
    group = "sagemaker: CreateModelPackageGroup DeleteModelPackageGroup PutModelPackageGroupPolicy"
    yield from tries(people.PROVISIONING, group, things.registry(ACME))
    images = "ecr: CreateRepository DeleteRepository SetRepositoryPolicy PutLifecyclePolicy TagResource"
    yield from tries(people.PROVISIONING, images, things.repository(ACME))


@always
def the_platforms_ci_pushes_serving_images() -> Iterator[Attempt]:
    """Whoever the account lets: no role of the blueprint."""
    ci = people.stranger(f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/dev/platform/images-ci")
    yield from tries((people.ADMINISTRATOR, ci), PUSH, things.repository(None))
    yield from tries(people.ADMINISTRATOR, f"{PULL} BatchDeleteImage", things.repository(None))
