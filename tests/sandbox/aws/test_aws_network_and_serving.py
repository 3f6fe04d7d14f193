"""Networks, endpoints and autoscaling: bad inputs, what replaces and what updates, and failures on the way."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, cast

import grpc
import pytest
from provider_client import Provider
from sandbox_clients import SERVING_ROLE, Clients, make_serving_role

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
SERVING = "aws:sagemaker/endpoint:Endpoint"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving:1"
VARIANT = {
    "serviceNamespace": "sagemaker",
    "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "resourceId": "endpoint/a/variant/b",
}
RULE = {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/8"}
LOG = {"logDestination": "arn:aws:logs:::log-group:x", "iamRoleArn": "arn:aws:iam::1:role/x"}
TRACKING = {"targetValue": 1, "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPU"}}

BAD: list[tuple[str, dict[str, Any], str]] = [
    (VPC, {}, "cidrBlock: missing required property"),
    (VPC, {"cidrBlock": "10.0.0.0/8"}, "cidrBlock: '10.0.0.0/8': expected a prefix length of 16 to 28; got 8"),
    (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock: '10.0.0.1/16' has host bits set; did you mean '10.0.0.0/16'?"),
    (VPC, {"cidrBlock": "fd00::/16"}, "cidrBlock: 'fd00::/16' is not a valid IPv4 CIDR block"),
    (VPC, {"cidrBlock": "10.0.0.0/16", "ipv4IpamPoolId": "p"}, "ipv4IpamPoolId: the offline provider does not support"),
    (SUBNET, {"vpcId": "v"}, "cidrBlock: missing required property, unless ipv6Native is true"),
    (
        SUBNET,
        {"vpcId": "v", "cidrBlock": "10.0.0.0/24", "availabilityZone": "a", "availabilityZoneId": "b"},
        "availabilityZone: conflicts with availabilityZoneId",
    ),
    (TABLE, {"vpcId": "v", "routes": [{"cidrBlock": "10.0.0.0/16"}]}, "routes[0]: needs exactly one target"),
    (TABLE, {"vpcId": "v", "routes": [{"gatewayId": "igw-1"}]}, "routes[0]: needs exactly one destination"),
    (
        TABLE,
        {"vpcId": "v", "routes": [{"cidrBlock": "10.0.0.0/16", "coreNetworkArn": "arn"}]},
        "routes[0].coreNetworkArn: the offline provider does not support",
    ),
    (ASSOCIATION, {"routeTableId": "r"}, "subnetId: exactly one of subnetId and gatewayId must be given"),
    (
        GROUP,
        {"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1}]},
        "ingress[0]: needs a source: one of cidrBlocks",
    ),
    (
        GROUP,
        {"egress": [{"protocol": "-1", "fromPort": 1, "toPort": 1, "self": True}]},
        "egress[0].fromPort: fromPort and toPort must be 0",
    ),
    (
        GROUP,
        {"egress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": ["10.0.0.1/8"]}]},
        "egress[0].cidrBlocks[0]: '10.0.0.1/8' has host bits set",
    ),
    (GROUP, {"name": "sg-mine"}, "name: must not begin with 'sg-'"),
    (INGRESS, {**RULE, "prefixListId": "pl-1"}, "prefixListId: exactly one of cidrIpv4"),
    (INGRESS, {**RULE, "ipProtocol": "-1"}, "fromPort: must not be given for the protocol -1"),
    (INGRESS, {**RULE, "toPort": 70000}, "toPort: expected -1 to 65535; got 70000"),
    (
        INGRESS,
        {"securityGroupId": "sg-1", "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8"},
        "fromPort: the protocol tcp needs fromPort and toPort",
    ),
    (ENDPOINT, {"vpcId": "v"}, "serviceName: missing required property"),
    (ENDPOINT, {"vpcId": "v", "serviceName": "s", "vpcEndpointType": "Inter"}, "vpcEndpointType: expected one of"),
    (
        ENDPOINT,
        {"vpcId": "v", "serviceName": "s", "policy": json.dumps({"Statement": "x" * 20_480})},
        "policy: expected at most 20480 characters",
    ),
    (
        ENDPOINT,
        {"vpcId": "v", "serviceName": "s", "dnsOptions": {"privateDnsPreference": "ALL_DOMAINS"}},
        "dnsOptions.privateDnsPreference: the offline provider does not support",
    ),
    (FLOW_LOG, {"trafficType": "ALL", **LOG}, "vpcId: exactly one of vpcId, subnetId, eniId must be given"),
    (FLOW_LOG, {"vpcId": "v", **LOG}, "trafficType: missing required property"),
    (FLOW_LOG, {"vpcId": "v", "trafficType": "SOME", **LOG}, "trafficType: expected one of ACCEPT, REJECT, ALL"),
    (
        FLOW_LOG,
        {"vpcId": "v", "trafficType": "ALL", "logDestination": LOG["logDestination"]},
        "iamRoleArn: missing required property",
    ),
    (MODEL, {"executionRoleArn": "arn:aws:iam::123456789012:role/x"}, "primaryContainer: exactly one of"),
    (
        CONFIGURATION,
        {"productionVariants": [{"modelName": "m"}]},
        "productionVariants[0]: needs exactly one of instanceType and serverlessConfig",
    ),
    (
        CONFIGURATION,
        {"productionVariants": [{"modelName": "m", "instanceType": "ml.none.large"}]},
        "productionVariants[0].instanceType: expected one of",
    ),
    (
        TARGET,
        {**VARIANT, "minCapacity": 3, "maxCapacity": 2},
        "minCapacity: must not be more than maxCapacity (2); got",
    ),
    (
        TARGET,
        {**VARIANT, "minCapacity": 1, "maxCapacity": 2, "scalableDimension": "x"},
        "scalableDimension: expected one",
    ),
    (POLICY, VARIANT, "stepScalingPolicyConfiguration: missing required property of a policy of type StepScaling"),
    (
        POLICY,
        {**VARIANT, "stepScalingPolicyConfiguration": {}, "targetTrackingScalingPolicyConfiguration": TRACKING},
        "targetTrackingScalingPolicyConfiguration: conflicts with policyType: StepScaling",
    ),
    (
        POLICY,
        {
            **VARIANT,
            "stepScalingPolicyConfiguration": {
                "stepAdjustments": [{"scalingAdjustment": 1, "metricIntervalLowerBound": "low"}]
            },
        },
        "stepAdjustments[0].metricIntervalLowerBound: expected a number as text; got 'low'",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "expected"), BAD)
def test_is_refused(provider: Provider, token: str, inputs: dict[str, Any], expected: str) -> None:
    """The failure names the property and what is expected."""
    _, failures = provider.check(token, "bad", inputs)
    assert expected in failures


GATEWAY = {"vpcId": "v", "serviceName": "s", "vpcEndpointType": "Gateway"}
INTERFACE = {**GATEWAY, "vpcEndpointType": "Interface"}
ROLLBACK = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "a"}]}}
OTHER_ROLLBACK = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "b"}]}}

CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    (VPC, {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, []),
    (
        VPC,
        {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "default"},
        {"instanceTenancy": "dedicated"},
        ["instanceTenancy"],
    ),
    (INGRESS, RULE, {"cidrIpv4": "10.1.0.0/16"}, []),
    (INGRESS, RULE, {"cidrIpv4": None, "prefixListId": "pl-1"}, ["cidrIpv4", "prefixListId"]),
    (ENDPOINT, INTERFACE, {"privateDnsEnabled": True}, []),
    (ENDPOINT, GATEWAY, {"privateDnsEnabled": True}, ["privateDnsEnabled"]),
    (SERVING, {"endpointConfigName": "c"}, {"endpointConfigName": "d"}, []),
    (SERVING, {"endpointConfigName": "c"}, {"deploymentConfig": ROLLBACK}, ["deploymentConfig"]),
    (SERVING, {"endpointConfigName": "c", "deploymentConfig": ROLLBACK}, {"deploymentConfig": OTHER_ROLLBACK}, []),
    (TARGET, {**VARIANT, "minCapacity": 1, "maxCapacity": 2}, {"maxCapacity": 3}, []),
]


@pytest.mark.parametrize(("token", "old", "change", "replaces"), CHANGES)
def test_replaces_where_the_official_provider_does(
    provider: Provider, token: str, old: dict[str, Any], change: dict[str, Any], replaces: list[str]
) -> None:
    """Some properties force replacement in some cases only."""
    new = {name: value for name, value in {**old, **change}.items() if value is not None}
    answer = provider.diff(token, old, new)
    assert list(answer.diffs)
    assert list(answer.replaces) == replaces


SAME: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (INGRESS, {"ipProtocol": "6"}, {"ipProtocol": "TCP"}),
    (FLOW_LOG, {"logDestination": "arn:aws:logs:::log-group:x:*"}, {"logDestination": "arn:aws:logs:::log-group:x"}),
    (
        GROUP,
        {"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": ["10.0.0.0/8", "fd00::/8"]}]},
        {
            "ingress": [
                {"protocol": "6", "fromPort": 1, "toPort": 1, "cidrBlocks": [cidr]}
                for cidr in ("fd00::/8", "10.0.0.0/8")
            ]
        },
    ),
    (
        CONFIGURATION,
        {"productionVariants": [{"modelName": "m", "initialVariantWeight": 1}]},
        {"productionVariants": [{"modelName": "m"}]},
    ),
]


@pytest.mark.parametrize(("token", "one", "other"), SAME)
def test_sees_no_difference_in_other_words(
    provider: Provider, token: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """What means the same to AWS is not a change."""
    assert list(provider.diff(token, one, other).diffs) == []


def _serving(aws: Clients, name: str) -> list[str]:
    """An endpoint with two configurations, of which it serves the first."""
    sagemaker = aws("sagemaker")
    with suppress(aws("iam").exceptions.EntityAlreadyExistsException):
        make_serving_role(aws)
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=SERVING_ROLE, PrimaryContainer={"Image": IMAGE})
    variant = {"VariantName": "primary", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    names = [f"{name}-{number}" for number in (1, 2)]
    for each in names:
        sagemaker.create_endpoint_config(EndpointConfigName=each, ProductionVariants=[variant])
    return names


def test_a_deployment_that_was_rolled_back_is_an_error(provider: Provider, aws: Clients) -> None:
    """The endpoint serves its old configuration, and the engine must know; without the alarm it gets the new one."""
    one, two = _serving(aws, "rolled")
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="rolled-errors",
        MetricName="Invocation5XXErrors",
        Namespace="AWS/SageMaker",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
    )
    deployment = {
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": {"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 60},
        },
        "autoRollbackConfiguration": {"alarms": [{"alarmName": "rolled-errors"}]},
    }
    old = {"name": "rolled", "endpointConfigName": one, "deploymentConfig": deployment}
    id_, state = provider.create(SERVING, old)
    assert state["deploymentConfig"] == deployment
    new = {**old, "endpointConfigName": two}

    cloudwatch.set_alarm_state(AlarmName="rolled-errors", StateValue="ALARM", StateReason="test")
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(SERVING, id_, old, state, new)
    assert "the deployment of rolled-2 was rolled back" in str(caught.value)
    cloudwatch.set_alarm_state(AlarmName="rolled-errors", StateValue="OK", StateReason="test")
    assert provider.update(SERVING, id_, old, state, new)["endpointConfigName"] == two


def test_step_scaling_reads_back_as_it_was_written(provider: Provider, aws: Clients) -> None:
    """Bounds are texts, so that none and 0 differ."""
    one, _ = _serving(aws, "steps")
    aws("sagemaker").create_endpoint(EndpointName="steps", EndpointConfigName=one)
    variant = {**VARIANT, "resourceId": "endpoint/steps/variant/primary"}
    target, _ = provider.check(TARGET, "steps", {**variant, "minCapacity": 1, "maxCapacity": 2})
    _, made = provider.create(TARGET, target)
    assert made["roleArn"].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
    steps = [
        {"metricIntervalLowerBound": "0", "metricIntervalUpperBound": "2.5", "scalingAdjustment": 1},
        {"metricIntervalLowerBound": "2.5", "scalingAdjustment": 2},
    ]
    configuration = {"adjustmentType": "ChangeInCapacity", "cooldown": 60, "stepAdjustments": steps}
    given = {**variant, "name": "steps", "stepScalingPolicyConfiguration": configuration}
    inputs, failures = provider.check(POLICY, "steps", given)
    assert failures == ""
    _, state = provider.create(POLICY, inputs)
    assert state["stepScalingPolicyConfiguration"] == configuration


def test_a_group_that_cannot_be_finished_is_remembered(provider: Provider, aws: Clients) -> None:
    """A rule that AWS refuses leaves a group, which the engine has to know of to remove it."""
    made = aws("ec2").create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
    rule = {"protocol": "tcp", "fromPort": 1, "toPort": 1, "securityGroups": ["sg-00000000000000000"]}
    inputs, _ = provider.check(GROUP, "half", {"vpcId": made, "name": "half", "ingress": [rule]})
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(GROUP, inputs)
    assert "InvalidGroup.NotFound" in str(caught.value)
    filters = [{"Name": "vpc-id", "Values": [made]}, {"Name": "group-name", "Values": ["half"]}]
    (group,) = aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    details = dict(cast("Any", caught.value).trailing_metadata())["grpc-status-details-bin"]
    assert group["GroupId"].encode() in details
