"""What ties a stack to others: without it, a stack's facts are the same alone as among others."""

from __future__ import annotations

from infra.proof.facts import Ties, assemble_alone, read_deployment
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate

_ROLE = "aws:iam/role:Role"


def _ties(stack: Stack) -> Ties:
    return assemble_alone(read_deployment(stack.export()))[1]


def test_a_stack_on_its_own_asks_nobody() -> None:
    stack = Stack()
    stack.role("work")
    stack.add("aws:iam/rolePolicy:RolePolicy", "work", {"role": "work", "policy": allow("s3:GetObject")})
    stack.bucket("acme-data")
    stack.add("aws:s3/bucketPolicy:BucketPolicy", "guard", {"bucket": "acme-data", "policy": allow("s3:*")})
    found, ties = assemble_alone(read_deployment(stack.export()))
    assert (ties.asked, ties.foreign) == (frozenset(), frozenset())
    assert (_ROLE, "work") in ties.names
    assert "arn:aws:s3:::acme-data" in ties.arns
    assert ties.stacks == ("tenants/acme",)
    assert found == estate(stack)


def test_the_holder_of_a_policy_in_another_stack_is_asked_for() -> None:
    stack = Stack()
    stack.add("aws:iam/rolePolicy:RolePolicy", "more", {"role": "theirs", "policy": allow("s3:GetObject")})
    assert (_ROLE, "theirs") in _ties(stack).asked


def test_a_policy_on_what_another_stack_has_is_told() -> None:
    stack = Stack()
    stack.add("aws:s3/bucketPolicy:BucketPolicy", "guard", {"bucket": "theirs", "policy": allow("s3:*")})
    assert _ties(stack).foreign == {"arn:aws:s3:::theirs"}


def test_arns_that_say_what_they_are_need_not_be_looked_for() -> None:
    stack = Stack()
    role = f"arn:aws:iam::{ACCOUNT}:role/theirs"
    key = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/theirs"
    outputs = {"arn": f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:model/m", "executionRoleArn": role, "kmsKeyArn": key}
    stack.add("aws:sagemaker/model:Model", "m", outputs)
    assert _ties(stack).asked == frozenset()
    (model,) = estate(stack).resources
    assert (model.runs_as, model.keys) == ((role,), (key,))


def test_a_policy_of_the_account_s_log_groups_is_told() -> None:
    stack = Stack()
    assert not _ties(stack).rules_accounts
    stack.add("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "logs", {"policyDocument": allow("logs:*")})
    assert _ties(stack).rules_accounts
