"""What of its network a tenant of a tier has for itself, and what it shares with the other tenants of its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra import endpoint_services
from infra.spec.common import Tier


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The parts of a network that are one tenant's own; the rest is the cell's.

    Args:
        own_vpc: Whether the tenant has a VPC of its own. Where it has none, its subnets lie in its cell's VPC, and it
            reaches the services that are not `dedicated` through the cell's shared endpoints.
        dedicated: The services whose interface endpoint the tenant has for itself. The S3 gateway endpoint always is.
    """

    own_vpc: bool
    dedicated: tuple[str, ...]

    @property
    def private_dns(self) -> bool:
        """Whether the tenant's own interface endpoints answer under the services' usual names.

        In a shared VPC they cannot: AWS takes one endpoint with private DNS a service and VPC, and a second one fails
        with "conflicting DNS domain". Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC
        endpoint".
        """
        return self.own_vpc


LAYOUTS: Mapping[Tier, Layout] = {
    "pool": Layout(own_vpc=False, dedicated=endpoint_services.DEDICATED_POOL),
    "silo": Layout(own_vpc=True, dedicated=endpoint_services.ALL),
}
