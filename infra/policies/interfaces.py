"""The network interfaces of a tenant's jobs and endpoints: SageMaker makes them as the execution role, in its subnets.

The examples of AWS allow these actions on every interface of the account, by which one tenant's role could open or
delete another's. EC2 knows the subnet of an interface, so the policy names the tenant's subnets; it is a policy of its
own because AWS assigns their ids.

Sources: SageMaker AI Developer Guide, "How to use SageMaker AI execution roles" (CreateModel, CreateTrainingJob);
Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2".
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.policies.document import PolicyDocument, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: What SageMaker does with an interface that exists.
CHANGE = (
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)
CREATE = ("ec2:CreateNetworkInterface",)
#: EC2 has no resource level for what it describes.
DESCRIBE = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


def network_interfaces(platform: PlatformSpec, tenant: TenantSpec, subnet_ids: Sequence[str]) -> PolicyDocument:
    """What an execution role may do with network interfaces.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        subnet_ids: The tenant's subnets.
    """
    subnets = tuple(_arn(platform, "subnet", subnet) for subnet in subnet_ids)
    interfaces = (_arn(platform, "network-interface", "*"),)
    own_subnet = {"ArnEquals": {"ec2:Subnet": subnets}}
    return PolicyDocument(
        (
            Statement(sid="MakeInOwnSubnets", actions=CREATE, resources=subnets),
            Statement(
                sid="MakeWithOwnSecurityGroups",
                actions=CREATE,
                resources=(_arn(platform, "security-group", "*"),),
                conditions={"StringEquals": {f"aws:ResourceTag/{TENANT_TAG}": tenant.id}},
            ),
            # An interface that is being made has no subnet to compare: the subnet is a resource of the same request.
            Statement(sid="MakeInterfaces", actions=CREATE, resources=interfaces),
            Statement(
                sid="HandOverAndRemoveOwn",
                actions=CHANGE,
                resources=interfaces,
                conditions=own_subnet,
            ),
            Statement(sid="SeeNetworks", actions=DESCRIBE, resources=("*",)),
        )
    )


def _arn(platform: PlatformSpec, kind: str, name: str) -> str:
    return f"arn:aws:ec2:{platform.region}:{platform.account}:{kind}/{name}"
