"""Pure surgery on an exported state: what a failed update had begun to replace becomes current again.

A replacement that makes the new resource first leaves the old one marked for deletion until the update has ended. If
the update fails in between and is not repeated but taken back, the plan asks for the old resource anew; where its name
is the same, the cloud refuses it, because it is still there. The two change places instead.

Source: Pulumi documentation, "Editing state files"; ``apitype/core.go`` (ResourceV3.Delete) for the format.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from infra.engine.recovery.adopt import State


def waiting_for_deletion(state: State) -> frozenset[str]:
    """The URNs of resources that were replaced and are not deleted yet."""
    return frozenset(each["urn"] for each in state["deployment"].get("resources") or () if each.get("delete"))


def revive(state: State, planned: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Let replaced resources that are wanted again change places with those that replaced them.

    Args:
        state: The state, as ``pulumi stack export`` prints it.
        planned: URN -> the physical id that a plan is going to make.

    Returns:
        The state, and the URNs of what changed places; the state as it was where none did.
    """
    result = copy.deepcopy(dict(state))
    resources: list[dict[str, Any]] = result["deployment"].get("resources") or []
    revived: list[str] = []
    for urn, wanted in planned.items():
        of_urn = [each for each in resources if each["urn"] == urn]
        current = next((each for each in of_urn if not each.get("delete")), None)
        replaced = next((each for each in of_urn if each.get("delete") and each.get("id") == wanted), None)
        if current is None or replaced is None:
            continue
        first, second = resources.index(current), resources.index(replaced)
        resources[first], resources[second] = replaced, {**current, "delete": True}
        del replaced["delete"]
        revived.append(urn)
    return result, tuple(revived)
