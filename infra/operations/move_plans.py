"""What each update of a move may do, and what a plan does beyond that: pure functions over planned changes.

Source of the steps' names: Pulumi documentation, "Update plans" and "Pulumi CLI: preview"; ``deploy/step.go`` of the
engine (display.StepOp).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from infra.engine import ResourceChange
from infra.engine.model import UNCHANGING_OPS
from infra.errors import UserError
from infra.spec import TenantSpec
from infra.spec.common import Tier
from infra.spec.move import NETWORKS, Stage

_NETWORK = "bulkhead:component:TenantNetwork"

#: What never changes and has names of its content: a new one comes, the endpoint changes over, the old one goes.
_VERSIONED: Final = frozenset(
    {"aws:sagemaker/model:Model", "aws:sagemaker/endpointConfiguration:EndpointConfiguration"}
)
_REPLACING: Final = frozenset({"create-replacement", "replace", "delete-replaced"})
_REMEDY: Final[Mapping[Stage, str]] = {
    Stage.BUILD: "bring the tenant to what its spec says first, by this version of the blueprint, then move it",
    Stage.SWITCH: "change nothing but tier and network in a move, and the rest in an update of its own",
    Stage.REMOVE: "an operator must look: what is there is not what the move has left",
}


class MoveRefused(UserError):
    """The plan of an update of a move does something that no move does; nothing was changed."""


def of_network(urn: str, tier: Tier) -> bool:
    """Whether a resource is part of a tenant's network of a tier.

    Args:
        urn: Pulumi's name of the resource.
        tier: Which of the networks.
    """
    _, _, kinds, name = urn.split("::", 3)
    start = NETWORKS[tier]
    return _NETWORK in kinds.split("$") and (name == start or name.startswith(f"{start}-"))


def require_plan_of(stage: Stage, *, tenant: TenantSpec, left: TenantSpec, changes: Iterable[ResourceChange]) -> None:
    """Refuse a plan that does more than an update of a move.

    Building only adds the new network. Switching updates, replaces models and configurations, and deletes nothing else.
    Removing deletes the network that was left and updates policies. So data stays: no bucket, key, registry or log
    group of the tenant's own is ever deleted or replaced.

    Args:
        stage: Which update it is.
        tenant: The tenant's spec.
        left: The spec that it leaves.
        changes: What is planned.

    Raises:
        MoveRefused: it does more.
    """
    beyond = [change for change in changes if not _belongs(stage, tenant.tier, left.tier, change)]
    if beyond:
        said = ", ".join(f"{each.op} {each.urn.split('::', 2)[-1]}" for each in beyond[:5])
        more = f" and {len(beyond) - 5} more" if len(beyond) > 5 else ""
        raise MoveRefused(
            f"to {stage} in the move of {tenant.id} from {left.tier} to {tenant.tier} would {said}{more}",
            remedy=_REMEDY[stage],
            where=tenant.id,
        )


def _belongs(stage: Stage, tier: Tier, left: Tier, change: ResourceChange) -> bool:
    if change.op in UNCHANGING_OPS:
        return True
    if stage is Stage.BUILD:
        # A second attempt finds what the first has made, and may have to finish it.
        return change.op in ("create", "update") and of_network(change.urn, tier)
    if change.op == "update" or (change.op in _REPLACING and change.type in _VERSIONED):
        return True
    if stage is Stage.SWITCH:
        # What is missing of the new network is made good, as when a move is taken back.
        return change.op == "create" and of_network(change.urn, tier)
    return change.op == "delete" and of_network(change.urn, left)
