"""What AWS would refuse of a policy document is refused when it is put, and not when it first has to decide.

Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

from infra.evaluator.compiling import MalformedPolicy
from infra.evaluator.kinds import PolicyKind
from infra.sandbox.enforcement.deployed.documents import Stored, compiled


def malformed(document: Stored, kind: PolicyKind, service: str | None = None) -> str | None:
    """Why AWS would refuse a document; None for one that it takes.

    Args:
        document: The document as it was sent.
        kind: Where it is to be attached.
        service: For a resource's policy, the prefix of the resource's service.
    """
    try:
        compiled(document, kind, "", service=service)
    except MalformedPolicy as error:
        return "; ".join(str(reason) for reason in error.reasons)
    return None
