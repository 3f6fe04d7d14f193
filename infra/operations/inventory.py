"""What a deployed stack holds and what it costs a month, from its state and the dated price table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.engine import StackRef
from infra.operations.workspace import Workspace
from infra.pricing import Estimate, estimate


@dataclass(frozen=True, kw_only=True)
class _Deployed:
    """A resource of a stack's state, as an estimate reads it."""

    type: str
    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StackInventory:
    """What a stack holds.

    Args:
        services: How many resources it has of each AWS service, by Pulumi's name of the service.
        estimate: What they cost a month.
    """

    services: Mapping[str, int]
    estimate: Estimate

    @property
    def resources(self) -> int:
        """How many cloud resources there are."""
        return sum(self.services.values())


def inventory(workspace: Workspace, stack: StackRef) -> StackInventory:
    """Look into a stack's state.

    Raises:
        StackMissing: there is no such stack.
    """
    return inventory_of(workspace.engine.export(stack), region=workspace.estate.platform.region)


def inventory_of(export: Mapping[str, Any], *, region: str) -> StackInventory:
    """What an export of a stack holds.

    Args:
        export: The stack as ``pulumi stack export`` prints it.
        region: Whose prices count.
    """
    state = cast("list[dict[str, Any]]", export["deployment"].get("resources") or [])
    resources = [
        _Deployed(type=each["type"], name=each["urn"].rpartition("::")[2], properties=each.get("inputs") or {})
        for each in state
        if each["type"].startswith("aws:")
    ]
    services = Counter(each.type.split(":")[1].partition("/")[0] for each in resources)
    return StackInventory(services=dict(services.most_common()), estimate=estimate(resources, region=region))
