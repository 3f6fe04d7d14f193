"""The estate as questions need it: principals and resources by name and owner, and each document compiled once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Grant
from infra.evaluator.request import caller_of
from infra.proof.facts import Document, Estate, Family, Principal, PrincipalKind, Resource, Route, Unknown
from infra.proof.world.joining import joined
from infra.proof.world.naming import Naming, naming_of
from infra.proof.world.worst_case import everything

PLATFORM_OWNERS = frozenset({"platform"})
_TOKENS = {PrincipalKind.ROLE: "aws:iam/role:Role", PrincipalKind.USER: "aws:iam/user:User"}


class World:
    """An estate, indexed; nothing is compiled before somebody asks for it.

    Service and resource control policies are left out: they only deny, and which of them bind an account depends on the
    organization's tree, which no stack tells.

    Args:
        estate: The facts.
        platform_owners: Owners whose things are shared by all tenants, as what nobody owns is.

    Attributes:
        principals: Roles and users, by ARN.
        resources: Resources, by ARN; every role and user is one.
        tenants: The owners that are no owners of the platform's, in order.
        routes: The VPC endpoints.
        accounts: The accounts that anything is in.
        unread: The policies that are not known, or that AWS would refuse, by their labels; for each of them stands a
            policy that allows everything.
    """

    def __init__(self, estate: Estate, *, platform_owners: frozenset[str] = PLATFORM_OWNERS) -> None:
        self.estate = estate
        self.platform_owners = platform_owners
        self.principals: Mapping[str, Principal] = {one.arn: one for one in estate.principals}
        known = {one.arn for one in estate.resources}
        beside = tuple(_as_resource(one) for one in estate.principals if one.arn not in known)
        self.all_resources: tuple[Resource, ...] = (*estate.resources, *beside)
        self.resources: Mapping[str, Resource] = {one.arn: one for one in self.all_resources}
        owners = {one.owner for one in (*estate.principals, *self.all_resources, *estate.routes)}
        self.tenants: tuple[str, ...] = tuple(sorted(one for one in owners if one and one not in platform_owners))
        every = {one.account for one in (*estate.principals, *self.all_resources, *estate.routes)}
        self.accounts: frozenset[str] = frozenset(one for one in every if one)
        self.routes: tuple[Route, ...] = estate.routes
        self.unread: dict[str, Unknown] = {}
        self._documents: dict[str, Document] = {}
        self._origins: dict[str, tuple[tuple[Document, int], ...]] = {}
        self._compiled: dict[tuple[str | None, PolicyKind, str | None, str], Policy] = {}
        self._of_resource: dict[str, Policy | None] = {}

    def is_shared(self, owner: str | None) -> bool:
        """Whether what has this owner is no tenant's."""
        return owner is None or owner in self.platform_owners

    def principals_of(self, owner: str | None) -> tuple[Principal, ...]:
        """An owner's roles and users."""
        return self._principals_by_owner.get(owner, ())

    def resources_of(self, owner: str | None) -> tuple[Resource, ...]:
        """An owner's resources."""
        return self._resources_by_owner.get(owner, ())

    def policy(self, document: Document) -> Policy:
        """A document's policy; one that allows everything where the document says nothing that AWS would take."""
        label = document.label()
        key = (document.text, document.kind, document.service, label)
        found = self._compiled.get(key)
        if found is None:
            compiled = document.compiled()
            if isinstance(compiled, Unknown):
                self.unread[label] = compiled
                compiled = everything(document.kind, label)
            self._documents.setdefault(label, document)
            found = self._compiled[key] = compiled
        return found

    def resource_policy(self, resource: Resource) -> Policy | None:
        """The policy of a resource, its several documents as one; None where it has none.

        The label of several is that of all of them, joined by ``+``; the places of statements count through.
        """
        if resource.arn not in self._of_resource:
            self._of_resource[resource.arn] = self._joined(resource.policies)
        return self._of_resource[resource.arn]

    def origin(self, label: str, index: int) -> tuple[Document, int] | None:
        """The document that a statement is in, and its place there; None for what is in no document.

        Args:
            label: The policy's label.
            index: The statement's place in the policy, from 0.
        """
        if label in self._origins:
            places = self._origins[label]
            return places[index] if index < len(places) else None
        document = self._documents.get(label)
        return None if document is None else (document, index)

    def trust(self, role: Principal) -> Policy | None:
        """A role's trust policy; None for a user."""
        return None if role.trust is None else self.policy(role.trust)

    def identity(self, principal: Principal) -> tuple[Policy, ...]:
        """A principal's identity policies."""
        return tuple(map(self.policy, principal.identity))

    def boundary(self, principal: Principal) -> Policy | None:
        """A principal's permissions boundary."""
        return None if principal.boundary is None else self.policy(principal.boundary)

    def grants_on(self, arn: str) -> tuple[Grant, ...]:
        """The KMS grants of a key."""
        return self._grants.get(arn, ())

    def account_of(self, resource: Resource) -> str | None:
        """A resource's account; where nothing tells it, the only one that there is."""
        if resource.account is not None:
            return resource.account
        return next(iter(self.accounts)) if len(self.accounts) == 1 else None

    def has_known_tags(self, resource: Resource) -> bool:
        """Whether a resource has the tags that are written down, and no others."""
        return resource.source.urn not in self._unknown_tags

    @cached_property
    def naming(self) -> Naming:
        """Whose policies and grants name whom; a role's trust is its policy here. All of them are compiled for it."""
        return naming_of((one, self.own_policy(one), self.grants_on(one.arn)) for one in self.all_resources)

    def own_policy(self, resource: Resource) -> Policy | None:
        """The policy of a resource, which of a role is its trust."""
        role = self.principals.get(resource.arn)
        return self.resource_policy(resource) if role is None else self.trust(role)

    @cached_property
    def services_named(self) -> tuple[str, ...]:
        """The services that policies of resources name; those that only trusts name are left out."""
        roles = self.principals.keys()
        named = self.naming.by_name.items()
        return tuple(
            sorted(
                name
                for (kind, name), those in named
                if kind == "Service" and any(one.arn not in roles for one in those)
            )
        )

    @cached_property
    def named_across(self) -> frozenset[str]:
        """The principals that policies of other accounts' resources name, by ARN."""
        return frozenset(
            arn
            for arn, one in self.principals.items()
            if "*" in arn or any(each.account != one.account for each in self.naming.naming(caller_of(arn)))
        )

    @cached_property
    def runners(self) -> frozenset[str]:
        """The ARNs of what runs as a role of the estate. IAM's own resources that name a role run nothing."""
        return frozenset(
            one.arn
            for one in self.all_resources
            if not one.arn.startswith("arn:aws:iam:") and any(role in self.principals for role in one.runs_as)
        )

    @cached_property
    def _principals_by_owner(self) -> Mapping[str | None, tuple[Principal, ...]]:
        return _by_owner(self.estate.principals)

    @cached_property
    def _resources_by_owner(self) -> Mapping[str | None, tuple[Resource, ...]]:
        return _by_owner(self.all_resources)

    @cached_property
    def _unknown_tags(self) -> frozenset[str]:
        return frozenset(
            one.source.urn
            for one in self.estate.unknown
            if one.property in ("tags", "tagsAll") or one.property == "external"
        )

    @cached_property
    def _grants(self) -> Mapping[str, tuple[Grant, ...]]:
        found: dict[str, list[Grant]] = defaultdict(list)
        for one in self.estate.grants:
            if one.grant.key is not None:
                found[one.grant.key].append(one.grant)
                if one.retiring is not None:
                    # Whoever may retire a grant needs no other permission for it.
                    # Source: AWS KMS API Reference, "RetireGrant".
                    label = f"retiring principal of {one.grant.label}"
                    retiring = Grant(one.retiring, frozenset({"RetireGrant"}), one.grant.key, label=label)
                    found[one.grant.key].append(retiring)
        return {key: tuple(grants) for key, grants in found.items()}

    def _joined(self, documents: tuple[Document, ...]) -> Policy | None:
        policies = [self.policy(one) for one in documents]
        if len(policies) < 2:
            return policies[0] if policies else None
        found = joined(policies)
        self._origins[found.label] = tuple(
            (document, statement.index)
            for document, policy in zip(documents, policies, strict=True)
            for statement in policy.statements
        )
        unread = [self.unread[one.label] for one in policies if one.label in self.unread]
        if unread:
            self.unread[found.label] = unread[0]
        return found


_Owned = TypeVar("_Owned", Principal, Resource)


def _by_owner(items: Iterable[_Owned]) -> Mapping[str | None, tuple[_Owned, ...]]:
    found: dict[str | None, list[_Owned]] = defaultdict(list)
    for one in items:
        found[one.owner].append(one)
    return {owner: tuple(those) for owner, those in found.items()}


def _as_resource(principal: Principal) -> Resource:
    """A role or user as the resource that it also is."""
    return Resource(
        arn=principal.arn,
        token=_TOKENS[principal.kind],
        families=(Family(principal.arn, "iam", principal.kind.value),),
        owner=principal.owner,
        account=principal.account,
        policies=(),
        tags=principal.tags,
        runs_as=(),
        keys=(),
        settings={},
        source=principal.source,
    )
