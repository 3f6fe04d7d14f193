"""An account, its platform and tenants, as the tests reckon with them: from the recorded exports."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from infra.proof.facts import read_deployment
from infra.quotas.basis import Basis, Platform, platform_of
from infra.quotas.counting import Resource, counted
from infra.quotas.limits import Limits
from infra.quotas.present import Present
from infra.quotas.profiles import Profile, profile_of
from infra.quotas.records import resources_of
from infra.spec import load_estate
from tests.proof.recorded.exports import recorded

REGION = "eu-central-1"
_ROOT = Path(__file__).parents[2]


def resource(kind: str, called: str = "x", identity: str | None = None, /, **properties: Any) -> Resource:
    """A resource of a plan, or one that exists where it has an id."""
    return Resource(type=kind, name=called, properties=properties, id=identity)


@cache
def stack(owner: str) -> tuple[Resource, ...]:
    """What the recorded stack of an owner makes."""
    return tuple(resources_of(read_deployment(recorded()[owner])))


@cache
def platform() -> Platform:
    return platform_of(stack("platform"), region=REGION)


@cache
def profile(owner: str) -> Profile:
    return profile_of(stack(owner), source=owner, region=REGION)


def basis(*owners: str, limits: Limits | None = None, unread: dict[str, str] | None = None) -> Basis:
    """An account that holds the platform and the recorded stacks of some tenants, and nothing else."""
    used = counted([each for owner in ("platform", *owners) for each in stack(owner)])
    return Basis(
        spec=load_estate(_ROOT / "stacks" / "platform.yaml", _ROOT / "tenant_stacks" / "specs").platform,
        platform=platform(),
        limits=limits or Limits(region=REGION),
        present=Present(used, unread or {}),
        tiers={"pool": profile("acme"), "silo": profile("globex")},
    )
