"""What is shared on purpose: taken out of the questions, printed in every report, checked to be in force and used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from infra.evaluator.document import Statement
from infra.proof.reach import Reached
from infra.proof.report import Claim, Finding, Shared, Verdict
from infra.proof.symbolic import Sat
from infra.proof.theorem.asking import first_allowed
from infra.proof.theorem.exceptions import requests
from infra.proof.theorem.inputs import Sharing
from infra.proof.world import World, candidates


class Sharings:
    """The declarations of an estate.

    Args:
        declared: All of them.
        today: The day on which they must be in force.
    """

    def __init__(self, declared: Iterable[Sharing], today: date) -> None:
        self.declared = tuple(declared)
        self._today = today
        self._used: set[Sharing] = set()

    def excepted(self, from_: str | None, to: str | None) -> tuple[Statement, ...]:
        """The requests of one owner on what is another's that are meant.

        Args:
            from_: Whose principals, or ``outside``.
            to: Whose resources.
        """
        meant = (one for one in self.declared if (one.from_, one.to) == (from_, to) and not self._expired(one))
        return tuple(requests(actions=one.actions, resources=one.resources) for one in meant)

    def look(self, world: World, from_: str, reached: Reached) -> None:
        """Note which declarations for an owner are used: those of which some request is allowed.

        Args:
            world: The estate.
            from_: The owner, or ``outside``.
            reached: What its principals can become.
        """
        for one in self.declared:
            asks = one.from_ == from_ and one not in self._used and not self._expired(one)
            if asks and _is_used(world, one, reached):
                self._used.add(one)

    def shared(self) -> tuple[Shared, ...]:
        """The declarations as reports print them."""
        return tuple(
            Shared(
                from_=one.from_,
                to=one.to,
                actions=one.actions,
                resources=one.resources,
                reason=one.reason,
                expires=one.expires.isoformat(),
                state=self._state(one),
            )
            for one in self.declared
        )

    def findings(self) -> Iterator[Finding]:
        """The declarations that nobody uses, and those that have ended: neither is a leak by itself."""
        for one in self.declared:
            state = self._state(one)
            if state == "expired":
                yield _finding(one, f"ended on {one.expires.isoformat()}: remove it, or declare it anew")
            elif state == "unused":
                yield _finding(one, "is of no use, as no policy allows any of it: remove it, or grant what it declares")

    def _state(self, one: Sharing) -> str:
        if self._expired(one):
            return "expired"
        return "used" if one in self._used else "unused"

    def _expired(self, one: Sharing) -> bool:
        return one.expires < self._today


def _is_used(world: World, one: Sharing, reached: Reached) -> bool:
    others = (requests(not_actions=one.actions), requests(not_resources=one.resources))
    for actor in reached.actors:
        for resource in candidates(world, actor):
            if resource.owner == one.to:
                found = first_allowed(world, actor, resource, excepted=others)
                if found is not None and isinstance(found.answer, Sat):
                    return True
    return False


def _finding(one: Sharing, why: str) -> Finding:
    what = f"the sharing of {', '.join(one.actions)} on {', '.join(one.resources)} ({one.reason})"
    return Finding(verdict=Verdict.UNKNOWN, from_=one.from_, to=one.to, claim=Claim.SHARING, reason=f"{what} {why}")
