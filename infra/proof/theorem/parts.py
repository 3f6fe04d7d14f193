"""The parts of shared resources that are a tenant's: its prefix in a bucket of all, its items in a table of all.

No tag says whose they are. What the policies of a tenant's own principals name within a shared resource, and that has
the tenant's id in its name, is the tenant's. Source: AWS Whitepaper "SaaS Storage Strategies", pool model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from infra.evaluator.document import Policy, Statement
from infra.evaluator.glob import Template, Wildcard, glob
from infra.evaluator.grammar import parse_operator
from infra.evaluator.kinds import Effect
from infra.proof.facts import Family, Principal, Resource
from infra.proof.world import World

#: The partition keys of the items that a request names.
KEYS = "dynamodb:LeadingKeys"
_TABLE = ("dynamodb", "table")
_TAG = "aws:principaltag/"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is a tenant's within a shared resource.

    Args:
        owner: The tenant.
        resource: The resource.
        family: The family that it is in.
        pattern: What the ARNs of the part match, or the leading keys of its items.
        keyed: Whether it is items by their leading keys.
    """

    owner: str
    resource: Resource
    family: Family
    pattern: str
    keyed: bool

    def is_told_by(self, other: Part) -> bool:
        """Whether what is in both is the other's: its name is told to more characters."""
        together = self.resource is other.resource and self.keyed is other.keyed
        return together and len(beginning(other.pattern)) > len(beginning(self.pattern))


_Pooled = tuple[tuple[Resource, Family], ...]
_POOLED: WeakKeyDictionary[World, _Pooled] = WeakKeyDictionary()
_PARTS: WeakKeyDictionary[World, dict[str, tuple[Part, ...]]] = WeakKeyDictionary()


def parts_of(world: World, tenant: str) -> tuple[Part, ...]:
    """A tenant's parts of what is shared; found once for an estate.

    Args:
        world: The estate.
        tenant: The tenant.
    """
    known = _PARTS.setdefault(world, {})
    if tenant not in known:
        pooled = _pooled(world)
        every = (part for one in world.principals_of(tenant) for part in _named_by(world, tenant, one, pooled))
        known[tenant] = tuple({(one.resource.arn, one.pattern, one.keyed): one for one in every}.values())
    return known[tenant]


def is_table(family: Family) -> bool:
    """Whether its items are told apart by leading keys."""
    return (family.service, family.type) == _TABLE


def resolved(text: str, policy: Policy, values: Mapping[str, str]) -> str | None:
    """A text of a policy with values in the place of variables; None if it has others.

    Args:
        text: The text.
        policy: Its policy.
        values: Context keys, in lower case, to their values.
    """
    pattern = Template.parse(text, variables=policy.has_variables).resolve(values.get)
    if pattern is None:
        return None
    return "".join(token.value if isinstance(token, Wildcard) else token for token in pattern)


def beginning(pattern: str) -> str:
    """What a pattern begins with before its first wildcard or variable."""
    return pattern.partition("*")[0].partition("?")[0].partition("${")[0]


def keys_in(statement: Statement) -> tuple[str, ...]:
    """The leading keys that a statement requires, of which a request's must be some; none where it requires none."""
    found: list[str] = []
    for one in statement.conditions:
        operator = parse_operator(one.operator)
        if one.key == KEYS.lower() and operator is not None and operator.name in ("StringEquals", "StringLike"):
            found.extend(one.values)
    return tuple(found)


def _pooled(world: World) -> _Pooled:
    if world not in _POOLED:
        shared = (one for one in world.all_resources if world.is_shared(one.owner))
        families = ((one, family) for one in shared for family in one.families)
        _POOLED[world] = tuple((one, each) for one, each in families if each.pattern.endswith("*") or is_table(each))
    return _POOLED[world]


def _named_by(world: World, tenant: str, principal: Principal, pooled: _Pooled) -> Iterator[Part]:
    tags = {f"{_TAG}{key.lower()}": value for key, value in principal.tags.items()}
    for policy in world.identity(principal) if pooled else ():
        for statement in policy.statements:
            if statement.effect is not Effect.ALLOW:
                continue
            texts = [each for text in statement.resources or () if (each := resolved(text, policy, tags))]
            keys = [each for text in keys_in(statement) if (each := resolved(text, policy, tags))]
            for resource, family in pooled:
                for pattern in _within(family, texts, keys):
                    if _is_named_after(world, tenant, pattern.removeprefix(beginning(family.pattern))):
                        yield Part(tenant, resource, family, pattern, is_table(family))


def _within(family: Family, texts: list[str], keys: list[str]) -> list[str]:
    """What of a pooled family a statement names."""
    if is_table(family):
        return keys if any(glob(text)(family.pattern) for text in texts) else []
    begin = beginning(family.pattern)
    return [text for text in texts if text.startswith(begin) and len(text) > len(begin)]


def _is_named_after(world: World, tenant: str, name: str) -> bool:
    """Whether a name has the tenant's id in it, and not that of a tenant whose id says more."""
    return tenant in name and max((one for one in world.tenants if one in name), key=len) == tenant
