"""The first step: an explicit Deny in any layer that binds the request wins.

Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access", Deny evaluation.
"""

from __future__ import annotations

from infra.evaluator.decision import StatementRef, Verdict
from infra.evaluator.facts import Facts
from infra.evaluator.layers.prepared import Prepared
from infra.evaluator.layers.reach import binds
from infra.evaluator.layers.wording import explicitly_denied, reference, uncounted_deny


def explicit_denial(facts: Facts, prepared: Prepared, notes: list[str]) -> Verdict | None:
    """The verdict if a statement denies the request for certain; all statements that do are named.

    Args:
        facts: The request.
        prepared: The policies.
        notes: Where the readings are added by which a Deny was not counted.
    """
    refs: list[StatementRef] = []
    for layer, matcher in prepared.every:
        for match in matcher.denies(facts):
            if not binds(layer, facts):
                break
            if match.readings:
                notes.append(uncounted_deny(match, layer))
            else:
                refs.append(reference(match, layer))
    return explicitly_denied(refs, facts) if refs else None
