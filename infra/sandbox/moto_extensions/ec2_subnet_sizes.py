"""EC2 subnets have 16 to 65,536 addresses: a smaller or larger one is refused, which moto lets pass.

Source: Amazon VPC User Guide, "Subnet CIDR blocks" (a /28 to a /16).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

from moto.ec2.exceptions import InvalidSubnetRangeError
from moto.ec2.models.subnets import Subnet, SubnetBackend

from infra.sandbox.moto_extensions.registry import wrap


def apply() -> None:
    """Changes moto."""
    wrap(SubnetBackend, "create_subnet", _create)


def _create(
    original: Callable[..., Subnet], backend: SubnetBackend, vpc_id: str, cidr_block: str, *args: Any, **given: Any
) -> Subnet:
    subnet = original(backend, vpc_id, cidr_block, *args, **given)
    if cidr_block and not 16 <= IPv4Network(cidr_block, strict=False).prefixlen <= 28:
        backend.delete_subnet(subnet.id)
        raise InvalidSubnetRangeError(cidr_block)
    return subnet
