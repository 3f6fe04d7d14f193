"""The whole platform on the real engine in the embedded cloud: what tenants read of it, and that all of it goes."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from infra import endpoint_services, naming
from infra.engine import Operation
from infra.policies import topic
from stacks.outputs import PlatformOutputs
from tests.components.live import Live, live
from tests.components.platform.program import PLATFORM

pytestmark = pytest.mark.xdist_group("live-platform")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Generator[Live]:
    with live(tmp_path_factory.mktemp("platform"), engine_command, "tests.components.platform.program:build") as stack:
        stack.run(Operation.UP)
        yield stack
        stack.run(Operation.DESTROY)
        nothing_is_left(stack)


def nothing_is_left(stack: Live) -> None:
    """A destroy leaves no network, bucket, role, topic, repository, trail or log of the platform."""
    assert all(vpc["IsDefault"] for vpc in stack.client("ec2").describe_vpcs()["Vpcs"])
    assert stack.client("s3").list_buckets()["Buckets"] == []
    assert stack.client("iam").list_roles(PathPrefix=naming.path(PLATFORM))["Roles"] == []
    assert stack.client("sns").list_topics()["Topics"] == []
    assert stack.client("ecr").describe_repositories()["repositories"] == []
    assert stack.client("cloudtrail").describe_trails()["trailList"] == []
    assert stack.client("guardduty").list_detectors()["DetectorIds"] == []
    assert stack.client("logs").describe_log_groups(logGroupNamePrefix="/bulkhead/")["logGroups"] == []


def test_a_second_preview_finds_nothing_to_do(platform: Live) -> None:
    """What was made reads back as it was asked for."""
    assert platform.run(Operation.PREVIEW).changes == ()


def test_tenants_can_read_all_that_they_need(platform: Live) -> None:
    """The stack's outputs are `PlatformOutputs`, and name what is there."""
    outputs = PlatformOutputs.model_validate(platform.engine.outputs(platform.ref))
    assert (outputs.stage, outputs.account, outputs.region) == (PLATFORM.stage, PLATFORM.account, PLATFORM.region)
    assert set(outputs.cells) == {cell.name for cell in PLATFORM.cells}
    ec2 = platform.client("ec2")
    for cell in outputs.cells.values():
        assert ec2.describe_vpcs(VpcIds=[cell.vpc_id])["Vpcs"][0]["CidrBlock"] == cell.cidr
        (group,) = ec2.describe_security_groups(GroupIds=[cell.endpoint_security_group_id])["SecurityGroups"]
        assert group["VpcId"] == cell.vpc_id
        assert set(cell.shared_endpoint_ids) == set(endpoint_services.SHARED)
        found = ec2.describe_vpc_endpoints(VpcEndpointIds=list(cell.shared_endpoint_ids.values()))["VpcEndpoints"]
        assert {endpoint["VpcId"] for endpoint in found} == {cell.vpc_id}
    (repository,) = platform.client("ecr").describe_repositories()["repositories"]
    assert outputs.serving_image_urls == {"sklearn": repository["repositoryUri"]}
    assert outputs.alerts_topic_arn == naming.topic_arn(PLATFORM, naming.alerts_topic(PLATFORM))


def test_alerts_are_encrypted_and_reach_the_platforms_people(platform: Live) -> None:
    """The topic has the platform's key and policy, and each address of the spec is subscribed."""
    sns = platform.client("sns")
    arn = naming.topic_arn(PLATFORM, naming.alerts_topic(PLATFORM))
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    key = platform.client("kms").describe_key(KeyId=naming.key_alias(PLATFORM))["KeyMetadata"]["Arn"]
    assert attributes["KmsMasterKeyId"] == key
    assert json.loads(attributes["Policy"]) == topic.alerts_topic(PLATFORM).to_json()
    subscribed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert {(each["Protocol"], each["Endpoint"]) for each in subscribed} == {
        ("email", address) for address in PLATFORM.alert_emails
    }


def test_everything_carries_the_platforms_tags(platform: Live) -> None:
    """Default tags reach what has tags of its own, too."""
    tagged = [
        resource["outputs"]["tagsAll"] for resource in platform.resources() if "tagsAll" in resource.get("outputs", {})
    ]
    assert len(tagged) > 20
    assert {tags["tenant"] for tags in tagged} == {"platform"}
    assert {tags["managed-by"] for tags in tagged} == {"bulkhead"}
