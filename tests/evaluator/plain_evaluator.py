"""AWS's decision for the small world of `arbitrary_requests`, as plainly as it can be written: nothing is compiled.

It shares no code with the evaluator, so that both would have to be wrong in the same way. Source: IAM User Guide, "How
AWS enforcement code logic evaluates requests to allow or deny access".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from arbitrary_requests import OTHER, OWN, ROOT, SESSION, TAG, Json

_ROLE = f"arn:aws:iam::{OWN}:role/acme"
_VARIABLE = f"${{{TAG}}}"


def plainly_decided(request: Json) -> str:
    """The decision on a request that `arbitrary_requests` can make."""
    everywhere = [*request["identity_policies"], *_given(request, "boundary", "session_policy", "resource_policy")]
    everywhere += _given(request, "vpc_endpoint_policy")
    everywhere += [policy for levels in ("scps", "rcps") for level in request.get(levels, []) for policy in level]
    if any(_applies(statement, request) for policy in everywhere for statement in _statements(policy, "Deny")):
        return "ExplicitlyDenied"
    return "Allowed" if _passes(request) and _granted(request) else "ImplicitlyDenied"


def _given(request: Json, *names: str) -> list[Json]:
    return [request[name] for name in names if name in request]


def _passes(request: Json) -> bool:
    levels = request.get("scps", [])
    endpoint = _given(request, "vpc_endpoint_policy")
    return all(_allowed_by(level, request) for level in levels) and (not endpoint or _allowed_by(endpoint, request))


def _granted(request: Json) -> bool:
    is_root = request["principal"] == ROOT
    identity = is_root or _allowed_by(request["identity_policies"], request)
    limits = [] if is_root else _given(request, "boundary", "session_policy")
    within = all(_allowed_by([limit], request) for limit in limits)
    shares = [one for policy in _given(request, "resource_policy") for one in _statements(policy, "Allow")]
    named = [one["Principal"] for one in shares if _applies(one, request)]
    if OTHER in request["principal"]:
        return identity and within and bool(named)
    return (identity and within) or any(
        who in ("*", {"AWS": request["principal"]}) or (who == {"AWS": _ROLE} and within) for who in named
    )


def _allowed_by(policies: Iterable[Json], request: Json) -> bool:
    return any(_applies(statement, request) for policy in policies for statement in _statements(policy, "Allow"))


def _statements(policy: Json, effect: str) -> list[Json]:
    return [one for one in policy["Statement"] if one["Effect"] == effect]


def _applies(statement: Json, request: Json) -> bool:
    return (
        _is_for(statement.get("Principal", "*"), request["principal"])
        and _has_action(statement, request["action"])
        and _has_resource(statement, request)
        and all(_holds(name, keys, request["context"]) for name, keys in statement.get("Condition", {}).items())
    )


def _is_for(principal: str | Json, caller: str) -> bool:
    if principal == "*":
        return True
    who = cast("Json", principal)["AWS"]
    account = OTHER if OTHER in caller else OWN
    is_account = who in (account, f"arn:aws:iam::{account}:root")
    return who == caller or is_account or (who == _ROLE and caller == SESSION)


def _like(pattern: str, value: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value) is not None


def _has_action(statement: Json, action: str) -> bool:
    listed = statement.get("Action") or statement["NotAction"]
    return any(_like(one, action) for one in listed) is ("Action" in statement)


def _has_resource(statement: Json, request: Json) -> bool:
    listed = cast("list[str]", statement.get("Resource") or statement["NotResource"])
    tag = request["context"].get(TAG)
    found = any(_like(one, request["resource"]) for one in _resolved(listed, tag))
    if "Resource" in statement:
        return found
    is_open = tag is None and any(_VARIABLE in one for one in listed)
    return not found and not (is_open and statement["Effect"] == "Deny")


def _resolved(patterns: list[str], tag: str | None) -> Iterable[str]:
    """The patterns with the tag in them; a wildcard of the tag stands for itself, which no name in this world has."""
    for pattern in patterns:
        if _VARIABLE not in pattern:
            yield pattern
        elif tag is not None and "*" not in tag:
            yield pattern.replace(_VARIABLE, tag)


def _holds(operator: str, keys: dict[str, Any], context: Json) -> bool:
    ((key, written),) = keys.items()
    value = context.get(key)
    match operator:
        case "Null":
            return (value is None) is (written == "true")
        case "Bool":
            return value is not None and value is (written == "true")
        case "StringEquals":
            return value in written
        case "StringNotEquals":
            return value not in written
        case "StringLike":
            return value is not None and any(_like(one, value) for one in written)
        case _:
            return value is None or value in written
