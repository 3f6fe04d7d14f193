"""What calls of EC2 need: ids that say their type, associations, and what a resource is in.

Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"; Amazon EC2 User
Guide, "Grant permission to tag Amazon EC2 resources during creation", "Resource IDs".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from infra.evaluator.catalogue import action
from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.context import needed
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call, CannotMap, Needed
from infra.sandbox.enforcement.requests.plans import Target, planned_targets, texts
from infra.sandbox.enforcement.requests.tags import tagged_types

#: Start of an id -> type of the resource.
_TYPES: Final[Mapping[str, str]] = {
    "acl": "network-acl",
    "ami": "image",
    "cgw": "customer-gateway",
    "cr": "capacity-reservation",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "key": "key-pair",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pg": "placement-group",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpce-svc": "vpc-endpoint-service",
    "vpn": "vpn-connection",
}
#: Operations that name resources of several types by their ids: the parameter.
_BY_ID: Final[Mapping[str, str]] = {
    "CreateFlowLogs": "ResourceIds",
    "CreateTags": "Resources",
    "DeleteTags": "Resources",
}
#: Operations that name only an association of what they change.
_ASSOCIATED: Final[Mapping[str, str]] = {
    "DeleteNetworkInterfacePermission": "NetworkInterfacePermissionId",
    "DetachNetworkInterface": "AttachmentId",
    "DisassociateRouteTable": "AssociationId",
    "ReplaceRouteTableAssociation": "AssociationId",
}
#: Those of which the association says everything.
_COMPLETE: Final = frozenset(_ASSOCIATED) - {"ReplaceRouteTableAssociation"}
#: Operations that name resources inside a list: the list, the parameter in it, and the type.
_INSIDE: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "ModifySecurityGroupRules": (("SecurityGroupRules", "SecurityGroupRuleId", "security-group-rule"),),
    "RunInstances": (
        ("NetworkInterfaces", "Groups", "security-group"),
        ("NetworkInterfaces", "NetworkInterfaceId", "network-interface"),
        ("NetworkInterfaces", "SubnetId", "subnet"),
    ),
}
#: Parameter -> condition key, where the one is the other.
_SAME: Final[Mapping[str, str]] = {
    "AvailabilityZone": "ec2:AvailabilityZone",
    "AwsAccountId": "ec2:AuthorizedUser",
    "AwsService": "ec2:AuthorizedService",
    "InstanceType": "ec2:InstanceType",
    "Permission": "ec2:Permission",
    "ServiceName": "ec2:VpceServiceName",
    "VolumeSize": "ec2:VolumeSize",
    "VolumeType": "ec2:VolumeType",
}


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call with their resources."""
    operation = call.operation.name
    found: list[Target] = []
    if operation in _BY_ID:
        found += _by_id(call, texts(call.operation.parameters.get(_BY_ID[operation])))
    if operation in _ASSOCIATED:
        found += _associated(call)
    if operation in _INSIDE:
        found += _inside(call)
    if operation == "ModifySecurityGroupRules":
        found.append(
            target("ec2:ModifySecurityGroupRules", _arn(call, "security-group", _group(call)), "security-group")
        )
    elif operation not in ("CreateTags", "DeleteTags") and (operation not in _COMPLETE or not found):
        found += planned_targets(call)
    # A rule gets its id from AWS; it is a resource of the request where the request tags it.
    for kind in tagged_types(call.operation.parameters):
        if all(one.kind != kind for one in found):
            found.append(target(f"ec2:{operation}", _arn(call, kind, "*"), kind))
    yield from dict.fromkeys(found)


def keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of one check."""
    own: dict[str, Value] = {"ec2:Region": call.operation.region, **call.lookup.properties(found.resource)}
    for parameter, key in _SAME.items():
        if isinstance(call.operation.parameters.get(parameter), (str, int, bool)):
            own[key] = call.operation.parameters[parameter]
    made = found.resource.endswith("/*")
    if made and (vpc := call.text("VpcId")) is not None:
        own["ec2:Vpc"] = _arn(call, "vpc", vpc)
    if made and (subnet := call.text("SubnetId")) is not None:
        own["ec2:Subnet"] = _arn(call, "subnet", subnet)
        own.update({key: value for key, value in _of_subnet(call, subnet).items() if key == "ec2:Vpc"})
    if found.action.name == "CreateTags" and call.operation.name != "CreateTags":
        own["ec2:CreateAction"] = call.operation.name
    return own


def beside(call: Call) -> Iterator[Needed]:
    """The role in an instance profile is passed to EC2."""
    profile = cast("Mapping[str, Any]", call.operation.parameters.get("IamInstanceProfile") or {})
    name = profile.get("Name") or str(profile.get("Arn", "")).split("/")[-1]
    if name:
        role = call.lookup.arn("iam:role", call.account, "", f"instance-profile/{name}")
        # A profile that is not known may hold any role.
        arn = role or f"arn:aws:iam::{call.account}:role/*"
        yield needed(call, target("iam:PassRole", arn, "role"), {"iam:PassedToService": "ec2.amazonaws.com"})


def _of_subnet(call: Call, subnet: str) -> Mapping[str, Value]:
    return call.lookup.properties(_arn(call, "subnet", subnet))


def _arn(call: Call, kind: str, identifier: str) -> str:
    # Images and snapshots have no account in their ARNs.
    account = "" if kind in ("image", "snapshot") else call.account
    return f"arn:aws:ec2:{call.operation.region}:{account}:{kind}/{identifier}"


def _by_id(call: Call, identifiers: Any) -> Iterator[Target]:
    for identifier in identifiers:
        kind = _TYPES.get(str(identifier).rpartition("-")[0])
        if kind is None:
            raise CannotMap(f"{identifier} is no id of a known type")
        yield target(f"ec2:{call.operation.name}", _arn(call, kind, identifier), kind)


def _inside(call: Call) -> Iterator[Target]:
    for outer, inner, kind in _INSIDE[call.operation.name]:
        for entry in cast("list[Mapping[str, Any]]", call.operation.parameters.get(outer) or []):
            given = entry.get(inner)
            for identifier in texts(given):
                yield target(f"ec2:{call.operation.name}", _arn(call, kind, identifier), kind)


def _group(call: Call) -> str:
    group = call.text("GroupId")
    if group is None:
        raise CannotMap("it names no security-group")
    return group


def _associated(call: Call) -> Iterator[Target]:
    association = call.text(_ASSOCIATED[call.operation.name])
    if association is None:
        return
    known = action("ec2", call.operation.name)
    types = () if known is None else known.resource_types
    for kind, identifier in call.lookup.associated(call.account, call.operation.region, association).items():
        if kind in types:
            yield target(f"ec2:{call.operation.name}", _arn(call, kind, identifier), kind)
