"""Free address ranges: what the remedies of the rules propose."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from infra.spec.common import PRIVATE_RANGES


def next_free(space: IPv4Network, prefix: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first range of size /`prefix` in `space` that overlaps none of `taken`; None where there is none."""
    size = 1 << (32 - prefix)
    start, end = int(space.network_address), int(space.broadcast_address) + 1
    for other in sorted((one for one in taken if one.overlaps(space)), key=lambda one: int(one.network_address)):
        if start + size <= int(other.network_address):
            break
        start = max(start, _aligned(int(other.broadcast_address) + 1, size))
    return IPv4Network((IPv4Address(start), prefix)) if start + size <= end else None


def next_private(near: IPv4Network, prefix: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first free private range of size /`prefix`: in the private block that holds `near`, else in another."""
    taken = tuple(taken)
    for block in sorted(PRIVATE_RANGES, key=lambda block: not near.subnet_of(block)):
        free = next_free(block, prefix, taken)
        if free is not None:
            return free
    return None


def _aligned(address: int, size: int) -> int:
    return -(-address // size) * size
