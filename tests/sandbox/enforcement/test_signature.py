"""Signatures of boto3's own requests are verified, and whatever is changed after signing is noticed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from botocore.config import Config
from signed_requests import KEY_ID, NOW, SECRET, environ_of, later, presigned_url, sent_by_boto3

from infra.sandbox.enforcement.refusals import CredentialsRefused, Failure
from infra.sandbox.enforcement.signature import read_claim, verify

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("sts", "get_caller_identity", {}),
    ("iam", "get_role", {"RoleName": "a=b+c@d"}),
    ("ec2", "describe_vpcs", {"Filters": [{"Name": "tag:a b", "Values": ["x/y", "ü"]}]}),
    ("kms", "describe_key", {"KeyId": "alias/one"}),
    ("sqs", "list_queues", {}),
    ("lambda", "get_function", {"FunctionName": "arn:aws:lambda:eu-central-1:123456789012:function:f"}),
    ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "acme-churn", "Body": b"[1]"}),
    ("guardduty", "list_tags_for_resource", {"ResourceArn": "arn:aws:guardduty:eu-central-1:1:detector/d"}),
    ("s3", "list_buckets", {}),
    ("s3", "list_objects_v2", {"Bucket": "bucket", "Prefix": "a b/ü+", "Delimiter": "/"}),
    ("s3", "get_object", {"Bucket": "bucket", "Key": "a b/c+d~e/ü//f=g&h?i#j"}),
    ("s3", "put_object", {"Bucket": "bucket", "Key": "//k", "Body": b"content", "Metadata": {"some_key": "a  b"}}),
    ("s3", "put_object", {"Bucket": "bucket", "Key": "k", "Body": BytesIO(b"x" * 100_000)}),
    ("s3control", "get_public_access_block", {"AccountId": "123456789012"}),
]
"""Of each protocol, and with every character that canonicalisation treats in a way of its own."""

PATH_STYLE = Config(s3={"addressing_style": "path"}, inject_host_prefix=False)


def refusal(environ: dict[str, Any], body: bytes, *, secret: str = SECRET, now: Any = NOW) -> Failure | None:
    """Why a request is refused, or None."""
    try:
        claim = read_claim(environ)
        assert claim is not None
        verify(claim, environ, body, secret, now)
    except CredentialsRefused as refused:
        return refused.failure
    return None


@pytest.mark.parametrize(("service", "operation", "given"), CALLS)
def test_boto3_signatures_verify(service: str, operation: str, given: dict[str, Any]) -> None:
    """What boto3 signs is accepted; by another secret, another method or another host it is not."""
    environ, body = sent_by_boto3(service, operation, config=PATH_STYLE, **given)
    claim = read_claim(environ)
    assert claim is not None
    assert (claim.access_key_id, claim.region, claim.expires) == (KEY_ID, "eu-central-1", None) or service == "iam"
    assert refusal(environ, body) is None
    assert refusal(environ, body, secret=SECRET + "x") is Failure.MISMATCH
    assert refusal({**environ, "REQUEST_METHOD": "DELETE"}, body) is Failure.MISMATCH
    assert refusal({**environ, "HTTP_HOST": "127.0.0.1:1"}, body) is Failure.MISMATCH
    assert refusal({**environ, "REQUEST_URI": environ["REQUEST_URI"] + "x"}, body) is Failure.MISMATCH


@pytest.mark.parametrize("service", ["kms", "s3"])
def test_a_changed_body_is_noticed(service: str) -> None:
    """A body that is not the signed one is refused, with and without a header that names its hash."""
    s3: dict[str, Any] = {"Bucket": "b", "Key": "k", "Body": b"content"}
    given: dict[str, Any] = {"kms": {"KeyId": "k"}, "s3": s3}[service]
    operation = {"kms": "describe_key", "s3": "put_object"}[service]
    environ, body = sent_by_boto3(service, operation, config=PATH_STYLE, **given)
    assert refusal(environ, body) is None
    wanted = Failure.MISMATCH if service == "kms" else Failure.WRONG_PAYLOAD
    assert refusal(environ, body + b" ") is wanted


def test_an_unsigned_payload_may_be_any() -> None:
    """Who signs without the payload has signed everything else; only services like S3 take that."""
    config = Config(s3={"addressing_style": "path", "payload_signing_enabled": False})
    environ, body = sent_by_boto3("s3", "put_object", config=config, Bucket="b", Key="k", Body=b"content")
    assert environ["HTTP_X_AMZ_CONTENT_SHA256"] == "UNSIGNED-PAYLOAD"
    assert refusal(environ, body) is None
    assert refusal(environ, body + b" ") is None
    assert refusal({**environ, "HTTP_X_AMZ_CONTENT_SHA256": "0" * 64}, body) is Failure.WRONG_PAYLOAD
    other, body = sent_by_boto3("kms", "describe_key", KeyId="k")
    assert refusal({**other, "HTTP_X_AMZ_CONTENT_SHA256": "UNSIGNED-PAYLOAD"}, body) is Failure.HEADERS_NOT_SIGNED


def test_a_removed_or_added_header_is_noticed() -> None:
    """Headers that AWS reads must be signed, and signed ones must be there."""
    environ, body = sent_by_boto3(
        "s3", "put_object", config=PATH_STYLE, Bucket="b", Key="k", Body=b"1", Metadata={"a": "b"}
    )
    assert refusal(environ, body) is None
    assert refusal({**environ, "HTTP_X_AMZ_META_A": "c"}, body) is Failure.MISMATCH
    assert refusal({k: v for k, v in environ.items() if k != "HTTP_X_AMZ_META_A"}, body) is Failure.MISMATCH
    assert refusal({**environ, "HTTP_X_AMZ_ACL": "public-read"}, body) is Failure.HEADERS_NOT_SIGNED
    assert refusal({**environ, "HTTP_X_BULKHEAD_VPC_ENDPOINT": "vpce-1"}, body) is None


@pytest.mark.parametrize("minutes", [-15, 15])
def test_clocks_may_differ_by_a_quarter_of_an_hour(minutes: int) -> None:
    """Fifteen minutes either way are accepted, a second more is not."""
    environ, body = sent_by_boto3("sts", "get_caller_identity")
    assert refusal(environ, body, now=later(minutes=minutes)) is None
    beyond = later(minutes=minutes, seconds=1 if minutes > 0 else -1)
    assert refusal(environ, body, now=beyond) is Failure.SKEWED


def test_a_presigned_url_verifies_until_it_expires() -> None:
    """A presigned URL is good for its seconds and not longer; no part of it can be changed."""
    url = presigned_url("s3", "get_object", expires=60, Bucket="bucket", Key="a b/ü+c")
    environ = environ_of("GET", url, {})
    claim = read_claim(environ)
    assert claim is not None
    assert claim.expires == 60
    assert refusal(environ, b"") is None
    assert refusal(environ, b"", now=later(seconds=60)) is None
    assert refusal(environ, b"", now=later(seconds=61)) is Failure.EXPIRED_URL
    assert refusal(environ, b"", now=later(minutes=-16)) is Failure.EXPIRED_URL
    longer = environ_of("GET", url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), {})
    assert refusal(longer, b"") is Failure.MISMATCH
    assert refusal(environ_of("DELETE", url, {}), b"") is Failure.MISMATCH
    assert refusal(environ_of("GET", url.replace("/bucket/", "/other/"), {}), b"") is Failure.MISMATCH


@pytest.mark.parametrize("seconds", ["0", "604801", "-1", "1e3", ""])
def test_an_expiry_that_aws_would_refuse_is_refused(seconds: str) -> None:
    """A presigned URL is valid for one second to one week."""
    url = presigned_url("s3", "get_object", expires=60, Bucket="bucket", Key="k")
    environ = environ_of("GET", url.replace("X-Amz-Expires=60", f"X-Amz-Expires={seconds}"), {})
    assert refusal(environ, b"") is Failure.INCOMPLETE


def test_a_presigned_url_of_a_query_service_verifies() -> None:
    """Not only S3 has presigned URLs: EKS authenticates by one of STS."""
    url = presigned_url("sts", "get_caller_identity", expires=60)
    assert refusal(environ_of("POST", url, {}), b"") is None
    changed = environ_of("POST", url.replace("GetCallerIdentity", "GetSessionToken"), {})
    assert refusal(changed, b"") is Failure.MISMATCH


@pytest.mark.parametrize(
    ("header", "failure"),
    [
        ("AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", Failure.UNSUPPORTED),
        ("AWS4-ECDSA-P256-SHA256 Credential=a, SignedHeaders=host, Signature=b", Failure.UNSUPPORTED),
        ("AWS4-HMAC-SHA256 Credential=a/20260304/eu-central-1/s3/aws4_request", Failure.INCOMPLETE),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c", Failure.INCOMPLETE),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260303/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=b",
            Failure.INCOMPLETE,
        ),
        ("Bearer abc", Failure.UNSUPPORTED),
    ],
)
def test_malformed_and_other_authorizations_are_refused(header: str, failure: Failure) -> None:
    """Nothing but a whole Signature Version 4 counts; what is no signature does not become an anonymous request."""
    stamp = NOW.strftime("%Y%m%dT%H%M%SZ")
    environ = environ_of("GET", "http://127.0.0.1/bucket", {"Authorization": header, "X-Amz-Date": stamp})
    assert refusal(environ, b"") is failure


def test_a_request_without_any_signature_is_anonymous() -> None:
    assert read_claim(environ_of("GET", "http://127.0.0.1/bucket/key?versionId=1", {})) is None


@pytest.mark.parametrize("target", ["http://elsewhere/bucket/k", "/bucket/k#f", "/bucket/k\tl", "*", ""])
def test_a_target_that_could_be_read_in_two_ways_is_refused(target: str) -> None:
    """What is verified is what is served: only an absolute path without a fragment is."""
    environ, body = sent_by_boto3("s3", "get_object", config=PATH_STYLE, Bucket="bucket", Key="k")
    assert refusal({**environ, "REQUEST_URI": target}, body) is Failure.INCOMPLETE


def test_the_codes_are_those_of_the_service() -> None:
    """One failure has another code in each family of services."""
    refused = CredentialsRefused(Failure.UNKNOWN_KEY, "")
    assert refused.code("s3", "rest-xml") == (403, "InvalidAccessKeyId")
    assert refused.code("iam", "query") == (403, "InvalidClientTokenId")
    assert refused.code("ec2", "ec2") == (401, "AuthFailure")
    assert refused.code("kms", "json") == (400, "UnrecognizedClientException")
    assert refused.code("lambda", "rest-json") == (403, "UnrecognizedClientException")


@pytest.mark.parametrize("service", ["s3", "sts", "kms", "lambda", "ec2"])
@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_a_code(failure: Failure, service: str) -> None:
    protocol = {"s3": "rest-xml", "sts": "query", "kms": "json", "lambda": "rest-json", "ec2": "ec2"}[service]
    status, code = CredentialsRefused(failure, "").code(service, protocol)
    assert 400 <= status < 404
    assert code.isalnum()
