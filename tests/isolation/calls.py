"""Real calls about a resource, made from botocore's service models: no list of operations or parameters.

An operation's parameters are filled by their names: what names the resource gets its ARN, id or name, the other
required ones get any value of their shape. Which resource and action a call was really about is read from the sandbox's
record of decisions, so a call that misses its aim counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from botocore.loaders import create_loader
from botocore.model import ServiceModel

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, Action
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.services import PREFIXES
from tests.isolation.inventory import Kind, Resource

#: Structures within structures are filled so far: some shapes contain themselves.
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


@cache
def operations(kind: Kind, level: AccessLevel) -> tuple[tuple[str, str], ...]:
    """Service and operation whose action takes the kind and has the level; those that need least come first."""
    found = [
        (len(_shape(service, operation).required_members), service, operation)
        for service, prefix in PREFIXES.items()
        if prefix == kind.service
        for operation in _model(service).operation_names
        if _shape(service, operation) and any(_takes(each, kind, level) for each in _actions(service, operation))
    ]
    return tuple((service, operation) for _, service, operation in sorted(found))


def calls(kind: Kind, level: AccessLevel, resource: Resource, role: str) -> Iterator[Call]:
    """The calls of a level about a resource.

    Args:
        kind: What the resource is to the service.
        level: The access level.
        resource: The resource.
        role: The ARN of a role of the caller's, for calls that pass one.
    """
    names = {"rolearn": role, "executionrolearn": role, **_names(resource, kind)}
    for service, operation in operations(kind, level):
        yield Call(service, operation, _structure(_shape(service, operation), names))


def call(service: str, operation: str, kind: Kind, resource: Resource, role: str) -> Call:
    """One operation's call about a resource; `role` as for `calls`."""
    names = {"rolearn": role, "executionrolearn": role, **_names(resource, kind)}
    return Call(service, operation, _structure(_shape(service, operation), names))


def _takes(action: Action | None, kind: Kind, level: AccessLevel) -> bool:
    return action is not None and action.access_level is level and kind.name in action.resource_types


def _actions(service: str, operation: str) -> Iterator[Action | None]:
    return (catalogue.action(PREFIXES[service], name) for name in actions_of(service, operation))


@cache
def _model(service: str) -> Any:
    description = cast("Any", create_loader()).load_service_model(service, "service-2")
    return ServiceModel(description, service)


def _shape(service: str, operation: str) -> Any:
    return _model(service).operation_model(operation).input_shape


def _names(resource: Resource, kind: Kind) -> dict[str, str]:
    """What names a resource in a request, by the parameter's name in lower case."""
    of_kind = catalogue.resource_type(kind.service, kind.name)
    assert of_kind is not None
    arn = resource.arn.removesuffix(":log-stream:")
    parts = of_kind.parts(arn) or {}
    last = re.split(r"[/:]", arn)[-1]
    plain = _squash(kind.name)
    return {
        **dict.fromkeys(("arn", "resourcearn", "identifier", f"{plain}arn", f"{plain}identifier"), arn),
        **dict.fromkeys(("id", "name", "resourceid", "resources", plain, f"{plain}id", f"{plain}name"), last),
        **{_squash(variable): value for variable, value in parts.items()},
        **{f"{_squash(variable)}name": value for variable, value in parts.items()},
        "accountid": parts.get("Account", ""),
        **_FURTHER.get(str(kind), lambda _: {})(resource),
    }


def _last(*names: str) -> Callable[[Resource], dict[str, str]]:
    """Parameters that take the last part of the ARN."""
    return lambda resource: dict.fromkeys(names, resource.arn.rpartition("/")[2])


def _bucket(resource: Resource) -> dict[str, str]:
    return {"bucket": resource.outputs["bucket"]}


def _object(resource: Resource) -> dict[str, str]:
    bucket, key = resource.outputs["bucket"], resource.outputs["content"]
    return {"bucket": bucket, "key": key, "copysource": f"{bucket}/{key}"}


def _key(resource: Resource) -> dict[str, str]:
    return dict.fromkeys(("keyid", "targetkeyid", "sourcekeyid", "destinationkeyid"), resource.arn)


def _alias(resource: Resource) -> dict[str, str]:
    return {"aliasname": resource.arn.split(":", 5)[5], "targetkeyid": resource.outputs["targetKeyArn"]}


def _scaling_target(resource: Resource) -> dict[str, str]:
    known = resource.outputs
    return {
        "servicenamespace": known["serviceNamespace"],
        "resourceid": known["resourceId"],
        "scalabledimension": known["scalableDimension"],
    }


def _group_rule(resource: Resource) -> dict[str, str]:
    return {**_last("securitygroupruleid")(resource), "groupid": resource.outputs["securityGroupId"]}


def _log_group(resource: Resource) -> dict[str, str]:
    return {"loggroupname": resource.outputs["name"], "logstreamname": "primary"}


#: What the ARN does not say, and parameters whose names follow no rule.
_FURTHER: Mapping[str, Callable[[Resource], dict[str, str]]] = {
    "application-autoscaling ScalableTarget": _scaling_target,
    "ec2 security-group": _last("groupid"),
    "ec2 security-group-rule": _group_rule,
    "ec2 vpc-flow-log": _last("flowlogid"),
    "iam policy": lambda resource: {"policyarn": resource.arn},
    "iam role": _last("rolename"),
    "kms alias": _alias,
    "kms key": _key,
    "logs log-group": _log_group,
    "logs log-stream": _log_group,
    "s3 bucket": _bucket,
    "s3 object": _object,
    "sagemaker model-package": lambda resource: {"modelpackagename": resource.arn},
}


def _structure(shape: Any, names: Mapping[str, str], depth: int = 0) -> dict[str, Any]:
    """A structure with its required members, and those that name the resource."""
    made: dict[str, Any] = {}
    for name, member in shape.members.items() if depth < _DEPTH else ():
        named = _named(name, member, names)
        if named is not None:
            made[name] = named
        elif name in shape.required_members:
            made[name] = _value(member, names, depth)
    return made


def _named(name: str, shape: Any, names: Mapping[str, str]) -> str | list[str] | None:
    """The resource's name where a parameter asks for it; None where it asks for something else."""
    known = names.get(_squash(name))
    if shape.type_name == "string":
        return known
    if shape.type_name == "list" and shape.member.type_name == "string":
        one = known or names.get(_squash(name).removesuffix("s"))
        return None if one is None else [one]
    return None


def _value(shape: Any, names: Mapping[str, str], depth: int) -> Any:
    """Any value of a shape."""
    match shape.type_name:
        case "structure":
            return _structure(shape, names, depth + 1)
        case "list":
            return [_value(shape.member, names, depth + 1)]
        case "map":
            return {_value(shape.key, names, depth + 1): _value(shape.value, names, depth + 1)}
        case "string" if shape.enum:
            return shape.enum[0]
        case plain:
            return _PLAIN[plain]


_PLAIN: Mapping[str, Any] = {
    "blob": b"attack",
    "boolean": False,
    "double": 1.0,
    "float": 1.0,
    "integer": 1,
    "long": 1,
    "string": "attack",
    "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
}


def _squash(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
