"""Identity providers that serve everybody: a role must accept identities that are written down, not any with a token.

Anybody can have a token of such a provider, often with an audience of its choice; what tells its users apart is the
claim below. A wildcard in it accepts what nobody looked at, such as every branch and pull request of a repository.
Sources: IAM User Guide, "Identity-provider controls for shared OIDC providers"; GitHub Docs, "Configuring OpenID
Connect in Amazon Web Services".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from infra.evaluator.document import Condition, Policy
from infra.evaluator.errors import UnknownPrincipal
from infra.evaluator.grammar import parse_operator
from infra.evaluator.kinds import Effect
from infra.evaluator.request import caller_of
from infra.proof.facts import Principal
from infra.proof.report import Claim, Finding
from infra.proof.theorem.asking import first_allowed
from infra.proof.theorem.exceptions import requests
from infra.proof.theorem.reaching import OUTSIDE
from infra.proof.theorem.witness import Subject, finding_of
from infra.proof.world import Actor, World

_ACTION = "sts:AssumeRoleWithWebIdentity"
#: Provider to the claim that tells its users apart.
_TOLD_BY: Mapping[str, str] = {
    "accounts.google.com": "aud",
    "agent.buildkite.com": "sub",
    "api.pulumi.com/oidc": "aud",
    "app.terraform.io": "sub",
    "cognito-identity.amazonaws.com": "aud",
    "gitlab.com": "sub",
    "graph.facebook.com": "app_id",
    "oidc.codefresh.io": "sub",
    "oidc.vercel.com": "aud",
    "proidc.upbound.io": "sub",
    "scalr.io": "sub",
    "shisho.dev": "sub",
    "token.actions.githubusercontent.com": "sub",
    "vstoken.actions.githubusercontent.com": "sub",
    "www.amazon.com": "app_id",
}
_PROVIDER = ":oidc-provider/"


def open_providers(world: World, roles: Iterable[Principal]) -> Iterator[Finding]:
    """The roles that accept identities of a public provider that nobody wrote down.

    Args:
        world: The estate.
        roles: The roles to look at.
    """
    for role in roles:
        trust = world.trust(role)
        for provider in _providers(trust) if trust is not None else ():
            finding = _of(world, role, trust, provider) if trust is not None else None
            if finding is not None:
                yield finding


def _of(world: World, role: Principal, trust: Policy, provider: str) -> Finding | None:
    host = provider.partition(_PROVIDER)[2] or provider
    resource = world.resources.get(role.arn)
    if host not in _TOLD_BY or resource is None:
        return None
    key = f"{host}:{_TOLD_BY[host]}"
    written = tuple(sorted(_written(trust, key)))
    known = (requests(conditions=(Condition("StringEquals", key, written),)),) if written else ()
    actor = Actor(caller=caller_of(provider), label=f"an identity of {host}")
    asked = first_allowed(world, actor, resource, actions=(_ACTION,), excepted=known)
    if asked is None:
        return None
    wrong = (
        f"{role.source}: the role accepts identities of {host} that nobody wrote down: require {key} to be one value, "
        "of one environment of one repository"
    )
    return finding_of(world, asked, Subject(Claim.OUTSIDE, OUTSIDE, role.owner), wrong, telling=(key,))


def _providers(trust: Policy) -> tuple[str, ...]:
    """The providers that a trust accepts tokens of."""
    names = [
        one.value
        for statement in trust.statements
        if statement.effect is Effect.ALLOW
        for one in statement.principals or ()
        if one.type == "Federated"
    ]
    return tuple(name for name in dict.fromkeys(names) if _is_provider(name))


def _written(trust: Policy, key: str) -> Iterator[str]:
    """The values of a claim that a trust requires to the letter."""
    for statement in trust.statements:
        for condition in statement.conditions if statement.effect is Effect.ALLOW else ():
            operator = parse_operator(condition.operator)
            if (
                condition.key == key.lower()
                and operator is not None
                and operator.name in ("StringEquals", "StringLike")
            ):
                wild = operator.name == "StringLike"
                yield from (one for one in condition.values if not (wild and ("*" in one or "?" in one)))


def _is_provider(name: str) -> bool:
    try:
        caller_of(name)
    except UnknownPrincipal:
        return False
    return True
