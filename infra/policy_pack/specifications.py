"""What the specification of a stack of this repository says about it: owner, compliance regimes, Regions for data."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Regime
from infra.proof.theorem.inputs import Sharing

#: The projects of this repository, as their ``Pulumi.yaml`` call them.
PLATFORM_PROJECT = "bulkhead-platform"
TENANTS_PROJECT = "bulkhead-tenants"


@dataclass(frozen=True)
class Stack:
    """A stack by its project and its own name."""

    project: str
    name: str


def stack_of(urn: str) -> Stack:
    """The stack that a URN is of: ``urn:pulumi:STACK::PROJECT::...``."""
    parts = urn.removeprefix("urn:pulumi:").split("::")
    return Stack(project=parts[1] if len(parts) > 1 else "", name=parts[0])


@functools.lru_cache
def specified(stack: Stack) -> Expectations:
    """What the specification of a stack says; nothing for a stack of another project.

    The platform carries every tenant, so that it is under the regimes of all of them.

    Raises:
        UserError: the specification cannot be read.
    """
    if stack.project not in (PLATFORM_PROJECT, TENANTS_PROJECT):
        return Expectations()
    # Reading specifications takes a while to import, and other people's stacks do not need it.
    from infra.settings import load_settings  # noqa: PLC0415
    from infra.spec import load_estate, load_tenant  # noqa: PLC0415

    settings = load_settings()
    if stack.project == PLATFORM_PROJECT:
        tenants = load_estate(settings.platform_spec, settings.specs).tenants.values()
        regimes = {regime for tenant in tenants for regime in tenant.compliance}
        return Expectations(regimes=frozenset(map(Regime, regimes)))
    _, tenant = load_tenant(settings.platform_spec, settings.specs / f"{stack.name}.yaml")
    return Expectations(
        owner=tenant.id, regimes=frozenset(map(Regime, tenant.compliance)), regions=frozenset(tenant.data_residency)
    )


def sharing_around(stack: Stack) -> Sequence[Sharing]:
    """What the platform's specification says is shared on purpose; nothing for a stack of another project.

    Raises:
        UserError: the specification cannot be read.
    """
    if stack.project not in (PLATFORM_PROJECT, TENANTS_PROJECT):
        return []
    from infra.promises.sharing import declared_sharing  # noqa: PLC0415 - as above
    from infra.settings import load_settings  # noqa: PLC0415
    from infra.spec import load_platform  # noqa: PLC0415

    return declared_sharing(load_platform(load_settings().platform_spec))
