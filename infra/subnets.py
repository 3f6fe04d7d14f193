"""How a range of addresses is split into subnets: the same range and zones always give the same subnets.

Source: Amazon VPC User Guide, "Subnet CIDR blocks" (a subnet is a /16 to a /28, and AWS keeps five of its addresses).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

#: The longest prefix, so the smallest subnet, that AWS takes.
SMALLEST_PREFIX = 28
_PLATFORM_PREFIX = 24


def split(cidr: IPv4Network, zones: Sequence[str]) -> dict[str, IPv4Network]:
    """One subnet a zone, all of the same size and as large as the range allows, in the zones' order.

    Args:
        cidr: The range; what is left over at its end when the number of zones is no power of two stays unused.
        zones: The availability zones; a zone appended later moves no subnet while the next power of two is not passed.

    Raises:
        ValueError: a subnet would be smaller than AWS takes.
    """
    prefix = cidr.prefixlen + (len(zones) - 1).bit_length()
    if prefix > SMALLEST_PREFIX:
        largest = cidr.prefixlen - (prefix - SMALLEST_PREFIX)
        raise ValueError(
            f"{cidr} over {len(zones)} zones gives subnets of /{prefix}, and AWS takes none smaller than "
            f"/{SMALLEST_PREFIX}; use a range of /{largest} or larger"
        )
    return dict(zip(zones, cidr.subnets(new_prefix=prefix), strict=False))


def platform_range(cell: IPv4Network) -> IPv4Network:
    """The part of a cell that holds the platform's own subnets: the last /24.

    Raises:
        ValueError: the cell is a /24 or smaller, which leaves nothing to tenants.
    """
    if cell.prefixlen >= _PLATFORM_PREFIX:
        raise ValueError(f"a cell of {cell} has no room for tenants beside the platform's /24; use /23 or larger")
    start = int(cell.broadcast_address) - (2 ** (32 - _PLATFORM_PREFIX) - 1)
    return IPv4Network((start, _PLATFORM_PREFIX))
