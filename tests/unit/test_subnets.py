"""The arithmetic of subnets, over every range and number of zones that specs can hold."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import subnets

ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d")


@st.composite
def ranges(draw: st.DrawFn, shortest: int, longest: int) -> IPv4Network:
    prefix = draw(st.integers(shortest, longest))
    start = draw(st.integers(0, 2 ** (prefix - 8) - 1))
    return IPv4Network((int(IPv4Network("10.0.0.0/8").network_address) + (start << (32 - prefix)), prefix))


@given(cidr=ranges(16, 26), count=st.integers(2, 4))
def test_subnets_lie_in_the_range_beside_each_other_and_are_as_large_as_can_be(cidr: IPv4Network, count: int) -> None:
    """One subnet a zone, disjoint, of one size, in the zones' order; twice the size would not fit."""
    parts = subnets.split(cidr, ZONES[:count])
    assert tuple(parts) == ZONES[:count]
    networks = list(parts.values())
    assert all(part.subnet_of(cidr) for part in networks)
    assert all(not one.overlaps(other) for one, other in itertools.pairwise(networks))
    assert networks == sorted(networks)
    assert len({part.prefixlen for part in networks}) == 1
    assert networks[0].num_addresses * 2 * count > cidr.num_addresses
    assert networks[0].prefixlen <= subnets.SMALLEST_PREFIX


@given(cidr=ranges(16, 26))
def test_a_fourth_zone_moves_none_of_three(cidr: IPv4Network) -> None:
    """A zone that is added within the same power of two leaves the other zones' subnets where they are."""
    three, four = subnets.split(cidr, ZONES[:3]), subnets.split(cidr, ZONES)
    assert {zone: four[zone] for zone in three} == three


def test_a_range_that_is_too_small_says_what_would_do() -> None:
    """A /28 over three zones would need subnets of /30: the error names the smallest range that works."""
    with pytest.raises(ValueError, match="use a range of /26 or larger"):
        subnets.split(IPv4Network("10.0.0.0/28"), ZONES[:3])
    assert subnets.split(IPv4Network("10.0.0.0/26"), ZONES[:3])


@given(cell=ranges(16, 23))
def test_the_platform_takes_the_last_24_of_a_cell(cell: IPv4Network) -> None:
    """The platform's part is a /24 inside the cell and ends where the cell ends."""
    part = subnets.platform_range(cell)
    assert part.prefixlen == 24
    assert part.subnet_of(cell)
    assert part.broadcast_address == cell.broadcast_address


def test_a_cell_without_room_for_tenants_is_refused() -> None:
    """A /24 would be the platform's alone."""
    with pytest.raises(ValueError, match="/23 or larger"):
        subnets.platform_range(IPv4Network("10.0.0.0/24"))
