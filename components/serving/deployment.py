"""How an endpoint moves to a new configuration: blue/green, a canary first, back when an alarm rings."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_aws import sagemaker

#: Seconds that the canary serves before the rest follows, and that the old fleet stays after it.
BAKE_SECONDS = 300
TERMINATION_WAIT_SECONDS = 120
#: Seconds after which a deployment is rolled back; a new fleet takes 5 to 20 minutes to start.
EXECUTION_TIMEOUT_SECONDS = 3600


def blue_green(instances: int, rollback_alarms: Sequence[str]) -> sagemaker.EndpointDeploymentConfigArgs:
    """A blue/green deployment with automatic rollback.

    Args:
        instances: The instance count of the new fleet. A canary takes one instance and at most half of the fleet; a
            fleet of one has no half, so there all traffic shifts at once and bakes under the same alarms.
        rollback_alarms: The names of the CloudWatch alarms that roll the deployment back; they must exist before it
            starts.

    Sources: Amazon SageMaker Developer Guide, "Use canary traffic shifting" and "Auto-Rollback Configuration and
    Monitoring"; Amazon SageMaker API Reference, "TrafficRoutingConfig".
    """
    routing = sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs
    canary = sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationCanarySizeArgs
    return sagemaker.EndpointDeploymentConfigArgs(
        blue_green_update_policy=sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs(
            traffic_routing_configuration=routing(
                type="CANARY",
                wait_interval_in_seconds=BAKE_SECONDS,
                canary_size=canary(type="INSTANCE_COUNT", value=1),
            )
            if instances >= 2
            else routing(type="ALL_AT_ONCE", wait_interval_in_seconds=BAKE_SECONDS),
            termination_wait_in_seconds=TERMINATION_WAIT_SECONDS,
            maximum_execution_timeout_in_seconds=EXECUTION_TIMEOUT_SECONDS,
        ),
        auto_rollback_configuration=sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(
            alarms=[
                sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs(alarm_name=alarm)
                for alarm in rollback_alarms
            ]
        ),
    )
