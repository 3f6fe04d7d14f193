"""Route tables and their associations.

Source: Pulumi registry, "aws.ec2.RouteTable" and "aws.ec2.RouteTableAssociation"; Amazon EC2 API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Read, Resource, Step, Tags
from infra.sandbox.aws.resources.ec2_addresses import network_problem
from infra.sandbox.aws.wire import Properties, has_unknown

_DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


def _own_routes(found: Mapping[str, Any]) -> Properties:
    """The routes that a table's owner wrote: not the VPC's own, propagated ones, or those of gateway endpoints."""
    members = {**_DESTINATIONS, **_TARGETS}
    routes = [
        {name: route.get(member, "") for name, member in members.items()}
        for route in found.get("Routes", [])
        if route.get("Origin") == "CreateRoute"
        and route.get("GatewayId") != "local"
        and not str(route.get("GatewayId", "")).startswith("vpce-")
    ]
    virtual_gateways = [gateway["GatewayId"] for gateway in found.get("PropagatingVgws", [])]
    return {"routes": routes, "propagatingVgws": virtual_gateways}


def _by_destination(routes: object) -> dict[tuple[str, str], Properties]:
    return {_destination(route): route for route in cast("list[Properties]", routes or [])}


def _destination(route: Properties) -> tuple[str, str]:
    return next((member, str(route[name])) for name, member in _DESTINATIONS.items() if route.get(name))


def _target(route: Properties) -> dict[str, str]:
    return {member: route[name] for name, member in _TARGETS.items() if route.get(name)}


def _write_routes(action: Action) -> None:
    old, new = _by_destination(action.old.get("routes")), _by_destination(action.props.get("routes"))
    for member, destination in old.keys() - new.keys():
        action.api("delete_route", RouteTableId=action.id, **{member: destination})
    for (member, destination), route in new.items():
        before = old.get((member, destination))
        if before is None or _target(before) != _target(route):
            operation = "create_route" if before is None else "replace_route"
            action.api(operation, RouteTableId=action.id, **{member: destination}, **_target(route))


def _route_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    """A route has one destination and one target, of a kind that the embedded cloud has."""
    if has_unknown(inputs.get("routes")):
        return
    for index, route in enumerate(cast("list[Properties]", inputs.get("routes") or [])):
        path = f"routes[{index}]"
        given = {name for name, value in route.items() if value not in (None, "")}
        for name in sorted(given - {*_DESTINATIONS, *_TARGETS}):
            yield f"{path}.{name}", "the offline provider does not support this property"
        for kind, names in (("destination", _DESTINATIONS), ("target", _TARGETS)):
            if len(given & {*names}) != 1:
                yield path, f"needs exactly one {kind}: one of {', '.join(names)}"
        for name, version in (("cidrBlock", 4), ("ipv6CidrBlock", 6)):
            if problem := network_problem(route.get(name) or None, version=version):
                yield f"{path}.{name}", problem


def _delete_table(action: Action) -> None:
    """A table that subnets still use cannot be deleted; the official provider lets go of them first."""
    for table in action.api("describe_route_tables", RouteTableIds=[action.id])["RouteTables"]:
        for association in table.get("Associations", []):
            if not association.get("Main"):
                action.api("disassociate_route_table", AssociationId=association["RouteTableAssociationId"])
    action.api("delete_route_table", RouteTableId=action.id)


def _associate(action: Action) -> Mapping[str, Any]:
    target = {"subnetId": "SubnetId", "gatewayId": "GatewayId"}
    members = {member: action.props[name] for name, member in target.items() if action.props.get(name)}
    return action.api("associate_route_table", RouteTableId=action.props["routeTableId"], **members)


def _association(action: Action) -> Mapping[str, Any] | None:
    """Find the association by its id, by its subnet, or by an import's "subnet/table".

    AWS gives an association another id when its table is exchanged.
    """
    target, _, table = action.id.partition("/")
    if table:
        wanted = {"SubnetId": target} if target.startswith("subnet-") else {"GatewayId": target}
        filters = [{"Name": "route-table-id", "Values": [table]}]
    else:
        found = _associations(action, [{"Name": "association.route-table-association-id", "Values": [action.id]}])
        for association in found:
            if association["RouteTableAssociationId"] == action.id:
                return association
        subnet = action.props.get("subnetId")
        if not subnet:
            return None
        wanted = {"SubnetId": subnet}
        filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    matching = (each for each in _associations(action, filters) if wanted.items() <= each.items())
    return next(matching, None)


def _associations(action: Action, filters: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    tables = action.api("describe_route_tables", Filters=filters)["RouteTables"]
    return [association for table in tables for association in table.get("Associations", [])]


def _read_association(action: Action, _: Properties) -> Properties | None:
    found = _association(action)
    if found is None:
        return None
    return {
        "routeTableId": found["RouteTableId"],
        "subnetId": found.get("SubnetId"),
        "gatewayId": found.get("GatewayId"),
    }


def _exchange(action: Action) -> None:
    found = _association(action)
    if found is None:
        _associate(action)
    else:
        identifier, table = found["RouteTableAssociationId"], action.props["routeTableId"]
        action.api("replace_route_table_association", AssociationId=identifier, RouteTableId=table)


def _disassociate(action: Action) -> None:
    found = _association(action)
    if found is not None:
        action.api("disassociate_route_table", AssociationId=found["RouteTableAssociationId"])


def _one_side(inputs: Properties) -> Iterator[tuple[str, str]]:
    if (inputs.get("subnetId") is None) == (inputs.get("gatewayId") is None):
        yield "subnetId", "exactly one of subnetId and gatewayId must be given"


RESOURCES = (
    Resource(
        type="aws:ec2/routeTable:RouteTable",
        service="ec2",
        id="RouteTable.RouteTableId",
        identity={"RouteTableId": "{id}"},
        create=Call("create_route_table", properties=("vpcId",)),
        reads=(
            Read(
                "describe_route_tables",
                at="RouteTables",
                fixed={"RouteTableIds": ["{id}"]},
                properties=("vpcId", "ownerId", "tags"),
                also=_own_routes,
            ),
        ),
        updates=(Step(("routes",), _write_routes),),
        delete=_delete_table,
        missing=("InvalidRouteTableID.NotFound",),
        templates={"arn": "arn:{partition}:ec2:{region}:{account}:route-table/{id}"},
        tags=Tags("create_tags", "delete_tags", None, "{id}", kind="route-table"),
        rules=(_route_rules,),
    ),
    Resource(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        service="ec2",
        id="AssociationId",
        create=_associate,
        reads=(),
        complete=_read_association,
        updates=(Step(("routeTableId",), _exchange),),
        delete=_disassociate,
        missing=("InvalidAssociationID.NotFound", "InvalidRouteTableID.NotFound"),
        replace=("subnetId", "gatewayId"),
        writes=("routeTableId",),
        rules=(_one_side,),
    ),
)
"""EC2 entries of the table: route tables."""
