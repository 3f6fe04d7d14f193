"""Reads what the policy SDK hands to a policy into the rules' own form.

The SDK raises where a value is asked for that a preview does not know; the rules want such a value marked instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pulumi_policy import PolicyProviderResource, PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from infra.constraints import UNKNOWN
from infra.policy_pack.planned import StackResource


def read_resource(args: ResourceValidationArgs) -> StackResource:
    """A single resource: its inputs."""
    return StackResource(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        properties=plain(args.props),
        provider=_provider(args.provider),
    )


def read_stack(resources: Sequence[PolicyResource]) -> list[StackResource]:
    """The resources of a stack: their outputs, as far as they are known."""
    return [
        StackResource(
            type=one.resource_type,
            name=one.name,
            urn=one.urn,
            properties=plain(one.props),
            provider=_provider(one.provider),
            provider_urn=one.provider.urn if one.provider else "",
            leads_to={key: tuple(each.urn for each in of) for key, of in one.property_dependencies.items()},
            depends_on=tuple(each.urn for each in one.dependencies),
            parent=one.parent.urn if one.parent else "",
        )
        for one in resources
    ]


def plain(props: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as plain JSON with `UNKNOWN` for what is not known."""
    return {key: _value(props, key) for key in props}


def _value(container: Mapping[str, Any] | Sequence[Any], key: str | int) -> Any:
    try:
        value: Any = cast("Any", container)[key]
    except UnknownValueError:
        return UNKNOWN
    if isinstance(value, Mapping):
        return plain(cast("Mapping[str, Any]", value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        entries = cast("Sequence[Any]", value)
        return [_value(entries, index) for index in range(len(entries))]
    return value


def _provider(provider: PolicyProviderResource | None) -> dict[str, Any]:
    return plain(provider.props) if provider else {}
