"""The claim that no principal of one tenant, whatever it can become, may do anything to what is another tenant's."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from infra.proof.facts import Resource
from infra.proof.reach import Reached
from infra.proof.report import Claim, Finding
from infra.proof.theorem.pooled import pooled
from infra.proof.theorem.reaching import reach_across
from infra.proof.theorem.sharing import Sharings
from infra.proof.world import World


def isolation(
    world: World, tenant: str, reached: Reached, sharings: Sharings, targets: Collection[str] | None = None
) -> Iterator[Finding]:
    """What one tenant can do to what is others', and to their parts of what is shared.

    Args:
        world: The estate.
        tenant: The tenant.
        reached: Everybody that its principals can become.
        sharings: What is meant.
        targets: The other tenants to ask about; all where it is None.
    """

    def concerns(resource: Resource) -> bool:
        owner = resource.owner
        return owner != tenant and not world.is_shared(owner) and (targets is None or owner in targets)

    yield from reach_across(
        world,
        reached,
        Claim.ISOLATION,
        tenant,
        concerns=concerns,
        excepted=lambda owner: sharings.excepted(tenant, owner),
    )
    yield from pooled(world, tenant, reached, sharings, targets)
