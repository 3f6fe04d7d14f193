"""The endpoint that a request names: its policy and its keys, and no way through one that leads elsewhere."""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest
from caller_cloud import ACCOUNT, REGION, CallerCloud, statement
from moto.core.base_backend import BackendDict

from infra.evaluator.evaluate import evaluate
from infra.evaluator.request import Request
from infra.sandbox.enforcement.deployed import policies_for
from infra.sandbox.enforcement.deployed.endpoints import HEADER, endpoint_service, route_of
from infra.sandbox.enforcement.deployed.network import route
from infra.sandbox.enforcement.refusals import CredentialsRefused
from infra.sandbox.enforcement.requests.operation import Needed

OWN = statement(Principal="*", Action="s3:*", Resource="arn:aws:s3:::own/*")


@pytest.fixture
def cloud() -> Generator[CallerCloud]:
    yield CallerCloud()
    BackendDict.reset()


def gateway(cloud: CallerCloud, policy: str | None = None) -> tuple[str, str, str]:
    """A VPC with one subnet whose route table leads to an S3 endpoint: ids of VPC, subnet, endpoint."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    given = {"PolicyDocument": policy} if policy else {}
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[table], **given)
    return vpc, subnet, made["VpcEndpoint"]["VpcEndpointId"]


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("s3", "s3"),
        ("s3control", "s3"),
        ("kms", "kms"),
        ("sagemaker", "sagemaker.api"),
        ("sagemaker-runtime", "sagemaker.runtime"),
        ("ecr", "ecr.api"),
        ("logs", "logs"),
        ("cloudwatch", "monitoring"),
        ("sts", "sts"),
    ],
)
def test_endpoints_are_named_after_their_services(service: str, name: str) -> None:
    assert endpoint_service(service) == name


def test_a_request_through_an_endpoint_has_its_keys_and_its_policy(cloud: CallerCloud) -> None:
    vpc, _, endpoint = gateway(cloud, OWN)
    found = route_of({HEADER: endpoint}, "s3", REGION)
    assert found is not None
    assert dict(found.context) == {
        "aws:SourceVpce": endpoint,
        "aws:SourceVpc": vpc,
        "aws:SourceVpcArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/{vpc}",
        "aws:VpceAccount": ACCOUNT,
        "aws:VpcSourceIp": "10.7.0.4",
    }
    caller = cloud.caller(cloud.assume(cloud.role("one")))
    cloud.client("iam").put_role_policy(
        RoleName="one", PolicyName="all", PolicyDocument=statement(Action="s3:*", Resource="*")
    )
    for bucket, through, over_the_internet in (("own", True, True), ("other", False, True)):
        needed = Needed(
            action="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/k", resource_account=ACCOUNT, context={}
        )
        request = Request(caller.caller, needed.action, needed.resource, ACCOUNT)
        assert evaluate(request, policies_for(caller, needed, found)).allowed is through
        assert evaluate(request, policies_for(caller, needed, None)).allowed is over_the_internet


def test_a_changed_policy_counts_at_once(cloud: CallerCloud) -> None:
    _, _, endpoint = gateway(cloud)
    before = route_of({HEADER: endpoint}, "s3", REGION)
    cloud.client("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=OWN)
    after = route_of({HEADER: endpoint}, "s3", REGION)
    assert before is not None
    assert after is not None
    assert before.policy.statements[0].resources == ("*",)
    assert after.policy.statements[0].resources == ("arn:aws:s3:::own/*",)


def test_an_endpoint_leads_to_its_own_service_in_its_own_region_only(cloud: CallerCloud) -> None:
    _, _, endpoint = gateway(cloud)
    assert route_of({HEADER: endpoint}, "s3", REGION) is not None
    assert route_of({}, "kms", REGION) is None
    for given, service, region in (
        (endpoint, "kms", REGION),
        (endpoint, "s3", "eu-west-1"),
        ("vpce-0123456789abcdef0", "s3", REGION),
        ("", "s3", REGION),
    ):
        with pytest.raises(CredentialsRefused):
            route_of({HEADER: given}, service, region)
    cloud.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    with pytest.raises(CredentialsRefused):
        route_of({HEADER: endpoint}, "s3", REGION)


def test_a_subnet_uses_the_endpoint_of_its_route_table_or_the_private_name(cloud: CallerCloud) -> None:
    vpc, subnet, endpoint = gateway(cloud)
    ec2 = cloud.client("ec2")
    found = route(subnet, "s3")
    assert found is not None
    assert (found.endpoint, found.vpc) == (endpoint, vpc)
    elsewhere = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.2.0/24")["Subnet"]["SubnetId"]
    assert route(elsewhere, "s3") is None
    assert route(subnet, "kms") is None
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.kms",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        PrivateDnsEnabled=True,
        PolicyDocument=json.dumps(json.loads(OWN)),
    )["VpcEndpoint"]["VpcEndpointId"]
    through = route(elsewhere, "kms")
    assert through is not None
    assert through.endpoint == made
    ec2.modify_vpc_endpoint(VpcEndpointId=made, PrivateDnsEnabled=False)
    assert route(elsewhere, "kms") is None
