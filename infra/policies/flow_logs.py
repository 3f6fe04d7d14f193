"""The role by which VPC Flow Logs writes the flow logs of the platform's cells and of tenants' own VPCs.

Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs" (confused deputy).
"""

from __future__ import annotations

from infra import naming
from infra.policies.document import PolicyDocument, Principal, Statement
from infra.spec.platform import PlatformSpec


def trust(platform: PlatformSpec) -> PolicyDocument:
    """Only the service may assume the role, and only for a flow log of this account and Region."""
    return PolicyDocument(
        (
            Statement(
                sid="FlowLogsOfTheAccount",
                principal=Principal(service=("vpc-flow-logs.amazonaws.com",)),
                actions=("sts:AssumeRole",),
                conditions={
                    "StringEquals": {"aws:SourceAccount": platform.account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{platform.region}:{platform.account}:vpc-flow-log/*"},
                },
            ),
        )
    )


def write(platform: PlatformSpec) -> PolicyDocument:
    """Write into the groups of flow logs, which must exist: the service cannot make one without our key."""
    groups = naming.any_flow_log_group(platform)
    return PolicyDocument(
        (
            Statement(
                sid="WriteFlowLogs",
                actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                resources=tuple(naming.log_group_arn(platform, f"{group}:*") for group in groups),
            ),
            Statement(
                # It has no resource level narrower than all groups.
                sid="FindGroups",
                actions=("logs:DescribeLogGroups",),
                resources=(naming.log_group_arn(platform, "*"),),
            ),
        )
    )
