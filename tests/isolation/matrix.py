"""Every request of one role about another owner's resources: all actions of the catalogue that take such a resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, Action
from infra.evaluator.decision import Verdict
from infra.evaluator.evaluate import evaluate
from infra.evaluator.request import Request
from infra.sandbox.enforcement.requests.services import PREFIXES
from tests.isolation.contexts import Context, choices, contexts, for_a_service
from tests.isolation.deployed import Deployed, Endpoint, Role
from tests.isolation.inventory import Inventory, Kind, Resource

#: Prefix of actions -> the services of botocore that have them.
_SERVICES = {prefix: [name for name, each in PREFIXES.items() if each == prefix] for prefix in PREFIXES.values()}


@dataclass(frozen=True)
class Tried:
    """One request and what was decided.

    Args:
        role: Who asked.
        action: For what.
        resource: On what.
        kind: What the resource is to the action.
        how: The way and the wishes of the context.
        context: The context.
        verdict: The decision.
    """

    role: Role
    action: Action
    resource: Resource
    kind: Kind
    how: str
    context: Context
    verdict: Verdict

    def __str__(self) -> str:
        asked = f"{self.role.owner}'s {self.role.kind}: {self.action.full_name} on {self.resource.arn} ({self.how})"
        return f"{asked}: {self.verdict.decision}, {self.verdict.layer}: {self.verdict.reason}"


@lru_cache(None)
def actions_on(kind: Kind) -> tuple[Action, ...]:
    """All actions of a service that take a type of resource."""
    return tuple(action for action in catalogue.actions(kind.service) if kind.name in action.resource_types)


def attempts(
    inventory: Inventory, deployed: Deployed, role: Role, victims: Iterable[Resource], level: AccessLevel
) -> Iterator[Tried]:
    """Every request of a role, of one access level, about resources of others, in every context it can choose."""
    for resource in victims:
        wished = wishes(inventory, role.owner, resource.owner)
        for kind in resource.kinds:
            actions = [action for action in actions_on(kind) if action.access_level is level]
            ways = _ways(deployed, role.owner, resource.owner, kind.service)
            for action in actions:
                for how, endpoint, context in contexts(role, action, resource, wished, ways):
                    verdict = decide(deployed, role, action, resource, context, endpoint)
                    yield Tried(role, action, resource, kind, how, context, verdict)


def decide(
    deployed: Deployed, role: Role, action: Action, resource: Resource, context: Context, endpoint: Endpoint | None
) -> Verdict:
    """What all policies together say to one request."""
    request = Request(
        principal=role.session,
        action=action.full_name,
        resource=resource.arn,
        resource_account=role.session.account,
        context=context,
    )
    return evaluate(request, deployed.applicable(role, resource, endpoint))


@lru_cache(None)
def wishes(inventory: Inventory, attacker: str, victim: str) -> Mapping[str, Context]:
    """The sets of choices of a context, by name."""
    return {
        "asking for nothing": {},
        "in its own name": choices(inventory, attacker),
        "in the victim's name": choices(inventory, victim),
        "for a service": for_a_service(inventory),
    }


@lru_cache(None)
def _ways(deployed: Deployed, attacker: str, victim: str, service: str) -> Mapping[str, Endpoint | None]:
    """From anywhere, and through the endpoints of both."""
    ways: dict[str, Endpoint | None] = {"from anywhere": None}
    for name in _SERVICES[service]:
        for whose, owner in (("its own", attacker), ("the victim's", victim)):
            endpoint = deployed.endpoint(owner, name)
            if endpoint is not None and endpoint not in ways.values():
                ways[f"through {whose} endpoint"] = endpoint
    return ways
