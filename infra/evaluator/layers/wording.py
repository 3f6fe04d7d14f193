"""How verdicts are worded: references to statements, and the readings that were taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from infra.evaluator.decision import Decision, Layer, StatementRef, Verdict
from infra.evaluator.facts import Facts
from infra.evaluator.matching import Match


def reference(match: Match, layer: Layer) -> StatementRef:
    """The statement of a match."""
    return StatementRef(match.label, layer, match.statement.index, match.statement.sid)


def explicitly_denied(refs: Sequence[StatementRef], facts: Facts) -> Verdict:
    """The verdict on a request that statements deny, the first of them in the layer that AWS names."""
    layer = refs[0].layer
    named = ", ".join(map(str, refs))
    reason = f"An explicit deny in {_one(layer)} refuses {facts.request.action} on {facts.resource}: {named}."
    return Verdict(Decision.EXPLICITLY_DENIED, layer, reason, tuple(refs))


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


def lacking(layer: Layer, nouns: Sequence[str], facts: Facts, notes: Iterable[str], which: str = "") -> Verdict:
    """The verdict on a request that nothing denies, and that lacks an allow.

    Args:
        layer: What lacks it.
        nouns: What could have allowed it, as "identity-based policy".
        facts: The request.
        notes: Readings that were taken.
        which: Which of these policies, as " of account 111122223333".
    """
    what = f"{which} allows {facts.request.action} on {facts.resource}"
    reason = f"No {' and no '.join(nouns)}{what}."
    missing = " or ".join(map(_one, nouns)) + what.replace(" allows ", " that allows ", 1)
    return Verdict(Decision.IMPLICITLY_DENIED, layer, " ".join((reason, *notes)), missing=missing)


def _one(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"
