"""What a step raises becomes a failure with its class and a remedy, by tables."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from sqlalchemy.exc import OperationalError

from infra.engine import errors as engine
from infra.errors import UserError
from infra.gitops import SpecConflict
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.provisioning.aws_failures import failure_in, failure_of
from infra.provisioning.failures import failed
from infra.sandbox.errors import SandboxDown
from infra.settings import ROOT
from tests.provisioning.step_calls import failure_of as told

_DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/bh-dev-platform-provisioning/bulkhead is not authorized to perform: "
    "iam:CreateRole on resource: arn:aws:iam::123456789012:role/x because no identity-based policy allows it"
)

_CODES = {
    FailureClass.TRANSIENT: [
        "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown",
        "ServiceUnavailable", "InternalFailure", "InternalError", "RequestTimeout", "KMSInternalException",
        "NoSuchEntity", "InvalidVpcID.NotFound", "EC2ThrottledException", "Client.RequestLimitExceeded",
        "ConcurrentModification", "DependencyViolation", "500", "503",
    ],
    FailureClass.QUOTA: [
        "LimitExceeded", "LimitExceededException", "VpcLimitExceeded", "ResourceLimitExceeded", "TooManyBuckets",
        "ServiceQuotaExceededException", "RulesPerSecurityGroupLimitExceeded",
    ],
    FailureClass.CAPACITY: ["InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet"],
    FailureClass.INTERNAL: [
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken", "InvalidClientTokenId",
        "EntityAlreadyExists", "BucketAlreadyExists", "SomethingNew",
    ],
    FailureClass.USER: ["ValidationException", "InvalidParameterValue", "ValidationError", "MalformedPolicy"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "wanted"), [(code, wanted) for wanted, codes in _CODES.items() for code in codes], ids=str
)
def test_each_code_of_aws_has_its_class_and_a_remedy(code: str, wanted: FailureClass) -> None:
    found = failure_of(code)
    assert found.failure_class is wanted
    assert found.remedy


def test_a_principal_that_aws_does_not_see_yet_is_waited_for() -> None:
    assert failure_of("MalformedPolicy", "Invalid principal in policy").failure_class is FailureClass.TRANSIENT
    assert failure_of("MalformedPolicyDocument", "Syntax errors in policy.").failure_class is FailureClass.USER


@pytest.mark.parametrize(
    "text",
    [
        "An error occurred (ThrottlingException) when calling the CreateKey operation (reached max retries: 4): Rate",
        "creating KMS Key: operation error KMS: CreateKey, https response error StatusCode: 400, RequestID: 1, "
        "api error ThrottlingException: Rate exceeded",
        "kms: ThrottlingException: Rate exceeded (operation CreateKey)",
        "operation error IAM: CreateRole, https response error StatusCode: 503, RequestID: 2, deserialization failed",
        'ReadTimeoutError: Read timeout on endpoint URL: "https://kms.eu-central-1.amazonaws.com/"',
    ],
)
def test_a_code_is_found_in_the_words_of_botocore_and_of_both_providers(text: str) -> None:
    found = failure_in(text)
    assert found is not None
    assert found.failure_class is FailureClass.TRANSIENT


def test_a_message_that_tells_of_no_error_of_aws_is_left_to_others() -> None:
    assert failure_in("the tenant's bucket is missing: create it first") is None


def test_who_lacks_which_permission_is_named() -> None:
    remedy = failure_of("AccessDenied", _DENIED).remedy
    assert "role bh-dev-platform-provisioning" in remedy
    assert "iam:CreateRole" in remedy
    by_policy = failure_of("AccessDenied", f"{_DENIED} with an explicit deny in a service control policy").remedy
    assert "service control policy" in by_policy


def _client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateKey")


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (_client_error("ThrottlingException"), FailureClass.TRANSIENT),
        (_client_error("AccessDeniedException"), FailureClass.INTERNAL),
        (EndpointConnectionError(endpoint_url="https://kms"), FailureClass.TRANSIENT),
        (ReadTimeoutError(endpoint_url="https://kms"), FailureClass.TRANSIENT),
        (ConnectTimeoutError(endpoint_url="https://kms"), FailureClass.TRANSIENT),
        (NoCredentialsError(), FailureClass.INTERNAL),
        (engine.ResourceFailed("urn::a::b", "x: LimitExceeded: no (operation CreateRole)"), FailureClass.QUOTA),
        (engine.ResourceFailed("urn::a::b", "it is nothing that AWS said"), FailureClass.INTERNAL),
        (engine.StackBusy("held"), FailureClass.CONFLICT),
        (engine.ConcurrentUpdate("held", "wait", "acme"), FailureClass.CONFLICT),
        (engine.WorkerDied("gone"), FailureClass.TRANSIENT),
        (engine.ProgramFailed("the range is taken"), FailureClass.USER),
        (engine.WrongPassphrase("no"), FailureClass.INTERNAL),
        (SpecConflict("it was changed", "read it again", "acme.yaml", None), FailureClass.CONFLICT),
        (SandboxDown(ROOT), FailureClass.INTERNAL),
        (OperationalError("SELECT 1", {}, Exception("connection refused")), FailureClass.TRANSIENT),
        (UserError("wrong", "write it right"), FailureClass.USER),
        (StepFailed(FailureClass.CAPACITY, "full", "make room"), FailureClass.CAPACITY),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_error_has_its_class(error: Exception, wanted: FailureClass) -> None:
    assert told(error).failure_class is wanted


def test_a_defect_of_a_step_is_no_known_failure() -> None:
    assert failed(KeyError("spec")) is None


def test_every_error_of_the_engine_has_a_class_of_its_own_or_is_an_operators() -> None:
    for name, kind in vars(engine).items():
        if isinstance(kind, type) and issubclass(kind, engine.EngineError) and re.fullmatch(r"[A-Z]\w+", name):
            error = kind.__new__(kind)
            UserError.__init__(error, "message")
            assert told(error).failure_class in set(FailureClass)
