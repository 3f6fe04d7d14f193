"""The provider's configuration and its functions."""

from __future__ import annotations

import hashlib
import json

import grpc
import pytest
from provider_client import Provider
from pulumi.runtime.proto import provider_pb2
from sandbox_clients import Clients

from infra.sandbox.aws.wire import to_struct

BUCKET = "aws:s3/bucket:Bucket"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:regionn", "x", "aws:regionn: unknown property; did you mean 'region'?"),
        ("aws:maxRetries", "many", "aws:maxRetries: expected integer; got string"),
        ("aws:httpProxy", "http://proxy", "aws:httpProxy: the offline provider does not support this setting"),
        ("aws:allowedAccountIds", '["999999999999"]', "AWS account ID not allowed: 123456789012"),
        ("aws:forbiddenAccountIds", '["123456789012"]', "AWS account ID not allowed: 123456789012"),
    ],
)
def test_wrong_configuration(provider_port: int, config: dict[str, str], key: str, value: str, expected: str) -> None:
    """A wrong setting is an error that names it."""
    found = Provider.connect(provider_port)
    with pytest.raises(grpc.RpcError) as caught:
        found.configure({**config, key: value})
    assert expected in str(caught.value)
    found.channel.close()


def test_allowed_account(provider_port: int, config: dict[str, str]) -> None:
    """The control: the account that is allowed is accepted."""
    found = Provider.connect(provider_port)
    found.configure({**config, "aws:allowedAccountIds": '["123456789012"]'})
    found.channel.close()


def test_check_config_names_the_key(provider: Provider) -> None:
    """An explicit provider resource is checked as well."""
    answer = provider.stub.CheckConfig(provider_pb2.CheckRequest(news=to_struct({"defaultTagz": "{}"})))
    assert [failure.reason for failure in answer.failures] == [
        "defaultTagz: unknown property; did you mean 'defaultTags'?"
    ]


def test_connections_have_their_own_configuration(provider_port: int, config: dict[str, str]) -> None:
    """Two provider resources of one attached provider do not see each other's settings."""
    one, other = Provider.connect(provider_port), Provider.connect(provider_port)
    one.configure({**config, "aws:defaultTags": json.dumps({"tags": {"who": "one"}})})
    other.configure({**config, "aws:defaultTags": json.dumps({"tags": {"who": "other"}}), "aws:region": "eu-west-1"})
    assert one.check(BUCKET, "x", {})[0]["tags"] == {"who": "one"}
    assert other.check(BUCKET, "x", {})[0]["tags"] == {"who": "other"}
    assert other.invoke("aws:index/getRegion:getRegion", {})[0]["name"] == "eu-west-1"
    one.channel.close()
    other.channel.close()


def test_assumed_role(provider_port: int, config: dict[str, str], aws: Clients) -> None:
    """With assumeRoles, AWS is called as that role."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    role = aws("iam").create_role(RoleName="provisioner", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    found = Provider.connect(provider_port)
    found.configure({**config, "aws:assumeRoles": json.dumps([{"roleArn": role, "sessionName": "contract"}])})
    identity, _ = found.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert identity["arn"].endswith(":assumed-role/provisioner/contract")
    found.channel.close()


def test_region_of_a_resource(provider: Provider, aws: Clients) -> None:
    """The region property of version 7 puts a resource elsewhere, and a change of it replaces."""
    key = "aws:kms/key:Key"
    inputs, _ = provider.check(key, "x", {"region": "eu-west-1"})
    id_, state = provider.create(key, inputs)
    assert ":kms:eu-west-1:" in state["arn"]
    assert id_ not in {each["KeyId"] for each in aws("kms").list_keys()["Keys"]}
    moved = provider.diff(key, inputs, {**inputs, "region": "eu-central-1"}, state)
    assert list(moved.replaces) == ["region"]
    provider.delete(key, id_, {**state, "deletionWindowInDays": 7})


def test_identity_region_and_partition(provider: Provider) -> None:
    """The three plain functions."""
    assert provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})[0]["accountId"] == "123456789012"
    assert provider.invoke("aws:index/getRegion:getRegion", {})[0]["description"] == "Europe (Frankfurt)"
    assert provider.invoke("aws:index/getPartition:getPartition", {})[0]["dnsSuffix"] == "amazonaws.com"


def test_get_object(provider: Provider, aws: Clients) -> None:
    """An object's digest, version and metadata, for the models that a stack deploys."""
    s3 = aws("s3")
    s3.create_bucket(Bucket="objects", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="objects", Key="m", Body=b"model", Metadata={"a": "b"}, ChecksumAlgorithm="SHA256")
    args = {"bucket": "objects", "key": "m", "checksumMode": "ENABLED"}
    found, _ = provider.invoke("aws:s3/getObject:getObject", args)
    assert found["etag"] == hashlib.md5(b"model", usedforsecurity=False).hexdigest()
    assert found["metadata"] == {"a": "b"}
    assert found["contentLength"] == 5
    assert found["checksumSha256"]
    with pytest.raises(grpc.RpcError) as caught:
        provider.invoke("aws:s3/getObject:getObject", {**args, "key": "absent"})
    assert "there is no object s3://objects/absent; upload it first" in str(caught.value)


@pytest.mark.parametrize(
    ("token", "args", "expected"),
    [
        ("aws:s3/getObject:getObject", {"bucket": "b", "key": "k", "downloadBody": "true"}, "does not support"),
        ("aws:s3/getObject:getObject", {"bucket": "b", "kee": "k"}, "kee: unknown property; did you mean 'key'?"),
        ("aws:s3/getObject:getObject", {"bucket": "b"}, "key: missing required argument"),
    ],
)
def test_wrong_arguments(provider: Provider, token: str, args: dict[str, str], expected: str) -> None:
    """A wrong argument is an error that names it."""
    assert expected in provider.invoke(token, args)[1]


def test_unknown_function(provider: Provider) -> None:
    """A function that the provider does not know is an error."""
    with pytest.raises(grpc.RpcError) as caught:
        provider.invoke("aws:s3/getBucket:getBucket", {})
    assert "no function aws:s3/getBucket:getBucket; did you mean" in str(caught.value)
