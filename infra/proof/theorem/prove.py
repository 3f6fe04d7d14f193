"""Proves every claim of an estate: the reference, which asks about each tenant and everybody that it can become.

What is not asked, because no policy could allow it, is left out by `infra.proof.world.candidates`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from time import perf_counter

from infra.proof.facts import Estate
from infra.proof.reach import closure
from infra.proof.report import Claim, Finding, Report, verdict_of
from infra.proof.theorem.controls import controls as of_controls
from infra.proof.theorem.encryption import encryption
from infra.proof.theorem.foundation import foundation
from infra.proof.theorem.inputs import Control, Sharing
from infra.proof.theorem.isolation import isolation
from infra.proof.theorem.limits import not_modelled, unknown
from infra.proof.theorem.outside import outside
from infra.proof.theorem.reaching import OUTSIDE, undecided_steps
from infra.proof.theorem.sharing import Sharings
from infra.proof.theorem.transport import transport
from infra.proof.world import World, actors_of, outsiders
from infra.proof.world.world import PLATFORM_OWNERS

#: Told how many of how many tenants are proven.
Progress = Callable[[int, int], None]


def prove(
    estate: Estate,
    *,
    sharing: Iterable[Sharing] = (),
    controls: Iterable[Control] = (),
    today: date | None = None,
    only: Collection[Claim] | None = None,
    progress: Progress | None = None,
    platform_owners: frozenset[str] = PLATFORM_OWNERS,
) -> Report:
    """Prove an estate.

    Args:
        estate: The facts.
        sharing: What is shared on purpose.
        controls: What must be allowed.
        today: The day on which declarations must be in force; the present one in UTC where it is None.
        only: The claims to prove; all where it is None.
        progress: Told how many tenants are proven, of how many.
        platform_owners: Owners whose things are shared by all tenants, as what nobody owns is.
    """
    started = perf_counter()
    world = World(estate, platform_owners=platform_owners)
    sharings = Sharings(sharing, today or datetime.now(tz=UTC).date())
    asked = frozenset(Claim if only is None else only)
    findings = [*prove_common(world, sharings=sharings, only=asked)]
    for done, tenant in enumerate(world.tenants, start=1):
        findings.extend(prove_tenant(world, tenant, sharings=sharings, only=asked))
        if progress is not None:
            progress(done, len(world.tenants))
    if Claim.CONTROL in asked:
        findings.extend(of_controls(world, controls))
    if Claim.SHARING in asked:
        findings.extend(sharings.findings())
    return report_of(world, findings, sharings, perf_counter() - started)


def prove_tenant(
    world: World,
    tenant: str,
    *,
    sharings: Sharings | None = None,
    only: Collection[Claim] = frozenset(Claim),
    targets: Collection[str] | None = None,
) -> Iterator[Finding]:
    """What is wrong with one tenant: what it can do to others, and what it has of its own.

    Args:
        world: The estate.
        tenant: The tenant.
        sharings: What is shared on purpose; nothing where it is None.
        only: The claims to prove.
        targets: The other tenants to ask about; all where it is None.
    """
    meant = sharings or Sharings((), date.max)
    if {Claim.ISOLATION, Claim.FOUNDATION, Claim.SHARING} & set(only):
        reached = closure(world, actors_of(world, tenant))
        meant.look(world, tenant, reached)
        yield from undecided_steps(tenant, reached)
        if Claim.ISOLATION in only:
            yield from isolation(world, tenant, reached, meant, targets)
        if Claim.FOUNDATION in only:
            yield from foundation(world, tenant, reached, meant)
    own = world.resources_of(tenant)
    if Claim.ENCRYPTION in only:
        yield from encryption(world, own)
    if Claim.TRANSPORT in only:
        yield from transport(world, own)


def prove_pair(world: World, one: str, other: str, *, sharings: Sharings | None = None) -> Iterator[Finding]:
    """What one tenant can do to what is another's.

    Args:
        world: The estate.
        one: The tenant whose principals may or may not.
        other: The tenant whose resources it is about.
        sharings: What is shared on purpose; nothing where it is None.
    """
    return prove_tenant(world, one, sharings=sharings, only=(Claim.ISOLATION,), targets=(other,))


def prove_common(
    world: World, *, sharings: Sharings | None = None, only: Collection[Claim] = frozenset(Claim)
) -> Iterator[Finding]:
    """What is wrong with the estate, whoever is asked about: who gets in from outside, and what is shared.

    Args:
        world: The estate.
        sharings: What is shared on purpose; nothing where it is None.
        only: The claims to prove.
    """
    meant = sharings or Sharings((), date.max)
    if {Claim.OUTSIDE, Claim.SHARING} & set(only):
        reached = closure(world, outsiders(world))
        meant.look(world, OUTSIDE, reached)
        yield from undecided_steps(OUTSIDE, reached)
        if Claim.OUTSIDE in only:
            yield from outside(world, reached, meant)
    if Claim.TRANSPORT in only:
        for owner in sorted({one.owner for one in world.all_resources if world.is_shared(one.owner)}, key=str):
            yield from transport(world, world.resources_of(owner))


def report_of(world: World, findings: Iterable[Finding], sharings: Sharings, seconds: float) -> Report:
    """The report on an estate.

    Args:
        world: The estate, after everything was asked of it.
        findings: What is wrong.
        sharings: What is shared on purpose.
        seconds: How long it took.
    """
    found = tuple(findings)
    open_, types = unknown(world), not_modelled(world)
    tenants = world.tenants
    return Report(
        verdict=verdict_of(found, open_, types),
        tenants=tenants,
        pairs=len(tenants) * (len(tenants) - 1),
        seconds=round(seconds, 3),
        findings=found,
        unknown=open_,
        not_modelled=types,
        shared=sharings.shared(),
    )
