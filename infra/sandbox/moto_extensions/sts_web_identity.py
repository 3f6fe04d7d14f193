"""STS AssumeRoleWithWebIdentity: only for a valid token, whose claims the session keeps. SAML is refused.

Whether the token's bearer may assume the role is decided by the trust policy, in front of moto.
Source: AWS STS API Reference, "AssumeRoleWithWebIdentity".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from joserfc.jwk import RSAKey
from moto.core.responses import ActionResult
from moto.sts.exceptions import STSClientError
from moto.sts.responses import TokenResponse

from infra.sandbox.enforcement.refusals import CredentialsRefused
from infra.sandbox.enforcement.web_identity import WebIdentity, verify_token
from infra.sandbox.moto_extensions import sts_roles
from infra.sandbox.moto_extensions.registry import wrap
from infra.sandbox.moto_extensions.sts_sessions import find_role

_ACTION = "sts:AssumeRoleWithWebIdentity"


def apply(key: RSAKey) -> None:
    """Changes moto.

    Args:
        key: The key of the sandbox's token issuer.
    """

    def respond(original: Callable[[TokenResponse], ActionResult], response: TokenResponse) -> ActionResult:
        return _respond(original, response, key)

    wrap(TokenResponse, "assume_role_with_web_identity", respond)
    wrap(TokenResponse, "assume_role_with_saml", _refuse_saml)


def _respond(original: Callable[[TokenResponse], ActionResult], response: TokenResponse, key: RSAKey) -> ActionResult:
    given = cast("dict[str, Any]", response.params)
    role = sts_roles.existing_role(given["RoleArn"], action=_ACTION)
    sts_roles.check_name(given.get("RoleSessionName"))
    sts_roles.check_duration(given, role, chained=False)
    sts_roles.check_policy_arns(given, role)
    identity = _verified(given["WebIdentityToken"], role.account_id, key)
    asked = {**given, "TransitiveTagKeys": identity.transitive, "SourceIdentity": identity.source_identity}
    facts = sts_roles.session_facts(asked, inherited=None, tags=identity.tags)
    facts.update(provider=identity.provider, claims=identity.session_keys)
    answer = original(response)
    result = cast("dict[str, Any]", answer.result)
    sts_roles.remember_session(result["Credentials"], **facts)
    result["AssumedRoleUser"]["AssumedRoleId"] = result["Credentials"].user_id
    result |= {
        "SubjectFromWebIdentityToken": identity.subject,
        "Audience": identity.audience,
        "Provider": identity.provider,
    }
    if identity.source_identity:
        result["SourceIdentity"] = identity.source_identity
    return answer


def _verified(token: str, account: str, key: RSAKey) -> WebIdentity:
    try:
        return verify_token(token, account, key, datetime.now(UTC))
    except CredentialsRefused as refused:
        _, code = refused.code("sts", "query")
        raise STSClientError(code, refused.message) from None


def _refuse_saml(original: Callable[[TokenResponse], ActionResult], response: TokenResponse) -> ActionResult:
    """No assertion can be verified here, and a session for an unverified one would be anybody's."""
    del original
    if find_role(cast("dict[str, Any]", response.params)["RoleArn"]) is None:
        raise sts_roles.AccessDenied("Not authorized to perform sts:AssumeRoleWithSAML")
    raise NotImplementedError("AssumeRoleWithSAML")
