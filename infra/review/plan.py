"""Reads what a preview plans from the engine's events: which resources change, in which properties, from what to what.

Source: the engine's event format, ``apitype/events.go`` of the Pulumi SDK (as `pulumi.automation.events`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from infra.review.model import Op, PropertyDiff, ResourceDiff
from infra.review.stateful import lost

#: The steps of a replacement come besides the one that stands for the whole.
_OPS: Mapping[str, Op] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "import-replacement": "replace",
    "delete": "delete",
}
_ORDER: tuple[Op, ...] = ("delete", "replace", "update", "create")

#: A value is shown to be recognised, not to be read in full.
MOST_CHARACTERS = 100

_KEY = re.compile(r"\[\"((?:[^\"\\]|\\.)*)\"\]|\[(\d+)\]|([^.\[\]]+)")
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_NOT_YET = "(not known yet)"
_SECRET = "(secret)"  # noqa: S105 - what is shown in its place


def planned_changes(events: bytes) -> tuple[tuple[ResourceDiff, ...], int]:
    """The resources that a preview would change, those with which data is lost first, and how many stay as they are.

    Args:
        events: The engine's events, one JSON object a line.
    """
    found: dict[str, ResourceDiff] = {}
    same = 0
    for step in _steps(events):
        kind = str(step["type"])
        if not kind.startswith("aws:"):  # components and providers are not in the cloud
            continue
        same += step["op"] == "same"
        op = _OPS.get(str(step["op"]))
        if op is None or (found.get(str(step["urn"])) is not None and op != "replace"):
            continue
        urn = str(step["urn"])
        found[urn] = ResourceDiff(
            type=kind, name=_name(urn), op=op, properties=tuple(_properties(step)), loses=lost(kind)
        )
    return in_order(found.values()), same


def everything_deleted(resources: Iterable[Mapping[str, Any]]) -> tuple[ResourceDiff, ...]:
    """What the end of a stack would delete.

    Args:
        resources: The resources of its export.
    """
    return in_order(
        ResourceDiff(type=str(each["type"]), name=_name(str(each["urn"])), op="delete", loses=lost(str(each["type"])))
        for each in resources
        if str(each["type"]).startswith("aws:") and not each.get("external")
    )


def in_order(resources: Iterable[ResourceDiff]) -> tuple[ResourceDiff, ...]:
    """What loses data first, then by operation, type and name."""
    return tuple(
        sorted(resources, key=lambda one: (not one.destroys, _ORDER.index(one.op), one.type, one.name)),
    )


def _steps(events: bytes) -> Iterator[Mapping[str, Any]]:
    for line in events.splitlines():
        event = json.loads(line)
        if "resourcePreEvent" in event:
            yield event["resourcePreEvent"]["metadata"]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _properties(step: Mapping[str, Any]) -> Iterator[PropertyDiff]:
    old, new = _inputs(step.get("old")), _inputs(step.get("new"))
    detailed = cast("Mapping[str, Mapping[str, Any]]", step.get("detailedDiff") or {})
    keys = [str(key) for key in step.get("keys") or ()]
    paths = [*detailed, *(key for key in keys if key not in detailed)] or [str(key) for key in step.get("diffs") or ()]
    for path in paths:
        before, after = _at(old, path), _at(new, path)
        said_before, said_after = _said(before), _said(after)
        statements = _statements(before, after)
        if statements:
            said_before, said_after = "", statements
        kind = str(detailed.get(path, {}).get("diffKind") or detailed.get(path, {}).get("kind") or "")
        yield PropertyDiff(
            path=path,
            before=said_before,
            after=said_after,
            replaces="replace" in kind or path in keys,
        )


def _inputs(state: object) -> object:
    return cast("Mapping[str, Any]", state).get("inputs") if isinstance(state, Mapping) else None


def _at(value: object, path: str) -> object:
    """The value at the engine's path; None where there is none."""
    for match in _KEY.finditer(path):
        quoted, index, plain = match.groups()
        if index is not None:
            items = cast("list[object]", value) if isinstance(value, list) else []
            value = items[int(index)] if int(index) < len(items) else None
        else:
            key = quoted if quoted is not None else plain
            value = cast("Mapping[str, object]", value).get(key) if isinstance(value, Mapping) else None
    return value


def _said(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(_plain(value), separators=(",", ":"))
    if _UNKNOWN in text:
        text = _NOT_YET
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return _SECRET if _SIGNATURE in members else {key: _plain(each) for key, each in members.items()}
    return value


def _statements(before: object, after: object) -> str:
    """Of two policy documents, the statements that differ; empty for what are none."""
    old, new = _by_sid(before), _by_sid(after)
    if not old or not new:
        return ""
    added = [f"+{sid}" for sid in new if sid not in old]
    removed = [f"-{sid}" for sid in old if sid not in new]
    changed = [f"~{sid}" for sid in new if sid in old and old[sid] != new[sid]]
    listed = ", ".join([*removed, *added, *changed])
    return f"statements {listed}"[:MOST_CHARACTERS] if listed else ""


def _by_sid(document: object) -> dict[str, object]:
    if not isinstance(document, str) or '"Statement"' not in document:
        return {}
    try:
        found = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return {}
    listed = cast("list[object]", found) if isinstance(found, list) else [cast("object", found)]
    return {
        str(cast("dict[str, object]", one).get("Sid") or f"#{number}"): one
        for number, one in enumerate(listed, start=1)
        if isinstance(one, dict)
    }
