"""Reach across: what the principals of one owner, in all that they can become, may do to what is others'.

Actions that name no resource (``List...``, ``Describe...`` and ``Create...`` of many services, which only ``*`` allows)
are left out: no resource of anybody's is in such a request, and what it tells or makes is not another's. Those of them
that the proof rests on are asked about in `foundation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from msgspec import structs

from infra.evaluator.document import Statement
from infra.proof.facts import Resource
from infra.proof.reach import Reached
from infra.proof.report import Claim, Finding, Verdict
from infra.proof.theorem.asking import first_allowed
from infra.proof.theorem.witness import Subject, finding_of
from infra.proof.world import Actor, World, candidates

#: So many findings are told of one owner's reach into what is another's.
MOST_FINDINGS = 10
#: How findings and declarations call whoever is outside.
OUTSIDE = "outside"


@dataclass(slots=True)
class _Told:
    """What was found of one pair of owners.

    Args:
        findings: The findings, the shortest chains first.
        further: How many principals and resources were not asked about any more.
    """

    findings: list[Finding]
    further: int = 0


def by_chain(reached: Reached) -> Iterable[Actor]:
    """Everybody that is reached, those with the shortest chains first."""
    return sorted(reached.actors, key=lambda one: len(reached.chain(one)))


def undecided_steps(from_: str, reached: Reached) -> Iterator[Finding]:
    """A finding for every step of which nobody can say that it cannot be taken.

    Args:
        from_: Whose principals may take it.
        reached: Everybody that they can become for certain.
    """
    for one in reached.unknown:
        yield Finding(
            verdict=Verdict.UNKNOWN,
            from_=from_,
            to=None,
            resource=one.urn,
            claim=Claim.OUTSIDE if from_ == OUTSIDE else Claim.ISOLATION,
            reason=f"{one.property}: {one.why}",
        )


def reach_across(
    world: World,
    reached: Reached,
    claim: Claim,
    from_: str,
    *,
    concerns: Callable[[Resource], bool],
    excepted: Callable[[str | None], tuple[Statement, ...]],
) -> Iterator[Finding]:
    """A finding for every principal and resource of which some request is allowed, the shortest chains first.

    Args:
        world: The estate.
        reached: Everybody that the owner's principals can become.
        claim: What a finding contradicts.
        from_: The owner, or ``outside``.
        concerns: Which resources are asked about.
        excepted: The requests on what an owner has that are meant.
    """
    told: dict[str | None, _Told] = {}
    seen: set[tuple[str, str]] = set()
    for actor in by_chain(reached):
        for resource in candidates(world, actor):
            if not concerns(resource) or (actor.arn, resource.source.urn) in seen:
                continue
            of_pair = told.setdefault(resource.owner, _Told([]))
            if len(of_pair.findings) >= MOST_FINDINGS:
                of_pair.further += 1
                continue
            asked = first_allowed(world, actor, resource, excepted=excepted(resource.owner))
            if asked is not None:
                seen.add((actor.arn, resource.source.urn))
                subject = Subject(claim, from_, resource.owner, reached.chain(actor), reached.doubts(actor))
                of_pair.findings.append(finding_of(world, asked, subject, _wrong(from_, resource)))
    for of_pair in told.values():
        yield from _with_rest(of_pair)


def _wrong(from_: str, resource: Resource) -> str:
    whose = f"{resource.owner}'s" if resource.owner else "nobody's in particular"
    return (
        f"{from_} can do {{action}} on what is {whose}: take it out of the statements that allow it, or declare it as "
        "sharing that is meant"
    )


def _with_rest(told: _Told) -> Iterator[Finding]:
    if not told.further or not told.findings:
        yield from told.findings
        return
    *others, last = told.findings
    yield from others
    rest = f"{told.further} more combinations of principal and resource were not asked about"
    yield structs.replace(last, reason=f"{last.reason}. {rest}")
