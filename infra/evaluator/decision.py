"""What the evaluator answers: the decision, the layer that made it, and the statements it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """AWS's three decisions. Source: IAM User Guide, "Policy evaluation logic"."""

    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"


class Layer(StrEnum):
    """What decided, in the words of AWS's messages.

    Source: IAM User Guide, "Troubleshoot access denied error messages".
    """

    SCP = "service control policy"
    RCP = "resource control policy"
    ENDPOINT = "VPC endpoint policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    GRANT = "KMS grant"
    ROOT = "account root user"


@dataclass(frozen=True, slots=True)
class StatementRef:
    """One statement that a verdict rests on.

    Args:
        label: The policy's label.
        layer: The layer that the policy belongs to.
        index: The statement's place in the policy, from 0.
        sid: Its Sid, if it has one.
    """

    label: str
    layer: Layer
    index: int
    sid: str | None

    def __str__(self) -> str:
        name = f" ({self.sid})" if self.sid else ""
        return f"{self.label}.Statement[{self.index}]{name}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one request, and why.

    Args:
        decision: Allowed, ImplicitlyDenied or ExplicitlyDenied.
        layer: What decided: what allowed, what lacks an allow, or what denied.
        reason: One or more sentences for people; the last ones name the readings that were taken.
        statements: What allowed or denied; empty for an implicit denial, and where a grant or the root user allowed.
        missing: For an implicit denial, what would have to be there.
    """

    decision: Decision
    layer: Layer
    reason: str
    statements: tuple[StatementRef, ...] = ()
    missing: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request goes through."""
        return self.decision is Decision.ALLOWED
