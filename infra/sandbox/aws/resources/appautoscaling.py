"""Application Auto Scaling: what scales, between which bounds, and by which policy.

Source: Pulumi registry, "aws.appautoscaling.Target" and "aws.appautoscaling.Policy"; Application Auto Scaling API
Reference. Predictive scaling is not supported: the embedded cloud has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Tags
from infra.sandbox.aws.errors import ProviderError
from infra.sandbox.aws.wire import UNKNOWN, Properties, has_unknown

_KEY = ("serviceNamespace", "resourceId", "scalableDimension")
_CONFIGURATIONS = {
    "StepScaling": "stepScalingPolicyConfiguration",
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
}
_BOUNDS = {
    "metricIntervalLowerBound": "MetricIntervalLowerBound",
    "metricIntervalUpperBound": "MetricIntervalUpperBound",
}


def _key(action: Action, *, tail: int = 0) -> dict[str, str]:
    """What identifies a target: known to the stack, or the parts of an import's id.

    An import says <service-namespace>/<resource-id>/<scalable-dimension>, with `tail` further parts after it; a
    resource id may have slashes of its own.
    """
    parts = action.id.split("/")
    head, last = parts[: len(parts) - tail], parts[len(parts) - tail :]
    if len(head) > 2 and head[-1].startswith(f"{head[0]}:"):
        key = dict(zip(_KEY, (head[0], "/".join(head[1:-1]), head[-1]), strict=True))
        return {**key, **({"name": last[0]} if tail else {})}
    names = (*_KEY, "name") if tail else _KEY
    known = {name: action.props[name] for name in names if action.props.get(name)}
    if len(known) < len(names):
        form = "<service-namespace>/<resource-id>/<scalable-dimension>" + ("/<policy-name>" if tail else "")
        raise ProviderError(f"the id {action.id!r} has not the form {form}")
    return known


_TARGET = Read("describe_scalable_targets", at="ScalableTargets", names={"arn": "ScalableTargetARN"})
_POLICY = Read("describe_scaling_policies", at="ScalingPolicies", names={"name": "PolicyName", "arn": "PolicyARN"})


def _read_target(action: Action, _: Properties) -> Properties | None:
    namespace, resource, dimension = (_key(action)[name] for name in _KEY)
    found = action.api(
        "describe_scalable_targets", ServiceNamespace=namespace, ResourceIds=[resource], ScalableDimension=dimension
    )["ScalableTargets"]
    return action.taken(_TARGET, found[0]) if found else None


def _read_policy(action: Action, _: Properties) -> Properties | None:
    key = _key(action, tail=1)
    found = action.api(
        "describe_scaling_policies",
        PolicyNames=[key["name"]],
        ServiceNamespace=key["serviceNamespace"],
        ResourceId=key["resourceId"],
        ScalableDimension=key["scalableDimension"],
    )["ScalingPolicies"]
    if not found:
        return None
    taken = action.taken(_POLICY, found[0])
    step: Properties = taken.get("stepScalingPolicyConfiguration") or {}
    for adjustment in step.get("stepAdjustments", []):
        for name in _BOUNDS:
            if name in adjustment:
                adjustment[name] = f"{adjustment[name]:g}"
    return {**taken, "alarmArns": [alarm["AlarmARN"] for alarm in found[0].get("Alarms", [])]}


def _numeric_bounds(request: dict[str, Any]) -> dict[str, Any]:
    """The provider has bounds as texts, so that "no bound" and 0 differ; the API has numbers."""
    steps: list[dict[str, Any]] = request.get("StepScalingPolicyConfiguration", {}).get("StepAdjustments", [])
    for step in steps:
        for member in _BOUNDS.values():
            if member in step:
                step[member] = float(step[member])
    return request


_WRITTEN = ("policyType", *_CONFIGURATIONS.values())
_PUT = Call("put_scaling_policy", properties=("name", *_KEY, *_WRITTEN), adjust=_numeric_bounds)
_CHANGE = Call("put_scaling_policy", properties=_WRITTEN, adjust=_numeric_bounds)


def _capacity(inputs: Properties) -> Iterator[tuple[str, str]]:
    least, most = inputs["minCapacity"], inputs["maxCapacity"]
    if UNKNOWN not in (least, most) and least > most:
        yield "minCapacity", f"must not be more than maxCapacity ({most}); got {least}"


def _one_configuration(inputs: Properties) -> Iterator[tuple[str, str]]:
    """The configuration is that of the policy's type; the bounds of steps are numbers."""
    kind = inputs["policyType"]
    for name, configuration in _CONFIGURATIONS.items():
        given = inputs.get(configuration) is not None
        if kind == name and not given:
            yield configuration, f"missing required property of a policy of type {kind}"
        elif kind not in (name, UNKNOWN) and given:
            yield configuration, f"conflicts with policyType: {kind}"
    step: Properties = inputs.get("stepScalingPolicyConfiguration") or {}
    if has_unknown(step):
        return
    for index, adjustment in enumerate(cast("list[Properties]", step.get("stepAdjustments") or [])):
        for name in _BOUNDS:
            value: Any = adjustment.get(name)
            if value is not None and not _is_number(value):
                path = f"stepScalingPolicyConfiguration.stepAdjustments[{index}].{name}"
                yield path, f"expected a number as text; got {value!r}"


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


_IDENTITY = {
    "ServiceNamespace": "{serviceNamespace}",
    "ResourceId": "{resourceId}",
    "ScalableDimension": "{scalableDimension}",
}

RESOURCES = (
    Resource(
        type="aws:appautoscaling/target:Target",
        service="application-autoscaling",
        id="{resourceId}",
        identity=_IDENTITY,
        create=Call("register_scalable_target"),
        updates=(
            Call("register_scalable_target", properties=("minCapacity", "maxCapacity", "roleArn", "suspendedState")),
        ),
        reads=(),
        complete=_read_target,
        delete=Call("deregister_scalable_target", properties=()),
        missing=("ObjectNotFoundException",),
        tags=Tags(),
        rules=(_capacity,),
        retry=("ValidationException: Unable to assume IAM role",),
    ),
    Resource(
        type="aws:appautoscaling/policy:Policy",
        service="application-autoscaling",
        id="{name}",
        identity={"PolicyName": "{name}", **_IDENTITY},
        names={"name": "PolicyName"},
        create=_PUT,
        updates=(_CHANGE,),
        reads=(),
        complete=_read_policy,
        delete=Call("delete_scaling_policy", properties=()),
        missing=("ObjectNotFoundException",),
        autoname=Autoname("name", longest=255),
        defaults={"policyType": "StepScaling"},
        rules=(_one_configuration,),
        retry=("FailedResourceAccessException",),
    ),
)
"""Application Auto Scaling entries of the table."""
