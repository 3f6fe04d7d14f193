"""An account's limits and use are read whole, against moto; what is denied is named, and counts as not known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from infra.live import Account, WayIn
from infra.quotas.counting import Place
from infra.quotas.limits import Limits, Origin
from infra.quotas.present import Present
from infra.quotas.reading_limits import read_limits
from infra.quotas.reading_use import read_present
from tests.quotas.samples import REGION

_TYPE = Place("endpoint_instances_of_type", "ml.m5.large")
_DENIED = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}


def _answered(session: boto3.Session, operation: str, status: int, *answers: object) -> None:
    """The session's calls of an operation are answered so, the last for all that follow, and never made."""
    waiting = list(answers)

    def answer(**_: object) -> Any:
        return SimpleNamespace(status_code=status), waiting.pop(0) if len(waiting) > 1 else waiting[0]

    session.events.register(f"before-call.{operation}", answer)


def _session(region: str = REGION) -> boto3.Session:
    return boto3.Session("AKIA0", "secret", region_name=region)


def _account(session: boto3.Session | None = None) -> Account:
    return Account((WayIn("own", session or _session()),))


def _client(service: str) -> Any:
    make = cast("Callable[..., Any]", _session().client)
    return make(service)


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  used by its name
    with mock_aws():
        yield


def _listed(*quotas: tuple[str, str, float]) -> list[dict[str, object]]:
    return [{"QuotaName": name, "QuotaCode": code, "Value": value} for name, code, value in quotas]


def _limits(session: boto3.Session, spec: dict[str, int] | None = None) -> Limits:
    return read_limits(_account(session), _account(_session("us-east-1")), spec=spec or {}, workers=2)


def test_limits_are_those_of_the_account_where_service_quotas_has_them() -> None:
    """moto knows the quotas of VPCs by their codes; of the others it says that they are not there."""
    session = _session()
    pages = (
        {"Quotas": _listed(("ml.m5.large for training job usage", "L-00000001", 9)), "NextToken": "t"},
        {"Quotas": _listed(("ml.m5.large for endpoint usage", "L-00000002", 12))},
    )
    _answered(session, "service-quotas.ListServiceQuotas", 200, *pages)
    found = _limits(session, {"gateway_endpoints_per_region": 99})
    assert found.of(Place("gateway_endpoints_per_region")).origin is Origin.APPLIED
    assert found.of(Place("gateway_endpoints_per_region")).value == 20
    of_type = found.of(_TYPE)
    assert (of_type.value, of_type.origin, of_type.code) == (12, Origin.APPLIED, "L-00000002")
    assert found.of(Place("iam_roles")).origin is Origin.DEFAULT
    assert found.unread["iam_roles"] == "Service Quotas does not have it in us-east-1"
    assert "endpoint_instances_of_type" not in found.unread


def test_limits_that_are_denied_are_the_specs_or_the_defaults_and_it_is_said() -> None:
    session = _session()
    _answered(session, "service-quotas", 400, _DENIED)
    found = _limits(session, {"gateway_endpoints_per_region": 99})
    gateways = found.of(Place("gateway_endpoints_per_region"))
    assert (gateways.value, gateways.origin) == (99, Origin.SPEC)
    assert (found.of(Place("vpcs_per_region")).value, found.of(_TYPE).value) == (5, None)
    for key in ("gateway_endpoints_per_region", "vpcs_per_region", "endpoint_instances_of_type"):
        assert "AccessDeniedException" in found.unread[key]


def _more(before: Present, after: Present) -> dict[Place, int]:
    places = {*before.counts, *after.counts}
    more = {place: after.counts.get(place, 0) - before.counts.get(place, 0) for place in places}
    return {place: count for place, count in more.items() if count}


def test_what_is_made_is_counted_where_it_is() -> None:
    account = _account()
    before = read_present(account, workers=2)
    assert before.unread == {}
    ec2, iam, kms = _client("ec2"), _client("iam"), _client("kms")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    # Private names of endpoints need both; the second is on from the start.
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    for service, kind in (("kms", "Interface"), ("sts", "Interface"), ("s3", "Gateway")):
        more = {"SubnetIds": [subnet]} if kind == "Interface" else {}
        name = f"com.amazonaws.{REGION}.{service}"
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=name, VpcEndpointType=kind, **more)
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    for port in (443, 8443):
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    for number in range(3):
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument="{}")
        kms.create_key()
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(policy))
    _client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    _client("logs").create_log_group(logGroupName="l")
    _client("ecr").create_repository(repositoryName="repository")
    _client("sns").create_topic(Name="t")
    _client("sagemaker").create_model_package_group(ModelPackageGroupName="g", ModelPackageGroupDescription="d")
    found = _more(before, read_present(account, workers=2))
    assert found.pop(Place("network_interfaces_per_region"), 2) == 2
    assert found == {
        Place("iam_roles"): 3,
        Place("iam_policies"): 1,
        Place("kms_keys"): 3,
        Place("buckets"): 1,
        Place("log_groups"): 1,
        Place("ecr_repositories"): 1,
        Place("sns_topics"): 1,
        Place("model_package_groups"): 1,
        Place("vpcs_per_region"): 1,
        Place("gateway_endpoints_per_region"): 1,
        Place("security_groups_per_region"): 2,
        Place("interface_endpoints_per_vpc", vpc): 2,
        Place("subnets_per_vpc", vpc): 1,
        Place("route_tables_per_vpc", vpc): 1,
        Place("rules_per_security_group", f"{group} ingress"): 2,
        Place("rules_per_security_group", f"{group} egress"): 1,
        **{place: count for place, count in found.items() if _is_of_the_default_group(place, group)},
    }


def _is_of_the_default_group(place: Place, group: str) -> bool:
    """The group that comes with a VPC has rules of its own."""
    return place.quota == "rules_per_security_group" and not place.at.startswith(group)


def test_instances_count_by_their_type_and_as_many_as_they_may_be() -> None:
    sagemaker = _client("sagemaker")
    role = "arn:aws:iam::123456789012:role/r"
    sagemaker.create_model(
        ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": "i", "ModelDataUrl": "s3://b/k"}
    )
    for name, kind in (("one", "ml.m5.large"), ("two", "ml.c5.large")):
        variant = {"VariantName": "v", "ModelName": "m", "InstanceType": kind, "InitialInstanceCount": 2}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    _client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/one/variant/v",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=2,
        MaxCapacity=7,
    )
    found = read_present(_account(), workers=2).counts
    assert (found[_TYPE], found[Place("endpoint_instances_of_type", "ml.c5.large")]) == (7, 2)
    assert found[Place("endpoint_instances")] == 9


def test_keys_that_aws_manages_do_not_count() -> None:
    session = _session()
    keys = {"Keys": [{"KeyId": "own"}, {"KeyId": "aws"}]}
    aliases = {
        "Aliases": [
            {"AliasName": "alias/aws/s3", "TargetKeyId": "aws"},
            {"AliasName": "alias/aws/unused"},
            {"AliasName": "alias/mine", "TargetKeyId": "own"},
        ]
    }
    _answered(session, "kms.ListKeys", 200, keys)
    _answered(session, "kms.ListAliases", 200, aliases)
    assert read_present(_account(session), workers=2).counts[Place("kms_keys")] == 1


def test_a_read_that_is_denied_names_its_quotas_and_the_right_it_needs() -> None:
    session = _session()
    _answered(session, "kms.ListKeys", 400, _DENIED)
    found = read_present(_account(session), workers=2)
    assert set(found.unread) == {"kms_keys"}
    assert found.unread["kms_keys"].endswith("(it needs kms:ListKeys, kms:ListAliases)")
