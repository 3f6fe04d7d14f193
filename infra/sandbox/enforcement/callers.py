"""Whose a request is: from its signature, token or in-process mark to the principal and what is known of its session.

Sources: IAM User Guide, "AWS global condition context keys", "IAM and AWS STS condition context keys", "IAM
identifiers" (unique ids), "Compare AWS STS credentials"; AWS STS API Reference, "GetCallerIdentity".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from joserfc.jwk import RSAKey
from moto.iam.models import AccessKey as IamKey
from moto.iam.models import Role, User, iam_backends

from infra.evaluator.request import Caller, ContextValue, caller_of
from infra.sandbox.account import ACCOUNT
from infra.sandbox.credentials import AccessKey
from infra.sandbox.enforcement.refusals import CredentialsRefused, Failure
from infra.sandbox.enforcement.signature import Claim, read_claim, verify
from infra.sandbox.enforcement.web_identity import verify_token
from infra.sandbox.moto_extensions.sts_sessions import PARTITION, RoleSession, find_key, find_role, role_of, session_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

SERVICE_KEY = "bulkhead.service"
"""Where a call of a service of this process carries its `ServiceCall`. No header of HTTP becomes such a key."""

ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"
"""By this header moto is told the account; the account's own key may name any, nobody else may."""

_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_WEB_IDENTITY = "AssumeRoleWithWebIdentity"
_FORM = "application/x-www-form-urlencoded"
_INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message
_EXPIRED_TOKEN = "The security token included in the request is expired"  # noqa: S105 - a message


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCall:
    """A call that a service of the embedded cloud makes for a resource of an account.

    Attributes:
        service: The service's principal, for example ``sagemaker.amazonaws.com``.
        source_account: The account of the resource for which it calls.
        source_arn: The resource's ARN.
    """

    service: str
    source_account: str | None = None
    source_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The principal of a request, with what is known of it.

    Attributes:
        caller: The principal.
        account: Its account; the sandbox's own for callers without one.
        context: Condition keys of the principal and its session.
        session: Its role session, if it is one.
        claim: The verified signature; None for anonymous callers, tokens and services.
    """

    caller: Caller
    account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])
    session: RoleSession | None = None
    claim: Claim | None = None


def identify(environ: WSGIEnvironment, body: bytes, *, root: AccessKey, issuer: RSAKey, now: datetime) -> Identified:
    """Finds out and verifies who makes a request.

    Args:
        environ: The request.
        body: Its body as it was sent.
        root: The sandbox's own key, which is the root user's of its account, and of any account that it names.
        issuer: The key of the sandbox's token issuer.
        now: The time, with a time zone.

    Raises:
        CredentialsRefused: The credentials are not valid.
    """
    call = environ.get(SERVICE_KEY)
    if isinstance(call, ServiceCall):
        return _service(call)
    claim = read_claim(environ)
    if claim is None:
        return _unsigned(environ, body, issuer, now)
    if hmac.compare_digest(claim.access_key_id.encode(), root.access_key_id.encode()):
        verify(claim, environ, body, root.secret_access_key, now)
        if claim.token is not None:
            raise _refuse_token(claim)
        account = str(environ.get(ACCOUNT_HEADER) or ACCOUNT)
        if not _ACCOUNT_ID.fullmatch(account):
            raise CredentialsRefused(Failure.INCOMPLETE, f"x-moto-account-id is no account: {account!r}")
        return Identified(
            caller=caller_of(f"arn:{PARTITION}:iam::{account}:root"),
            account=account,
            context={"aws:userid": account},
            claim=claim,
        )
    found = find_key(claim.access_key_id)
    if found is None:
        raise _unknown_key(claim)
    account, key = found
    verify(claim, environ, body, key.secret_access_key, now)
    session = session_of(key)
    if session is None:
        return _user(claim, account, key)
    return _session(claim, session, now)


def of_role(arn: str) -> Identified:
    """A role as a service assumes it for a call, such as SageMaker the execution role of a job.

    Args:
        arn: The role's ARN, with its path; one that does not exist has no policies, and so no rights.
    """
    role = find_role(arn)
    if role is None:
        return Identified(caller=caller_of(arn), account=arn.split(":")[4])
    session_arn = f"arn:{PARTITION}:sts::{role.account_id}:assumed-role/{role.name}/SageMaker"
    context: dict[str, ContextValue] = {**_principal_tags(role, {}), "aws:userid": f"{role.id}:SageMaker"}
    return Identified(caller=caller_of(session_arn, role.arn), account=role.account_id, context=context)


def of_service(name: str) -> Identified:
    """A service that acts as itself.

    Args:
        name: Its principal, for example ``logs.amazonaws.com``.
    """
    return _service(ServiceCall(service=name))


def hand_on(environ: WSGIEnvironment, identified: Identified) -> None:
    """Tells moto the caller's account, whatever the request's own header says."""
    environ[ACCOUNT_HEADER] = identified.account


def _service(call: ServiceCall) -> Identified:
    context: dict[str, ContextValue] = {}
    if call.source_account:
        context["aws:SourceAccount"] = call.source_account
    if call.source_arn:
        context["aws:SourceArn"] = call.source_arn
    return Identified(caller=caller_of(call.service), account=call.source_account or ACCOUNT, context=context)


def _unsigned(environ: WSGIEnvironment, body: bytes, issuer: RSAKey, now: datetime) -> Identified:
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        if form.get("Action") == [_WEB_IDENTITY]:
            return _federated(form, issuer, now)
    return Identified(caller=caller_of("*"), account=ACCOUNT)


def _federated(form: Mapping[str, list[str]], issuer: RSAKey, now: datetime) -> Identified:
    role_arns, tokens = form.get("RoleArn", []), form.get("WebIdentityToken", [])
    if len(role_arns) != 1 or len(tokens) != 1 or role_arns[0].count(":") < 5:
        raise CredentialsRefused(Failure.INVALID_IDENTITY_TOKEN, "RoleArn and WebIdentityToken must be given once.")
    account = role_arns[0].split(":")[4]
    identity = verify_token(tokens[0], account, issuer, now)
    context: dict[str, ContextValue] = {"aws:FederatedProvider": identity.provider, **identity.trust_keys}
    if identity.source_identity:
        context["sts:SourceIdentity"] = identity.source_identity
    for key, value in identity.tags.items():
        context[f"aws:RequestTag/{key}"] = value
    if identity.tags:
        context["aws:TagKeys"] = list(identity.tags)
        context["sts:TransitiveTagKeys"] = list(identity.transitive)
    return Identified(caller=caller_of(identity.provider), account=account, context=context)


def _user(claim: Claim, account: str, key: IamKey) -> Identified:
    user = _owner(account, key)
    if user is None or key.status != "Active":
        raise _unknown_key(claim)
    if claim.token is not None:
        raise _refuse_token(claim)
    context: dict[str, ContextValue] = {"aws:userid": user.id, "aws:username": user.name}
    context |= {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in _user_tags(user)}
    return Identified(caller=caller_of(user.arn), account=account, context=context, claim=claim)


def _owner(account: str, key: IamKey) -> User | None:
    users = iam_backends[account][PARTITION].users.values()
    return next((user for user in users if key in user.access_keys), None)


def _user_tags(user: User) -> list[dict[str, str]]:
    tagger: Any = iam_backends[user.account_id][PARTITION].tagger
    return tagger.list_tags_for_resource(user.arn)["Tags"]


def _session(claim: Claim, session: RoleSession, now: datetime) -> Identified:
    if claim.token is None or not hmac.compare_digest(claim.token.encode(), session.token.encode()):
        raise _refuse_token(claim)
    if now >= session.expires_at:
        raise CredentialsRefused(Failure.EXPIRED_TOKEN, _EXPIRED_TOKEN)
    role = role_of(session)
    if role is None:
        raise CredentialsRefused(Failure.INVALID_TOKEN, _INVALID_TOKEN)
    context: dict[str, ContextValue] = {
        **_principal_tags(role, session.tags),
        "aws:userid": f"{session.role_id}:{session.name}",
        "aws:TokenIssueTime": session.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **session.claims,
    }
    if session.mfa:
        context["aws:MultiFactorAuthAge"] = int((now - session.issued_at).total_seconds())
    context["aws:MultiFactorAuthPresent"] = session.mfa
    if session.source_identity:
        context["aws:SourceIdentity"] = session.source_identity
    if session.provider:
        context["aws:FederatedProvider"] = session.provider
    return Identified(
        caller=caller_of(session.arn, session.role_arn),
        account=session.account,
        context=context,
        session=session,
        claim=claim,
    )


def _principal_tags(role: Role, session_tags: Mapping[str, str]) -> dict[str, ContextValue]:
    """The tags of the principal: the session's go before the role's, whatever the case of their keys."""
    passed = {key.lower() for key in session_tags}
    of_role = {tag["Key"]: tag["Value"] for tag in role.tags or ()}
    kept = {key: value for key, value in of_role.items() if key.lower() not in passed}
    return {f"aws:PrincipalTag/{key}": value for key, value in {**kept, **session_tags}.items()}


def _unknown_key(claim: Claim) -> CredentialsRefused:
    if claim.service == "s3":
        message = "The AWS Access Key Id you provided does not exist in our records."
    else:
        message = _INVALID_TOKEN
    return CredentialsRefused(Failure.UNKNOWN_KEY, message)


def _refuse_token(claim: Claim) -> CredentialsRefused:
    s3 = "The provided token is malformed or otherwise invalid."
    return CredentialsRefused(Failure.INVALID_TOKEN, s3 if claim.service == "s3" else _INVALID_TOKEN)
