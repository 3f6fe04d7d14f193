"""One request: who asks, for what action, on which resource, in which context."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from infra.evaluator.errors import UnknownPrincipal

#: What a context key may hold; a sequence is a multivalued key.
ContextValue = str | bool | int | float | Sequence[str | bool | int | float] | None

_USER_OR_ROLE = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):(?P<type>user|role)/(?P<name>.+)")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root|(\d{12})")
_SESSION = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>\d{12}):"
    r"(?P<type>assumed-role|federated-user)/(?P<name>[^/]+)(?:/(?P<session>.+))?"
)
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?:oidc|saml)-provider/.+")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_CANONICAL = re.compile(r"[0-9a-f]{64}")
#: Identity providers that AWS knows by name. Source: IAM User Guide, "AWS JSON policy elements: Principal".
_NAMED_PROVIDERS = frozenset(
    {"cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}
)


class CallerKind(Enum):
    """What kind of principal makes the request."""

    ROLE_SESSION = auto()
    #: A role without a session's name: any session of it.
    ROLE = auto()
    USER = auto()
    ROOT = auto()
    #: A session of GetFederationToken: ``arn:aws:sts::ACCOUNT:federated-user/NAME``.
    FEDERATED_USER = auto()
    #: A user of an identity provider, before it has a role.
    FEDERATED = auto()
    SERVICE = auto()
    #: Somebody of whom only S3's canonical user id is known.
    CANONICAL = auto()
    ANONYMOUS = auto()


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request; made by `caller_of`.

    Args:
        arn: Its ARN, the service's or provider's name, or ``*`` for the anonymous.
        account: Its account's id; None for services, named providers and the anonymous.
        kind: What it is.
        role_arn: The ARN of the role that it is, or is a session of.
        path_known: Whether ``role_arn`` has the role's path; a session's ARN does not tell it.
    """

    arn: str
    account: str | None
    kind: CallerKind
    role_arn: str | None = None
    path_known: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One request to decide.

    Args:
        principal: Who asks.
        action: ``service:Action``, in any case.
        resource: The ARN, or ``*`` for an action without a resource.
        resource_account: The account that owns the resource; None to take it from the ARN, and without one there
            the caller's.
        context: Context keys in any case with their values.
    """

    principal: Caller
    action: str
    resource: str
    resource_account: str | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])


@lru_cache(maxsize=4096)
def caller_of(principal: str, role_arn: str | None = None) -> Caller:
    """Read a principal: an ARN, an account id, a service's name, a canonical user id, or ``*`` for the anonymous.

    Args:
        principal: How AWS writes it. Source: IAM User Guide, "AWS JSON policy elements: Principal".
        role_arn: For the session of a role, the role's ARN with its path, where that is known.

    Raises:
        UnknownPrincipal: it is none of these.
    """
    account = account_of_root(principal)
    if account is not None:
        arn = principal if principal.startswith("arn:") else f"arn:aws:iam::{account}:root"
        return Caller(arn=arn, account=account, kind=CallerKind.ROOT)
    if found := _USER_OR_ROLE.fullmatch(principal):
        if found["type"] == "user":
            return Caller(arn=principal, account=found["account"], kind=CallerKind.USER)
        return Caller(arn=principal, account=found["account"], kind=CallerKind.ROLE, role_arn=principal)
    if found := _SESSION.fullmatch(principal):
        return _session(principal, found, role_arn)
    if found := _PROVIDER.fullmatch(principal):
        return Caller(arn=principal, account=found["account"], kind=CallerKind.FEDERATED)
    return _without_account(principal)


def account_of_root(principal: str) -> str | None:
    """The account that a principal stands for as a whole, by its id or its root user's ARN; None for any other."""
    found = _ROOT.fullmatch(principal)
    return None if found is None else found[1] or found[2]


def _without_account(principal: str) -> Caller:
    if principal in ("*", "anonymous"):
        return Caller(arn="*", account=None, kind=CallerKind.ANONYMOUS)
    if principal in _NAMED_PROVIDERS:
        return Caller(arn=principal, account=None, kind=CallerKind.FEDERATED)
    if _SERVICE.fullmatch(principal):
        return Caller(arn=principal, account=None, kind=CallerKind.SERVICE)
    if _CANONICAL.fullmatch(principal):
        return Caller(arn=principal, account=None, kind=CallerKind.CANONICAL)
    raise UnknownPrincipal(principal)


def _session(principal: str, found: re.Match[str], role_arn: str | None) -> Caller:
    account, name = found["account"], found["name"]
    if found["type"] == "federated-user":
        return Caller(arn=principal, account=account, kind=CallerKind.FEDERATED_USER)
    if found["session"] is None:
        raise UnknownPrincipal(principal)
    plain = f"arn:{found['partition']}:iam::{account}:role/{name}"
    known = role_arn is not None and role_arn.split(":")[4] == account and role_arn.rsplit("/", 1)[-1] == name
    return Caller(
        arn=principal,
        account=account,
        kind=CallerKind.ROLE_SESSION,
        role_arn=role_arn if known else plain,
        path_known=known,
    )
