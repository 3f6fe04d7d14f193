"""What the administrator of a tenant may change of its spec: the keys of this table, and nothing else.

The rest is the platform's to decide, or costs or exposes others: the tier and network (a place in a shared VPC), quotas
and the budget's limit (what the tenant may cost), residency, compliance and retention (what was promised to
regulators), the group of data scientists and the tags (the platform's identity provider and its access by tags), and
whether the tenant is open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import FieldError, ProblemError
from infra.lifecycle.states import OperationKind

OWN_KEYS: frozenset[tuple[str, ...]] = frozenset(
    {
        ("display_name",),
        ("owner",),
        ("models",),
        ("monthly_budget", "alert_percent"),
        ("monthly_budget", "contacts"),
        ("identity", "deploy"),
    }
)
"""The keys that a tenant's administrator may change, with all that is below them."""

OWN_KINDS = frozenset({OperationKind.UPDATE})
"""The operations that a tenant's administrator may start, and so cancel."""

KeyPath = tuple[str, ...]


def changed_keys(before: Any, after: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The ways to the values in which two documents differ; a list counts as one value.

    Args:
        before: Plain data.
        after: Plain data.
        path: Where the two are.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        one, other = cast("Mapping[str, Any]", before), cast("Mapping[str, Any]", after)
        for key in sorted({*one, *other}):
            if key not in one or key not in other:
                yield from _within(one.get(key, other.get(key)), (*path, key))
            else:
                yield from changed_keys(one[key], other[key], (*path, key))
    elif json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
        yield path


def require_own(changed: list[KeyPath]) -> None:
    """Refuses a change that is not a tenant's own to make.

    Args:
        changed: The ways to what it changes.

    Raises:
        ProblemError: 403, naming the keys.
    """
    others = [path for path in changed if not any(path[: len(own)] == own for own in OWN_KEYS)]
    if others:
        errors = [
            FieldError(location="body", field="#/" + "/".join(path), message="is the platform's to decide", code="own")
            for path in others[:50]
        ]
        raise ProblemError(
            Kind.FORBIDDEN, "The change holds keys that an operator of the platform decides.", errors=errors
        )


def _within(value: object, path: KeyPath) -> Iterator[KeyPath]:
    """The ways to the values of something that was added or removed as a whole."""
    if isinstance(value, Mapping) and value:
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from _within(inner, (*path, key))
    else:
        yield path
