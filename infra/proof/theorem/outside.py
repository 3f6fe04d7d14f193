"""The claim that nobody outside of the accounts, and nobody anonymous, may do anything to what is in them.

What is shared is asked about too: a policy of it that lets the world in lets it in to what is all tenants'.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from infra.proof.facts import Resource
from infra.proof.reach import Reached
from infra.proof.report import Claim, Finding
from infra.proof.theorem.providers import open_providers
from infra.proof.theorem.reaching import OUTSIDE, reach_across
from infra.proof.theorem.sharing import Sharings
from infra.proof.world import World


def outside(
    world: World, reached: Reached, sharings: Sharings, targets: Collection[str | None] | None = None
) -> Iterator[Finding]:
    """What outsiders can do.

    Args:
        world: The estate.
        reached: Everybody that outsiders can become.
        sharings: What is meant: from ``outside``.
        targets: The owners to ask about; all where it is None.
    """

    def concerns(resource: Resource) -> bool:
        return targets is None or resource.owner in targets

    yield from reach_across(
        world,
        reached,
        Claim.OUTSIDE,
        OUTSIDE,
        concerns=concerns,
        excepted=lambda owner: sharings.excepted(OUTSIDE, owner),
    )
    yield from open_providers(
        world, tuple(one for one in world.estate.principals if targets is None or one.owner in targets)
    )
