"""The ways that a request can take through the network: past every endpoint, or through one with its policy.

Source: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"; IAM User Guide, "AWS global
condition context keys", aws:SourceVpce and aws:SourceVpc.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.document import VARIABLES_SINCE, Condition, Policy, PrincipalName, Statement
from infra.evaluator.kinds import Effect, PolicyKind
from infra.evaluator.request import CallerKind
from infra.proof.facts import Route
from infra.proof.symbolic import Question
from infra.proof.world.world import World

_VPCE, _VPC = "aws:SourceVpce", "aws:SourceVpc"
_OF_NETWORKS = (_VPCE, _VPC, "aws:VpcSourceIp", "aws:SourceVpcArn")


def routed(world: World, question: Question) -> Iterator[Question]:
    """A question once for each way that its requests can take.

    Past every endpoint no network is named; through an endpoint that the estate does not have, any but those of the
    estate; through an endpoint of the estate its own, and its policy counts.

    Args:
        world: The estate.
        question: A question that leaves the network open.
    """
    yield _fixing(question, **dict.fromkeys(_OF_NETWORKS))
    if question.caller.kind is CallerKind.SERVICE or question.policies.endpoint is not None:
        yield question
        return
    yield _through(question, _elsewhere(tuple(world.routes)))
    services = frozenset(action.partition(":")[0].lower() for action in question.actions)
    for route in world.routes:
        if _leads_to(route, services):
            through = _through(question, world.policy(route.policy))
            known = {key: value for key, value in ((_VPCE, route.id), (_VPC, route.vpc)) if value is not None}
            yield _fixing(through, **known)


def _fixing(question: Question, **fixed: str | None) -> Question:
    return replace(question, fixed={**question.fixed, **fixed})


def _through(question: Question, policy: Policy) -> Question:
    return replace(question, policies=replace(question.policies, endpoint=policy))


def _leads_to(route: Route, services: frozenset[str]) -> bool:
    """Whether an endpoint takes requests to a service; one whose name is no service's may take those to any."""
    name = route.service.partition(".")[0]
    return name in services or name not in catalogue.services()


@lru_cache(maxsize=64)
def _elsewhere(routes: tuple[Route, ...]) -> Policy:
    """What requests through endpoints outside of the estate pass: they name none of its endpoints and networks."""
    ids = tuple(sorted({route.id for route in routes if route.id}))
    networks = tuple(sorted({route.vpc for route in routes if route.vpc}))
    conditions = [
        Condition("StringNotEquals", key.lower(), values) for key, values in ((_VPCE, ids), (_VPC, networks)) if values
    ]
    statement = Statement(
        index=0,
        sid=None,
        effect=Effect.ALLOW,
        principals=(PrincipalName("AWS", "*"),),
        actions=("*",),
        resources=("*",),
        conditions=tuple(conditions),
    )
    return Policy(VARIABLES_SINCE, (statement,), PolicyKind.ENDPOINT, "any endpoint that the estate does not have")
