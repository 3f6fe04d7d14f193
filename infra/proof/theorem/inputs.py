"""What the proof is told beside the estate: sharing that is meant, and what every tenant must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from infra.evaluator.request import ContextValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Requests of one tenant on what is another's that are meant to be allowed.

    Args:
        from_: Whose principals may.
        to: Whose resources.
        actions: Which actions, as a policy's ``Action`` writes them: ``s3:Get*``.
        resources: Which ARNs, as a policy's ``Resource`` writes them.
        reason: Why.
        expires: The last day on which it holds.
    """

    from_: str
    to: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A request that must be allowed: what a tenant's specification says that it can do.

    Without any, an estate in which nobody can do anything would be `Proved`.

    Args:
        owner: The tenant.
        principal_arn: The ARN of its role or user.
        action: ``service:Action``.
        resource: The ARN.
        context: The context keys that the request has for certain; the others are chosen so that it is allowed.
    """

    owner: str
    principal_arn: str
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])
