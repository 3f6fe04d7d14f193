"""What must allow a request beside what grants it: control policies at each level, and the endpoint's policy.

Source: AWS Organizations User Guide, "SCP evaluation"; AWS PrivateLink Guide, "Control access to VPC endpoints using
endpoint policies". Resource control policies allow everything that they do not deny: full access is always attached.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.evaluator.decision import Layer, Verdict
from infra.evaluator.facts import Facts
from infra.evaluator.layers.prepared import Prepared
from infra.evaluator.layers.reach import binds
from infra.evaluator.layers.wording import counted_allow, lacking
from infra.evaluator.matching import Match, PolicyMatcher


def missing_ceiling(facts: Facts, prepared: Prepared, notes: list[str]) -> Verdict | None:
    """The verdict if a level of service control policies, or the endpoint's policy, does not allow the request."""
    if prepared.scps and binds(Layer.SCP, facts):
        for number, level in enumerate(prepared.scps):
            if not allows(level, facts, Layer.SCP, notes):
                which = f" at level {number + 1} of {len(prepared.scps)} from the root"
                return lacking(Layer.SCP, [Layer.SCP], facts, notes, which)
    if prepared.endpoint:
        if not binds(Layer.ENDPOINT, facts):
            notes.append(f"The VPC endpoint's policy does not count: endpoints of {facts.service} take none.")
        elif not allows(prepared.endpoint, facts, Layer.ENDPOINT, notes):
            return lacking(Layer.ENDPOINT, [Layer.ENDPOINT], facts, notes)
    return None


def allows(policies: Sequence[PolicyMatcher], facts: Facts, layer: Layer, notes: list[str]) -> bool:
    """Whether one of the policies allows the request; the reading, if it took one, is added to the notes."""
    match = first_allow(policies, facts)
    if match is not None and match.readings:
        notes.append(counted_allow(match, layer))
    return match is not None


def first_allow(policies: Sequence[PolicyMatcher], facts: Facts) -> Match | None:
    """A statement that allows the request: one that does for certain, before one that does under some reading."""
    uncertain: Match | None = None
    for policy in policies:
        for match in policy.allows(facts):
            if not match.readings:
                return match
            uncertain = uncertain or match
    return uncertain
