"""The gateway's role: it calls tenants' endpoints by their invoke roles, each in a session tagged with that tenant.

It has no right to an endpoint itself, so that a request that it sends for a tenant can reach that tenant's models only.
Source: IAM User Guide, "Pass session tags in AWS STS".
"""

from __future__ import annotations

from infra import naming
from infra.policies.any_tenant import REQUESTED
from infra.policies.document import PolicyDocument, Statement
from infra.policies.trust import service_trust
from infra.spec.platform import PlatformSpec


def trust(platform: PlatformSpec) -> PolicyDocument:
    """The gateway runs as an ECS task of the account.

    Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role".
    """
    tasks = f"arn:aws:ecs:{platform.region}:{platform.account}:*"
    return PolicyDocument((service_trust("GatewayTasks", "ecs-tasks.amazonaws.com", platform.account, tasks),))


def identity(platform: PlatformSpec) -> PolicyDocument:
    """The gateway assumes the invoke role of the tenant that it tags the session with, and nothing else."""
    return PolicyDocument(
        (
            Statement(
                sid="ActForTheTaggedTenant",
                actions=("sts:AssumeRole", "sts:TagSession"),
                resources=(naming.role_arn(platform, REQUESTED, "invoke"),),
            ),
        )
    )
