"""A tenant's spec, as data, that leaves its place out: what it asks for, and the spec with the place in it.

Whether a spec says where its tenant is, and what a file says of it, is read without the rest of the spec, which may be
wrong still.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from pathlib import Path
from typing import Any, cast

from infra import subnets
from infra.gitops.patching import new_spec, same
from infra.gitops.platform_file import PlatformFile, with_cell
from infra.placement.sites import PREFIXES, Place, Site, Wish, choose
from infra.spec import PlatformSpec, TenantSpec, load_platform, load_tenant
from infra.spec.addresses import next_private
from infra.spec.platform import Cell
from infra.spec.rules.cell_ranges import LONGEST_CELL_PREFIX
from infra.spec.rules.subnet_sizes import longest_prefix
from infra.spec.source import read_source


def wants_place(spec: Mapping[str, Any]) -> bool:
    """Whether a spec leaves out its range, or in tier pool its cell.

    Args:
        spec: As data; what is no mapping where one belongs is left to the checks.
    """
    network = _network(spec)
    if network is None:
        return False
    return network.get("cidr") is None or (spec.get("tier") == "pool" and network.get("cell") is None)


def site_of(spec: Mapping[str, Any]) -> Site | None:
    """The place that a spec says; None where it says none that could be one.

    Args:
        spec: As data.
    """
    network = _network(spec) or {}
    cidr, cell = _range(network.get("cidr")), network.get("cell")
    return None if cidr is None else Site(cidr=cidr, cell=cell if isinstance(cell, str) else None)


def is_placed(spec: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Whether what is written is a spec that leaves its place out, with a place.

    Args:
        spec: As data.
        written: Likewise.
    """
    network = _network(written) or {}
    place = {key: str(network[key]) for key in ("cell", "cidr") if network.get(key) is not None}
    return wants_place(spec) and not wants_place(written) and same(_with(spec, **place), written)


def roomy(spec: Mapping[str, Any], platform: PlatformSpec) -> dict[str, Any]:
    """A spec with as much room as there could be where it leaves its place out, to be checked alone.

    Args:
        spec: As data.
        platform: The platform's spec.
    """
    network = _network(spec)
    if network is None or not wants_place(spec):
        return dict(spec)
    if spec.get("tier") == "silo":
        return _with(spec, cidr=str(_large_vpc(platform)))
    cell = _cell(network, [*platform.cells, *platform.spare_cells])
    half = next(cell.cidr.subnets(new_prefix=min(cell.cidr.prefixlen + 1, subnets.SMALLEST_PREFIX)))
    return _with(spec, cell=cell.name, cidr=str(half))


def checked_alone(platform_file: Path, tenant_file: Path, spec: Mapping[str, Any]) -> TenantSpec:
    """A spec of which all is checked that needs no other tenant's; one that leaves its place out, with any place.

    Args:
        platform_file: The platform's file.
        tenant_file: The tenant's file, for messages; it is not read.
        spec: As data. It may name a cell that is to be opened for it.

    Raises:
        SpecErrors: All that is wrong with it.
    """
    content = PlatformFile(platform_file).read()
    platform = load_platform(platform_file, content)
    data = roomy(spec, platform)
    site = site_of(data)
    if site is not None and site.cell is not None and platform.open_cells == "automatically":
        content = with_cell(platform_file, content, site.cell)
    return load_tenant(platform_file, tenant_file, new_spec(data), platform=content)[1]


def placed(
    spec: Mapping[str, Any],
    tenant: TenantSpec,
    platform: PlatformSpec,
    taken: Collection[Site],
    *,
    deployed: Collection[str] | None,
) -> tuple[dict[str, Any], Place]:
    """A spec with the place that was chosen for it, and the place.

    Args:
        spec: As data; it leaves its place out.
        tenant: The same as it was checked, with any place.
        platform: The platform's spec.
        taken: The places of all other tenants.
        deployed: As for `infra.placement.sites.choose`.

    Raises:
        NoRoom: No cell has room.
    """
    network = _network(spec) or {}
    cell = network.get("cell")
    prefix = min(PREFIXES[tenant.tier], longest_prefix(tenant, len(platform.availability_zones)))
    wish = Wish(
        tier=tenant.tier,
        prefix=prefix,
        cell=cell if isinstance(cell, str) else None,
        cidr=_range(network.get("cidr")),
    )
    place = choose(platform, taken, wish, deployed=deployed)
    of_cell = {} if place.site.cell is None else {"cell": place.site.cell}
    return _with(spec, **of_cell, cidr=str(place.site.cidr)), place


def sites_in(folder: Path, *, without: str) -> Iterator[Site]:
    """The places that the specs in a folder say; what cannot be read is left to whoever checks them all.

    Args:
        folder: The folder of the tenants' specs.
        without: The tenant that does not count.
    """
    for file in sorted(folder.glob("*.yaml")):
        source = None if file.stem == without else read_source(file)[0]
        site = None if source is None else site_of(source.data)
        if site is not None:
            yield site


def _with(spec: Mapping[str, Any], **place: str) -> dict[str, Any]:
    """The spec with the place where it says none; what it says stays."""
    said = {key: value for key, value in (_network(spec) or {}).items() if value is not None}
    return {**spec, "network": {**place, **said}}


def _large_vpc(platform: PlatformSpec) -> IPv4Network:
    """A range for a VPC in which any tenant has room, beside all cells."""
    cells = [cell.cidr for cell in (*platform.cells, *platform.spare_cells)]
    free = (next_private(platform.cells[0].cidr, prefix, cells) for prefix in range(16, subnets.SMALLEST_PREFIX))
    return next((found for found in free if found is not None), cells[0])


def _network(spec: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a spec says of its network; None where that is no mapping."""
    network = spec.get("network")
    if network is None:
        return {}
    return cast("Mapping[str, Any]", network) if isinstance(network, Mapping) else None


def _cell(network: Mapping[str, Any], cells: Collection[Cell]) -> Cell:
    """The cell that a spec names, else the one that its range is of, else the first that has room for tenants."""
    large = [cell for cell in cells if cell.cidr.prefixlen <= LONGEST_CELL_PREFIX] or [*cells]
    cidr = _range(network.get("cidr"))
    named = (cell for cell in cells if cell.name == network.get("cell"))
    around = (cell for cell in large if cidr is not None and cidr.subnet_of(cell.cidr))
    return next(named, None) or next(around, large[0])


def _range(value: object) -> IPv4Network | None:
    if not isinstance(value, str):
        return None
    try:
        return IPv4Network(value)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None
