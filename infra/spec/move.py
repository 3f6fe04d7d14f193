"""A tenant on its way from one tier to the other: which of two specs it is built by, and whose network stands beside.

A move is three updates of the tenant's one stack, each of them whole and provable: the other network is built, all
changes over to it, the network that was left goes. The stack's configuration says which of them a run is
(``bulkhead:move``, which `infra.operations.moves` writes); without it a tenant is what its spec says and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from infra.errors import UserError
from infra.spec.common import SpecModel, Tier
from infra.spec.tenant import TenantSpec

#: The stack configuration value that holds a `Move` as JSON.
MOVE_CONFIG = "bulkhead:move"

#: What the network of each tier is called in a tenant's stack, in the order in which policies name the two: in the
#: middle of a move a tenant has both, and neither may be taken for a change of the other.
NETWORKS: Final[Mapping[Tier, str]] = {"pool": "network", "silo": "silo-network"}


class Stage(StrEnum):
    """Which of the three updates of a move a run is."""

    BUILD = "build"
    """All is as the spec says that the tenant leaves; the network of its new one is there, and nothing uses it."""
    SWITCH = "switch"
    """All is as the tenant's spec says; the network that it leaves is there, and policies still let both in."""
    REMOVE = "remove"
    """All is as the tenant's spec says, in one network."""


class Move(SpecModel):
    """One update of a move."""

    stage: Stage
    """Which of the three it is."""
    left: TenantSpec
    """The spec that the tenant leaves, with the defaults of its tier."""

    def sides(self, tenant: TenantSpec) -> tuple[TenantSpec, TenantSpec | None]:
        """The spec that the tenant is built by, and the one whose network stands beside.

        Args:
            tenant: The tenant's spec.

        Raises:
            UserError: the two are not specs of one tenant in different tiers.
        """
        if self.left.id != tenant.id or self.left.tier == tenant.tier:
            raise UserError(
                f"{self.left.id} of tier {self.left.tier} does not move to {tenant.id} of tier {tenant.tier}",
                remedy="a move is between the two tiers of one tenant; run any other change without the value",
                where=MOVE_CONFIG,
            )
        if self.stage is Stage.BUILD:
            return self.left, tenant
        return tenant, self.left if self.stage is Stage.SWITCH else None


def read_move(text: str | None) -> Move | None:
    """The move that a stack's configuration speaks of; None where it speaks of none.

    Raises:
        UserError: it is no move.
    """
    if text is None:
        return None
    try:
        return Move.model_validate_json(text, strict=True)
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, each["loc"])) or "all of it" for each in error.errors()}))
        raise UserError(
            f"the value is no move of a tenant: {wrong}",
            remedy="leave the value out: the service writes it when it moves a tenant",
            where=MOVE_CONFIG,
        ) from error
