"""Real calls about a resource, made from botocore's service models: no list of operations or parameters.

An operation's parameters are filled by their names: what names the resource gets its ARN, id or name, the other
required ones get any value of their shape. Which resource and action a call was really about is read from the sandbox's
record of decisions, so a call that misses its aim counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import botocore.loaders
import botocore.model

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, Action
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.services import PREFIXES
from tests.isolation.inventory import Kind, Resource

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_DEPTH = 6


@dataclass(frozen=True)
class Call:
    """One call of an operation.

    Args:
        service: Botocore's name of the service.
        operation: The operation's name as AWS writes it.
        parameters: Its parameters.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {dict(self.parameters)}"


@lru_cache(None)
def operations(kind: Kind, level: AccessLevel) -> tuple[tuple[str, str], ...]:
    """Service and operation whose action takes the kind and has the level; those that need least come first."""
    found = [
        (len(_required(_shape(service, operation))), service, operation)
        for service, prefix in PREFIXES.items()
        if prefix == kind.service
        for operation in _model(service).operation_names
        if any(_takes(action, kind, level) for action in _actions(service, operation))
    ]
    return tuple((service, operation) for _, service, operation in sorted(found))


def calls(kind: Kind, level: AccessLevel, resource: Resource, own: Mapping[str, str]) -> Iterator[Call]:
    """The calls of a level about a resource.

    Args:
        kind: What the resource is to the service.
        level: The access level.
        resource: The resource.
        own: What else a call may have to name, by the end of the parameter's name: a ``role`` of the caller's.
    """
    names = {**{f"{each}arn": value for each, value in own.items()}, **_names(resource, kind)}
    for service, operation in operations(kind, level):
        shape = _shape(service, operation)
        if shape is not None:
            yield Call(service, operation, _structure(shape, names))


def _takes(action: Action | None, kind: Kind, level: AccessLevel) -> bool:
    return action is not None and action.access_level is level and kind.name in action.resource_types


def _actions(service: str, operation: str) -> Iterator[Action | None]:
    return (catalogue.action(PREFIXES[service], name) for name in actions_of(service, operation))


@lru_cache(None)
def _model(service: str) -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(
        botocore.loaders.create_loader().load_service_model(service, "service-2"), service
    )


def _shape(service: str, operation: str) -> botocore.model.Shape | None:
    return _model(service).operation_model(operation).input_shape


def _required(shape: Any) -> list[str]:
    return shape.required_members if shape is not None else []


def _names(resource: Resource, kind: Kind) -> dict[str, Any]:
    """What names a resource in a request, by the parameter's name in lower case."""
    of_kind = catalogue.resource_type(kind.service, kind.name)
    assert of_kind is not None
    arn = re.sub(r":\*$", "", resource.arn)
    parts = of_kind.parts(arn) or {}
    last = re.split(r"[/:]", arn)[-1]
    plain = _squash(kind.name)
    names: dict[str, Any] = {
        "arn": arn, "resourcearn": arn, "resourceid": last, "resource": arn, "identifier": arn, "id": last, "name": last,
        plain: last, f"{plain}arn": arn, f"{plain}id": last, f"{plain}name": last, f"{plain}identifier": arn,
        **{_squash(variable).removesuffix("nameuniqueid"): value for variable, value in parts.items()},
        **{f"{_squash(variable)}name": value for variable, value in parts.items()},
    }  # fmt: skip
    names |= {each: names["name"] for each in ("resources", "resourcename") if names.get("name")}
    names |= _FURTHER.get(str(kind), lambda _: {})(resource)
    names["accountid"] = names.get("accountid") or parts.get("Account", "")
    return names


def _scaling(resource: Resource) -> dict[str, Any]:
    known = resource.outputs
    return {
        "servicenamespace": known["serviceNamespace"],
        "resourceid": known["resourceId"],
        "scalabledimension": known["scalableDimension"],
    }


#: What the ARN does not say, and names that follow no rule.
_FURTHER: Mapping[str, Any] = {
    "application-autoscaling ScalableTarget": _scaling,
    "ec2 security-group": lambda resource: {"groupid": resource.arn.rpartition("/")[2]},
    "ec2 vpc-flow-log": lambda resource: {"flowlogid": resource.arn.rpartition("/")[2]},
    "kms alias": lambda resource: {
        "aliasname": resource.arn.split(":", 5)[5],
        "targetkeyid": resource.outputs["targetKeyArn"],
    },
    "kms key": lambda resource: dict.fromkeys(
        ("keyid", "targetkeyid", "sourcekeyid", "destinationkeyid"), resource.arn
    ),
    "s3 bucket": lambda resource: {"bucket": resource.arn.rpartition(":")[2]},
    "s3 object": lambda resource: {
        "bucket": resource.outputs["bucket"],
        "key": resource.outputs["content"],
        "copysource": f"{resource.outputs['bucket']}/{resource.outputs['content']}",
    },
    "sagemaker model-package": lambda resource: {"modelpackagename": resource.arn},
    "iam role": lambda resource: {"rolename": resource.arn.rpartition("/")[2]},
    "iam policy": lambda resource: {"policyarn": resource.arn},
    "logs log-group": lambda resource: {"loggroupname": resource.outputs["name"]},
    "logs log-stream": lambda resource: {"loggroupname": resource.outputs["name"], "logstreamname": "primary"},
}


def _structure(shape: Any, names: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """A structure with its required members, and those that name the resource."""
    made: dict[str, Any] = {}
    for name, member in shape.members.items():
        if depth > _DEPTH:
            break
        named = _named(name, member, names)
        if named is not None:
            made[name] = named
        elif name in shape.required_members:
            made[name] = _value(member, names, depth)
    return made


def _named(name: str, shape: Any, names: Mapping[str, Any]) -> Any:
    """The resource's name where a parameter asks for it; None where it asks for something else."""
    known = names.get(_squash(name))
    if shape.type_name == "string":
        return known if known is not None else names.get("rolearn") if _squash(name).endswith("rolearn") else None
    if shape.type_name == "list" and shape.member.type_name == "string":
        one = known if known is not None else names.get(_squash(name).removesuffix("s"))
        return None if one is None else [one]
    return None


def _value(shape: Any, names: Mapping[str, Any], depth: int) -> Any:
    """Any value of a shape."""
    match shape.type_name:
        case "structure":
            return _structure(shape, names, depth + 1)
        case "list":
            return [_value(shape.member, names, depth + 1)]
        case "map":
            return {_value(shape.key, names, depth + 1): _value(shape.value, names, depth + 1)}
        case "string":
            return shape.enum[0] if shape.enum else "attack"
        case "blob":
            return b"attack"
        case "boolean":
            return False
        case "timestamp":
            return _WHEN
        case "float" | "double":
            return 1.0
        case _:
            return 1


def _squash(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
