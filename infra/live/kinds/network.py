"""VPC endpoints with their policies.

Source: Amazon EC2 API Reference, "DescribeVpcEndpoints".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.live.entry import Found, Item, Kind, given, tags

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_GOING = frozenset({"deleting", "deleted", "failed", "expired", "rejected"})


def _endpoint(item: Item) -> Iterator[Found]:
    if str(item.get("State", "")).lower() in _GOING:
        return
    owner = item.get("OwnerId") or item["Account"]
    properties = {
        "arn": f"arn:aws:ec2:{item['Region']}:{owner}:vpc-endpoint/{item['VpcEndpointId']}",
        "serviceName": item["ServiceName"],
        "vpcId": item["VpcId"],
        "vpcEndpointType": item.get("VpcEndpointType"),
        "policy": item.get("PolicyDocument"),
        "routeTableIds": list(item.get("RouteTableIds") or ()),
        "subnetIds": list(item.get("SubnetIds") or ()),
        "securityGroupIds": [each["GroupId"] for each in item.get("Groups") or ()],
        "privateDnsEnabled": bool(item.get("PrivateDnsEnabled")),
        "tags": tags(item.get("Tags")),
    }
    yield Found(ENDPOINT, item["VpcEndpointId"], given(properties))


KINDS = (
    Kind(
        token=ENDPOINT,
        service="ec2",
        lists="describe_vpc_endpoints",
        at="VpcEndpoints",
        action="ec2:DescribeVpcEndpoints",
        made=_endpoint,
    ),
)
