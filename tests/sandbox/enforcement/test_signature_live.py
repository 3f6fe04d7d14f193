"""Over HTTP, against the sandbox as it runs: real clients' signatures verify, and forged ones do not."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from joserfc import jwt
from sandbox_clients import Clients, error_of

from infra.sandbox import Sandbox
from infra.sandbox.sandbox import DEFAULT_REGION
from infra.sandbox.token_issuer import issuer_key

KEYS = ["plain", "a b/c+d~e/f=g&h?i#j", "ü/é//double", "%41%2F", "/leading", "dot/./../dot", "'quoted\"<>"]


@pytest.fixture(scope="module")
def bucket(aws: Clients) -> str:
    aws("s3").create_bucket(Bucket="signed", CreateBucketConfiguration={"LocationConstraint": DEFAULT_REGION})
    return "signed"


def client(cloud: Sandbox, service: str, credentials: dict[str, str], **config: Any) -> Any:
    return cast("Any", boto3).client(
        service,
        region_name=DEFAULT_REGION,
        endpoint_url=cloud.environment()["AWS_ENDPOINT_URL"],
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config),
    )


def get(url: str, method: str = "GET") -> tuple[int, bytes]:
    """What a browser without credentials gets."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=30)
    try:
        connection.request(method, f"{address.path}?{address.query}" if address.query else address.path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_an_object_can_be_signed(aws: Clients, bucket: str, key: str) -> None:
    """What the server decodes before it hands on is verified as it was sent."""
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=BytesIO(b"content"), Metadata={"some_name": "a  b"})
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"content"
    assert key in [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    s3.list_objects_v2(Bucket=bucket, Prefix=key)
    s3.delete_object(Bucket=bucket, Key=key)


def test_a_presigned_url_serves_what_it_names(aws: Clients, bucket: str) -> None:
    s3 = aws("s3", Config(signature_version="s3v4"))
    s3.put_object(Bucket=bucket, Key="a b", Body=b"content")
    s3.put_object(Bucket=bucket, Key="other", Body=b"other")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"}, ExpiresIn=600)
    assert get(url) == (200, b"content")
    status, body = get(url.replace("a%20b", "other"))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)
    status, body = get(url, "DELETE")
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)
    status, body = get(url.partition("?")[0])
    assert (status, b"AccessDenied" in body) == (403, True)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("iam", "list_roles", "SignatureDoesNotMatch"),
        ("kms", "list_keys", "InvalidSignatureException"),
        ("ec2", "describe_vpcs", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_secret_is_refused_by_every_kind_of_service(
    cloud: Sandbox, aws: Clients, service: str, operation: str, code: str
) -> None:
    """The positive control is the same call with the right secret."""
    getattr(aws(service), operation)()
    forged = {"AccessKeyId": cloud.environment()["AWS_ACCESS_KEY_ID"], "SecretAccessKey": "guess"}
    with pytest.raises(ClientError) as caught:
        getattr(client(cloud, service, forged), operation)()
    assert error_of(caught)[0] == code


@pytest.mark.parametrize("service", ["s3", "iam", "kms", "ec2"])
def test_an_unknown_key_is_refused_by_every_kind_of_service(cloud: Sandbox, service: str) -> None:
    operation = {"s3": "list_buckets", "iam": "list_roles", "kms": "list_keys", "ec2": "describe_vpcs"}[service]
    code = {"s3": "InvalidAccessKeyId", "kms": "UnrecognizedClientException", "ec2": "AuthFailure"}
    unknown = {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "SecretAccessKey": "guess"}
    with pytest.raises(ClientError) as caught:
        getattr(client(cloud, service, unknown), operation)()
    assert error_of(caught)[0] == code.get(service, "InvalidClientTokenId")


def test_a_token_of_the_sandboxs_issuer_becomes_a_session(cloud: Sandbox, aws: Clients) -> None:
    """The whole way of a CI job: provider, trust in one repository, token, session; another repository is denied."""
    host = "token.actions.githubusercontent.com"
    iam = aws("iam")
    provider = iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"])
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:sub": "repo:acme/models", f"{host}:aud": "sts.amazonaws.com"}},
    }
    role = iam.create_role(
        RoleName="deploy", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    nobody = {"AccessKeyId": "none", "SecretAccessKey": "none"}
    sts = client(cloud, "sts", nobody)

    def assume(subject: str) -> dict[str, str]:
        return sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="ci", WebIdentityToken=cloud_token(cloud, host, subject)
        )["Credentials"]

    credentials = assume("repo:acme/models")
    assert client(cloud, "sts", credentials).get_caller_identity()["Arn"].endswith(":assumed-role/deploy/ci")
    with pytest.raises(ClientError) as caught:
        assume("repo:globex/models")
    assert error_of(caught)[0] == "AccessDenied"


def cloud_token(cloud: Sandbox, host: str, subject: str) -> str:

    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": f"https://{host}",
        "aud": "sts.amazonaws.com",
        "sub": subject,
        "iat": now,
        "exp": now + 300,
    }
    return jwt.encode({"alg": "RS256"}, claims, issuer_key(cloud.status().log.parent))
