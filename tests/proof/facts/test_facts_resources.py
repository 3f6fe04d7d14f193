"""Policies of resources, wherever they are written, and what guards the resources."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.evaluator.document import Policy
from infra.proof.facts import Resource, Unknown
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate

_PLACE = f"eu-central-1:{ACCOUNT}"
_OPEN: dict[str, Any] = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}

#: The type of a policy, its properties, the type of what it is on, and the outputs of that.
_ATTACHED = [
    (
        "aws:s3/bucketPolicy:BucketPolicy",
        {"bucket": "b", "policy": allow("s3:GetObject", resource="arn:aws:s3:::b/*", **_OPEN)},
        "aws:s3/bucket:Bucket",
        {"arn": "arn:aws:s3:::b", "bucket": "b"},
    ),
    (
        "aws:kms/keyPolicy:KeyPolicy",
        {"keyId": "k", "policy": allow("kms:*", **_OPEN)},
        "aws:kms/key:Key",
        {"arn": f"arn:aws:kms:{_PLACE}:key/k", "keyId": "k", "policy": allow("kms:Decrypt", **_OPEN)},
    ),
    (
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        {"repository": "x/y", "policy": allow("ecr:BatchGetImage", **_OPEN)},
        "aws:ecr/repository:Repository",
        {"arn": f"arn:aws:ecr:{_PLACE}:repository/x/y", "name": "x/y"},
    ),
    (
        "aws:sqs/queuePolicy:QueuePolicy",
        {"queueUrl": "https://q", "policy": allow("sqs:SendMessage", **_OPEN)},
        "aws:sqs/queue:Queue",
        {"arn": f"arn:aws:sqs:{_PLACE}:q", "name": "q", "url": "https://q"},
    ),
    (
        "aws:sns/topicPolicy:TopicPolicy",
        {"arn": f"arn:aws:sns:{_PLACE}:t", "policy": allow("sns:Publish", **_OPEN)},
        "aws:sns/topic:Topic",
        {"arn": f"arn:aws:sns:{_PLACE}:t", "name": "t", "policy": allow("sns:GetTopicAttributes", **_OPEN)},
    ),
    (
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        {"secretArn": f"arn:aws:secretsmanager:{_PLACE}:secret:s-abcdef", "policy": allow("secretsmanager:*", **_OPEN)},
        "aws:secretsmanager/secret:Secret",
        {"arn": f"arn:aws:secretsmanager:{_PLACE}:secret:s-abcdef", "name": "s"},
    ),
    (
        "aws:lambda/permission:Permission",
        {"function": "f", "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com", "sourceAccount": ACCOUNT},
        "aws:lambda/function:Function",
        {"arn": f"arn:aws:lambda:{_PLACE}:function:f", "name": "f", "role": f"arn:aws:iam::{ACCOUNT}:role/r"},
    ),
    (
        "aws:cloudwatch/eventPermission:EventPermission",
        {"eventBusName": "e", "action": "events:PutEvents", "principal": ACCOUNT},
        "aws:cloudwatch/eventBus:EventBus",
        {"arn": f"arn:aws:events:{_PLACE}:event-bus/e", "name": "e"},
    ),
    (
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        {"policyName": "l", "policyDocument": allow("logs:PutLogEvents", **_OPEN)},
        "aws:cloudwatch/logGroup:LogGroup",
        {"arn": f"arn:aws:logs:{_PLACE}:log-group:g", "name": "g"},
    ),
]


@pytest.mark.parametrize(("token", "policy", "holder", "outputs"), _ATTACHED, ids=[each[0] for each in _ATTACHED])
def test_a_policy_that_is_a_record_of_its_own_is_the_resources_only_one(
    token: str, policy: dict[str, object], holder: str, outputs: dict[str, object]
) -> None:
    stack = Stack()
    stack.add(holder, "held", outputs)
    stack.add(token, "policy", policy)
    found = estate(stack)
    (resource,) = (each for each in found.resources if each.token == holder)
    (document,) = resource.policies
    assert document.source.urn == stack.urn(token, "policy")
    assert isinstance(document.compiled(), Policy)
    assert found.unknown == ()
    assert found.not_modelled == ()


def test_a_policy_on_what_nobody_knows_is_unknown() -> None:
    stack = Stack()
    stack.add("aws:sqs/queuePolicy:QueuePolicy", "p", {"queueUrl": "https://other", "policy": allow("sqs:*", **_OPEN)})
    (unknown,) = estate(stack).unknown
    assert unknown.source.urn.endswith("::p")


def test_two_policies_on_one_bucket_are_unknown_unless_they_are_the_same() -> None:
    stack = Stack()
    stack.bucket("b")
    token = "aws:s3/bucketPolicy:BucketPolicy"
    policy = {"bucket": "b", "policy": allow("s3:*", resource="arn:aws:s3:::b", **_OPEN)}
    stack.add(token, "one", policy)
    stack.add(token, "two", policy)
    assert estate(stack).unknown == ()
    stack.add(token, "three", {**policy, "policy": allow("s3:Get*", resource="arn:aws:s3:::b", **_OPEN)})
    (unknown,) = estate(stack).unknown
    assert unknown.source.urn.endswith("::three")


@pytest.mark.parametrize("token", ["aws:s3/bucketPolicy:BucketPolicy", "aws:kms/keyPolicy:KeyPolicy"])
def test_a_policy_that_is_not_written_down_is_unknown(token: str) -> None:
    stack = Stack()
    stack.bucket("b")
    stack.add("aws:kms/key:Key", "b", {"arn": f"arn:aws:kms:{_PLACE}:key/b", "keyId": "b"})
    stack.add(token, "p", {"bucket": "b", "keyId": "b"})
    (unknown,) = estate(stack).unknown
    assert (unknown.source.urn, unknown.property) == (stack.urn(token, "p"), "policy")


def test_a_permissions_conditions_are_kept() -> None:
    stack = Stack()
    stack.add("aws:lambda/function:Function", "f", {"arn": f"arn:aws:lambda:{_PLACE}:function:f", "name": "f"})
    permission = {"function": "f", "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com"}
    stack.add("aws:lambda/permission:Permission", "p", {**permission, "sourceArn": "arn:aws:s3:::b"})
    statement = json.loads(_only(stack).policies[0].text or "")["Statement"][0]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}


def test_a_key_without_a_policy_delegates_to_its_account() -> None:
    stack = Stack()
    stack.add("aws:kms/key:Key", "k", {"arn": f"arn:aws:kms:{_PLACE}:key/k", "keyId": "k"})
    (document,) = _only(stack).policies
    assert f"arn:aws:iam::{ACCOUNT}:root" in (document.text or "")


def test_an_alias_stands_for_its_key() -> None:
    stack = Stack()
    key = f"arn:aws:kms:{_PLACE}:key/k"
    stack.add("aws:kms/key:Key", "k", {"arn": key, "keyId": "k"}, id="k")
    stack.add("aws:kms/alias:Alias", "a", {"name": "alias/a", "targetKeyId": "k"}, id="alias/a")
    stack.add("aws:sns/topic:Topic", "t", {"arn": f"arn:aws:sns:{_PLACE}:t", "kmsMasterKeyId": "alias/a"})
    assert next(each for each in estate(stack).resources if ":sns:" in each.arn).keys == (key,)


def test_an_instance_runs_as_the_role_of_its_profile() -> None:
    stack = Stack()
    stack.role("r")
    profile = {"arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/p", "name": "p", "role": "r"}
    stack.add("aws:iam/instanceProfile:InstanceProfile", "p", profile)
    instance = {"arn": f"arn:aws:ec2:{_PLACE}:instance/i-1", "iamInstanceProfile": "p"}
    stack.add("aws:ec2/instance:Instance", "i", instance)
    found = next(each for each in estate(stack).resources if ":instance/" in each.arn)
    assert found.runs_as == (f"arn:aws:iam::{ACCOUNT}:role/r",)


def test_grants_are_read_with_their_constraints() -> None:
    stack = Stack()
    key = f"arn:aws:kms:{_PLACE}:key/k"
    stack.add("aws:kms/key:Key", "k", {"arn": key, "keyId": "k"}, id="k")
    properties = {
        "keyId": "k",
        "granteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/r",
        "operations": ["Decrypt"],
        "constraints": [{"encryptionContextSubset": {"tenant": "acme"}}],
    }
    stack.add("aws:kms/grant:Grant", "g", properties)
    (found,) = estate(stack).grants
    assert (found.grant.key, found.grant.operations) == (key, frozenset({"Decrypt"}))
    assert found.grant.context_subset == {"tenant": "acme"}
    assert found.grant.context_equals is None


@pytest.mark.parametrize("text", ["{", "[]", '{"Version": "2013-01-01", "Statement": []}', '{"Statement": 7}'])
def test_a_document_that_aws_would_refuse_is_unknown_with_its_place(text: str) -> None:
    stack = Stack()
    stack.bucket("b")
    stack.add("aws:s3/bucketPolicy:BucketPolicy", "p", {"bucket": "b", "policy": text})
    (document,) = _only(stack).policies
    found = document.compiled()
    assert isinstance(found, Unknown)
    assert found.source.urn.endswith("::p")
    assert "AWS would refuse" in found.why


def _only(stack: Stack) -> Resource:
    return next(each for each in estate(stack).resources if not each.token.startswith("pulumi:"))
