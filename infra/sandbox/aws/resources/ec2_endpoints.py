"""VPC endpoints. Source: Pulumi registry, "aws.ec2.VpcEndpoint"; Amazon EC2 API Reference, "CreateVpcEndpoint" and
"ModifyVpcEndpoint".

Endpoints of VPC Lattice, of other Regions and with chosen addresses are not supported: the embedded cloud has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.diff import canonical
from infra.sandbox.aws.entry import Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import UNKNOWN, Properties, has_unknown

_SETS = {"routeTableIds": "RouteTableIds", "securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"}
_VALUES = {"policy": "PolicyDocument", "ipAddressType": "IpAddressType", "privateDnsEnabled": "PrivateDnsEnabled"}
_DNS = {
    "dnsRecordIpType": "DnsRecordIpType",
    "privateDnsOnlyForInboundResolverEndpoint": "PrivateDnsOnlyForInboundResolverEndpoint",
}

# The services that have a prefix list; to ask for the lists of all others would cost a call an endpoint.
_PREFIXED = (".s3", ".dynamodb")

# AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies".
_POLICY_CHARACTERS = 20_480


def _explicit_dns(request: dict[str, Any]) -> dict[str, Any]:
    """The API's own default is private DNS for an interface endpoint; the provider's is none."""
    return {"PrivateDnsEnabled": False, **request}


def _dns_options(props: Properties) -> dict[str, Any]:
    given: Properties = props.get("dnsOptions") or {}
    return {member: given[name] for name, member in _DNS.items() if given.get(name) is not None}


def _modify(action: Action) -> None:
    request: dict[str, Any] = {}
    for name, member in _SETS.items():
        if action.props.get(name) is None:
            continue
        new, old = set[str](action.props[name]), set[str](action.old.get(name) or ())
        request |= {f"Add{member}": sorted(new - old)} if new - old else {}
        request |= {f"Remove{member}": sorted(old - new)} if old - new else {}
    for name, member in _VALUES.items():
        value = action.props.get(name)
        if value is not None and canonical(value) != canonical(action.old.get(name)):
            request[member] = value
    if _dns_options(action.props) and (
        request.get("PrivateDnsEnabled") or _dns_options(action.props) != _dns_options(action.old)
    ):
        request["DnsOptions"] = _dns_options(action.props)
    if request:
        action.api("modify_vpc_endpoint", VpcEndpointId=action.id, **request)


def _groups(found: Mapping[str, Any]) -> Properties:
    return {
        "securityGroupIds": [group["GroupId"] for group in found.get("Groups", [])],
        "requesterManaged": found.get("RequesterManaged", False),
    }


def _prefix_list(action: Action, state: Properties) -> Properties:
    service: str = state.get("serviceName") or ""
    if not service.endswith(_PREFIXED):
        return {"prefixListId": "", "cidrBlocks": []}
    filters = [{"Name": "prefix-list-name", "Values": [service]}]
    lists = action.api("describe_prefix_lists", Filters=filters)["PrefixLists"]
    found: Properties = lists[0] if lists else {}
    return {"prefixListId": found.get("PrefixListId", ""), "cidrBlocks": found.get("Cidrs", [])}


def _gateway_dns(old: Properties, _: Properties) -> tuple[str, ...]:
    """Only an interface endpoint's private DNS can be switched."""
    return () if old.get("vpcEndpointType") == "Interface" else ("privateDnsEnabled",)


def _endpoint_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    if inputs.get("serviceName") is None:
        yield "serviceName", "missing required property: the offline provider has endpoints of services only"
    policy = inputs.get("policy")
    if isinstance(policy, str) and not has_unknown(policy) and len(policy) > _POLICY_CHARACTERS:
        yield "policy", f"expected at most {_POLICY_CHARACTERS} characters; got {len(policy)}"
    options: Properties = {} if inputs.get("dnsOptions") in (None, UNKNOWN) else inputs["dnsOptions"]
    for name in sorted({*options} - {*_DNS}):
        yield f"dnsOptions.{name}", "the offline provider does not support this property"


def _same_type(one: str, other: str) -> bool:
    return one.lower() == other.lower()


RESOURCES = (
    Resource(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        service="ec2",
        id="VpcEndpoint.VpcEndpointId",
        names={"policy": "PolicyDocument"},
        create=Call(
            "create_vpc_endpoint",
            properties=("vpcId", "serviceName", "vpcEndpointType", "dnsOptions", *_SETS, *_VALUES),
            adjust=_explicit_dns,
        ),
        reads=(
            Read(
                "describe_vpc_endpoints",
                at="VpcEndpoints",
                fixed={"VpcEndpointIds": ["{id}"]},
                exists=lambda endpoint: endpoint["State"].lower() not in ("deleted", "deleting"),
                also=_groups,
            ),
        ),
        updates=(Step((*_SETS, *_VALUES, "dnsOptions"), _modify),),
        delete=Call("delete_vpc_endpoints", properties=(), fixed={"VpcEndpointIds": ["{id}"]}),
        missing=("InvalidVpcEndpointId.NotFound",),
        replace_if=_gateway_dns,
        defaults={"vpcEndpointType": "Gateway"},
        templates={
            "arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
            "serviceRegion": "{region}",
        },
        complete=_prefix_list,
        # The addresses that AWS chose in each subnet: they cost another call an endpoint, and nothing here reads them.
        absent=("subnetConfigurations",),
        unstable=("dnsEntries", "networkInterfaceIds"),
        same={"ipAddressType": _same_type},
        tags=Tags("create_tags", "delete_tags", None, "{id}", kind="vpc-endpoint"),
        rules=(_endpoint_rules,),
    ),
)
"""EC2 entries of the table: VPC endpoints."""
