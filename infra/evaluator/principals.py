"""Whether a statement's Principal or NotPrincipal is about the caller, and how directly.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from infra.evaluator.answer import Open
from infra.evaluator.document import PrincipalName
from infra.evaluator.facts import Facts
from infra.evaluator.kinds import Effect, PolicyKind
from infra.evaluator.request import Caller, CallerKind, account_of_root


class Reach(IntEnum):
    """How directly a statement names the caller; it decides what else must allow the request.

    Source: IAM User Guide, "Policy evaluation for requests within a single account" and "Permissions boundaries for IAM
    entities".
    """

    #: It names the account, and so leaves the decision to the account's identity policies.
    ACCOUNT = 1
    #: It names the role: permissions boundary and session policy still limit it.
    ROLE = 2
    #: It names the user, the session, the service, or everybody: nothing else is asked.
    DIRECT = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A match of a principal.

    Args:
        reach: How directly the caller is named.
        answer: Whether it is, for certain or under a reading.
    """

    reach: Reach
    answer: Literal[True] | Open


Principals = Callable[[Facts], Named | None]

ANYONE = Named(Reach.DIRECT, answer=True)
_NO_SESSION = Open("a session is named, and the request names its role only")
_ROOT_ONLY = Open("in the policy of a gateway endpoint an account stands for its root user only")
_NOT_PRINCIPAL = Open("NotPrincipal names the caller, but not its role and account beside it")
#: Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
_UNSUPPORTED = Open("NotPrincipal with Allow is documented as not supported")

_TYPES: Mapping[CallerKind, str] = {
    CallerKind.SERVICE: "Service",
    CallerKind.FEDERATED: "Federated",
    CallerKind.CANONICAL: "CanonicalUser",
}
#: So many callers a statement remembers.
_KNOWN_CALLERS = 1024
_GATEWAY_SERVICES = frozenset({"s3", "dynamodb"})


def compile_principals(names: Sequence[PrincipalName], kind: PolicyKind) -> Principals:
    """Make a function that says how a Principal element names a caller; None if it does not."""
    if any(_is_everybody(name) for name in names):
        return lambda _: ANYONE

    known: dict[tuple[str, str | None], Named | None] = {}

    def named(facts: Facts) -> Named | None:
        caller = facts.caller
        key = (caller.arn, caller.role_arn)
        if key not in known:
            if len(known) >= _KNOWN_CALLERS:
                known.clear()
            known[key] = _best(names, caller)
        best = known[key]
        if best is not None and best.reach is Reach.ACCOUNT and kind is PolicyKind.ENDPOINT:
            return Named(best.reach, _ROOT_ONLY) if facts.service in _GATEWAY_SERVICES else best
        return best

    return named


def compile_not_principals(names: Sequence[PrincipalName], effect: Effect) -> Principals:
    """Make a function that says whether a NotPrincipal element leaves the caller in.

    A Deny always hits a caller with a permissions boundary. Otherwise it spares a caller only if all that the caller
    is, session, role and account, is listed; whether less is enough is documented as uncertain.
    """
    everybody = any(_is_everybody(name) for name in names)

    def named(facts: Facts) -> Named | None:
        caller = facts.caller
        if effect is Effect.DENY and facts.has_boundary:
            return ANYONE
        if everybody:
            return None
        listed = {reach for reach in (_listed(name, caller) for name in names) if reach is not None}
        if not listed:
            return ANYONE if effect is Effect.DENY else Named(Reach.DIRECT, _UNSUPPORTED)
        return None if listed >= _all_of(caller) else Named(Reach.DIRECT, _NOT_PRINCIPAL)

    return named


def _best(names: Sequence[PrincipalName], caller: Caller) -> Named | None:
    """The match that leaves least to be asked."""
    matches = [named for named in (names_caller(name, caller) for name in names) if named is not None]
    return max(matches, key=_rank, default=None)


def _is_everybody(name: PrincipalName) -> bool:
    return name.value == "*" and name.type == "AWS"


def _rank(named: Named) -> tuple[bool, int]:
    return (named.answer is True, named.reach)


def names_caller(name: PrincipalName, caller: Caller) -> Named | None:
    """How one name stands for a caller; None if it does not. ``*`` for everybody is not looked at here."""
    if caller.kind in _TYPES:
        listed = name.type == _TYPES[caller.kind] and name.value in (caller.arn, "*")
        return ANYONE if listed else None
    if name.type != "AWS" or caller.kind is CallerKind.ANONYMOUS:
        return None
    account = account_of_root(name.value)
    if account is not None:
        reach = Reach.DIRECT if caller.kind is CallerKind.ROOT else Reach.ACCOUNT
        return Named(reach, answer=True) if account == caller.account else None
    return _names_identity(name.value, caller)


def _names_identity(value: str, caller: Caller) -> Named | None:
    """How the ARN of a user, a role or a session stands for a caller."""
    if caller.role_arn is not None and _is_role(value, caller):
        return Named(Reach.ROLE, answer=True)
    if value == caller.arn:
        return Named(Reach.DIRECT, answer=True)
    if caller.kind is CallerKind.ROLE and _is_session_of(value, caller):
        return Named(Reach.DIRECT, _NO_SESSION)
    return None


def _is_role(value: str, caller: Caller) -> bool:
    """Whether an ARN is the caller's role: names of roles are unique in an account, whatever their path."""
    if caller.path_known or caller.role_arn is None:
        return value == caller.role_arn
    prefix, _, name = caller.role_arn.partition("/")
    return value.startswith(f"{prefix}/") and value.rsplit("/", 1)[-1] == name


def _is_session_of(value: str, caller: Caller) -> bool:
    name = (caller.role_arn or "").rsplit("/", 1)[-1]
    parts = value.split(":", 5)
    return len(parts) == 6 and parts[4] == caller.account and parts[5].startswith(f"assumed-role/{name}/")


def _listed(name: PrincipalName, caller: Caller) -> Reach | None:
    found = names_caller(name, caller)
    return found.reach if found is not None and found.answer is True else None


def _all_of(caller: Caller) -> frozenset[Reach]:
    """What a NotPrincipal must list to spare a caller for certain."""
    match caller.kind:
        case CallerKind.ROLE_SESSION:
            return frozenset(Reach)
        case CallerKind.ROLE:
            return frozenset({Reach.ROLE, Reach.ACCOUNT})
        case CallerKind.USER | CallerKind.FEDERATED_USER:
            return frozenset({Reach.DIRECT, Reach.ACCOUNT})
        case _:
            return frozenset({Reach.DIRECT})
