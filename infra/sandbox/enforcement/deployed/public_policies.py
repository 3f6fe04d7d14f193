"""Whether a bucket policy is public: whether it allows anything to anybody without naming fixed principals or origins.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", section "The meaning of 'public'".
"""

from __future__ import annotations

import ipaddress

from infra.evaluator.document import Condition, Policy, Statement
from infra.evaluator.kinds import Effect

#: Keys whose fixed values make a statement not public.
_FIXING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
#: Operators that tie a key to its values; those with `IfExists` do not, for the key may be missing.
_TYING = frozenset({"stringequals", "stringlike", "arnequals", "arnlike", "stringequalsignorecase"})
_WIDEST_PREFIX = 8


def is_public(policy: Policy) -> bool:
    """Whether a statement of the policy is a public one."""
    return any(_public(statement) for statement in policy.statements)


def _public(statement: Statement) -> bool:
    if statement.effect is not Effect.ALLOW:
        return False
    named = statement.principals
    if named is not None and not any("*" in name.value or "${" in name.value for name in named):
        return False
    return not any(_fixes(condition) for condition in statement.conditions)


def _fixes(condition: Condition) -> bool:
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    if condition.key == "aws:sourceip":
        return operator == "ipaddress" and all(_narrow(value) for value in condition.values)
    if condition.key not in _FIXING or operator not in _TYING:
        return False
    return all("*" not in value and "?" not in value and "${" not in value for value in condition.values)


def _narrow(value: str) -> bool:
    try:
        return ipaddress.ip_network(value, strict=False).prefixlen >= _WIDEST_PREFIX
    except ValueError:
        return False
