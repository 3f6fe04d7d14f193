"""What a resource's policy grants, as far as AWS looks when the resource, or another one that uses it, is made.

This is not the evaluation of requests. It answers two questions that services ask of a policy document once: may this
service use the resource, and do the principals that it names exist.
Source: IAM User Guide, "AWS JSON policy elements: Principal" (a principal that does not exist is refused), "IAM JSON
policy elements: Condition operators".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

from moto.iam.models import iam_backends

_ROLE_OR_USER = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?P<kind>role|user)/.+")
_STRING_OPERATORS = {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}


def statements(document: str | None) -> list[dict[str, Any]]:
    """The statements of a policy document; none if it is not one."""
    try:
        found = json.loads(document or "{}")["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    listed = cast("list[Any]", found if isinstance(found, list) else [found])
    return [cast("dict[str, Any]", statement) for statement in listed if isinstance(statement, dict)]


def service_may(
    document: str | None, service: str, action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Whether a resource policy lets a service principal do something.

    Args:
        document: The policy.
        service: `logs.eu-central-1.amazonaws.com`, for example.
        action: `kms:Encrypt`, for example.
        resource: The ARN that is acted on.
        context: Values of condition keys that are known. What a policy asks of other keys an Allow is given, and a Deny
            is not: services call over TLS, with the encryption that the bucket wants.
    """
    effects = {
        statement.get("Effect")
        for statement in statements(document)
        if _names_service(statement, service)
        and _matches(statement.get("Action"), action.lower(), lower=True)
        and _matches(statement.get("Resource"), resource)
        and _holds(statement.get("Condition"), context or {}, unknown=statement.get("Effect") != "Deny")
    }
    return "Allow" in effects and "Deny" not in effects


def missing_principals(document: str | None, account: str) -> list[str]:
    """The roles and users of an account that a policy names as principals and that do not exist."""
    backend = iam_backends[account]["aws"]
    existing = {role.arn for role in backend.roles.values()} | {user.arn for user in backend.users.values()}
    named: set[str] = set()
    for statement in statements(document):
        for element in ("Principal", "NotPrincipal"):
            principal = statement.get(element)
            if isinstance(principal, dict):
                named.update(_listed(cast("dict[str, Any]", principal).get("AWS")))
    ours = (found for name in named if (found := _ROLE_OR_USER.fullmatch(name)) and found["account"] == account)
    return sorted(found[0] for found in ours if found[0] not in existing)


def _names_service(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    kinds = cast("dict[str, Any]", principal)
    return service in _listed(kinds.get("Service")) or "*" in _listed(kinds.get("AWS"))


def _matches(patterns: object, value: str, *, lower: bool = False) -> bool:
    return any(fnmatchcase(value, pattern.lower() if lower else pattern) for pattern in _listed(patterns))


def _holds(condition: object, context: Mapping[str, str], *, unknown: bool) -> bool:
    for operator, keys in cast("dict[str, dict[str, Any]]", condition or {}).items():
        name = operator.removesuffix("IfExists").rpartition(":")[2]
        for key, wanted in keys.items():
            known = context.get(key)
            told = _matches(wanted, known) if known is not None and name in _STRING_OPERATORS else unknown
            if not told:
                return False
    return True


def _listed(value: object) -> Iterable[str]:
    if value is None:
        return []
    return cast("list[str]", value) if isinstance(value, list) else [str(value)]
