"""The catalogue gives AWS's actions, resource types and condition keys, with their types, and reads nothing else."""

from __future__ import annotations

from typing import NoReturn

import pytest

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, KeyType, ValueType, data
from infra.evaluator.catalogue.ahead import read_ahead

ACCOUNT = "123456789012"


def test_an_action_has_its_level_resources_and_keys() -> None:
    found = catalogue.action("s3", "getobject")
    assert found is not None
    assert (found.full_name, found.access_level) == ("s3:GetObject", AccessLevel.READ)
    assert "object" in found.resource_types
    assert "s3:ExistingObjectTag/<key>" in found.all_condition_keys


def test_required_resource_types_are_told_from_optional_ones() -> None:
    found = catalogue.action("sagemaker", "CreateTrainingJob")
    assert found is not None
    assert found.required_resource_types == ("training-job",)
    assert "training-plan" in found.resource_types


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("iam:PutRolePolicy", AccessLevel.PERMISSIONS),
        ("s3:PutObjectTagging", AccessLevel.TAGGING),
        ("s3:ListBucket", AccessLevel.LIST),
        ("s3:PutObject", AccessLevel.WRITE),
    ],
)
def test_of_two_levels_the_narrower_counts(name: str, level: AccessLevel) -> None:
    service, _, action = name.partition(":")
    found = catalogue.action(service, action)
    assert found is not None
    assert found.access_level is level


@pytest.mark.parametrize("service", ["", "nothing", "../actions/s3", "S3/../kms"])
def test_a_service_that_aws_does_not_have_has_nothing(service: str) -> None:
    assert catalogue.action(service, "GetObject") is None
    assert catalogue.actions(service) == ()
    assert catalogue.resource_types(service) == ()
    assert catalogue.condition_keys(service) == ()


@pytest.mark.parametrize(
    ("pattern", "there", "not_there"),
    [
        ("s3:Get*", "s3:GetObject", "s3:PutObject"),
        ("S3:GETOBJECT", "s3:GetObject", "s3:GetObjectAcl"),
        ("s3:?etObject", "s3:GetObject", "s3:GetObjectAcl"),
        ("s*:GetObject", "s3:GetObject", "s3:PutObject"),
        ("*", "kms:Decrypt", "kms:NoSuchAction"),
    ],
)
def test_a_pattern_stands_for_actions(pattern: str, there: str, not_there: str) -> None:
    names = {action.full_name for action in catalogue.matching_actions(pattern)}
    assert there in names
    assert not_there not in names


@pytest.mark.parametrize("pattern", ["", "GetObject", "s3:", "s3:NoSuchAction", "s3:[A-Z]*", "no-such-service:*"])
def test_a_pattern_that_fits_no_action_stands_for_none(pattern: str) -> None:
    assert list(catalogue.matching_actions(pattern)) == []


@pytest.mark.parametrize(
    ("arn", "names", "part", "value"),
    [
        ("arn:aws:s3:::b", ("bucket",), "BucketName", "b"),
        ("arn:aws:s3:::b/k", ("object",), "ObjectName", "k"),
        ("arn:aws:s3:::b/k/e/y", ("object",), "ObjectName", "k/e/y"),
        (f"arn:aws:iam::{ACCOUNT}:role/a/b/c", ("role",), "RoleNameWithPath", "a/b/c"),
        (f"arn:aws:kms:eu-central-1:{ACCOUNT}:alias/a/b", ("alias",), "Alias", "a/b"),
        (f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/a/b", ("repository",), "RepositoryName", "a/b"),
        (f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/a/b", ("log-group",), "LogGroupName", "/a/b"),
        (f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/a:log-stream:x/y", ("log-stream",), "LogStreamName", "x/y"),
        (f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:model-package/g/1", ("model-package",), "ModelPackageName", "g/1"),
        (f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/bus/r", ("rule-on-custom-event-bus",), "EventBusName", "bus"),
        (f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f:1", ("function alias", "function version"), "Region", None),
    ],
)
def test_an_arn_is_of_a_type(arn: str, names: tuple[str, ...], part: str, value: str | None) -> None:
    found = catalogue.resource_types_of_arn(arn)
    assert tuple(one.name for one in found) == names
    parts = found[0].parts(arn)
    assert parts is not None
    assert parts[part] == (value or "eu-central-1")


@pytest.mark.parametrize(
    "arn", ["", "b", "arn:aws:s3", "arn:aws:nothing:::x", "arn:aws:../s3:::b", "arn:aws:kms:::x/y"]
)
def test_what_is_no_arn_is_of_no_type(arn: str) -> None:
    assert catalogue.resource_types_of_arn(arn) == ()


def test_the_types_of_another_service_can_be_asked_for() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/a"
    assert [one.name for one in catalogue.resource_types_of_arn(role, "sts")] == ["role"]
    assert catalogue.resource_types_of_arn(role, "s3") == ()


def test_an_arn_of_many_slashes_takes_no_longer() -> None:
    """A pattern that could split it in many ways would not come back."""
    arn = f"arn:aws:elasticloadbalancing:eu-central-1:{ACCOUNT}:listener-rule/app" + "/x" * 50_000 + "\n"
    assert catalogue.resource_types_of_arn(arn)


@pytest.mark.parametrize(
    ("key", "value", "multivalued"),
    [
        ("aws:PrincipalArn", ValueType.ARN, False),
        ("AWS:tagkeys", ValueType.STRING, True),
        ("aws:PrincipalTag/tenant", ValueType.STRING, False),
        ("aws:CalledVia", ValueType.STRING, True),
        ("aws:SourceIp", ValueType.IP_ADDRESS, False),
        ("aws:CurrentTime", ValueType.DATE, False),
        ("aws:SecureTransport", ValueType.BOOL, False),
        ("aws:MultiFactorAuthAge", ValueType.NUMERIC, False),
        ("kms:EncryptionContext:tenant", ValueType.STRING, False),
        ("kms:EncryptionContextKeys", ValueType.STRING, True),
        ("s3:max-keys", ValueType.NUMERIC, False),
        ("s3:ExistingObjectTag/a", ValueType.STRING, False),
        ("sagemaker:VpcSubnets", ValueType.STRING, True),
        ("saml:sub", ValueType.STRING, False),
        ("token.actions.githubusercontent.com:sub", ValueType.STRING, False),
        ("token.actions.githubusercontent.com:environment", ValueType.STRING, False),
        ("gitlab.example.org:amr", ValueType.STRING, True),
        ("oidc.eks.eu-central-1.amazonaws.com/id/ABC:aud", ValueType.STRING, False),
    ],
)
def test_a_key_has_a_type(key: str, value: ValueType, multivalued: bool) -> None:
    assert catalogue.key_type(key) == KeyType(value, multivalued)


@pytest.mark.parametrize(
    "key", ["", "aws", "aws:", "aws:Nothing", "aws:PrincipalTag/", "s3:nothing", "nothing:x", "../s3:prefix", "x.org:x"]
)
def test_a_key_that_aws_does_not_have_has_no_type(key: str) -> None:
    assert catalogue.key_type(key) is None


def test_the_keys_of_a_service_are_its_own() -> None:
    names = {key.name for key in catalogue.condition_keys("s3")}
    assert "s3:prefix" in names
    assert all(name.startswith("s3:") for name in names)


def test_capabilities_of_services() -> None:
    assert {"s3", "kms", "sts", "sqs", "secretsmanager"} <= catalogue.rcp_services()
    assert {"s3", "kms", "ecr", "sns", "sagemaker", "iam"} <= catalogue.resource_policy_services()
    assert "ec2" not in catalogue.resource_policy_services()
    assert "s3" in catalogue.endpoint_policy_services()
    assert not catalogue.endpoint_policy_services() & catalogue.endpoint_policies_unsupported()
    assert (
        catalogue.resource_policy_services() | catalogue.endpoint_policy_services() | catalogue.rcp_services()
        <= catalogue.services()
    )


def test_the_whole_catalogue_can_be_read() -> None:
    """A row of a form that the types do not have would raise."""
    for service in catalogue.services():
        own = {one.name for one in catalogue.resource_types(service)}
        assert own >= {name for action in catalogue.actions(service) for name in action.resource_types}
        catalogue.condition_keys(service)


def test_what_is_read_ahead_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read_ahead(["polly", "no-such-service"])
    monkeypatch.setattr(data, "rows", _refuse)
    assert catalogue.action("polly", "PutLexicon") is not None
    assert catalogue.resource_types("polly")
    catalogue.condition_keys("polly")


def _refuse(table: str, service: str) -> NoReturn:
    pytest.fail(f"{table} of {service} were read")
