"""What a refused caller reads: AWS's own codes, statuses and words, in the protocol of each service."""

from __future__ import annotations

from typing import Any, cast

import botocore.session
import pytest
from botocore import parsers

from infra.evaluator.decision import Decision, Layer, Verdict
from infra.evaluator.request import caller_of
from infra.sandbox import error_shapes
from infra.sandbox.enforcement.denials import Refused, denial, not_mapped
from infra.sandbox.enforcement.requests.services import PREFIXES, SIGNED_AS

SESSION = "arn:aws:sts::123456789012:assumed-role/bulkhead-prod-acme-training/job"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0d4e5f6a-1111-2222-3333-444455556666"
_IMPLICIT = Verdict(Decision.IMPLICITLY_DENIED, Layer.IDENTITY, "")


def _refused(
    action: str,
    resource: str = "*",
    *,
    layer: Layer = Layer.IDENTITY,
    decision: Decision = Decision.IMPLICITLY_DENIED,
    caller: str = SESSION,
    foreign: bool = False,
) -> Refused:
    verdict = Verdict(decision, layer, "")
    return Refused(caller=caller_of(caller), action=action, resource=resource, verdict=verdict, foreign=foreign)


def _environ(service: str, method: str = "POST") -> dict[str, Any]:
    """A request as the SDK sends it: each protocol has marks of its own."""
    model = botocore.session.Session().get_service_model(service)
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/", "QUERY_STRING": ""}
    signed_as = next((name for name, found in SIGNED_AS.items() if found == service), model.signing_name)
    environ["HTTP_AUTHORIZATION"] = (
        f"AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-central-1/{signed_as}/aws4_request, ..."
    )
    match model.resolved_protocol:
        case "json":
            environ |= {"CONTENT_TYPE": "application/x-amz-json-1.1", "HTTP_X_AMZ_TARGET": "Service.Operation"}
        case "query" | "ec2":
            environ |= {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}
        case _:
            pass
    return environ


def _read(service: str, answer: error_shapes.Answer) -> tuple[int, str, str, str]:
    """The status, code, message and request id as the SDK reads an answer."""
    model = botocore.session.Session().get_service_model(service)
    parser = parsers.create_parser(model.resolved_protocol)
    status = int(answer.status.split()[0])
    given = {"status_code": status, "headers": _Headers(answer.headers), "body": answer.body}
    read = cast("dict[str, Any]", parser.parse(given, cast("Any", None)))
    found = {"RequestId": dict(answer.headers).get("x-amz-request-id")} | read["ResponseMetadata"]
    return status, read["Error"]["Code"], read["Error"].get("Message", ""), found["RequestId"]


class _Headers(dict[str, str]):
    """Response headers as botocore gives them to its parsers: in lower case."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        super().__init__({name.lower(): value for name, value in headers})


def _answer(service: str, error: error_shapes.AwsError, method: str = "POST") -> error_shapes.Answer:
    environ = _environ(service, method)
    protocol = error_shapes.protocol_of(environ, service)
    return error_shapes.write(environ, error, "the-id", protocol=protocol, service=service)


def _deny(service: str, refused: Refused, **given: Any) -> tuple[int, str, str, str]:
    protocol = error_shapes.protocol_of(_environ(service), service)
    return _read(service, _answer(service, denial(refused, service, protocol, **given)))


@pytest.mark.parametrize(
    ("service", "action", "status", "code"),
    [
        ("s3", "s3:GetObject", 403, "AccessDenied"),
        ("s3control", "s3:GetAccessPoint", 403, "AccessDenied"),
        ("iam", "iam:GetRole", 403, "AccessDenied"),
        ("sts", "sts:AssumeRole", 403, "AccessDenied"),
        ("sns", "sns:Publish", 403, "AuthorizationError"),
        ("sqs", "sqs:SendMessage", 403, "AccessDenied"),
        ("ec2", "ec2:DescribeVpcs", 403, "UnauthorizedOperation"),
        ("kms", "kms:Decrypt", 400, "AccessDeniedException"),
        ("sagemaker", "sagemaker:DescribeModel", 400, "AccessDeniedException"),
        ("sagemaker-runtime", "sagemaker:InvokeEndpoint", 403, "AccessDeniedException"),
        ("ecr", "ecr:BatchGetImage", 400, "AccessDeniedException"),
        ("logs", "logs:GetLogEvents", 400, "AccessDeniedException"),
        ("guardduty", "guardduty:GetDetector", 403, "AccessDeniedException"),
        ("lambda", "lambda:InvokeFunction", 403, "AccessDeniedException"),
        ("secretsmanager", "secretsmanager:GetSecretValue", 400, "AccessDeniedException"),
    ],
)
def test_the_sdk_reads_each_services_own_code(service: str, action: str, status: int, code: str) -> None:
    found = _deny(service, _refused(action, "arn:aws:x:::y"))
    assert found[:2] == (status, code)
    assert f"User: {SESSION} is not authorized to perform: " in found[2]


@pytest.mark.parametrize("service", PREFIXES)
def test_every_service_in_use_gives_code_message_and_request_id(service: str) -> None:
    status, code, message, request_id = _deny(service, _refused(f"{PREFIXES[service]}:Something"))
    assert status in (400, 403)
    assert code in ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
    assert "because no identity-based policy allows the" in message
    assert request_id == "the-id"


@pytest.mark.parametrize(
    ("layer", "explicit", "ending"),
    [
        (Layer.IDENTITY, False, "because no identity-based policy allows the kms:Decrypt action"),
        (Layer.BOUNDARY, False, "because no permissions boundary allows the kms:Decrypt action"),
        (Layer.SESSION, False, "because no session policy allows the kms:Decrypt action"),
        (Layer.RESOURCE, False, "because no resource-based policy allows the kms:Decrypt action"),
        (Layer.ENDPOINT, False, "because no VPC endpoint policy allows the kms:Decrypt action"),
        (Layer.SCP, False, "because no service control policy allows the kms:Decrypt action"),
        (Layer.RCP, False, "because no resource control policy allows the kms:Decrypt action"),
        (Layer.IDENTITY, True, "with an explicit deny in an identity-based policy"),
        (Layer.BOUNDARY, True, "with an explicit deny in a permissions boundary"),
        (Layer.SESSION, True, "with an explicit deny in a session policy"),
        (Layer.RESOURCE, True, "with an explicit deny in a resource-based policy"),
        (Layer.TRUST, True, "with an explicit deny in the role trust policy"),
        (Layer.ENDPOINT, True, "with an explicit deny in a VPC endpoint policy"),
        (Layer.SCP, True, "with an explicit deny in a service control policy"),
        (Layer.RCP, True, "with an explicit deny in a resource control policy"),
    ],
)
def test_the_message_names_the_kind_of_policy_as_aws_does(layer: Layer, explicit: bool, ending: str) -> None:
    decision = Decision.EXPLICITLY_DENIED if explicit else Decision.IMPLICITLY_DENIED
    _, _, message, _ = _deny("kms", _refused("kms:Decrypt", KEY, layer=layer, decision=decision))
    assert message == f"User: {SESSION} is not authorized to perform: kms:Decrypt on resource: {KEY} {ending}"


def test_s3_quotes_its_own_resources_and_not_those_of_other_services() -> None:
    _, _, own, _ = _deny("s3", _refused("s3:GetObject", "arn:aws:s3:::bucket/key"))
    assert ' on resource: "arn:aws:s3:::bucket/key" because ' in own
    _, code, on_behalf, _ = _deny("s3", _refused("kms:Decrypt", KEY))
    assert code == "AccessDenied"
    assert f" on resource: {KEY} because " in on_behalf


@pytest.mark.parametrize(("caller", "foreign"), [("*", False), (SESSION, True)])
def test_s3_tells_strangers_nothing(caller: str, foreign: bool) -> None:
    refused = _refused("s3:GetObject", "arn:aws:s3:::bucket/key", caller=caller, foreign=foreign)
    assert _deny("s3", refused)[1:3] == ("AccessDenied", "Access Denied")


def test_head_has_no_body_and_so_no_code_but_its_status() -> None:
    answer = _answer("s3", denial(_refused("s3:GetObject"), "s3", "s3"), "HEAD")
    assert answer.body == b""
    assert _read("s3", answer)[:2] == (403, "403")


def test_ec2_adds_the_encoded_details() -> None:
    _, _, message, _ = _deny("ec2", _refused("ec2:DeleteVpc"), encoded="opaque")
    assert message.startswith("You are not authorized to perform this operation. User: ")
    assert message.endswith(" Encoded authorization failure message: opaque")


def test_an_unsigned_call_of_a_service_that_takes_none_lacks_its_token() -> None:
    assert _deny("kms", _refused("kms:Decrypt", caller="*"))[1] == "MissingAuthenticationTokenException"
    assert _deny("iam", _refused("iam:GetRole", caller="*"))[1] == "MissingAuthenticationToken"


def test_a_federated_user_has_no_name_yet() -> None:
    refused = _refused("sts:AssumeRoleWithWebIdentity", layer=Layer.TRUST, caller="accounts.google.com")
    assert _deny("sts", refused)[1:3] == ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_an_operation_that_is_not_mapped_is_denied_by_name() -> None:
    protocol = error_shapes.protocol_of(_environ("kms"), "kms")
    error = not_mapped(caller_of(SESSION), "kms", "ReplicateKey", protocol)
    _, code, message, _ = _read("kms", _answer("kms", error))
    assert code == "AccessDeniedException"
    assert "kms:ReplicateKey" in message


def test_markup_in_a_name_stays_text() -> None:
    _, _, message, _ = _deny("s3", _refused("s3:GetObject", "arn:aws:s3:::b/<Code>Fine</Code>&"))
    assert "<Code>Fine</Code>&" in message
