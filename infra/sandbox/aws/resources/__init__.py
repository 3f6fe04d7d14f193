"""The table: one entry a resource type, grouped by service."""

from infra.sandbox.aws.entry import Resource
from infra.sandbox.aws.resources import (
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
    sns,
    vpc_rules,
)

_MODULES = (
    *(budgets, cfg, cloudtrail, cloudwatch, ecr, guardduty, sns),
    *(ec2_endpoints, ec2_flow_logs, ec2_routes, ec2_security_groups, ec2_vpc, vpc_rules),
    *(iam, kms, logs, s3, s3_settings),
)

TABLE: dict[str, Resource] = {entry.type: entry for module in _MODULES for entry in module.RESOURCES}
"""Type token -> entry."""
