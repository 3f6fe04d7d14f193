"""The parts of a tenant's network, found by their tags, in the order in which EC2 lets them go.

Source: Amazon VPC User Guide, "Delete your VPC" (what must be gone before it).
"""

from __future__ import annotations

from infra.erasure.kinds.entry import Fields, Kind, Step, same


def _part(name: str, title: str, lists: str, at: str, delete: str) -> Kind:
    return Kind(
        name=f"ec2:{name}", service="ec2", lists=lists, at=at, id=f"{{{title}Id}}", tags="Tags",
        arn=f"arn:aws:ec2:{{Region}}:{{Account}}:{name}/{{{title}Id}}",
        removal=(Step(delete, {f"{title}Id": f"{{{title}Id}}"}),),
    )  # fmt: skip


def _rules(side: str, *, egress: bool) -> Kind:
    """The rules of a security group: groups that name each other in them cannot be deleted."""

    def others(fields: Fields) -> bool:
        return bool(fields["IsEgress"]) is not egress

    return Kind(
        name=f"ec2:{side}-rule", service="ec2", lists="describe_security_group_rules", at="SecurityGroupRules",
        within="ec2:security-group", request={"Filters": [{"Name": "group-id", "Values": ["{GroupId}"]}]},
        id="{SecurityGroupRuleId}", skips=others,
        removal=(
            Step(
                f"revoke_security_group_{side}",
                {"GroupId": "{GroupId}", "SecurityGroupRuleIds": ["{SecurityGroupRuleId}"]},
            ),
        ),
    )  # fmt: skip


TABLE = (
    Kind(
        name="ec2:vpc-flow-log", service="ec2", lists="describe_flow_logs", at="FlowLogs", id="{FlowLogId}",
        tags="Tags", arn="arn:aws:ec2:{Region}:{Account}:vpc-flow-log/{FlowLogId}",
        removal=(Step("delete_flow_logs", {"FlowLogIds": ["{FlowLogId}"]}),),
    ),
    Kind(
        name="ec2:vpc-endpoint", service="ec2", lists="describe_vpc_endpoints", at="VpcEndpoints", id="{VpcEndpointId}",
        tags="Tags", arn="arn:aws:ec2:{Region}:{Account}:vpc-endpoint/{VpcEndpointId}",
        skips=lambda fields: str(fields.get("State")).lower() == "deleted",
        removal=(Step("delete_vpc_endpoints", {"VpcEndpointIds": ["{VpcEndpointId}"]}),),
    ),
    _rules("ingress", egress=False),
    _rules("egress", egress=True),
    Kind(
        name="ec2:security-group", service="ec2", lists="describe_security_groups", at="SecurityGroups", id="{GroupId}",
        tags="Tags", arn="arn:aws:ec2:{Region}:{Account}:security-group/{GroupId}",
        removal=(Step("delete_security_group", same("GroupId")),),
    ),
    _part("subnet", "Subnet", "describe_subnets", "Subnets", "delete_subnet"),
    _part("route-table", "RouteTable", "describe_route_tables", "RouteTables", "delete_route_table"),
    _part("vpc", "Vpc", "describe_vpcs", "Vpcs", "delete_vpc"),
)  # fmt: skip
