"""How an endpoint moves to a new configuration, and how its instance count follows the load."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.constraints.planned import UNKNOWN, PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import Properties, count, given, inner, number, text

_POLICY = "deploymentConfig.blueGreenUpdatePolicy"
_ROUTING = f"{_POLICY}.trafficRoutingConfiguration"
#: The size that each kind of routing needs.
_SIZES = {"ALL_AT_ONCE": None, "CANARY": "canarySize", "LINEAR": "linearStepSize"}


def _blue_green(resource: PlannedResource) -> Iterator[Finding]:
    policy = inner(inner(resource.properties, "deploymentConfig"), "blueGreenUpdatePolicy")
    if not policy:
        return
    routing = inner(policy, "trafficRoutingConfiguration")
    kind = text(routing, "type")
    if kind is not None:
        yield from _routing(routing, kind)
    wait, ending = number(routing, "waitIntervalInSeconds"), number(policy, "terminationWaitInSeconds")
    for path, seconds in ((f"{_ROUTING}.waitIntervalInSeconds", wait), (f"{_POLICY}.terminationWaitInSeconds", ending)):
        if seconds is not None and not 0 <= seconds <= 3_600:
            yield Finding(property=path, message=f"{seconds:.0f} seconds, and SageMaker takes 0 to 3,600")
    longest = number(policy, "maximumExecutionTimeoutInSeconds")
    if longest is not None:
        path = f"{_POLICY}.maximumExecutionTimeoutInSeconds"
        if not 600 <= longest <= 28_800:
            yield Finding(property=path, message=f"{longest:.0f} seconds, and SageMaker takes 600 to 28,800")
        elif longest < (wait or 0) + (ending or 0):
            yield Finding(property=path, message=f"{longest:.0f} seconds are over before the deployment's waits are")


def _routing(routing: Properties, kind: str) -> Iterator[Finding]:
    if kind not in _SIZES:
        yield Finding(property=f"{_ROUTING}.type", message=f"{kind!r} is not one of {', '.join(_SIZES)}")
        return
    for size in ("canarySize", "linearStepSize"):
        if (size == _SIZES[kind]) != given(routing, size):
            message = f"{kind} needs it" if size == _SIZES[kind] else f"{kind} does not take it"
            yield Finding(property=f"{_ROUTING}.{size}", message=message)
        value, unit = number(inner(routing, size), "value"), text(inner(routing, size), "type")
        most = {"CAPACITY_PERCENT": 50 if size == "canarySize" else 100}.get(unit or "")
        if value is not None and (value < 1 or (most is not None and value > most)):
            message = f"{value:.0f}, and SageMaker takes 1 or more, and at most half of the fleet for a canary"
            yield Finding(property=f"{_ROUTING}.{size}.value", message=message)


def _rollback(resource: PlannedResource) -> Iterator[Finding]:
    path = "deploymentConfig.autoRollbackConfiguration"
    if resource.properties.get("deploymentConfig") is UNKNOWN:
        return
    deployment = inner(resource.properties, "deploymentConfig")
    if not given(deployment, "autoRollbackConfiguration"):
        yield Finding(property=path, message="a bad deployment is not rolled back")
        return
    alarms = count(inner(deployment, "autoRollbackConfiguration"), "alarms")
    if alarms is not None and not 1 <= alarms <= 10:
        yield Finding(property=f"{path}.alarms", message=f"{alarms} alarms, and SageMaker takes 1 to 10")


_VARIANT = "sagemaker:variant:DesiredInstanceCount"
_RESOURCE = re.compile(r"endpoint/[a-zA-Z0-9-]{1,63}/variant/[a-zA-Z0-9-]{1,63}")


def _scalable(resource: PlannedResource) -> Iterator[Finding]:
    low, high = number(resource.properties, "minCapacity"), number(resource.properties, "maxCapacity")
    if low is not None and high is not None and low > high:
        yield Finding(property="minCapacity", message=f"{low:.0f} is greater than maxCapacity, {high:.0f}")
    if text(resource.properties, "scalableDimension") == _VARIANT:
        if low is not None and low < 1:
            message = "an endpoint's variant has an instance or more: only inference components scale to none"
            yield Finding(property="minCapacity", message=message)
        name = text(resource.properties, "resourceId")
        if name is not None and not _RESOURCE.fullmatch(name):
            yield Finding(property="resourceId", message=f"{name!r} is not endpoint/<endpoint>/variant/<variant>")


def _tracking(resource: PlannedResource) -> Iterator[Finding]:
    path = "targetTrackingScalingPolicyConfiguration"
    tracking = inner(resource.properties, path)
    target = number(tracking, "targetValue")
    if target is not None and target <= 0:
        yield Finding(property=f"{path}.targetValue", message=f"{target} is not positive")
    for key in ("scaleInCooldown", "scaleOutCooldown"):
        seconds = number(tracking, key)
        if seconds is not None and seconds < 0:
            yield Finding(property=f"{path}.{key}", message=f"{seconds:.0f} seconds is negative")
    metrics = ("predefinedMetricSpecification", "customizedMetricSpecification")
    if tracking and sum(given(tracking, key) for key in metrics) != 1:
        yield Finding(property=f"{path}.{metrics[0]}", message="a policy tracks one metric, predefined or customized")


RULES = (
    Rule(
        id="endpoint-blue-green",
        title="A blue/green update has the size that its routing needs, and times that SageMaker takes.",
        types=frozenset({"aws:sagemaker/endpoint:Endpoint"}),
        source="Amazon SageMaker API Reference, BlueGreenUpdatePolicy and TrafficRoutingConfig",
        remedy="correct the update policy",
        check=_blue_green,
    ),
    Rule(
        id="endpoint-rollback",
        title="An endpoint's updates are rolled back by 1 to 10 alarms.",
        types=frozenset({"aws:sagemaker/endpoint:Endpoint"}),
        source="Amazon SageMaker AI Developer Guide, Auto-Rollback Configuration and Monitoring",
        remedy="name the endpoint's alarms",
        check=_rollback,
    ),
    Rule(
        id="autoscaling-target",
        title="A scalable target's minimum is at most its maximum, and 1 or more for a variant.",
        types=frozenset({"aws:appautoscaling/target:Target"}),
        source="Application Auto Scaling API Reference, RegisterScalableTarget",
        remedy="correct instances.min and instances.max in the spec",
        check=_scalable,
    ),
    Rule(
        id="autoscaling-policy",
        title="A target-tracking policy tracks one metric at a positive target.",
        types=frozenset({"aws:appautoscaling/policy:Policy"}),
        source="Application Auto Scaling API Reference, TargetTrackingScalingPolicyConfiguration",
        remedy="correct the policy",
        check=_tracking,
    ),
)
