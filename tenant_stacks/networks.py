"""The networks of a tenant: its own, and in the middle of a move the one that it comes from or goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Alias, Input, ResourceOptions

from components.network.tenant_network import TenantNetwork, TenantNetworkArgs
from infra.errors import UserError
from infra.spec import PlatformSpec, TenantSpec
from infra.spec.move import NETWORKS, Move, Stage
from stacks.outputs import CellOutputs, PlatformOutputs

#: What the networks of all tiers were called by the versions that could not move a tenant.
_FORMER_NAME = "network"


@dataclass(frozen=True, kw_only=True)
class TenantNetworks:
    """The networks of a tenant.

    Args:
        own: The one that its workloads run in.
        in_use: Those that its policies let in. What was built beside its own is not among them before all changes over
            to it: an update that only adds a network changes nothing that is there.
        every: All of them.
    """

    own: TenantNetwork
    in_use: Sequence[TenantNetwork]
    every: Sequence[TenantNetwork]


@dataclass(frozen=True, kw_only=True)
class Sites:
    """Where a tenant's networks are to be.

    Args:
        tenant: The spec that the tenant is built by.
        beside: The spec whose network stands beside; None where there is none.
        move: The part of a move that this is.
        cells: By tier, the cell that holds the subnets.
    """

    tenant: TenantSpec
    beside: TenantSpec | None
    move: Move | None
    cells: dict[str, CellOutputs | None]


def find_sites(tenant: TenantSpec, move: Move | None, outputs: PlatformOutputs) -> Sites:
    """Where a tenant's networks are to be.

    Args:
        tenant: The tenant's spec.
        move: The part of a move that this is.
        outputs: What the platform's stack says of itself.

    Raises:
        UserError: the platform's stack lacks a cell, or the move is none of this tenant.
    """
    built, beside = (tenant, None) if move is None else move.sides(tenant)
    specs = [spec for spec in (built, beside) if spec is not None]
    return Sites(tenant=built, beside=beside, move=move, cells={spec.tier: _cell(spec, outputs) for spec in specs})


def build_networks(
    platform: PlatformSpec, sites: Sites, *, key_arn: Input[str], opts: ResourceOptions
) -> TenantNetworks:
    """Register a tenant's networks.

    Args:
        platform: The platform's spec.
        sites: Where they are to be.
        key_arn: The tenant's key.
        opts: The options of each.
    """

    switching = sites.move is not None and sites.move.stage is Stage.SWITCH

    def build(spec: TenantSpec) -> TenantNetwork:
        args = TenantNetworkArgs(
            platform=platform,
            tenant=spec,
            cell=sites.cells[spec.tier],
            key_arn=key_arn,
            # One of two will go, and which one is open until all has changed over: nothing may hold it.
            keep=spec.lifecycle.prevent_deletion and spec is not sites.beside and not switching,
        )
        name = NETWORKS[spec.tier]
        # In a move the one under the former name is the other network, not this one renamed.
        renamed = [Alias(name=_FORMER_NAME)] if sites.move is None and name != _FORMER_NAME else []
        return TenantNetwork(name, args, ResourceOptions.merge(opts, ResourceOptions(aliases=renamed)))

    own = build(sites.tenant)
    if sites.beside is None:
        return TenantNetworks(own=own, in_use=[own], every=[own])
    both = {sites.tenant.tier: own, sites.beside.tier: build(sites.beside)}
    every = [both[tier] for tier in NETWORKS]
    return TenantNetworks(own=own, in_use=every if switching else [own], every=every)


def _cell(tenant: TenantSpec, outputs: PlatformOutputs) -> CellOutputs | None:
    name = tenant.network.cell
    if name is None:
        return None
    if name not in outputs.cells:
        raise UserError(
            f"the platform's stack has no cell {name!r}",
            remedy="bring the platform up first: bulkhead up platform",
            where=f"{tenant.id}.yaml, network.cell",
        )
    return outputs.cells[name]
