"""Drift as data: where the cloud differs from what was deployed, told from the events of the engine's look at it.

Only what a program had asked for counts: a property that AWS fills in by itself changes without anybody's doing.

Source: the engine's event format, ``apitype/events.go`` of the Pulumi SDK (``detailedDiff``, ``inputDiff``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

import msgspec

#: ``none``: the cloud is as deployed. ``drifted``: it is not. ``unknown``: nobody could tell.
DriftState = Literal["none", "drifted", "unknown"]

_COMPONENT = "bulkhead:"


class DriftedResource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource that is not as it was deployed.

    Args:
        urn: Pulumi's name of it.
        type: The type token.
        name: Its name in the program.
        kind: ``changed``, or ``missing`` from the cloud.
        properties: What differs, as paths: ``tags.owner``.
    """

    urn: str
    type: str
    name: str
    kind: Literal["changed", "missing"]
    properties: tuple[str, ...] = ()


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How a tenant's cloud was when somebody looked.

    Args:
        tenant: The tenant.
        at: When, ISO 8601.
        state: Whether it had drifted.
        resources: What had.
        digest: Of what differs and how; the same digest is the same drift.
        new: Whether it is to be told: it is another drift than the last time, or what was told is over.
        why: Why nobody could tell, or what became of the repair.
        repaired: Whether it was put back.
    """

    tenant: str
    at: str
    state: DriftState
    resources: tuple[DriftedResource, ...] = ()
    digest: str = ""
    new: bool = False
    why: str = ""
    repaired: bool = False


def drifted(events: bytes) -> tuple[tuple[DriftedResource, ...], str]:
    """What has drifted, and the digest of it.

    Args:
        events: The engine's events of ``refresh --preview-only``, one JSON object a line.
    """
    found: list[DriftedResource] = []
    content: list[str] = []
    for step in _steps(events):
        resource, values = _drifted(step)
        if resource is not None:
            found.append(resource)
            content.append(json.dumps([resource.urn, resource.kind, resource.properties, values], sort_keys=True))
    found.sort(key=lambda one: one.urn)
    digest = hashlib.sha256("\n".join(sorted(content)).encode()).hexdigest() if content else ""
    return tuple(found), digest


def told_once(before: Drift | None, now: Drift) -> Drift:
    """A look with whether it is to be told.

    One that could not tell is told like a drift of its own; a drift that is over is told once, too.

    Args:
        before: The look before it; None: there was none.
        now: The look.
    """
    if before is None:
        return msgspec.structs.replace(now, new=now.state != "none")
    differs = (before.state, before.digest, before.why if before.state == "unknown" else "") != (
        now.state,
        now.digest,
        now.why if now.state == "unknown" else "",
    )
    return msgspec.structs.replace(now, new=differs)


def _steps(events: bytes) -> Iterator[Mapping[str, Any]]:
    for line in events.splitlines():
        event = cast("dict[str, Any]", json.loads(line))
        if "resOutputsEvent" in event:
            yield event["resOutputsEvent"]["metadata"]


def _drifted(step: Mapping[str, Any]) -> tuple[DriftedResource | None, Mapping[str, Any]]:
    """A step's drift, with the values that differ."""
    kind = {"update": "changed", "delete": "missing"}.get(str(step["op"]))
    if kind is None or str(step["type"]).startswith((_COMPONENT, "pulumi:")):
        return None, {}
    name = str(step["urn"]).rpartition("::")[2]
    if kind == "missing":
        return DriftedResource(urn=step["urn"], type=step["type"], name=name, kind="missing"), {}
    before, after = _inputs(step, "old"), _inputs(step, "new")
    detailed = cast("dict[str, Mapping[str, Any]]", step.get("detailedDiff") or {})
    if detailed:
        paths = [path for path, diff in detailed.items() if diff.get("inputDiff")]
    else:
        paths = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    if not paths:
        return None, {}
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return (
        DriftedResource(urn=step["urn"], type=step["type"], name=name, kind="changed", properties=tuple(sorted(paths))),
        changed,
    )


def _inputs(step: Mapping[str, Any], side: str) -> dict[str, Any]:
    resource = cast("dict[str, Any]", step.get(side) or {})
    return cast("dict[str, Any]", resource.get("inputs") or {})
