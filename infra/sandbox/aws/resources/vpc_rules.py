"""Rules of security groups as resources of their own.

Source: Pulumi registry, "aws.vpc.SecurityGroupIngressRule" and "aws.vpc.SecurityGroupEgressRule"; Amazon EC2 API
Reference, "AuthorizeSecurityGroupIngress" and "ModifySecurityGroupRules".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Read, Resource, Step, Tags
from infra.sandbox.aws.resources.ec2_addresses import network_problem
from infra.sandbox.aws.resources.ec2_permissions import protocol_name
from infra.sandbox.aws.tags import creation_members
from infra.sandbox.aws.wire import Properties, has_unknown

# Property -> (list in an IpPermission, member of its items, member of a SecurityGroupRuleRequest).
_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp", "CidrIpv4"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId", "ReferencedGroupId"),
}
_CHANGEABLE = (*_SOURCES, "description", "fromPort", "toPort", "ipProtocol")
_PORTS = range(-1, 65536)


def _ports(props: Properties) -> dict[str, Any]:
    ports = {"FromPort": props.get("fromPort"), "ToPort": props.get("toPort")}
    return {member: port for member, port in ports.items() if port is not None}


def _source(props: Properties) -> str:
    return next((name for name in _SOURCES if props.get(name) is not None), "")


def _authorize(operation: str) -> Callable[[Action], Mapping[str, Any]]:
    def create(action: Action) -> Mapping[str, Any]:
        props, source = action.props, _source(action.props)
        items, member, _ = _SOURCES[source]
        described = {"Description": props["description"]} if props.get("description") else {}
        permission = {
            "IpProtocol": props["ipProtocol"],
            **_ports(props),
            items: [{member: props[source], **described}],
        }
        tags = creation_members(action, operation)
        answer = action.api(operation, GroupId=props["securityGroupId"], IpPermissions=[permission], **tags)
        return answer["SecurityGroupRules"][0]

    return create


def _modify(action: Action) -> None:
    props, source = action.props, _source(action.props)
    rule = {
        "IpProtocol": props["ipProtocol"],
        **_ports(props),
        _SOURCES[source][2]: props[source],
        "Description": props.get("description") or "",
    }
    update = {"SecurityGroupRuleId": action.id, "SecurityGroupRule": rule}
    action.api("modify_security_group_rules", GroupId=props["securityGroupId"], SecurityGroupRules=[update])


def _revoke(operation: str) -> Callable[[Action], None]:
    def delete(action: Action) -> None:
        action.api(operation, GroupId=action.props["securityGroupId"], SecurityGroupRuleIds=[action.id])

    return delete


def _own_ports(found: Mapping[str, Any]) -> Properties:
    """AWS answers -1 for the ports of all protocols; they are not given for it."""
    if found["IpProtocol"] == "-1":
        return {"fromPort": None, "toPort": None}
    return {}


def _other_source(old: Properties, new: Properties) -> tuple[str, ...]:
    """The kind of a rule's source cannot change (ModifySecurityGroupRules)."""
    before, after = _source(old), _source(new)
    return (before, after) if before != after else ()


def _rule_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    given = [name for name in _SOURCES if inputs.get(name) is not None]
    if len(given) != 1:
        yield given[1] if given else "cidrIpv4", f"exactly one of {', '.join(_SOURCES)} must be given"
    for name, version in (("cidrIpv4", 4), ("cidrIpv6", 6)):
        if problem := network_problem(inputs.get(name), version=version):
            yield name, problem
    protocol = inputs["ipProtocol"]
    for name in ("fromPort", "toPort"):
        port = inputs.get(name)
        if port is None or has_unknown(port) or has_unknown(protocol):
            continue
        if protocol_name(protocol) == "-1":
            yield name, "must not be given for the protocol -1, which means all ports"
        elif port not in _PORTS:
            yield name, f"expected -1 to 65535; got {port}"
    ports = (inputs.get("fromPort"), inputs.get("toPort"))
    if not has_unknown(protocol) and protocol_name(protocol) in ("tcp", "udp") and None in ports:
        yield "fromPort", f"the protocol {protocol} needs fromPort and toPort"


def _same_protocol(one: str, other: str) -> bool:
    return protocol_name(one) == protocol_name(other)


def _rule(direction: str, *, egress: bool) -> Resource:
    operation = f"_security_group_{direction.lower()}"
    return Resource(
        type=f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
        service="ec2",
        id="SecurityGroupRuleId",
        names={"securityGroupId": "GroupId", "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId"},
        create=_authorize(f"authorize{operation}"),
        reads=(
            Read(
                "describe_security_group_rules",
                at="SecurityGroupRules",
                fixed={"SecurityGroupRuleIds": ["{id}"]},
                exists=lambda rule: rule["IsEgress"] is egress,
                also=_own_ports,
            ),
        ),
        updates=(Step(_CHANGEABLE, _modify),),
        delete=_revoke(f"revoke{operation}"),
        missing=("InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound", "InvalidGroup.NotFound"),
        replace=("securityGroupId",),
        writes=_CHANGEABLE,
        replace_if=_other_source,
        templates={"arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}"},
        same={"ipProtocol": _same_protocol},
        tags=Tags("create_tags", "delete_tags", None, "{id}", kind="security-group-rule"),
        rules=(_rule_rules,),
    )


RESOURCES = (_rule("Ingress", egress=False), _rule("Egress", egress=True))
"""VPC entries of the table."""
