"""The finder finds what is there, nothing else, and says when it cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.aws_finder import AwsFinder, ages
from infra.aws_finder.finder import TABLE
from infra.sandbox.aws.resources import TABLE as PROVIDED

REGION = "eu-central-1"


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """Credentials of an empty cloud in this process."""
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield boto3.Session("key", "secret", region_name=REGION)


@pytest.fixture
def finder(session: boto3.Session) -> AwsFinder:
    return AwsFinder(session)


def _client(session: boto3.Session, service: str) -> Any:
    return cast("Callable[[str], Any]", session.client)(service)


def _key(session: boto3.Session, name: str) -> str:
    kms = _client(session, "kms")
    return kms.create_key(Tags=[{"TagKey": "Name", "TagValue": name}])["KeyMetadata"]["KeyId"]


KEY = "aws:kms/key:Key"


def test_a_key_is_found_by_its_name_tag_alone(session: boto3.Session, finder: AwsFinder) -> None:
    """The key that bears the name is found, and not its neighbour whose name extends it."""
    _key(session, "bh-dev-acmeeu-key")
    assert finder.find(KEY, {"tags": {"Name": "bh-dev-acme-key"}}) is None
    made = _key(session, "bh-dev-acme-key")
    assert finder.find(KEY, {"tags": {"Name": "bh-dev-acme-key"}}) == made


def test_a_key_that_is_being_deleted_is_not_found(session: boto3.Session, finder: AwsFinder) -> None:
    """A key scheduled for deletion cannot be adopted: the next run makes another."""
    made = _key(session, "name")
    _client(session, "kms").schedule_key_deletion(KeyId=made)
    assert finder.find(KEY, {"tags": {"Name": "name"}}) is None


def test_two_keys_of_one_name_cannot_be_told_apart(session: boto3.Session, finder: AwsFinder) -> None:
    """Which of two is ours is for a person to say."""
    _key(session, "name")
    _key(session, "name")
    with pytest.raises(LookupError, match="2 keys named name"):
        finder.find(KEY, {"tags": {"Name": "name"}})


def test_a_part_of_a_network_is_found_in_its_own_network(session: boto3.Session, finder: AwsFinder) -> None:
    """In the middle of a move a tenant has two networks, whose parts have the same names: the VPC tells them apart."""
    ec2 = _client(session, "ec2")
    vpcs = [ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ("10.1.0.0/16", "10.2.0.0/16")]
    tags = [{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": "bh-dev-acme-subnet-a"}]}]
    wanted: dict[str, Any] = {"tags": {"Name": "bh-dev-acme-subnet-a"}, "vpcId": vpcs[1]}
    ec2.create_subnet(VpcId=vpcs[0], CidrBlock="10.1.0.0/24", TagSpecifications=tags)
    assert finder.find("aws:ec2/subnet:Subnet", wanted) is None
    made = ec2.create_subnet(VpcId=vpcs[1], CidrBlock="10.2.0.0/24", TagSpecifications=tags)["Subnet"]["SubnetId"]
    assert finder.find("aws:ec2/subnet:Subnet", wanted) == made


def test_every_type_that_the_stacks_use_can_be_found() -> None:
    """The finder knows each type that the embedded cloud's provider knows, which is every type of the stacks."""
    assert set(PROVIDED) - set(TABLE) == set()


@pytest.mark.parametrize(
    ("kind", "inputs", "message"),
    [
        ("aws:lambda/function:Function", {"name": "x"}, "no way is known to find a aws:lambda/function:Function"),
        ("aws:ec2/vpc:Vpc", {"tags": {}}, "no Name tag"),
        ("aws:iam/role:Role", {"name": None}, "has no name"),
    ],
)
def test_what_cannot_be_told_is_said(finder: AwsFinder, kind: str, inputs: dict[str, Any], message: str) -> None:
    """An unknown type or a resource without a name is no answer of "not there"."""
    with pytest.raises(LookupError, match=message):
        finder.find(kind, inputs)


def test_a_log_group_is_not_found_by_the_start_of_anothers_name(session: boto3.Session, finder: AwsFinder) -> None:
    """CloudWatch Logs lists by prefix; only the exact name counts."""
    _client(session, "logs").create_log_group(logGroupName="/bulkhead/dev/acme/workloads-old")
    group = {"name": "/bulkhead/dev/acme/workloads"}
    assert finder.find("aws:cloudwatch/logGroup:LogGroup", group) is None
    _client(session, "logs").create_log_group(logGroupName=group["name"])
    assert finder.find("aws:cloudwatch/logGroup:LogGroup", group) == group["name"]


def test_a_bucket_and_its_settings_are_found_one_by_one(session: boto3.Session, finder: AwsFinder) -> None:
    """A bucket without a setting has no resource for it yet."""
    s3 = _client(session, "s3")
    inputs = {"bucket": "bh-dev-acme-data-1"}
    bucket, versioning = "aws:s3/bucket:Bucket", "aws:s3/bucketVersioning:BucketVersioning"
    assert (finder.find(bucket, inputs), finder.find(versioning, inputs)) == (None, None)
    s3.create_bucket(Bucket=inputs["bucket"], CreateBucketConfiguration={"LocationConstraint": REGION})
    assert (finder.find(bucket, inputs), finder.find(versioning, inputs)) == (inputs["bucket"], None)
    s3.put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration={"Status": "Enabled"})
    assert finder.find(versioning, inputs) == inputs["bucket"]


def test_a_policy_is_found_in_its_path(session: boto3.Session, finder: AwsFinder) -> None:
    """The same name in another path is another policy."""
    document = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    iam = _client(session, "iam")
    iam.create_policy(PolicyName="boundary", Path="/bulkhead/dev/beta/", PolicyDocument=document)
    wanted = {"name": "boundary", "path": "/bulkhead/dev/acme/"}
    assert finder.find("aws:iam/policy:Policy", wanted) is None
    made = iam.create_policy(PolicyName="boundary", Path="/bulkhead/dev/acme/", PolicyDocument=document)
    assert finder.find("aws:iam/policy:Policy", wanted) == made["Policy"].get("Arn")


def test_a_subscription_that_is_another_persons_is_not_ours(session: boto3.Session, finder: AwsFinder) -> None:
    """Topic, protocol and address together say which subscription it is."""
    sns = _client(session, "sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@acme.example")
    kind, inputs = "aws:sns/topicSubscription:TopicSubscription", {"topic": topic, "protocol": "email"}
    assert finder.find(kind, {**inputs, "endpoint": "b@acme.example"}) is None
    assert str(finder.find(kind, {**inputs, "endpoint": "a@acme.example"})).startswith(topic)


def test_a_denied_read_is_no_answer(session: boto3.Session, finder: AwsFinder) -> None:
    """A read that AWS refuses is raised: taken for "not there" it would double the resource."""

    def deny(**_: Any) -> Any:
        denied = {"Error": {"Code": "AccessDenied", "Message": "not allowed: role does not exist or access denied"}}
        return AWSResponse("", 403, cast("Any", {}), None), denied

    assert finder.find("aws:iam/role:Role", {"name": "role"}) is None
    denying = boto3.Session("key", "secret", region_name=session.region_name)
    denying.events.register("before-call.iam.GetRole", deny)
    with pytest.raises(ClientError, match="AccessDenied"):
        AwsFinder(denying).find("aws:iam/role:Role", {"name": "role"})


_TRUST = '{"Version": "2012-10-17", "Statement": []}'
_POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
#: Of each type whose age is known: how one is made, and the inputs by which it is found.
AGED: dict[str, tuple[Callable[[boto3.Session], object], dict[str, Any]]] = {
    "aws:s3/bucket:Bucket": (
        lambda session: _client(session, "s3").create_bucket(
            Bucket="acme-data", CreateBucketConfiguration={"LocationConstraint": REGION}
        ),
        {"bucket": "acme-data"},
    ),
    "aws:iam/role:Role": (
        lambda session: _client(session, "iam").create_role(RoleName="acme", AssumeRolePolicyDocument=_TRUST),
        {"name": "acme"},
    ),
    "aws:iam/policy:Policy": (
        lambda session: _client(session, "iam").create_policy(PolicyName="acme", PolicyDocument=_POLICY),
        {"name": "acme"},
    ),
    KEY: (lambda session: _key(session, "acme"), {"tags": {"Name": "acme"}}),
}


def test_each_type_whose_age_is_known_is_tried() -> None:
    assert AGED.keys() == ages.TABLE.keys() <= TABLE.keys()


@pytest.mark.parametrize("kind", AGED)
def test_what_was_there_before_is_not_what_was_made_since(session: boto3.Session, finder: AwsFinder, kind: str) -> None:
    make, inputs = AGED[kind]
    began = datetime.now(UTC) - timedelta(seconds=5)
    assert finder.find_made_since(kind, inputs, began) is None, "it is not there"
    make(session)
    assert finder.find_made_since(kind, inputs, began) == finder.find(kind, inputs) is not None
    assert finder.find_made_since(kind, inputs, began + timedelta(hours=1)) is None


def test_a_type_whose_age_is_unknown_is_no_answer(finder: AwsFinder) -> None:
    with pytest.raises(LookupError, match="does not tell when"):
        finder.find_made_since("aws:ec2/vpc:Vpc", {"tags": {"Name": "acme"}}, datetime.now(UTC))
