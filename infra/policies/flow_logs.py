"""The role by which VPC Flow Logs writes the flow logs of the platform's cells and of tenants' own VPCs.

Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs" (confused deputy).
"""

from __future__ import annotations

from infra import naming
from infra.policies.any_tenant import ANY
from infra.policies.document import PolicyDocument, Statement
from infra.policies.trust import service_trust
from infra.spec.platform import Cell, PlatformSpec


def trust(platform: PlatformSpec) -> PolicyDocument:
    """Only the service may assume the role, and only for a flow log of this account and Region."""
    flow_logs = f"arn:aws:ec2:{platform.region}:{platform.account}:vpc-flow-log/*"
    return PolicyDocument(
        (service_trust("FlowLogsOfTheAccount", "vpc-flow-logs.amazonaws.com", platform.account, flow_logs),)
    )


def write(platform: PlatformSpec) -> PolicyDocument:
    """Write into the groups of flow logs, which must exist: the service cannot make one without our key."""
    any_cell = Cell.model_construct(name="*")
    groups = naming.flow_log_group(platform, ANY), naming.flow_log_group(platform, any_cell)
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
