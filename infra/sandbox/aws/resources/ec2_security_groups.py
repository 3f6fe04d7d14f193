"""Security groups with the rules written inside of them.

Source: Pulumi registry, "aws.ec2.SecurityGroup" and "aws.ec2.DefaultSecurityGroup"; Amazon EC2 API Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, cast

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.errors import ProviderError
from infra.sandbox.aws.resources import ec2_permissions
from infra.sandbox.aws.resources.ec2_addresses import network_problem
from infra.sandbox.aws.shapes import tag_map
from infra.sandbox.aws.tags import write as write_tags
from infra.sandbox.aws.wire import Properties

Direction = Literal["ingress", "egress"]
_DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")


def _rules(action: Action) -> list[Mapping[str, Any]]:
    filters = [{"Name": "group-id", "Values": [action.id]}]
    return action.api("describe_security_group_rules", Filters=filters)["SecurityGroupRules"]


def _revoke(action: Action, direction: Direction, rules: list[Mapping[str, Any]]) -> None:
    identifiers = [rule["SecurityGroupRuleId"] for rule in rules]
    if identifiers:
        action.api(f"revoke_security_group_{direction}", GroupId=action.id, SecurityGroupRuleIds=identifiers)


def _revoke_all(action: Action) -> None:
    rules = _rules(action)
    for direction in _DIRECTIONS:
        _revoke(action, direction, [rule for rule in rules if rule["IsEgress"] == (direction == "egress")])


def _write(direction: Direction) -> Step:
    def run(action: Action) -> None:
        wanted = ec2_permissions.permissions(action.props.get(direction), action.id)
        existing = [rule for rule in _rules(action) if rule["IsEgress"] == (direction == "egress")]
        _revoke(action, direction, [rule for rule in existing if ec2_permissions.of_rule(rule) not in wanted])
        new = sorted(wanted - {ec2_permissions.of_rule(rule) for rule in existing})
        if new:
            requests = [permission.request() for permission in new]
            action.api(f"authorize_security_group_{direction}", GroupId=action.id, IpPermissions=requests)

    return Step((direction,), run)


def _blocks(found: Mapping[str, Any]) -> Properties:
    group = found["GroupId"]
    return {
        "ingress": ec2_permissions.blocks(found.get("IpPermissions", []), group),
        "egress": ec2_permissions.blocks(found.get("IpPermissionsEgress", []), group),
    }


def _delete(action: Action) -> None:
    if action.props.get("revokeRulesOnDelete"):
        _revoke_all(action)
    action.api("delete_security_group", GroupId=action.id)


def _block_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    """EC2 API Reference, "IpPermission": a block needs a source; ranges of addresses are network addresses."""
    for direction in _DIRECTIONS:
        found: Any = inputs.get(direction)
        for index, block in enumerate(cast("list[Any]", found) if isinstance(found, list) else []):
            if isinstance(block, Mapping):
                for path, reason in _block_problems(cast("Properties", block)):
                    yield f"{direction}[{index}]{path}", reason


def _block_problems(block: Properties) -> Iterator[tuple[str, str]]:
    sources = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups", "self")
    if not any(block.get(source) for source in sources):
        yield "", f"needs a source: one of {', '.join(sources)}"
    if block.get("protocol") in ("-1", "all") and (block.get("fromPort"), block.get("toPort")) != (0, 0):
        yield ".fromPort", "fromPort and toPort must be 0 for the protocol -1 (all)"
    for name, version in (("cidrBlocks", 4), ("ipv6CidrBlocks", 6)):
        for index, value in enumerate(cast("list[Any]", block.get(name) or [])):
            if problem := network_problem(value, version=version):
                yield f".{name}[{index}]", problem


def _reserved_name(inputs: Properties) -> Iterator[tuple[str, str]]:
    if str(inputs.get("name", "")).startswith("sg-"):
        yield "name", "must not begin with 'sg-', which is for the ids of groups"


def _adopt(action: Action) -> Mapping[str, Any]:
    """Find the VPC's default group, which AWS made with the VPC."""
    vpc = action.props.get("vpcId")
    where = {"Name": "vpc-id", "Values": [vpc]} if vpc else {"Name": "vpc-id", "Values": [_default_vpc(action)]}
    filters = [{"Name": "group-name", "Values": ["default"]}, where]
    found = action.api("describe_security_groups", Filters=filters)["SecurityGroups"]
    if not found:
        raise ProviderError(f"vpcId: the VPC {vpc} does not exist in {action.region}, or has no default security group")
    # What the group was tagged with is not ours: it goes with the first write of tags.
    action.old = {"tags": tag_map(found[0].get("Tags", []))}
    return found[0]


def _default_vpc(action: Action) -> str:
    found = action.api("describe_vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not found:
        raise ProviderError(f"vpcId: {action.region} has no default VPC; name a VPC")
    return found[0]["VpcId"]


def _empty(action: Action) -> None:
    """Tagged first, as the official provider does: who may change only what carries its tags can then empty it."""
    write_tags(action)
    action.tagged = True
    _revoke_all(action)


_NAMES = {"name": "GroupName", "arn": "SecurityGroupArn"}
_READ = Read("describe_security_groups", at="SecurityGroups", fixed={"GroupIds": ["{id}"]}, also=_blocks)
_UPDATES = tuple(_write(direction) for direction in _DIRECTIONS)
_SAME: Mapping[str, Callable[[Any, Any], bool]] = dict.fromkeys(_DIRECTIONS, ec2_permissions.same)
_TAGS = Tags("create_tags", "delete_tags", None, "{id}", kind="security-group")
_MISSING = ("InvalidGroup.NotFound",)

RESOURCES = (
    Resource(
        type="aws:ec2/securityGroup:SecurityGroup",
        service="ec2",
        id="GroupId",
        identity={"GroupId": "{id}"},
        names=_NAMES,
        create=Call("create_security_group", properties=("name", "description", "vpcId")),
        # AWS gives a new group a rule that lets everything out; the official provider takes it away.
        settle=_revoke_all,
        reads=(_READ,),
        updates=_UPDATES,
        delete=_delete,
        missing=_MISSING,
        local=("revokeRulesOnDelete",),
        autoname=Autoname("name", longest=255),
        defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False},
        absent=("namePrefix",),  # names are given or automatic here
        same=_SAME,
        tags=_TAGS,
        rules=(_block_rules, _reserved_name),
    ),
    Resource(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        service="ec2",
        id="GroupId",
        identity={"GroupId": "{id}"},
        names=_NAMES,
        create=_adopt,
        settle=_empty,
        reads=(_READ,),
        updates=_UPDATES,
        missing=_MISSING,
        local=("revokeRulesOnDelete",),
        replace=("vpcId",),
        defaults={"revokeRulesOnDelete": False},
        absent=("namePrefix",),  # the name is always "default"
        same=_SAME,
        tags=_TAGS,
        rules=(_block_rules,),
    ),
)
"""EC2 entries of the table: security groups."""
