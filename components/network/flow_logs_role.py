"""FlowLogsRole: the one role by which VPC Flow Logs writes, for every VPC of the platform and its tenants."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import iam

from components.base import token
from infra import naming
from infra.policies import flow_logs
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class FlowLogsRoleArgs:
    """What the role is made of.

    Args:
        platform: The platform's spec.
    """

    platform: PlatformSpec


class FlowLogsRole(pulumi.ComponentResource):
    """A role of the platform that only VPC Flow Logs may assume, and that can only write into groups of flow logs."""

    arn: Output[str]
    """The role's ARN, known when its policy is in place."""

    def __init__(self, name: str, args: FlowLogsRoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("FlowLogsRole"), name, {}, opts)
        child = ResourceOptions(parent=self)
        role = iam.Role(
            name,
            name=naming.platform_role(args.platform, "flow-logs"),
            path=naming.path(args.platform),
            assume_role_policy=flow_logs.trust(args.platform).render(),
            opts=child,
        )
        policy = iam.RolePolicy(
            name, name="write", role=role.name, policy=flow_logs.write(args.platform).render(), opts=child
        )
        self.arn = Output.all(role.arn, policy.id).apply(lambda values: values[0])
        self.register_outputs({"arn": self.arn})
