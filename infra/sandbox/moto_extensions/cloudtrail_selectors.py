"""CloudTrail trails: what is told of their event selectors, and their home, which moto leaves out.

Source: AWS CloudTrail API Reference, "GetEventSelectors", "Trail" (HasCustomEventSelectors, HomeRegion).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudtrail.models import Trail

from infra.sandbox.moto_extensions.registry import wrap

_EVERY_TRAIL_HAS: dict[str, Any] = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}

Selectors = list[dict[str, Any]]


def apply() -> None:
    """Changes moto."""
    wrap(Trail, "get_event_selectors", _get_selectors)
    wrap(Trail, "description", _describe)


def _get_selectors(_: Callable[..., Any], trail: Trail) -> tuple[Selectors, Selectors]:
    """A trail without selectors of its own has the one that every trail starts with."""
    if trail.advanced_event_selectors:
        return [], trail.advanced_event_selectors
    return [{**_EVERY_TRAIL_HAS, **given} for given in trail.event_selectors] or [_EVERY_TRAIL_HAS], []


def _describe(original: Callable[..., dict[str, Any]], trail: Trail, include_region: bool = False) -> dict[str, Any]:
    own = trail.get_event_selectors() != ([_EVERY_TRAIL_HAS], [])
    return {**original(trail, include_region), "HomeRegion": trail.region_name, "HasCustomEventSelectors": own}
