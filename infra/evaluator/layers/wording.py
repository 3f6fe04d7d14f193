"""How verdicts are worded: references to statements, and the readings that were taken."""

from __future__ import annotations

from collections.abc import Iterable

from infra.evaluator.decision import Decision, Layer, StatementRef, Verdict
from infra.evaluator.facts import Facts
from infra.evaluator.matching import Match


def reference(match: Match, layer: Layer) -> StatementRef:
    """The statement of a match."""
    return StatementRef(match.label, layer, match.statement.index, match.statement.sid)


def uncounted_deny(match: Match, layer: Layer) -> str:
    """Why a Deny was not counted."""
    return _reading(match, f"so the Deny in {reference(match, layer)} is taken not to apply")


def counted_allow(match: Match, layer: Layer) -> str:
    """Why an Allow was counted that is not certain."""
    return _reading(match, f"so the Allow in {reference(match, layer)} is taken to apply")


def _reading(match: Match, consequence: str) -> str:
    return f"Reading taken: {', and '.join(match.readings)}, which AWS's documentation leaves open; {consequence}."


def allowed(layer: Layer, why: str, refs: Iterable[StatementRef], notes: Iterable[str]) -> Verdict:
    """The verdict on a request that goes through."""
    return Verdict(Decision.ALLOWED, layer, " ".join((why, *notes)), tuple(refs))


def lacking(layer: Layer, missing: str, facts: Facts, notes: Iterable[str]) -> Verdict:
    """The verdict on a request that nothing denies, and that lacks an allow.

    Args:
        layer: What lacks it.
        missing: What would have to be there, as a noun: "an identity-based policy".
        facts: The request.
        notes: Readings that were taken.
    """
    what = f"{facts.request.action} on {facts.resource}"
    reason = f"No explicit deny, but what is missing is {missing} that allows {what}."
    return Verdict(
        Decision.IMPLICITLY_DENIED, layer, " ".join((reason, *notes)), missing=f"{missing} that allows {what}"
    )
