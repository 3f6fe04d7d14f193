"""A mutant as it would be deployed: who is in it, what there is, and what the concrete evaluator says to a request.

It is read by the reader of ``tests.isolation``, beside the reader of the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.evaluate import evaluate
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable, Grant
from infra.evaluator.request import Caller, ContextValue, Request, caller_of
from tests.components.specs import PLATFORM
from tests.isolation.contexts import choices, for_a_service
from tests.isolation.deployed import Deployed, Endpoint, Role
from tests.isolation.inventory import Inventory, Resource
from tests.proof.mutations.mutants import Mutant
from tests.proof.recorded.exports import Exports, recorded

ACCOUNT = PLATFORM.account
OUTSIDE_ACCOUNT = "999999999999"
OUTSIDE = "outside"
TENANTS = ("acme", "acmeeu", "globex", "initech")

Context = Mapping[str, ContextValue]


@dataclass(frozen=True, eq=False)
class Somebody:
    """A caller in one state.

    Args:
        owner: A tenant, ``platform`` or ``outside``: whose requests it makes.
        caller: How AWS knows it.
        identity: Its identity policies.
        boundary: Its permissions boundary.
        context: What every request of it says.
        role: The role that it is a session of.
        chain: How it came to be: one text a step.
    """

    owner: str
    caller: Caller
    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    context: Context = field(default_factory=dict[str, ContextValue])
    role: Role | None = None
    chain: tuple[str, ...] = ()

    @classmethod
    def of(cls, role: Role, owner: str | None = None, chain: tuple[str, ...] = ()) -> Somebody:
        """A session of a role, for its owner or for whoever became it."""
        tags: Context = {f"aws:PrincipalTag/{key}": value for key, value in role.tags.items()}
        return cls(owner or role.owner, role.session, role.identity, role.boundary, tags, role, chain)


@cache
def anything(kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """An administrator's policy."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return compile_policy({"Version": "2012-10-17", "Statement": [statement]}, kind, label="everything")


class Variant:
    """The policies and resources of a mutant.

    Args:
        mutant: The mutant.
    """

    def __init__(self, mutant: Mutant) -> None:
        exports = mutant.exports()
        self.inventory = _inventory(exports)
        self.deployed = Deployed(self.inventory)
        #: Changing policies changes nothing of what there is.
        self.resources = self.inventory.resources if mutant.added else _recorded_resources()

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """All roles."""
        return self.deployed.roles

    @property
    def has_grants(self) -> bool:
        """Whether there are grants of keys."""
        return bool(self._grants)

    @cached_property
    def _grants(self) -> tuple[Grant, ...]:
        return tuple(
            Grant(
                grantee=outputs["granteePrincipal"],
                operations=frozenset(outputs["operations"]),
                key=f"arn:aws:kms:{PLATFORM.region}:{ACCOUNT}:key/{outputs['keyId'].rpartition('/')[2]}",
            )
            for _, outputs in self.inventory.records("aws:kms/grant:Grant")
        )

    def allowed(
        self, who: Somebody, action: str, resource: Resource, context: Context, endpoint: Endpoint | None = None
    ) -> bool:
        """Whether a request passes."""
        target = self._by_arn.get(resource.arn)
        trust = target is not None and action.startswith("sts:")
        own = target.trust if target is not None and trust else self.own_policy(resource)
        policies = Applicable(
            identity=who.identity,
            boundary=who.boundary,
            resource=own,
            trust=trust,
            endpoint=endpoint.policy if endpoint else None,
            grants=self._grants if ":kms:" in resource.arn else (),
        )
        return evaluate(
            Request(who.caller, action, resource.arn, ACCOUNT, {**context, **who.context}), policies
        ).allowed

    def own_policy(self, resource: Resource) -> Policy | None:
        """The policy of a resource, or of what it is in."""
        if resource.arn not in self._own:
            self._own[resource.arn] = self.deployed.resource_policy(resource)
        return self._own[resource.arn]

    def wishes(self, attacker: str, victim: str) -> Mapping[str, Context]:
        """What a request can say in favour of the attacker or of the victim."""
        return {
            "asking for nothing": {},
            "in its own name": self._choices(attacker),
            "in the victim's name": self._choices(victim),
            "for a service": for_a_service(self.inventory),
        }

    def ways(self, service: str, *owners: str) -> Iterator[Endpoint | None]:
        """From anywhere, and through the endpoints of a service that the platform and some owners have."""
        yield None
        for each in self._endpoints:
            own = each.service.partition(".")[0]
            if each.owner in (*owners, "platform") and {"monitoring": "cloudwatch"}.get(own, own) == service:
                yield each

    def _choices(self, owner: str) -> Context:
        if owner not in self._chosen:
            self._chosen[owner] = {} if owner == OUTSIDE else choices(self.inventory, owner)
        return self._chosen[owner]

    @cached_property
    def _own(self) -> dict[str, Policy | None]:
        return {}

    @cached_property
    def _endpoints(self) -> tuple[Endpoint, ...]:
        return self.deployed.endpoints

    @cached_property
    def _by_arn(self) -> Mapping[str, Role]:
        return {role.arn: role for role in self.roles}

    @cached_property
    def _chosen(self) -> dict[str, Context]:
        return {}


def administrator(who: Somebody, step: str, *, bounded: bool = True) -> Somebody:
    """The caller after it has given itself all rights, or taken its boundary away."""
    boundary = who.boundary if bounded else None
    return replace(who, identity=(anything(),), boundary=boundary, chain=(*who.chain, step))


def _inventory(exports: Exports) -> Inventory:
    return Inventory(
        PLATFORM,
        {
            owner: tuple(each for each in export["deployment"]["resources"] if each["type"].startswith("aws:"))
            for owner, export in exports.items()
        },
    )


@cache
def _recorded_resources() -> tuple[Resource, ...]:
    return _inventory(recorded()).resources


def outsider() -> Somebody:
    """An administrator of another account."""
    caller = caller_of(f"arn:aws:sts::{OUTSIDE_ACCOUNT}:assumed-role/administrator/somebody")
    return Somebody(OUTSIDE, caller, identity=(anything(),))


def anonymous() -> Somebody:
    """Nobody who is known."""
    return Somebody(OUTSIDE, caller_of("*"))


def administrator_of_the_account() -> Somebody:
    """Somebody of the account with all rights, whom no policy names."""
    return Somebody("platform", caller_of(f"arn:aws:iam::{ACCOUNT}:role/with-all-rights"), identity=(anything(),))
