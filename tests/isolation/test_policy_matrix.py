"""Every role of one tenant, every action of AWS's catalogue, every resource of another: decided by the policies alone.

What is deployed and which actions there are comes from the stacks' state and the catalogue: no list to keep. A test is
one kind of role and one access level, and its subtests are the types of resources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import permutations

import pytest

from infra import naming
from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel
from infra.evaluator.compiling import compile_policy
from infra.evaluator.decision import Decision, Layer, Verdict
from infra.evaluator.document import Policy
from infra.evaluator.evaluate import evaluate
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Request
from infra.policies import actions, interfaces
from infra.policies.principals import EXECUTION_ROLES
from infra.promises.roles import PROMISES, Promise
from tests.isolation.contexts import choices, contexts, for_a_service, given, unknown_keys
from tests.isolation.estate import ROLES, SUSPENDED, TENANTS, Estate
from tests.isolation.inventory import SERVICES, Kind, Resource
from tests.isolation.matrix import Tried, actions_on, attempts, decide, wishes

#: Hundreds of thousands of decisions: coverage of the evaluator is its own tests' matter.
pytestmark = pytest.mark.no_cover

by_role = pytest.mark.parametrize("kind", ROLES)
by_level = pytest.mark.parametrize("level", AccessLevel)

#: What the platform offers to every tenant: its serving images, to the roles that SageMaker runs containers as.
SHARED = {(role, action) for role in ("training", "serving") for action in actions.IMAGES_PULL}


def cells(tried: Iterable[Tried]) -> Mapping[Kind, list[Tried]]:
    """The requests by the type of resource."""
    found: dict[Kind, list[Tried]] = defaultdict(list)
    for each in tried:
        found[each.kind].append(each)
    return found


def told(tried: list[Tried]) -> str:
    """The first of the requests, for people."""
    return "\n".join([f"{len(tried)} requests", *map(str, tried[:5])])


@by_level
@by_role
def test_no_role_has_any_action_on_anything_of_another_tenant(
    estate: Estate, subtests: pytest.Subtests, kind: str, level: AccessLevel
) -> None:
    """Denied, whatever it says and whichever way it comes, for each ordered pair of the tenants."""
    tried = cells(
        each
        for attacker, victim in permutations(TENANTS, 2)
        for each in attempts(
            estate.inventory, estate.deployed, estate.deployed.role(attacker, kind), estate.inventory.of(victim), level
        )
    )
    assert tried
    for cell, requests in tried.items():
        with subtests.test(cell=str(cell), requests=len(requests)):
            let_in = [each for each in requests if each.verdict.allowed]
            assert not let_in, told(let_in)
            unexpected = [each for each in requests if not _as_expected(each)]
            assert not unexpected, told(unexpected)


def _as_expected(tried: Tried) -> bool:
    """Whether the layer that is to keep the resource did: what has a wall of its own, or its owner's tag, says no."""
    verdict = tried.verdict
    if tried.kind.service == "s3":
        return (verdict.decision, verdict.layer) == (Decision.EXPLICITLY_DENIED, Layer.RESOURCE)
    if "aws:ResourceTag/tenant" in tried.context:
        explicit = verdict.decision is Decision.EXPLICITLY_DENIED
        return explicit and verdict.layer in (Layer.BOUNDARY, Layer.RESOURCE)
    return True


@by_level
@by_role
def test_no_role_has_any_action_on_the_platform_but_to_pull_its_images(
    estate: Estate, subtests: pytest.Subtests, kind: str, level: AccessLevel
) -> None:
    """Denied on everything of the platform; the serving images are there for every tenant."""
    victims = estate.inventory.of(naming.PLATFORM)
    role = estate.deployed.role("acme", kind)
    for cell, requests in cells(attempts(estate.inventory, estate.deployed, role, victims, level)).items():
        with subtests.test(cell=str(cell), requests=len(requests)):
            let_in = [each for each in requests if each.verdict.allowed]
            unshared = [each for each in let_in if (kind, each.action.full_name) not in SHARED]
            assert not unshared, told(unshared)


@pytest.mark.parametrize(
    ("tenant", "kind", "promise"),
    [
        pytest.param(tenant, kind, promise, id=f"{tenant}-{kind}-{promise.what.replace(' ', '-')}")
        for tenant in TENANTS
        if tenant != SUSPENDED
        for kind in ROLES
        for promise in PROMISES[kind]
    ],
)
def test_every_role_can_do_what_it_is_for(estate: Estate, tenant: str, kind: str, promise: Promise) -> None:
    """The positive control: with its own tenant's resources each role does its work."""
    resources = [each for each in estate.inventory.of(tenant, promise.on) if promise.only in each.arn]
    assert resources
    for resource in resources:
        for name in promise.actions:
            verdict = _own(estate, tenant, kind, promise, resource, name)
            assert verdict.allowed, f"{name} on {resource.arn}: {verdict.reason}"


def _own(estate: Estate, tenant: str, kind: str, promise: Promise, resource: Resource, name: str) -> Verdict:
    action = catalogue.action(*name.split(":"))
    assert action is not None
    role = estate.deployed.role(tenant, kind)
    endpoint = estate.deployed.endpoint(tenant, promise.through) if promise.through else None
    wished = {
        "": {},
        "its own": {key: value for key, value in choices(estate.inventory, tenant).items() if "s3:" not in key},
        "for a service": for_a_service(estate.inventory),
    }[promise.asking]
    context = {**given(role, action, resource, endpoint), **wished}
    return decide(estate.deployed, role, action, resource, context, endpoint)


#: What shows nothing of anybody: who one is, which AWS lets everybody ask, and the login to the registry.
OF_NOBODY = {"ecr:GetAuthorizationToken", "sts:GetCallerIdentity"}
#: What the roles that SageMaker makes network interfaces with must see: EC2 shows it to nobody or to all.
OF_INTERFACES = set(interfaces.DESCRIBE)


@by_role
def test_no_role_has_an_action_about_everybodys_resources(estate: Estate, kind: str) -> None:
    """Actions without a resource level list and change what all tenants have: denied, but for a few that do not."""
    role = estate.deployed.role("acme", kind)
    nothing = Resource("globex", "*", (), {}, {})
    for action in (each for service in SERVICES for each in catalogue.actions(service) if not each.resources):
        for how, endpoint, context in contexts(
            role, action, nothing, wishes(estate.inventory, "acme", "globex"), {"": None}
        ):
            verdict = decide(estate.deployed, role, action, nothing, context, endpoint)
            known = action.full_name in OF_NOBODY or (kind in EXECUTION_ROLES and action.full_name in OF_INTERFACES)
            own_metrics = action.full_name == "cloudwatch:PutMetricData" and how != ", in the victim's name"
            assert not verdict.allowed or known or own_metrics, f"{action.full_name} ({how}): {verdict.reason}"


@by_role
def test_a_suspended_tenant_has_nobody_who_can_do_anything(estate: Estate, kind: str) -> None:
    """Not even with what is its own; but SageMaker keeps the serving role, for endpoints that go on."""
    role = estate.deployed.role(SUSPENDED, kind)
    own = estate.inventory.of(SUSPENDED)
    tried = [each for level in AccessLevel for each in attempts(estate.inventory, estate.deployed, role, own, level)]
    let_in = [each for each in tried if each.verdict.allowed]
    assert len(tried) > 1000
    assert bool(let_in) == (kind == "serving"), told(let_in)


@by_role
def test_no_role_manages_permissions_of_its_own_tenant(estate: Estate, kind: str) -> None:
    """Nobody of a tenant changes a policy, a role or who may use the key: but grants for AWS's own resources."""
    tried = attempts(
        estate.inventory,
        estate.deployed,
        estate.deployed.role("acme", kind),
        estate.inventory.of("acme"),
        AccessLevel.PERMISSIONS,
    )
    let_in = [each for each in tried if each.verdict.allowed]
    assert {each.action.full_name for each in let_in} <= {"kms:CreateGrant"}, told(let_in)
    assert all(each.context.get("kms:GrantIsForAWSResource") is True for each in let_in)


def test_every_deployed_resource_is_known(estate: Estate) -> None:
    """What has no ARN is a part of something that has one; every type has actions; every tenant is there."""
    assert estate.inventory.orphans() == []
    kinds = {kind for each in estate.inventory.resources for kind in each.kinds}
    assert [str(kind) for kind in kinds if not actions_on(kind)] == []
    assert {each.owner for each in estate.inventory.resources} == {naming.PLATFORM, *TENANTS}


def test_every_condition_key_of_a_deployed_policy_is_tried(estate: Estate) -> None:
    """A key that a policy tests is one that an attacker can set in these tests, or that AWS alone sets."""
    tested = {
        condition.key
        for policy in estate.deployed.policies
        for statement in policy.statements
        for condition in statement.conditions
    }
    assert unknown_keys(estate.inventory, frozenset(tested)) == frozenset()


@by_level
def test_the_matrix_sees_what_open_policies_let_in(estate: Estate, level: AccessLevel) -> None:
    """The broken twin: with an administrator's policy, no boundary and no resource policies everything is let in."""
    role = estate.deployed.role("acme", "data-scientist")
    everything = Applicable(identity=(_administrator(),))
    for each in attempts(estate.inventory, estate.deployed, role, estate.inventory.of("globex"), level):
        request = Request(role.session, each.action.full_name, each.resource.arn, role.session.account, each.context)
        needs_more = each.kind in (Kind("kms", "key"), Kind("sts", "role"))
        assert evaluate(request, everything).allowed or needs_more, str(each)


def _administrator() -> Policy:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return compile_policy({"Version": "2012-10-17", "Statement": [statement]}, PolicyKind.IDENTITY)
