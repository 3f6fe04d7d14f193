"""Pure surgery on an exported state: what a dead run was creating becomes part of the state, or is dropped from it.

Pulumi's own ``import`` cannot adopt the new half of a replacement, and knows neither dependencies nor protection; the
pending operation that the engine wrote down before it asked the provider has all of it. What the state then lacks is
filled in by a refresh.

Source: Pulumi documentation, "Editing state files" and "Interrupted updates"; ``apitype/core.go`` for the format.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

#: Marks values that are not plain JSON in a state; its value says what they are.
_SIGNATURE = "4dabf18193072939515e22adb298388d"

State = Mapping[str, Any]
FindResource = Callable[[str, Mapping[str, Any]], str | None]


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What became of the pending operations of a state.

    Args:
        state: The state without them.
        adopted: URNs of resources that exist and are now in the state.
        dropped: URNs of resources that were never created.
        unsettled: URNs that only a refresh can settle: they were being updated, deleted or read.
        unknown: URN -> why it could not be found out whether it exists.
    """

    state: dict[str, Any]
    adopted: tuple[str, ...]
    dropped: tuple[str, ...]
    unsettled: tuple[str, ...]
    unknown: Mapping[str, str]


def pending_operations(state: State) -> list[dict[str, Any]]:
    """The operations of an exported state whose end the engine did not see."""
    return list(state["deployment"].get("pending_operations") or ())


def adopt(state: State, pending: Sequence[Mapping[str, Any]], find: FindResource) -> Adoption:
    """Settle pending operations.

    Args:
        state: The state, as ``pulumi stack export`` prints it.
        pending: The operations, as `pending_operations` lists them.
        find: Tells the physical id of a resource from type token and inputs; raises LookupError if it cannot.
    """
    result = copy.deepcopy(dict(state))
    deployment = result["deployment"]
    deployment.pop("pending_operations", None)
    resources: list[dict[str, Any]] = deployment.setdefault("resources", [])
    adopted: list[str] = []
    dropped: list[str] = []
    unsettled: list[str] = []
    unknown: dict[str, str] = {}
    for operation in pending:
        resource = cast("dict[str, Any]", copy.deepcopy(operation["resource"]))
        urn = resource["urn"]
        if operation["type"] != "creating":
            unsettled.append(urn)
            continue
        try:
            physical = _physical_id(resource, resources, find)
        except LookupError as error:
            unknown[urn] = str(error)
            continue
        if physical is None:
            dropped.append(urn)
        else:
            _insert(resources, {**resource, "id": physical})
            adopted.append(urn)
    return Adoption(
        state=result,
        adopted=tuple(adopted),
        dropped=tuple(dropped),
        unsettled=tuple(unsettled),
        unknown=unknown,
    )


def plain_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as a program wrote them: secrets and other marked values become None.

    Args:
        inputs: The ``inputs`` of a resource in a state.
    """
    return {key: _plain(value) for key, value in inputs.items()}


def _physical_id(resource: Mapping[str, Any], resources: Iterable[Mapping[str, Any]], find: FindResource) -> str | None:
    """What the state already has is not what was being created: it is the old half of a replacement."""
    if not resource.get("custom") or resource["type"].startswith("pulumi:"):
        return None
    physical = find(resource["type"], plain_inputs(resource.get("inputs") or {}))
    known = {(entry["type"], entry.get("id")) for entry in resources}
    return None if (resource["type"], physical) in known else physical


def _insert(resources: list[dict[str, Any]], resource: dict[str, Any]) -> None:
    """Add a resource as the engine would have: of two with one URN the older waits for its deletion."""
    resources[:] = [
        entry for entry in resources if not (entry["urn"] == resource["urn"] and entry.get("pendingReplacement"))
    ]
    for entry in resources:
        if entry["urn"] == resource["urn"]:
            entry["delete"] = True
    resources.append(resource)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return None if _SIGNATURE in mapping else {key: _plain(entry) for key, entry in mapping.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in cast("list[Any]", value)]
    return value
