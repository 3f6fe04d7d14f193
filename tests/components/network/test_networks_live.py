"""The networks of a cell and of two tenants, made by the real engine in the embedded cloud."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from infra import endpoint_services, naming
from infra.engine import Operation
from infra.policies import endpoint as endpoint_policy
from tests.components.live import Live, live
from tests.components.network.program import PLATFORM, POOL, SILO

ANYWHERE = {"0.0.0.0/0", "::/0"}

PROGRAM = "tests.components.network.program:build"

pytestmark = pytest.mark.xdist_group("live-networks")


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Generator[Live]:
    with live(tmp_path_factory.mktemp("networks"), engine_command, PROGRAM) as stack:
        stack.run(Operation.UP)
        yield stack
        stack.run(Operation.DESTROY)
        nothing_is_left(stack)


def nothing_is_left(stack: Live) -> None:
    """A destroy leaves no VPC, endpoint, group or log of ours."""
    ec2 = stack.client("ec2")
    assert all(vpc["IsDefault"] for vpc in ec2.describe_vpcs()["Vpcs"])
    assert not ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert not ec2.describe_flow_logs()["FlowLogs"]
    assert not stack.client("logs").describe_log_groups(logGroupNamePrefix="/bulkhead/")["logGroups"]
    assert [resource for resource in stack.resources() if resource["type"].startswith("aws:")] == []


@pytest.fixture(scope="module")
def ec2(networks: Live) -> Any:
    return networks.client("ec2")


def named(resource: dict[str, Any]) -> str:
    """The ``Name`` tag of a resource."""
    return next(tag["Value"] for tag in resource["Tags"] if tag["Key"] == "Name")


def endpoints_in(ec2: Any, vpc_id: str) -> list[dict[str, Any]]:
    return ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["VpcEndpoints"]


def vpc_of(ec2: Any, name: str) -> str:
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [name]}])["Vpcs"]
    return vpc["VpcId"]


def service(endpoint: dict[str, Any]) -> str:
    return endpoint["ServiceName"].removeprefix(endpoint_services.service_name(PLATFORM.region, ""))


def test_a_second_preview_finds_nothing_to_do(networks: Live) -> None:
    """What was made reads back as it was asked for."""
    assert networks.run(Operation.PREVIEW).changes == ()


def test_no_vpc_of_ours_has_a_way_to_the_internet(ec2: Any) -> None:
    """No internet or NAT gateway, no route to everywhere, no rule from or to everywhere: default groups included."""
    cell = vpc_of(ec2, naming.network(PLATFORM, PLATFORM.cells[0], "vpc"))
    silo = vpc_of(ec2, naming.network(PLATFORM, SILO, "vpc"))
    for vpc in (cell, silo):
        of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
        assert not ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])[
            "InternetGateways"
        ]
        assert not ec2.describe_nat_gateways(Filters=of_vpc)["NatGateways"]
        for table in ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]:
            assert not ANYWHERE & {route.get("DestinationCidrBlock") for route in table["Routes"]}
        groups = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
        assert groups
        for group in groups:
            for rule in (*group["IpPermissions"], *group["IpPermissionsEgress"]):
                assert not rule["IpRanges"], group["GroupName"]
                assert not rule["Ipv6Ranges"], group["GroupName"]
            if group["GroupName"] == "default":
                assert not group["IpPermissions"]
                assert not group["IpPermissionsEgress"]


def test_at_most_one_endpoint_a_service_and_vpc_has_private_dns(ec2: Any) -> None:
    """AWS refuses a second one; the pool tenant's endpoints in the cell therefore have none."""
    cell = vpc_of(ec2, naming.network(PLATFORM, PLATFORM.cells[0], "vpc"))
    endpoints = endpoints_in(ec2, cell)
    private = Counter(service(endpoint) for endpoint in endpoints if endpoint.get("PrivateDnsEnabled"))
    assert private == dict.fromkeys(endpoint_services.SHARED, 1)
    own = [endpoint for endpoint in endpoints if named(endpoint).startswith("bh-dev-acme-")]
    assert {service(endpoint) for endpoint in own} == {"s3", *endpoint_services.DEDICATED_POOL}


def test_every_endpoint_carries_its_policy(ec2: Any) -> None:
    """Each endpoint of a tenant lets that tenant pass, each shared one whoever calls to its own tenant."""
    for owner, vpc in ((POOL, naming.network(PLATFORM, PLATFORM.cells[0], "vpc")), (SILO, None)):
        vpc_id = vpc_of(ec2, vpc or naming.network(PLATFORM, SILO, "vpc"))
        for endpoint in endpoints_in(ec2, vpc_id):
            own = named(endpoint).startswith(naming.prefix(PLATFORM, owner) + "-")
            expected = (
                endpoint_policy.tenant_endpoint(PLATFORM, owner, service(endpoint))
                if own
                else endpoint_policy.shared_endpoint(PLATFORM, service(endpoint))
            )
            assert json.loads(endpoint["PolicyDocument"]) == expected.to_json(), named(endpoint)


def test_a_tenants_subnets_take_its_own_route_table_with_its_own_s3_endpoint(ec2: Any) -> None:
    """Two tenants share neither a route table nor the gateway endpoint on it."""
    tables: dict[str, set[str]] = {}
    for owner in (POOL, SILO):
        (table,) = ec2.describe_route_tables(
            Filters=[{"Name": "tag:Name", "Values": [naming.network(PLATFORM, owner, "route-table")]}]
        )["RouteTables"]
        subnets = {association["SubnetId"] for association in table["Associations"]}
        assert len(subnets) == len(PLATFORM.availability_zones)
        (s3,) = (
            endpoint
            for endpoint in endpoints_in(ec2, table["VpcId"])
            if named(endpoint) == naming.network(PLATFORM, owner, "endpoint", "s3")
        )
        assert s3["RouteTableIds"] == [table["RouteTableId"]]
        tables[table["RouteTableId"]] = subnets
    assert len(tables) == 2


def test_flow_logs_go_to_encrypted_groups_with_retention(networks: Live) -> None:
    """Each VPC of ours has one for all its traffic."""
    flow_logs = networks.client("ec2").describe_flow_logs()["FlowLogs"]
    assert {log["TrafficType"] for log in flow_logs} == {"ALL"}
    groups = networks.client("logs").describe_log_groups(logGroupNamePrefix="/bulkhead/dev/")["logGroups"]
    assert {group["logGroupName"] for group in groups} == {
        "/bulkhead/dev/platform/flow-logs/main",
        "/bulkhead/dev/globex/flow-logs",
    }
    assert all(group["kmsKeyId"] for group in groups)
    assert {group["retentionInDays"] for group in groups} == {365, 90}
    assert {log["LogGroupName"] for log in flow_logs} == {group["logGroupName"] for group in groups}
