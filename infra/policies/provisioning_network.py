"""What the provisioning role may do with networks: tenants' own, and what tenants have of their own in a cell's VPC.

EC2 authorizes a request for every resource in it: what is made by the tags of the request, what is there by its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.policies.document import Statement
from infra.policies.provisioning_tags import of_a_tenant, of_the_stage, without_owner_tags
from infra.spec.platform import PlatformSpec
from infra.tags import MANAGED_TAG

_MADE = {
    "ec2:CreateFlowLogs": "vpc-flow-log",
    "ec2:CreateRouteTable": "route-table",
    "ec2:CreateSecurityGroup": "security-group",
    "ec2:CreateSubnet": "subnet",
    "ec2:CreateVpc": "vpc",
    "ec2:CreateVpcEndpoint": "vpc-endpoint",
}
_RULES = (
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:ModifySecurityGroupRules",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
)
_CHANGED = (
    "ec2:AssociateRouteTable",
    "ec2:DeleteFlowLogs",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSubnet",
    "ec2:DeleteVpc",
    "ec2:DeleteVpcEndpoints",
    "ec2:DisassociateRouteTable",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcAttribute",
    "ec2:ModifyVpcEndpoint",
)


def statements(platform: PlatformSpec) -> Iterator[Statement]:
    """The statements on networks."""

    def arns(*kinds: str) -> tuple[str, ...]:
        return tuple(f"arn:aws:ec2:{platform.region}:{platform.account}:{kind}/*" for kind in kinds)

    made = arns(*sorted(_MADE.values()))
    yield Statement(sid="SeeNetworks", actions=("ec2:Describe*",), resources=("*",))
    yield Statement(
        sid="MakeOfATenant",
        actions=tuple(_MADE),
        resources=made,
        conditions=of_a_tenant(platform, "aws:RequestTag"),
    )
    yield Statement(
        sid="MakeInOwnAndSharedVpcs",
        actions=tuple(action for action in _MADE if action != "ec2:CreateVpc"),
        resources=arns("route-table", "security-group", "subnet", "vpc"),
        conditions={"StringEquals": of_the_stage(platform, "aws:ResourceTag")},
    )
    # The endpoints that tenants share are opened to a tenant's security group by a rule in the cell's group.
    yield Statement(
        sid="OpenAndCloseGroups",
        actions=_RULES,
        resources=arns("security-group", "security-group-rule"),
        conditions={"StringEquals": of_the_stage(platform, "aws:ResourceTag")},
    )
    yield Statement(
        sid="MakeRulesOfATenant",
        actions=("ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"),
        resources=arns("security-group-rule"),
        conditions=of_a_tenant(platform, "aws:RequestTag"),
    )
    yield Statement(
        sid="ChangeOfATenant",
        actions=_CHANGED,
        resources=arns(*sorted({*_MADE.values()})),
        conditions=of_a_tenant(platform, "aws:ResourceTag"),
    )
    creating: dict[str, tuple[str, ...]] = {
        "ec2:CreateAction": tuple(sorted(action.removeprefix("ec2:") for action in (*_MADE, *_RULES[:2])))
    }
    own = of_a_tenant(platform, "aws:RequestTag")
    yield Statement(
        sid="TagWhatIsMade",
        actions=("ec2:CreateTags",),
        resources=(*made, *arns("security-group-rule")),
        conditions={**own, "StringEquals": {**own["StringEquals"], **creating}},
    )
    # A VPC brings its default group, without tags; the stack adopts it, to close it.
    yield Statement(
        sid="AdoptUntaggedGroups",
        actions=("ec2:CreateTags",),
        resources=arns("security-group"),
        conditions={**own, "Null": {**own["Null"], f"aws:ResourceTag/{MANAGED_TAG}": "true"}},
    )
    changing = of_a_tenant(platform, "aws:ResourceTag")
    yield Statement(
        sid="TagButNeverTheOwner",
        actions=("ec2:CreateTags", "ec2:DeleteTags"),
        resources=(*made, *arns("security-group-rule")),
        conditions={**changing, **without_owner_tags()},
    )
