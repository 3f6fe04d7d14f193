"""What a contract case of one resource type says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Inputs = dict[str, Any]
"""Arguments of the SDK's resource class."""

Needs = dict[str, Any]
"""Resources that a case needs beforehand, by a name of the case's own."""

Outputs = dict[str, Any]
"""Outputs of the resource (Pulumi names) and its `id`."""

Clients = Callable[..., Any]
"""boto3 clients of the embedded cloud, by service; `Config(region_name=...)` as well for another Region."""


def nothing(_: str) -> Needs:
    """The case needs no other resource."""
    return {}


def its_id(resource: Outputs) -> str:
    """The resource is imported by its id."""
    return resource["id"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One resource type's life.

    Attributes:
        type: type token.
        needs: makes what the resource needs; takes a prefix for logical names.
        inputs: its first inputs.
        update: changed inputs that must be an update in place; None where every change is a replacement.
        replace: changed inputs that must be a replacement.
        tamper: changes it behind the engine's back by boto3; None where there is nothing to change but its existence.
        tampered: the property in which a refresh must show that.
        import_id: what an import is told; the id of the resource, but for types that need more.
        left: what of this type is in the cloud, to compare before and after.
    """

    type: str
    inputs: Callable[[Needs], Inputs]
    replace: Callable[[Needs], Inputs]
    left: Callable[[Clients], set[str]]
    needs: Callable[[str], Needs] = nothing
    update: Callable[[Needs], Inputs] | None = None
    tamper: Callable[[Clients, Outputs], None] | None = None
    tampered: str = ""
    import_id: Callable[[Outputs], str] = its_id

    @property
    def name(self) -> str:
        """The logical name: `s3-bucketpolicy`."""
        _, module, name = self.type.split(":")
        return f"{module.partition('/')[0]}-{name.lower()}"
