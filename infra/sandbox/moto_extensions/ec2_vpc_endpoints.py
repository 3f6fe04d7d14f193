"""VPC endpoints: ModifyVpcEndpoint in full, their options, DNS names and addresses, and what AWS refuses of them.

Source: Amazon EC2 API Reference, "CreateVpcEndpoint", "ModifyVpcEndpoint", "VpcEndpoint", "DescribePrefixLists"; AWS
PrivateLink Guide, "Access an AWS service using an interface VPC endpoint" and "Gateway endpoints for Amazon S3".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from infra.sandbox.moto_extensions.ec2_endpoint_names import dns_entries, private_name
from infra.sandbox.moto_extensions.registry import wrap

_INTERFACE = "Interface"


def apply() -> None:
    """Changes moto."""
    wrap(VPCs, "create_vpc_endpoint", _create)
    wrap(VPCs, "modify_vpc_endpoint", _modify)
    wrap(VPCs, "describe_prefix_lists", _describe_prefix_lists)
    wrap(VPCBackend, "delete_vpc_endpoints", _delete)


def _parameters(response: VPCs) -> dict[str, Any]:
    return cast("dict[str, Any]", response.params)


def _backend(response: VPCs) -> EC2Backend:
    return cast("EC2Backend", response.ec2_backend)


def _create(original: Callable[[VPCs], ActionResult], response: VPCs) -> ActionResult:
    backend, given = _backend(response), _parameters(response)
    given.setdefault("VpcEndpointType", "Gateway")
    interface = given["VpcEndpointType"] == _INTERFACE
    given["PrivateDnsEnabled"] = interface and given.get("PrivateDnsEnabled", True)
    backend.get_vpc(given["VpcId"])
    _check_zones(backend, [], given.get("SubnetIds", []))
    _check_routes(backend, given["ServiceName"], given.get("RouteTableIds", []))
    if given["PrivateDnsEnabled"]:
        _check_private_dns(backend, given["VpcId"], given["ServiceName"])
    if interface and not given.get("SecurityGroupIds"):
        group = backend.get_default_security_group(given["VpcId"])
        given["SecurityGroupIds"] = [group.id] if group else []
    answer = original(response)
    endpoint = cast("dict[str, VPCEndPoint]", answer.result)["VpcEndpoint"]
    vars(endpoint).update(ip_address_type="ipv4", dns_options={"DnsRecordIpType": "ipv4"}, requester_managed=False)
    _change(backend, endpoint, given)
    return answer


def _modify(original: Callable[[VPCs], ActionResult], response: VPCs) -> ActionResult:
    backend, given = _backend(response), _parameters(response)
    endpoint = backend.get_vpc_end_point(given["VpcEndpointId"])
    kept = [subnet for subnet in endpoint.subnet_ids or [] if subnet not in given.get("RemoveSubnetIds", [])]
    _check_zones(backend, kept, given.get("AddSubnetIds", []))
    _check_routes(backend, endpoint.service_name, given.get("AddRouteTableIds", []))
    if given.get("PrivateDnsEnabled") and not endpoint.private_dns_enabled:
        _check_private_dns(backend, endpoint.vpc_id, endpoint.service_name)
    _remove_routes(backend, endpoint, given.get("RemoveRouteTableIds", []))
    answer = original(response)
    if given.get("ResetPolicy"):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    _add_routes(backend, endpoint, given.get("AddRouteTableIds", []))
    _change(backend, endpoint, given)
    return answer


def _change(backend: EC2Backend, endpoint: VPCEndPoint, given: dict[str, Any]) -> None:
    """Takes over what moto drops, and brings addresses and names into line."""
    state = vars(endpoint)
    state["ip_address_type"] = given.get("IpAddressType", state["ip_address_type"])
    state["dns_options"] = {**state["dns_options"], **given.get("DnsOptions", {})}
    if "PrivateDnsEnabled" in given:
        endpoint.private_dns_enabled = given["PrivateDnsEnabled"]
    if endpoint.vpc_endpoint_type != _INTERFACE:
        return
    for interface in endpoint.network_interface_ids:
        backend.enis.pop(interface, None)
    made = [_interface(backend, endpoint, subnet) for subnet in endpoint.subnet_ids or []]
    endpoint.network_interface_ids = made
    zones = sorted({backend.get_subnet(subnet).availability_zone for subnet in endpoint.subnet_ids or []})
    region: str = backend.region_name
    endpoint.dns_entries = dns_entries(
        endpoint.id, endpoint.service_name, region, zones, private=bool(endpoint.private_dns_enabled)
    )


def _interface(backend: EC2Backend, endpoint: VPCEndPoint, subnet: str) -> str:
    described = f"VPC Endpoint Interface {endpoint.id}"
    made = backend.create_network_interface(subnet, "", group_ids=endpoint.security_group_ids, description=described)
    return made.id


def _check_zones(backend: EC2Backend, kept: Iterable[str], added: Iterable[str]) -> None:
    zones = {backend.get_subnet(subnet).availability_zone for subnet in kept}
    for subnet in added:
        zone = backend.get_subnet(subnet).availability_zone
        if zone in zones:
            message = f"Found another VPC endpoint subnet in the availability zone of {subnet}"
            raise EC2ClientError("DuplicateSubnetsInSameZone", message)
        zones.add(zone)


def _check_routes(backend: EC2Backend, service: str, tables: Iterable[str]) -> None:
    prefixes = _prefix_list(backend, service)
    for table in tables:
        if any(route.destination_prefix_list_id == prefixes for route in backend.get_route_table(table).routes):
            message = f"route table {table} already has a route with destination-prefix-list-id {prefixes}"
            raise EC2ClientError("RouteAlreadyExists", message)


def _check_private_dns(backend: EC2Backend, vpc_id: str, service: str) -> None:
    vpc = backend.get_vpc(vpc_id)
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        message = (
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for "
        )
        raise EC2ClientError("InvalidParameter", message + vpc_id)
    for other in backend.vpc_end_points.values():
        if (other.vpc_id, other.service_name) == (vpc_id, service) and other.private_dns_enabled:
            name = private_name(service, backend.region_name)
            message = f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name}"
            raise EC2ClientError("InvalidParameter", f"{message} in the VPC {vpc_id}")


def _prefix_list(backend: EC2Backend, service: str) -> str:
    lists = backend.managed_prefix_lists.values()
    return next((found.id for found in lists if found.prefix_list_name == service), "none")


def _add_routes(backend: EC2Backend, endpoint: VPCEndPoint, tables: Iterable[str]) -> None:
    prefixes = _prefix_list(backend, endpoint.service_name)
    for table in tables:
        backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)


def _remove_routes(backend: EC2Backend, endpoint: VPCEndPoint, tables: Iterable[str]) -> None:
    prefixes = _prefix_list(backend, endpoint.service_name)
    for table in tables:
        if table in backend.route_tables:
            backend.delete_route(table, prefixes)


def _delete(original: Callable[..., None], backend: EC2Backend, vpce_ids: list[str] | None = None) -> None:
    """An endpoint that was deleted is gone, also when a route table of it went first."""
    found = [backend.vpc_end_points[each] for each in vpce_ids or [] if each in backend.vpc_end_points]
    for endpoint in found:
        endpoint.route_table_ids = [table for table in endpoint.route_table_ids if table in backend.route_tables]
    original(backend, vpce_ids=vpce_ids)
    for endpoint in found:
        del backend.vpc_end_points[endpoint.id]


def _describe_prefix_lists(original: Callable[[VPCs], ActionResult], response: VPCs) -> ActionResult:
    """Tells the ranges of each list."""
    answer = cast("dict[str, list[Any]]", original(response).result)
    lists = [
        {
            "PrefixListId": found.id,
            "PrefixListName": found.prefix_list_name,
            "Cidrs": [entry["Cidr"] for entries in found.entries.values() for entry in entries],
        }
        for found in answer["PrefixLists"]
    ]
    return ActionResult({"PrefixLists": lists})
