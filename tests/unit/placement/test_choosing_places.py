"""Which cell and range a tenant gets: in a documented order, the same for the same specs, and nobody else's."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import subnets
from infra.placement import NoRoom, Site, Wish, choose
from infra.spec import PlatformSpec
from infra.spec.common import Tier
from infra.spec.rules.cell_capacity import capacity
from tests.unit.spec.estates import PLATFORM

_SECOND = {"name": "second", "cidr": "10.65.0.0/20"}
_THIRD = {"name": "third", "cidr": "172.16.0.0/20"}
#: Room for (8 - 6) / 2 = 1 tenant a cell.
_ONE_EACH = {"interface_endpoints_per_vpc": 8}


def _platform(**changed: Any) -> PlatformSpec:
    return PlatformSpec.model_validate({**PLATFORM, **changed})


def _wish(tier: Tier = "pool", prefix: int = 24, **more: Any) -> Wish:
    return Wish(tier=tier, prefix=prefix, **more)


def _site(cidr: str, cell: str | None = "main") -> Site:
    return Site(cidr=IPv4Network(cidr), cell=cell)


def test_the_lowest_free_range_of_the_first_cell() -> None:
    taken = [_site("10.64.0.0/24"), _site("10.64.1.128/25"), _site("10.64.3.0/24")]
    assert choose(_platform(), [], _wish(), deployed=None).site == _site("10.64.0.0/24")
    assert choose(_platform(), taken, _wish(), deployed=None).site == _site("10.64.2.0/24")
    assert choose(_platform(), taken, _wish(prefix=25), deployed=None).site == _site("10.64.1.0/25")


def test_a_cell_that_is_full_by_quota_is_passed_over() -> None:
    platform = _platform(cells=[PLATFORM["cells"][0], _SECOND], quotas=_ONE_EACH)
    assert choose(platform, [], _wish(), deployed=None).site.cell == "main"
    assert choose(platform, [_site("10.64.0.0/24")], _wish(), deployed=None).site == _site("10.65.0.0/24", "second")


def test_a_cell_without_a_range_of_the_size_is_passed_over() -> None:
    small = {"name": "small", "cidr": "10.70.0.0/23"}  # its other half is the platform's
    platform = _platform(cells=[small, _SECOND])
    assert choose(platform, [], _wish(), deployed=None).site == _site("10.70.0.0/24", "small")
    assert choose(platform, [], _wish(prefix=23), deployed=None).site == _site("10.65.0.0/23", "second")


def test_a_cell_or_range_that_is_named_is_the_only_one() -> None:
    platform = _platform(cells=[PLATFORM["cells"][0], _SECOND])
    assert choose(platform, [], _wish(cell="second"), deployed=None).site == _site("10.65.0.0/24", "second")
    inside = IPv4Network("10.65.4.0/24")
    assert choose(platform, [], _wish(cidr=inside), deployed=None).site == _site("10.65.4.0/24", "second")
    with pytest.raises(NoRoom, match=r"10\.65\.4\.0/24 is not free in second"):
        choose(platform, [_site("10.65.4.0/25", "second")], _wish(cidr=inside), deployed=None)
    with pytest.raises(NoRoom, match="there is none"):
        choose(platform, [], _wish(cell="nowhere"), deployed=None)


def test_by_default_no_cell_is_opened() -> None:
    """Full cells are told with why, and what to add; with the setting the first spare one is opened."""
    full = [_site("10.64.0.0/24")]
    with pytest.raises(
        NoRoom, match=r"main holds 1 of 1 tenants \(interface_endpoints_per_vpc.*second is not open"
    ) as no:
        choose(_platform(spare_cells=[_SECOND], quotas=_ONE_EACH), full, _wish(), deployed={"main"})
    assert "open_cells: automatically" in no.value.remedy
    platform = _platform(spare_cells=[_SECOND, _THIRD], quotas=_ONE_EACH, open_cells="automatically")
    place = choose(platform, full, _wish(), deployed={"main"})
    assert place.opens is not None
    assert (place.opens.name, place.site) == ("second", _site("10.65.0.0/24", "second"))
    both = [*full, place.site]
    assert choose(platform, both, _wish(), deployed={"main"}).site.cell == "third"
    with pytest.raises(NoRoom):
        choose(platform, [*both, _site("172.16.0.0/24", "third")], _wish(), deployed={"main"})


def test_a_cell_of_the_spec_that_is_not_deployed_is_not_open() -> None:
    """An opening that was cut short left it so: it is gone on with before a spare one, and after what is open."""
    cells = [_SECOND, PLATFORM["cells"][0]]
    with pytest.raises(NoRoom, match="second is not open"):
        choose(_platform(cells=cells, quotas=_ONE_EACH), [_site("10.64.0.0/24")], _wish(), deployed={"main"})
    platform = _platform(cells=cells, spare_cells=[_THIRD], quotas=_ONE_EACH, open_cells="automatically")
    assert choose(platform, [], _wish(), deployed={"main"}).site.cell == "main"
    place = choose(platform, [_site("10.64.0.0/24")], _wish(), deployed={"main"})
    assert place.opens is not None
    assert place.opens.name == "second"


def test_a_vpc_of_its_own_overlaps_with_no_cell_open_or_spare() -> None:
    platform = _platform(spare_cells=[{"name": "low", "cidr": "10.0.0.0/16"}])
    first = choose(platform, [], _wish("silo", 22), deployed={"main"})
    assert first.site == _site("10.1.0.0/22", None)
    assert choose(platform, [first.site], _wish("silo", 22), deployed=None).site == _site("10.1.4.0/22", None)


_TENANTS = st.lists(
    st.tuples(st.sampled_from(["pool", "pool", "pool", "silo"]), st.integers(22, 27), st.booleans()), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(tenants=_TENANTS, endpoints=st.integers(6, 30))
def test_no_two_places_ever_overlap(tenants: list[tuple[Tier, int, bool]], endpoints: int) -> None:
    """Tenants come and go; each has a range of its own, in an open cell that is not fuller than it may be."""
    platform = _platform(
        cells=[PLATFORM["cells"][0], {"name": "small", "cidr": "10.70.0.0/22"}],
        spare_cells=[_SECOND, _THIRD],
        quotas={"interface_endpoints_per_vpc": endpoints},
        open_cells="automatically",
    )
    every = {cell.name: cell for cell in (*platform.cells, *platform.spare_cells)}
    fit = min(capacity(platform).values())
    there: list[Site] = []
    opened = {"main", "small"}
    for tier, prefix, leaves in tenants:
        try:
            place = choose(platform, there, Wish(tier=tier, prefix=prefix), deployed=opened)
        except NoRoom:
            assert tier == "pool"
            continue
        assert place == choose(platform, there[::-1], Wish(tier=tier, prefix=prefix), deployed=opened)
        assert (place.opens is None) == (place.site.cell is None or place.site.cell in opened)
        if place.opens is not None:
            opened.add(place.opens.name)
            left = tuple(cell for cell in platform.spare_cells if cell != place.opens)
            platform = platform.model_copy(update={"cells": (*platform.cells, place.opens), "spare_cells": left})
        if place.site.cell is not None:
            cell = every[place.site.cell]
            assert place.site.cidr.subnet_of(cell.cidr)
            assert not place.site.cidr.overlaps(subnets.platform_range(cell.cidr))
            beside = [site for site in there if site.cell == cell.name]
            assert len(beside) < fit
        else:
            beside = [site for site in there if site.cell is None] + [Site(cidr=each.cidr) for each in every.values()]
        assert not any(place.site.cidr.overlaps(site.cidr) for site in beside)
        there.append(place.site)
        if leaves:
            del there[len(there) // 2]
