"""Change a spec as data, and its file only where the data differs: comments, order and layout of the rest stay.

Source: RFC 7396, "JSON Merge Patch".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from infra.errors import UserError
from infra.gitops.splicing import Splicer, flow
from infra.spec.errors import SpecErrors
from infra.spec.source import source_of


def merge_patch(document: object, patch: object) -> Any:
    """What a document is after a merge patch: mappings are merged, null removes a key, and all else is replaced.

    Args:
        document: Plain data; it is not changed.
        patch: The patch.
    """
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(cast("Mapping[str, Any]", document)) if isinstance(document, Mapping) else {}
    for key, value in cast("Mapping[str, Any]", patch).items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def patched(file: Path, content: bytes, patch: Mapping[str, Any]) -> bytes:
    """The content of a spec's file after a merge patch of its data.

    Lists are compared item by item, those of named things by their names, so that the items that stay keep their
    lines. What is added is written in one line. A comment goes with the lines of what it stands in, and not with the
    key that it stands above.

    Args:
        file: The file, for messages; it is neither read nor written.
        content: What it holds.
        patch: A JSON merge patch.

    Raises:
        SpecErrors: The content is no spec's YAML.
        UserError: The patch has values that YAML cannot hold, or the layout of the file is beyond this.
    """
    before, problems = source_of(file, content)
    if before is None or problems:
        raise SpecErrors(problems)
    wanted = merge_patch(before.data, patch)
    text = content.decode()
    try:
        changed = Splicer(text).rewritten(before.data, wanted).encode()
        after, problems = source_of(file, changed)
    except ValueError:
        raise UserError(
            "the change holds a number or text that YAML cannot",
            remedy="send finite numbers and valid text",
            where=str(file),
        ) from None
    if after is None or problems or not same(after.data, wanted):
        raise UserError(
            "the change cannot be made in place, because of how the file is laid out",
            remedy="edit the file by hand, or put the whole spec in its place",
            where=str(file),
        )
    return changed


def new_spec(spec: Mapping[str, Any]) -> bytes:
    """The content of a new spec's file: one line a key.

    Args:
        spec: Plain data.

    Raises:
        UserError: It has values that YAML cannot hold.
    """
    try:
        return "".join(f"{flow(key)}: {flow(value)}\n" for key, value in spec.items()).encode()
    except (ValueError, RecursionError):
        raise UserError(
            "the spec holds a number or text that YAML cannot, or is nested too deep",
            remedy="send finite numbers and valid text",
        ) from None


def same(one: object, other: object) -> bool:
    """Whether two documents are the same data; 1, 1.0 and true are not, and the order of keys does not count."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
