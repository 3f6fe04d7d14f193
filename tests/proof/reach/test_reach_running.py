"""Code that runs as a role: roles that are passed, and things that run as one; beside what is harmless."""

from __future__ import annotations

from typing import Any

import pytest

from infra.proof.reach.running import prefixes_of
from tests.proof.reach.chains import kinds, names, reached
from tests.proof.world.estates import ACCOUNT, Statement, allow, role, role_arn, thing, trusts, world

REGION = "eu-central-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
PASS = allow("iam:PassRole", on=role_arn("b"))
SERVICES = [
    ("lambda.amazonaws.com", "lambda:CreateFunction"),
    ("sagemaker.amazonaws.com", "sagemaker:CreateTrainingJob"),
    ("glue.amazonaws.com", "glue:CreateJob"),
    ("ec2.amazonaws.com", "ec2:RunInstances"),
    ("ecs-tasks.amazonaws.com", "ecs:RunTask"),
    ("codebuild.amazonaws.com", "codebuild:CreateProject"),
    ("cloudformation.amazonaws.com", "cloudformation:CreateStack"),
    ("states.amazonaws.com", "states:CreateStateMachine"),
    ("datapipeline.amazonaws.com", "datapipeline:PutPipelineDefinition"),
    ("scheduler.amazonaws.com", "scheduler:CreateSchedule"),
    ("batch.amazonaws.com", "batch:CreateComputeEnvironment"),
    ("bedrock.amazonaws.com", "bedrock:CreateAgent"),
]


def _passing(*statements: Statement, service: str = "lambda.amazonaws.com") -> set[str]:
    return names(reached(world(role("a", "a", *statements), role("b", "b", trust=[trusts(Service=service)]))))


@pytest.mark.parametrize(("service", "action"), SERVICES)
def test_a_passed_role_runs_code_in_a_service(service: str, action: str) -> None:
    assert _passing(PASS, allow(action), service=service) == {"a", "b"}
    assert _passing(PASS, allow("s3:*"), service=service) == {"a"}
    assert _passing(allow(action), service=service) == {"a"}
    assert _passing(PASS, allow(action), service="health.amazonaws.com") == {"a"}


def test_the_chain_says_who_is_passed_and_what_allows_it() -> None:
    estate = world(
        role("a", "a", PASS, allow("lambda:CreateFunction")),
        role("b", "b", trust=[trusts(Service="lambda.amazonaws.com")]),
    )
    found = reached(estate)
    (step,) = found.chain(found.actors[1])
    assert (step.kind, step.action, step.resource, step.becomes) == (
        "pass-role",
        "iam:PassRole",
        role_arn("b"),
        role_arn("b"),
    )
    assert step.context["iam:PassedToService"] == "lambda.amazonaws.com"
    assert {one.layer for one in step.statements} == {"identity", "trust"}


def test_a_role_may_be_passed_to_one_service_only() -> None:
    to = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    limited = allow("iam:PassRole", Condition=to)
    assert _passing(limited, allow("lambda:*"), service="lambda.amazonaws.com") == {"a", "b"}
    assert _passing(limited, allow("glue:*"), service="glue.amazonaws.com") == {"a"}


def test_a_service_whose_actions_are_not_known_counts_as_usable() -> None:
    assert prefixes_of("wonder.amazonaws.com") == ()
    assert _passing(PASS, service="wonder.amazonaws.com") == {"a", "b"}


def _running(action: str, **more: Any) -> set[str]:
    function = thing(FUNCTION, "platform", runs_as=[role_arn("b")])
    return names(reached(world(role("a", "a", allow(action, **more)), role("b", "b"), function)))


@pytest.mark.parametrize("action", ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:*"])
def test_code_is_put_into_what_runs_as_a_role(action: str) -> None:
    assert _running(action) == {"a", "b"}
    assert _running(action, on=f"{FUNCTION}2") == {"a"}


@pytest.mark.parametrize(
    "action", ["lambda:InvokeFunction", "lambda:GetFunction", "lambda:DeleteFunction", "lambda:TagResource"]
)
def test_calling_reading_or_deleting_it_is_no_such_step(action: str) -> None:
    assert _running(action) == {"a"}


def test_a_presigned_url_opens_what_runs_as_another_profiles_role() -> None:
    profile = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/bob"
    bob = thing(profile, "b", runs_as=[role_arn("b")])
    sign = "sagemaker:CreatePresignedDomainUrl"
    found = reached(world(role("a", "a", allow(sign)), role("b", "b"), bob))
    assert kinds(found, "b") == ["run-code"]
    own = allow(sign, on=profile.replace("bob", "alice"))
    assert names(reached(world(role("a", "a", own), role("b", "b"), bob))) == {"a"}


def test_commands_reach_the_role_of_a_machine() -> None:
    machine = thing(f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1", "b", runs_as=[role_arn("b")])
    assert "b" in names(reached(world(role("a", "a", allow("ssm:SendCommand")), role("b", "b"), machine)))
    assert names(reached(world(role("a", "a", allow("ssm:GetDocument")), role("b", "b"), machine))) == {"a"}


def test_an_instance_profile_is_nothing_that_runs() -> None:
    profile = thing(f"arn:aws:iam::{ACCOUNT}:instance-profile/p", "b", runs_as=[role_arn("b")])
    tag = allow("iam:AddRoleToInstanceProfile")
    assert names(reached(world(role("a", "a", tag), role("b", "b"), profile))) == {"a"}


def test_a_trust_that_names_the_jobs_of_others_takes_no_other() -> None:
    jobs = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/"
    makes = allow("sagemaker:CreateTrainingJob", on=f"{jobs}a-*")

    def found(pattern: str) -> set[str]:
        trust = trusts(Service="sagemaker.amazonaws.com", conditions={"ArnLike": {"aws:SourceArn": pattern}})
        return names(reached(world(role("a", "a", PASS, makes), role("b", "b", trust=[trust]))))

    assert found(f"{jobs}*") == {"a", "b"}
    assert found(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*") == {"a", "b"}
    assert found(f"{jobs}b-*") == {"a"}


def test_a_trust_of_another_account_takes_nothing_of_this_one() -> None:
    def found(account: str) -> set[str]:
        own = {"StringEquals": {"aws:SourceAccount": account}}
        trust = trusts(Service="glue.amazonaws.com", conditions=own)
        return names(reached(world(role("a", "a", PASS, allow("glue:*")), role("b", "b", trust=[trust]))))

    assert found(ACCOUNT) == {"a", "b"}
    assert found("999988887777") == {"a"}
