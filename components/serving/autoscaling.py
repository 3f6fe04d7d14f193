"""EndpointAutoscaling: the instance count of an endpoint follows its invocations."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import appautoscaling

from components.base import token

#: Seconds between two steps of scaling: out at once under load, in only after a quiet while.
SCALE_OUT_COOLDOWN_SECONDS = 60
SCALE_IN_COOLDOWN_SECONDS = 300

_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@dataclass(frozen=True, kw_only=True)
class EndpointAutoscalingArgs:
    """What the autoscaling of an endpoint is made of.

    Args:
        endpoint_name: The endpoint's name, which is the scaling policy's too. It is a plain string: autoscaling does
            not change when the endpoint's configuration does.
        variant: The name of the endpoint's production variant.
        min_instances: The smallest instance count, 1 or more.
        max_instances: The largest instance count.
        invocations_per_instance: Invocations a minute and instance at which the count is held.
    """

    endpoint_name: str
    variant: str
    min_instances: int
    max_instances: int
    invocations_per_instance: float


class EndpointAutoscaling(pulumi.ComponentResource):
    """A scalable target and a target-tracking policy on an endpoint's variant.

    Give it ``depends_on`` the endpoint: the target is registered for a variant that exists, and goes before the
    endpoint is deleted.

    Sources: Amazon SageMaker Developer Guide, "Automatic scaling of Amazon SageMaker AI models"; Application Auto
    Scaling API Reference, "RegisterScalableTarget".
    """

    def __init__(self, name: str, args: EndpointAutoscalingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("EndpointAutoscaling"), name, {}, opts)
        after = opts.depends_on if opts is not None else None
        target = appautoscaling.Target(
            name,
            service_namespace=_NAMESPACE,
            scalable_dimension=_DIMENSION,
            resource_id=f"endpoint/{args.endpoint_name}/variant/{args.variant}",
            min_capacity=args.min_instances,
            max_capacity=args.max_instances,
            opts=ResourceOptions(parent=self, depends_on=after),
        )
        appautoscaling.Policy(
            name,
            name=args.endpoint_name,
            policy_type="TargetTrackingScaling",
            service_namespace=_NAMESPACE,
            scalable_dimension=_DIMENSION,
            resource_id=f"endpoint/{args.endpoint_name}/variant/{args.variant}",
            target_tracking_scaling_policy_configuration=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=args.invocations_per_instance,
                scale_out_cooldown=SCALE_OUT_COOLDOWN_SECONDS,
                scale_in_cooldown=SCALE_IN_COOLDOWN_SECONDS,
                predefined_metric_specification=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type="SageMakerVariantInvocationsPerInstance"
                ),
            ),
            opts=ResourceOptions(parent=self, depends_on=[target]),
        )
        self.register_outputs({})
