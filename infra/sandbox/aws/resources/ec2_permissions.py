"""Rules written inside of a security group: blocks of many sources, which AWS knows as one rule a source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.sandbox.aws.wire import Properties

_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}

# Block property -> list in an IpPermission, member of its items.
_SOURCES = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}

# The same members in the answer of DescribeSecurityGroupRules.
_RULE_MEMBERS = {"cidrBlocks": "CidrIpv4", "ipv6CidrBlocks": "CidrIpv6", "prefixListIds": "PrefixListId"}


def protocol_name(value: str) -> str:
    """Return a protocol as AWS answers it: by name where it has one, "-1" for all."""
    return _NUMBERS.get(value.lower(), value.lower())


@dataclass(frozen=True, order=True)
class Permission:
    """One source and the ports that it may reach; ports of all protocols are 0, as blocks have them."""

    protocol: str
    from_port: int
    to_port: int
    kind: str
    source: str
    description: str

    def request(self) -> dict[str, Any]:
        """Return it as AWS's IpPermission."""
        items, member = _SOURCES[self.kind]
        described = {"Description": self.description} if self.description else {}
        ports = {} if self.protocol == "-1" else {"FromPort": self.from_port, "ToPort": self.to_port}
        return {"IpProtocol": self.protocol, **ports, items: [{member: self.source, **described}]}


def permissions(blocks: object, group: str = "self") -> frozenset[Permission]:
    """Return what the blocks of a group allow; `group` is the id that "self" stands for."""
    found = set[Permission]()
    for block in cast("Iterable[Properties]", blocks or ()):
        sources = [(kind, source) for kind in _SOURCES for source in cast("list[str]", block.get(kind) or [])]
        own = [("securityGroups", group)] if block.get("self") else []
        for kind, source in {*sources, *own}:
            found.add(_permission(block["protocol"], block["fromPort"], block["toPort"], kind, source, block))
    return frozenset(found)


def _permission(protocol: str, first: Any, last: Any, kind: str, source: str, block: Properties) -> Permission:
    named = protocol_name(protocol)
    ports = (0, 0) if named == "-1" else (int(first), int(last))
    return Permission(named, *ports, kind, source, block.get("description") or "")


def same(one: object, other: object) -> bool:
    """Return whether two lists of blocks allow the same."""
    return permissions(one) == permissions(other)


def blocks(found: Iterable[Mapping[str, Any]], group: str) -> list[Properties]:
    """Return the IpPermissions of the group as blocks, one for each range of ports and description."""
    grouped = defaultdict[tuple[str, int, int, str], dict[str, list[str]]](lambda: defaultdict(list))
    for permission in found:
        protocol = permission["IpProtocol"]
        ports = (permission.get("FromPort") or 0, permission.get("ToPort") or 0)
        for kind, (items, member) in _SOURCES.items():
            for item in permission.get(items, []):
                key = (protocol, *ports, item.get("Description", ""))
                grouped[key][kind].append(item[member])
    return [_block(key, sources, group) for key, sources in sorted(grouped.items())]


def _block(key: tuple[str, int, int, str], sources: Mapping[str, list[str]], group: str) -> Properties:
    protocol, first, last, description = key
    groups = sources.get("securityGroups", [])
    block: Properties = {
        "protocol": protocol,
        "fromPort": first,
        "toPort": last,
        "description": description,
        "self": group in groups,
    }
    given = {**sources, "securityGroups": [each for each in groups if each != group]}
    return {**block, **{kind: sorted(given.get(kind, [])) for kind in _SOURCES}}


def of_rule(rule: Mapping[str, Any]) -> Permission:
    """Return what one rule, as DescribeSecurityGroupRules answers it, allows."""
    kind = next((kind for kind, member in _RULE_MEMBERS.items() if rule.get(member)), "securityGroups")
    referenced: Mapping[str, str] = rule.get("ReferencedGroupInfo") or {}
    source = rule[_RULE_MEMBERS[kind]] if kind in _RULE_MEMBERS else referenced.get("GroupId", "")
    return _permission(
        rule["IpProtocol"],
        rule.get("FromPort", 0),
        rule.get("ToPort", 0),
        kind,
        source,
        {"description": rule.get("Description", "")},
    )
