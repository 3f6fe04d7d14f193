"""boto3 clients of a sandbox, for tests."""

from __future__ import annotations

import json
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

SERVING_ROLE = "arn:aws:iam::123456789012:role/serving"
_ASSUMED = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


class Clients:
    """Makes clients with what `Sandbox.environment` gives and nothing of this process's own.

    Responses are dictionaries without types here: the tests look into parts of them only.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )

    def __call__(self, service: str, config: Config | None = None) -> Any:
        """A client of a service, by boto3's name of it."""
        session = cast("Any", self._session)
        return session.client(service, endpoint_url=self._environment["AWS_ENDPOINT_URL"], config=config)


def error_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """The code and the message of an error that AWS answered with."""
    error = cast("dict[str, str]", caught.value.response.get("Error"))
    return error["Code"], error["Message"]


def make_serving_role(aws: Clients) -> str:
    """The execution role of the tests' models, which SageMaker can use for any image and artifact; its ARN."""
    iam = aws("iam")
    name = SERVING_ROLE.rpartition("/")[2]
    reads = {
        "Effect": "Allow",
        "Action": [
            "s3:GetObject",
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ],
        "Resource": "*",
    }
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(_ASSUMED))
    iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=_document(reads))
    return SERVING_ROLE


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
