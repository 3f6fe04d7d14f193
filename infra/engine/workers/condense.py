"""Reduces the engine's events to what a result needs, in the worker, so that the caller need not parse whole states.

Source: the engine's event format, ``apitype/events.go`` of the Pulumi SDK (as `pulumi.automation.events`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

ROOT_STACK = "pulumi:pulumi:Stack"

_PHASES = {"resourcePreEvent": "begun", "resOutputsEvent": "done", "resOpFailedEvent": "failed"}


#: Marks values that are not plain JSON, and the mark of a secret.
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's public constant


def is_debug(event: Mapping[str, Any]) -> bool:
    """Whether it is a debugging message: those carry secrets in plain text, and nobody asked for them."""
    return event.get("diagnosticEvent", {}).get("severity") == "debug"


def masked(value: Any) -> Any:
    """A value of a state as a user sees it: secrets, already blinded by the engine, become ``[secret]``."""
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if mapping.get(SIGNATURE) == SECRET:
            return "[secret]"
        return {key: masked(entry) for key, entry in mapping.items()}
    if isinstance(value, list):
        return [masked(entry) for entry in cast("list[Any]", value)]
    return value


def condense(event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages for one event of the engine.

    Args:
        event: The event, as the engine prints it with ``--json``.

    Yields:
        Objects whose ``kind`` is step, outputs, diagnostic or summary.
    """
    for name, phase in _PHASES.items():
        if name in event:
            yield from _step(phase, event[name]["metadata"])
            return
    if "diagnosticEvent" in event:
        yield from _diagnostic(event["diagnosticEvent"])
    elif "policyEvent" in event:
        yield _violation(event["policyEvent"])
    elif "summaryEvent" in event:
        yield {"kind": "summary", "changes": event["summaryEvent"].get("resourceChanges") or {}}


def _step(phase: str, step: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {
        "kind": "step",
        "phase": phase,
        "op": step["op"],
        "urn": step["urn"],
        "type": step["type"],
        "diff": list(step.get("detailedDiff") or step.get("diffs") or ()),
        "keys": list(step.get("keys") or ()),
    }
    new = step.get("new")
    if phase == "done" and step["type"] == ROOT_STACK and new is not None:
        yield {"kind": "outputs", "outputs": masked(new.get("outputs") or {})}


def _diagnostic(diagnostic: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    message = str(diagnostic.get("message", "")).strip()
    if message and not diagnostic.get("ephemeral"):
        yield {
            "kind": "diagnostic",
            "severity": diagnostic.get("severity", "info"),
            "message": message,
            "urn": diagnostic.get("urn") or None,
        }


def _violation(policy: Mapping[str, Any]) -> dict[str, Any]:
    mandatory = policy.get("enforcementLevel") == "mandatory"
    return {
        "kind": "diagnostic",
        "severity": "error" if mandatory else "warning",
        "message": f"policy {policy.get('policyPackName')}/{policy.get('policyName')}: {policy.get('message', '')}",
        "urn": policy.get("resourceUrn") or None,
    }
