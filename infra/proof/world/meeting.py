"""Whether a resource's policy can allow what another policy lets pass: by the values that both want of one key.

It spares most questions about services: these act for a caller's resources, and policies name the sources they want.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from infra.evaluator import catalogue
from infra.evaluator.document import Policy, Statement
from infra.evaluator.grammar import Quantifier, parse_operator
from infra.evaluator.kinds import Effect
from infra.proof.facts import Resource
from infra.proof.world.overlap import Ends, ends_of, may_meet
from infra.proof.world.world import World

_TEXTS = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})
#: Each condition on a key as the patterns of which one must match.
_Wanted = Mapping[str, tuple[tuple[Ends, ...], ...]]
#: Whom a statement names, ``*`` for everybody, and what it wants.
_Asked = tuple[frozenset[str], _Wanted]
_WANTED: WeakKeyDictionary[Policy, tuple[_Asked, ...]] = WeakKeyDictionary()


def may_pass(world: World, resource: Resource, service: str, within: Policy) -> bool:
    """Whether a resource's policy may allow a service something that passes a policy too: no only where it is certain.

    Args:
        world: The estate.
        resource: The resource.
        service: The service, as a principal.
        within: What every request must pass, as the policy of an endpoint would.
    """
    policy = world.resource_policy(resource)
    binding = catalogue.endpoint_policy_services()
    if policy is None or world.grants_on(resource.arn) or any(one.service not in binding for one in resource.families):
        return True
    passing = [wanted for _, wanted in _wanted_by(within, if_exists=True)]
    return any(
        _meet(own, other)
        for names, own in _wanted_by(policy, if_exists=False)
        if service in names or "*" in names
        for other in passing
    )


def _meet(own: _Wanted, passing: _Wanted) -> bool:
    """Whether a request can have, of every key that the resource's statement wants, a value that passes too."""
    return all(
        any(may_meet(one, other) for one in mine for other in its)
        for key, wanted in own.items()
        for mine in wanted
        for its in passing.get(key, ())
    )


def _wanted_by(policy: Policy, *, if_exists: bool) -> tuple[_Asked, ...]:
    """For every statement that allows, whom it names and what it wants of each key.

    Args:
        policy: The policy.
        if_exists: Whether conditions count that a request fulfils without the key: one that has the key must match.
    """
    found = _WANTED.get(policy)
    if found is None:
        allowing = (one for one in policy.statements if one.effect is Effect.ALLOW)
        found = tuple((_named(one), _wanted(policy, one, if_exists=if_exists)) for one in allowing)
        _WANTED[policy] = found
    return found


def _named(statement: Statement) -> frozenset[str]:
    return frozenset({"*"} if statement.principals is None else (one.value for one in statement.principals))


def _wanted(policy: Policy, statement: Statement, *, if_exists: bool) -> _Wanted:
    found: dict[str, tuple[tuple[Ends, ...], ...]] = {}
    for key, patterns in _patterns(statement, if_exists=if_exists):
        ends = tuple(ends_of(one, variables=policy.has_variables) for one in patterns)
        found[key] = (*found.get(key, ()), ends)
    return found


def _patterns(statement: Statement, *, if_exists: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    for condition in statement.conditions:
        operator = parse_operator(condition.operator)
        if operator is None or operator.name not in _TEXTS or operator.quantifier is Quantifier.ALL:
            continue
        if if_exists or not operator.if_exists:
            yield condition.key, condition.values
