"""Rules of security groups: ModifySecurityGroupRules for every kind of source, and descriptions of all rules.

Source: Amazon EC2 API Reference, "ModifySecurityGroupRules", "SecurityGroupRuleRequest", "SecurityGroupRule".
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.exceptions import InvalidSecurityGroupRuleIdNotFoundError as RuleNotFoundError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from infra.sandbox.moto_extensions.registry import wrap

_SOURCES = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")
_ALL_PROTOCOLS = "-1"


def apply() -> None:
    """Changes moto."""
    wrap(SecurityGroupRule, "__init__", _describe)
    wrap(SecurityGroupBackend, "modify_security_group_rules", _modify)


def _describe(original: Callable[..., None], rule: SecurityGroupRule, *args: Any, **kwargs: Any) -> None:
    """Moto keeps the descriptions of ranges only; where those are, it looks for all of them."""
    original(rule, *args, **kwargs)
    given = inspect.signature(original).bind(rule, *args, **kwargs).arguments
    description = (rule.source_group or given.get("prefix_list_id") or {}).get("Description")
    if description:
        rule.ip_range = {"Description": description}


def _modify(_: Callable[..., None], backend: EC2Backend, group_id: str, rules: Mapping[str, Mapping[str, Any]]) -> None:
    group = backend.get_security_group_by_name_or_id(group_id)
    if group is None:
        raise InvalidSecurityGroupNotFoundError(group_id)
    for identifier, wanted in rules.items():
        rule = group.get_rule(identifier)
        if rule is None:
            raise RuleNotFoundError(identifier)
        source = _source(wanted)
        if source != _existing_source(rule):
            message = f"Invalid rule type for security group rule '{identifier}'. You may not specify {source} for it."
            raise EC2ClientError("InvalidParameterValue", message)
        _overwrite(backend, rule, source, wanted)


def _source(wanted: Mapping[str, Any]) -> str:
    given = [member for member in _SOURCES if wanted.get(member)]
    if len(given) == 1:
        return given[0]
    code = "InvalidParameterCombination" if given else "MissingParameter"
    raise EC2ClientError(code, f"The request must contain exactly one of: {', '.join(_SOURCES)}")


def _existing_source(rule: SecurityGroupRule) -> str:
    if rule.source_group:
        return "ReferencedGroupId"
    if rule.prefix_list_id:
        return "PrefixListId"
    return "CidrIpv6" if "CidrIpv6" in rule.ip_range else "CidrIpv4"


def _overwrite(backend: EC2Backend, rule: SecurityGroupRule, source: str, wanted: Mapping[str, Any]) -> None:
    protocol = wanted.get("IpProtocol")
    if protocol is None:
        message = "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly."
        raise EC2ClientError("InvalidParameterValue", message)
    everything = protocol == _ALL_PROTOCOLS
    if not everything and None in (wanted.get("FromPort"), wanted.get("ToPort")):
        message = "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
        raise EC2ClientError("InvalidParameterValue", message)
    rule.ip_protocol = protocol
    rule.from_port = None if everything else wanted["FromPort"]
    rule.to_port = None if everything else wanted["ToPort"]
    value: str = wanted[source]
    if source == "ReferencedGroupId":
        if backend.get_security_group_from_id(value) is None:
            raise InvalidSecurityGroupNotFoundError(value)
        rule.source_group = {**rule.source_group, "GroupId": value}
    elif source == "PrefixListId":
        vars(rule)["prefix_list_id"] = value
    else:
        rule.ip_range = {**rule.ip_range, {"CidrIpv4": "CidrIp", "CidrIpv6": "CidrIpv6"}[source]: value}
    if "Description" in wanted:
        rule.ip_range = {**rule.ip_range, "Description": wanted["Description"]}
