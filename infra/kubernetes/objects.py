"""What all objects have in common: names, labels, and the form of a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: A Kubernetes object, as JSON.
Manifest = dict[str, Any]

NAME = "bulkhead"


def manifest(version: str, kind: str, name: str, namespace: str | None, body: Mapping[str, Any]) -> Manifest:
    """A Kubernetes object.

    Args:
        version: Its ``apiVersion``.
        kind: Its ``kind``.
        name: Its name.
        namespace: Where it is; None for what is in none.
        body: Everything else; ``metadata`` is added to.
    """
    metadata: dict[str, Any] = {"name": name, "labels": labels()}
    if namespace is not None:
        metadata["namespace"] = namespace
    own = dict(body)
    extra = own.pop("metadata", {})
    metadata["labels"] |= extra.get("labels", {})
    return {"apiVersion": version, "kind": kind, "metadata": {**extra, **metadata}, **own}


def labels(part: str | None = None) -> dict[str, str]:
    """The labels of an object, and of a part's pods.

    Source: Kubernetes documentation, "Recommended Labels".
    """
    common = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/managed-by": "bulkhead"}
    return common if part is None else common | selector(part)


def selector(part: str) -> dict[str, str]:
    """The labels that the pods of a part have, and no others."""
    return {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": part}
