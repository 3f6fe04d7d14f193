"""STS AssumeRole: a session remembers what AWS remembers of it, and what AWS refuses is refused.

Whether the caller may assume the role is decided by the trust policy, in front of moto.
Sources: AWS STS API Reference, "AssumeRole"; IAM User Guide, "Pass session tags in AWS STS", "Methods to assume a role"
(role chaining), "Monitor and control actions taken with assumed roles" (source identity).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.iam.models import Role, iam_backends
from moto.sts.exceptions import STSClientError, STSValidationError
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.responses import TokenResponse

from infra.sandbox.moto_extensions import sts_mfa
from infra.sandbox.moto_extensions.registry import wrap
from infra.sandbox.moto_extensions.sts_sessions import (
    PARTITION,
    RoleSession,
    find_key,
    find_role,
    remember,
    session_of,
)

_MAX_TAGS = 50
_MAX_TAG_KEY = 128
_MAX_TAG_VALUE = 256
_CHAINED_SECONDS = 3600
_DEFAULT_SECONDS = 3600
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


class AccessDenied(STSClientError):
    """STS refuses to make a session."""

    code = "AccessDenied"


def apply() -> None:
    """Changes moto."""
    wrap(STSBackend, "assume_role", _assume)
    wrap(STSBackend, "get_caller_identity", _caller_identity)
    wrap(TokenResponse, "assume_role", _respond)
    for operation in ("get_session_token", "get_federation_token"):
        wrap(TokenResponse, operation, _refuse(operation))


def remember_session(made: AssumedRole, **facts: Any) -> RoleSession:
    """Keeps what is known of a session that moto has just made.

    Args:
        made: Moto's session.
        facts: Attributes of `RoleSession` that moto does not know.
    """
    role = existing_role(made.role_arn)
    session = RoleSession(
        account=role.account_id,
        role_arn=role.arn,
        role_id=role.id,
        name=made.session_name,
        token=made.session_token,
        issued_at=datetime.now(UTC),
        expires_at=_aware(made.expiration),
        **facts,
    )
    remember(made.access_key, session)
    return session


def existing_role(arn: str, *, action: str = "sts:AssumeRole") -> Role:
    """The role of an ARN.

    Raises:
        AccessDenied: There is none; STS does not tell that from a role that does not trust the caller.
    """
    role = find_role(arn)
    if role is None:
        raise AccessDenied(f"Not authorized to perform {action} on resource: {arn}")
    return role


def session_facts(
    given: Mapping[str, Any], *, inherited: RoleSession | None, tags: Mapping[str, str]
) -> dict[str, Any]:
    """What a session gets from the call that makes it and from the session that makes the call.

    Args:
        given: The call's parameters.
        inherited: The calling session, or None.
        tags: The tags that the call passes.

    Raises:
        STSClientError: STS refuses such a call.
    """
    transitive = frozenset(cast("list[str]", given.get("TransitiveTagKeys") or ()))
    _check_tags(tags, transitive)
    passed_on = _passed_on(inherited)
    conflict = {key.lower() for key in tags} & {key.lower() for key in passed_on}
    if conflict:
        raise STSClientError(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
            f"from the calling session: {', '.join(sorted(conflict))}",
        )
    policies = (given["Policy"],) if given.get("Policy") else ()
    return {
        "tags": {**tags, **passed_on},
        "transitive": transitive | frozenset(passed_on),
        "source_identity": _source_identity(given.get("SourceIdentity"), inherited),
        "policies": policies,
        "policy_arns": tuple(entry["arn"] for entry in given.get("PolicyArns") or ()),
    }


def check_duration(given: Mapping[str, Any], role: Role, *, chained: bool) -> None:
    """Refuses a session that would last longer than its role, or a chain of roles, allows."""
    seconds = int(given.get("DurationSeconds") or _DEFAULT_SECONDS)
    if not 900 <= seconds <= 43_200:
        raise STSValidationError(
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value between 900 and 43200"
        )
    if seconds > int(role.max_session_duration or _DEFAULT_SECONDS):
        raise STSValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    if chained and seconds > _CHAINED_SECONDS:
        raise STSValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )


def check_name(name: str | None) -> None:
    """Refuses a session name that STS would refuse."""
    if not _SESSION_NAME.fullmatch(name or ""):
        raise STSValidationError(
            f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w+=,.@-]* and have length between 2 and 64"
        )


def check_policy_arns(given: Mapping[str, Any], role: Role) -> None:
    """Refuses managed session policies that do not exist in the role's account."""
    backend = iam_backends[role.account_id][PARTITION]
    for entry in given.get("PolicyArns") or ():
        if entry.get("arn") not in backend.managed_policies:
            raise STSValidationError(f"Policy {entry.get('arn')} does not exist or is not attachable.")


def _respond(original: Callable[[TokenResponse], ActionResult], response: TokenResponse) -> ActionResult:
    given = cast("dict[str, Any]", response.params)
    role = existing_role(given["RoleArn"])
    calling = find_key(response.get_access_key())
    inherited = session_of(calling[1]) if calling else None
    check_name(given.get("RoleSessionName"))
    check_duration(given, role, chained=inherited is not None)
    check_policy_arns(given, role)
    tags = {tag["Key"]: tag["Value"] for tag in given.get("Tags") or ()}
    facts = session_facts(given, inherited=inherited, tags=tags)
    facts["mfa"] = sts_mfa.proved(given, calling[1] if calling else None)
    answer = original(response)
    result = cast("dict[str, Any]", answer.result)
    made = remember_session(result["Credentials"], **facts)
    if made.source_identity:
        result["SourceIdentity"] = made.source_identity
    return answer


def _refuse(operation: str) -> Callable[..., ActionResult]:
    """Moto answers these with the same key for everybody, which is nobody's."""

    def refuse(original: Callable[[TokenResponse], ActionResult], response: TokenResponse) -> ActionResult:
        del original, response
        raise NotImplementedError(operation)

    return refuse


def _assume(original: Callable[..., AssumedRole], backend: STSBackend, **given: Any) -> AssumedRole:
    existing_role(given["role_arn"])
    return original(backend, **given)


def _caller_identity(
    original: Callable[..., tuple[str, str, str]], backend: STSBackend, access_key_id: str, region: str
) -> tuple[str, str, str]:
    """Who asks: a key that IAM does not know is the account's own, and so its root user's."""
    if find_key(access_key_id) is None:
        account = backend.account_id
        return account, f"arn:{PARTITION}:iam::{account}:root", account
    return original(backend, access_key_id, region)


def _passed_on(session: RoleSession | None) -> dict[str, str]:
    """The tags that a session passes on to those made from it."""
    if session is None:
        return {}
    return {key: value for key, value in session.tags.items() if key in session.transitive}


def _check_tags(tags: Mapping[str, str], transitive: frozenset[str]) -> None:
    if len(tags) > _MAX_TAGS:
        raise STSValidationError(f"A session has at most {_MAX_TAGS} tags.")
    if len({key.lower() for key in tags}) < len(tags):
        raise STSClientError("InvalidParameterValue", "Duplicate tag keys found. Tag keys are not case sensitive.")
    for key, value in tags.items():
        if not 1 <= len(key) <= _MAX_TAG_KEY or len(value) > _MAX_TAG_VALUE or key.lower().startswith("aws:"):
            raise STSValidationError(
                f"The tag {key!r} is not valid: keys have 1 to {_MAX_TAG_KEY} characters and do not begin with aws:, "
                f"values have at most {_MAX_TAG_VALUE}"
            )
    if transitive - set(tags):
        missing = ", ".join(sorted(transitive - set(tags)))
        raise STSClientError("InvalidParameterValue", f"The transitive tag keys are not among the tags: {missing}")


def _source_identity(given: str | None, inherited: RoleSession | None) -> str | None:
    kept = inherited.source_identity if inherited else None
    if kept and given and given != kept:
        raise AccessDenied("The source identity of a session cannot be changed by the sessions made from it.")
    return kept or given


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
