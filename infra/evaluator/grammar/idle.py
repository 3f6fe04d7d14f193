"""Statements that AWS takes and then ignores.

Source: AWS KMS API Reference, "PutKeyPolicy": a statement of a key policy that lacks Action or Resource has no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.evaluator.kinds import PolicyKind


def is_idle(statement: Mapping[str, Any], kind: PolicyKind, service: str | None) -> bool:
    """Whether AWS ignores a statement of a document that it takes.

    Args:
        statement: The statement as it is written.
        kind: Where its policy is attached.
        service: The prefix of the resource's service, for a resource's policy.
    """
    if kind is not PolicyKind.RESOURCE or (service or "").lower() != "kms":
        return False
    return any(name not in statement and f"Not{name}" not in statement for name in ("Action", "Resource"))
