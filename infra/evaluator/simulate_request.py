"""One line of `bulkhead simulate`'s input: the request and the policies in it, each document compiled once.

Documents are told apart by their bytes, so that a document that comes again is neither parsed nor compiled again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

import msgspec

from infra.errors import UserError
from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.grammar import level_refusals
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable, Grant
from infra.evaluator.request import Caller, Request, caller_of
from infra.evaluator.simulate_grants import read_grants

_Scalar = str | bool | int | float
_NONE = msgspec.Raw(b"null")
_NULL = b"null"
#: So many combinations of documents, and so many documents, are kept; the least used go first.
_KEPT = 2048
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9-]+")
_ACCOUNT = re.compile(r"\d{12}")
#: Tells the path of a session's role, which the session's ARN does not.
_PRINCIPAL_ARN = "aws:principalarn"

#: From this likeness on, a key is taken for a misspelt one (`difflib`: 0 to 1).
_ALIKE = 0.75

_documents_of = msgspec.json.Decoder(list[msgspec.Raw]).decode
_levels_of = msgspec.json.Decoder(list[list[msgspec.Raw]]).decode
_text_of = msgspec.json.Decoder(str).decode


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """A request as it is written; what may be absent is null when it is.

    A key that is none of these is left alone (`AnnotatedLine`), unless it looks like one of them (`misspelt`).

    Attributes:
        principal: An ARN, an account id, a service's name, ``*`` or null for the anonymous, or ``{"Service": NAME}``.
        action: ``service:Action``.
        resource: An ARN, or ``*``.
        id: Anything; it comes back with the answer.
        resource_account: The account that owns the resource; null to take it from the ARN, or else the caller's.
        context: Context keys and their values.
        identity_policies: Documents; here and below as JSON objects, or as texts of such.
        boundary: A document.
        session_policy: A document, or several.
        resource_policy: A document; with ``trust`` the role's trust policy.
        trust: Whether the resource is a role and ``resource_policy`` its trust policy.
        vpc_endpoint_policy: A document.
        scps: Documents by level from the root down; the full-access policy is listed where it is attached.
        rcps: Documents by level from the root down; full access is implied.
        grants: KMS grants as ListGrants shows them.
    """

    principal: str | dict[str, str] | None
    action: str
    resource: str
    id: msgspec.Raw = _NONE
    resource_account: str | None = None
    context: dict[str, _Scalar | list[_Scalar] | None] | None = None
    identity_policies: msgspec.Raw = _NONE
    boundary: msgspec.Raw = _NONE
    session_policy: msgspec.Raw = _NONE
    resource_policy: msgspec.Raw = _NONE
    trust: bool | None = False
    vpc_endpoint_policy: msgspec.Raw = _NONE
    scps: msgspec.Raw = _NONE
    rcps: msgspec.Raw = _NONE
    grants: msgspec.Raw = _NONE


class AnnotatedLine(Line, forbid_unknown_fields=False):
    """A request with more keys than one has, such as notes of whoever wrote it."""


def misspelt(keys: Iterable[str]) -> str | None:
    """What to say of the first key that is probably meant to be one of a request, or None.

    A policy under a misspelt key would not be seen, and the decision be of another request than was meant.
    """
    for key in keys:
        meant = get_close_matches(key, Line.__struct_fields__, n=1, cutoff=_ALIKE)
        if meant and meant[0] != key:
            return f"{key!r} is no key of a request: write {meant[0]!r}"
    return None


class BadRequest(UserError):
    """A key of a request has a value that no request can have."""


def read_request(line: Line) -> Request:
    """The request of a line.

    Raises:
        BadRequest: a key has a value that no request can have.
        UnknownPrincipal: the principal is none.
    """
    if not _ACTION.fullmatch(line.action):
        raise BadRequest(f"{line.action!r} is no single action", "write service:Action, as s3:GetObject", "action")
    if line.resource != "*" and line.resource.count(":", 0, 1024) < 5:
        raise BadRequest(
            f"{line.resource!r} is no ARN", 'write the whole ARN, or "*" where the action has no resource', "resource"
        )
    if line.resource_account is not None and not _ACCOUNT.fullmatch(line.resource_account):
        raise BadRequest(f"{line.resource_account!r} is no account id", "write twelve digits", "resource_account")
    context = line.context or {}
    return Request(
        _caller(line.principal, next((value for key, value in context.items() if key.lower() == _PRINCIPAL_ARN), None)),
        line.action,
        line.resource,
        line.resource_account,
        context,
    )


def _caller(principal: str | dict[str, str] | None, role_arn: object) -> Caller:
    if isinstance(principal, dict):
        if len(principal) != 1 or not set(principal) <= {"AWS", "Service", "Federated", "CanonicalUser"}:
            raise BadRequest(
                "a principal written as an object has one key",
                'write {"AWS": ARN}, {"Service": NAME}, {"Federated": NAME}, {"CanonicalUser": ID}, or the value alone',
                "principal",
            )
        principal = next(iter(principal.values()))
    if principal is None:
        return caller_of("*")
    return caller_of(principal, role_arn if isinstance(role_arn, str) else None)


def read_policies(line: Line) -> Applicable:
    """The policies of a line.

    Raises:
        UserError: a document is none that AWS would take, or stands where none can.
    """
    found = _applicable(
        bytes(line.identity_policies),
        bytes(line.boundary),
        bytes(line.session_policy),
        bytes(line.resource_policy),
        bytes(line.vpc_endpoint_policy),
        bytes(line.scps),
        bytes(line.rcps),
        bytes(line.grants),
        trust=bool(line.trust),
        service=_service(line.resource, line.action),
    )
    if isinstance(found, UserError):
        raise found
    return found


def _service(resource: str, action: str) -> str:
    return action.partition(":")[0].lower() if resource == "*" else resource.split(":", 3)[2]


@lru_cache(maxsize=_KEPT)
def _applicable(  # noqa: PLR0913 - the documents of a line are what it is kept by
    identity: bytes,
    boundary: bytes,
    session: bytes,
    resource: bytes,
    endpoint: bytes,
    scps: bytes,
    rcps: bytes,
    grants: bytes,
    *,
    trust: bool,
    service: str,
) -> Applicable | UserError:
    """The policies, or what is wrong with them: both are kept."""
    kind = PolicyKind.TRUST if trust else PolicyKind.RESOURCE
    try:
        return Applicable(
            identity=_several(identity, PolicyKind.IDENTITY, "identity_policies"),
            boundary=_one(boundary, PolicyKind.BOUNDARY, "boundary"),
            session=_session(session),
            resource=_one(resource, kind, "resource_policy", service),
            trust=trust,
            endpoint=_one(endpoint, PolicyKind.ENDPOINT, "vpc_endpoint_policy"),
            scps=_levels(scps, PolicyKind.SCP, "scps"),
            rcps=_levels(rcps, PolicyKind.RCP, "rcps"),
            grants=_grants(grants),
        )
    except UserError as problem:
        return problem


@lru_cache(maxsize=_KEPT)
def _one(raw: bytes, kind: PolicyKind, label: str, service: str | None = None) -> Policy | None:
    if raw == _NULL:
        return None
    if raw[:1] not in (b"{", b'"'):
        raise BadRequest("it is no policy document", "write a JSON object, or the text of one", label)
    text = _text_of(raw) if raw[:1] == b'"' else raw.decode()
    return compile_policy(text, kind, service=service, label=label)


@lru_cache(maxsize=_KEPT)
def _several(raw: bytes, kind: PolicyKind, label: str) -> tuple[Policy, ...]:
    if raw == _NULL:
        return ()
    try:
        documents = _documents_of(raw)
    except msgspec.MsgspecError as problem:
        raise BadRequest(f"it is no list of documents: {problem}", "write [DOCUMENT, ...]", label) from None
    return _compiled(documents, kind, label)


def _session(raw: bytes) -> tuple[Policy, ...] | None:
    if raw[:1] == b"[":
        return _several(raw, PolicyKind.SESSION, "session_policy")
    found = _one(raw, PolicyKind.SESSION, "session_policy")
    return None if found is None else (found,)


@lru_cache(maxsize=_KEPT)
def _levels(raw: bytes, kind: PolicyKind, label: str) -> tuple[tuple[Policy, ...], ...]:
    if raw == _NULL:
        return ()
    try:
        levels = _levels_of(raw)
    except msgspec.MsgspecError as problem:
        raise BadRequest(f"it is no list of levels: {problem}", "write [[DOCUMENT, ...], ...]", label) from None
    for refusal in level_refusals(levels, kind):
        raise BadRequest(str(refusal), "attach fewer policies", label)
    return tuple(_compiled(level, kind, f"{label}[{number}]") for number, level in enumerate(levels))


def _compiled(documents: list[msgspec.Raw], kind: PolicyKind, label: str) -> tuple[Policy, ...]:
    found = (_one(bytes(raw), kind, f"{label}[{number}]") for number, raw in enumerate(documents))
    return tuple(policy for policy in found if policy is not None)


@lru_cache(maxsize=_KEPT)
def _grants(raw: bytes) -> tuple[Grant, ...]:
    return () if raw == _NULL else read_grants(raw)
