"""Reads what is deployed: `pulumi stack export` JSON of a stack, whoever wrote its program.

Source: Pulumi documentation, "pulumi stack export"; the shape is that of the engine's package
``sdk/go/common/apitype`` (UntypedDeployment, DeploymentV3, ResourceV3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from infra.proof.facts.inputs import Unreadable, decoded, shaped
from infra.proof.facts.records import Record, known, source_of

_WHAT = "the output of `pulumi stack export`"
#: The versions whose resources have this shape. Version 4 says which newer features it uses.
_VERSIONS = (3, 4)


class State(msgspec.Struct, rename="camel"):
    """A resource of a deployment; what is not read is left out.

    Attributes:
        urn: Its URN.
        type: Its type token.
        custom: Whether a provider manages it.
        external: Whether the program only reads it.
        id: The provider's id.
        inputs: What the program gave.
        outputs: What the provider made of it.
        provider: The URN of the provider and its id.
        source_position: Where the program makes it.
        property_dependencies: Property to the URNs of what its value comes from.
    """

    urn: str
    type: str
    custom: bool = False
    external: bool = False
    id: str | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    provider: str | None = None
    source_position: str | None = None
    property_dependencies: dict[str, list[str] | None] | None = None


class _Operation(msgspec.Struct):
    resource: State
    type: str


class _Deployment(msgspec.Struct):
    resources: list[State] | None = None
    pending_operations: list[_Operation] | None = None


class _Export(msgspec.Struct):
    version: int
    deployment: _Deployment


def read_deployment(content: bytes | Mapping[str, Any], where: str = "the export") -> tuple[Record, ...]:
    """The resources of a stack.

    What waits to be deleted is still there, and counts. What an interrupted run was about may or may not be there: a
    record that says so is added for each.

    Args:
        content: JSON text in UTF-8, or what it says.
        where: The file that it came from, for messages.

    Raises:
        Unreadable: It is no export of a stack, or too large.
    """
    if isinstance(content, bytes):
        export = decoded(content, _Export, where, _WHAT)
    else:
        export = shaped(content, _Export, where, _WHAT)
    if export.version not in _VERSIONS:
        raise Unreadable(
            f"the deployment is of version {export.version}",
            f"export it by a Pulumi that writes version {_VERSIONS[0]}",
            where=where,
        )
    found = [record_of(state, where) for state in export.deployment.resources or ()]
    found += [_interrupted(each, where) for each in export.deployment.pending_operations or ()]
    return tuple(found)


def record_of(state: State, where: str, *, planned: bool = False) -> Record:
    """A resource's state as a record.

    Args:
        state: Its state.
        where: The file, for messages.
        planned: Whether it is only planned.

    Raises:
        Unreadable: Its URN is none, or its properties are nested too deeply.
    """
    given = state.outputs or state.inputs
    return Record(
        type=state.type,
        properties=known({**(state.inputs or {}), **(state.outputs or {})} if planned else given, where, state.urn),
        source=source_of(state.urn, state.source_position, where),
        id=state.id or None,
        provider=(state.provider or "").rpartition("::")[0],
        planned=planned,
        leads_to={key: tuple(urns or ()) for key, urns in (state.property_dependencies or {}).items()},
        custom=state.custom,
        external=state.external,
    )


#: Stands for an operation that was never finished.
INTERRUPTED = "pulumi:interrupted"


def _interrupted(operation: _Operation, where: str) -> Record:
    state = operation.resource
    return Record(INTERRUPTED, {"operation": operation.type}, source_of(state.urn, state.source_position, where))
