"""Who is outside: the anonymous, other accounts, and whoever of other accounts a policy of the estate names."""

from __future__ import annotations

from collections.abc import Iterator

from infra.evaluator.errors import UnknownPrincipal
from infra.evaluator.request import Caller, CallerKind, caller_of
from infra.proof.world.actors import NO_SOURCE, Actor, Identity
from infra.proof.world.world import World

#: What only the organization of a principal gives it. Source: IAM User Guide, "AWS global condition context keys".
_NO_ORGANIZATION = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
#: Accounts that no one has, of which the first that the estate does not have either is an outsider's.
_ACCOUNTS = tuple(f"{digit * 12}" for digit in "98765")


def outsiders(world: World) -> Iterator[Actor]:
    """The anonymous, some role of an account that nothing names, and every account and principal outside that is named.

    They have all rights that their own accounts can give, and choose their own tags.
    """
    none = tuple((key, None) for key in (*_NO_ORGANIZATION, *NO_SOURCE))
    yield Actor(caller=caller_of("*"), fixed=none, label="anonymous")
    other = next(account for account in _ACCOUNTS if account not in world.accounts)
    accounts = dict.fromkeys([other, *sorted({*world.naming.by_account} - world.accounts)])
    callers = [caller_of(f"arn:aws:iam::{account}:role/outsider") for account in accounts]
    for caller in dict.fromkeys([*callers, *_named(world)]):
        yield Actor(
            caller=caller,
            fixed=none,
            choosable_tags=("*",) if caller.account else (),
            identity=Identity.EVERYTHING if caller.account else Identity.DEPLOYED,
            label=f"outside: {caller.arn}",
        )


def _named(world: World) -> Iterator[Caller]:
    """The principals of other accounts that a policy names, and S3's canonical users, who may be anybody's."""
    for name in (*world.naming.named("AWS"), *world.naming.named("CanonicalUser")):
        try:
            caller = caller_of(name)
        except UnknownPrincipal:
            continue
        outside = caller.account is not None and caller.account not in world.accounts
        if caller.kind is CallerKind.CANONICAL or (outside and caller.kind is not CallerKind.ROOT):
            yield caller
