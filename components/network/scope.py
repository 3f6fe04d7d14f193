"""Scope: whose network is being built, which every part of it needs for its names and options."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions

from infra import naming
from infra.spec.platform import Cell, PlatformSpec
from infra.spec.tenant import TenantSpec


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose network, in which component.

    Args:
        name: The component's name, with which the names of its resources in the stack start.
        platform: The platform's spec.
        owner: The tenant or the cell that the network belongs to.
        opts: The options of every resource, with their parent.
    """

    name: str
    platform: PlatformSpec
    owner: TenantSpec | Cell
    opts: ResourceOptions

    def physical_name(self, kind: naming.NetworkKind, *parts: str) -> str:
        """The name of one part of the owner's network."""
        return naming.network(self.platform, self.owner, kind, *parts)

    def tags(self, kind: naming.NetworkKind, *parts: str) -> dict[str, str]:
        """The tag by which one part of the owner's network is found."""
        return {"Name": self.physical_name(kind, *parts)}
