"""The credentials of workloads, as AWS's SDKs obtain them: by the role's trust, and with the token only."""

from __future__ import annotations

import json
import stat
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import botocore.session
import pytest
from botocore.credentials import ContainerProvider, CredentialResolver
from botocore.exceptions import CredentialRetrievalError
from sandbox_clients import Clients

from infra.sandbox import Sandbox
from infra.sandbox.workload_token import PATH, TOKEN_FILE

ACCOUNT = "123456789012"
TASK = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task/gateway/1"
JOB = f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:training-job/one"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/gateway"


@pytest.fixture(scope="module", autouse=True)
def role(aws: Clients) -> None:
    """A role that ECS may assume for the account's tasks."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-central-1:{ACCOUNT}:*"},
        },
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws("iam").create_role(RoleName="gateway", AssumeRolePolicyDocument=document)


def _who(cloud: Sandbox, role_arn: str, workload_arn: str) -> str:
    core = botocore.session.Session()
    provider = ContainerProvider(environ=cloud.workload_environment(role_arn, workload_arn))
    core.register_component("credential_provider", CredentialResolver([provider]))
    session: Any = boto3.Session(botocore_session=core, region_name="eu-central-1")
    return session.client("sts", endpoint_url=cloud.status().endpoint_url).get_caller_identity()["Arn"]


def test_a_task_gets_a_session_of_its_role(cloud: Sandbox) -> None:
    assert _who(cloud, ROLE, TASK).startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/gateway/")


@pytest.mark.parametrize(
    "workload",
    [JOB, TASK.replace(ACCOUNT, "210987654321"), TASK.replace("eu-central-1", "eu-west-1")],
    ids=["another service", "another account", "another region"],
)
def test_the_roles_trust_policy_decides(cloud: Sandbox, workload: str) -> None:
    with pytest.raises(CredentialRetrievalError, match="is not authorized to perform: sts:AssumeRole"):
        _who(cloud, ROLE, workload)


def test_what_is_no_workload_gets_nothing(cloud: Sandbox) -> None:
    with pytest.raises(CredentialRetrievalError, match="is no ARN of a workload"):
        _who(cloud, ROLE, f"arn:aws:iam::{ACCOUNT}:role/other")


def test_without_the_token_there_is_nothing(cloud: Sandbox) -> None:
    for headers in ({}, {"Authorization": "guess"}):
        connection = HTTPConnection("127.0.0.1", cloud.status().port or 0, timeout=10)
        connection.request("GET", f"{PATH}?{urlencode({'role': ROLE, 'workload': TASK})}", headers=headers)
        assert connection.getresponse().status == 401


def test_only_the_owner_reads_the_token(cloud: Sandbox) -> None:
    file: Path = cloud.status().log.parent / TOKEN_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
