"""Whether a stack was changed past the service: its state is not the one that the service's last run left.

The engine writes a stack's state with the time of writing, and with each resource the time at which it was last
modified. The service records a mark of the state after each of its runs; a state with another mark was written by
somebody else: `pulumi up`, a refresh, an import or an edit of the state by hand, or a run of the service that died
before it could record. A preview writes nothing.

Source: Pulumi documentation, "pulumi stack export"; the layout of the deployment that it prints (version 3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from infra.errors import UserError

#: ``changed``: resources, their settings or the outputs differ. ``written``: the state was written anew with the same
#: content. ``gone``: there is no such stack any more. ``unexpected``: there is one that the service did not make.
Kind = Literal["changed", "written", "gone", "unexpected"]

#: Under this key Pulumi marks special values; with this value a secret. Source: Pulumi's sdk/go/common/resource,
#: "sig.go".
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"

#: Under these keys a resource says which lines of which files made it. Source: Pulumi's sdk/go/common/apitype,
#: "ResourceV3".
_PLACES = frozenset({"sourcePosition", "stackTrace"})


@dataclass(frozen=True, kw_only=True)
class StackMark:
    """What tells one state of a stack from another; plain values, to be recorded.

    Args:
        written: When the state was written, ISO 8601; empty where it does not say.
        digest: The SHA-256 of what it holds, in hex, without when it was written and which lines of which files made
            it; secrets count as such only, as they are encrypted anew each time.
    """

    written: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """What somebody did past the service.

    Args:
        kind: What it was.
        note: What to tell about it, with what to do.
    """

    kind: Kind
    note: str


def stack_mark(export: Mapping[str, Any]) -> StackMark:
    """The mark of a state.

    Args:
        export: The stack as ``pulumi stack export`` prints it.

    Raises:
        UserError: It is no export of a stack.
    """
    deployment = export.get("deployment")
    if not isinstance(deployment, Mapping):
        raise UserError(
            "it is no export of a stack: it has no deployment", remedy="give what `pulumi stack export` prints"
        )
    content = dict(cast("Mapping[str, Any]", deployment))
    manifest = cast("Mapping[str, Any]", content.pop("manifest", None) or {})
    content.pop("secrets_providers", None)
    # Of resources only the order in which they were made is in the list's order; it says nothing of what they are.
    resources = cast("list[Mapping[str, Any]]", content.pop("resources", None) or [])
    content["resources"] = sorted(json.dumps(_without_secrets(_itself(one)), sort_keys=True) for one in resources)
    text = json.dumps(content, sort_keys=True)
    return StackMark(written=str(manifest.get("time") or ""), digest=hashlib.sha256(text.encode()).hexdigest())


def changed_by_hand(recorded: StackMark | None, now: StackMark | None) -> ByHand | None:
    """What somebody did to a stack since the service's last run; None: nothing.

    Args:
        recorded: The mark after that run; None: the service has not run, or has removed the stack.
        now: The mark as it is; None: there is no such stack.
    """
    if recorded == now:
        return None
    if recorded is None:
        return ByHand(kind="unexpected", note="it was made past the service; compare it with its spec by a preview")
    if now is None:
        return ByHand(kind="gone", note="it was removed past the service; see whether its resources are gone too")
    if recorded.digest == now.digest:
        return ByHand(kind="written", note=f"a run past the service on {now.written} changed nothing")
    return ByHand(
        kind="changed",
        note=f"a run past the service on {now.written} changed the stack; compare it with its spec by a preview",
    )


def _itself(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource without where a program stands, which another checkout of it changes, and in what order it waited."""
    found = {key: value for key, value in resource.items() if key not in _PLACES}
    if depends := found.get("dependencies"):
        found["dependencies"] = sorted(depends)
    if by_property := found.get("propertyDependencies"):
        found["propertyDependencies"] = {key: sorted(urns or ()) for key, urns in by_property.items()}
    return found


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        if mapping.get(_SIGNATURE) == _SECRET:
            return {_SIGNATURE: _SECRET}
        return {key: _without_secrets(each) for key, each in mapping.items()}
    if isinstance(value, list):
        return [_without_secrets(each) for each in cast("list[Any]", value)]
    return value
