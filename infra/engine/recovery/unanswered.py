"""Creations that failed, though the cloud may have done them: an answer was lost, and the provider asked once more.

The provider then hears that the name is in use, and would hear it in every later run. The engine has ended in order, so
that nothing of it is pending; what was to be made is in its events alone.

Source: the engine's event format, ``apitype/events.go`` of the Pulumi SDK.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: What clouds and their libraries say of names that are in use, and of answers that did not come.
_MAY_BE_THERE = re.compile(r"already|connection|time[d ]*out|\bEOF\b|reset by peer", re.IGNORECASE)
_KEPT = ("urn", "type", "custom", "parent", "protect", "inputs", "provider")
#: How the engine shows a secret in its events.
_SECRET = "[secret]"  # noqa: S105 - no secret, but the mark of one


def unanswered(event_log: Path) -> list[dict[str, Any]]:
    """The creations of a run whose failure does not say that nothing was made.

    Args:
        event_log: The run's events, one JSON object a line.

    Returns:
        Pending operations as a state has them. None of a resource with a secret, whose inputs are not in the events,
        and none of a replacement, whose name is another.
    """
    if not event_log.exists():  # the run failed before it began
        return []
    failed: dict[str, Mapping[str, Any]] = {}
    said: dict[str, str] = {}
    for line in event_log.read_text().splitlines():
        event: Mapping[str, Any] = json.loads(line)
        if "resOpFailedEvent" in event:
            step: Mapping[str, Any] = event["resOpFailedEvent"]["metadata"]
            if step["op"] == "create" and step.get("new"):
                failed[step["urn"]] = step["new"]
        elif "diagnosticEvent" in event and event["diagnosticEvent"].get("urn"):
            urn = event["diagnosticEvent"]["urn"]
            said[urn] = said.get(urn, "") + str(event["diagnosticEvent"].get("message", ""))
    return [
        {"type": "creating", "resource": {key: resource[key] for key in _KEPT if key in resource}}
        for urn, resource in failed.items()
        if _MAY_BE_THERE.search(said.get(urn, "")) and _SECRET not in json.dumps(resource.get("inputs"))
    ]
