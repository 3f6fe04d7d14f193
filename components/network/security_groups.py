"""Security groups that name each other as source and destination, and never a range of addresses."""

from __future__ import annotations

from pulumi import Input
from pulumi_aws import ec2, vpc

from components.network.scope import Scope

_HTTPS = 443


def security_group(scope: Scope, purpose: str, *, vpc_id: Input[str], description: str) -> ec2.SecurityGroup:
    """A group without any rule. The provider also removes the rule to everywhere that AWS adds to a new group."""
    return ec2.SecurityGroup(
        f"{scope.name}-{purpose}",
        name=scope.physical_name("security-group", purpose),
        description=description,
        vpc_id=vpc_id,
        tags=scope.tags("security-group", purpose),
        opts=scope.opts,
    )


def allow_https(scope: Scope, purpose: str, *, clients: Input[str], servers: Input[str]) -> None:
    """Let the group `clients` open HTTPS connections to the group `servers`: a rule on either end.

    Source: Amazon VPC User Guide, "Security group rules" (security group referencing).
    """
    vpc.SecurityGroupEgressRule(
        f"{scope.name}-to-{purpose}",
        security_group_id=clients,
        referenced_security_group_id=servers,
        ip_protocol="tcp",
        from_port=_HTTPS,
        to_port=_HTTPS,
        tags=scope.tags("rule", "to", purpose),
        opts=scope.opts,
    )
    vpc.SecurityGroupIngressRule(
        f"{scope.name}-into-{purpose}",
        security_group_id=servers,
        referenced_security_group_id=clients,
        ip_protocol="tcp",
        from_port=_HTTPS,
        to_port=_HTTPS,
        tags=scope.tags("rule", "into", purpose),
        opts=scope.opts,
    )


def allow_https_to_prefixes(scope: Scope, purpose: str, *, clients: Input[str], prefix_list_id: Input[str]) -> None:
    """Let the group `clients` open HTTPS connections to a gateway endpoint, which has no group but a prefix list.

    Source: AWS PrivateLink Guide, "Gateway endpoints for Amazon S3" (security groups).
    """
    vpc.SecurityGroupEgressRule(
        f"{scope.name}-to-{purpose}",
        security_group_id=clients,
        prefix_list_id=prefix_list_id,
        ip_protocol="tcp",
        from_port=_HTTPS,
        to_port=_HTTPS,
        tags=scope.tags("rule", "to", purpose),
        opts=scope.opts,
    )
