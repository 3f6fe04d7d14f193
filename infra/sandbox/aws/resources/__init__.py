"""The table: one entry a resource type, grouped by service."""

from infra.sandbox.aws.entry import Resource
from infra.sandbox.aws.resources import (
    appautoscaling,
    budgets,
    cfg,
    cloudtrail,
    cloudwatch,
    ec2_endpoints,
    ec2_flow_logs,
    ec2_routes,
    ec2_security_groups,
    ec2_vpc,
    ecr,
    guardduty,
    iam,
    kms,
    logs,
    s3,
    s3_settings,
    sagemaker_endpoints,
    sagemaker_models,
    sns,
    sns_subscriptions,
    vpc_rules,
)

_MODULES = (
    *(budgets, cfg, cloudtrail, cloudwatch, ecr, guardduty, sns, sns_subscriptions),
    *(ec2_endpoints, ec2_flow_logs, ec2_routes, ec2_security_groups, ec2_vpc, vpc_rules),
    *(appautoscaling, sagemaker_endpoints, sagemaker_models),
    *(iam, kms, logs, s3, s3_settings),
)

TABLE: dict[str, Resource] = {entry.type: entry for module in _MODULES for entry in module.RESOURCES}
"""Type token -> entry."""
