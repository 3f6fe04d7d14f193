"""Policy documents as values: built by pure functions, compared in tests, read by the proof, rendered once.

Source of the grammar: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Effect = Literal["Allow", "Deny"]
#: Operator to condition key to the values it is compared with.
Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who a resource-based statement names: ARNs or accounts (``aws``), services, or federated providers."""

    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()

    def to_json(self) -> str | dict[str, str | list[str]]:
        """The ``Principal`` element; ``"*"`` for anyone."""
        if self == ANYONE:
            return "*"
        named = {"AWS": self.aws, "Service": self.service, "Federated": self.federated}
        return {kind: _one_or_list(values) for kind, values in named.items() if values}


#: Everyone, in a Deny or under a condition that names the principals.
ANYONE = Principal(aws=("*",))


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. Without `principal` it is for an identity-based policy.

    Exactly one of `actions` and `not_actions` is given, and at most one of `resources` and `not_resources`: a trust
    policy has neither.
    """

    sid: str
    effect: Effect = "Allow"
    principal: Principal | None = None
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: Conditions = field(default_factory=dict[str, Mapping[str, str | Sequence[str]]])

    def __post_init__(self) -> None:
        if bool(self.actions) == bool(self.not_actions):
            raise ValueError(f"statement {self.sid} needs either actions or not_actions")
        if self.resources and self.not_resources:
            raise ValueError(f"statement {self.sid} has both resources and not_resources")

    def to_json(self) -> dict[str, Any]:
        """The statement as IAM reads it."""
        rendered: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect}
        if self.principal is not None:
            rendered["Principal"] = self.principal.to_json()
        for element, values in (
            ("Action", self.actions),
            ("NotAction", self.not_actions),
            ("Resource", self.resources),
            ("NotResource", self.not_resources),
        ):
            if values:
                rendered[element] = _one_or_list(values)
        if self.conditions:
            rendered["Condition"] = {
                operator: {key: value if isinstance(value, str) else _one_or_list(value) for key, value in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return rendered


@dataclass(frozen=True)
class PolicyDocument:
    """A policy of version 2012-10-17 (the older version has no policy variables)."""

    statements: tuple[Statement, ...]

    def to_json(self) -> dict[str, Any]:
        """The document as IAM reads it."""
        return {"Version": "2012-10-17", "Statement": [statement.to_json() for statement in self.statements]}

    def render(self) -> str:
        """The document as text without white space, which is what AWS counts against its size limits."""
        return json.dumps(self.to_json(), separators=(",", ":"))


def _one_or_list(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
