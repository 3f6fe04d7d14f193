"""Check a program's resources against AWS's constraints before the engine hears of them.

`install` adds a transformation to the stack. It runs inside the program and asks the engine nothing. A resource is
checked when its inputs have resolved, and registered only if it breaks no rule of `infra.constraints`: a preview shows
what AWS would refuse half-way through an update. What is unknown at preview is checked in the update.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi import Inputs, Resource, ResourceOptions, ResourceTransformationArgs, ResourceTransformationResult
from pulumi.runtime import register_stack_transformation, rpc

from infra.constraints import UNKNOWN, PlannedResource, Violation, violations
from infra.errors import UserError


class PlanRefusedError(UserError, pulumi.RunError):
    """AWS would refuse a resource of the plan; `violations` says why."""

    def __init__(self, found: Iterable[Violation]) -> None:
        self.violations = tuple(found)
        resource = self.violations[0].resource
        heading = f"AWS would not take {resource.type} {resource.name}"
        super().__init__("\n  ".join([f"{heading}:", *map(_shown, self.violations)]))


def install(*, shared_vpcs: Iterable[str] = ()) -> None:
    """Check every AWS resource that the running program registers from now on.

    Args:
        shared_vpcs: The ids of VPCs that tenants share: the cells that the program places resources in.

    Raises:
        PlanRefusedError: later, as the failure of the resource that breaks a rule.
    """
    shared = frozenset(shared_vpcs)

    def check(args: ResourceTransformationArgs) -> ResourceTransformationResult | None:
        if not args.type_.startswith("aws:"):
            return None
        gate = asyncio.ensure_future(_check(args, shared))
        # The SDK awaits what a resource depends on before it sends the resource to the engine.
        held = ResourceOptions.merge(args.opts, ResourceOptions(depends_on=[cast("Any", gate)]))
        return ResourceTransformationResult(props=args.props, opts=held)

    register_stack_transformation(check)


def _shown(violation: Violation) -> str:
    source = f"{violation.rule.id}; {violation.rule.source}"
    return f"{violation.property}: {violation.message} ({source})\n    remedy: {violation.remedy}"


async def _check(args: ResourceTransformationArgs, shared_vpcs: frozenset[str]) -> None:
    properties = await planned_properties(args.resource, args.props)
    planned = PlannedResource(type=args.type_, name=args.name, properties=properties, shared_vpcs=shared_vpcs)
    found = tuple(violations(planned))
    if found:
        raise PlanRefusedError(found)


async def planned_properties(resource: Resource, inputs: Inputs) -> Mapping[str, Any]:
    """The inputs of a resource in the neutral form of the rules: plain JSON, engine names, unknown values marked.

    Args:
        resource: The resource, whose class knows the engine's names of its properties.
        inputs: What was given to it; outputs among them are awaited.
    """
    struct = await rpc.serialize_properties(inputs, {}, resource, None, input_class(type(resource)))
    return cast("Mapping[str, Any]", _plain(MessageToDict(struct)))


def input_class(resource: type[Resource]) -> type:
    """The class of a resource's inputs, which maps the SDK's names to the engine's.

    Where a nested type has that name already the SDK calls it ``InitArgs``, for example for ``s3.BucketLogging``.
    """
    module, name = sys.modules[resource.__module__], resource.__name__
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def _plain(value: Any) -> Any:
    if value == rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, list):
        return [_plain(entry) for entry in cast("list[Any]", value)]
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if rpc.is_rpc_secret(mapping):
            return _plain(rpc.unwrap_rpc_secret(mapping))
        return {key: _plain(entry) for key, entry in mapping.items()}
    return value
