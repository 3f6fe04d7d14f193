"""Which version of the blueprint a stack runs, by its state.

The programs export it as the stack output ``blueprint_version``, which the engine writes only when a run came to its
end: after a run that failed the output still says the former version. A tag on every resource would cost an update of
each of them a release, and is no fact of the stack as a whole.

Source: Pulumi documentation, "Stack outputs"; the layout of ``pulumi stack export``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

#: The stack output that holds the version.
VERSION_OUTPUT = "blueprint_version"
_STACK_TYPE = "pulumi:pulumi:Stack"


def blueprint_version(export: Mapping[str, Any]) -> str | None:
    """The version that a stack runs; None where its state does not say so, which is an unknown version.

    Args:
        export: The stack as ``pulumi stack export`` prints it.
    """
    deployment = export.get("deployment")
    if not isinstance(deployment, Mapping):
        return None
    listed = cast("Mapping[str, Any]", deployment).get("resources") or ()
    for resource in cast("Sequence[Mapping[str, Any]]", listed):
        if resource.get("type") == _STACK_TYPE:
            found = cast("Mapping[str, Any]", resource.get("outputs") or {}).get(VERSION_OUTPUT)
            return found if isinstance(found, str) and found else None
    return None
