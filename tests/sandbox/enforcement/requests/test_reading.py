"""Requests are read as the operation that AWS, and moto behind, would take them for: by one reading or none."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from moto.core.request import Request
from moto.sagemaker.responses import SageMakerResponse

from infra.sandbox.enforcement.requests import read_operation
from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, environ, read, sent

#: One call of every service in use, of every protocol: parameters in the URL, in headers, in a query and in bodies.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("accessanalyzer", "GetAnalyzer", {"analyzerName": "one"}),
    ("application-autoscaling", "DeregisterScalableTarget", {"ServiceNamespace": "sagemaker", "ResourceId": "e"}),
    ("budgets", "DescribeBudget", {"AccountId": ACCOUNT, "BudgetName": "b"}),
    ("cloudtrail", "GetTrailStatus", {"Name": "trail"}),
    ("cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5}]}),
    ("config", "DescribeConfigurationRecorders", {"ConfigurationRecorderNames": ["default"]}),
    ("ec2", "DescribeVpcs", {"VpcIds": ["vpc-1", "vpc-2"], "Filters": [{"Name": "tag:a", "Values": ["b", "c"]}]}),
    ("ec2", "ModifyVpcAttribute", {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": False}}),
    ("ecr", "BatchGetImage", {"repositoryName": "r", "imageIds": [{"imageTag": "1"}]}),
    ("events", "PutRule", {"Name": "r", "EventPattern": "{}"}),
    ("guardduty", "GetDetector", {"DetectorId": "d"}),
    ("iam", "CreateRole", {"RoleName": "r", "Path": "/a/", "AssumeRolePolicyDocument": '{"a": "b&Action=DeleteRole"}'}),
    ("iam", "TagRole", {"RoleName": "r", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]}),
    ("kms", "Encrypt", {"KeyId": "k", "Plaintext": b"\x00\xff", "EncryptionContext": {"a": "b"}}),
    ("lambda", "GetFunction", {"FunctionName": "f", "Qualifier": "1"}),
    (
        "logs",
        "PutLogEvents",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]},
    ),
    ("resourcegroupstaggingapi", "GetResources", {"TagFilters": [{"Key": "k", "Values": ["v"]}]}),
    ("s3", "ListBuckets", {}),
    ("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "p/", "Delimiter": "/", "MaxKeys": 3}),
    ("s3", "ListObjectVersions", {"Bucket": "b", "Prefix": "p/"}),
    ("s3", "GetBucketPolicy", {"Bucket": "b"}),
    ("s3", "PutBucketPolicy", {"Bucket": "b", "Policy": "{}"}),
    ("s3", "DeleteBucket", {"Bucket": "b"}),
    ("s3", "HeadBucket", {"Bucket": "b"}),
    ("s3", "GetObject", {"Bucket": "b", "Key": "a/b c+ü.txt", "VersionId": "v"}),
    ("s3", "DeleteObject", {"Bucket": "b", "Key": "folder/"}),
    ("s3", "GetObjectTagging", {"Bucket": "b", "Key": "k"}),
    ("s3", "PutObject", {"Bucket": "b", "Key": "k", "Body": b"&Action=DeleteBucket&", "ACL": "private"}),
    ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "c/d"}),
    ("s3", "UploadPart", {"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1, "Body": b"x"}),
    ("s3", "CompleteMultipartUpload", {"Bucket": "b", "Key": "k", "UploadId": "u"}),
    ("s3", "DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}}),
    ("s3control", "ListTagsForResource", {"AccountId": ACCOUNT, "ResourceArn": "arn:aws:s3:::b"}),
    ("s3control", "GetPublicAccessBlock", {"AccountId": ACCOUNT}),
    ("sagemaker", "CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
    ("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "e", "Body": b"1,2", "ContentType": "text/csv"}),
    ("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "e", "Body": b"{}", "ContentType": "application/json"}),
    ("secretsmanager", "GetSecretValue", {"SecretId": "s"}),
    ("sns", "SetTopicAttributes", {"TopicArn": "t", "AttributeName": "Policy", "AttributeValue": "{}"}),
    ("sqs", "SendMessage", {"QueueUrl": f"http://127.0.0.1:5000/{ACCOUNT}/q", "MessageBody": "m"}),
    ("sts", "AssumeRole", {"RoleArn": "r", "RoleSessionName": "s", "TransitiveTagKeys": ["a", "b"]}),
]


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=[f"{s}-{o}" for s, o, _ in CALLS])
def test_a_call_of_boto3_is_read_with_its_parameters(service: str, operation: str, parameters: dict[str, Any]) -> None:
    """Service, operation, Region and parameters come out as boto3 put them in."""
    found = read(service, operation, **parameters)
    assert (found.service, found.name) == (service, operation)
    assert found.region in (REGION, "us-east-1")
    assert {name: found.parameters.get(name) for name in parameters} == parameters


def test_the_region_is_that_of_the_signature() -> None:
    assert read("kms", "ListKeys").region == REGION


def test_a_bucket_in_the_host_is_read_as_one_in_the_path() -> None:
    """Virtual-hosted style, as SDKs take it for an endpoint with a name."""
    made, body = sent("s3", "GetObject", Bucket="my-bucket", Key="a/b")
    assert made["PATH_INFO"] == "/my-bucket/a/b"
    found = read_operation(made | {"HTTP_HOST": "my-bucket.localhost:5000", "PATH_INFO": "/a/b"}, body)
    assert found is not None
    assert (found.name, found.parameters["Bucket"], found.parameters["Key"]) == ("GetObject", "my-bucket", "a/b")


def _client(service: str) -> Any:
    return cast("Any", boto3).client(
        service,
        region_name=REGION,
        endpoint_url="http://127.0.0.1:5000",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        config=Config(signature_version="s3v4" if service == "s3" else "v4"),
    )


def test_a_presigned_url_is_read_with_the_form_of_its_signature() -> None:
    url = _client("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    found = read_operation(*environ("GET", url, {}))
    assert found is not None
    assert (found.service, found.name, found.region) == ("s3", "GetObject", REGION)
    assert found.signature["s3:authType"] == "REST-QUERY-STRING"
    assert read("s3", "GetObject", Bucket="b", Key="k").signature["s3:authType"] == "REST-HEADER"


def test_a_presigned_call_of_another_service_is_not_read() -> None:
    """Moto would serve it as a call of S3."""
    url = _client("sts").generate_presigned_url("get_caller_identity")
    assert read_operation(*environ("GET", url, {})) is None


def test_unsigned_calls_of_s3_and_of_sts_with_a_token_are_read() -> None:
    anonymous = read_operation(*sent("s3", "GetObject", signed=False, Bucket="b", Key="k"))
    assert anonymous is not None
    assert (anonymous.service, anonymous.name, anonymous.signature) == ("s3", "GetObject", {})
    token: dict[str, Any] = {"RoleArn": "r", "RoleSessionName": "ss", "WebIdentityToken": "t"}
    signed_in = read_operation(*sent("sts", "AssumeRoleWithWebIdentity", signed=False, **token))
    assert signed_in is not None
    assert (signed_in.service, signed_in.name) == ("sts", "AssumeRoleWithWebIdentity")


def test_unsigned_calls_of_other_operations_are_not_read() -> None:
    """Moto serves some of them, by the target or by the first part of the path."""
    assert read_operation(*sent("sts", "GetCallerIdentity", signed=False)) is None
    assert read_operation(*sent("kms", "ListKeys", signed=False)) is None
    assert read_operation(*environ("GET", f"http://127.0.0.1:5000/sagemaker_{REGION}/x", {})) is None


def test_what_is_compressed_is_read() -> None:
    """Moto inflates a body, so the check must see the same."""
    made, body = sent("cloudwatch", "PutMetricData", Namespace="n", MetricData=[])
    squeezed = read_operation(made | {"HTTP_CONTENT_ENCODING": "gzip"}, gzip.compress(body))
    assert squeezed is not None
    assert squeezed.parameters["Namespace"] == "n"
    assert read_operation(made | {"HTTP_CONTENT_ENCODING": "gzip"}, b"no gzip") is None
    assert read_operation(made | {"HTTP_CONTENT_ENCODING": "gzip"}, gzip.compress(body) + b"more") is None


_SNEAKED = b'{"ResourceArn": "a&Action=DeleteModel&b=", "ModelName": "other"}'
#: A change of a request that is fine -> moto would do something else than its target says.
SNEAKED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], bytes | None]] = {
    "an action in the query of a target": ("sagemaker", "ListTags", {}, {"QUERY_STRING": "Action=DeleteModel"}, None),
    "an action in the text of a target's body": ("sagemaker", "ListTags", {}, {}, _SNEAKED),
    "an escaped action in a target's body": ("sagemaker", "ListTags", {}, {}, b'{"ResourceArn": "a&%41ction=Del&"}'),
    "a form with a target": (
        "sagemaker",
        "ListTags",
        {},
        {"CONTENT_TYPE": "application/x-www-form-urlencoded"},
        b"Action=DeleteModel",
    ),
    "a target with a form": ("iam", "ListRoles", {}, {"HTTP_X_AMZ_TARGET": "AWSIAM.DeleteRole"}, None),
    "a query beside a form": ("iam", "ListRoles", {}, {"QUERY_STRING": "Action=DeleteRole&RoleName=r"}, None),
    "the target of another service": ("kms", "ListKeys", {}, {"HTTP_X_AMZ_TARGET": "SageMaker.ListModels"}, None),
    "an operation that there is not": ("kms", "ListKeys", {}, {"HTTP_X_AMZ_TARGET": "TrentService.Nothing"}, None),
    "an action in the query of an invocation": (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x"},
        {"QUERY_STRING": "Action=InvokeEndpointAsync"},
        None,
    ),
    "a gap in a list": (
        "ec2",
        "DeleteVpcEndpoints",
        {"VpcEndpointIds": ["vpce-1"]},
        {},
        b"Action=DeleteVpcEndpoints&Version=2016-11-15&VpcEndpointId.1=vpce-1&VpcEndpointId.3=vpce-2",
    ),
    "a name twice": (
        "iam",
        "DeleteRole",
        {"RoleName": "own"},
        {},
        b"Action=DeleteRole&Version=2010-05-08&RoleName=own&RoleName=other",
    ),
    "another Region in the user agent": ("kms", "ListKeys", {}, {"HTTP_USER_AGENT": "x region/us-east-1"}, None),
    "another Region in the host": ("kms", "ListKeys", {}, {"HTTP_HOST": "x.us-east-1.amazonaws.com.localhost"}, None),
    "two subresources": ("s3", "GetBucketAcl", {"Bucket": "b"}, {"QUERY_STRING": "acl&policy"}, None),
    "a bucket that is written in escapes": ("s3", "GetBucketAcl", {"Bucket": "b"}, {"PATH_INFO": "/%62"}, None),
    "the host of an access point": (
        "s3",
        "HeadBucket",
        {"Bucket": "b"},
        {"HTTP_HOST": "x.s3-accesspoint.localhost"},
        None,
    ),
    "moto's own pages": ("s3", "ListBuckets", {}, {"PATH_INFO": "/moto-api/data.json"}, None),
    "a signature without a scope": ("kms", "ListKeys", {}, {"HTTP_AUTHORIZATION": "AWS a:b"}, None),
    "a service that is not in use": (
        "kms",
        "ListKeys",
        {},
        {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/dynamodb/aws4_request, x"},
        None,
    ),
}


@pytest.mark.parametrize(("service", "operation", "parameters", "change", "body"), SNEAKED.values(), ids=SNEAKED)
def test_a_request_of_two_readings_is_not_read(
    service: str, operation: str, parameters: dict[str, Any], change: dict[str, Any], body: bytes | None
) -> None:
    """A tenant cannot have one operation checked and another done; the request without the change is read."""
    made, content = sent(service, operation, **parameters)
    assert read_operation(made, content) is not None
    assert read_operation(made | change, content if body is None else body) is None


def test_a_body_that_is_no_json_names_nothing() -> None:
    made, _ = sent("kms", "DescribeKey", KeyId="k")
    found = read_operation(made, b"\x00{")
    assert found is None or "KeyId" not in found.parameters
    again = read_operation(made, json.dumps({"KeyId": "k"}).encode())
    assert again is not None
    assert again.parameters == {"KeyId": "k"}


def _as_moto_reads(made: dict[str, Any], body: bytes) -> tuple[str, str]:
    """The operation and the Region that moto takes a request for."""
    handler: Any = cast("Any", SageMakerResponse)()
    handler.setup_class(Request(made | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}))
    return handler._get_action(), handler.region


def test_moto_reads_what_is_refused_here_in_another_way() -> None:
    """The twin: without the refusal a tenant would have one operation checked, and moto would do another."""
    made, body = sent("sagemaker", "ListTags", ResourceArn="a")
    assert _as_moto_reads(made, body) == ("ListTags", REGION)
    assert _as_moto_reads(made, _SNEAKED) == ("DeleteModel", REGION)
    elsewhere = made | {"HTTP_USER_AGENT": "x region/us-west-2"}
    assert _as_moto_reads(elsewhere, body) == ("ListTags", "us-west-2")
    for request in ((made, _SNEAKED), (elsewhere, body)):
        assert read_operation(*request) is None
