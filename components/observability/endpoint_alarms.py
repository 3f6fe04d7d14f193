"""EndpointAlarms: a model's endpoint fails, is slow, or is out of capacity.

The alarms know the endpoint by its name only: they exist before it, survive every change of it, and roll its
deployments back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import cloudwatch

from components.base import token
from infra import naming
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import Model, TenantSpec


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """When an endpoint's alarms ring.

    Args:
        error_share: Share of the invocations that end in a 5xx response, 0 to 1.
        latency_ms: The 99th percentile of the model's response time, in milliseconds.
        invocations_per_instance: Invocations a minute and instance that an instance cannot take for long.
    """

    error_share: float = 0.05
    latency_ms: float = 1000
    invocations_per_instance: float = 900


@dataclass(frozen=True, kw_only=True)
class EndpointAlarmsArgs:
    """What an endpoint's alarms are made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        model: The model; its endpoint's name follows from it.
        variant: The name of the endpoint's production variant.
        alerts_topic_arn: The tenant's alerts topic, told when an alarm rings and when it is over.
        thresholds: When the alarms ring.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    model: Model
    variant: str
    alerts_topic_arn: Input[str]
    thresholds: Thresholds = Thresholds()


@dataclass(frozen=True, kw_only=True)
class _Signal:
    """One metric of the namespace AWS/SageMaker, compared with a threshold each minute."""

    metric: str
    threshold: float
    minutes: int
    description: str
    statistic: str | None = None
    extended_statistic: str | None = None


def _signals(thresholds: Thresholds) -> dict[str, _Signal]:
    return {
        "errors": _Signal(
            metric="Invocation5XXErrors",
            statistic="Average",
            threshold=thresholds.error_share,
            minutes=3,
            description="The share of invocations that end in a 5xx response is too high.",
        ),
        "latency": _Signal(
            metric="ModelLatency",
            extended_statistic="p99",
            threshold=thresholds.latency_ms * 1000,
            minutes=3,
            description="The model answers too slowly (99th percentile, in microseconds).",
        ),
        "saturation": _Signal(
            metric="InvocationsPerInstance",
            statistic="Sum",
            threshold=thresholds.invocations_per_instance,
            minutes=10,
            description="More invocations an instance than it can take, although autoscaling had time to act.",
        ),
    }


#: The signals that say that a deployment is bad; saturation during a canary says only that a fleet is still small.
ROLLBACK_SIGNALS = ("errors", "latency")


def rollback_alarms(platform: PlatformSpec, tenant: TenantSpec, model: Model) -> list[str]:
    """The names of the alarms that roll a deployment of the model's endpoint back."""
    return [naming.alarm(platform, tenant, model.name, signal) for signal in ROLLBACK_SIGNALS]


class EndpointAlarms(pulumi.ComponentResource):
    """Alarms for errors, latency and saturation of one endpoint.

    Errors are a share: SageMaker sends a 1 for each 5xx response and a 0 for any other, so the average is the share.
    Saturation is measured in invocations an instance: CPUUtilization counts up to 100 for each core, so that its
    threshold would depend on the instance type. No invocations is no data, which is not an alarm.

    Source: Amazon SageMaker Developer Guide, "Amazon SageMaker AI metrics in Amazon CloudWatch".
    """

    alarm_arns: Mapping[str, Output[str]]
    """``errors``, ``latency``, ``saturation`` to the alarm's ARN."""

    def __init__(self, name: str, args: EndpointAlarmsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("EndpointAlarms"), name, {}, opts)
        platform, tenant, model = args.platform, args.tenant, args.model
        alarms = {
            signal: cloudwatch.MetricAlarm(
                f"{name}-{signal}",
                name=naming.alarm(platform, tenant, model.name, signal),
                alarm_description=check.description,
                namespace="AWS/SageMaker",
                metric_name=check.metric,
                dimensions={
                    "EndpointName": naming.endpoint(platform, tenant, model.name),
                    "VariantName": args.variant,
                },
                statistic=check.statistic,
                extended_statistic=check.extended_statistic,
                period=60,
                evaluation_periods=check.minutes,
                datapoints_to_alarm=check.minutes,
                comparison_operator="GreaterThanThreshold",
                threshold=check.threshold,
                treat_missing_data="notBreaching",
                alarm_actions=[args.alerts_topic_arn],
                ok_actions=[args.alerts_topic_arn],
                opts=ResourceOptions(parent=self),
            )
            for signal, check in _signals(args.thresholds).items()
        }
        self.alarm_arns = {signal: alarm.arn for signal, alarm in alarms.items()}
        self.register_outputs({"alarm_arns": self.alarm_arns})
