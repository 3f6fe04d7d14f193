"""Which resources' own policies and grants name whom: an index over the estate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infra.evaluator.document import Policy, PrincipalName
from infra.evaluator.kinds import Effect
from infra.evaluator.policies import Grant
from infra.evaluator.request import Caller, CallerKind, account_of_root
from infra.proof.facts import Resource

_KINDS: Mapping[CallerKind, str] = {
    CallerKind.SERVICE: "Service",
    CallerKind.FEDERATED: "Federated",
    CallerKind.CANONICAL: "CanonicalUser",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """Resources by whom their policies allow something, under some condition or none.

    Args:
        everybody: Those whose policies allow it to everybody, or to all but some.
        by_name: Those whose policies name somebody, by type and name of the principal; a role's name without its path.
        by_account: Those whose policies name an account, by its id.
        principals: Everybody who is named.
    """

    everybody: tuple[Resource, ...]
    by_name: Mapping[tuple[str, str], tuple[Resource, ...]]
    by_account: Mapping[str, tuple[Resource, ...]]
    principals: frozenset[PrincipalName]

    def naming(self, caller: Caller) -> Iterator[Resource]:
        """Those that name a caller, or everybody; but not those that name its account only."""
        yield from self.everybody
        kind = _KINDS.get(caller.kind, "AWS")
        for name in {caller.arn, caller.role_arn} - {None}:
            yield from self.by_name.get((kind, _key(name or "")), ())
        if kind != "AWS":
            yield from self.by_name.get((kind, "*"), ())

    def named(self, kind: str) -> tuple[str, ...]:
        """All principals of a type that are named: ``Service``."""
        return tuple(sorted(one.value for one in self.principals if one.type == kind))


def naming_of(policies: Iterable[tuple[Resource, Policy | None, Iterable[Grant]]]) -> Naming:
    """The index.

    Args:
        policies: Resources with their policies and grants.
    """
    everybody: dict[str, Resource] = {}
    by_name: dict[tuple[str, str], dict[str, Resource]] = defaultdict(dict)
    by_account: dict[str, dict[str, Resource]] = defaultdict(dict)
    principals: set[PrincipalName] = set()
    for resource, policy, grants in policies:
        names = {*(_named_in(policy) if policy is not None else ()), *map(_grantee, grants)}
        principals |= names
        for name in names:
            account = account_of_root(name.value) if name.type == "AWS" else None
            if name == PrincipalName("AWS", "*"):
                everybody[resource.arn] = resource
            elif account is not None:
                by_account[account][resource.arn] = resource
            else:
                by_name[name.type, _key(name.value)][resource.arn] = resource
    return Naming(
        everybody=tuple(everybody.values()),
        by_name={name: tuple(found.values()) for name, found in by_name.items()},
        by_account={account: tuple(found.values()) for account, found in by_account.items()},
        principals=frozenset(principals),
    )


def _named_in(policy: Policy) -> Iterator[PrincipalName]:
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            yield from statement.principals or (PrincipalName("AWS", "*"),)


def _grantee(grant: Grant) -> PrincipalName:
    service = not grant.grantee.startswith("arn:") and account_of_root(grant.grantee) is None
    return PrincipalName("Service" if service else "AWS", grant.grantee)


def _key(name: str) -> str:
    """What is the same for a role and for all of its sessions: names of roles are unique in an account."""
    parts = name.split(":", 5)
    if len(parts) < 6 or parts[2] not in ("iam", "sts"):
        return name
    kind, _, rest = parts[5].partition("/")
    if kind == "assumed-role":
        return f"{parts[4]}:role/{rest.partition('/')[0]}"
    return f"{parts[4]}:role/{rest.rpartition('/')[2]}" if kind == "role" else name
