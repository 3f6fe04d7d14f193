"""Promises about networks: the provisioning role makes and changes what carries a tenant's tags."""

from __future__ import annotations

from collections.abc import Iterator

from tests.isolation.broken import things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, GLOBEX
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.requesting import NOT_A_TENANTS, NOT_OF_THE_STAGE, WHO, with_tags

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always


@never
def it_makes_and_changes_no_network_but_tenants() -> Iterator[Attempt]:
    """What is made carries a tenant's tags, what is changed or removed too, and nobody else's resource is adopted."""
    made = {
        "CreateVpc": "vpc",
        "CreateSubnet": "subnet",
        "CreateRouteTable": "route-table",
        "CreateSecurityGroup": "security-group",
        "CreateVpcEndpoint": "vpc-endpoint",
        "CreateFlowLogs": "vpc-flow-log",
    }
    for action, kind in made.items():
        new = things.network(ACME, kind).without_tags()
        for tags in NOT_A_TENANTS:
            yield from tries(WHO, f"ec2: {action}", new, with_tags(ACME, tags))
            creating = {"ec2:CreateAction": action}
            yield from tries(WHO, "ec2: CreateTags", new, with_tags(ACME, tags), creating)
        by_default = {"ec2:CreateAction": "CreateDefaultVpc"}
        if kind != "security-group":
            yield from tries(WHO, "ec2: CreateTags", new, with_tags(ACME), by_default)
    removed = {
        "DeleteVpc": "vpc",
        "DeleteSubnet": "subnet",
        "DeleteRouteTable": "route-table",
        "DeleteVpcEndpoints": "vpc-endpoint",
        "ModifyVpcEndpoint": "vpc-endpoint",
        "DeleteFlowLogs": "vpc-flow-log",
        "DeleteSecurityGroup": "security-group",
    }
    for action, kind in removed.items():
        for tags in NOT_A_TENANTS:
            keys = with_tags(ACME, tags, "aws:ResourceTag")
            yield from tries(WHO, f"ec2: {action}", things.network(ACME, kind), keys)


@never
def it_builds_in_no_network_of_others() -> Iterator[Attempt]:
    """Neither in a VPC of the account nor in one of another stage, nor does it open their groups."""
    for tags in NOT_OF_THE_STAGE:
        for kind, action in (
            ("vpc", "CreateSubnet"),
            ("vpc", "CreateVpcEndpoint"),
            ("subnet", "CreateVpcEndpoint"),
            ("security-group", "CreateVpcEndpoint"),
            ("route-table", "CreateVpcEndpoint"),
        ):
            keys = with_tags(ACME, tags, "aws:ResourceTag")
            yield from tries(WHO, f"ec2: {action}", things.network(ACME, kind), keys)
        for kind in ("security-group", "security-group-rule"):
            keys = with_tags(ACME, tags, "aws:ResourceTag")
            rules = "ec2: AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress ModifySecurityGroupRules"
            yield from tries(WHO, rules, things.network(ACME, kind), keys)
        rule = things.network(ACME, "security-group-rule").without_tags()
        yield from tries(WHO, "ec2: AuthorizeSecurityGroupIngress", rule, with_tags(ACME, tags))
    for tags in ({"tenant": None}, {"tenant": "platform"}):
        rule = things.network(ACME, "security-group-rule").without_tags()
        yield from tries(WHO, "ec2: AuthorizeSecurityGroupIngress", rule, with_tags(ACME, tags))


@never
def it_touches_no_network_of_another_account() -> Iterator[Attempt]:
    """Which that account may have shared, whatever its tags say."""
    made = {
        "CreateVpc": "vpc",
        "CreateSubnet": "subnet",
        "CreateRouteTable": "route-table",
        "CreateSecurityGroup": "security-group",
        "CreateVpcEndpoint": "vpc-endpoint",
        "CreateFlowLogs": "vpc-flow-log",
        "AuthorizeSecurityGroupIngress": "security-group-rule",
    }
    for action, kind in made.items():
        theirs = things.of_another_account(things.network(ACME, kind))
        yield from tries(WHO, f"ec2: {action}", theirs.without_tags(), with_tags(ACME))
        creating = {"ec2:CreateAction": action}
        yield from tries(WHO, "ec2: CreateTags", theirs.without_tags(), with_tags(ACME), creating)
        yield from tries(WHO, "ec2: CreateTags DeleteTags", theirs, {"aws:TagKeys": ["Name"]})
    for kind in ("vpc", "subnet", "route-table", "security-group"):
        theirs = things.of_another_account(things.network(ACME, kind))
        yield from tries(WHO, "ec2: CreateSubnet CreateVpcEndpoint", theirs)
    for action, kind in (
        ("DeleteVpc", "vpc"),
        ("DeleteSubnet", "subnet"),
        ("DeleteRouteTable", "route-table"),
        ("DeleteSecurityGroup", "security-group"),
        ("DeleteVpcEndpoints", "vpc-endpoint"),
        ("DeleteFlowLogs", "vpc-flow-log"),
        ("RevokeSecurityGroupIngress", "security-group"),
        ("ModifySecurityGroupRules", "security-group-rule"),
    ):
        yield from tries(WHO, f"ec2: {action}", things.of_another_account(things.network(ACME, kind)))


@never
def it_never_changes_whose_a_network_is() -> Iterator[Attempt]:
    """Tags of the owner are set when something is made, and stay; what is tagged already is not adopted."""
    for kind in (
        "vpc",
        "subnet",
        "route-table",
        "security-group",
        "vpc-endpoint",
        "vpc-flow-log",
        "security-group-rule",
    ):
        for key in ("tenant", "stage", "managed-by"):
            yield from tries(WHO, "ec2: CreateTags DeleteTags", things.network(ACME, kind), {"aws:TagKeys": [key]})
            yield from tries(WHO, "ec2: CreateTags", things.network(GLOBEX, kind), with_tags(ACME))
        for tags in NOT_A_TENANTS:
            keys = with_tags(ACME, tags, "aws:ResourceTag")
            yield from tries(
                WHO, "ec2: CreateTags DeleteTags", things.network(ACME, kind), keys, {"aws:TagKeys": ["Name"]}
            )
    for kind in ("vpc", "subnet", "network-interface"):
        untagged = things.network(ACME, kind).without_tags()
        yield from tries(WHO, "ec2: CreateTags", untagged, with_tags(ACME))
    group = things.network(ACME, "security-group").without_tags()
    for tags in NOT_A_TENANTS:
        yield from tries(WHO, "ec2: CreateTags", group, with_tags(ACME, tags))


@always
def it_builds_networks() -> Iterator[Attempt]:
    """A tenant's own, and a tenant's part of a cell's."""
    for owner in (ACME, GLOBEX):
        tags = with_tags(owner)
        yield from tries(WHO, "ec2: CreateVpc", things.network(owner, "vpc").without_tags(), tags)
        vpc = things.network(GLOBEX if owner is GLOBEX else None, "vpc")
        for kind, action in (
            ("subnet", "CreateSubnet"),
            ("route-table", "CreateRouteTable"),
            ("security-group", "CreateSecurityGroup"),
            ("vpc-endpoint", "CreateVpcEndpoint"),
            ("vpc-flow-log", "CreateFlowLogs"),
        ):
            made = things.network(owner, kind).without_tags()
            yield from tries(WHO, f"ec2: {action}", made, tags)
            # Each resource of a request has its own keys: what is there already has no tags of the request.
            yield from tries(WHO, f"ec2: {action}", vpc)
            yield from tries(WHO, "ec2: CreateTags", made, tags, {"ec2:CreateAction": action})
        groups = (things.network(owner, "security-group"), things.network(None, "security-group"))
        rules = "ec2: AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
        yield from tries(WHO, rules, groups, tags)
        rule = things.network(owner, "security-group-rule")
        yield from tries(WHO, "ec2: AuthorizeSecurityGroupIngress", rule.without_tags(), tags)
        yield from tries(
            WHO, "ec2: CreateTags", rule.without_tags(), tags, {"ec2:CreateAction": "AuthorizeSecurityGroupIngress"}
        )
        yield from tries(WHO, "ec2: RevokeSecurityGroupIngress ModifySecurityGroupRules", rule)
        yield from tries(WHO, "ec2: CreateTags", things.network(owner, "security-group").without_tags(), tags)
        for kind, action in (
            ("vpc", "DeleteVpc"),
            ("vpc", "ModifyVpcAttribute"),
            ("subnet", "DeleteSubnet"),
            ("route-table", "AssociateRouteTable"),
            ("vpc-endpoint", "ModifyVpcEndpoint"),
            ("vpc-flow-log", "DeleteFlowLogs"),
        ):
            yield from tries(WHO, f"ec2: {action}", things.network(owner, kind))
            yield from tries(WHO, "ec2: CreateTags DeleteTags", things.network(owner, kind), {"aws:TagKeys": ["Name"]})
    yield from tries(WHO, "ec2: DescribeVpcs DescribeSubnets", things.NOTHING)
