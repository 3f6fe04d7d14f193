"""Promises about the identities that the provisioning role makes: bounded, of one tenant, and never the platform's."""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, PLATFORM
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.requesting import WHO, bounded_by, named, roles_of, with_tags

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always


@never
def it_makes_no_unbounded_role() -> Iterator[Attempt]:
    """Each role has the boundary of the tenant whose role it is, and no other."""
    extended = named("a namesake of acme's boundary", things.boundary(ACME).arn + "2")
    for boundary in (None, things.boundary(ACMEEU), things.boundary(None), extended):
        yield from tries(WHO, "iam: CreateRole", roles_of(ACME), with_tags(ACME), bounded_by(boundary))
    foreign = named("an AWS policy", "arn:aws:iam::aws:policy/AdministratorAccess")
    yield from tries(WHO, "iam: CreateRole", roles_of(ACME), with_tags(ACME), bounded_by(foreign))


@never
def it_mixes_no_tenants() -> Iterator[Attempt]:
    """A role or boundary has the path of the tenant that its tag names; without the tag there is none."""
    boundary = bounded_by(things.boundary(ACME))
    for tags in (with_tags(ACME), with_tags(None), with_tags(ACME, {"tenant": None}), with_tags(ACME, {"tenant": "*"})):
        yield from tries(WHO, "iam: CreateRole", roles_of(ACMEEU), tags, bounded_by(things.boundary(ACMEEU)))
        yield from tries(WHO, "iam: CreateRole", roles_of(ACMEEU), tags, boundary)
        yield from tries(WHO, "iam: CreatePolicy", things.boundary(ACMEEU).without_tags(), tags)
    for tags in (with_tags(ACME), with_tags(None), with_tags(ACME, {"tenant": "*"})):
        yield from tries(WHO, "iam: TagRole", things.role(ACMEEU, "training"), tags)
        yield from tries(WHO, "iam: TagPolicy", things.boundary(ACMEEU), tags)
    yield from tries(WHO, "iam: CreateRole", roles_of(ACME), with_tags(ACMEEU), boundary)
    tags = ("aws:TagKeys",)
    for action in ("iam: UntagRole TagRole",):
        for keys in (["tenant"], ["tenant", "owner"]):
            yield from tries(WHO, action, things.role(ACME, "training"), {tags[0]: keys})
    yield from tries(WHO, "iam: UntagPolicy TagPolicy", things.boundary(ACME), {"aws:TagKeys": ["tenant"]})


@never
def it_makes_no_roles_elsewhere() -> Iterator[Attempt]:
    """Roles and policies are under tenants' paths, never the platform's, another stage's or the account's."""
    places = (
        f"arn:aws:iam::{PLATFORM.account}:role/anything",
        f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/prod/acme/bh-prod-acme-training",
        f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/dev/acme2/bh-dev-acme2-training",
    )
    for arn in places:
        thing, tags = named("a role elsewhere", arn), with_tags(ACME)
        yield from tries(WHO, "iam: CreateRole", thing, tags, bounded_by(things.boundary(ACME)))
    path = f"/{PLATFORM.stage}2/"
    other_stages = (role for role in things.in_other_stages(things.role(ACME, "training")) if path in role.arn)
    roles = (named("x", places[0]), *other_stages)
    yield from tries(WHO, "iam: GetRole UpdateRole DeleteRole UpdateAssumeRolePolicy", roles)
    yield from tries(WHO, "iam: PutRolePolicy", roles, bounded_by(things.boundary(ACME)))
    yield from tries(WHO, "iam: TagRole UntagRole", roles, {"aws:TagKeys": ["owner"]})
    policies = (
        *things.in_other_stages(things.boundary(ACME)),
        named("a policy elsewhere", f"arn:aws:iam::{PLATFORM.account}:policy/anything"),
        named("another policy of acme", f"arn:aws:iam::{PLATFORM.account}:policy/bulkhead/dev/acme/bh-dev-acme-more"),
        named("a namesake of acme's boundary", things.boundary(ACME).arn + "2"),
    )
    yield from tries(WHO, "iam: CreatePolicy CreatePolicyVersion DeletePolicy TagPolicy", policies, with_tags(ACME))
    yield from tries(WHO, "iam: TagPolicy UntagPolicy", policies, {"aws:TagKeys": ["owner"]})


@never
def it_looks_at_no_role_but_of_the_stage() -> Iterator[Attempt]:
    """A request for a role that is gone names it without its path; the name is of the stage all the same."""
    for name in ("anything", "bh-dev2-acme-training", "bh-prod-acme-training"):
        yield from tries(WHO, "iam: GetRole GetRolePolicy", things.other_role(name))


@never
def it_writes_policies_into_bounded_roles_only() -> Iterator[Attempt]:
    """A role without a tenant's boundary takes none, and no managed policy is attached to any role."""
    aws = named("an AWS policy", "arn:aws:iam::aws:policy/AdministratorAccess")
    extended = named("a policy in another path", f"arn:aws:iam::{PLATFORM.account}:policy/bulkhead/dev/acme-boundary")
    others = (things.namesake(things.boundary(ACME)), *things.in_other_stages(things.boundary(ACME)))
    for boundary in (None, aws, extended, *others):
        write = "iam: PutRolePolicy DeleteRolePolicy"
        yield from tries(WHO, write, things.role(ACME, "training"), bounded_by(boundary))


@never
def it_never_changes_who_is_bounded() -> Iterator[Attempt]:
    """It removes or replaces no boundary, attaches no managed policy, and makes no user, key, group or provider."""
    own = bounded_by(things.boundary(ACME))
    change = "iam: PutRolePermissionsBoundary DeleteRolePermissionsBoundary AttachRolePolicy"
    yield from tries(WHO, change, things.role(ACME, "training"), own)
    others = "iam: CreateUser CreateAccessKey AddUserToGroup CreateLoginProfile UpdateSAMLProvider CreateSAMLProvider"
    more = "CreateOpenIDConnectProvider AddRoleToInstanceProfile SetDefaultPolicyVersion PutUserPolicy"
    yield from tries(WHO, f"{others} {more}", named("anything of IAM", "*"))


@never
def it_never_changes_the_platforms_identities() -> Iterator[Attempt]:
    """Neither itself, its own boundary and policies, nor the gateway or the recorders."""
    kinds = ("provisioning", "gateway", "config", "flow-logs")
    roles = tuple(things.platform_role(kind) for kind in kinds)
    keys = {**with_tags(None), **bounded_by(things.boundary(None))}
    write = (
        "iam: PutRolePolicy DeleteRolePolicy DetachRolePolicy UpdateAssumeRolePolicy UpdateRole DeleteRole TagRole "
        "UntagRole CreateRole"
    )
    yield from tries(WHO, f"{write} UpdateRoleDescription", roles, keys)
    yield from tries(WHO, "iam: UntagRole TagRole", roles, {"aws:TagKeys": ["owner"]})
    policies = (
        things.boundary(None),
        *(
            named(
                f"policy {subject}",
                naming.platform_policies_arn(PLATFORM).replace("*", naming.provisioning_policy(PLATFORM, subject)),
            )
            for subject in ("identities", "leftovers", "network")
        ),
    )
    change = "iam: CreatePolicyVersion DeletePolicyVersion DeletePolicy TagPolicy UntagPolicy CreatePolicy"
    yield from tries(WHO, change, policies, with_tags(None))
    yield from tries(WHO, "iam: UntagPolicy TagPolicy", policies, {"aws:TagKeys": ["owner"]})


@never
def it_passes_execution_roles_to_their_services_only() -> Iterator[Attempt]:
    """What it can pass, it can run code as."""
    sagemaker, flow_logs = "sagemaker.amazonaws.com", "vpc-flow-logs.amazonaws.com"
    execution = (things.role(ACME, "training"), things.role(ACME, "serving"))
    roles = (*execution, things.platform_role("flow-logs"))
    for service in ("lambda.amazonaws.com", "ec2.amazonaws.com", None):
        yield from tries(WHO, "iam: PassRole", roles, {"iam:PassedToService": service})
    others = (
        *(things.role(ACME, kind) for kind in ("invoke", "data-scientist", "deploy")),
        *(things.platform_role(kind) for kind in ("provisioning", "gateway", "config")),
        things.other_role("Administrator"),
        named("a namesake of a serving role", things.role(ACME, "serving").arn + "2"),
        named("a namesake of a training role", things.role(ACME, "training").arn + "2"),
        named("a namesake of the flow-logs role", things.platform_role("flow-logs").arn + "2"),
        *things.in_other_stages(execution[0]),
        *things.in_other_stages(execution[1]),
    )
    for service in (sagemaker, flow_logs):
        yield from tries(WHO, "iam: PassRole", others, {"iam:PassedToService": service})


@never
def it_passes_each_role_to_the_service_that_it_is_for() -> Iterator[Attempt]:
    """Flow logs do not run as a workload, nor workloads as flow logs."""
    to_flow_logs = {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}
    to_sagemaker = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    execution = (things.role(ACME, "training"), things.role(ACME, "serving"))
    yield from tries(WHO, "iam: PassRole", execution, to_flow_logs)
    yield from tries(WHO, "iam: PassRole", things.platform_role("flow-logs"), to_sagemaker)


@never
def it_makes_one_service_linked_role() -> Iterator[Attempt]:
    """The one of Application Auto Scaling for endpoints."""
    scaling = "sagemaker.application-autoscaling.amazonaws.com"
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    role = named("the role of scaling", f"arn:aws:iam::{PLATFORM.account}:role/aws-service-role/{scaling}/{name}")
    for service in ("elasticmapreduce.amazonaws.com", f"{scaling}.cn", None):
        yield from tries(WHO, "iam: CreateServiceLinkedRole", role, {"iam:AWSServiceName": service})
    other = named("another linked role", f"arn:aws:iam::{PLATFORM.account}:role/aws-service-role/x/AWSServiceRoleForX")
    extended = named("a namesake of the role of scaling", role.arn + "2")
    yield from tries(WHO, "iam: CreateServiceLinkedRole", (other, extended), {"iam:AWSServiceName": scaling})


@never
def it_acts_as_nobody_else() -> Iterator[Attempt]:
    """It assumes no role, but that the boundary it shares with the gateway leaves invoke roles to their trust."""
    targets = (
        *(things.role(ACME, kind) for kind in ("training", "serving", "data-scientist", "deploy")),
        things.other_role("Administrator"),
        named("a namesake of an invoke role", things.role(ACME, "invoke").arn + "2"),
        *things.in_other_stages(things.role(ACME, "invoke")),
        *(things.platform_role(kind) for kind in ("gateway", "config", "flow-logs")),
    )
    yield from tries((WHO, people.GATEWAY), "sts: AssumeRole TagSession", targets, with_tags(ACME))
    yield from tries(WHO, "sts: GetFederationToken GetSessionToken", things.NOTHING)
