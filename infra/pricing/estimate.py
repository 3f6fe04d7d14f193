"""What resources cost a month: fixed charges in dollars, and what is charged by use named with its price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from infra.pricing.charges import FIXED, FREE, USAGE, Charge
from infra.pricing.table import PriceTable, prices

_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_TARGET = "aws:appautoscaling/target:Target"


class Resource(Protocol):
    """A planned or existing resource, with the engine's names of its properties."""

    @property
    def type(self) -> str:
        """The type token, for example ``aws:kms/key:Key``."""
        ...

    @property
    def name(self) -> str:
        """The resource's name in its program."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its inputs; a value of another kind than expected counts as not known."""
        ...


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One charge of one resource.

    Attributes:
        type: The resource's type token.
        resource: The resource's name.
        item: What is charged.
        quantity: Units a month; None where it is not known.
        unit: The unit.
        unit_price: US dollars a unit; None where the table has no price.
        usd_month: US dollars a month; None where quantity or price are not known: such a line is in no sum.
        note: What the reader must know of it.
    """

    type: str
    resource: str
    item: str
    quantity: float | None
    unit: str
    unit_price: float | None
    usd_month: float | None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What resources cost a month.

    Attributes:
        lines: The fixed charges.
        not_included: What is charged by use, with its price.
        notes: Which prices these are, and what they are not.
    """

    lines: tuple[CostLine, ...]
    not_included: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def usd_month(self) -> float:
        """The sum of the lines that have a price, in US dollars a month."""
        return sum(line.usd_month for line in self.lines if line.usd_month is not None)

    @property
    def unpriced(self) -> tuple[CostLine, ...]:
        """The lines that are not in the sum, because a price or a quantity is not known."""
        return tuple(line for line in self.lines if line.usd_month is None)


def estimate(resources: Iterable[Resource], *, region: str, table: PriceTable | None = None) -> Estimate:
    """The monthly cost of `resources`.

    Args:
        resources: Planned or existing resources; components and providers among them cost nothing.
        region: Where they are.
        table: The prices; the repository's own where it is None.
    """
    table = table or prices()
    billed = [resource for resource in resources if resource.type.startswith("aws:")]
    lines = [*_instances(billed, table)]
    usage: dict[str, None] = {}
    for resource in billed:
        lines.extend(_line(resource, charge) for charge in _fixed(resource, table))
        for item, key, unit in USAGE.get(resource.type, ()):
            usage[f"{item}: {getattr(table.usage, key):g} USD per {unit}"] = None
    return Estimate(lines=tuple(lines), not_included=tuple(usage), notes=tuple(_notes(lines, region, table)))


def _fixed(resource: Resource, table: PriceTable) -> Iterator[Charge]:
    charges = FIXED.get(resource.type)
    if charges is not None:
        yield from charges(resource.properties, table)
    elif resource.type not in FREE and resource.type not in USAGE:
        yield Charge(item=resource.type, quantity=None, unit="", unit_price=None, note="this type has no price here")


def _instances(resources: list[Resource], table: PriceTable) -> Iterator[CostLine]:
    """The instances of endpoints: an endpoint names its configuration, which names their type and number."""
    configurations = {
        resource.properties.get("name"): resource for resource in resources if resource.type == _CONFIGURATION
    }
    most = {
        resource.properties.get("resourceId"): resource.properties.get("maxCapacity")
        for resource in resources
        if resource.type == _TARGET
    }
    for endpoint in (resource for resource in resources if resource.type == _ENDPOINT):
        name = endpoint.properties.get("endpointConfigName")
        configuration = configurations.get(name) if isinstance(name, str) else None
        if configuration is None:
            # At preview the name is not known yet: the program calls an endpoint and its configuration the same.
            configuration = next((one for one in configurations.values() if one.name == endpoint.name), None)
        variants: Any = None if configuration is None else configuration.properties.get("productionVariants")
        if not isinstance(variants, list):
            unknown = Charge(
                item="instances", quantity=None, unit="instance-hours", unit_price=None, note="configuration not known"
            )
            yield _line(endpoint, unknown)
            continue
        for variant in cast("list[Mapping[str, Any]]", variants):
            target = f"endpoint/{endpoint.properties.get('name')}/variant/{variant.get('variantName')}"
            yield _line(endpoint, _variant(variant, most.get(target), table))


def _variant(variant: Mapping[str, Any], most: object, table: PriceTable) -> Charge:
    kind, count = variant.get("instanceType"), variant.get("initialInstanceCount")
    price = table.sagemaker_hosting_hour.get(kind) if isinstance(kind, str) else None
    quantity = count * table.hours_per_month if isinstance(count, (int, float)) else None
    notes: list[str] = []
    if price is None:
        notes.append(f"the table has no price of {kind if isinstance(kind, str) else 'an unknown instance type'}")
    if isinstance(most, (int, float)) and isinstance(count, (int, float)) and most > count:
        highest = "" if price is None else f", {most * table.hours_per_month * price:,.2f} USD"
        notes.append(f"up to {most:.0f} instances under load{highest}")
    return Charge(
        item=f"{kind if isinstance(kind, str) else 'endpoint'} instances",
        quantity=quantity,
        unit="instance-hours",
        unit_price=price,
        note="; ".join(notes),
    )


def _line(resource: Resource, charge: Charge) -> CostLine:
    return CostLine(
        type=resource.type,
        resource=resource.name,
        item=charge.item,
        quantity=charge.quantity,
        unit=charge.unit,
        unit_price=charge.unit_price,
        usd_month=charge.usd_month,
        note=charge.note,
    )


def _notes(lines: list[CostLine], region: str, table: PriceTable) -> Iterator[str]:
    yield f"list prices of {table.region} at {table.date}, without tax, free tier and discounts; usage comes on top"
    if region != table.region:
        yield f"the resources are in {region}, where AWS charges other prices"
    for line in lines:
        if line.usd_month is None:
            yield f"not in the sum: {line.item} of {line.resource} ({line.note})"
