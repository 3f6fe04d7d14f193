"""Estates of many tenants for the measurements: the demo's platform with room for all, and generated tenants."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from infra.settings import ROOT

_TENANTS_A_CELL = 18


@dataclass(frozen=True, kw_only=True)
class BenchEstate:
    """Files of an estate.

    Args:
        platform: The platform's spec.
        specs: The folder of the tenants' specs.
        tenants: The tenants' ids.
    """

    platform: Path
    specs: Path
    tenants: tuple[str, ...]


def write(folder: Path, tenants: int) -> BenchEstate:
    """Write an estate of so many tenants of tier pool, each with a range of its own, without models."""
    yaml: Any = YAML()
    platform: dict[str, Any] = yaml.load((ROOT / "stacks" / "platform.yaml").read_text())
    cells = -(-tenants // _TENANTS_A_CELL)
    platform["cells"] = [{"name": f"c{number}", "cidr": f"10.{64 + number}.0.0/16"} for number in range(cells)]
    platform["quotas"] = {"gateway_endpoints_per_region": tenants + cells + 10, "vpcs_per_region": cells + 5}
    specs = folder / "specs"
    specs.mkdir(parents=True)
    platform_file = folder / "platform.yaml"
    with platform_file.open("w") as file:
        yaml.dump(platform, file)
    template: dict[str, Any] = yaml.load((ROOT / "tenant_stacks" / "specs" / "acme.yaml").read_text())
    ids = tuple(f"tenant{number:03d}" for number in range(tenants))
    for number, tenant in enumerate(ids):
        cell, slot = divmod(number, _TENANTS_A_CELL)
        ranges = IPv4Network(f"10.{64 + cell}.0.0/16").subnets(new_prefix=24)
        cidr = next(network for index, network in enumerate(ranges) if index == slot)
        spec: dict[str, Any] = {
            **template,
            "id": tenant,
            "display_name": f"Tenant {number}",
            "network": {"cell": f"c{cell}", "cidr": str(cidr)},
            "models": [],
        }
        spec["identity"] = {**template["identity"], "data_scientists": f"{tenant}-data-scientists"}
        spec["identity"]["deploy"] = {"repository": f"bench/{tenant}", "environment": "production"}
        spec["lifecycle"] = {"state": "active", "prevent_deletion": False}
        with (specs / f"{tenant}.yaml").open("w") as file:
            yaml.dump(spec, file)
    return BenchEstate(platform=platform_file, specs=specs, tenants=ids)
