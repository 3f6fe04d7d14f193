"""Comparisons of addresses. Source: IAM User Guide, "Condition operators", IP address condition operators."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from infra.evaluator.answer import Comparison
from infra.evaluator.conditions.comparing import Compare, unreadable
from infra.evaluator.facts import Facts

_UNREADABLE = unreadable("IP address")


def within(values: Sequence[str], variables: bool) -> Compare:
    """``IpAddress``: an address, or a range in CIDR form, of IPv4 or IPv6."""
    del variables  # only the operators for text and ARNs take variables
    ranges = tuple(found for found in map(_range, values) if found is not None)

    def compared(value: str, facts: Facts) -> Comparison:
        del facts
        address = _address(value)
        return _UNREADABLE if address is None else any(address in found for found in ranges)

    return compared


def _range(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
