"""Promises about who may act as which role: trust policies, sessions and their tags, passed roles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from infra import naming
from infra.evaluator.request import ContextValue
from infra.naming import PlatformRoleKind
from infra.policies.principals import role_kinds
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, FOREIGN_CI, GLOBEX, PLATFORM, TENANTS
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.models import with_and_without_tags

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

PAIRS = tuple(permutations(TENANTS, 2))
ASSUME = "sts: AssumeRole TagSession"
KINDS = role_kinds(PLATFORM)
SAGEMAKER = "sagemaker.amazonaws.com"
GITHUB = naming.GITHUB_OIDC
#: The roles of the platform that services assume: by which, and for which of their resources.
PLATFORM_SERVICES: tuple[tuple[PlatformRoleKind, str, str], ...] = (
    ("gateway", "ecs-tasks", f"arn:aws:ecs:{PLATFORM.region}:{PLATFORM.account}:task/one"),
    ("flow-logs", "vpc-flow-logs", f"arn:aws:ec2:{PLATFORM.region}:{PLATFORM.account}:vpc-flow-log/fl-1"),
    ("config", "config", f"arn:aws:config:{PLATFORM.region}:{PLATFORM.account}:config-recorder/one"),
)


def roles_of(owner: TenantSpec) -> tuple[things.Thing, ...]:
    """A tenant's roles, to be assumed or passed."""
    return tuple(things.role(owner, kind) for kind in KINDS)


def for_source(arn: str, account: str | None = PLATFORM.account) -> dict[str, str | None]:
    """The keys of a call that a service makes for one of an account's resources."""
    return {"aws:SourceArn": arn, "aws:SourceAccount": account}


def job(owner: TenantSpec, kind: str = "training-job") -> str:
    """The ARN of a job."""
    return things.sagemaker(owner, kind).arn


def workflow(sub: str, aud: str | None = "sts.amazonaws.com") -> dict[str, str | None]:
    """The claims of a GitHub workflow's token."""
    return {f"{GITHUB}:sub": sub, f"{GITHUB}:aud": aud}


def assertion(*groups: str, aud: str = "https://signin.aws.amazon.com/saml") -> dict[str, ContextValue]:
    """The attributes of a SAML assertion."""
    return {"saml:aud": aud, **({"saml:edupersonentitlement": list(groups)} if groups else {})}


# Who assumes


@never
def no_tenant_acts_as_another_tenant() -> Iterator[Attempt]:
    """Nor does a tenant's role act as another of its own roles, nor as one of the platform."""
    for attacker, victim in PAIRS:
        tag = {"aws:RequestTag/tenant": victim.id, "aws:TagKeys": ["tenant"]}
        yield from tries(people.roles(attacker), ASSUME, roles_of(victim), tag)
    own = {"aws:RequestTag/tenant": ACME.id, "aws:TagKeys": ["tenant"]}
    yield from tries(people.roles(ACME), ASSUME, roles_of(ACME), own)
    platform = tuple(
        things.platform_role(kind) for kind in ("provisioning", "gateway", "config", "flow-logs", "preview")
    )
    yield from tries(people.roles(ACME), ASSUME, platform, own)


@never
def nobody_else_acts_as_a_tenant() -> Iterator[Attempt]:
    """Neither an administrator nor an outsider, nor the platform's other roles, nor a namesake of the gateway."""
    others = (
        people.ADMINISTRATOR,
        people.OUTSIDER,
        people.ANONYMOUS,
        people.PROVISIONING,
        people.CONFIG,
        people.FLOW_LOGS,
        people.namesake(None, "gateway"),
    )
    own = {"aws:RequestTag/tenant": ACME.id, "aws:TagKeys": ["tenant"]}
    yield from tries(others, ASSUME, roles_of(ACME), own)
    yield from tries(others, "sts: AssumeRoleWithSAML AssumeRoleWithWebIdentity", roles_of(ACME), own)


@never
def nobody_else_acts_for_the_platform() -> Iterator[Attempt]:
    """The provisioning role is assumed by whom the spec names, within the account, the others by their services."""
    roles = tuple(things.platform_role(kind) for kind in ("provisioning", "gateway", "config", "flow-logs", "preview"))
    yield from tries((people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS, people.PROVISIONING), ASSUME, roles)
    namesake = people.stranger(f"arn:aws:iam::{PLATFORM.account}:role/bulkhead-ci2")
    yield from tries(namesake, ASSUME, roles)
    yield from tries(people.stranger(FOREIGN_CI), ASSUME, roles)


@never
def the_gateway_acts_in_sessions_of_the_tenant_only() -> Iterator[Attempt]:
    """The session of an invoke role carries the role's tenant, and no tag but that and the caller's name."""
    role = things.role(ACME, "invoke")
    for keys in (
        {},
        {"aws:RequestTag/tenant": ACMEEU.id, "aws:TagKeys": ["tenant"]},
        {"aws:RequestTag/tenant": "*", "aws:TagKeys": ["tenant"]},
        {"aws:RequestTag/tenant": ACME.id, "aws:TagKeys": ["tenant", "admin"]},
        {"aws:RequestTag/tenant": ACME.id, "aws:TagKeys": ["tenant", "caller", "stage"]},
    ):
        yield from tries(people.GATEWAY, ASSUME, role, keys)


@never
def the_gateway_is_nobody_but_an_invoker() -> Iterator[Attempt]:
    """It assumes invoke roles only, by the tag's tenant, and gives sessions no source identity."""
    for owner in TENANTS:
        keys = {"aws:RequestTag/tenant": owner.id, "aws:TagKeys": ["tenant"]}
        others = tuple(role for role in roles_of(owner) if role.policy != f"{owner.id}.trust.invoke")
        yield from tries(people.GATEWAY, ASSUME, others, keys)
        yield from tries(people.GATEWAY, "sts: SetSourceIdentity", things.role(owner, "invoke"), keys)
    wrong = {"aws:RequestTag/tenant": ACMEEU.id, "aws:TagKeys": ["tenant"]}
    yield from tries(people.GATEWAY, ASSUME, things.role(ACME, "invoke"), wrong)
    yield from tries(people.GATEWAY, ASSUME, (things.platform_role("provisioning"), things.other_role("Administrator")))


@never
def a_service_acts_for_the_account_and_for_the_roles_own_jobs_only() -> Iterator[Attempt]:
    """Another account's or another tenant's job cannot borrow a role, and no other service can."""
    away = f"arn:aws:sagemaker:{PLATFORM.region}:{people.OUTSIDE}:training-job/bh-dev-acme-train"
    sagemaker, assume = people.service("sagemaker"), "sts: AssumeRole"
    execution = (things.role(ACME, "training"), things.role(ACME, "serving"))
    # What the account's key or the source's ARN says alone is not enough, as either may be another's.
    for keys in (
        {},
        for_source(away, people.OUTSIDE),
        for_source(away),
        for_source(job(ACME), people.OUTSIDE),
        for_source(job(ACME), None),
        {"aws:SourceAccount": PLATFORM.account},
    ):
        yield from tries(sagemaker, assume, execution, keys)
    training = execution[0]
    for other in (ACMEEU, GLOBEX):
        for kind in ("training-job", "processing-job"):
            yield from tries(sagemaker, assume, training, for_source(job(other, kind)))
    yield from tries(sagemaker, assume, training, for_source(things.sagemaker(ACME, "endpoint").arn))
    others = tuple(people.service(name) for name in ("lambda", "ec2", "glue"))
    yield from tries(others, assume, roles_of(ACME), for_source(job(ACME)))
    yield from tries(
        sagemaker, assume, (things.role(ACME, "invoke"), things.role(ACME, "deploy")), for_source(job(ACME))
    )


@never
def a_service_acts_for_the_platform_by_its_own_role_only() -> Iterator[Attempt]:
    """ECS tasks, flow logs and AWS Config of another account, or of no account, borrow no role of the platform."""
    account = PLATFORM.account
    for kind, service, source in PLATFORM_SERVICES:
        role, away = things.platform_role(kind), source.replace(account, people.OUTSIDE)
        for keys in (
            {},
            for_source(away, people.OUTSIDE),
            for_source(source, people.OUTSIDE),
            for_source(source, None),
        ):
            yield from tries(people.service(service), "sts: AssumeRole", role, keys)
        yield from tries(people.service("lambda"), "sts: AssumeRole", role, for_source(source))
        if kind != "config":
            yield from tries(people.service(service), "sts: AssumeRole", role, for_source(away))
            elsewhere = source.replace(":ecs:", ":batch:").replace("vpc-flow-log/", "instance/")
            yield from tries(people.service(service), "sts: AssumeRole", role, for_source(elsewhere))
            yield from tries(people.service(service), "sts: AssumeRole", role, {"aws:SourceAccount": account})


@never
def only_the_tenants_group_signs_in() -> Iterator[Attempt]:
    """Not other groups, not an assertion without groups, not one addressed to somebody else, not another provider."""
    role, sign_in = things.role(ACME, "data-scientist"), "sts: AssumeRoleWithSAML"
    wrong: tuple[dict[str, ContextValue], ...] = (
        assertion(),
        assertion("acmeeu-scientists"),
        assertion("acme-scientists2", "acme"),
        assertion("acme-scientists", aud="https://elsewhere.example/saml"),
        {"saml:edupersonentitlement": ["acme-scientists"]},
    )
    for keys in wrong:
        yield from tries(people.SAML, sign_in, role, keys)
    other = people.Somebody(
        name="other SAML provider",
        caller=people.caller_of(naming.saml_provider_arn(PLATFORM) + "2"),
    )
    outside = people.Somebody(
        name="outside SAML provider",
        caller=people.caller_of(naming.saml_provider_arn(PLATFORM).replace(PLATFORM.account, people.OUTSIDE)),
    )
    yield from tries((other, outside, people.GITHUB), sign_in, role, assertion("acme-scientists"))


@never
def only_one_environment_of_one_repository_deploys() -> Iterator[Attempt]:
    """Not another environment, branch, pull request or repository, nor one whose name extends ours."""
    role, sign_in = things.role(ACME, "deploy"), "sts: AssumeRoleWithWebIdentity"
    own = "repo:acme/models:environment:production"
    for keys in (
        workflow("repo:acme/models:ref:refs/heads/main"),
        workflow("repo:acme/models:pull_request"),
        workflow("repo:acme/models:environment:staging"),
        workflow("repo:acme/models:environment:production2"),
        workflow("repo:acme/models2:environment:production"),
        workflow("repo:globex/models:environment:production"),
        workflow(own, aud="elsewhere"),
        workflow(own, aud=None),
        {f"{GITHUB}:aud": "sts.amazonaws.com"},
        {},
    ):
        yield from tries(people.GITHUB, sign_in, role, keys)
    outside = people.Somebody(
        name="outside OIDC provider",
        caller=people.caller_of(naming.oidc_provider_arn(PLATFORM).replace(PLATFORM.account, people.OUTSIDE)),
    )
    yield from tries((people.SAML, outside), sign_in, role, workflow(own))


# Passed roles


@never
def roles_are_passed_to_sagemaker_only_and_by_their_tenant_only() -> Iterator[Attempt]:
    """No tenant passes another's role, the platform's, or its own to a service whose code it would choose freely."""
    for attacker, victim in PAIRS:
        roles = with_and_without_tags(*roles_of(victim))
        yield from tries(people.roles(attacker), "iam: PassRole", roles, {"iam:PassedToService": SAGEMAKER})
    services = ("lambda.amazonaws.com", "ec2.amazonaws.com", "glue.amazonaws.com", None)
    for service in services:
        yield from tries(people.roles(ACME), "iam: PassRole", roles_of(ACME), {"iam:PassedToService": service})
    others = (
        things.platform_role("provisioning"),
        things.other_role("Administrator"),
        things.role(ACME, "invoke"),
        things.role(ACME, "data-scientist"),
        things.role(ACME, "deploy"),
        things.Thing(name="a namesake", arn=naming.role_arn(PLATFORM, ACME, "training") + "2"),
        things.Thing(name="a namesake", arn=naming.role_arn(PLATFORM, ACME, "serving") + "2"),
    )
    yield from tries(people.roles(ACME), "iam: PassRole", others, {"iam:PassedToService": SAGEMAKER})


@never
def a_scientists_job_runs_as_the_training_role() -> Iterator[Attempt]:
    """And nobody else of the tenant passes a role at all."""
    to_sagemaker = {"iam:PassedToService": SAGEMAKER}
    scientist = people.role(ACME, "data-scientist")
    yield from tries(scientist, "iam: PassRole", things.role(ACME, "serving"), to_sagemaker)
    others = tuple(who for who in people.roles(ACME) if who.name != scientist.name)
    yield from tries(others, "iam: PassRole", roles_of(ACME), to_sagemaker)


# The endpoint of STS


@never
def no_session_of_others_comes_from_a_tenants_network() -> Iterator[Attempt]:
    """The endpoint of STS lets a tenant's roles assume that tenant's roles, whoever trusts whom."""
    for through, owner, other in (
        ("acme.endpoint.sts", ACME, ACMEEU),
        ("platform.endpoint.sts", GLOBEX, ACME),
        ("platform.endpoint.sts", ACME, ACMEEU),
    ):
        elsewhere = things.Thing(
            name="another account's role",
            arn=naming.role_arn(PLATFORM, owner, "training").replace(PLATFORM.account, people.OUTSIDE),
            account=people.OUTSIDE,
        )
        admin = things.other_role("Administrator")
        targets = (*roles_of(other), things.platform_role("provisioning"), admin, elsewhere)
        yield from tries(people.roles(owner), ASSUME, targets, through=through)
        for tag in (owner.id, other.id, "*", None):
            claims = {"aws:PrincipalTag/tenant": tag}
            others = (*people.roles(other), people.ADMINISTRATOR, people.OUTSIDER, people.PROVISIONING)
            yield from tries(others, ASSUME, roles_of(owner), claims, through=through)
        yield from tries(
            people.roles(owner), "sts: GetFederationToken GetSessionToken", things.NOTHING, through=through
        )


@always
def roles_are_assumed_by_whom_they_are_for() -> Iterator[Attempt]:
    """SageMaker for own jobs, the gateway, the tenant's group, and the environment of its repository."""
    region, account = PLATFORM.region, PLATFORM.account
    for owner in (ACME, GLOBEX):
        sagemaker = people.service("sagemaker")
        for kind in ("training-job", "processing-job"):
            training = things.role(owner, "training")
            yield from tries(sagemaker, "sts: AssumeRole", training, for_source(job(owner, kind)))
        any_source = f"arn:aws:sagemaker:{region}:{account}:model-deployment/1"
        yield from tries(sagemaker, "sts: AssumeRole", things.role(owner, "serving"), for_source(any_source))
        for tags in (["tenant"], ["tenant", "caller"]):
            keys = {"aws:RequestTag/tenant": owner.id, "aws:TagKeys": tags}
            yield from tries(people.GATEWAY, ASSUME, things.role(owner, "invoke"), keys)
        group = owner.identity.data_scientists
        scientist = things.role(owner, "data-scientist")
        yield from tries(people.SAML, "sts: AssumeRoleWithSAML", scientist, assertion("everybody", group))
        environment = workflow(f"repo:{owner.id}/models:environment:production")
        yield from tries(people.GITHUB, "sts: AssumeRoleWithWebIdentity", things.role(owner, "deploy"), environment)
    ci = people.stranger(PLATFORM.provisioning.trusted_principals[0])
    yield from tries(ci, "sts: AssumeRole", things.platform_role("provisioning"))
    for kind, service, source in PLATFORM_SERVICES:
        yield from tries(people.service(service), "sts: AssumeRole", things.platform_role(kind), for_source(source))


@always
def roles_are_passed_to_jobs_and_endpoints() -> Iterator[Attempt]:
    """By the scientist for jobs, by the provisioning role for endpoints and flow logs."""
    to_sagemaker = {"iam:PassedToService": SAGEMAKER}
    scientist = people.role(ACME, "data-scientist")
    yield from tries(scientist, "iam: PassRole", things.role(ACME, "training"), to_sagemaker)
    execution = (things.role(ACME, "training"), things.role(ACME, "serving"))
    yield from tries(people.PROVISIONING, "iam: PassRole", execution, to_sagemaker)
    to_flow_logs = {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}
    yield from tries(people.PROVISIONING, "iam: PassRole", things.platform_role("flow-logs"), to_flow_logs)


@always
def workloads_know_who_they_are() -> Iterator[Attempt]:
    """From within the VPC."""
    for through, owner in (("acme.endpoint.sts", ACME), ("platform.endpoint.sts", GLOBEX)):
        yield from tries(people.role(owner, "training"), "sts: GetCallerIdentity", things.NOTHING, through=through)
