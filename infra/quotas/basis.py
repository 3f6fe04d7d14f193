"""What capacity is reckoned from: an account's limits and use, its cells, and what platform, cells and tenants take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.pricing import estimate
from infra.quotas.counting import NEW, Counts, Place, Resource, counted
from infra.quotas.limits import Limits
from infra.quotas.present import Present
from infra.quotas.profiles import Profile
from infra.quotas.space import NewCell, Space
from infra.quotas.table import quotas
from infra.spec import PlatformSpec
from infra.spec.platform import ServiceQuotas
from infra.spec.rules.cell_capacity import capacity

_VPC = "aws:ec2/vpc:Vpc"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
#: What of the platform is there once a cell.
_OF_CELLS = ("vpcs_per_region", "security_groups_per_region", "network_interfaces_per_region")
_EVERYWHERE = ("account", "region", "instance_type")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell that is there.

    Args:
        vpc: Its VPC's id.
        group: The id of the security group of its shared endpoints; empty where there is none.
    """

    vpc: str
    group: str

    def place(self, of: Place) -> Place:
        """Where a quota of a profile's cell is counted in this cell."""
        if quotas()[of.quota].per == "security_group":
            return Place(of.quota, f"{self.group} {of.at}")
        return Place(of.quota, self.vpc)


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What the platform takes.

    Args:
        takes: Of the quotas of the account and Region.
        cells: Its cells.
        cell_takes: What one cell takes of them.
        usd_month: The fixed charges, in US dollars a month.
        cell_usd_month: Those of one cell.
    """

    takes: Counts
    cells: tuple[Cell, ...]
    cell_takes: Counts
    usd_month: float
    cell_usd_month: float


def platform_of(resources: Iterable[Resource], *, region: str) -> Platform:
    """What a platform takes, by its resources.

    Args:
        resources: Of its stack, planned or deployed.
        region: Where they are.
    """
    listed = list(resources)
    groups = {str(each.properties.get("vpcId")): each.id or NEW for each in listed if each.type == _GROUP}
    vpcs = [each.id or NEW for each in listed if each.type == _VPC]
    count = max(1, len(vpcs))
    takes = {place: used for place, used in counted(listed).items() if quotas()[place.quota].per in _EVERYWHERE}
    endpoints = [each for each in listed if each.type == _ENDPOINT]
    return Platform(
        takes=takes,
        cells=tuple(Cell(vpc=vpc, group=groups.get(vpc, "")) for vpc in vpcs),
        cell_takes={place: -(-used // count) for place, used in takes.items() if place.quota in _OF_CELLS},
        usd_month=estimate(listed, region=region).usd_month,
        cell_usd_month=estimate(endpoints, region=region).usd_month / count,
    )


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What capacity is reckoned from.

    Args:
        spec: The platform's spec.
        platform: What the platform takes.
        limits: The account's limits.
        present: What the account uses.
        tiers: What a tenant of each tier takes.
    """

    spec: PlatformSpec
    platform: Platform
    limits: Limits
    present: Present
    tiers: Mapping[str, Profile]

    def space(self, tier: str, *, open_cells: bool, raised: bool = False) -> Space:
        """The space that is left for tenants of a tier.

        Args:
            tier: The tier.
            open_cells: Whether any number of cells may be opened; where not, those still that the service opens.
            raised: Whether AWS is asked to raise what it raises.
        """
        profile = self.tiers[tier]
        places = {*profile.takes, *self.platform.cell_takes}
        return Space(
            left=_left(places, self.limits, self.present, raised=raised),
            takes=profile.takes,
            in_cells=sum(self._in(cell, profile) for cell in self.platform.cells) if profile.in_cell else None,
            new_cell=self._new_cell(open_cells=open_cells) if profile.in_cell else None,
        )

    def cells_to_open(self) -> int:
        """How many of the spare cells fit in what is left of the account's quotas."""
        left = _left(self.platform.cell_takes, self.limits, self.present, raised=False)
        fits = [left[place] // count for place, count in self.platform.cell_takes.items() if place in left and count]
        return min([len(self.spec.spare_cells), *fits])

    def space_elsewhere(self, tier: str, *, raised: bool) -> Space:
        """The space for tenants of a tier in another account, which has AWS's defaults and holds a platform like this.

        Args:
            tier: The tier.
            raised: Whether AWS is asked to raise what it raises.
        """
        other = Basis(
            spec=self.spec,
            platform=self.platform,
            limits=self.limits.of_a_new_account(),
            present=Present(self.platform.takes),
            tiers=self.tiers,
        )
        return other.space(tier, open_cells=True, raised=raised)

    def fits(self) -> dict[str, int | None]:
        """How many more tenants of each tier fit in the account, the cells that are there and those it opens itself."""
        return {tier: self.space(tier, open_cells=False).fit() for tier in self.tiers}

    def _in(self, cell: Cell, profile: Profile) -> int:
        """How many more tenants a cell holds."""
        left = _left({cell.place(of) for of in profile.in_cell}, self.limits, self.present, raised=False)
        fits = [left[cell.place(of)] // count for of, count in profile.in_cell.items() if cell.place(of) in left]
        return min([*fits, self._cell_holds()])

    def _cell_holds(self) -> int:
        """How many tenants an empty cell holds by the limits as they are."""
        values = {key: self.limits.of(Place(key)).value or 0 for key in ServiceQuotas.model_fields if key in quotas()}
        spec = self.spec.model_copy(update={"quotas": ServiceQuotas(**values)})
        return min(capacity(spec).values())

    def _new_cell(self, *, open_cells: bool) -> NewCell | None:
        holds, spare = self._cell_holds(), len(self.spec.spare_cells)
        at_most = None if open_cells else spare if self.spec.open_cells == "automatically" else 0
        return NewCell(takes=self.platform.cell_takes, holds=holds, at_most=at_most) if holds and at_most != 0 else None


def _left(places: Iterable[Place], limits: Limits, present: Present, *, raised: bool) -> dict[Place, int]:
    """What is left of each quota whose limit and use are known."""
    found: dict[Place, int] = {}
    for place in places:
        limit = limits.of(place)
        most = limit.ceiling if raised else limit.value
        if most is not None and place.quota not in present.unread:
            found[place] = max(0, most - present.counts.get(place, 0))
    return found
