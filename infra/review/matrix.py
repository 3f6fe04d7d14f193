"""The access matrix: for each pair of owners, what is known of the one's way to the other's resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from infra.proof.report import Verdict
from infra.review.model import Isolation

#: Whom findings are about that start from no tenant, or concern what is no tenant's.
OUTSIDE, PLATFORM = "outside", "platform"

#: More owners than these are no picture any more.
MOST_OWNERS = 40

State = Literal["own", "held", "shared", "unknown", "leak"]
_ORDER: tuple[State, ...] = ("own", "held", "shared", "unknown", "leak")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What is known of a pair.

    Args:
        actor: Whose principals.
        owner: Whose resources.
        state: ``held``: nothing is possible; ``shared``: what is declared; ``unknown``; ``leak``; ``own``.
        gained: How many rights are new.
    """

    actor: str
    owner: str
    state: State
    gained: int = 0

    @property
    def sign(self) -> str:
        """The state as a character, so that it is not told by colour alone."""
        return {"own": "•", "held": "✓", "shared": "⇄", "unknown": "?", "leak": "✗"}[self.state]

    @property
    def sentence(self) -> str:
        """The state in words."""
        said = {
            "own": f"{self.actor} on its own resources",
            "held": f"{self.actor} can do nothing to {self.owner}'s resources",
            "shared": f"{self.actor} can do to {self.owner}'s resources what is declared as shared",
            "unknown": f"what {self.actor} can do to {self.owner}'s resources is not known",
            "leak": f"{self.actor} reaches {self.owner}'s resources",
        }[self.state]
        return f"{said}; {self.gained} new" if self.gained else said


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """The picture.

    Args:
        owners: Whose resources: the columns.
        actors: Whose principals: the rows.
        rows: The cells, row by row.
        omitted: How many owners are not shown.
    """

    owners: tuple[str, ...]
    actors: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    omitted: int


def access_matrix(isolation: Isolation, first: Sequence[str]) -> Matrix:
    """The matrix of a proof.

    Args:
        isolation: What is proven.
        first: The owners that are shown first where not all can be: those that a change touches.
    """
    report = isolation.report
    found: dict[tuple[str, str], State] = {}
    for shared in report.shared:
        _worsen(found, (shared.from_, shared.to), "shared")
    for finding in report.findings:
        state: State = "leak" if finding.verdict is Verdict.LEAK else "unknown"
        _worsen(found, (finding.from_ or OUTSIDE, finding.to or PLATFORM), state)
    counts: dict[tuple[str, str], int] = {}
    for right in isolation.gained:
        counts[right.owner, right.of] = counts.get((right.owner, right.of), 0) + 1
    named = {name for pair in (*found, *counts) for name in pair}
    tenants = [*dict.fromkeys([*(name for name in report.tenants if name in named), *first, *report.tenants])]
    shown = sorted(name for name in tenants[:MOST_OWNERS] if name in report.tenants)
    actors = (*shown, *(name for name in (PLATFORM, OUTSIDE) if any(name == pair[0] for pair in (*found, *counts))))
    owners = (*shown, *((PLATFORM,) if any(pair[1] == PLATFORM for pair in (*found, *counts)) else ()))
    # Of a proof that has an answer to nothing in particular, no pair is known to be held.
    otherwise: State = "unknown" if report.verdict is Verdict.UNKNOWN and not report.findings else "held"
    rows = tuple(
        tuple(
            Cell(
                actor=actor,
                owner=owner,
                state=found.get((actor, owner), "own" if actor == owner else otherwise),
                gained=counts.get((actor, owner), 0),
            )
            for owner in owners
        )
        for actor in actors
    )
    return Matrix(owners=owners, actors=actors, rows=rows, omitted=len(report.tenants) - len(shown))


def _worsen(found: dict[tuple[str, str], State], pair: tuple[str, str], state: State) -> None:
    if _ORDER.index(state) > _ORDER.index(found.get(pair, "held")):
        found[pair] = state
