"""A VPC that nothing enters or leaves but through endpoints: no gateway, an emptied default group, flow logs."""

from __future__ import annotations

from ipaddress import IPv4Network

from pulumi import Input, ResourceOptions
from pulumi_aws import cloudwatch, ec2

from components.network.scope import Scope
from infra import naming

#: Flow records are written at least once a minute; the alternative is ten.
_AGGREGATION_SECONDS = 60


def private_vpc(
    scope: Scope,
    *,
    cidr: IPv4Network,
    key_arn: Input[str],
    flow_logs_role_arn: Input[str],
    retention_days: int,
    protect: bool,
) -> ec2.Vpc:
    """A VPC without an internet gateway or NAT, whose flow logs go to an encrypted log group.

    Its default security group is emptied, so that what is started without a group of its own reaches nothing.

    Args:
        scope: The tenant or the cell that the VPC belongs to.
        cidr: The VPC's range.
        key_arn: The owner's key, which encrypts the flow logs.
        flow_logs_role_arn: The role by which VPC Flow Logs writes into the log group.
        retention_days: How long flow logs are kept, in days.
        protect: Whether the deletion of the log group is refused.

    Source: AWS Security Hub User Guide, "Amazon EC2 controls" (EC2.2, EC2.6); Amazon VPC User Guide, "Publish flow
    logs to CloudWatch Logs".
    """
    vpc = ec2.Vpc(
        scope.name,
        cidr_block=str(cidr),
        # Both are needed for the private DNS names of endpoints.
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=scope.tags("vpc"),
        opts=scope.opts,
    )
    ec2.DefaultSecurityGroup(
        f"{scope.name}-default", vpc_id=vpc.id, tags=scope.tags("security-group", "default"), opts=scope.opts
    )
    logs = cloudwatch.LogGroup(
        f"{scope.name}-flow-logs",
        name=naming.flow_log_group(scope.platform, scope.owner),
        kms_key_id=key_arn,
        retention_in_days=retention_days,
        opts=ResourceOptions.merge(scope.opts, ResourceOptions(protect=protect)),
    )
    ec2.FlowLog(
        f"{scope.name}-flow-logs",
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=logs.arn,
        iam_role_arn=flow_logs_role_arn,
        max_aggregation_interval=_AGGREGATION_SECONDS,
        tags=scope.tags("flow-log"),
        opts=scope.opts,
    )
    return vpc
