"""A planned stack as the output of `pulumi preview --json`, which the proof reads.

Source: the shape is that of the engine's package ``sdk/go/common/display`` (PreviewDigest); the placeholder is the one
of unknown texts in ``sdk/go/common/resource``.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import msgspec

from infra.constraints import UNKNOWN
from infra.policy_pack.planned import StackResource

_PLACEHOLDER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def as_preview(stack: Sequence[StackResource], deployed: Container[str]) -> bytes:
    """The preview of a stack.

    Args:
        stack: Its resources with what is known of their outputs.
        deployed: The URNs of what the stack has already.
    """
    steps = [{"op": _op(one, deployed), "urn": one.urn, "newState": _state(one)} for one in stack]
    digest = {"steps": steps, "changeSummary": {"create": len(steps)}}
    return msgspec.json.encode(digest, enc_hook=_placeholder)


def _op(one: StackResource, deployed: Container[str]) -> str:
    """What would happen to a resource, as far as it bears on what is known of it afterwards."""
    if not _has_unknown(one.properties):
        return "same"
    replaced = one.properties.get("arn") is UNKNOWN
    return "update" if one.urn in deployed and not replaced else "create"


def _state(one: StackResource) -> dict[str, Any]:
    return {
        "urn": one.urn,
        "type": one.type,
        "custom": bool(one.provider_urn) or one.type.startswith("pulumi:providers:"),
        "outputs": {key: value for key, value in one.properties.items() if not _is_computed(one, key, value)},
        "provider": f"{one.provider_urn}::{_PLACEHOLDER}" if one.provider_urn else "",
        "propertyDependencies": one.leads_to,
    }


def _is_computed(one: StackResource, key: str, value: Any) -> bool:
    """Whether a value is only known once the provider computes it: a preview leaves such properties out."""
    return value is UNKNOWN and not one.leads_to.get(key)


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_unknown, value.values()))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    if isinstance(value, list):
        return any(map(_has_unknown, value))  # pyright: ignore[reportUnknownArgumentType]
    return value is UNKNOWN


def _placeholder(value: object) -> str:
    """Also for what JSON does not know, as assets: nothing that the proof reads is one."""
    del value
    return _PLACEHOLDER
