"""What the networks of cells and tenants say to AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from components.network.cell import NetworkCell, NetworkCellArgs
from components.network.flow_logs_role import FlowLogsRole, FlowLogsRoleArgs
from components.network.tenant_network import TenantNetwork, TenantNetworkArgs
from infra import endpoint_services
from infra.policies import endpoint as endpoint_policy
from infra.spec.tenant import TenantSpec
from tests.components.recorder import Recorder, Registered, record
from tests.components.specs import PLATFORM, tenant

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
ROLE = "arn:aws:iam::123456789012:role/bulkhead/dev/platform/bh-dev-platform-flow-logs"
ACME = tenant("acme")
GLOBEX = tenant("globex", tier="silo", network={"cidr": "10.80.0.0/22"})
CELL = PLATFORM.cells[0]

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
COMPUTED = {ENDPOINT: {"prefixListId": "pl-1", "dnsEntries": [{"dnsName": "vpce-1.example", "hostedZoneId": "Z"}]}}


@dataclass(frozen=True)
class SomeCell:
    """A cell as the platform's outputs give it."""

    vpc_id: str = "vpc-cell"
    endpoint_security_group_id: str = "sg-shared"


def network(owner: TenantSpec, check: Callable[[TenantNetwork], None] = lambda _: None) -> Recorder:
    cell = SomeCell() if owner.tier == "pool" else None
    args = TenantNetworkArgs(platform=PLATFORM, tenant=owner, cell=cell, key_arn=KEY, keep=True)
    return record(lambda: check(TenantNetwork("network", args)), computed=COMPUTED)


def cell() -> Recorder:
    args = NetworkCellArgs(platform=PLATFORM, cell=CELL, key_arn=KEY, flow_logs_role_arn=ROLE)
    return record(lambda: (NetworkCell("main", args), None)[1], computed=COMPUTED)


def endpoints(recorded: Recorder) -> dict[str, Mapping[str, Any]]:
    """Service to the inputs of its endpoint."""
    start = endpoint_services.service_name(PLATFORM.region, "")
    return {e.inputs["serviceName"].removeprefix(start): e.inputs for e in recorded.of(ENDPOINT)}


def rules(recorded: Recorder) -> list[Registered]:
    return recorded.of("SecurityGroupIngressRule") + recorded.of("SecurityGroupEgressRule")


def test_a_tenant_of_tier_pool_has_its_own_subnets_and_endpoints_in_the_cells_vpc() -> None:
    """No VPC of its own; S3, KMS and SageMaker's runtime dedicated, without private DNS, in its own subnets."""
    recorded = network(ACME)
    assert recorded.of("ec2/vpc:Vpc") == []
    own = endpoints(recorded)
    assert set(own) == {"s3", "kms", "sagemaker.runtime"}
    for service in ("kms", "sagemaker.runtime"):
        assert own[service]["privateDnsEnabled"] is False
        assert own[service]["subnetIds"] == ["network-eu-central-1a-id", "network-eu-central-1b-id"]
    assert {e["vpcId"] for e in own.values()} == {"vpc-cell"}
    assert sorted(s.inputs["cidrBlock"] for s in recorded.of("ec2/subnet:Subnet")) == ["10.64.0.0/25", "10.64.0.128/25"]


def test_a_tenant_of_tier_silo_has_a_vpc_and_every_endpoint_for_itself() -> None:
    """Its own VPC with flow logs under its own key and an emptied default group; all endpoints with private DNS."""
    recorded = network(GLOBEX)
    assert recorded.one("ec2/vpc:Vpc")["cidrBlock"] == "10.80.0.0/22"
    assert {recorded.one("ec2/vpc:Vpc")[key] for key in ("enableDnsSupport", "enableDnsHostnames")} == {True}
    own = endpoints(recorded)
    assert set(own) == {"s3", *endpoint_services.ALL}
    assert all(own[service]["privateDnsEnabled"] is True for service in endpoint_services.ALL)
    default = recorded.one("ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert not default.get("ingress")
    assert not default.get("egress")
    assert recorded.one("ec2/flowLog:FlowLog")["iamRoleArn"] == ROLE
    assert recorded.one("ec2/flowLog:FlowLog")["trafficType"] == "ALL"
    assert recorded.one("cloudwatch/logGroup:LogGroup")["kmsKeyId"] == KEY
    assert recorded.one("cloudwatch/logGroup:LogGroup")["name"] == "/bulkhead/dev/globex/flow-logs"


def test_workloads_learn_where_endpoints_are_that_do_not_answer_under_the_usual_name() -> None:
    """Tier pool: the URLs of KMS and SageMaker's runtime, by the SDKs' names; tier silo: nothing to be told."""
    seen: dict[str, str] = {}

    def keep(made: TenantNetwork) -> None:
        for service, url in made.endpoint_urls.items():
            url.apply(lambda value, service=service: seen.update({service: value}))

    network(ACME, keep)
    assert seen == {"KMS": "https://vpce-1.example", "SAGEMAKER_RUNTIME": "https://vpce-1.example"}
    seen.clear()
    network(GLOBEX, keep)
    assert seen == {}


@pytest.mark.parametrize("owner", [ACME, GLOBEX], ids=lambda owner: owner.tier)
def test_each_endpoint_of_a_tenant_lets_that_tenant_pass(owner: TenantSpec) -> None:
    """The policy of each endpoint is the tenant's for that service."""
    for service, inputs in endpoints(network(owner)).items():
        expected = endpoint_policy.tenant_endpoint(PLATFORM, owner, service)
        assert json.loads(inputs["policy"]) == expected.to_json()


@pytest.mark.parametrize("owner", [ACME, GLOBEX], ids=lambda owner: owner.tier)
def test_the_s3_gateway_is_on_the_tenants_route_table_which_has_no_other_route(owner: TenantSpec) -> None:
    """The route table is the tenant's, holds every subnet of it, and has no route of ours."""
    recorded = network(owner)
    s3 = endpoints(recorded)["s3"]
    assert s3["vpcEndpointType"] == "Gateway"
    assert s3["routeTableIds"] == ["network-id"]
    assert "routes" not in recorded.one("ec2/routeTable:RouteTable")
    associations = [a.inputs for a in recorded.of("RouteTableAssociation")]
    assert {a["subnetId"] for a in associations} == {f"network-{zone}-id" for zone in PLATFORM.availability_zones}
    assert {a["routeTableId"] for a in associations} == {"network-id"}


@pytest.mark.parametrize("made", [lambda: network(ACME), lambda: network(GLOBEX), cell], ids=["pool", "silo", "cell"])
def test_nothing_leads_to_or_from_the_internet(made: Callable[[], Recorder]) -> None:
    """No rule names a range of addresses, no group has inline rules, no subnet gives public addresses, no gateway."""
    recorded = made()
    for rule in rules(recorded):
        assert not {"cidrIpv4", "cidrIpv6"} & set(rule.inputs)
        assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("tcp", 443, 443)
    for group in recorded.of("ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs)
    assert all(subnet.inputs["mapPublicIpOnLaunch"] is False for subnet in recorded.of("ec2/subnet:Subnet"))
    assert not [r for r in recorded.resources if "Gateway" in r.type.rsplit(":", 1)[-1]]


def test_workloads_reach_their_own_endpoints_the_shared_ones_and_s3_and_nothing_else() -> None:
    """The workloads' group opens to three places, and each group of endpoints lets in that group only."""
    recorded = network(ACME)
    out = [rule.inputs for rule in recorded.of("SecurityGroupEgressRule")]
    assert {rule["securityGroupId"] for rule in out} == {"network-workloads-id"}
    assert {rule.get("referencedSecurityGroupId") or rule["prefixListId"] for rule in out} == {
        "network-endpoints-id",
        "sg-shared",
        "pl-1",
    }
    into = [rule.inputs for rule in recorded.of("SecurityGroupIngressRule")]
    assert {rule["securityGroupId"] for rule in into} == {"network-endpoints-id", "sg-shared"}
    assert {rule["referencedSecurityGroupId"] for rule in into} == {"network-workloads-id"}


def test_a_cell_shares_endpoints_in_the_last_24_and_lets_nobody_in_by_itself() -> None:
    """Shared services with private DNS and the tenant-conditioned policy; no rule until a tenant adds its own."""
    recorded = cell()
    shared = endpoints(recorded)
    assert set(shared) == set(endpoint_services.SHARED)
    for service, inputs in shared.items():
        assert inputs["privateDnsEnabled"] is True
        assert json.loads(inputs["policy"]) == endpoint_policy.shared_endpoint(PLATFORM, service).to_json()
    assert sorted(s.inputs["cidrBlock"] for s in recorded.of("ec2/subnet:Subnet")) == [
        "10.64.255.0/25",
        "10.64.255.128/25",
    ]
    assert rules(recorded) == []
    assert recorded.one("cloudwatch/logGroup:LogGroup")["retentionInDays"] == PLATFORM.retention.logs_days
    assert recorded.one("ec2/flowLog:FlowLog")["iamRoleArn"] == ROLE


def test_every_part_is_found_by_a_name_that_no_other_part_has() -> None:
    """Names are unique over a cell and two tenants, of the same kind and of all kinds."""
    names = [
        resource.inputs["tags"]["Name"]
        for recorded in (network(ACME), network(GLOBEX), network(tenant("acmeeu")), cell())
        for resource in recorded.resources
        if "tags" in resource.inputs
    ]
    assert len(names) > 50
    assert len(names) == len(set(names))


def test_a_pool_tenant_without_a_cell_is_refused() -> None:
    """The component cannot guess in which VPC the subnets lie."""
    args = TenantNetworkArgs(platform=PLATFORM, tenant=ACME, cell=None, key_arn=KEY, keep=True)
    with pytest.raises(ValueError, match="acme of tier pool has its subnets in a cell"):
        record(lambda: (TenantNetwork("network", args), None)[1])


def test_only_flow_logs_of_the_account_may_use_the_role() -> None:
    """The service assumes it for this account's flow logs, and it writes into groups of flow logs only."""
    recorded = record(lambda: (FlowLogsRole("flow-logs", FlowLogsRoleArgs(platform=PLATFORM)), None)[1])
    (trust,) = json.loads(recorded.one("iam/role:Role")["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": PLATFORM.account}
    write = json.loads(recorded.one("iam/rolePolicy:RolePolicy")["policy"])["Statement"][0]
    assert write["Resource"] == [
        "arn:aws:logs:eu-central-1:123456789012:log-group:/bulkhead/dev/*/flow-logs:*",
        "arn:aws:logs:eu-central-1:123456789012:log-group:/bulkhead/dev/platform/flow-logs/*:*",
    ]
