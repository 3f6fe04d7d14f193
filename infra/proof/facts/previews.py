"""Reads what is planned: the engine's events of a preview, or the output of `pulumi preview --json`.

Steps say what changes; what stays as it is comes from the stack's export where the preview leaves it out. Sources:
Pulumi documentation, "pulumi preview" (``--json``, ``--show-sames``), "Automation API"; the shapes are those of the
engine's packages ``sdk/go/common/apitype`` (EngineEvent) and ``sdk/go/common/display`` (PreviewDigest).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from infra.proof.facts.deployments import State, record_of
from infra.proof.facts.inputs import Unreadable, decoded, shaped
from infra.proof.facts.records import Record

_WHAT = "the output of `pulumi preview --json` or the engine's events of a preview"
_GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})
#: Steps after which computed properties have the values that they had before.
_KEEPS_COMPUTED = frozenset({"same", "update", "refresh"})
#: Steps whose outputs are read from the cloud during the preview.
_DONE = frozenset({"same", "read", "read-replacement", "refresh"})
#: Computed of what the program gives: not what it was before.
_FROM_INPUTS = frozenset({"tagsAll"})


class _Step(msgspec.Struct, rename="camel"):
    op: str
    urn: str
    old_state: State | None = None
    new_state: State | None = None


class _Digest(msgspec.Struct, rename="camel"):
    steps: list[_Step] | None = None
    change_summary: dict[str, int] | None = None


class _Metadata(msgspec.Struct):
    op: str
    urn: str
    old: State | None = None
    new: State | None = None


class _Planned(msgspec.Struct):
    metadata: _Metadata


class _Summary(msgspec.Struct, rename="camel"):
    resource_changes: dict[str, int] | None = None


class _Event(msgspec.Struct, rename="camel"):
    resource_pre_event: _Planned | None = None
    res_outputs_event: _Planned | None = None
    summary_event: _Summary | None = None


def read_preview(
    content: bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    where: str = "the preview",
    *,
    deployed: Iterable[Record] = (),
) -> tuple[Record, ...]:
    """The resources of a stack as they would be.

    Args:
        content: The output of `pulumi preview --json`; or events, as a JSON list, as lines of JSON, or read already.
        where: The file that it came from, for messages.
        deployed: The stack as it is; needed where the preview leaves out what stays the same.

    Raises:
        Unreadable: It is no preview, or leaves out what stays the same while `deployed` does not have it.
    """
    digest = _digest(content, where)
    found = {record.source.urn: record for record in deployed}
    steps = digest.steps or []
    unnamed = (digest.change_summary or {}).get("same", 0) - sum(step.op == "same" for step in steps)
    if unnamed > 0 and not found:
        raise Unreadable(
            f"it leaves out {unnamed} resources that stay as they are",
            "preview with --show-sames, or give the export of the stack too",
            where=where,
        )
    gone = {step.urn for step in steps if step.op in _GONE}
    made = {step.urn: step for step in steps if step.op not in _GONE and step.new_state is not None}
    for urn in gone - made.keys():
        found.pop(urn, None)
    for urn, step in made.items():
        found[urn] = _planned(step, found.get(urn), where)
    return tuple(found.values())


def _planned(step: _Step, before: Record | None, where: str) -> Record:
    state = step.new_state
    if state is None:
        raise Unreadable(f"the step for {step.urn} says nothing of its resource", f"give {_WHAT}", where=where)
    record = record_of(state, where, planned=step.op not in _DONE)
    stays = step.op in _KEEPS_COMPUTED
    kept: Mapping[str, Any] = _computed(step, before, where) if stays and not state.outputs else {}
    return replace(
        record,
        properties={**kept, **record.properties},
        id=record.id or (before.id if before and stays else None),
        custom=record.custom or (before is not None and before.custom),
        source=record.source if record.source.file or before is None else before.source,
    )


def _computed(step: _Step, before: Record | None, where: str) -> Mapping[str, Any]:
    """What the provider computed earlier and the step leaves as it is."""
    old = step.old_state
    found: Mapping[str, Any] = before.properties if before else {}
    if old is not None and old.outputs:
        found = record_of(old, where).properties
    return {key: value for key, value in found.items() if key not in _FROM_INPUTS or step.op in _DONE}


def _digest(content: bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]], where: str) -> _Digest:
    if isinstance(content, bytes):
        if _is_lines(content):
            lines = (line for line in content.splitlines() if line.strip())
            return _of_events((decoded(line, _Event, where, _WHAT) for line in lines), where)
        if content.lstrip()[:1] == b"[":
            return _of_events(decoded(content, list[_Event], where, _WHAT), where)
        digest = decoded(content, _Digest, where, _WHAT)
    elif isinstance(content, Mapping):
        digest = shaped(dict(content), _Digest, where, _WHAT)
    else:
        return _of_events(shaped(list(content), list[_Event], where, _WHAT), where)
    if digest.steps is None and digest.change_summary is None:
        raise Unreadable("it has neither steps nor events", f"give {_WHAT}", where=where)
    return digest


def _is_lines(content: bytes) -> bool:
    """Whether it is events, one a line: its first line is an object of its own."""
    first = content.lstrip().partition(b"\n")[0].strip()
    whole = b'"steps"' in first or b'"changeSummary"' in first
    return first.startswith(b"{") and first.endswith(b"}") and not whole


def _of_events(events: Iterable[_Event], where: str) -> _Digest:
    """The steps of events. What a step gave at its end says more than what it began with."""
    steps: dict[tuple[str, str], _Step] = {}
    summary: dict[str, int] | None = None
    for event in events:
        for metadata in _metadata(event):
            key = metadata.urn, metadata.op
            steps[key] = _Step(metadata.op, metadata.urn, metadata.old, metadata.new)
        if event.summary_event is not None:
            summary = event.summary_event.resource_changes or {}
    if summary is None:
        raise Unreadable(
            "it has neither steps nor the event that ends a preview", f"give {_WHAT}, from begin to end", where=where
        )
    return _Digest(list(steps.values()), summary)


def _metadata(event: _Event) -> Iterator[_Metadata]:
    for one in (event.resource_pre_event, event.res_outputs_event):
        if one is not None:
            yield one.metadata
