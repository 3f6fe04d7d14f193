"""A point as a pair of small estates: one that gets it wrong, and a twin that gets it right."""

from __future__ import annotations

from dataclasses import dataclass

from infra.proof.report import Claim, Verdict
from tests.proof.points.small import Small


@dataclass(frozen=True)
class Case:
    """A point that an evaluator must get right, as the proof meets it.

    Args:
        point: Its number; 0 for a published hole.
        what: What it says.
        broken: An estate that the point lets somebody into.
        sound: One that it keeps.
        claim: What the broken one contradicts.
        verdict: The verdict on the broken one.
    """

    point: int
    what: str
    broken: Small
    sound: Small
    claim: Claim = Claim.ISOLATION
    verdict: Verdict = Verdict.LEAK

    def __str__(self) -> str:
        return f"{self.point}: {self.what}" if self.point else self.what
