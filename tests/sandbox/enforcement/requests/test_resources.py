"""Operations need the actions, on the resources, that AWS documents for them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.sandbox.enforcement.requests import Operation, Unmapped, required
from tests.sandbox.enforcement.requests import resources_of_storage_and_identity, resources_of_workloads
from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE, Caller, Estate, checks, pairs
from tests.sandbox.enforcement.requests.estate import ESTATE

CASES = (*resources_of_storage_and_identity.CASES, *resources_of_workloads.CASES)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    CASES,
    ids=[f"{number}-{service}-{operation}" for number, (service, operation, _, _) in enumerate(CASES)],
)
def test_an_operation_needs_its_actions_on_its_resources(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = pairs(checks(service, operation, ESTATE, **parameters))
    # An account's public access block is of the account, for which the reference has no resource.
    assert found == expected


def test_a_user_without_a_name_is_the_caller() -> None:
    me = f"arn:aws:iam::{ACCOUNT}:user/people/me"
    assert pairs(checks("iam", "GetUser", caller=Caller(me))) == [("iam:GetUser", me)]
    assert pairs(checks("iam", "CreateAccessKey", caller=Caller(me))) == [("iam:CreateAccessKey", me)]


def test_names_are_looked_up_in_the_callers_account() -> None:
    outsider = Caller("arn:aws:iam::999999999999:user/o", "999999999999")
    found = checks("sagemaker", "DescribeEndpoint", caller=outsider, EndpointName="e")
    assert pairs(found) == [("sagemaker:DescribeEndpoint", f"arn:aws:sagemaker:{REGION}:999999999999:endpoint/e")]
    assert found[0].resource_account == "999999999999"


def test_the_owner_of_a_resource_is_its_arns_or_the_one_that_is_looked_up() -> None:
    estate = Estate(owners={"arn:aws:s3:::theirs": "999999999999"})
    assert checks("s3", "GetObject", estate, Bucket="theirs", Key="k")[0].resource_account == "999999999999"
    assert checks("s3", "CreateBucket", estate, Bucket="new")[0].resource_account == ACCOUNT
    key = f"arn:aws:kms:{REGION}:999999999999:key/k"
    assert checks("kms", "DescribeKey", Estate(arns={key: key}), KeyId=key)[0].resource_account == "999999999999"
    assert checks("s3", "ListBuckets")[0].resource_account is None


UNMAPPED: list[tuple[str, str, dict[str, Any], str]] = [
    ("dynamodb", "Scan", {"TableName": "t"}, "none of those in use"),
    ("s3", "CreateSession", {"Bucket": "b"}, "no s3:CreateSession"),
    ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "nonsense"}, "to copy from"),
    ("sagemaker", "DeleteEndpoint", {}, "names no"),
    ("sagemaker", "AddTags", {"ResourceArn": "endpoint/e"}, "no ARN"),
    ("sagemaker", "AddTags", {"ResourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:nothing/e"}, "names no resource"),
    ("kms", "ScheduleKeyDeletion", {}, "names no"),
    ("kms", "CreateAlias", {"TargetKeyId": "k"}, "no alias"),
    ("ec2", "DeleteTags", {"Resources": ["mystery-1"]}, "no id of a known type"),
    ("ec2", "DeleteVpcEndpoints", {}, "names no"),
    ("sts", "AssumeRole", {"RoleSessionName": "s"}, "no role"),
    ("sts", "AssumeRoleWithWebIdentity", {"RoleArn": ROLE, "WebIdentityToken": "x"}, "cannot be read"),
    ("sts", "AssumeRoleWithSAML", {"RoleArn": ROLE, "SAMLAssertion": "PCFET0NUWVBFIGE+"}, "document type"),
    ("resourcegroupstaggingapi", "TagResources", {"ResourceARNList": ["arn:aws:x:::y"], "Tags": {}}, "which action"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "why"), UNMAPPED)
def test_a_call_that_does_not_say_what_it_works_on_is_unmapped(
    service: str, operation: str, parameters: dict[str, Any], why: str
) -> None:
    """It is denied by name, and never checked against less than it does."""
    call = Operation(service=service, name=operation, parameters=parameters, region=REGION)
    found = required(call, ESTATE, Caller())
    assert isinstance(found, Unmapped)
    assert (found.service, found.operation) == (service, operation)
    assert why in found.why
