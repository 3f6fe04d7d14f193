"""A limit is the account's own, else the spec's, else AWS's default; the request to raise it is a command."""

from __future__ import annotations

import subprocess

import pytest

from infra.quotas.counting import Place
from infra.quotas.limits import Applied, Limits, Origin
from tests.quotas.samples import REGION

_ENDPOINTS = Place("interface_endpoints_per_vpc", "vpc-1")
_KEY = "interface_endpoints_per_vpc"
_OF_ACCOUNT = {Place(_KEY): Applied(value=90, code="L-29B6F2EB")}
_TYPE = Place("endpoint_instances_of_type", "ml.m5.large")


@pytest.mark.parametrize(
    ("applied", "spec", "expected"),
    [
        (_OF_ACCOUNT, {_KEY: 70}, (90, Origin.APPLIED)),
        ({}, {_KEY: 70}, (70, Origin.SPEC)),
        ({}, {}, (50, Origin.DEFAULT)),
    ],
)
def test_who_says_what_a_limit_is(
    applied: dict[Place, Applied], spec: dict[str, int], expected: tuple[int, Origin]
) -> None:
    limit = Limits(region=REGION, applied=applied, spec=spec).of(_ENDPOINTS)
    assert (limit.value, limit.origin) == expected


def test_a_limit_without_a_default_is_not_known() -> None:
    limit = Limits(region=REGION).of(_TYPE)
    assert (limit.value, limit.origin, limit.name) == (None, Origin.NOBODY, "ml.m5.large for endpoint usage")


def test_another_account_starts_with_the_defaults() -> None:
    limits = Limits(region=REGION, applied=_OF_ACCOUNT, spec={_KEY: 70}).of_a_new_account()
    assert limits.of(_ENDPOINTS).value == 50


@pytest.mark.parametrize(
    ("place", "applied", "arguments"),
    [
        (_ENDPOINTS, {}, ["vpc", "L-29B6F2EB", "60", REGION]),
        (Place("iam_roles"), {}, ["iam", "L-FE177D64", "60", "us-east-1"]),
        (_TYPE, {_TYPE: Applied(value=4, code="L-01234567")}, ["sagemaker", "L-01234567", "60", REGION]),
        (_TYPE, {}, ["sagemaker", "L-ASKED", "60", REGION]),
    ],
    ids=["of the Region", "global", "of a type, as read", "of a type, by its name"],
)
def test_the_request_is_a_command_that_a_shell_runs(
    place: Place, applied: dict[Place, Applied], arguments: list[str]
) -> None:
    """The shell's `aws` stands for the AWS CLI: it answers the code to who asks by the name, and prints the request."""
    command = Limits(region=REGION, applied=applied).of(place).raised_to(60)
    script = f"""aws() {{
      if [ "$2" = list-aws-default-service-quotas ]; then
        [ "$8" = "Quotas[?QuotaName=='ml.m5.large for endpoint usage'].QuotaCode" ] && echo L-ASKED
      else printf '%s\\n' "$@"; fi; }}
    {command}"""
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout.split("\n")
    service, code, value, region = arguments
    assert said[:-1] == [
        "service-quotas",
        "request-service-quota-increase",
        "--service-code",
        service,
        "--quota-code",
        code,
        "--desired-value",
        value,
        "--region",
        region,
    ]


@pytest.mark.parametrize(
    ("place", "wanted", "said"),
    [
        (Place("managed_policy_characters", "p"), 7000, "AWS does not raise it"),
        (Place("iam_roles"), 5001, "5000 at most"),
        (Place("log_groups"), 2_000_000, "ask AWS Support for Log groups of 2000000"),
    ],
)
def test_where_there_is_no_such_command_words_say_what_to_do(place: Place, wanted: int, said: str) -> None:
    answer = Limits(region=REGION).of(place).raised_to(wanted)
    assert said in answer
    assert "aws service-quotas" not in answer


@pytest.mark.parametrize(
    ("place", "applied", "ceiling"),
    [
        (Place("iam_roles"), {}, 5000),
        (Place("iam_roles"), {Place("iam_roles"): Applied(value=6000, code="L-FE177D64")}, 6000),
        (Place("managed_policy_characters"), {}, 6144),
        (Place("vpcs_per_region"), {}, None),
        (_TYPE, {}, None),
    ],
)
def test_how_far_aws_raises(place: Place, applied: dict[Place, Applied], ceiling: int | None) -> None:
    assert Limits(region=REGION, applied=applied).of(place).ceiling == ceiling
