"""The layer in front of moto, by real clients: who is let through, what others read, and what is on record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of

from infra.sandbox import Sandbox
from infra.sandbox.enforcement.decisions import LAST, find

ACCOUNT = "123456789012"
BUCKET = "layer-bucket"
OWNER = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def request_id(caught: pytest.ExceptionInfo[ClientError]) -> str:
    metadata: Any = caught.value.response.get("ResponseMetadata")
    return metadata["RequestId"]


@pytest.fixture(scope="module")
def home(cloud: Sandbox) -> Path:
    return cloud.status().log.parent


@pytest.fixture(scope="module")
def key(aws: Clients) -> str:
    """A key whose policy delegates to the account."""
    return aws("kms").create_key()["KeyMetadata"]["Arn"]


@pytest.fixture(scope="module", autouse=True)
def bucket(aws: Clients, key: str) -> Iterator[str]:
    """A bucket encrypted by the key, with one object."""
    s3 = aws("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    s3.put_object(Bucket=BUCKET, Key="there", Body=b"content")
    return iter([BUCKET])


def client(session: boto3.Session, service: str, url: str | None, config: Config | None = None) -> Any:
    return cast("Any", session).client(service, endpoint_url=url, config=config)


class Role:
    """A role of the account, and clients of a session of it."""

    def __init__(self, aws: Clients, cloud: Sandbox, name: str, *allowed: dict[str, Any]) -> None:
        self._url = cloud.status().endpoint_url
        self.name = name
        aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(OWNER))
        if allowed:
            self.allow(aws, *allowed)
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        made = aws("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self._session = boto3.Session(
            made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], region_name="eu-central-1"
        )

    def allow(self, aws: Clients, *statements: dict[str, Any]) -> None:
        aws("iam").put_role_policy(RoleName=self.name, PolicyName="access", PolicyDocument=document(*statements))

    def __call__(self, service: str) -> Any:
        return client(self._session, service, self._url, Config(retries={"total_max_attempts": 1}))


def test_a_role_does_what_it_is_allowed_and_nothing_else(aws: Clients, cloud: Sandbox) -> None:
    reads = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
    role = Role(aws, cloud, "lister", reads)
    assert role("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
    with pytest.raises(ClientError) as caught:
        role("s3").delete_bucket(Bucket=BUCKET)
    assert error_of(caught) == (
        "AccessDenied",
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/lister/test is not authorized to perform: s3:DeleteBucket on "
        f'resource: "arn:aws:s3:::{BUCKET}" because no identity-based policy allows the s3:DeleteBucket action',
    )


def test_a_change_of_a_policy_counts_at_once(aws: Clients, cloud: Sandbox) -> None:
    role = Role(aws, cloud, "changed")
    with pytest.raises(ClientError, match="iam:ListRoles"):
        role("iam").list_roles()
    role.allow(aws, {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"})
    assert role("iam").list_roles()["Roles"]
    aws("iam").delete_role_policy(RoleName="changed", PolicyName="access")
    with pytest.raises(ClientError, match="iam:ListRoles"):
        role("iam").list_roles()


def test_an_object_needs_the_permission_on_its_key_too(aws: Clients, cloud: Sandbox, home: Path, key: str) -> None:
    """S3 asks the key's service on the caller's behalf; the explanation shows both checks, and which is missing."""
    objects = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    role = Role(aws, cloud, "reader", objects)
    with pytest.raises(ClientError) as caught:
        role("s3").get_object(Bucket=BUCKET, Key="there")
    assert f"kms:Decrypt on resource: {key} because no identity-based policy" in error_of(caught)[1]
    decision = find(home, request_id(caught))
    checks = {check["action"]: check for check in decision["checks"]}
    assert (checks["s3:GetObject"]["decision"], checks["s3:GetObject"]["via"]) == ("Allowed", None)
    assert checks["s3:GetObject"]["statements"][0]["text"] == objects
    assert (checks["kms:Decrypt"]["decision"], checks["kms:Decrypt"]["via"]) == ("ImplicitlyDenied", "s3.amazonaws.com")
    assert "kms:Decrypt" in checks["kms:Decrypt"]["missing"]
    assert checks["kms:Decrypt"]["context"]["aws:ViaAWSService"] is True
    via_s3 = {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
    role.allow(aws, objects, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key, "Condition": via_s3})
    assert role("s3").get_object(Bucket=BUCKET, Key="there")["Body"].read() == b"content"


def test_the_accounts_own_key_obeys_a_denial_of_a_resources_policy(aws: Clients) -> None:
    """The root user is bound by an explicit deny, and can always remove it."""
    s3 = aws("s3")
    s3.create_bucket(Bucket="closed-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    everything = ["arn:aws:s3:::closed-bucket", "arn:aws:s3:::closed-bucket/*"]
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    s3.put_bucket_policy(Bucket="closed-bucket", Policy=document(closed))
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        s3.list_objects_v2(Bucket="closed-bucket")
    s3.delete_bucket_policy(Bucket="closed-bucket")
    assert s3.list_objects_v2(Bucket="closed-bucket")["KeyCount"] == 0


def test_what_is_not_mapped_is_for_the_accounts_own_key_only(aws: Clients, cloud: Sandbox, home: Path) -> None:
    """DynamoDB is no service of the platform: not even a role that may do everything gets through."""
    role = Role(aws, cloud, "everything", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    with pytest.raises(ClientError) as caught:
        role("dynamodb").list_tables()
    assert error_of(caught)[0] == "AccessDeniedException"
    assert find(home, request_id(caught))["outcome"] == "Unmapped"
    assert aws("dynamodb").list_tables()["TableNames"] == []
    assert role("sns").list_topics()["Topics"] == [], "the positive control"


def test_an_anonymous_caller_gets_nothing(cloud: Sandbox) -> None:
    nobody = boto3.Session(region_name="eu-central-1")
    s3 = client(nobody, "s3", cloud.status().endpoint_url, Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=BUCKET, Key="there")
    assert error_of(caught) == ("AccessDenied", "Access Denied")


def test_a_wrong_secret_is_refused_in_the_services_own_words(cloud: Sandbox, home: Path) -> None:
    environment = cloud.environment()
    liar = boto3.Session(environment["AWS_ACCESS_KEY_ID"], "wrong", region_name="eu-central-1")
    codes = dict[str, str]()
    for service, operation in (("s3", "list_buckets"), ("kms", "list_keys"), ("iam", "list_roles")):
        with pytest.raises(ClientError) as caught:
            getattr(client(liar, service, environment["AWS_ENDPOINT_URL"]), operation)()
        codes[service] = error_of(caught)[0]
    assert codes == {
        "s3": "SignatureDoesNotMatch",
        "kms": "InvalidSignatureException",
        "iam": "SignatureDoesNotMatch",
    }
    assert find(home, LAST)["outcome"] == "CredentialsRefused"


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("s3", "list_buckets"),
        ("iam", "list_roles"),
        ("ec2", "describe_vpcs"),
        ("kms", "list_keys"),
        ("sns", "list_topics"),
    ],
)
def test_every_answer_has_an_id_of_its_own_by_which_it_is_explained(
    aws: Clients, home: Path, service: str, operation: str
) -> None:
    ids = [getattr(aws(service), operation)()["ResponseMetadata"]["RequestId"] for _ in range(2)]
    assert ids[0] != ids[1]
    decision = find(home, ids[0])
    assert decision["outcome"] == "Allowed"
    assert decision["caller"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert decision["checks"][0]["layer"] == "account root user"


def test_the_record_holds_no_secret_and_no_content(aws: Clients, cloud: Sandbox, home: Path) -> None:
    role = Role(aws, cloud, "writer", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    with pytest.raises(ClientError):
        role("s3").put_object(Bucket=BUCKET, Key="k", Body=b"the content of the object")
    url = aws("s3").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "there"})
    signature = url.partition("X-Amz-Signature=")[2][:64]
    assert signature
    record = "".join(file.read_text() for file in home.glob("decisions.jsonl*"))
    assert cloud.environment()["AWS_SECRET_ACCESS_KEY"] not in record
    assert "the content of the object" not in record
    assert "X-Amz-Security-Token" not in record
    assert signature not in record


def test_the_log_tells_of_denials(aws: Clients, cloud: Sandbox) -> None:
    role = Role(aws, cloud, "logged")
    with pytest.raises(ClientError) as caught:
        role("kms").list_keys()
    (line,) = [line for line in cloud.status().log.read_text().splitlines() if request_id(caught) in line]
    assert "kms:ListKeys: AccessDeniedException: User: " in line
